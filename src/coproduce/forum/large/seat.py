"""Tables and interpreters for meetings that have slots: people stay where they sit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import hypot

import numpy as np

from coproduce.forum.large.access import Access
from coproduce.forum.large.task import host_of
from coproduce.forum.large.types import Forum, People, Table

MOVE_COST = 1000.0
FORBIDDEN = 1e9
MOST_EXACT = 300


def tables_of(forum: Forum, slot_of: Mapping[People, str]) -> dict[People, str]:
    """Return the table of each meeting.

    Slot by slot the meetings are assigned so that as few people as possible change tables and
    those who do walk little; exactly (Hungarian method) up to 300 tables, else one by one.

    Args:
        forum: tables with positions.
        slot_of: meeting → slot.
    """
    owners: dict[str, list[Table]] = {}
    shared: list[Table] = []
    for table in forum.tables.values():
        if table.owner_id:
            owners.setdefault(table.owner_id, []).append(table)
        shared += [table] * (0 if table.owner_id else table.capacity)
    by_slot: dict[str, list[People]] = {slot: [] for slot in forum.open_slots}
    for people, slot in sorted(slot_of.items()):
        by_slot[slot].append(people)
    found: dict[People, str] = {}
    last: dict[str, Table] = {}
    day = ""
    for slot, meetings in by_slot.items():
        if forum.slots[slot].day != day:
            last, day = {}, forum.slots[slot].day
        here = [t for t in shared if slot not in forum.absent.get(t.table_id, ())]
        found.update(_one_slot(forum, meetings, owners, here, last))
        for people in meetings:
            for person in people:
                last[person] = forum.tables[found[people]]
    return found


def _one_slot(
    forum: Forum,
    meetings: Sequence[People],
    owners: Mapping[str, list[Table]],
    shared: list[Table],
    last: Mapping[str, Table],
) -> dict[People, str]:
    found: dict[People, str] = {}
    left = list(shared)
    at_booth: dict[str, int] = {}
    rest: list[People] = []
    for people in meetings:
        fixed = forum.fixed.get(people)
        host = host_of(forum, people, owners)
        if fixed and fixed.table_id:
            found[people] = fixed.table_id
            if not host:
                left.remove(forum.tables[fixed.table_id])
        elif host:
            booths = [table for table in owners[host] for _ in range(table.capacity)]
            found[people] = booths[at_booth.get(host, 0)].table_id
            at_booth[host] = at_booth.get(host, 0) + 1
        else:
            rest.append(people)
    if rest:
        found.update(_assigned(rest, left, last))
    return found


def _assigned(
    meetings: list[People], tables: list[Table], last: Mapping[str, Table]
) -> dict[People, str]:
    if len(tables) > MOST_EXACT:
        return _nearest(meetings, tables, last)
    from scipy.optimize import linear_sum_assignment  # type: ignore[attr-defined]

    xs = np.array([table.x_m for table in tables])
    ys = np.array([table.y_m for table in tables])
    seats = np.array([table.seats for table in tables])
    places: dict[str, list[int]] = {}
    for column, table in enumerate(tables):
        places.setdefault(table.table_id, []).append(column)
    cost = np.zeros((len(meetings), len(tables)))
    for row, people in enumerate(meetings):
        for person in people:
            if person in last:
                was = last[person]
                walk = MOVE_COST + np.hypot(xs - was.x_m, ys - was.y_m)
                walk[places.get(was.table_id, [])] = 0.0
                cost[row] += walk
        cost[row, seats < len(people)] = FORBIDDEN
    rows, columns = linear_sum_assignment(cost)
    return {
        meetings[row]: tables[column].table_id for row, column in zip(rows, columns, strict=True)
    }


def _nearest(
    meetings: list[People], tables: list[Table], last: Mapping[str, Table]
) -> dict[People, str]:
    """Large halls: big groups first, then whoever can stay does, then the nearest free table."""
    free: dict[str, int] = {}
    known = {table.table_id: table for table in tables}
    for table in tables:
        free[table.table_id] = free.get(table.table_id, 0) + 1
    found: dict[People, str] = {}

    def sit(people: People, table_id: str) -> None:
        found[people] = table_id
        free[table_id] -= 1
        if not free[table_id]:
            del free[table_id]

    order = sorted(meetings, key=lambda people: (-len(people), people))
    for people in order:
        was = [last[person] for person in people if person in last]
        stay = [t for t in was if t.table_id in free and t.seats >= len(people)]
        if stay:
            sit(people, max(stay, key=was.count).table_id)
    names = list(known)
    index = {name: at for at, name in enumerate(names)}
    is_free = np.array([name in free for name in names])
    xs = np.array([known[name].x_m for name in names])
    ys = np.array([known[name].y_m for name in names])
    seats = np.array([known[name].seats for name in names])
    for people in order:
        if people in found:
            continue
        cost = np.zeros(len(names))
        for person in people:
            if person in last:
                cost += np.hypot(xs - last[person].x_m, ys - last[person].y_m)
        cost = np.where(is_free & (seats >= len(people)), cost, FORBIDDEN)
        sit(people, names[int(np.argmin(cost))])
        is_free[index[found[people]]] = found[people] in free
    return found


def interpreters_of(
    forum: Forum, access: Access, slot_of: Mapping[People, str]
) -> dict[People, str]:
    """Return the interpreter of each meeting that needs one and gets one.

    As many meetings of a slot as possible are served, by augmenting paths; those who worked
    least so far are asked first.
    """
    if not forum.interpreters:
        return {}
    number = {slot: index for index, slot in enumerate(forum.open_slots)}
    by_slot: dict[str, list[tuple[People, tuple[str, ...]]]] = {}
    for people, slot in sorted(slot_of.items()):
        helpers = access.helpers(forum.wishes[people])
        if helpers is not None:
            there = tuple(n for n in helpers if access.free(n) >> number[slot] & 1)
            by_slot.setdefault(slot, []).append((people, there))
    worked = dict.fromkeys(forum.interpreters, 0)
    found: dict[People, str] = {}
    for slot in forum.open_slots:
        served = _served(by_slot.get(slot, ()), worked)
        for name, people in served.items():
            worked[name] += 1
            found[people] = name
    return found


def _served(
    needs: Iterable[tuple[People, tuple[str, ...]]], worked: Mapping[str, int]
) -> dict[str, People]:
    of = dict(needs)
    served: dict[str, People] = {}

    def give(people: People, seen: set[str]) -> bool:
        for name in sorted(of[people], key=lambda each: (each in served, worked[each], each)):
            if name in seen:
                continue
            seen.add(name)
            if name not in served or give(served[name], seen):
                served[name] = people
                return True
        return False

    for people in of:
        give(people, set())
    return served


def walking(
    forum: Forum, slot_of: Mapping[People, str], table_of: Mapping[People, str]
) -> tuple[int, float]:
    """Return how often people change tables within a day and how far they walk in all (m)."""
    visits: dict[str, list[tuple[int, str]]] = {}
    for people, slot in slot_of.items():
        for person in people:
            visits.setdefault(person, []).append((forum.slots[slot].slot_no, table_of[people]))
    day = {slot.slot_no: slot.day for slot in forum.slots.values()}
    changes, metres = 0, 0.0
    for visited in visits.values():
        visited.sort()
        for (then, one), (now, two) in pairwise(visited):
            if day[then] == day[now] and one != two:
                a, b = forum.tables[one], forum.tables[two]
                changes += 1
                metres += hypot(a.x_m - b.x_m, a.y_m - b.y_m)
    return changes, round(metres, 1)


__all__ = ["interpreters_of", "tables_of", "walking"]
