"""Law compiled for a programme: the tables that rooms read, so that no room knows a law.

`programme.yaml` maps roles to leaves; the roles are:

==========================  =================================================================
``standing``                leaf: standing that a product earns by the stages made inside
``access``                  leaf: what each standing may sell to each kind of segment
``payroll``                 leaf: social contributions on wages at the host's sites
``home_regime.<party>``     regime id: profit tax of a party at home
``withheld_dividend.<p>``   leaf: share the host withholds on dividends of that party
``withheld_royalty.<p>``    leaf: share the host withholds on royalties and fees
``credit.<party>``          leaf: flag, tax withheld is credited at home
``lead.<step>``             leaf: time of a legal step between a building and a sale
==========================  =================================================================

The law of a year is that of its first day, as published up to the rule instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from coproduce.records.errors import RuleError
from coproduce.records.handover import LAW_TABLES
from coproduce.records.programme import Programme
from coproduce.records.words import Words
from coproduce.rules.access import access_table
from coproduce.rules.book import RuleBook, View
from coproduce.rules.law_notes import law_notes, version_records
from coproduce.rules.levies import DUTY_ROLE, Levy, duty, payroll_share
from coproduce.rules.model import RuleValue
from coproduce.rules.points import local_status, status_ids
from coproduce.rules.regimes import regime_rates

MONTHS_PER_UNIT: Mapping[str, float] = {
    "month": 1.0,
    "calendar day": 12 / 365.25,
    "working day": 12 / 247,
    "year": 12.0,
}
"""Months in one unit of a lead time; 247 working days are a usual year."""

OUTSIDE = "-"


@dataclass(frozen=True, slots=True)
class Law:
    """Law tables of a programme at a rule instant.

    Attributes:
        tables: name → frame valid against `LAW_TABLES`.
        notes: what is different from the law as published up to now, one sentence each.
        values: the versions used, as plain records for trace: rule_id, label, value, dates, refs.
    """

    tables: Mapping[str, pl.DataFrame]
    notes: tuple[Words, ...]
    values: tuple[dict[str, Any], ...]


def compile_law(programme: Programme, book: RuleBook) -> Law:
    """Return the law tables of a programme as published up to its rule instant.

    Raises:
        RuleError: R110 if `programme.yaml` lacks a role, and whatever a leaf raises.
    """
    tables = _tables(programme, book)
    notes: tuple[Words, ...] = ()
    if _has_later(book, programme.settings.rule_instant):
        settings = replace(programme.settings, rule_instant=date.max)
        now = _tables(replace(programme, settings=settings), book)
        notes = law_notes(book, tables, now, programme)
    return Law(
        tables=tables, notes=notes, values=version_records(book, tables.values(), programme)
    )


def _has_later(book: RuleBook, instant: date) -> bool:
    """True if any version became known after the instant; else both readings are the same."""
    return any(
        version.known_on > instant for leaf in book.leaves.values() for version in leaf.versions
    )


def _tables(programme: Programme, book: RuleBook) -> dict[str, pl.DataFrame]:
    compiler = _Compiler(programme, book)
    makers: dict[str, Callable[[], pl.DataFrame]] = {
        "site_tax": compiler.site_tax,
        "standing": compiler.standing,
        "access": compiler.access,
        "duties": compiler.duties,
        "lead_times": compiler.lead_times,
        "party_tax": compiler.party_tax,
    }
    tables = {}
    for name, make in makers.items():
        try:
            tables[name] = make()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RuleError(
                f"a leaf that programme.yaml names for {name} has not the shape that its role "
                f"needs ({type(error).__name__}: {error}); compare the built-in programme",
                code="R112",
                where="programme.yaml",
            ) from error
    return {name: _valid(name, frame) for name, frame in tables.items()}


class _Compiler:
    """One pass over a programme; caches what many sites and products share."""

    def __init__(self, programme: Programme, book: RuleBook) -> None:
        self.programme = programme
        self.settings = programme.settings
        self.book = book
        self.host = programme["parties"].filter(pl.col("role") == "host").row(0, named=True)
        self._views: dict[int, View] = {}
        self._payrolls: dict[tuple[int, float], Levy] = {}
        self._standings: dict[tuple[int, tuple[str, ...]], dict[str, Any]] = {}
        self._duties: dict[tuple[str, ...], dict[tuple[str, str], tuple[float, str | None]]] = {}

    def view(self, year: int) -> View:
        if year not in self._views:
            self._views[year] = self.book.at(date(year, 1, 1), self.settings.rule_instant)
        return self._views[year]

    def role(self, name: str) -> str:
        try:
            return self.settings.rules[name]
        except KeyError:
            given = ", ".join(sorted(self.settings.rules)) or "none"
            raise RuleError(
                f"programme.yaml maps no leaf to the role {name!r} under `rules:`; given: {given}",
                code="R110",
                where="programme.yaml",
            ) from None

    def site_tax(self) -> pl.DataFrame:
        sites = self.programme["sites"].join(
            self.programme["regions"].select("region_id", "wage_per_month"), on="region_id"
        )
        typical = sites.select(pl.col("wage_per_month").median()).item()
        if typical is None:
            raise RuleError(
                "no region with a site has a wage; fill regions.wage_per_month for at least one",
                code="R111",
                where="regions.csv",
            )
        regimes = pl.DataFrame(
            [
                {"regime_id": regime, **row}
                for regime in sorted(set(sites["regime_id"]))
                for row in self._regime_years(regime)
            ],
            infer_schema_length=None,
        )
        levies = pl.DataFrame(
            [
                {
                    "site_id": site_id,
                    "year": year,
                    "own": levy.rate_share,
                    "by": _join(levy.rule_ids),
                }
                for site_id, wage in sites.select("site_id", "wage_per_month").iter_rows()
                for year in self.settings.years
                for levy in (self._payroll(year, round(float(wage or typical) * 12, 2)),)
            ]
        )
        return (
            sites.select("site_id", "regime_id")
            .join(regimes, on="regime_id")
            .join(levies, on=["site_id", "year"])
            .with_columns(
                payroll_rate_share=pl.coalesce(
                    pl.col("payroll_rate_share").cast(pl.Float64), "own"
                ),
                rules=pl.concat_str("rules", "by", separator=";", ignore_nulls=True),
            )
        )

    def _payroll(self, year: int, wage_per_year: float) -> Levy:
        key = (year, wage_per_year)
        if key not in self._payrolls:
            self._payrolls[key] = payroll_share(
                self.view(year), self.role("payroll"), wage_per_year
            )
        return self._payrolls[key]

    def _regime_years(self, regime_id: str) -> list[dict[str, Any]]:
        # New facilities become residents when the plan starts, so the law of that day binds them.
        status_date = date(self.settings.first_year, 1, 1)
        rows = []
        for first_profit_year in self.settings.years:
            for year in self.settings.years:
                found = regime_rates(
                    self.book,
                    regime_id,
                    year,
                    first_profit_year=first_profit_year,
                    status_date=status_date,
                    known=self.settings.rule_instant,
                )
                rows.append(
                    {
                        "year": year,
                        "first_profit_year": first_profit_year,
                        "rate_share": found.total_rate_share,
                        "general_rate_share": found.general_rate_share,
                        "is_relief_capped": found.is_relief_capped,
                        "relief_grace_years": found.cap_grace_years,
                        "payroll_rate_share": found.payroll_rate_share,
                        "rules": _join(found.rule_ids),
                    }
                )
        return rows

    def standing(self) -> pl.DataFrame:
        leaf = self.role("standing")
        chains = (
            self.programme["stages"]
            .sort("product_id", "stage_no")
            .group_by("product_id", maintain_order=True)
            .agg("stage_id")
        )
        rows = []
        for product_id, stage_ids in chains.iter_rows():
            for year in self.settings.years:
                for count in range(len(stage_ids) + 1):
                    inside = tuple(stage_ids[len(stage_ids) - count :])
                    rows.append(
                        {
                            "product_id": product_id,
                            "year": year,
                            **self._standing_of(leaf, year, inside),
                        }
                    )
        return pl.DataFrame(rows, infer_schema_length=None)

    def _standing_of(self, leaf: str, year: int, inside: tuple[str, ...]) -> dict[str, Any]:
        key = (year, inside)
        if key not in self._standings:
            earned = local_status(self.view(year), leaf, inside)
            self._standings[key] = {
                "stages_inside": "+".join(inside) or OUTSIDE,
                "points": earned.points,
                "standing_id": earned.status_id,
                "standing_rank": earned.rank,
                "rules": _join(earned.rule_ids),
            }
        return self._standings[key]

    def access(self) -> pl.DataFrame:
        leaf, standing = self.role("access"), self.role("standing")
        rows = []
        for year in self.settings.years:
            ranks = {name: no for no, name in enumerate(status_ids(self.view(year), standing))}
            by_kind: dict[str, list[Any]] = {}
            for row in access_table(self.view(year), leaf):
                by_kind.setdefault(row.segment, []).append(row)
            for segment_id, kind in (
                self.programme["segments"].select("segment_id", "access_kind").iter_rows()
            ):
                rows += [
                    {
                        "segment_id": segment_id,
                        "year": year,
                        "own_rank": ranks[row.own_status],
                        "rival_rank": ranks[row.rival_status],
                        "own_standing_id": row.own_status,
                        "rival_standing_id": row.rival_status,
                        "is_accepted": row.is_accepted,
                        "is_exclusive": row.is_exclusive,
                        "price_factor": row.price_factor,
                        "rules": _join(row.rule_ids),
                    }
                    for row in by_kind[kind]
                ]
        return pl.DataFrame(rows)

    def duties(self) -> pl.DataFrame:
        countries = self.programme["countries"]
        inside = set(countries.filter("is_in_bloc")["country_id"])
        makers = sorted(
            set(
                self.programme["sources"].filter(
                    pl.col("market_country_id") == self.host["country_id"]
                )["maker_country_id"]
            )
        )
        stages = (
            self.programme["stages"]
            .join(
                self.programme["products"].select("product_id", product_hs6="hs6"),
                on="product_id",
            )
            .select("product_id", "stage_id", hs6=pl.coalesce("hs6", "product_hs6"))
        )
        codes = sorted(set(stages["hs6"]))
        rows = [
            {
                "hs6": hs6,
                "country_id": maker,
                "year": year,
                **dict(zip(("rate_share", "rules"), found, strict=True)),
            }
            for year in self.settings.years
            for law in (self._duty_law(year),)
            for hs6 in codes
            for maker in makers
            for found in ((0.0, None) if maker in inside else law(hs6, maker),)
        ]
        schema = {
            "hs6": pl.String,
            "country_id": pl.String,
            "year": pl.Int32,
            "rate_share": pl.Float64,
            "rules": pl.String,
        }
        return stages.join(pl.DataFrame(rows, schema=schema), on="hs6")

    def _duty_law(self, year: int) -> Callable[[str, str], tuple[float, str | None]]:
        """Return a look-up of duties for a year; years with the same law share one."""
        view = self.view(year)
        same_law = tuple(value.rule_id for value in view.find(DUTY_ROLE))
        known = self._duties.setdefault(same_law, {})

        def look_up(hs6: str, origin: str) -> tuple[float, str | None]:
            key = (hs6, origin)
            if key not in known:
                levy = duty(view, hs6, origin=origin, country=str(self.host["country_id"]))
                known[key] = (levy.rate_share, _join(levy.rule_ids))
            return known[key]

        return look_up

    def lead_times(self) -> pl.DataFrame:
        rows = []
        for role in sorted(self.settings.rules):
            if not role.startswith("lead."):
                continue
            value = self.view(self.settings.first_year).value(self.settings.rules[role])
            rows.append(
                {
                    "step_id": role.removeprefix("lead."),
                    "months": value.number * _months(value),
                    "rules": value.rule_id,
                }
            )
        if not rows:
            self.role("lead.licence")
        return pl.DataFrame(rows)

    def party_tax(self) -> pl.DataFrame:
        rows = []
        for party_id in self.programme["parties"]["party_id"]:
            for year in self.settings.years:
                home = regime_rates(
                    self.book,
                    self.role(f"home_regime.{party_id}"),
                    year,
                    status_date=date(self.settings.first_year, 1, 1),
                    known=self.settings.rule_instant,
                )
                taken = self._withheld(str(party_id), year)
                rows.append(
                    {
                        "party_id": party_id,
                        "year": year,
                        "profit_rate_share": home.total_rate_share,
                        **{name: share for name, (share, _) in taken.items()},
                        "is_withholding_credited": self._is_credited(str(party_id), year),
                        "rules": _join([*home.rule_ids, *(rule for _, rule in taken.values())]),
                    }
                )
        return pl.DataFrame(rows)

    def _withheld(self, party_id: str, year: int) -> dict[str, tuple[float, str]]:
        """Return what the host withholds; nothing from its own party."""
        found = {}
        for column, role in (
            ("withheld_dividend_share", "withheld_dividend"),
            ("withheld_royalty_share", "withheld_royalty"),
        ):
            if party_id == self.host["party_id"]:
                found[column] = (0.0, "")
                continue
            value = self.view(year).value(self.role(f"{role}.{party_id}"))
            found[column] = (value.share, value.rule_id)
        return found

    def _is_credited(self, party_id: str, year: int) -> bool:
        role = f"credit.{party_id}"
        if role not in self.settings.rules:
            return False
        return bool(self.view(year).value(self.role(role)).value)


def _valid(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    schema = LAW_TABLES[name]
    if frame.is_empty():
        return schema.create_empty()
    return schema.validate(frame.select(schema.column_names()), cast=True)


def _months(value: RuleValue) -> float:
    unit = value.unit.removesuffix("s")
    if unit not in MONTHS_PER_UNIT:
        raise RuleError(
            f"{value.leaf_id} is in {value.unit!r}; a lead time needs one of "
            f"{', '.join(MONTHS_PER_UNIT)}",
            code="R107",
            where=value.leaf_id,
        )
    return MONTHS_PER_UNIT[unit]


def _join(rules: Iterable[str | None]) -> str | None:
    return ";".join(dict.fromkeys(rule for rule in rules if rule)) or None
