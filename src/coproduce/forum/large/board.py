"""The timetable being built: who is free when, and meetings moved along alternating paths.

A slot is a colour and each representative a vertex: two meetings of one representative lie in
different slots. A meeting without a common free slot gets one by swapping two slots along the
component that hangs on one of its people (Kempe 1879, König 1916), as far as availability, tables
and interpreters allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from coproduce.forum.large.bitwise import bits
from coproduce.forum.large.breaks import breaks_of
from coproduce.forum.large.task import Task

MOST_COMPONENT = 600
MOST_SWAPS = 80
MOST_SHIFTS = 200


class Board:
    """Meetings with slots; every change keeps all limits.

    Args:
        task: the forum in numbers.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.slot_of: dict[int, int] = {}
        self.members: list[set[int]] = [set() for _ in range(task.slots)]
        self.held = [0] * len(task.names)
        self.limit = [task.limit(person) for person in range(len(task.names))]
        self.free = list(task.free)
        self.away = [0] * len(task.names)
        self.room = [list(pool) for pool in task.room]
        self._first_seat: list[int] = []
        self._seats_of: list[range] = []
        count = 0
        for once in task.at_once:
            self._seats_of.append(range(count, count + once))
            count += once
        self._at: list[list[int]] = [[-1] * task.slots for _ in range(count)]
        self._sitting: dict[int, tuple[int, ...]] = {}
        self._load = [[0] * task.slots for _ in task.room]
        self._open = [
            sum(1 << slot for slot, units in enumerate(pool) if units > 0) for pool in task.room
        ]
        self._before: dict[int, list[int]] = {}
        self._after: dict[int, list[int]] = {}
        for first, then in task.order:
            self._before.setdefault(then, []).append(first)
            self._after.setdefault(first, []).append(then)
        self._is_pinned = list(task.is_fixed)
        for first, then in task.order:
            self._is_pinned[first] = self._is_pinned[then] = True

    def slots_left(self, meeting: int) -> int:
        """Return the slots in which all is free for a meeting, as bits."""
        mask = self.in_order(meeting)
        for person in self.task.who[meeting]:
            mask &= self.free[person]
        for pool in self.task.pools[meeting]:
            mask &= self._open[pool]
        return mask

    def in_order(self, meeting: int) -> int:
        """Return the slots a meeting may lie in given the precedences of what is held."""
        mask = self.task.mask[meeting]
        for first in self._before.get(meeting, ()):
            if first in self.slot_of:
                mask &= ~((1 << self.slot_of[first] + 1) - 1)
        for then in self._after.get(meeting, ()):
            if then in self.slot_of:
                mask &= (1 << self.slot_of[then]) - 1
        return mask

    def may_hold(self, meeting: int) -> bool:
        """Return whether the totals of all its people leave room."""
        return all(self.held[person] < self.limit[person] for person in self.task.who[meeting])

    def put(self, meeting: int, slot: int) -> None:
        """Place a meeting where `slots_left` allows it."""
        seats = tuple(
            next(seat for seat in self._seats_of[person] if self._at[seat][slot] < 0)
            for person in self.task.who[meeting]
        )
        self._sit(meeting, slot, seats)
        for person in self.task.who[meeting]:
            self.held[person] += 1

    def take(self, meeting: int) -> int:
        """Remove a meeting and return the slot it had."""
        slot = self.slot_of[meeting]
        self._rise(meeting)
        del self._sitting[meeting]
        for person in self.task.who[meeting]:
            self.held[person] -= 1
        return slot

    def _sit(self, meeting: int, slot: int, seats: tuple[int, ...]) -> None:
        task = self.task
        for seat in seats:
            self._at[seat][slot] = meeting
        for person in task.who[meeting]:
            if all(self._at[seat][slot] >= 0 for seat in self._seats_of[person]):
                self.free[person] &= ~(1 << slot)
        for pool in task.pools[meeting]:
            self._load[pool][slot] += 1
            if self._load[pool][slot] >= self.room[pool][slot]:
                self._open[pool] &= ~(1 << slot)
        self.slot_of[meeting] = slot
        self.members[slot].add(meeting)
        self._sitting[meeting] = seats

    def _rise(self, meeting: int) -> tuple[int, ...]:
        slot = self.slot_of.pop(meeting)
        seats = self._sitting[meeting]
        for seat in seats:
            self._at[seat][slot] = -1
        for person in self.task.who[meeting]:
            self.free[person] |= 1 << slot & ~self.away[person]
        for pool in self.task.pools[meeting]:
            self._load[pool][slot] -= 1
            if self._spare(pool, slot) > 0:
                self._open[pool] |= 1 << slot
        self.members[slot].discard(meeting)
        return seats

    def _spare(self, pool: int, slot: int) -> int:
        return self.room[pool][slot] - self._load[pool][slot]

    def best(self, mask: int, meeting: int) -> int:
        """Return the slot of a mask with most room left at the tables, the earliest of equals."""
        pools = self.task.pools[meeting]
        slots = list(bits(mask))
        if not pools:
            return slots[0]
        return max(slots, key=lambda slot: (self._spare(pools[0], slot), -slot))

    def insert(self, meeting: int) -> bool:
        """Place a meeting, moving others along paths if need be; False if none was found."""
        if not self.may_hold(meeting):
            return False
        mask = self.slots_left(meeting)
        if mask:
            self.put(meeting, self.best(mask, meeting))
            return True
        if not all(self._open[pool] for pool in self.task.pools[meeting]):
            return False
        return self._by_shift(meeting) or (
            len(self.task.who[meeting]) == 2 and self._by_swap(meeting)
        )

    def _by_shift(self, meeting: int) -> bool:
        """All its people share a free slot but a pool is full there: move somebody else away."""
        mask = self.in_order(meeting)
        for person in self.task.who[meeting]:
            mask &= self.free[person]
        pools = self.task.pools[meeting]
        for slot in bits(mask):
            full = [pool for pool in pools if self._spare(pool, slot) <= 0]
            tried = 0
            for other in sorted(self.members[slot]):
                if self._is_pinned[other] or any(
                    pool not in self.task.pools[other] for pool in full
                ):
                    continue
                tried += 1
                if tried > MOST_SHIFTS:
                    break
                left = self.slots_left(other) & ~(1 << slot)
                if left:
                    self.take(other)
                    self.put(other, self.best(left, other))
                    self.put(meeting, slot)
                    return True
        return False

    def _by_swap(self, meeting: int) -> bool:
        first, second = self.task.who[meeting]
        mask = self.in_order(meeting)
        tried = 0
        for ours in bits(self.free[first] & mask):
            for theirs in bits(self.free[second] & mask):
                for start, slot, other, away in (
                    (second, ours, theirs, first),
                    (first, theirs, ours, second),
                ):
                    tried += 1
                    if tried > MOST_SWAPS:
                        return False
                    if self._swap(meeting, start, (slot, other), away):
                        return True
        return False

    def _swap(self, meeting: int, start: int, slots: tuple[int, int], away: int) -> bool:
        """Free `slots[0]` of `start` by swapping both slots along its component."""
        slot, other = slots
        seat = next(seat for seat in self._seats_of[start] if self._at[seat][other] < 0)
        component = self._component(seat, slot, other)
        if component is None:
            return False
        kept = next(seat for seat in self._seats_of[away] if self._at[seat][slot] < 0)
        if any(kept in self._sitting[each] for each in component):
            return False
        if not self._pools_allow(meeting, component, slot, other):
            return False
        self.exchange(component, slot, other)
        self.put(meeting, slot)
        return True

    def exchange(self, component: Sequence[int], slot: int, other: int) -> None:
        """Move each meeting of a component from one of two slots to the other."""
        turned = {slot: other, other: slot}
        moved = [(each, turned[self.slot_of[each]]) for each in component]
        seats = [self._rise(each) for each, _ in moved]
        for (each, new), own in zip(moved, seats, strict=True):
            self._sit(each, new, own)

    def _component(self, seat: int, slot: int, other: int) -> list[int] | None:
        """Return the meetings of both slots that hang together from a seat's meeting in `slot`."""
        start = self._at[seat][slot]
        if start < 0:
            return []
        found = [start]
        seen = {start}
        for each in found:
            here = self.slot_of[each]
            target = other if here == slot else slot
            if self._is_pinned[each] or not self.task.mask[each] >> target & 1:
                return None
            for sitting in self._sitting[each]:
                neighbour = self._at[sitting][target]
                if neighbour >= 0 and neighbour not in seen:
                    seen.add(neighbour)
                    found.append(neighbour)
            if len(found) > MOST_COMPONENT:
                return None
        return found

    def _pools_allow(self, meeting: int, component: Sequence[int], slot: int, other: int) -> bool:
        change: dict[int, int] = dict.fromkeys(self.task.pools[meeting], 1)
        gain: dict[int, int] = {}
        for each in component:
            step = -1 if self.slot_of[each] == slot else 1
            for pool in self.task.pools[each]:
                gain[pool] = gain.get(pool, 0) + step
        for pool, step in gain.items():
            if step + change.get(pool, 0) > self._spare(pool, slot):
                return False
            if -step > self._spare(pool, other):
                return False
        return all(
            pool in gain or self._spare(pool, slot) >= step for pool, step in change.items()
        )

    def blockers(self, meeting: int, slot: int) -> list[int] | None:
        """Return the meetings to be removed so that this one fits into a slot; None: it cannot."""
        found: set[int] = set()
        for person in self.task.who[meeting]:
            if not self.task.free[person] >> slot & 1:
                return None
            if not self.free[person] >> slot & 1:
                mine = [self._at[seat][slot] for seat in self._seats_of[person]]
                found.add(min(mine, key=lambda each: (self.task.worth[each], each)))
        for pool in self.task.pools[meeting]:
            freed = sum(1 for each in found if pool in self.task.pools[each])
            if self._spare(pool, slot) + freed <= 0:
                return None
        return sorted(found)

    def leave(self, person: int, slots: int) -> None:
        """Let a participant be away in further slots; its meetings there stay until taken."""
        self.away[person] |= slots
        self.free[person] &= ~slots

    def shrink(self, pool: int, slot: int, units: int) -> None:
        """Take units of a pool away in one slot; what is over stays until taken."""
        self.room[pool][slot] -= units
        if self._spare(pool, slot) <= 0:
            self._open[pool] &= ~(1 << slot)

    def over(self, pool: int, slot: int) -> bool:
        """Return whether more is drawn from a pool than there is."""
        return self._spare(pool, slot) < 0

    def open(self, pool: int) -> int:
        """Return the slots in which a pool has a unit left, as bits."""
        return self._open[pool]

    def is_pinned(self, meeting: int) -> bool:
        """Return whether a meeting must not be moved: fixed, or tied by a precedence."""
        return self._is_pinned[meeting]

    def seats(self, meeting: int) -> tuple[int, ...]:
        """Return the seats (representatives) of a meeting held."""
        return self._sitting[meeting]

    def seats_free(self, person: int, slot: int) -> int:
        """Return how many representatives of a participant are free in a slot."""
        if not self.free[person] >> slot & 1:
            return 0
        return sum(self._at[seat][slot] < 0 for seat in self._seats_of[person])

    def spare(self) -> list[list[int]]:
        """Return the units left of each pool in each slot."""
        return [
            [self._spare(pool, slot) for slot in range(self.task.slots)]
            for pool in range(len(self.task.room))
        ]

    def busy(self, person: int) -> int:
        """Return the slots in which a participant meets somebody, as bits."""
        mask = 0
        for seat in self._seats_of[person]:
            for slot, meeting in enumerate(self._at[seat]):
                if meeting >= 0:
                    mask |= 1 << slot
        return mask

    def breaks(self, definition: str) -> list[int]:
        """Return the breaks of each participant."""
        return [
            breaks_of(self.busy(person), self.task.free[person], self.task.days, definition)
            for person in range(len(self.task.names))
        ]

    def move_all(self, slots: dict[int, int]) -> None:
        """Give every meeting held the slot named; the caller knows that all limits are kept."""
        seats = {meeting: self._rise(meeting) for meeting in sorted(slots)}
        for meeting, slot in sorted(slots.items()):
            self._sit(meeting, slot, seats[meeting])

    def of_person(self, person: int) -> Iterator[int]:
        """Yield the meetings of a participant."""
        for seat in self._seats_of[person]:
            for meeting in self._at[seat]:
                if meeting >= 0:
                    yield meeting


def place(board: Board, chosen: Iterable[int]) -> list[int]:
    """Place the chosen meetings and return those that found no place."""
    task = board.task

    def rank(meeting: int) -> tuple[bool, bool, bool, int, int]:
        slots = task.mask[meeting].bit_count()
        is_ordered = meeting in board._before or meeting in board._after
        is_wish = not task.is_must[meeting]
        return (not task.is_fixed[meeting], not is_ordered, is_wish, slots, meeting)

    return [meeting for meeting in sorted(chosen, key=rank) if not board.insert(meeting)]


__all__ = ["Board", "place"]
