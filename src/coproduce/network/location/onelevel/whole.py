"""The Lagrangian bound with knapsacks that take a customer whole, and the climb of its prices.

Compiled by numba where it is installed, else run as it stands with numpy on the rows. Arrays:
``cost`` has shape ``(m, n)``, what belongs to facilities ``(m,)``, to customers ``(n,)``; sizes
and rooms are whole numbers of one unit; ``state`` is -1 where a facility is free, 0 closed, 1
open.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.network.location.onelevel.rows import (
    add,
    compiled,
    copy,
    gains,
    keep_or_add,
    keep_or_cover,
    ranked,
)
from coproduce.network.location.types import Floats, Ints

FADE = 0.95  # of what was chosen and served in the average over the evaluations


@compiled
def put_in(
    gain: Floats, items: Ints, number: int, sizes: Ints, room: Any, layers: Floats, part: Floats
) -> float:
    """Return the least sum of `gain` in the room, by a table over what goes in."""
    for unit in range(room + 1):
        layers[0, unit] = 0.0
    for place in range(number):
        need = sizes[items[place]]
        keep_or_add(layers[place], layers[place + 1], need, room, gain[place])
    at: Any = room
    for place in range(number - 1, -1, -1):
        if layers[place + 1, at] < layers[place, at]:
            at -= sizes[items[place]]
        else:
            part[place] = 0.0
    return float(layers[number, room])


@compiled
def leave_out(
    gain: Floats, items: Ints, number: int, sizes: Ints, over: Any, layers: Floats, part: Floats
) -> float:
    """Return the least loss from leaving out customers of the size `over` or more in all."""
    for unit in range(over + 1):
        layers[0, unit] = np.inf if unit else 0.0
    for place in range(number):
        need = min(sizes[items[place]], over)
        keep_or_cover(layers[place], layers[place + 1], need, over, -gain[place])
    at: Any = over
    for place in range(number - 1, -1, -1):
        if layers[place + 1, at] < layers[place, at]:
            part[place] = 0.0
            at = max(0, at - sizes[items[place]])
    return float(layers[number, over])


@compiled
def fill(
    gain: Floats, items: Ints, number: int, sizes: Ints, room: Any, layers: Floats, part: Floats
) -> float:
    """Return the least sum of `gain` (all below 0) that fits; `part` says what is taken.

    By what goes in or by what has to stay out, whichever table is shorter.
    """
    total: Any = 0
    value: Any = 0.0
    for place in range(number):
        total += sizes[items[place]]
        value += gain[place]
        part[place] = 1.0
    over = total - room
    if over <= 0:
        return float(value)
    if over < room:
        return float(value + leave_out(gain, items, number, sizes, over, layers, part))
    return float(put_in(gain, items, number, sizes, room, layers, part))


@compiled
def fill_split(
    gain: Floats, items: Ints, number: int, sizes: Ints, room: int, part: Floats
) -> float:
    """Return the same where a customer may be split."""
    ratio = np.empty(number)
    for place in range(number):
        ratio[place] = gain[place] / max(sizes[items[place]], 1e-9)
    order = np.empty(number, np.int64)
    ranked(ratio, order)
    left, value = float(room), 0.0
    for item in order:
        size = sizes[items[item]]
        share = 1.0 if size <= left else left / size
        part[item] = share
        value += share * gain[item]
        left -= share * size
    return value


@compiled
def count_or_room(
    worth: Floats, rooms: Ints, rest: Ints, missing: Any, least: float, chosen: Floats
) -> float:
    """Return the dearer of the fractional cover (`least`) and the cheapest so many facilities."""
    number = len(rest)
    keys, order = np.empty(number), np.empty(number, np.int64)
    for place in range(number):
        keys[place] = -rooms[rest[place]]
    ranked(keys, order)
    count, held = 0, 0
    while held < missing:
        held += rooms[rest[order[count]]]
        count += 1
    for place in range(number):
        keys[place] = worth[rest[place]]
    ranked(keys, order)
    value = 0.0
    for place in range(count):
        value += keys[order[place]]
    if value >= least:
        for place in range(count):
            chosen[rest[order[place]]] = 1.0
        return value
    for site in rest:
        if missing > 0:
            chosen[site] = min(1.0, missing / rooms[site])
            missing -= min(missing, rooms[site])
    return least


@compiled
def by_unit(worth: Floats, rooms: Ints, state: Any) -> Any:
    """Return the free facilities with a price, the cheapest by unit of room first."""
    number = 0
    for site in range(len(worth)):
        if state[site] < 0 and rooms[site] > 0 and worth[site] >= 0:
            number += 1
    found, ratio = np.empty(number, np.int64), np.empty(number)
    order, rest = np.empty(number, np.int64), np.empty(number, np.int64)
    number = 0
    for site in range(len(worth)):
        if state[site] < 0 and rooms[site] > 0 and worth[site] >= 0:
            found[number], ratio[number] = site, worth[site] / rooms[site]
            number += 1
    ranked(ratio, order)
    for at in range(number):
        rest[at] = found[order[at]]
    return rest


@compiled
def fractional(worth: Floats, rooms: Ints, rest: Ints, missing: Any) -> Any:
    """Return the fractional cover's cost, its price per unit, and the cost of a whole cover."""
    least, short, price = 0.0, missing, 0.0
    known, paid, left = np.inf, 0.0, missing
    for site in rest:
        if short > 0:
            price = worth[site] / rooms[site]
            held = min(short, rooms[site])
            least += price * held
            short -= held
        if left > 0:
            if rooms[site] >= left:
                known = min(known, paid + worth[site])
            paid += worth[site]
            left -= rooms[site]
    return (np.inf if short > 0 else least), price, known


@compiled
def exact_cover(worth: Floats, rooms: Ints, core: Ints, missing: Any, chosen: Floats) -> float:
    """Return the least cost of facilities of `core` that hold `missing` units."""
    count = len(core)
    table = np.empty((count + 1, missing + 1))
    for at in range(missing + 1):
        table[0, at] = np.inf if at else 0.0
    for item in range(count):
        held = min(rooms[core[item]], missing)
        keep_or_cover(table[item], table[item + 1], held, missing, worth[core[item]])
    at = missing
    for item in range(count - 1, -1, -1):
        if table[item + 1, at] < table[item, at]:
            chosen[core[item]] = 1.0
            at = max(0, at - rooms[core[item]])
    return float(table[count, missing])


@compiled
def cover(
    worth: Floats, rooms: Ints, state: Any, need: int, is_exact: bool, chosen: Floats
) -> float:
    """Return the least sum of `worth` over facilities whose rooms hold `need`; inf if none do.

    `chosen` takes what is chosen. With `is_exact` by dynamic programming over what the
    fractional cover leaves undecided; without, the dearer of the fractional cover and of the
    cheapest set of as many facilities as are needed.
    """
    base: Any = 0.0
    missing: Any = need
    for site in range(len(worth)):
        chosen[site] = 0.0
        if state[site] == 1 or (state[site] < 0 and worth[site] < 0):
            base += worth[site]
            missing -= rooms[site]
            chosen[site] = 1.0
    if missing <= 0:
        return float(base)
    rest = by_unit(worth, rooms, state)
    least, price, known = fractional(worth, rooms, rest, missing)
    if least == np.inf:
        return np.inf
    if not is_exact:
        return float(base + count_or_room(worth, rooms, rest, missing, least, chosen))
    spare = 1e-9 * (1.0 + abs(known))
    core = np.empty(len(rest), np.int64)
    count = 0
    for site in rest:
        reduced = worth[site] - price * rooms[site]
        if reduced < 0 and least - reduced > known + spare:
            base += worth[site]
            missing -= rooms[site]
            chosen[site] = 1.0
        elif reduced < 0 or least + reduced <= known + spare:
            core[count] = site
            count += 1
    if missing > 0:
        base += exact_cover(worth, rooms, core[:count], missing, chosen)
    return float(base)


@compiled
def evaluate(
    cost: Floats,
    fixed: Floats,
    sizes: Ints,
    left: Ints,
    rooms: Ints,
    state: Any,
    allowed: Any,
    is_free: Any,
    need: int,
    how: Any,
    prices: Floats,
    layers: Floats,
    worth: Floats,
    chosen: Floats,
    lack: Floats,
    taken: Floats,
) -> float:
    """Return the bound at `prices`; the last four arrays take what it consists of.

    Args:
        fixed: cost of each facility, with the service of the customers that are settled there.
        left: room of each facility without those customers; `rooms` is with them.
        allowed: services that are not barred, shape ``(m, n)``.
        is_free: customers that are not settled.
        how: whole knapsacks, exact cover; two flags.
        layers: work space, shape ``(n + 1, largest room + 1)``.
        lack: share of each free customer not served, negative where served twice.
        taken: what each facility would serve, shape ``(m, n)``.
    """
    total: Any = 0.0
    for customer in range(len(sizes)):
        lack[customer] = 0.0
        if is_free[customer]:
            lack[customer] = 1.0
            total += prices[customer]
    part, gain = np.empty(len(sizes)), np.empty(len(sizes))
    items = np.empty(len(sizes), np.int64)
    for site in range(len(fixed)):
        if state[site] == 0:
            worth[site] = np.inf
            continue
        add(taken[site], -1.0, taken[site])
        most = left[site] if how[0] else need  # a customer that may be split fits anywhere
        number = gains(cost[site], prices, is_free, allowed[site], sizes, most, items, gain)
        if how[0]:
            value = fill(gain, items, number, sizes, left[site], layers, part)
        else:
            value = fill_split(gain, items, number, sizes, left[site], part)
        for place in range(number):
            taken[site, items[place]] = part[place]
        worth[site] = fixed[site] + value
    total += cover(worth, rooms, state, need, how[1], chosen)
    for site in range(len(fixed)):
        if chosen[site] > 0:
            add(lack, -chosen[site], taken[site])
    return float(total)


@compiled
def fade(often: Floats, usual: Floats, state: Any, chosen: Floats, taken: Floats) -> None:
    """Mix what was chosen and taken last into the averages."""
    for site in range(len(chosen)):
        often[site] *= FADE
        if state[site] != 0:
            add(usual[site], FADE - 1.0, usual[site])
        if chosen[site] > 0:
            often[site] += (1 - FADE) * chosen[site]
            add(usual[site], (1 - FADE) * chosen[site], taken[site])


@compiled
def ascend(
    cost: Floats,
    fixed: Floats,
    sizes: Ints,
    left: Ints,
    rooms: Ints,
    state: Any,
    allowed: Any,
    is_free: Any,
    need: int,
    how: Any,
    prices: Floats,
    target: float,
    cutoff: float,
    rounds: int,
    step: float,
    patience: int,
) -> Any:
    """Return ``(bound, prices, worth, chosen, often, usual, evaluations, step)``, the best met.

    Deflected subgradient steps as in `dual.ascend`; ``often`` and ``usual`` are the averages of
    what was opened and of who was served from where.
    """
    sites, customers = cost.shape
    layers = np.empty((customers + 1, left.max() + 1)) if how[0] else np.empty((1, 1))
    worth, chosen, lack = np.zeros(sites), np.zeros(sites), np.zeros(customers)
    taken, usual = np.zeros((sites, customers)), np.zeros((sites, customers))
    often, now, best = np.zeros(sites), prices.copy(), -np.inf
    best_prices, best_worth, best_chosen = prices.copy(), worth.copy(), chosen.copy()
    best_lack, direction = lack.copy(), lack.copy()
    bound, stall, done = 0.0, 0, 0
    while done < rounds:
        if done > 0:
            norm = 0.0
            for customer in range(customers):
                norm += direction[customer] * direction[customer]
            if best >= cutoff or step < 1e-4 or norm < 1e-12:
                break
            distance = max(target - bound, 1e-7 * abs(target))
            add(now, step * distance / norm, direction)
        bound = evaluate(
            cost, fixed, sizes, left, rooms, state, allowed, is_free, need, how, now,
            layers, worth, chosen, lack, taken,
        )  # fmt: skip
        done += 1
        fade(often, usual, state, chosen, taken)
        add(direction, -0.3, direction)
        add(direction, 1.0, lack)
        if done == 1 or bound > best + 1e-8 * abs(best):
            best, stall = bound, 0
            copy(best_prices, now)
            copy(best_worth, worth)
            copy(best_chosen, chosen)
            copy(best_lack, lack)
        else:
            stall += 1
            if stall >= patience:
                step, stall, bound = 0.7 * step, 0, best
                copy(now, best_prices)
                copy(direction, best_lack)
        if not np.isfinite(bound):
            break
    return best, best_prices, best_worth, best_chosen, often, usual, done, step


def load() -> None:
    """Load the compiled functions, as the import of a library would; half a second.

    Else the first problem of a process pays for it. The very first time on a machine they are
    compiled, which takes some 15 seconds.
    """
    one, none = np.ones((1, 1)), np.zeros(1)
    unit, state = np.ones(1, dtype=np.int64), np.full(1, -1, dtype=np.int8)
    yes, all_services = np.ones(1, dtype=np.bool_), np.ones((1, 1), dtype=np.bool_)
    how = np.ones(2, dtype=np.bool_)
    ascend(
        one, none, unit, unit, unit, state, all_services, yes, 1, how, none, 1.0, 2.0, 2, 1.0, 2
    )
    cover(none, unit, state, 1, how[1], none.copy())
