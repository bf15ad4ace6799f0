"""A steepest descent over the open facilities without capacities, compiled; needs numba.

The same moves in the same order as `swap.descend`, which looks at them in numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.network.location.onelevel.rows import compiled


@compiled
def _nearest_two(cost: Any, is_open: Any, first: Any, second: Any, owner: Any) -> Any:
    """Write each customer's least and second least cost, and who has the least."""
    first[:] = np.inf
    second[:] = np.inf
    for i in range(cost.shape[0]):
        if not is_open[i]:
            continue
        for k in range(cost.shape[1]):
            value = cost[i, k]
            if value < first[k]:
                second[k] = first[k]
                first[k] = value
                owner[k] = i
            elif value < second[k]:
                second[k] = value


@compiled
def _best_move(  # noqa: C901 - one pass over what is closed, its branches the cases of a swap
    cost: Any, fixed: Any, is_open: Any, first: Any, second: Any, owner: Any, drop: Any, kept: Any
) -> Any:
    """Return the largest saving, the facility to add and the one to drop, -1 for neither."""
    sites, customers = cost.shape
    count, added, dropped, swapped = 0, -np.inf, -np.inf, -np.inf
    add, away, into, out = -1, -1, -1, -1
    for i in range(sites):
        drop[i] = fixed[i]
        count += is_open[i]
    for k in range(customers):
        drop[owner[k]] -= second[k] - first[k]
    for i in range(sites):
        if is_open[i]:
            if count > 1 and drop[i] > dropped:
                dropped, away = drop[i], i
            continue
        gain = -fixed[i]
        kept[:] = 0.0
        for k in range(customers):
            value = cost[i, k]
            if value < first[k]:
                gain += first[k] - value
                kept[owner[k]] += second[k] - first[k]
            elif value < second[k]:
                # What a drop loses is less where the added facility serves the customer at once.
                kept[owner[k]] += second[k] - value
        if gain > added:
            added, add = gain, i
        if count > 1:
            for r in range(sites):
                if is_open[r] and gain + drop[r] + kept[r] > swapped:
                    swapped, into, out = gain + drop[r] + kept[r], i, r
    if added >= dropped and added >= swapped:
        return added, add, -1
    if dropped >= swapped:
        return dropped, -1, away
    return swapped, into, out


@compiled
def descend(cost: Any, fixed: Any, is_open: Any, least: Any) -> Any:
    """Add, drop or swap, always what saves most, until nothing saves more than `least`.

    Args:
        cost: of all of a customer, shape ``(m, n)``.
        fixed: shape ``(m,)``.
        is_open: at least one; written over, shape ``(m,)``.

    Returns:
        the steps that it took.

    Source: Resende, Werneck (2006) for the gains and losses of a swap.
    """
    sites, customers = cost.shape
    first, second = np.empty(customers), np.empty(customers)
    owner = np.zeros(customers, np.int64)
    drop, kept = np.empty(sites), np.empty(sites)
    steps = 0
    while True:
        steps += 1
        _nearest_two(cost, is_open, first, second, owner)
        gain, add, away = _best_move(cost, fixed, is_open, first, second, owner, drop, kept)
        if gain <= least:
            break
        if add >= 0:
            is_open[add] = True
        if away >= 0:
            is_open[away] = False
    return steps
