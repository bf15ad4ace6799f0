"""The inner loop of the polish: moves along two-slot components, kept if breaks do not suffer.

Written so that numba can compile it and plain Python can run it; both give the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

Array = Any
Kernel = TypeVar("Kernel", bound=Callable[..., Any])
MOST_CHAIN = 60
MODULUS, FACTOR = 2147483647, 48271  # Lehmer's generator, Park and Miller (1988)


def jit(function: Kernel) -> Kernel:
    """Return the function compiled if numba is there, else as it is."""
    try:
        import numba
    except ImportError:
        return function
    make: Any = numba.njit(cache=True)
    compiled: Kernel = make(function)
    return compiled


@jit
def _breaks(
    at: Array, seats: Array, first: int, last: int, free: Array, days: Array, is_jair: bool
) -> int:
    count = 0
    before = -1
    was_free = False
    for slot in range(days.shape[0]):
        is_busy = False
        for place in range(first, last):
            if at[seats[place], slot] >= 0:
                is_busy = True
        if is_busy:
            if (
                before >= 0
                and days[slot] == days[before]
                and slot > before + 1
                and (is_jair or was_free)
            ):
                count += 1
            before = slot
            was_free = False
        elif free[slot]:
            was_free = True
    return count


@jit
def _chain(
    chain: Array,
    mark: Array,
    stamp: int,
    meeting: int,
    target: int,
    slot_of: Array,
    sitting: Array,
    at: Array,
    may: Array,
) -> int:
    """Collect the component of a meeting in its slot and `target`; 0 if it cannot be turned."""
    here = slot_of[meeting]
    chain[0] = meeting
    mark[meeting] = stamp
    count = 1
    index = 0
    while index < count:
        each = chain[index]
        index += 1
        goal = target if slot_of[each] == here else here
        if not may[each, goal]:
            return 0
        for column in range(sitting.shape[1]):
            seat = sitting[each, column]
            if seat < 0:
                break
            other = at[seat, goal]
            if other >= 0 and mark[other] != stamp:
                if count >= chain.shape[0]:
                    return 0
                mark[other] = stamp
                chain[count] = other
                count += 1
    return count


@jit
def _pools_allow(
    chain: Array,
    count: int,
    here: int,
    target: int,
    slot_of: Array,
    pools: Array,
    spare: Array,
    sign: int,
) -> bool:
    """Shift the loads of both slots, back with `sign` -1; return whether none overflows."""
    for index in range(count):
        each = chain[index]
        goes = sign if slot_of[each] == here else -sign
        for column in range(pools.shape[1]):
            pool = pools[each, column]
            if pool < 0:
                break
            spare[pool, target] -= goes
            spare[pool, here] += goes
    for index in range(count):
        for column in range(pools.shape[1]):
            pool = pools[chain[index], column]
            if pool < 0:
                break
            if spare[pool, target] < 0 or spare[pool, here] < 0:
                return False
    return True


@jit
def _turn(
    chain: Array, count: int, here: int, target: int, slot_of: Array, sitting: Array, at: Array
) -> None:
    for index in range(count):
        each = chain[index]
        for column in range(sitting.shape[1]):
            seat = sitting[each, column]
            if seat < 0:
                break
            at[seat, slot_of[each]] = -1
    for index in range(count):
        each = chain[index]
        slot_of[each] = target if slot_of[each] == here else here
        for column in range(sitting.shape[1]):
            seat = sitting[each, column]
            if seat < 0:
                break
            at[seat, slot_of[each]] = each


@jit
def _cost(count: int, fairness: int) -> int:
    """A break costs 100; more of them at one participant than is fair cost much more."""
    if fairness >= 0 and count > fairness:
        return 100 * count + 1000 * (count - fairness)
    return 100 * count


@jit
def _recount(
    chain: Array,
    count: int,
    stamp: int,
    sitting: Array,
    at: Array,
    person_of: Array,
    first_seat: Array,
    seats: Array,
    free: Array,
    days: Array,
    is_jair: bool,
    seen: Array,
    touched: Array,
    fresh: Array,
) -> int:
    """Recount the breaks of everybody in a component; return how many people that is."""
    people = 0
    for index in range(count):
        for column in range(sitting.shape[1]):
            seat = sitting[chain[index], column]
            if seat < 0:
                break
            person = person_of[seat]
            if seen[person] == stamp:
                continue
            seen[person] = stamp
            first, last = first_seat[person], first_seat[person + 1]
            touched[people] = person
            fresh[people] = _breaks(at, seats, first, last, free[person], days, is_jair)
            people += 1
    return people


@jit
def _is_kept(change: int, heat: float, draw: int) -> bool:
    if change <= 0:
        return True
    return heat > 0.0 and draw / 2147483647.0 < np.exp(-change / heat)


@jit
def anneal(
    steps: int,
    seed: int,
    heats: Array,
    fairness: int,
    is_jair: bool,
    slot_of: Array,
    sitting: Array,
    at: Array,
    may: Array,
    movable: Array,
    pools: Array,
    spare: Array,
    person_of: Array,
    first_seat: Array,
    seats: Array,
    free: Array,
    days: Array,
    count_of: Array,
) -> int:
    """Anneal in place; return how many steps were kept.

    Args:
        steps: moves tried.
        seed: of the random numbers, 1 or more.
        heats: temperature of the first and of the last step.
        fairness: breaks of one participant above which more cost much; -1: any.
        is_jair: count a gap even if the participant was away in it.
        slot_of: slot of each meeting; changed.
        sitting: seats of each meeting, -1 behind the last.
        at: meeting of each seat and slot, -1 for none; changed.
        may: whether a meeting may lie in a slot.
        movable: numbers of the meetings that may be moved.
        pools, spare: pools of each meeting (-1 behind the last); units left in each slot; changed.
        person_of, first_seat, seats: seats of people, those of p at first_seat[p]..[p+1] of seats.
        free, days: presence of each person in each slot; day of each slot.
        count_of: breaks of each person; changed.
    """
    chain = np.zeros(MOST_CHAIN, dtype=np.int64)
    touched = np.zeros(MOST_CHAIN * sitting.shape[1], dtype=np.int64)
    fresh = np.zeros(MOST_CHAIN * sitting.shape[1], dtype=np.int64)
    mark = np.full(slot_of.shape[0], -1, dtype=np.int64)
    seen = np.full(count_of.shape[0], -1, dtype=np.int64)
    state = seed % MODULUS
    kept = 0
    for step in range(steps):
        heat = heats[0] + (heats[1] - heats[0]) * step / steps
        state = state * FACTOR % MODULUS
        meeting = movable[state % movable.shape[0]]
        state = state * FACTOR % MODULUS
        here, target = slot_of[meeting], state % days.shape[0]
        if target == here or not may[meeting, target]:
            continue
        count = _chain(chain, mark, step, meeting, target, slot_of, sitting, at, may)
        if count == 0:
            continue
        if not _pools_allow(chain, count, here, target, slot_of, pools, spare, 1):
            _pools_allow(chain, count, here, target, slot_of, pools, spare, -1)
            continue
        _turn(chain, count, here, target, slot_of, sitting, at)
        people = _recount(
            chain, count, step, sitting, at, person_of, first_seat, seats, free, days, is_jair,
            seen, touched, fresh,
        )  # fmt: skip
        change = 0
        for index in range(people):
            change += _cost(fresh[index], fairness) - _cost(count_of[touched[index]], fairness)
        state = state * FACTOR % MODULUS
        if _is_kept(change, heat, state):
            kept += 1
            for index in range(people):
                count_of[touched[index]] = fresh[index]
            continue
        _turn(chain, count, here, target, slot_of, sitting, at)
        _pools_allow(chain, count, here, target, slot_of, pools, spare, -1)
    return kept


__all__ = ["anneal", "jit"]
