"""What a location problem, its options and its answer are; shared by all its kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Facilities:
    """One level of facilities that serve customers.

    Attributes:
        name: the file's name.
        fixed: cost of opening each facility, shape ``(m,)``.
        demand: of each customer, shape ``(n,)``, in units of capacity.
        cost: cost of serving ALL of customer ``j`` from facility ``i``, shape ``(m, n)``.
        capacity: of each facility, shape ``(m,)``; None where it is without limit.
        is_single_source: each customer is served whole by one facility.
    """

    name: str
    fixed: Floats
    demand: Floats
    cost: Floats
    capacity: Floats | None = None
    is_single_source: bool = False

    @property
    def kind(self) -> str:
        """``ufl`` (no capacity), ``cfl`` (customers may be split) or ``sscfl`` (never split)."""
        if self.capacity is None:
            return "ufl"
        return "sscfl" if self.is_single_source else "cfl"

    @property
    def room(self) -> Floats:
        """Capacity of each facility; inf where it is without limit."""
        return np.full(len(self.fixed), np.inf) if self.capacity is None else self.capacity

    @property
    def sites(self) -> int:
        """Number of facilities, ``m``."""
        return len(self.fixed)

    @property
    def customers(self) -> int:
        """Number of customers, ``n``."""
        return len(self.demand)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read where its format leaves a choice.

    Attributes:
        is_uncapacitated: leave the capacities out.
        is_single_source: serve each customer whole.
        is_split: customers may be split, where the format's own problem is to serve them whole.
    """

    is_uncapacitated: bool = False
    is_single_source: bool = False
    is_split: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """How to search.

    Attributes:
        time_limit_s: stop after this many seconds with the best answer and its gap.
        threads: cores to use.
        seed: same seed, threads and problem give the same answer, unless time runs out.
        gap_share: stop when bound and objective are this close, as a share of the objective.
        progress: called with the gap as a share and a line of text while the search runs.
    """

    time_limit_s: float = 600.0
    threads: int = 1
    seed: int = 0
    gap_share: float = 1e-6
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found and what proves it.

    Attributes:
        objective: cost of the best answer; None where there is none.
        bound: no answer is cheaper, as far as `certificate` says what this rests on.
        gap: ``(objective - bound) / max(1e-9, |objective|)``; None without an answer.
        status: ``optimal`` (gap within the asked one), ``feasible`` (stopped early with an
            answer), ``none`` (stopped early without) or ``infeasible`` (there is none).
        seconds: wall-clock time.
        engine: names and versions of what did the work.
        opened: numbers of the opened facilities, from 0 in the order of the file.
        plan: the answer itself, as it stands in the solution file: ``assignment`` (facility of
            each customer), ``flows`` or what the kind of problem needs.
        certificate: what a checker needs to recount the bound; always with the keys ``kind``,
            ``certified_bound`` (what the checker will find) and ``rests_on_solver`` (empty, or
            what was proven by the solver's branch and bound alone, in words).
    """

    objective: float | None
    bound: float
    gap: float | None
    status: str
    seconds: float
    seed: int
    engine: str
    opened: tuple[int, ...]
    plan: dict[str, Any] = field(default_factory=dict)
    certificate: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What an independent check of a solution file found.

    Attributes:
        kind: of problem, in words.
        objective: cost counted again in exact arithmetic.
        certified_bound: bound counted again from the certificate, without a solver.
        certified_gap: between the two, as a share of the objective.
        rests_on_solver: what the file claims beyond that; empty where nothing.
        errors: what is wrong, one sentence each; empty where all is right.
    """

    kind: str
    objective: float | None
    certified_bound: float | None
    certified_gap: float | None
    rests_on_solver: str
    errors: tuple[str, ...]


def gap_share(objective: float | None, bound: float) -> float | None:
    """Return how far the objective may be from the best, as a share; None without an answer.

    >>> gap_share(102.0, 100.98)
    0.01
    """
    if objective is None:
        return None
    return round(max(0.0, objective - bound) / max(1e-9, abs(objective)), 12)
