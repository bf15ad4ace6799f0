"""The knapsacks of all facilities at given prices: compiled, and the same in numpy."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from coproduce.network.location.types import Floats


def fill(margin: Floats, size: Floats, room: Floats, flow: Floats, *, is_fast: bool) -> Floats:
    """Return what each facility earns from its best filling; `flow` takes the filling.

    Facility ``a`` of layer ``l`` may take up to ``size[l, b]`` of item ``b`` at ``margin[l, a,
    b]`` each, ``room[l, a]`` in all; it takes what earns most per unit first.

    Args:
        margin: per unit, shape ``(L, A, B)``.
        size: most of each item, shape ``(L, B)``.
        room: capacity, shape ``(L, A)``.
        flow: written, shape ``(L, A, B)``.
        is_fast: use the compiled kernel; it needs numba.

    Returns:
        earnings, shape ``(L, A)``.
    """
    if is_fast:
        earned = np.zeros(room.shape)
        _compiled()(margin, size, room, flow, earned)
        return earned
    order = np.argsort(-margin, axis=2, kind="stable")
    sorted_margin = np.take_along_axis(margin, order, axis=2)
    sizes = np.broadcast_to(size[:, None, :], margin.shape)
    wanted = np.where(sorted_margin > 0, np.take_along_axis(sizes, order, axis=2), 0.0)
    before = np.cumsum(wanted, axis=2) - wanted
    taken = np.clip(room[:, :, None] - before, 0.0, wanted)
    np.put_along_axis(flow, order, taken, axis=2)
    earned_all: Floats = (taken * sorted_margin).sum(axis=2)
    return earned_all


def has_numba() -> bool:
    """The compiled kernel can be used."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


@cache
def _compiled() -> Any:
    from numba import njit

    def kernel(margin: Any, size: Any, room: Any, flow: Any, earned: Any) -> None:
        layers, count, items = margin.shape
        for layer in range(layers):
            for at in range(count):
                number = 0
                place = np.empty(items, np.int64)
                worth = np.empty(items)
                for item in range(items):
                    flow[layer, at, item] = 0.0
                    if margin[layer, at, item] > 0.0:
                        worth[number] = -margin[layer, at, item]
                        place[number] = item
                        number += 1
                order = np.argsort(worth[:number])
                left = room[layer, at]
                total = 0.0
                for rank in range(number):
                    item = place[order[rank]]
                    taken = min(size[layer, item], left)
                    flow[layer, at, item] = taken
                    total -= worth[order[rank]] * taken
                    left -= taken
                    if left <= 0.0:
                        break
                earned[layer, at] = total

    return njit(cache=True)(kernel)
