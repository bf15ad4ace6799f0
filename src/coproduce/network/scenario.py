"""What a scenario changes, as factors by year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from coproduce.records.errors import UsageError
from coproduce.records.programme import Programme

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of one scenario.

    Attributes:
        rows: rows of `scenario_effects` of the scenario.
        years: the years of the horizon.
    """

    rows: tuple[dict[str, Any], ...]
    years: tuple[int, ...]

    def factor(self, kind: str, *scopes: str) -> Floats:
        """Return the product of all factors of `kind` that hold for one of `scopes`, by year."""
        out = np.ones(len(self.years))
        for row in self._matching(kind, scopes):
            out[self._window(row)] *= row["value"]
        return out

    def is_on(self, kind: str, *scopes: str) -> npt.NDArray[np.bool_]:
        """Return whether an effect of `kind` holds for one of `scopes`, by year."""
        out = np.zeros(len(self.years), dtype=bool)
        for row in self._matching(kind, scopes):
            out |= self._window(row)
        return out

    def delay_months(self, technology_id: str) -> float:
        """Return the months that construction takes longer, whatever the year of the order."""
        return sum(
            float(row["value"] or 0.0)
            for row in self._matching("construction_delay_months", (technology_id,))
        )

    def rival(self, product_id: str) -> list[str | None]:
        """Return the standing that the scenario gives the best rival, by year."""
        out: list[str | None] = [None] * len(self.years)
        for row in self._matching("rival_standing", (product_id,)):
            for index in np.flatnonzero(self._window(row)):
                out[index] = row["standing_id"]
        return out

    def _matching(self, kind: str, scopes: Iterable[str]) -> list[dict[str, Any]]:
        allowed = {None, *scopes}
        return [row for row in self.rows if row["kind"] == kind and row["scope_id"] in allowed]

    def _window(self, row: dict[str, Any]) -> npt.NDArray[np.bool_]:
        years = np.asarray(self.years)
        first, last = row["first_year"] or years[0], row["last_year"] or years[-1]
        return np.asarray((years >= first) & (years <= last))


def effects_of(programme: Programme, scenario_id: str) -> Effects:
    """Return the effects of a scenario; none at all for one without rows.

    Raises:
        UsageError: the programme has no such scenario (code ``N010``).
    """
    known = programme["scenarios"]["scenario_id"].to_list()
    if scenario_id not in known:
        raise UsageError(
            f"no scenario {scenario_id!r}; scenarios.csv has {', '.join(known)}", code="N010"
        )
    rows = tuple(
        row
        for row in programme["scenario_effects"].iter_rows(named=True)
        if row["scenario_id"] == scenario_id
    )
    return Effects(rows, programme.settings.years)
