"""The model: choose meetings and give them slots. Runs in the solver's own process.

Slots are alike (nobody's availability differs), so the work splits in two. First choose the best
set of meetings that respects everybody's total and the total room (a flow between two sides, else
CP-SAT): no timetable can be worth more, so this is the bound. Then give the chosen meetings slots.
Where the wish graph has two sides this always works (König 1916: a bipartite graph's edges can be
coloured with as many colours as its largest degree; de Werra 1971: with colour classes of equal
size), and the answer equals the bound. Where it does not work, one model chooses and schedules
together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coproduce.forum.choose import choose_by_flow, two_sides
from coproduce.forum.place import Colouring, fill

FULL_SHARE = 0.7
"""Part of the effort kept for the joint model; the rest is for choosing and for placing."""


@dataclass(frozen=True, slots=True)
class Task:
    """A forum in whole numbers.

    Attributes:
        pairs: the two participants of each pair that may meet.
        weights: worth of each pair in steps of 1/10,000.
        is_must: whether a pair is a must.
        max_meetings: most meetings of each participant.
        representatives: meetings at the same time of each participant.
        slots: number of open slots.
        tables: number of tables.
        time_limit_s: effort in deterministic seconds.
        seed, threads: of the search.
    """

    pairs: tuple[tuple[int, int], ...]
    weights: tuple[int, ...]
    is_must: tuple[bool, ...]
    max_meetings: tuple[int, ...]
    representatives: tuple[int, ...]
    slots: int
    tables: int
    time_limit_s: float
    seed: int
    threads: int

    def limit(self, person: int) -> int:
        """Return the most meetings a participant can have, its representatives counted."""
        return min(self.max_meetings[person], self.representatives[person] * self.slots)

    def rank(self, pair: int) -> tuple[bool, int, int]:
        """Return the order in which pairs are served: musts, then worth, then number."""
        return not self.is_must[pair], -self.weights[pair], pair


@dataclass(frozen=True, slots=True)
class Answer:
    """Meetings with slots.

    Attributes:
        meetings: number of the pair → number of the slot.
        bound: no timetable that holds as many musts is worth more (steps of 1/10,000).
        musts_bound: no timetable holds more musts.
        engine: name and version of the solver.
    """

    meetings: dict[int, int]
    bound: int
    musts_bound: int
    engine: str


def solve(task: Task) -> Answer:
    """Return the best timetable found within the effort, with its bounds."""
    import ortools

    engine = f"OR-tools {ortools.__version__}"
    every = sorted(range(len(task.pairs)), key=task.rank)
    musts = tuple(pair for pair in every if task.is_must[pair])
    chosen, most_musts, bound = _best_choice(task, every, musts)
    placed = _coloured(task, sorted(chosen, key=task.rank))
    if len(placed) == len(chosen):
        chooser = "CP-SAT" if two_sides(task.pairs) is None else "least-cost flow"
        method = f"{chooser} and edge colouring; {engine}"
        return Answer(_filled(task, placed, every), bound, most_musts, method)
    start = _filled(task, placed, every)
    return _together(task, every, musts, start, (most_musts, bound), f"CP-SAT; {engine}")


def _best_choice(
    task: Task, every: Sequence[int], musts: Sequence[int]
) -> tuple[Sequence[int], int, int]:
    """Return the best choice by totals alone, the musts in it and a bound on its worth."""
    side = two_sides(task.pairs)
    if side is None:
        most = _choose(task, musts, dict.fromkeys(musts, 1))[1] if musts else 0
        chosen, bound = _choose(task, every, dict(enumerate(task.weights)), musts, most)
        return chosen, most, bound
    over_all = 1 + sum(task.weights)  # one must outweighs all else
    worth = [
        weight + over_all * is_must
        for weight, is_must in zip(task.weights, task.is_must, strict=True)
    ]
    limits = [task.limit(person) for person in range(len(task.max_meetings))]
    chosen = choose_by_flow(task.pairs, worth, limits, task.slots * task.tables, side)
    held = sum(task.is_must[pair] for pair in chosen)
    return chosen, held, sum(task.weights[pair] for pair in chosen)


def _coloured(task: Task, chosen: Sequence[int]) -> dict[int, int]:
    """Return slots for the chosen meetings by edge colouring, at most `tables` a slot."""
    colouring = Colouring(task.pairs, task.representatives, task.slots)
    colouring.place(chosen)
    colouring.level(task.tables)
    taken: dict[int, int] = defaultdict(int)
    placed: dict[int, int] = {}
    for pair in chosen:
        slot = colouring.slot_of.get(pair)
        if slot is not None and taken[slot] < task.tables:
            placed[pair] = slot
            taken[slot] += 1
    return placed


def _filled(task: Task, placed: dict[int, int], every: Sequence[int]) -> dict[int, int]:
    limits = (task.max_meetings, task.representatives)
    return fill(placed, every, task.pairs, limits, (task.slots, task.tables))


def _together(
    task: Task,
    every: Sequence[int],
    musts: Sequence[int],
    start: dict[int, int],
    bounds: tuple[int, int],
    engine: str,
) -> Answer:
    """Choose and place in one model, musts first, from the best placing known."""
    most_musts, bound = bounds
    held = sum(task.is_must[pair] for pair in start)
    if held < most_musts:
        best, most = _place(task, musts, dict.fromkeys(musts, 1), share=0.2, start=start)
        most_musts = min(most_musts, most)
        if len(best) > held:
            start, held = best, len(best)
    worth = dict(enumerate(task.weights))
    placed, most = _place(
        task, every, worth, share=FULL_SHARE, start=start, musts=musts, at_least=held
    )
    if held < bounds[0]:  # the first bound assumed more musts than can be held
        bound = _choose(task, every, worth, musts, held)[1]
    return Answer(_filled(task, placed, every), min(bound, most), most_musts, engine)


def _choose(
    task: Task,
    pairs: Sequence[int],
    worth: dict[int, int],
    musts: Sequence[int] = (),
    at_least: int = 0,
) -> tuple[tuple[int, ...], int]:
    """Return the best set of pairs by total limits alone, and a bound on its worth."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    held = {pair: model.new_bool_var("") for pair in pairs}
    for person, mine in _by_person(task, pairs).items():
        model.add(sum(held[pair] for pair in mine) <= task.limit(person))
    model.add(sum(held.values()) <= task.tables * task.slots)
    if at_least:
        model.add(sum(held[pair] for pair in musts) >= at_least)
    model.maximize(sum(worth[pair] * variable for pair, variable in held.items()))
    solver, is_found = _run(task, model, share=0.15)
    if not is_found:
        return (), sum(worth[pair] for pair in pairs)
    chosen = tuple(pair for pair in pairs if solver.boolean_value(held[pair]))
    return chosen, int(solver.best_objective_bound + 1e-6)


def _place(
    task: Task,
    pairs: Sequence[int],
    worth: dict[int, int],
    *,
    share: float,
    start: dict[int, int] | None = None,
    musts: Sequence[int] = (),
    at_least: int = 0,
) -> tuple[dict[int, int], int]:
    """Return pair → slot of the best timetable of these pairs, and a bound on its worth."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    slots = range(task.slots)
    at = {(pair, slot): model.new_bool_var("") for pair in pairs for slot in slots}
    for pair in pairs:
        model.add_at_most_one(at[pair, slot] for slot in slots)
    for person, mine in _by_person(task, pairs).items():
        limit = task.representatives[person]
        for slot in slots if len(mine) > limit else ():
            model.add(sum(at[pair, slot] for pair in mine) <= limit)
        if len(mine) > task.limit(person):
            model.add(sum(at[pair, slot] for pair in mine for slot in slots) <= task.limit(person))
    for slot in slots:
        model.add(sum(at[pair, slot] for pair in pairs) <= task.tables)
    if at_least:
        model.add(sum(at[pair, slot] for pair in musts for slot in slots) >= at_least)
    for (pair, slot), variable in at.items() if start else ():
        model.add_hint(variable, (start or {}).get(pair) == slot)
    model.maximize(sum(worth[pair] * variable for (pair, _), variable in at.items()))
    solver, is_found = _run(task, model, share=share)
    if not is_found:
        return dict(start or {}), sum(worth[pair] for pair in pairs)
    placed = {
        pair: slot for (pair, slot), variable in at.items() if solver.boolean_value(variable)
    }
    return placed, int(solver.best_objective_bound + 1e-6)


def _by_person(task: Task, pairs: Sequence[int]) -> dict[int, list[int]]:
    mine: dict[int, list[int]] = defaultdict(list)
    for pair in pairs:
        for person in task.pairs[pair]:
            mine[person].append(pair)
    return mine


def _run(task: Task, model: Any, *, share: float) -> tuple[Any, bool]:
    """Solve within a share of the effort, counted so that the same task ends the same way."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.random_seed = task.seed
    solver.parameters.num_workers = task.threads
    solver.parameters.interleave_search = task.threads > 1
    solver.parameters.max_deterministic_time = share * task.time_limit_s
    solver.parameters.max_time_in_seconds = max(1.0, 3 * share * task.time_limit_s)
    status = solver.solve(model)
    return solver, status in (cp_model.OPTIMAL, cp_model.FEASIBLE)


__all__ = ["Answer", "Task", "solve"]
