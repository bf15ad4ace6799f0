"""Pricing and the climb of prices, compiled; needs numba. What `bound` does in numpy, quicker."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

INF = 1e300  # worth of what is not possible
_LIST = 64  # items of a short list


@njit(cache=True)
def _sink(margin: Any, item: Any, count: Any, at: Any) -> None:
    """Let what stands at a place of the heap sink: larger margins up, of equals the first item."""
    worth, what = margin[at], item[at]
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        right = child + 1
        if right < count and (
            margin[right] > margin[child]
            or (margin[right] == margin[child] and item[right] < item[child])
        ):
            child = right
        if margin[child] < worth or (margin[child] == worth and item[child] > what):
            break
        margin[at], item[at] = margin[child], item[child]
        at = child
    margin[at], item[at] = worth, what


@njit(cache=True)
def _fill(
    price: Any, base: Any, cost: Any, size: Any, room: Any, margin: Any, item: Any, taken: Any
) -> Any:
    """Return what the best filling of one facility earns; `taken` takes the filling if long.

    Most facilities hold few of the items, so the best are kept in a short list as they pass by.
    """
    count, total, last = 0, 0.0, 0.0
    for at in range(len(price)):
        worth = price[at] - base - cost[at]
        if worth <= last:
            continue
        if count == _LIST:
            return _fill_long(price, base, cost, size, room, margin, item, taken)
        place = count
        while place > 0 and margin[place - 1] < worth:
            margin[place], item[place] = margin[place - 1], item[place - 1]
            place -= 1
        margin[place], item[place] = worth, at
        total += size[at]
        count += 1
        while count > 1 and total - size[item[count - 1]] >= room:
            count -= 1
            total -= size[item[count]]
        if total >= room:
            last = margin[count - 1]
    earned, left = 0.0, room
    for place in range(count):
        amount = min(size[item[place]], left)
        earned += margin[place] * amount
        left -= amount
        if len(taken) > 0:
            taken[item[place]] = amount
    return earned


@njit(cache=True)
def _fill_long(
    price: Any, base: Any, cost: Any, size: Any, room: Any, margin: Any, item: Any, taken: Any
) -> Any:
    """Return the same where a facility holds many items: all that earn, on a heap."""
    count, total = 0, 0.0
    for at in range(len(price)):
        worth = price[at] - base - cost[at]
        if worth > 0.0:
            margin[count] = worth
            item[count] = at
            count += 1
            total += size[at]
    if total > room:
        for at in range(count // 2 - 1, -1, -1):
            _sink(margin, item, count, at)
    earned, left = 0.0, room
    while count > 0 and left > 0.0:
        # Where there is room for all, their order does not matter and the heap is none.
        at = item[0] if total > room else item[count - 1]
        worth = price[at] - base - cost[at]
        count -= 1
        if total > room:
            margin[0], item[0] = margin[count], item[count]
            _sink(margin, item, count, 0)
        amount = min(size[at], left)
        earned += worth * amount
        left -= amount
        if len(taken) > 0:
            taken[at] = amount
    return earned


@njit(cache=True)
def earnings(
    inbound: Any,
    plant_room: Any,
    outbound: Any,
    depot_room: Any,
    demand: Any,
    u: Any,
    v: Any,
    earned: Any,
) -> Any:
    """Write what each facility earns per product, plants first, shape ``(L, I + J)``."""
    layers, depots, customers = outbound.shape
    plants = inbound.shape[1]
    margin = np.empty(max(depots, customers))
    item = np.empty(max(depots, customers), np.int64)
    none = np.empty(0)
    for layer in range(layers):
        size, price = demand[layer], u[layer]
        for j in range(depots):
            cost, room = outbound[layer, j], depot_room[layer, j]
            earned[layer, plants + j] = _fill(
                price, v[layer, j], cost, size, room, margin, item, none
            )
        size, price = depot_room[layer], v[layer]
        for i in range(plants):
            cost, room = inbound[layer, i], plant_room[layer, i]
            earned[layer, i] = _fill(price, 0.0, cost, size, room, margin, item, none)


@njit(cache=True)
def slope(
    inbound: Any,
    plant_room: Any,
    outbound: Any,
    depot_room: Any,
    demand: Any,
    u: Any,
    v: Any,
    chosen: Any,
    du: Any,
    dv: Any,
) -> None:
    """Write the supergradient of the bound for what was chosen."""
    layers, depots, customers = outbound.shape
    plants = inbound.shape[1]
    margin = np.empty(max(depots, customers))
    item = np.empty(max(depots, customers), np.int64)
    sent = np.empty(customers)
    got = np.empty(depots)
    for layer in range(layers):
        size, price = demand[layer], u[layer]
        du[layer] = size
        dv[layer] = 0.0
        for j in range(depots):
            if not chosen[plants + j]:
                continue
            sent[:] = 0.0
            cost, room = outbound[layer, j], depot_room[layer, j]
            _fill(price, v[layer, j], cost, size, room, margin, item, sent)
            du[layer] -= sent
            if plants > 0:
                dv[layer, j] += sent.sum()
        size, price = depot_room[layer], v[layer]
        for i in range(plants):
            if not chosen[i]:
                continue
            got[:] = 0.0
            cost, room = inbound[layer, i], plant_room[layer, i]
            _fill(price, 0.0, cost, size, room, margin, item, got)
            dv[layer] -= got


@njit(cache=True)
def pick(reduced: Any, lower: Any, upper: Any, least: Any, most: Any, chosen: Any) -> Any:
    """Choose the cheapest allowed number of facilities; return their worth, inf if none fits."""
    count = len(reduced)
    held, worth = 0, 0.0
    free = np.empty(count, np.int64)
    number = 0
    for at in range(count):
        chosen[at] = lower[at] == 1
        if chosen[at]:
            held += 1
            worth += reduced[at]
        elif upper[at] == 1:
            free[number] = at
            number += 1
    order = np.argsort(reduced[free[:number]], kind="mergesort")
    for rank in range(number):
        at = free[order[rank]]
        if held >= most or (reduced[at] >= 0.0 and held >= least):
            break
        chosen[at] = True
        held += 1
        worth += reduced[at]
    return worth if least <= held <= most else INF


@njit(cache=True)
def cover(reduced: Any, lower: Any, upper: Any, weight: Any, need: Any, chosen: Any) -> Any:
    """Choose the cheapest allowed set that weighs at least `need`; inf if there is none."""
    count = len(reduced)
    worth, missing = 0.0, need
    free = np.empty(count, np.int64)
    number = 0
    for at in range(count):
        chosen[at] = lower[at] == 1 or (upper[at] == 1 and reduced[at] < 0.0)
        if chosen[at]:
            worth += reduced[at]
            missing -= weight[at]
        elif upper[at] == 1 and weight[at] > 0:
            free[number] = at
            number += 1
    if missing <= 0:
        return worth
    cost, heavy = reduced[free[:number]], weight[free[:number]]
    taken = np.zeros(number, np.bool_)
    found = _by_weight(cost, heavy, missing, taken)
    for place in range(number):
        if taken[place]:
            chosen[free[place]] = True
    return worth + found


@njit(cache=True)
def _by_weight(cost: Any, heavy: Any, need: Any, taken: Any) -> Any:
    """Return the least cost of weight `need` by dynamic programming; inf if there is none."""
    number = len(cost)
    best = np.full(need + 1, INF)  # by the weight reached at least
    best[0] = 0.0
    took = np.zeros((number, need + 1), np.bool_)
    for row in range(number):
        # Downwards, so that each facility counts once.
        for state in range(need, 0, -1):
            offer = best[max(0, state - heavy[row])] + cost[row]
            if offer < best[state]:
                best[state] = offer
                took[row, state] = True
    taken[:] = False
    if best[need] >= INF:
        return INF
    state = need
    for row in range(number - 1, -1, -1):
        if state > 0 and took[row, state]:
            taken[row] = True
            state = max(0, state - heavy[row])
    return best[need]


@njit(cache=True)
def choose(
    reduced: Any,
    plants: Any,
    lower: Any,
    upper: Any,
    least: Any,
    most: Any,
    weights: Any,
    needs: Any,
    chosen: Any,
) -> Any:
    """Choose at each level; return the worth, the larger of all its bounds, inf if none fits.

    Args:
        weights: capacities in each covering row, shape ``(R, I + J)``; its first row is used
            for plants and depots alike.
        needs: what each row asks of plants and of depots, 0 for nothing, shape ``(R, 2)``.
    """
    total = 0.0
    other = np.empty(len(reduced), np.bool_)
    for level in range(2):
        first, last = (0, plants) if level == 0 else (plants, len(reduced))
        if first == last:
            continue
        part = slice(first, last)
        worth = pick(
            reduced[part], lower[part], upper[part], least[level], most[level], chosen[part]
        )
        for row in range(len(needs)):
            if needs[row, level] > 0 and worth < INF:
                found = cover(
                    reduced[part],
                    lower[part],
                    upper[part],
                    weights[row, part],
                    needs[row, level],
                    other[part],
                )
                if found > worth:
                    worth = found
                    chosen[part] = other[part]
        if worth >= INF:
            return INF
        total += worth
    return total


@njit(cache=True)
def ascend(
    tables: Any,
    fixed: Any,
    box: Any,
    covers: Any,
    prices: Any,
    best_prices: Any,
    direction: Any,
    share: Any,
    state: Any,
    target: Any,
    steps: Any,
    patience: Any,
) -> Any:
    """Climb by so many pricings; return whether the climb is over.

    Args:
        tables: costs and capacities as `earnings` takes them.
        box: lower, upper, least, most of `bound.Box`.
        covers: weights and needs as `choose` takes them.
        prices, best_prices, direction: pairs ``(L, K)`` and ``(L, J)``, changed in place.
        share: how often each facility was open, changed in place.
        state: best bound, step, pricings without gain, pricings; changed in place.
    """
    inbound, plant_room, outbound, depot_room, demand = tables
    lower, upper, least, most = box
    u, v = prices
    layers = len(demand)
    plants = inbound.shape[1]
    earned = np.zeros((layers, len(fixed)))
    reduced = np.empty(len(fixed))
    chosen = np.zeros(len(fixed), np.bool_)
    du, dv = np.empty(u.shape), np.empty(v.shape)
    for _ in range(steps):
        earnings(inbound, plant_room, outbound, depot_room, demand, u, v, earned)
        reduced[:] = fixed - earned.sum(axis=0)
        value = choose(reduced, plants, lower, upper, least, most, covers[0], covers[1], chosen)
        if value >= INF:
            state[0] = np.inf
            return True
        value += (u * demand).sum()
        state[2] += 1.0
        kept = 0.93 if state[3] > 0.0 else 0.0
        for at in range(len(fixed)):
            share[at] = kept * share[at] + (1.0 - kept) * chosen[at]
        if value > state[0]:
            if value > state[0] + 1e-6 * abs(state[0]):
                state[2] = 0.0
            state[0] = value
            best_prices[0][:] = u
            best_prices[1][:] = v
        if state[2] >= patience:
            state[1] *= 0.7
            state[2] = 0.0
            if state[1] < 1e-5:
                return True
            u[:] = best_prices[0]
            v[:] = best_prices[1]
        slope(inbound, plant_room, outbound, depot_room, demand, u, v, chosen, du, dv)
        old = 0.7 if state[3] > 0.0 else 0.0
        state[3] += 1.0
        direction[0][:] = old * direction[0] + (1.0 - old) * du
        direction[1][:] = old * direction[1] + (1.0 - old) * dv
        norm = (direction[0] * direction[0]).sum() + (direction[1] * direction[1]).sum()
        if norm < 1e-12:
            return True
        length = state[1] * max(target - value, 1e-9 * abs(value)) / norm
        u += length * direction[0]
        v += length * direction[1]
    return False
