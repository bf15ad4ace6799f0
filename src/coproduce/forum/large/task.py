"""A forum in whole numbers, as the choosing and the placing see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

from coproduce.forum.large.access import Access
from coproduce.forum.large.types import Forum, People
from coproduce.records.errors import ModelError

MOST_HELP_KINDS = 6


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be chosen and placed.

    Attributes:
        names: ids of the participants, by number.
        at_once, most, least, free: of each participant: meetings at once, in all, sold, and open
            slots as bits.
        meetings: people of each possible meeting, by number.
        who: the same in numbers.
        worth, is_must, mask: of each meeting; `mask` are the slots it may lie in, as bits.
        pools: of each meeting, the pools it draws one unit from in its slot.
        room: of each pool and slot, the units there are.
        order: pairs (m, n): m lies before n.
        days: day number of each open slot.
        missed_weight: worth given up for each sold meeting not held.
        table_pools: so many pools, the first ones, are of tables; the rest of interpreters.
    """

    names: tuple[str, ...]
    at_once: tuple[int, ...]
    most: tuple[int, ...]
    least: tuple[int, ...]
    free: tuple[int, ...]
    meetings: tuple[People, ...]
    who: tuple[tuple[int, ...], ...]
    worth: tuple[int, ...]
    is_must: tuple[bool, ...]
    is_fixed: tuple[bool, ...]
    mask: tuple[int, ...]
    pools: tuple[tuple[int, ...], ...]
    room: tuple[tuple[int, ...], ...]
    order: tuple[tuple[int, int], ...]
    days: tuple[int, ...]
    missed_weight: int
    table_pools: int

    @property
    def slots(self) -> int:
        """Number of open slots."""
        return len(self.days)

    def limit(self, person: int) -> int:
        """Return the most meetings a participant can hold."""
        return min(self.most[person], self.at_once[person] * self.free[person].bit_count())


def task_of(forum: Forum, access: Access) -> Task:
    """Return the task: meetings that could lie nowhere are left out."""
    names = tuple(forum.participants)
    number = {name: index for index, name in enumerate(names)}
    booths = _booths(forum)
    people = forum.participants.values()
    masks = ((key, access.mask(wish)) for key, wish in forum.wishes.items())
    possible = [(key, mask) for key, mask in masks if mask]
    meetings = tuple(key for key, _ in possible)
    index = {key: at for at, key in enumerate(meetings)}
    pools, room = _pools(forum, access, meetings, booths)
    days: dict[str, int] = {}
    return Task(
        names=names,
        at_once=tuple(
            min(p.representatives, booths.get(p.participant_id, p.representatives)) for p in people
        ),
        most=tuple(p.max_meetings for p in people),
        least=tuple(p.min_meetings for p in people),
        free=tuple(access.free(name) for name in names),
        meetings=meetings,
        who=tuple(tuple(number[name] for name in key) for key in meetings),
        worth=tuple(forum.wishes[key].value for key in meetings),
        is_must=tuple(forum.wishes[key].kind == "must" or key in forum.fixed for key in meetings),
        is_fixed=tuple(key in forum.fixed for key in meetings),
        mask=tuple(mask for _, mask in possible),
        pools=pools,
        room=room,
        order=tuple(
            (index[one], index[two])
            for one, two in forum.precedences
            if one in index and two in index
        ),
        days=tuple(days.setdefault(forum.slots[slot].day, len(days)) for slot in forum.open_slots),
        missed_weight=forum.settings.missed_minimum_weight,
        table_pools=len({len(people) for people in meetings}),
    )


def _booths(forum: Forum) -> dict[str, int]:
    """Return owner → meetings at once at its booths."""
    booths: dict[str, int] = {}
    for table in forum.tables.values():
        if table.owner_id:
            booths[table.owner_id] = booths.get(table.owner_id, 0) + table.capacity
    return booths


def host_of(forum: Forum, people: People, booths: Collection[str]) -> str:
    """Return whose booth a meeting is held at, or an empty text for a shared table.

    Of two owners the first by id is the host; groups meet at shared tables; a fixed table decides.
    """
    fixed = forum.fixed.get(people)
    if fixed and fixed.table_id:
        return forum.tables[fixed.table_id].owner_id
    if len(people) > 2:
        return ""
    return next((person for person in people if person in booths), "")


def _pools(
    forum: Forum, access: Access, meetings: tuple[People, ...], booths: dict[str, int]
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """Return the pools of each meeting and the units of each pool in each slot.

    Tables are nested by their seats and interpreters by the sets of those who could serve, so
    counting against each pool is enough for an assignment to exist (Hall 1935).
    """
    shared = [table for table in forum.tables.values() if not table.owner_id]
    sizes = sorted({len(people) for people in meetings})
    table_pool = {size: number for number, size in enumerate(sizes)}
    slots = len(access.names)
    room = [
        tuple(
            sum(
                table.capacity
                for table in shared
                if table.seats >= size and slot not in forum.absent.get(table.table_id, ())
            )
            for slot in access.names
        )
        for size in sizes
    ]
    kinds: dict[tuple[str, ...], int] = {}
    needs: list[int] = []
    for people in meetings:
        helpers = None
        if forum.settings.interpretation == "required":
            helpers = access.helpers(forum.wishes[people])
        needs.append(-1 if helpers is None else kinds.setdefault(helpers, len(kinds)))
    if len(kinds) > MOST_HELP_KINDS:
        raise ModelError(
            f"meetings need interpreters in {len(kinds)} different ways; at most "
            f"{MOST_HELP_KINDS} can be planned; merge languages",
            code="F227",
            where="interpreters.csv",
        )
    of_kind: dict[int, list[int]] = {kind: [] for kind in range(len(kinds))}
    listed = list(kinds)
    for count in range(1, len(kinds) + 1):
        for chosen in combinations(range(len(kinds)), count):
            union = {name for kind in chosen for name in listed[kind]}
            room.append(
                tuple(
                    sum(access.free(name) >> slot & 1 for name in union) for slot in range(slots)
                )
            )
            for kind in chosen:
                of_kind[kind].append(len(room) - 1)
    pools = tuple(
        (
            *(
                ()
                if host_of(forum, people, booths)
                else tuple(table_pool[size] for size in sizes if size <= len(people))
            ),
            *(of_kind[need] if need >= 0 else ()),
        )
        for people, need in zip(meetings, needs, strict=True)
    )
    return pools, tuple(room)


__all__ = ["Task", "host_of", "task_of"]
