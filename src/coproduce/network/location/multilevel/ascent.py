"""Pricing and the climb of prices, compiled; needs numba. What `bound` does in numpy, quicker."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

INF = 1e300  # worth of what is not possible


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
def _earned(
    margin: Any, item: Any, count: Any, total: Any, size: Any, room: Any, taken: Any
) -> Any:
    """Return what the best filling of one facility earns; `taken` takes the filling if long."""
    keeps = len(taken) > 0
    earned = 0.0
    if total <= room:
        for place in range(count):
            earned += margin[place] * size[item[place]]
            if keeps:
                taken[item[place]] = size[item[place]]
        return earned
    for at in range(count // 2 - 1, -1, -1):
        _sink(margin, item, count, at)
    left = room
    while count > 0 and left > 0.0:
        worth, at = margin[0], item[0]
        count -= 1
        margin[0], item[0] = margin[count], item[count]
        _sink(margin, item, count, 0)
        amount = min(size[at], left)
        earned += worth * amount
        left -= amount
        if keeps:
            taken[at] = amount
    return earned


@njit(cache=True)
def _wanted(price: Any, base: Any, cost: Any, size: Any, margin: Any, item: Any) -> Any:
    """Write what earns at these prices; return how many items and how much of them."""
    count, total = 0, 0.0
    for at in range(len(price)):
        worth = price[at] - base - cost[at]
        if worth > 0.0:
            margin[count] = worth
            item[count] = at
            count += 1
            total += size[at]
    return count, total


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
            count, total = _wanted(price, v[layer, j], outbound[layer, j], size, margin, item)
            earned[layer, plants + j] = _earned(
                margin, item, count, total, size, depot_room[layer, j], none
            )
        size, price = depot_room[layer], v[layer]
        for i in range(plants):
            count, total = _wanted(price, 0.0, inbound[layer, i], size, margin, item)
            earned[layer, i] = _earned(
                margin, item, count, total, size, plant_room[layer, i], none
            )


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
            count, total = _wanted(price, v[layer, j], outbound[layer, j], size, margin, item)
            _earned(margin, item, count, total, size, depot_room[layer, j], sent)
            du[layer] -= sent
            if plants > 0:
                dv[layer, j] += sent.sum()
        size, price = depot_room[layer], v[layer]
        for i in range(plants):
            if not chosen[i]:
                continue
            got[:] = 0.0
            count, total = _wanted(price, 0.0, inbound[layer, i], size, margin, item)
            _earned(margin, item, count, total, size, plant_room[layer, i], got)
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
