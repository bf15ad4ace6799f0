"""Bounds in the parts of a branch and bound over plants and depots, compiled; needs numba.

One product, whole capacities and demands. States are 0 free, 1 open, 2 closed. The plants' part
of the relaxed problem is that of `loads`; the depots' part is the cheapest set whose capacity
covers all demand.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from coproduce.network.location.multilevel.loads import INF, cover, held, loads, plant_flips

__all__ = ["INF", "ascend", "depot_flips", "plant_flips"]


@njit(cache=True, fastmath=True)
def _gain(price: Any, cost: Any, offset: Any, demand: Any) -> Any:
    """Return what all customers with a margin above `offset` earn, and what they ask for."""
    earned, load = 0.0, 0.0
    for k in range(len(demand)):
        margin = price[k] - cost[k] - offset
        if margin > 0.0:
            earned += demand[k] * margin
            load += demand[k]
    return earned, load


@njit(cache=True)
def _filled(price: Any, cost: Any, balance: Any, demand: Any, room: Any, guess: Any) -> Any:
    """Return what a depot earns and the two prices of its room between which it is full.

    The earnings are the least over prices of room, found from `guess` by tangents; any price
    of room gives earnings that are not too low. The last number is the share of the first.
    """
    earned, load = _gain(price, cost, balance, demand)
    if load <= room:
        return earned, 0.0, 0.0, 1.0
    low, low_earned, low_load = 0.0, earned, load
    high = guess if guess > 0.0 else earned / load
    earned, load = _gain(price, cost, balance + high, demand)
    while load > room:
        low, low_earned, low_load = high, earned, load
        high += 0.5 * earned / load + 1e-9
        earned, load = _gain(price, cost, balance + high, demand)
    high_earned, high_load = earned, load
    best = min(low_earned + low * room, high_earned + high * room)
    for _ in range(40):
        between = low_load - high_load
        if between <= 1e-12:
            break
        at = (low_earned + low * low_load - high_earned - high * high_load) / between
        floor = low_earned - (at - low) * low_load + at * room
        if floor >= best - 1e-10 * (1.0 + abs(best)) or at <= low or at >= high:
            break
        earned, load = _gain(price, cost, balance + at, demand)
        best = min(best, earned + at * room)
        if load > room:
            low, low_earned, low_load = at, earned, load
        else:
            high, high_earned, high_load = at, earned, load
    share = (room - high_load) / (low_load - high_load) if low_load > high_load else 0.0
    return best, low, high, share


@njit(cache=True)
def _taken(
    price: Any, cost: Any, balance: Any, demand: Any, rooms: Any, weight: Any, slope: Any
) -> Any:
    """Return what an open depot sends, times `weight`; it is taken from the slope of demand."""
    low, high, share = rooms[0], rooms[1], rooms[2]
    sent = 0.0
    for k in range(len(demand)):
        margin = price[k] - cost[k] - balance
        part = 0.0
        if margin > low:
            part += share * weight * demand[k]
        if margin > high:
            part += (1.0 - share) * weight * demand[k]
        slope[k] -= part
        sent += part
    return sent


@njit(cache=True)
def ascend(  # noqa: C901 - one loop of pricing, comparing and stepping
    network: Any,
    demand_price: Any,
    balance_price: Any,
    guess: Any,
    plant_state: Any,
    depot_state: Any,
    share: Any,
    steps: Any,
    step: Any,
    patience: Any,
    target: Any,
    cutoff: Any,
) -> Any:
    """Climb the bound of one part by a deflected subgradient; prices and shares are written over.

    Args:
        network: demand, capacities of depots and plants (whole), fixed costs of plants and
            depots, inbound and outbound costs.
        demand_price, balance_price: where to begin, ``(K,)`` and ``(J,)``; the best when done.
        guess: price of each depot's room, shape ``(J,)``; renewed.
        share: how often each facility was open lately, shape ``(I + J,)``; renewed.
        target: sets the length of the steps.
        cutoff: bound at which to stop.

    Returns:
        the bound; of its prices the value of the plants' part, of the depots' part, and the
        depots' worth, shape ``(J,)``; what the last pricing opened, ``(I + J,)``.
    """
    demand, hold, room, plant_fixed, depot_fixed, inbound, outbound = network
    plants, depots = inbound.shape
    total = int(demand.sum())
    u, v = demand_price.copy(), balance_price.copy()
    opened = np.zeros(plants + depots, np.bool_)
    plant_open, depot_open = opened[:plants], opened[plants:]
    worth, best_worth = np.zeros(depots), np.zeros(depots)
    prices = np.zeros((3, depots))
    du, dv, flow = np.zeros(len(u)), np.zeros(depots), np.zeros(depots)
    has_free = False
    for i in range(plants):
        has_free = has_free or plant_state[i] == 0
        plant_open[i] = plant_state[i] == 1
    table = np.empty((plants + 1, total + 1)) if has_free else np.empty((1, 1))
    best, plant_best, depot_best, idle = -INF, 0.0, 0.0, 0
    for number in range(steps):
        for j in range(depots):
            if depot_state[j] != 2:
                earned, prices[0, j], prices[1, j], prices[2, j] = _filled(
                    u, outbound[j], v[j], demand, float(hold[j]), guess[j]
                )
                guess[j] = prices[1, j]
                worth[j] = depot_fixed[j] - earned
        flow[:] = 0.0
        if has_free:
            plant_part = loads(
                plant_fixed,
                v,
                inbound,
                hold,
                room,
                plant_state,
                depot_state,
                total,
                plant_open,
                flow,
                table,
            )
        else:
            plant_part = held(
                plant_fixed, v, inbound, hold, room, plant_state, depot_state, total, flow
            )
        depot_part = cover(worth, hold, depot_state, total, depot_open)
        if plant_part >= INF / 2 or depot_part >= INF / 2:
            return INF, INF, INF, worth, opened
        value = plant_part + depot_part + (u * demand).sum()
        for at in range(plants + depots):
            share[at] = 0.9 * share[at] + (0.1 if opened[at] else 0.0)
        idle += 1
        if value > best:
            if value > best + 1e-6 * abs(best):
                idle = 0
            best, plant_best, depot_best = value, plant_part, depot_part
            best_worth[:] = worth
            demand_price[:] = u
            balance_price[:] = v
            if best >= cutoff:
                break
        if idle >= patience:
            step, idle = 0.65 * step, 0
            u[:] = demand_price
            v[:] = balance_price
            if step < 1e-5:
                break
        old = 0.7 if number else 0.0
        du *= old
        du += (1.0 - old) * demand
        dv *= old
        for j in range(depots):
            dv[j] = 0.0 if depot_state[j] == 2 else dv[j] - (1.0 - old) * flow[j]
            if depot_open[j]:
                dv[j] += _taken(u, outbound[j], v[j], demand, prices[:, j], 1.0 - old, du)
        norm = (du * du).sum() + (dv * dv).sum()
        if norm < 1e-12:
            break
        length = step * max(target - value, 1e-9 * abs(value)) / norm
        u += length * du
        v += length * dv
    return best, plant_best, depot_best, best_worth, opened


@njit(cache=True)
def depot_flips(worth: Any, hold: Any, state: Any, total: Any) -> Any:
    """Return the value of the depots' part with each free depot in its other state.

    The first of the two rows is with the depot closed, the second with it open.
    """
    values = np.full((2, len(worth)), INF)
    other = np.zeros(len(worth), np.bool_)
    chosen = np.zeros(len(worth), np.bool_)
    best = cover(worth, hold, state, total, chosen)
    for j in range(len(worth)):
        if state[j] != 0:
            continue
        side = 0 if chosen[j] else 1
        values[1 - side, j] = best
        state[j] = 2 - side
        values[side, j] = cover(worth, hold, state, total, other)
        state[j] = 0
    return values
