"""The best choice of meetings by everybody's totals: a bound no timetable can beat.

Between two sides it is a flow of least cost, exact in whole numbers. Among any people, with groups
or with interpreters it is a 0-1 problem whose relaxation the LP engine bounds from above.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from coproduce.engines import lp
from coproduce.engines.fanout import Child
from coproduce.engines.lp_build import Builder
from coproduce.forum.choose import two_sides
from coproduce.forum.large.task import Task

GAP_SHARE = 2e-4
"""A choice this near to its bound is good enough; placing loses about as much."""

SMALL = 2000


@dataclass(frozen=True, slots=True)
class Choice:
    """Meetings chosen, an upper bound on the objective of any timetable, and who found it."""

    meetings: tuple[int, ...]
    bound: int
    engine: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow of least cost between two sides, in arrays; musts are taken out already."""

    first: np.ndarray[Any, Any]
    second: np.ndarray[Any, Any]
    worth: np.ndarray[Any, Any]
    people: np.ndarray[Any, Any]
    is_first: np.ndarray[Any, Any]
    most: np.ndarray[Any, Any]
    least: np.ndarray[Any, Any]
    room: int
    missed_weight: int


def choose(
    task: Task, child: Callable[[], Child], time_limit_s: float, seed: int, threads: int
) -> Choice:
    """Return the best choice by totals; `child` starts a solver process when one is needed."""
    if not task.meetings:
        return Choice((), -_missed(task, ()), "none needed")
    musts = tuple(m for m, is_must in enumerate(task.is_must) if is_must)
    is_plain = all(len(who) == 2 for who in task.who)
    side = two_sides(task.who) if is_plain else None  # type: ignore[arg-type]
    is_large = len(task.meetings) > SMALL  # below, starting a process takes longer than the work
    if side is not None and is_large and len(task.room) == task.table_pools:
        chosen = _by_flow(task, side, musts, child)
        if chosen is not None:
            return chosen
    return _by_lp(task, time_limit_s, seed, threads)


def _limits(task: Task, musts: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """Return the most and the least further meetings of each participant after the musts."""
    most = [task.limit(person) for person in range(len(task.names))]
    least = list(task.least)
    for meeting in musts:
        for person in task.who[meeting]:
            most[person] -= 1
            least[person] = max(0, least[person] - 1)
    return most, least


def _room(task: Task) -> list[int]:
    """Return the units of each pool over the whole forum that people present could use."""
    there = [
        sum((free >> slot & 1) * once for free, once in zip(task.free, task.at_once, strict=True))
        for slot in range(task.slots)
    ]
    return [
        sum(min(units, there[slot] // 2) for slot, units in enumerate(pool)) for pool in task.room
    ]


def _by_flow(
    task: Task, side: dict[int, bool], musts: tuple[int, ...], child: Callable[[], Child]
) -> Choice | None:
    most, least = _limits(task, musts)
    total = _room(task)[0] if task.room else 0
    shared = [m for m, pools in enumerate(task.pools) if pools]
    room = total - sum(1 for m in musts if task.pools[m])
    has_booths = len(shared) < len(task.meetings)
    if min(most) < 0 or room < 0:
        return None
    others = [m for m in range(len(task.meetings)) if not task.is_must[m]]
    ends = np.array([task.who[m] for m in others], dtype=np.int64).reshape(-1, 2)
    turned = np.array([not side[int(a)] for a in ends[:, 0]], dtype=bool)
    ends[turned] = ends[turned][:, ::-1]
    people = np.array(sorted(side), dtype=np.int64)
    flow = Flow(
        first=ends[:, 0],
        second=ends[:, 1],
        worth=np.array([task.worth[m] for m in others], dtype=np.int64),
        people=people,
        is_first=np.array([side[int(person)] for person in people], dtype=bool),
        most=np.array([most[int(person)] for person in people], dtype=np.int64),
        least=np.array([least[int(person)] for person in people], dtype=np.int64),
        room=len(others) if has_booths else room,
        missed_weight=task.missed_weight,
    )
    with child() as process:
        used, engine = process.run(solve_flow, flow, timeout_s=600)
    chosen = (*musts, *(others[int(at)] for at in used))
    if has_booths and sum(1 for m in chosen if task.pools[m]) > total:
        return None
    bound = sum(task.worth[m] for m in chosen) - task.missed_weight * _missed(task, chosen)
    return Choice(tuple(sorted(chosen)), bound, f"least-cost flow ({engine})")


def _missed(task: Task, chosen: tuple[int, ...]) -> int:
    held = [0] * len(task.names)
    for meeting in chosen:
        for person in task.who[meeting]:
            held[person] += 1
    return sum(max(0, least - had) for least, had in zip(task.least, held, strict=True))


def solve_flow(flow: Flow) -> tuple[list[int], str]:
    """Return the numbers of the meetings used; runs in the solver's own process.

    Source: Ahuja, Magnanti, Orlin, Network Flows (1993), chapter 9 (method); OR-tools (solver).
    """
    import ortools
    from ortools.graph.python import min_cost_flow

    solver: Any = min_cost_flow.SimpleMinCostFlow()
    source = int(flow.people.max(initial=0)) + 1
    sink = source + 1
    tails = np.where(flow.is_first, source, flow.people)
    heads = np.where(flow.is_first, flow.people, sink)
    sold = np.minimum(flow.least, flow.most)
    rest = np.minimum(flow.most, flow.room) - np.minimum(sold, flow.room)
    cost = np.full(len(flow.people), -flow.missed_weight, dtype=np.int64)
    add = solver.add_arcs_with_capacity_and_unit_cost
    add(tails, heads, np.minimum(sold, flow.room), cost)
    add(tails, heads, rest, np.zeros_like(cost))
    arcs = add(flow.first, flow.second, np.ones_like(flow.worth), -flow.worth)
    solver.add_arc_with_capacity_and_unit_cost(source, sink, flow.room, 0)
    solver.set_node_supply(source, flow.room)
    solver.set_node_supply(sink, -flow.room)
    status = solver.solve()
    if status != solver.OPTIMAL:  # the bypass makes every flow feasible, so this is a fault
        raise AssertionError(f"min-cost flow ended with status {status}")
    used = np.flatnonzero(np.asarray(solver.flows(arcs)))
    return [int(at) for at in used], f"OR-tools {ortools.__version__}"


def _by_lp(task: Task, time_limit_s: float, seed: int, threads: int) -> Choice:
    """Choose with the LP engine; the bound is the relaxation's or better."""
    count = len(task.meetings)
    builder = Builder(is_maximised=True)
    held = builder.add_columns(
        count,
        cost=np.array(task.worth, dtype=np.float64),
        lower=np.array(task.is_must, dtype=np.float64),
        upper=1.0,
        is_integer=True,
    )
    mine: dict[int, list[int]] = defaultdict(list)
    drawn: dict[int, list[int]] = defaultdict(list)
    for meeting, who in enumerate(task.who):
        for person in who:
            mine[person].append(meeting)
        for pool in task.pools[meeting]:
            drawn[pool].append(meeting)
    _rows(builder, held, [mine[p] for p in mine], [float(task.limit(p)) for p in mine])
    totals = _room(task)
    _rows(builder, held, [drawn[pool] for pool in drawn], [float(totals[pool]) for pool in drawn])
    sold = [person for person, least in enumerate(task.least) if least]
    missed = builder.add_columns(
        len(sold), cost=-float(task.missed_weight), lower=0.0, upper=np.inf
    )
    for column, person in zip(missed, sold, strict=True):
        row = builder.add_rows(1, lower=float(task.least[person]), upper=np.inf)
        columns = np.append(held[mine[person]], column)
        builder.add_entries(np.repeat(row, len(columns)), columns, 1.0)
    found = lp.solve(
        builder.problem(),
        gap_share=GAP_SHARE,
        time_limit_s=time_limit_s,
        seed=seed,
        threads=threads,
    )
    engine = f"mixed-integer choice ({lp.engine_version()})"
    if not found.has_answer:
        bound = found.bound if np.isfinite(found.bound) else float(sum(task.worth))
        return Choice((), int(np.floor(bound + 1e-6)), engine)
    chosen = tuple(int(m) for m in np.flatnonzero(found.x[held] > 0.5))
    return Choice(chosen, int(np.floor(found.bound + 1e-6)), engine)


def _rows(builder: Builder, held: Any, members: list[list[int]], upper: list[float]) -> None:
    if not members:
        return
    rows = builder.add_rows(len(members), lower=-np.inf, upper=np.array(upper))
    index = np.repeat(rows, [len(each) for each in members])
    columns = held[np.concatenate([np.array(each, dtype=np.int64) for each in members])]
    builder.add_entries(index, columns, 1.0)


__all__ = ["Choice", "choose", "solve_flow"]
