"""Reasons why a problem has no timetable that a person can check by hand.

Not finding one proves nothing; finding one proves that there is no timetable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from coproduce.forum.b2b.types import AFTERNOON, MORNING, Problem


def find_conflicts(problem: Problem) -> tuple[str, ...]:
    """Return what cannot hold together, people, meetings and slots named; empty: nothing found."""
    checks: tuple[Callable[[Problem], Iterable[str]], ...] = (
        _meetings_without_slot,
        _fixed_together,
        _too_few_slots_of_a_person,
        _too_few_tables,
        _order_in_a_circle,
    )
    for check in checks:
        found = tuple(check(problem))
        if found:
            return found
    return ()


def _named(problem: Problem, number: int) -> str:
    meeting = problem.meetings[number - 1]
    return f"meeting {number} of participants {meeting.first} and {meeting.second}"


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(number) for number in sorted(numbers)) or "none"


def _meetings_without_slot(problem: Problem) -> Iterable[str]:
    words = {MORNING: "morning", AFTERNOON: "afternoon"}
    for number, meeting in enumerate(problem.meetings, start=1):
        if problem.allowed(number):
            continue
        fixed = problem.fixed[number - 1]
        asked = f"its session is the {words[meeting.session]}" if meeting.session in words else ""
        at = f"it is fixed at slot {fixed}" if fixed else ""
        closed = "; ".join(
            f"participant {person} is away in slots {_listed(problem.forbidden[person - 1])}"
            for person in (meeting.first, meeting.second)
        )
        reasons = "; ".join(part for part in (at, asked, closed) if part)
        yield f"{_named(problem, number)} has no slot it may lie in: {reasons}"


def _fixed_together(problem: Problem) -> Iterable[str]:
    taken: dict[tuple[int, int], int] = {}
    for number, meeting in enumerate(problem.meetings, start=1):
        slot = problem.fixed[number - 1]
        for person in (meeting.first, meeting.second) if slot else ():
            other = taken.setdefault((person, slot), number)
            if other != number:
                yield (
                    f"{_named(problem, other)} and {_named(problem, number)} are both fixed at "
                    f"slot {slot}, and participant {person} takes part in both"
                )


def _too_few_slots_of_a_person(problem: Problem) -> Iterable[str]:
    for person, numbers in enumerate(problem.meetings_of(), start=1):
        stuck = _overfull({number: problem.allowed(number) for number in numbers})
        if stuck:
            slots = {slot for number in stuck for slot in problem.allowed(number)}
            others = {
                meeting.second if meeting.first == person else meeting.first
                for meeting in (problem.meetings[number - 1] for number in stuck)
            }
            yield (
                f"participant {person} has {len(stuck)} meetings (with participants "
                f"{_listed(others)}) for only {len(slots)} slots: {_listed(slots)}"
            )


def _overfull(choices: dict[int, tuple[int, ...]]) -> set[int]:
    """Return meetings that have fewer slots between them than they are (Hall 1935), or none."""
    holder: dict[int, int] = {}

    def place(number: int, seen: set[int], tried: set[int]) -> bool:
        tried.add(number)
        for slot in choices[number]:
            if slot in seen:
                continue
            seen.add(slot)
            if slot not in holder or place(holder[slot], seen, tried):
                holder[slot] = number
                return True
        return False

    for number in choices:
        tried: set[int] = set()
        if not place(number, set(), tried):
            return tried
    return set()


def _too_few_tables(problem: Problem) -> Iterable[str]:
    fixed = Counter(slot for slot in problem.fixed if slot)
    for slot, count in sorted(fixed.items()):
        if count > problem.tables:
            yield f"{count} meetings are fixed at slot {slot}, which has {problem.tables} tables"
    morning = [n for n, m in enumerate(problem.meetings, start=1) if m.session == MORNING]
    afternoon = [n for n, m in enumerate(problem.meetings, start=1) if m.session == AFTERNOON]
    everything = range(1, len(problem.meetings) + 1)
    spans: tuple[tuple[str, Sequence[int], int], ...] = (
        ("the morning", morning, problem.morning_slots),
        ("the afternoon", afternoon, problem.slots - problem.morning_slots),
        ("the forum", everything, problem.slots),
    )
    for words, numbers, slots in spans:
        if len(numbers) > slots * problem.tables:
            yield (
                f"{len(numbers)} meetings must lie in {words}, which has room for "
                f"{slots * problem.tables} ({slots} slots × {problem.tables} tables)"
            )


def _order_in_a_circle(problem: Problem) -> Iterable[str]:
    order = TopologicalSorter(dict(enumerate(problem.before, start=1)))
    try:
        order.prepare()
    except CycleError as error:
        circle = " before ".join(str(number) for number in error.args[1])
        yield f"the precedences run in a circle: meeting {circle}"


__all__ = ["find_conflicts"]
