"""Breaks: how many there are, and the fewest anybody's meetings allow.

A break of a participant is a pair of its consecutive meetings of one day that do not lie in
adjacent open slots (the JAIR definition; ``avoidable`` counts it only if the participant was at
the forum in between).
"""

from __future__ import annotations

from collections.abc import Sequence

from coproduce.forum.large.bitwise import bits

NEVER = 10**6


def breaks_of(busy: int, free: int, days: Sequence[int], definition: str) -> int:
    """Return the breaks of one participant.

    Args:
        busy: open slots in which it meets somebody, as bits.
        free: open slots in which it is at the forum, as bits.
        days: day number of each open slot.
        definition: ``jair`` or ``avoidable``.

    Example:
        >>> breaks_of(0b1101, 0b1111, [0, 0, 0, 0], "jair")
        1
        >>> breaks_of(0b1101, 0b1101, [0, 0, 0, 0], "avoidable")
        0
        >>> breaks_of(0b1101, 0b1111, [0, 0, 1, 1], "jair")
        0
    """
    count, last = 0, -1
    for slot in bits(busy):
        if last >= 0 and days[slot] == days[last] and slot > last + 1:
            between = (1 << slot) - (1 << last + 1)
            count += definition == "jair" or bool(free & between)
        last = slot
    return count


def fewest_breaks(
    masks: Sequence[int], at_once: int, free: int, days: Sequence[int], definition: str
) -> int:
    """Return a number of breaks below which no timetable of these meetings can go.

    The participant needs so many slots; within a day the longest stretches of its presence are
    taken first, and the days share the meetings in the best way.

    Args:
        masks: slots each of its meetings may lie in, as bits.
        at_once: meetings at the same time.
        free, days, definition: as for `breaks_of`.

    Example:
        >>> fewest_breaks([0b11011] * 3, 1, 0b11011, [0] * 5, "jair")
        1
        >>> fewest_breaks([0b11011] * 3, 1, 0b11011, [0, 0, 0, 1, 1], "jair")
        0
    """
    if definition == "avoidable" or not masks:
        return 0
    union = 0
    for mask in masks:
        union |= mask
    need = -(-len(masks) // at_once)
    best = [0] + [NEVER] * need
    for lengths in _stretches(union & free, days):
        cost = [0]
        for count, length in enumerate(sorted(lengths, reverse=True)):
            cost += [count] * length
        best = [
            min(best[total - here] + cost[here] for here in range(min(total, len(cost) - 1) + 1))
            for total in range(need + 1)
        ]
    return max(0, best[need]) if best[need] < NEVER else 0


def _stretches(free: int, days: Sequence[int]) -> list[list[int]]:
    """Return, of each day, the lengths of the stretches of adjacent slots."""
    found: dict[int, list[int]] = {}
    last = -2
    for slot in bits(free):
        lengths = found.setdefault(days[slot], [])
        if lengths and slot == last + 1:
            lengths[-1] += 1
        else:
            lengths.append(1)
        last = slot
    return list(found.values())


__all__ = ["breaks_of", "fewest_breaks"]
