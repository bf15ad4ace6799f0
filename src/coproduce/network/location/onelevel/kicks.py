"""Answers without capacity from kicked ones: change a few facilities, descend again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coproduce.network.location.onelevel.swap import descend
from coproduce.network.location.types import Facilities

FIRST_WORK = 5e7  # services looked at, facilities times customers, in the first round
LATER_WORK = 3e8  # and in each later one
ROUNDS_AT = (0, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)  # parts visited before each
SIDEWAYS = 0.02  # how often a worse answer is gone on from


class Kicks:
    """An iterated local search that goes on where it stood.

    Args:
        problem: without capacity.
        seed: of the kicks.
        is_over: asked before each step; True ends a round.

    Source: Lourenço, Martin, Stützle (2003), Iterated Local Search.
    """

    def __init__(self, problem: Facilities, seed: int, is_over: Callable[[], bool]) -> None:
        self._problem, self._is_over = problem, is_over
        self._random = np.random.default_rng(seed)
        self._now: tuple[int, ...] = ()
        self._rounds = 0

    def __call__(self, best: tuple[int, ...]) -> tuple[int, ...]:
        """Return the best set found in one round, `best` at worst.

        Args:
            best: facilities of the best answer so far.
        """
        work = LATER_WORK if self._rounds else FIRST_WORK
        self._rounds += 1
        steps_left = max(1, int(work / self._problem.cost.size))
        lowest = self._cost(best)
        if not self._now or lowest < self._cost(self._now):
            self._now = best
        cost = self._cost(self._now)
        while steps_left > 0 and not self._is_over():
            found, steps = descend(self._problem, self._kicked(self._now), self._is_over)
            steps_left -= steps
            value = self._cost(found)
            if value <= cost or self._random.random() < SIDEWAYS:
                self._now, cost = found, value
            if value < lowest:
                best, lowest = found, value
        return best

    def _cost(self, opened: tuple[int, ...]) -> float:
        sites = list(opened)
        served = self._problem.cost[sites].min(axis=0).sum()
        return float(served + self._problem.fixed[sites].sum())

    def _kicked(self, opened: tuple[int, ...]) -> tuple[int, ...]:
        """Return the set with some facilities closed and about as many others opened."""
        most = max(2, len(opened) // 4)
        count = int(self._random.integers(1, most + 1))
        away = self._random.choice(opened, min(count, len(opened) - 1), replace=False)
        into = self._random.integers(0, self._problem.sites, count)
        return tuple(sorted((set(opened) - set(away.tolist())) | set(into.tolist())))
