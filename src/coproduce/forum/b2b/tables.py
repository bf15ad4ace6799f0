"""Tables for a timetable: any choice is right, few changes are kinder."""

from __future__ import annotations

from coproduce.forum.b2b.types import Problem


def assign_tables(problem: Problem, slots: tuple[int, ...]) -> tuple[int, ...]:
    """Return a table for each meeting; people stay where they last sat if they can.

    Args:
        problem: as read.
        slots: of each meeting; at most as many in one slot as there are tables.
    """
    tables = [0] * len(slots)
    seat: dict[int, int] = {}
    for slot in range(1, problem.slots + 1):
        numbers = [number for number, where in enumerate(slots, start=1) if where == slot]
        free = set(range(1, problem.tables + 1))
        for both_stay in (True, False):
            for number in numbers:
                meeting = problem.meetings[number - 1]
                seats = [seat.get(meeting.first), seat.get(meeting.second)]
                wanted = [t for t in seats if t in free]
                if tables[number - 1] or not wanted or (both_stay and seats[0] != seats[1]):
                    continue
                tables[number - 1] = min(t for t in wanted if t is not None)
                free.discard(tables[number - 1])
        for number in numbers:
            if not tables[number - 1]:
                tables[number - 1] = min(free)
                free.discard(tables[number - 1])
            meeting = problem.meetings[number - 1]
            seat[meeting.first] = seat[meeting.second] = tables[number - 1]
    return tuple(tables)


__all__ = ["assign_tables"]
