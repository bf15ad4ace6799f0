"""A second search on a core of its own, while the first process raises the bound."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np

from coproduce.engines.fanout import Child
from coproduce.network.location.clock import Clock
from coproduce.network.location.multilevel.bound import Bools, Dual, Prices
from coproduce.network.location.multilevel.search import Search
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats
from coproduce.records.errors import CoproduceError

_HERE = "coproduce.network.location.multilevel.apart"
_GRACE_S = 3.0  # for the answer to come back when time is up


@dataclass(frozen=True, slots=True)
class Task:
    """What a search apart begins with."""

    levels: Levels
    prices: Prices
    share: Floats
    opened: Bools
    seed: int
    seconds: float
    kicks: int = 10**9


def search(task: Task) -> Bools:
    """Return the cheapest set found in the time; a first Ctrl-C ends the search early."""
    with Clock(task.seconds) as clock:
        found = Search(Dual(task.levels), seed=task.seed, is_over=clock.is_over)
        found.learn(task.prices)
        found.visit(task.opened)
        found.run(task.share, kicks=task.kicks)
    return task.opened if found.best is None else found.best.opened


class Apart:
    """Runs `search` in a process of its own.

    Args:
        task: what it begins with; its seconds should end before the caller's do.
    """

    def __init__(self, task: Task) -> None:
        self._child = Child(preload=(_HERE,))
        self._task, self._found = task, task.opened
        self._ends_at = time.monotonic() + task.seconds + _GRACE_S
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            seconds = max(1.0, self._ends_at - time.monotonic())
            self._found = self._child.run(search, self._task, timeout_s=seconds)
        except (CoproduceError, OSError, ValueError):
            return  # the caller's own search stands; a helper that fails costs only its time

    def found(self, *, waits: bool) -> Bools:
        """Return the cheapest set it found; if not to wait, only a moment is given to it."""
        seconds = max(0.0, self._ends_at - time.monotonic()) if waits else _GRACE_S
        self._thread.join(seconds)
        self._child.close()
        return np.asarray(self._found)
