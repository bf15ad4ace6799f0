"""A programme: its settings and its tables, held together. No files, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from coproduce.records.errors import Issue
from coproduce.records.tables import TABLES
from coproduce.records.words import Words

FINISHED_GOODS: Mapping[str, str] = {
    "unit.en": "mn packs",
    "unit.ru": "млн упаковок",
    "goods.en": "packs",
    "goods.ru": "упаковок",
}
"""How the finished good is counted where a programme does not say."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `programme.yaml` says.

    Attributes:
        programme_id: short name.
        title, summary: language code → text.
        sector: free word, for filters and titles.
        first_year, last_year: the planning horizon, both included.
        base_year: year of the price base.
        currency: ISO 4217 code of all base-currency amounts.
        price_base: in words, for example ``real RUB of 2026``.
        rule_instant: law is taken as published up to this day.
        rules: role that the code knows → leaf of dated law, for example
            ``profit_tax → ru.tax.profit.total``.
        stage_ids: stages in chain order, from the first input to the finished good.
        full_cycle_stage_id: the stage from which on all must be made inside the bloc for a
            product to count as made in a full cycle; one of `stage_ids`.
        scenario_id: the future used unless told otherwise.
        deal_id: the deal form used unless told otherwise.
        stage_names: ``<stage>.<language>`` → what the stage is called whatever the product, for
            example ``api.en → substance``; may be left out.
        finished_goods: how the finished good is counted, as ``unit.<language>`` (unit of demand)
            and ``goods.<language>`` (what is counted, in Russian in the genitive plural); may be
            left out for packs counted in millions. Unit times price is millions of currency:
            with a unit of millions a price is per piece, with single pieces it is in millions.
    """

    programme_id: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    sector: str
    first_year: int
    last_year: int
    base_year: int
    currency: str
    price_base: str
    rule_instant: date
    rules: Mapping[str, str]
    stage_ids: tuple[str, ...]
    full_cycle_stage_id: str
    scenario_id: str
    deal_id: str
    stage_names: Mapping[str, str] = field(default_factory=dict)
    finished_goods: Mapping[str, str] = field(default_factory=dict)

    def stage_name(self, stage_id: str) -> Words:
        """Return what a stage is called whatever the product; without a name, its id in words."""
        plain = stage_id.replace("_", " ")
        en, ru = (self.stage_names.get(f"{stage_id}.{lang}", plain) for lang in ("en", "ru"))
        return Words(en, ru)

    @property
    def finished_unit(self) -> Words:
        """The unit in which demand is counted, for example ``mn packs``."""
        return Words(*(self._finished(f"unit.{lang}") for lang in ("en", "ru")))

    @property
    def goods(self) -> Words:
        """What is counted, for example ``packs``; in Russian in the genitive plural."""
        return Words(*(self._finished(f"goods.{lang}") for lang in ("en", "ru")))

    def _finished(self, key: str) -> str:
        return self.finished_goods.get(key, FINISHED_GOODS[key])

    @property
    def years(self) -> tuple[int, ...]:
        """Every year of the horizon."""
        return tuple(range(self.first_year, self.last_year + 1))


@dataclass(frozen=True, slots=True)
class Programme:
    """Settings, tables and what was noticed while they were read.

    Attributes:
        settings: what `programme.yaml` says.
        tables: name → frame valid against its schema; every table of `TABLES` is there.
        warnings: what the reader detected or found odd without refusing it.
        content_hash: SHA-256 over settings and tables in a canonical form.
    """

    settings: Settings
    tables: Mapping[str, pl.DataFrame]
    warnings: tuple[Issue, ...] = ()
    content_hash: str = ""
    readme: str = field(default="", repr=False)

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return the frame of a table, for example ``programme["sites"]``.

        Raises:
            KeyError: if the table is not declared; the message lists the declared ones.
        """
        try:
            return self.tables[table]
        except KeyError:
            raise KeyError(f"no table {table!r}; declared: {', '.join(TABLES)}") from None

    def parameter(self, parameter_id: str) -> float:
        """Return the value of one row of `parameters`, in that row's unit.

        Raises:
            KeyError: if the programme does not hold it; the message says which file to extend.
        """
        rows = self["parameters"].filter(pl.col("parameter_id") == parameter_id)
        if rows.is_empty():
            raise KeyError(f"parameters.csv has no row {parameter_id!r}; add it")
        return float(rows["value"][0])
