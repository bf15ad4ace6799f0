"""Slots for chosen meetings without a search: edge colouring by alternating paths.

A slot is a colour: two meetings of one representative need different colours. For two sides this
places every meeting as long as nobody has more than slots times representatives (König 1916).
Among any people, a few may stay without a slot; the caller sees which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

Seat = tuple[int, int]
"""A participant and one of its representatives."""


class Colouring:
    """Meetings with slots, changed along alternating paths.

    Args:
        pairs: the two participants of each meeting.
        representatives: of each participant.
        slots: number of slots.
    """

    def __init__(
        self, pairs: Sequence[tuple[int, int]], representatives: Sequence[int], slots: int
    ) -> None:
        self.pairs = pairs
        self.representatives = representatives
        self.slots = slots
        self.slot_of: dict[int, int] = {}
        self.seats: dict[int, tuple[Seat, Seat]] = {}
        self.at: dict[Seat, dict[int, int]] = defaultdict(dict)

    def place(self, meetings: Iterable[int]) -> None:
        """Give a slot to each meeting, in the order given, where a place is found."""
        for meeting in meetings:
            first, second = (self._seat(person) for person in self.pairs[meeting])
            if first is None or second is None:
                continue
            slot = self._common_slot(first, second)
            if slot is not None:
                self._set(meeting, (first, second), slot)

    def level(self, tables: int) -> None:
        """Move meetings from slots with more than `tables` of them to slots with room."""
        members: dict[int, set[int]] = {slot: set() for slot in range(self.slots)}
        for meeting, slot in self.slot_of.items():
            members[slot].add(meeting)
        while members:
            full = max(members, key=lambda slot: (len(members[slot]), -slot))
            free = min(members, key=lambda slot: (len(members[slot]), slot))
            if len(members[full]) <= tables or len(members[full]) <= len(members[free]) + 1:
                return
            for path in self._paths(full, free, members[full]):
                leaving = [meeting for meeting in path if self.slot_of[meeting] == full]
                if 2 * len(leaving) > len(path):
                    self._swap(path, full, free)
                    members[full] ^= set(path)
                    members[free] ^= set(path)
                    break

    def _seat(self, person: int) -> Seat | None:
        """Return the person's first representative with a free slot."""
        seats = ((person, index) for index in range(self.representatives[person]))
        return next((seat for seat in seats if len(self.at[seat]) < self.slots), None)

    def _common_slot(self, first: Seat, second: Seat) -> int | None:
        """Return a slot free for both, freed along an alternating path if need be."""
        free_first = [slot for slot in range(self.slots) if slot not in self.at[first]]
        free_second = [slot for slot in range(self.slots) if slot not in self.at[second]]
        shared = set(free_first) & set(free_second)
        if shared:
            return min(shared)
        for ours in free_first:
            for theirs in free_second:
                path = self._path(second, ours, theirs)
                ends = {seat for meeting in path for seat in self.seats[meeting]}
                if first not in ends:
                    self._swap(path, ours, theirs)
                    return ours
        return None

    def _path(self, start: Seat, slot: int, other: int) -> list[int]:
        """Return the meetings met by leaving `start` in `slot`, then `other`, in turn."""
        path: list[int] = []
        seat = start
        while slot in self.at[seat]:
            meeting = self.at[seat][slot]
            if path and meeting == path[0]:
                break
            path.append(meeting)
            one, two = self.seats[meeting]
            seat = two if seat == one else one
            slot, other = other, slot
        return path

    def _paths(self, slot: int, other: int, members: set[int]) -> Iterable[list[int]]:
        """Yield the alternating paths that begin and may end with a meeting of `slot`."""
        for meeting in sorted(members):
            for seat in self.seats[meeting]:
                if other not in self.at[seat]:
                    yield self._path(seat, slot, other)

    def _swap(self, path: Sequence[int], slot: int, other: int) -> None:
        turned = {slot: other, other: slot}
        moved = [(meeting, turned[self.slot_of[meeting]]) for meeting in path]
        for meeting, _ in moved:
            for seat in self.seats[meeting]:
                self.at[seat].pop(self.slot_of[meeting], None)
        for meeting, new in moved:
            self._set(meeting, self.seats[meeting], new)

    def _set(self, meeting: int, seats: tuple[Seat, Seat], slot: int) -> None:
        self.slot_of[meeting] = slot
        self.seats[meeting] = seats
        for seat in seats:
            self.at[seat][slot] = meeting


def fill(
    start: dict[int, int],
    meetings: Iterable[int],
    pairs: Sequence[tuple[int, int]],
    limits: tuple[Sequence[int], Sequence[int]],
    room: tuple[int, int],
) -> dict[int, int]:
    """Return a timetable with every further meeting that fits as it is, tried in order.

    Args:
        start: meeting → slot.
        meetings: what to try, best first.
        pairs: the two participants of each meeting.
        limits: most meetings in all and at once, of each participant.
        room: number of slots and of tables.
    """
    most, at_once = limits
    slots, tables = room
    placed = dict(start)
    total: dict[int, int] = defaultdict(int)
    busy: dict[tuple[int, int], int] = defaultdict(int)
    taken: dict[int, int] = defaultdict(int)

    def add(meeting: int, slot: int) -> None:
        placed[meeting] = slot
        taken[slot] += 1
        for person in pairs[meeting]:
            total[person] += 1
            busy[person, slot] += 1

    for meeting, slot in start.items():
        add(meeting, slot)
    for meeting in meetings:
        if meeting in placed or any(total[who] >= most[who] for who in pairs[meeting]):
            continue
        for slot in range(slots):
            is_free = all(busy[who, slot] < at_once[who] for who in pairs[meeting])
            if is_free and taken[slot] < tables:
                add(meeting, slot)
                break
    return placed


__all__ = ["Colouring", "fill"]
