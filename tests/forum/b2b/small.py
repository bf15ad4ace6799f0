"""Small meeting problems: written as files, drawn at random, solved by trying everything."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import Any

from coproduce.engines.maxsat import SatTask, minimise
from coproduce.forum.b2b.encode import encode
from coproduce.forum.b2b.files import solution
from coproduce.forum.b2b.tables import assign_tables
from coproduce.forum.b2b.types import Answer, Definition, Meeting, Problem

Timetable = dict[str, Any]


def dzn(
    requested: list[tuple[int, int, int]],
    *,
    people: int = 4,
    tables: int = 2,
    slots: int = 4,
    morning: int = 2,
    forbidden: dict[int, set[int]] | None = None,
    fixed: dict[int, int] | None = None,
    before: dict[int, set[int]] | None = None,
) -> str:
    """Return the text of a problem file; dictionaries are keyed by participant or meeting."""

    def sets(given: dict[int, set[int]] | None, count: int) -> str:
        listed = [sorted((given or {}).get(n, ())) for n in range(1, count + 1)]
        return ", ".join("{" + ",".join(map(str, numbers)) + "}" for numbers in listed)

    rows = "".join(f"|{a}, {b},{session}, \n" for a, b, session in requested)
    count = len(requested)
    slots_fixed = ",".join(str((fixed or {}).get(n, 0)) for n in range(1, count + 1))
    return (
        f"nBusiness = {people};\nnMeetings = {count};\nnTables = {tables};\n"
        f"nTotalSlots = {slots};\nnMorningSlots = {morning};\n\nrequested = [{rows}|];\n\n"
        f"forbidden = [{sets(forbidden, people)}];\nfixed = [{slots_fixed}];\n"
        f"precedences = [{sets(before, count)}];\n"
    )


def written(problem: Problem) -> str:
    """Return a problem as the text of a file."""
    return dzn(
        [(m.first, m.second, m.session) for m in problem.meetings],
        people=problem.participants,
        tables=problem.tables,
        slots=problem.slots,
        morning=problem.morning_slots,
        forbidden={n: set(s) for n, s in enumerate(problem.forbidden, start=1)},
        fixed=dict(enumerate(problem.fixed, start=1)),
        before={n: set(s) for n, s in enumerate(problem.before, start=1)},
    )


def drawn(seed: int, most_meetings: int = 6) -> Problem:
    """Return a random small problem; about a third of them have no timetable."""
    rng = random.Random(seed)
    people, slots = rng.randint(2, 5), rng.randint(2, 4)
    pairs = [(a, b) for a in range(1, people + 1) for b in range(1, people + 1) if a != b]
    count = rng.randint(1, min(len(pairs), most_meetings))
    morning = rng.randint(1, slots)
    sessions = (1, 2, 3, 3, 3) if morning < slots else (1, 3)
    meetings = tuple(Meeting(a, b, rng.choice(sessions)) for a, b in rng.sample(pairs, count))
    return Problem(
        name=f"drawn {seed}",
        participants=people,
        tables=rng.randint(1, 3),
        slots=slots,
        morning_slots=morning,
        meetings=meetings,
        forbidden=tuple(
            frozenset(s for s in range(1, slots + 1) if rng.random() < 0.08) for _ in range(people)
        ),
        fixed=tuple(rng.choice([0] * 9 + [rng.randint(1, slots)]) for _ in meetings),
        before=tuple(
            frozenset(m for m in range(1, n) if rng.random() < 0.08) for n in range(1, count + 1)
        ),
    )


def solved(
    problem: Problem, definition: Definition, fairness: int, least: int = 0
) -> tuple[int, ...] | None:
    """Return slots of fewest breaks by the model and the prover, in this process."""
    encoding = encode(problem, definition, fairness, least)
    answer = minimise(SatTask(encoding.model))
    return None if answer.status == "infeasible" else encoding.slots(answer.true)


def cost_by_trying(problem: Problem, definition: Definition, fairness: int) -> int | None:
    """Return the fewest breaks by trying every timetable; None if there is none."""
    best: int | None = None
    for slots in product(range(1, problem.slots + 1), repeat=len(problem.meetings)):
        breaks = _breaks(problem, slots, definition)
        if breaks is None or max(breaks) - min(breaks) > fairness:
            continue
        best = sum(breaks) if best is None else min(best, sum(breaks))
    return best


def _breaks(problem: Problem, slots: tuple[int, ...], definition: Definition) -> list[int] | None:
    used: dict[int, list[int]] = {p: [] for p in range(1, problem.participants + 1)}
    for n, (meeting, slot) in enumerate(zip(problem.meetings, slots, strict=True), start=1):
        if slot not in problem.allowed(n):
            return None
        if any(slots[earlier - 1] >= slot for earlier in problem.before[n - 1]):
            return None
        used[meeting.first].append(slot)
        used[meeting.second].append(slot)
    if any(len(set(where)) < len(where) for where in used.values()):
        return None
    if any(slots.count(slot) > problem.tables for slot in set(slots)):
        return None
    return [
        count_breaks(where, problem.forbidden[p - 1] if definition == "avoidable" else frozenset())
        for p, where in used.items()
    ]


def count_breaks(where: list[int], away: frozenset[int]) -> int:
    """Return the breaks of one participant."""
    found = 0
    for slot in where:
        later = [other for other in where if other > slot]
        if later and set(range(slot + 1, min(later))) - away:
            found += 1
    return found


def answered(
    problem: Problem, slots: tuple[int, ...], objective: int, definition: Definition = "jair"
) -> Timetable:
    """Return what a solution file of this timetable holds."""
    answer = Answer(
        slots=slots,
        tables=assign_tables(problem, slots),
        objective=objective,
        bound=objective,
        status="optimal",
        conflict=(),
        seconds=0.0,
        cpu_seconds=0.0,
        seed=1,
        engine="test",
        definition=definition,
        fairness=2,
    )
    made: Timetable = json.loads(json.dumps(solution(problem, answer)))
    return made
