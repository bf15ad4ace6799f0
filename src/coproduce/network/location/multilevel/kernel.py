"""The knapsacks of all facilities at given prices, in numpy; `ascent` has them compiled."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from coproduce.network.location.types import Floats


def fill(margin: Floats, size: Floats, room: Floats) -> tuple[Floats, Floats]:
    """Return what each facility earns from its best filling, and the filling.

    Facility ``a`` of layer ``l`` may take up to ``size[l, b]`` of item ``b`` at ``margin[l, a,
    b]`` each, ``room[l, a]`` in all; it takes what earns most per unit first.

    Args:
        margin: per unit, shape ``(L, A, B)``.
        size: most of each item, shape ``(L, B)``.
        room: capacity, shape ``(L, A)``.

    Returns:
        earnings, shape ``(L, A)``, and fillings, shape ``(L, A, B)``.
    """
    flow = np.zeros(margin.shape)
    order = np.argsort(-margin, axis=2, kind="stable")
    sorted_margin = np.take_along_axis(margin, order, axis=2)
    sizes = np.broadcast_to(size[:, None, :], margin.shape)
    wanted = np.where(sorted_margin > 0, np.take_along_axis(sizes, order, axis=2), 0.0)
    before = np.cumsum(wanted, axis=2) - wanted
    taken = np.clip(room[:, :, None] - before, 0.0, wanted)
    np.put_along_axis(flow, order, taken, axis=2)
    return (taken * sorted_margin).sum(axis=2), flow


def has_numba() -> bool:
    """The compiled kernels can be used."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


@cache
def compiled() -> Any:
    """Return the module of compiled kernels; it needs numba."""
    from coproduce.network.location.multilevel import ascent

    return ascent


@cache
def compiled_moves() -> Any:
    """Return the module that bounds moves; it needs numba."""
    from coproduce.network.location.multilevel import moves

    return moves
