"""The published business-to-business meeting problem and its answer.

Participants, meetings, slots and tables are numbered from 1, as in the published files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Definition = Literal["jair", "avoidable"]

MORNING, AFTERNOON, ANY = 1, 2, 3
"""Sessions a meeting may ask for."""

PUBLISHED_FAIRNESS = 2
"""Most by which the breaks of two participants differ, where a file is solved as published."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two participants who must meet once, in the session they ask for."""

    first: int
    second: int
    session: int = ANY


@dataclass(frozen=True, slots=True)
class Problem:
    """A forum whose meetings are chosen; slots and tables are to be found.

    Attributes:
        name: of the file.
        participants, tables, slots: how many there are.
        morning_slots: how many of the slots, counted from the first, are in the morning.
        meetings: all must be held.
        forbidden: for each participant the slots in which it meets nobody.
        fixed: for each meeting the slot it must have, 0 if none is set.
        before: for each meeting the meetings that lie in strictly earlier slots.
    """

    name: str
    participants: int
    tables: int
    slots: int
    morning_slots: int
    meetings: tuple[Meeting, ...]
    forbidden: tuple[frozenset[int], ...]
    fixed: tuple[int, ...]
    before: tuple[frozenset[int], ...]

    def allowed(self, number: int) -> tuple[int, ...]:
        """Return the slots meeting `number` may have, other meetings left aside."""
        meeting = self.meetings[number - 1]
        first = self.morning_slots + 1 if meeting.session == AFTERNOON else 1
        last = self.morning_slots if meeting.session == MORNING else self.slots
        closed = self.forbidden[meeting.first - 1] | self.forbidden[meeting.second - 1]
        fixed = self.fixed[number - 1]
        return tuple(
            slot for slot in range(first, last + 1) if slot not in closed and fixed in (0, slot)
        )

    def meetings_of(self) -> tuple[tuple[int, ...], ...]:
        """Return for each participant the numbers of its meetings."""
        found: list[list[int]] = [[] for _ in range(self.participants)]
        for number, meeting in enumerate(self.meetings, start=1):
            found[meeting.first - 1].append(number)
            found[meeting.second - 1].append(number)
        return tuple(tuple(numbers) for numbers in found)


@dataclass(frozen=True, slots=True)
class Options:
    """How to solve.

    Attributes:
        definition: of a break: ``jair`` (two meetings in a row that are not in adjacent slots) or
            ``avoidable`` (only if the participant was not forbidden all slots between).
        fairness: most by which the breaks of two participants may differ.
        time_limit_s: most wall-clock seconds.
        threads: engines that work at the same time.
        seed: of the search.
        progress: told the share of the time used (0–1) and what is known so far.
        is_cancelled: asked often; True stops the work.
    """

    definition: Definition = "jair"
    fairness: int = PUBLISHED_FAIRNESS
    time_limit_s: float = 300.0
    threads: int = 2
    seed: int = 1
    progress: Callable[[float, str], None] | None = None
    is_cancelled: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole timetable with its proof, or the proof that there is none.

    Attributes:
        slots, tables: of each meeting; empty if infeasible.
        objective: breaks of all participants together; None if infeasible.
        bound: no timetable has fewer breaks; None if infeasible.
        status: ``optimal``, ``feasible`` or ``infeasible``.
        conflict: if infeasible, what cannot hold together, in words.
        seconds, cpu_seconds: wall clock and processor, of the whole solve.
        seed, engine, definition, fairness: of the search.
    """

    slots: tuple[int, ...]
    tables: tuple[int, ...]
    objective: int | None
    bound: int | None
    status: str
    conflict: tuple[str, ...]
    seconds: float
    cpu_seconds: float
    seed: int
    engine: str
    definition: Definition
    fairness: int

    @property
    def gap(self) -> float | None:
        """Share by which the objective may be above the best: ``(o - bound) / max(1, o)``."""
        if self.objective is None or self.bound is None:
            return None
        return (self.objective - self.bound) / max(1, self.objective)

    def summary(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "meetings": len(self.slots),
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "seed": self.seed,
            "engine": self.engine,
            "definition": self.definition,
            "fairness": self.fairness,
            "conflict": list(self.conflict),
        }


__all__ = [
    "AFTERNOON",
    "ANY",
    "MORNING",
    "PUBLISHED_FAIRNESS",
    "Answer",
    "Definition",
    "Meeting",
    "Options",
    "Problem",
]
