"""Answers without capacity from kicked ones: change a few facilities, descend again."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from coproduce.network.location.onelevel.swap import descend, least_gain
from coproduce.network.location.types import Facilities

FIRST_WORK = 5e7  # services looked at, facilities times customers, in the first round
LATER_WORK = 3e8  # and in each later one
COMPILED_WORK = 1.5e9  # the same where the descent is compiled, some thirty times as quick
ROUNDS_AT = (0, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)  # parts visited before each
SIDEWAYS = 0.02  # how often a worse answer is gone on from


class Kicks:
    """An iterated local search that goes on where it stood.

    Args:
        problem: without capacity.
        seed: of the kicks.
        is_over: asked before each step (compiled: each descent); True ends a round.
        is_fast: later rounds descend in compiled code; None takes it where numba is. The first
            round never does: small problems end before the code would be loaded.

    Source: Lourenço, Martin, Stützle (2003), Iterated Local Search.
    """

    def __init__(
        self,
        problem: Facilities,
        seed: int,
        is_over: Callable[[], bool],
        is_fast: bool | None = None,
    ) -> None:
        self._problem, self._is_over = problem, is_over
        self._is_fast = bool(find_spec("numba")) if is_fast is None else is_fast
        self._least = least_gain(problem)
        self._random = np.random.default_rng(seed)
        self._now: tuple[int, ...] = ()
        self._rounds = 0

    def __call__(self, best: tuple[int, ...]) -> tuple[int, ...]:
        """Return the best set found in one round, `best` at worst.

        Args:
            best: facilities of the best answer so far.
        """
        is_compiled = self._is_fast and self._rounds > 0
        work = (COMPILED_WORK if is_compiled else LATER_WORK) if self._rounds else FIRST_WORK
        self._rounds += 1
        steps_left = max(1, int(work / self._problem.cost.size))
        lowest = self._cost(best)
        if not self._now or lowest < self._cost(self._now):
            self._now = best
        cost = self._cost(self._now)
        while steps_left > 0 and not self._is_over():
            start = self._kicked(self._now)
            found, steps = self._fast(start) if is_compiled else self._plain(start)
            steps_left -= steps
            value = self._cost(found)
            if value <= cost or self._random.random() < SIDEWAYS:
                self._now, cost = found, value
            if value < lowest:
                best, lowest = found, value
        return best

    def _plain(self, opened: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
        return descend(self._problem, opened, self._is_over)

    def _fast(self, opened: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
        exchange = import_module("coproduce.network.location.onelevel.exchange")
        is_open = np.zeros(self._problem.sites, dtype=np.bool_)
        is_open[list(opened)] = True
        cost = np.ascontiguousarray(self._problem.cost)
        steps = exchange.descend(cost, self._problem.fixed, is_open, self._least)
        return tuple(np.flatnonzero(is_open).tolist()), int(steps)

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
