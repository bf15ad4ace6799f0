"""Musts alone, exactly: a place for each of them, or a proof that there is none.

Asked only when the paths of the board leave a must over, which may be the paths' fault.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from coproduce.forum.large.bitwise import bits
from coproduce.forum.large.task import Task


@dataclass(frozen=True, slots=True)
class MustTask:
    """The forum, the meetings that must all be held, most wall-clock seconds and the seed."""

    task: Task
    meetings: tuple[int, ...]
    time_limit_s: float
    seed: int


@dataclass(frozen=True, slots=True)
class MustAnswer:
    """``held``, ``impossible`` (proven) or ``open``; the slot of each meeting if held."""

    status: str
    slot_of: dict[int, int]


def place_musts(asked: MustTask) -> MustAnswer:
    """Return a slot for each meeting, or that none exists; runs in the solver's process."""
    from ortools.sat.python import cp_model

    task, model = asked.task, cp_model.CpModel()
    cells = {
        (meeting, slot): model.new_bool_var(f"{meeting} {slot}")
        for meeting in asked.meetings
        for slot in bits(task.mask[meeting])
    }
    _limits(model, task, cells)
    mine: dict[int, int] = defaultdict(int)
    for meeting in asked.meetings:
        model.add_exactly_one(cells[meeting, slot] for slot in bits(task.mask[meeting]))
        for person in task.who[meeting]:
            mine[person] += 1
    if any(count > task.limit(person) for person, count in mine.items()):
        return MustAnswer("impossible", {})
    _orders(model, task, cells)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = asked.time_limit_s
    solver.parameters.random_seed = asked.seed
    solver.parameters.num_workers = 1  # the same answer in every run
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        held = {meeting: slot for (meeting, slot), cell in cells.items() if solver.value(cell)}
        return MustAnswer("held", held)
    is_proven = status == cp_model.INFEASIBLE
    return MustAnswer("impossible" if is_proven else "open", {})


def _limits(model: Any, task: Task, cells: dict[tuple[int, int], Any]) -> None:
    """Nobody is at two places at once, and no pool is overdrawn."""
    uses: dict[tuple[str, int, int], list[Any]] = defaultdict(list)
    for (meeting, slot), cell in cells.items():
        for person in task.who[meeting]:
            uses["person", person, slot].append(cell)
        for pool in task.pools[meeting]:
            uses["pool", pool, slot].append(cell)
    for (kind, number, slot), members in uses.items():
        most = task.at_once[number] if kind == "person" else task.room[number][slot]
        if len(members) > most:
            model.add(sum(members) <= most)


def _orders(model: Any, task: Task, cells: dict[tuple[int, int], Any]) -> None:
    """Meetings tied by a precedence lie in that order."""
    at: dict[int, Any] = defaultdict(int)
    for (meeting, slot), cell in cells.items():
        at[meeting] += slot * cell
    for first, then in task.order:
        if first in at and then in at:
            model.add(at[first] < at[then])


__all__ = ["MustAnswer", "MustTask", "place_musts"]
