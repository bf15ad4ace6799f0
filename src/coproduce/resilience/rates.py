"""Failure rates by country and stage; what stands in where a row is missing."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coproduce.resilience.closed_forms import on_off_shortage


@dataclass(frozen=True, slots=True)
class Rate:
    """How a source fails, from one row of `disruptions` (per year, years, years of use)."""

    failures_per_year: float
    recovery_years: float
    stock_years: float
    row: str
    status: str

    def down_share(
        self, capacity_factor: float, more_stock_years: float = 0.0, *, has_stock: bool = True
    ) -> float:
        """Return the share of time in which this source fails its customers."""
        stock = self.stock_years + more_stock_years if has_stock else 0.0
        return on_off_shortage(self.failures_per_year, self.recovery_years, stock, capacity_factor)


class Rates:
    """Rates by country and stage.

    Where the pair has no row, the least reliable country of that stage stands in; the pairs are
    kept in `stood_in` so that it is said.
    """

    def __init__(self, disruptions: pl.DataFrame) -> None:
        self._known: dict[tuple[str, str], Rate] = {}
        for row in disruptions.iter_rows(named=True):
            self._known[row["country_id"], row["stage_id"]] = Rate(
                row["failures_per_year"],
                row["recovery_years"],
                row["stock_years"],
                f"disruptions:{row['country_id']}|{row['stage_id']}",
                row["status"],
            )
        self._worst: dict[str, Rate] = {}
        for (_, stage_id), rate in sorted(self._known.items()):
            worst = self._worst.get(stage_id)
            if worst is None or rate.down_share(1.0) > worst.down_share(1.0):
                self._worst[stage_id] = rate
        self.used: dict[str, str] = {}
        self.stood_in: set[tuple[str, str]] = set()

    @property
    def stage_ids(self) -> frozenset[str]:
        """Stages for which at least one country has a row."""
        return frozenset(self._worst)

    def of(self, country_id: str, stage_id: str) -> Rate:
        """Return the rate of a country's makers at a stage."""
        rate = self._known.get((country_id, stage_id))
        if rate is None:
            self.stood_in.add((country_id, stage_id))
            rate = self._worst[stage_id]
        self.used[rate.row] = rate.status
        return rate


__all__ = ["Rate", "Rates"]
