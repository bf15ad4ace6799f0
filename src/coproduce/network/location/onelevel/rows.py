"""Rows of numbers, worked on by loops that numba compiles or, without numba, by numpy.

What is built from these is written once: compiled where numba is installed, else run as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from coproduce.network.location.types import Floats, Ints


def _as_it_is(function: Any) -> Any:
    return function


def _compiler() -> Callable[[Any], Any]:
    try:
        from numba import njit
    except ImportError:
        return _as_it_is
    made: Callable[[Any], Any] = njit(cache=True)
    return made


compiled = _compiler()
HAS_NUMBA = compiled is not _as_it_is


def _keep_or_add(old: Floats, new: Floats, shift: int, top: int, value: float) -> None:
    """Fill ``new[k] = min(old[k], old[k - shift] + value)`` up to `top`; below: ``old[k]``."""
    for place in range(shift):
        new[place] = old[place]
    for place in range(shift, top + 1):
        new[place] = min(old[place], old[place - shift] + value)


def _keep_or_cover(old: Floats, new: Floats, shift: int, top: int, value: float) -> None:
    """Fill ``new[k] = min(old[k], old[max(0, k - shift)] + value)`` up to `top`."""
    new[0] = old[0]
    for place in range(1, shift + 1):
        new[place] = min(old[place], old[0] + value)
    for place in range(shift + 1, top + 1):
        new[place] = min(old[place], old[place - shift] + value)


def _add(target: Floats, factor: float, row: Floats) -> None:
    """Add ``factor * row`` to `target`."""
    for place in range(len(target)):
        target[place] += factor * row[place]


def _copy(target: Floats, row: Floats) -> None:
    """Write `row` over `target`."""
    for place in range(len(target)):
        target[place] = row[place]


def _gains(
    cost: Floats,
    prices: Floats,
    may: Any,
    also: Any,
    sizes: Ints,
    room: int,
    items: Ints,
    gain: Floats,
) -> int:
    """Return how many customers cost less than their price and fit; which, and by how much."""
    count = 0
    for place in range(len(prices)):
        value = cost[place] - prices[place]
        if value < 0 and may[place] and also[place] and sizes[place] <= room:
            items[count], gain[count] = place, value
            count += 1
    return count


def _ranked(values: Floats, order: Ints) -> None:
    """Fill `order` with the places of `values`, least first, equal ones as they stand.

    Shell sort: short rows, and it compiles in no time.
    """
    number = len(values)
    for place in range(number):
        order[place] = place
    step = 1
    while step < number:
        step = 3 * step + 1
    while step > 1:
        step //= 3
        for start in range(step, number):
            item, at = order[start], start
            while at >= step and (
                values[order[at - step]] > values[item]
                or (values[order[at - step]] == values[item] and order[at - step] > item)
            ):
                order[at] = order[at - step]
                at -= step
            order[at] = item


def _np_ranked(values: Floats, order: Ints) -> None:
    order[:] = np.argsort(values, kind="stable")


def _np_keep_or_add(old: Floats, new: Floats, shift: int, top: int, value: float) -> None:
    new[:shift] = old[:shift]
    new[shift : top + 1] = np.minimum(old[shift : top + 1], old[: top + 1 - shift] + value)


def _np_keep_or_cover(old: Floats, new: Floats, shift: int, top: int, value: float) -> None:
    new[: shift + 1] = np.minimum(old[: shift + 1], old[0] + value)
    new[0] = old[0]
    new[shift + 1 : top + 1] = np.minimum(
        old[shift + 1 : top + 1], old[1 : top + 1 - shift] + value
    )


def _np_add(target: Floats, factor: float, row: Floats) -> None:
    target += factor * row


def _np_copy(target: Floats, row: Floats) -> None:
    target[:] = row


def _np_gains(
    cost: Floats,
    prices: Floats,
    may: Any,
    also: Any,
    sizes: Ints,
    room: int,
    items: Ints,
    gain: Floats,
) -> int:
    value = cost - prices
    found = np.flatnonzero((value < 0) & may & also & (sizes <= room))
    items[: len(found)], gain[: len(found)] = found, value[found]
    return len(found)


keep_or_add = compiled(_keep_or_add if HAS_NUMBA else _np_keep_or_add)
keep_or_cover = compiled(_keep_or_cover if HAS_NUMBA else _np_keep_or_cover)
ranked = compiled(_ranked if HAS_NUMBA else _np_ranked)
add = compiled(_add if HAS_NUMBA else _np_add)
copy = compiled(_copy if HAS_NUMBA else _np_copy)
gains = compiled(_gains if HAS_NUMBA else _np_gains)
