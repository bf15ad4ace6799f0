"""What prices of a second stage say of its cost at every first stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.network.location.stochastic.program import scenario
from coproduce.network.location.stochastic.types import TwoStage
from coproduce.network.location.types import Floats, Ints

_PLACES = 9  # prices are rounded: short numbers, and steps of 1000 stay steps of 1000
_ZERO = 1e-9
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Scenario ``scenarios[k]`` costs at least ``constant[k] + slope[k] @ x`` at ``x``.

    Attributes:
        scenarios: shape ``(k,)``.
        prices: of the rows, from which this follows, shape ``(k, rows)``.
        constant: shape ``(k,)``.
        slope: shape ``(k, first_columns)``.
        rest: cost of each second-stage column less what the prices pay for it.
        is_good: it follows at all, up to rounding.
        is_exact: it follows without any tolerance.
    """

    scenarios: Ints
    prices: Floats
    constant: Floats
    slope: Floats
    rest: Floats
    is_good: Bools
    is_exact: Bools


class Stage:
    """The second stages of all scenarios, ready to be cut."""

    def __init__(self, problem: TwoStage) -> None:
        core, first = problem.core, problem.first_columns
        self._problem = problem
        self._lower, self._upper = core.lower[first:], core.upper[first:]
        pieces = (scenario(problem, at) for at in range(problem.scenarios))
        kept = [(piece.lower, piece.upper, piece.cost) for piece in pieces]
        self.row_lower, self.row_upper, self.cost = (
            np.array(part) for part in zip(*kept, strict=True)
        )
        self._varies = len(problem.entry_row) > 0
        piece = scenario(problem, 0)
        self._matrices = piece.recourse, piece.technology

    def cuts(self, scenarios: Ints, prices: Floats, *, is_ray: bool = False) -> Cuts:
        """Return the cuts that prices prove, one per scenario given.

        Args:
            scenarios: shape ``(k,)``.
            prices: of the rows; any will do, good ones come from the relaxation.
            is_ray: leave the costs out: above zero the second stage has no answer.
        """
        if not self._varies:
            return self._cuts(scenarios, prices, is_ray)
        made = []
        for at, line in zip(scenarios, prices, strict=True):
            piece = scenario(self._problem, int(at))
            self._matrices = piece.recourse, piece.technology
            made.append(self._cuts(np.array([at]), line[None, :], is_ray))
        names = Cuts.__slots__
        return Cuts(*(np.concatenate([getattr(cut, name) for cut in made]) for name in names))

    def _cuts(self, scenarios: Ints, prices: Floats, is_ray: bool) -> Cuts:
        recourse, technology = self._matrices
        low, high = self.row_lower[scenarios], self.row_upper[scenarios]
        cost = self.cost[scenarios] * (0.0 if is_ray else 1.0)
        prices = np.round(prices, _PLACES)
        prices = np.where(np.isfinite(low), prices, np.minimum(prices, 0.0))
        prices = np.where(np.isfinite(high), prices, np.maximum(prices, 0.0))
        prices = self._held(recourse, cost, prices)
        rest = cost - prices @ recourse
        side = np.where(prices > 0, low, high)
        constant = np.where(prices != 0, prices, 0.0) * np.where(prices != 0, side, 0.0)
        end = np.where(rest > 0, self._lower, self._upper)
        is_open = (rest != 0) & ~np.isfinite(end)
        ends = np.where(is_open | (rest == 0), 0.0, rest) * np.where(np.isfinite(end), end, 0.0)
        return Cuts(
            scenarios,
            prices,
            constant.sum(axis=1) + ends.sum(axis=1),
            -(prices @ technology),
            rest,
            ~(is_open & (np.abs(rest) > _ZERO)).any(axis=1),
            ~is_open.any(axis=1),
        )

    def _held(self, recourse: Floats, cost: Floats, prices: Floats) -> Floats:
        """Return prices that leave no negative rest on columns without a roof in one row."""
        is_lonely = ~np.isfinite(self._upper) & (np.count_nonzero(recourse, axis=0) == 1)
        for column in np.flatnonzero(is_lonely):
            row = int(np.flatnonzero(recourse[:, column])[0])
            value = recourse[row, column]
            most = cost[:, column] / value
            if abs(value) != 1.0:
                most = most - np.sign(value) * 1e-12 * np.abs(most)  # the division was rounded
            held = np.minimum if value > 0 else np.maximum
            prices[:, row] = held(prices[:, row], most)
        return prices
