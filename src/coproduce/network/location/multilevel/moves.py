"""Bounds of what a set of open facilities would cost after a move; compiled, needs numba."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def bound_moves(base: Any, earned: Any, out: Any, into: Any, bounds: Any) -> None:
    """Add to each move's bound what each product costs at least after it.

    Args:
        base: bound of each product by each prices before the move, shape ``(S, L)``.
        earned: by each facility; the last stands for none, shape ``(S, L, I + J + 1)``.
        out, into: facility shut and opened by each move, -1 for none, shape ``(M,)``.
        bounds: added to, shape ``(M,)``.
    """
    pool, layers = base.shape
    best = np.empty(len(out))
    for layer in range(layers):
        best[:] = 0.0
        for row in range(pool):
            gains, start = earned[row, layer], base[row, layer]
            for move in range(len(out)):
                value = start + gains[out[move]] - gains[into[move]]
                if value > best[move]:
                    best[move] = value
        bounds += best


@njit(cache=True)
def bound_pairs(  # noqa: C901 - which pairs are none of their own is one list of cases
    base: Any,
    gained: Any,
    fixed: Any,
    left: Any,
    won: Any,
    out: Any,
    into: Any,
    plants: Any,
    limit: Any,
    most: Any,
) -> Any:
    """Return pairs of moves after which there is room enough and the bound is below a limit.

    Args:
        base: bound of each product by each prices before the moves, shape ``(S, L)``.
        gained: what each move adds to it, shape ``(M, S, L)``.
        fixed: what each move adds to the fixed cost, first all that is open, shape ``(M + 1,)``.
        left: room beyond the demand before the moves, of plants and of depots, shape ``(2, L)``.
        won: room each move adds at its level, shape ``(M, L)``.
        out, into: facility shut and opened by each move, -1 for none, shape ``(M,)``.
        plants: number of plants; facilities below it are plants.
        limit: cost to be below.
        most: pairs kept at most.

    Returns:
        first move, second move, bound, one entry per pair.
    """
    pool, layers = base.shape
    count = len(out)
    first, second = np.empty(most, np.int64), np.empty(most, np.int64)
    bounds = np.empty(most)
    found = 0
    level = np.empty(count, np.int64)
    for a in range(count):
        level[a] = 0 if max(out[a], into[a]) < plants else 1
    for a in range(count):
        for b in range(count):
            if level[a] == level[b]:
                # One order of the two, and one way to part two swaps.
                if out[a] > out[b] or into[a] > into[b]:
                    continue
                if (out[a] == out[b] and out[a] >= 0) or (into[a] == into[b] and into[a] >= 0):
                    continue
                if out[a] == out[b] and into[a] == into[b]:
                    continue
                if (out[a] < 0 and into[b] < 0) or (into[a] < 0 and out[b] < 0):
                    continue  # together no more than a swap
            elif level[a] > level[b]:
                continue
            fits = True
            for at in range(layers):
                if level[a] == level[b]:
                    fits = left[level[a], at] + won[a, at] + won[b, at] >= 0.0
                else:
                    fits = (
                        left[level[a], at] + won[a, at] >= 0.0
                        and left[level[b], at] + won[b, at] >= 0.0
                    )
                if not fits:
                    break
            if not fits:
                continue
            bound = fixed[0] + fixed[a + 1] + fixed[b + 1]
            for at in range(layers):
                largest = 0.0
                for row in range(pool):
                    value = base[row, at] + gained[a, row, at] + gained[b, row, at]
                    largest = max(largest, value)
                bound += largest
            if bound < limit and found < most:
                first[found], second[found], bounds[found] = a, b, bound
                found += 1
    return first[:found], second[:found], bounds[:found]
