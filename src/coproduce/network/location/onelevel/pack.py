"""Whole customers put into open facilities: where the prices want them, then shifts and swaps.

Compiled by numba where it is installed, else run as it stands.
"""

from __future__ import annotations

import numpy as np

from coproduce.network.location.onelevel.rows import compiled
from coproduce.network.location.types import Floats, Ints


@compiled
def pack(cost: Floats, rooms: Ints, sizes: Ints, order: Ints, wish: Ints, who: Ints) -> bool:
    """Return whether all customers found room; `who` takes each one's facility.

    Args:
        cost: of the open facilities only, shape ``(k, n)``.
        rooms, sizes: in whole units.
        order: of the customers; in it they get their wish, then the rest is placed.
        wish: facility that each customer should go to, -1 for none.
    """
    left = rooms.copy()
    for customer in order:
        site = wish[customer]
        if site >= 0 and sizes[customer] <= left[site]:
            who[customer] = site
            left[site] -= sizes[customer]
        else:
            who[customer] = -1
    for customer in order:
        if who[customer] < 0 and not _place(cost, left, sizes, who, customer):
            return False
    for _ in range(100):
        is_better = _shift(cost, left, sizes, who)
        is_better = _swap(cost, left, sizes, who) or is_better
        if not is_better and not _push_on(cost, left, sizes, who):
            break
    return True


@compiled
def _place(cost: Floats, left: Ints, sizes: Ints, who: Ints, customer: int) -> bool:
    """Place a customer where it costs least; where it fits nowhere another makes room."""
    sites, customers = cost.shape
    best, to = np.inf, -1
    for site in range(sites):
        if sizes[customer] <= left[site] and cost[site, customer] < best:
            best, to = cost[site, customer], site
    if to >= 0:
        who[customer] = to
        left[to] -= sizes[customer]
        return True
    other, there = -1, -1
    for moved in range(customers):
        site = who[moved]
        if site < 0 or left[site] + sizes[moved] < sizes[customer]:
            continue
        paid = cost[site, customer] - cost[site, moved]
        for far in range(sites):
            if far != site and sizes[moved] <= left[far] and paid + cost[far, moved] < best:
                best, other, there = paid + cost[far, moved], moved, far
    if other < 0:
        return False
    who[customer] = who[other]
    left[who[other]] += sizes[other] - sizes[customer]
    who[other] = there
    left[there] -= sizes[other]
    return True


@compiled
def _shift(cost: Floats, left: Ints, sizes: Ints, who: Ints) -> bool:
    """Move each customer to its cheapest facility with room; return whether any moved."""
    sites, customers = cost.shape
    moved = False
    for customer in range(customers):
        here = who[customer]
        best, to = cost[here, customer] - 1e-9, -1
        for site in range(sites):
            if cost[site, customer] < best and sizes[customer] <= left[site]:
                best, to = cost[site, customer], site
        if to >= 0:
            left[here] += sizes[customer]
            left[to] -= sizes[customer]
            who[customer] = to
            moved = True
    return moved


@compiled
def _swap(cost: Floats, left: Ints, sizes: Ints, who: Ints) -> bool:
    """Exchange each customer with the one that saves most; return whether any was."""
    customers = len(sizes)
    swapped = False
    for one in range(customers):
        best, other = -1e-9, -1
        here = who[one]
        for two in range(customers):
            there = who[two]
            if there == here:
                continue
            more = sizes[two] - sizes[one]
            if more > left[here] or -more > left[there]:
                continue
            change = cost[there, one] + cost[here, two] - cost[here, one] - cost[there, two]
            if change < best:
                best, other = change, two
        if other >= 0:
            there, more = who[other], sizes[other] - sizes[one]
            left[here] -= more
            left[there] += more
            who[one], who[other] = there, here
            swapped = True
    return swapped


@compiled
def _push_on(cost: Floats, left: Ints, sizes: Ints, who: Ints) -> bool:
    """Move a customer to a cheaper full facility that passes another one on; False if none."""
    sites, customers = cost.shape
    for one in range(customers):
        here = who[one]
        best, other, to = -1e-9, -1, -1
        for two in range(customers):
            there = who[two]
            gain = cost[there, one] - cost[here, one]
            if there == here or gain >= 0 or left[there] + sizes[two] < sizes[one]:
                continue
            for far in range(sites):
                if far in (there, here) or sizes[two] > left[far]:
                    continue
                change = gain + cost[far, two] - cost[there, two]
                if change < best:
                    best, other, to = change, two, far
        if other >= 0:
            there = who[other]
            left[here] += sizes[one]
            left[there] += sizes[other] - sizes[one]
            left[to] -= sizes[other]
            who[one], who[other] = there, to
            return True
    return False
