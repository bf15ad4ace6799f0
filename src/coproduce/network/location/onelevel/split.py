"""Customers that may be split: the tree of prices with its climb compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.network.location.onelevel.dual import Ascent, Dual
from coproduce.network.location.onelevel.rest import Rest, Units
from coproduce.network.location.onelevel.rows import HAS_NUMBA
from coproduce.network.location.onelevel.tree import Tree
from coproduce.network.location.onelevel.whole import FADE
from coproduce.network.location.types import Facilities, Floats


class SplitTree(Tree):
    """A tree whose prices climb in compiled code where numba is installed.

    The climb only proposes prices; what they prove is evaluated by `Dual` as everywhere.

    Args:
        problem: with capacity; customers may be split.
        others: as of `Tree`.
    """

    def __init__(self, problem: Facilities, price: Any, **others: Any) -> None:
        super().__init__(problem, price, **others)
        self._rest: Rest | None = None
        if HAS_NUMBA:
            units = Units(problem)
            units.how = np.array([False, False])
            self._rest = Rest(units, ())

    def climb(
        self,
        dual: Dual,
        prices: Floats,
        *,
        target: float,
        rounds: int,
        step: float,
        patience: int = 10,
    ) -> Ascent:
        """Return the best prices found from `prices` on; arguments as of `dual.ascend`."""
        if self._rest is None:
            return super().climb(
                dual, prices, target=target, rounds=rounds, step=step, patience=patience
            )
        if self._clock.is_over():
            rounds = 1
        found = self._rest.ascend(dual.state, prices, target, self.cutoff, rounds, step, patience)
        best, often, done = found[1], found[4], found[6]
        return Ascent(dual.at(best), often / (1.0 - FADE**done))
