"""Prices, currencies and rivals of the chosen future, found once and asked often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import polars as pl

from coproduce.records.errors import ModelError
from coproduce.records.programme import Programme

Array = np.ndarray


class Scenario:
    """What a programme's scenario makes of its exchange rates, source prices, demand and rivals.

    Args:
        programme: the programme; its settings name the scenario and the horizon.
    """

    def __init__(self, programme: Programme) -> None:
        settings = programme.settings
        self.years = settings.years
        self.base_currency = settings.currency
        self._fx = {
            (row["currency"], row["year"]): float(row["base_per_unit"])
            for row in programme["fx"].iter_rows(named=True)
        }
        effects = programme["scenario_effects"].filter(
            pl.col("scenario_id") == settings.scenario_id
        )
        self._effects = effects.to_dicts()
        self._rivals: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in programme["rivals"].sort("first_year").iter_rows(named=True):
            self._rivals[row["product_id"]].append((row["first_year"], row["standing_id"]))

    def factor(self, kind: str, scope_ids: Collection[str], year: int) -> float:
        """Return the product of the scenario's factors of one kind in a year; 1 if none."""
        made = 1.0
        for effect in self._in_year(kind, year):
            if effect["scope_id"] is None or effect["scope_id"] in scope_ids:
                made *= float(effect["value"])
        return made

    def fx(self, currency: str, year: int) -> float:
        """Return base currency per unit of a currency in a year.

        Raises:
            ModelError: if `fx` lacks the currency and year.
        """
        rate = self._fx.get((currency, year), 1.0 if currency == self.base_currency else None)
        if rate is None:
            raise ModelError(
                f"fx has no row for {currency} in {year}; add it", code="A103", where="fx.csv"
            )
        return rate * self.factor("fx_factor", (currency,), year)

    def price(self, source: Mapping[str, Any]) -> Array:
        """Return a source's price by year of the horizon, base mn per unit of the stage."""
        scope = (source["maker_country_id"], source["product_id"])
        return np.array(
            [
                source["price_per_unit"]
                * self.factor("source_price_factor", scope, year)
                * self.fx(source["currency"], year)
                / 1e6
                for year in self.years
            ]
        )

    def rival(self, product_id: str, year: int, rank: Mapping[str, int], lowest: str) -> str:
        """Return the best standing of a rival; the lowest one where none is known.

        Args:
            rank: standing → order.
            lowest: standing of order 0.
        """
        known = [standing for first, standing in self._rivals[product_id] if first <= year]
        best = known[-1] if known else lowest
        for effect in self._in_year("rival_standing", year):
            if effect["scope_id"] in (None, product_id) and effect["standing_id"]:
                best = max(best, str(effect["standing_id"]), key=lambda s: rank.get(s, 0))
        return best

    def _in_year(self, kind: str, year: int) -> list[dict[str, Any]]:
        return [
            effect
            for effect in self._effects
            if effect["kind"] == kind
            and (effect["first_year"] or year) <= year <= (effect["last_year"] or year)
        ]


__all__ = ["Scenario"]
