"""Least costs of loads, and of sets that cover: dynamic programs, compiled; needs numba.

States are 0 free, 1 open, 2 closed. Plants send all demand together, so that their part of the
relaxed problem is

    min  sum f_i y_i - E_i(t_i)   over sets of plants and whole loads t, sum t = total demand,

where ``E_i(t)`` is what plant ``i`` earns at most from a load ``t``: concave, its pieces the
depots in falling order of margin. It is solved by adding up loads plant by plant. Depots that
are closed take nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

INF = 1e18  # worth of what is not possible


@njit(cache=True)
def cover(worth: Any, weight: Any, state: Any, need: Any, chosen: Any) -> Any:
    """Return the cheapest allowed set that weighs at least `need`; INF if there is none.

    The linear relaxation and a greedy set leave only few items for the dynamic program.
    """
    value, left, count, held = 0.0, need, 0, 0
    rest = np.empty(len(worth), np.int64)
    for j in range(len(worth)):
        chosen[j] = state[j] == 1 or (state[j] == 0 and worth[j] < 0.0)
        if chosen[j]:
            value += worth[j]
            left -= weight[j]
        elif state[j] == 0 and weight[j] > 0:
            rest[count] = j
            held += weight[j]
            count += 1
    if left <= 0:
        return value
    if held < left:
        return INF
    core = _core(worth, weight, rest[:count], left, chosen)
    for a in range(count):
        if chosen[rest[a]]:
            value += worth[rest[a]]
            left -= weight[rest[a]]
    return value + _least(worth, weight, core, left, chosen)


@njit(cache=True)
def _core(worth: Any, weight: Any, items: Any, need: Any, chosen: Any) -> Any:
    """Return the items that the relaxation leaves open; those it takes for sure are chosen."""
    ratio = np.empty(len(items))
    for a in range(len(items)):
        ratio[a] = worth[items[a]] / weight[items[a]]
    order = items[np.argsort(ratio)]
    greedy, missing, last = 0.0, need, 0
    while weight[order[last]] < missing:
        greedy += worth[order[last]]
        missing -= weight[order[last]]
        last += 1
    price = worth[order[last]] / weight[order[last]]
    relaxed, cheapest = greedy + price * missing, INF
    for a in range(last, len(order)):
        if weight[order[a]] >= missing:
            cheapest = min(cheapest, worth[order[a]])
    slack = greedy + cheapest - relaxed + 1e-9 * (1.0 + abs(relaxed))
    core, width = np.empty(len(order), np.int64), 0
    for a in range(len(order)):
        j = order[a]
        surplus = worth[j] - price * weight[j]
        if a < last and -surplus > slack:
            chosen[j] = True
        elif a <= last or surplus <= slack:
            core[width] = j
            width += 1
    return core[:width]


@njit(cache=True)
def _least(worth: Any, weight: Any, items: Any, need: Any, chosen: Any) -> Any:
    """Return the cheapest set of these items that weighs `need`, by dynamic programming."""
    if need <= 0:
        return 0.0
    best = np.full(need + 1, INF)
    best[0] = 0.0
    taken = np.zeros((len(items), need + 1), np.bool_)
    for a in range(len(items)):
        j = items[a]
        for at in range(need, 0, -1):
            offer = best[max(0, at - weight[j])] + worth[j]
            if offer < best[at]:
                best[at] = offer
                taken[a, at] = True
    at = need
    for a in range(len(items) - 1, -1, -1):
        if at > 0 and taken[a, at]:
            chosen[items[a]] = True
            at = max(0, at - weight[items[a]])
    return best[need]


@njit(cache=True)
def _added(cost: Any, size: Any, before: Any, after: Any, queue: Any) -> None:
    """Write the least cost of each load when up to `size` units at `cost` each are added."""
    first, last = 0, 0
    for load in range(len(before)):
        value = before[load] - cost * load
        while last > first and before[queue[last - 1]] - cost * queue[last - 1] >= value:
            last -= 1
        queue[last] = load
        last += 1
        while queue[first] < load - size:
            first += 1
        after[load] = before[queue[first]] + cost * (load - queue[first])


@njit(cache=True)
def _loaded(
    i: Any, cost: Any, hold: Any, room: Any, closed: Any, start: Any, items: Any, spare: Any
) -> Any:
    """Return the least cost of each load with plant `i` open, and how many depots it uses.

    Args:
        cost: of each unit less the depot's price, shape ``(J,)``; spent.
        start: least cost of each load without the plant.
        items: written: the depots in the order of their use.
        spare: room for two rows of loads and a queue.
    """
    before, after, queue = spare
    before[:] = start
    left, count = room[i], 0
    while left > 0:
        best = -1
        for j in range(len(cost)):
            if closed[j] != 2 and hold[j] > 0 and (best < 0 or cost[j] < cost[best]):
                best = j
        if best < 0 or cost[best] >= INF:
            break
        size = min(hold[best], left)
        _added(cost[best], size, before, after, queue)
        before, after = after, before
        cost[best] = INF
        items[count] = best
        count += 1
        left -= size
    return before, count


@njit(cache=True)
def loads(
    fixed: Any,
    balance: Any,
    inbound: Any,
    hold: Any,
    room: Any,
    state: Any,
    closed: Any,
    total: Any,
    chosen: Any,
    flow: Any,
    table: Any,
) -> Any:
    """Return the value of the plants' part; INF if no allowed set can send all.

    Args:
        chosen: written: plants that are open, shape ``(I,)``.
        flow: added to: what each depot gets, shape ``(J,)``.
        table: room for ``(I + 1, total + 1)`` numbers.
    """
    plants, depots = inbound.shape
    order = np.empty((plants, depots), np.int64)
    count, rows = np.zeros(plants, np.int64), np.empty(plants, np.int64)
    spare = (np.empty(total + 1), np.empty(total + 1), np.empty(total + 2, np.int64))
    table[0] = INF
    table[0, 0] = 0.0
    number = 0
    for i in range(plants):
        chosen[i] = False
        if state[i] == 2:
            continue
        cost = inbound[i] - balance
        row, count[number] = _loaded(
            i, cost, hold, room, closed, table[number], order[number], spare
        )
        for load in range(total + 1):
            value = row[load] + fixed[i]
            table[number + 1, load] = value if state[i] == 1 else min(value, table[number, load])
        rows[number] = i
        number += 1
    if table[number, total] >= INF / 2:
        return INF
    load = total
    for row in range(number - 1, -1, -1):
        i = rows[row]
        if state[i] == 0 and table[row + 1, load] == table[row, load]:
            continue
        chosen[i] = True
        items, cost = order[row, : count[row]], inbound[i] - balance
        load -= _sent(table[row], load, cost, items, hold, room[i], flow)
    return table[number, total]


@njit(cache=True)
def _sent(others: Any, load: Any, cost: Any, order: Any, hold: Any, room: Any, flow: Any) -> Any:
    """Return what an open plant sends in the best sum of loads, and add it to `flow`."""
    best, amount, spent, place, left = 2.0 * INF, 0, 0.0, -1, 0
    for sent in range(min(room, load) + 1):
        if sent > 0:
            while left == 0 and place < len(order) - 1:
                place += 1
                left = hold[order[place]]
            if left == 0:
                break
            spent += cost[order[place]]
            left -= 1
        if others[load - sent] + spent < best:
            best, amount = others[load - sent] + spent, sent
    left = amount
    for place in range(len(order)):
        part = min(hold[order[place]], left)
        flow[order[place]] += part
        left -= part
    return amount


@njit(cache=True)
def held(
    fixed: Any,
    balance: Any,
    inbound: Any,
    hold: Any,
    room: Any,
    state: Any,
    closed: Any,
    total: Any,
    flow: Any,
) -> Any:
    """Return the same as `loads` where no plant is free: the cheapest units first."""
    plants, depots = inbound.shape
    size = plants * depots
    cost, who, where = np.empty(size), np.empty(size, np.int64), np.empty(size, np.int64)
    left, count, value, rest = room.copy(), 0, 0.0, total
    for i in range(plants):
        if state[i] != 1:
            continue
        value += fixed[i]
        for j in range(depots):
            if closed[j] != 2:
                cost[count], who[count], where[count] = inbound[i, j] - balance[j], i, j
                count += 1
    for at in np.argsort(cost[:count]):
        i, j = who[at], where[at]
        amount = min(hold[j], left[i], rest)
        value += cost[at] * amount
        left[i] -= amount
        rest -= amount
        flow[j] += amount
        if rest == 0:
            break
    return value if rest == 0 else INF


@njit(cache=True)
def plant_flips(
    fixed: Any,
    balance: Any,
    inbound: Any,
    hold: Any,
    room: Any,
    state: Any,
    closed: Any,
    total: Any,
) -> Any:
    """Return the value of the plants' part with each free plant closed, and with it open."""
    plants, depots = inbound.shape
    values = np.full((2, plants), INF)
    spare = (np.empty(total + 1), np.empty(total + 1), np.empty(total + 2, np.int64))
    items = np.empty(depots, np.int64)
    before = np.full((plants + 1, total + 1), INF)
    with_it = np.full((plants, total + 1), INF)
    before[0, 0] = 0.0
    for i in range(plants):
        before[i + 1] = before[i]
        if state[i] == 2:
            continue
        row, _ = _loaded(i, inbound[i] - balance, hold, room, closed, before[i], items, spare)
        for load in range(total + 1):
            with_it[i, load] = row[load] + fixed[i]
            other = INF if state[i] == 1 else before[i, load]
            before[i + 1, load] = min(with_it[i, load], other)
    after = np.full(total + 1, INF)
    after[0] = 0.0
    for i in range(plants - 1, -1, -1):
        if state[i] == 0:
            for load in range(total + 1):
                values[0, i] = min(values[0, i], before[i, load] + after[total - load])
                values[1, i] = min(values[1, i], with_it[i, load] + after[total - load])
        if state[i] != 2:
            row, _ = _loaded(i, inbound[i] - balance, hold, room, closed, after, items, spare)
            for load in range(total + 1):
                other = INF if state[i] == 1 else after[load]
                after[load] = min(row[load] + fixed[i], other)
    return values
