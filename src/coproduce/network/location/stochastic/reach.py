"""How far first-stage columns and rooms reach, by the rows they stand in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.network.location.types import Floats

_ROUNDS = 6
_OUTWARD = 1e-9  # each bound is kept so much wider than it was computed, against rounding
_EMPTY = 1e-7


@dataclass(frozen=True, slots=True)
class Reach:
    """Bounds of columns and sides of rows; nothing outside them keeps all rows.

    Attributes:
        lower, upper: of each column.
        row_lower, row_upper: of each row.
    """

    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats


def narrowed(matrix: Floats, reach: Reach, is_integer: npt.NDArray[np.bool_]) -> Reach | None:
    """Return bounds and sides as narrow as single rows make them; None where nothing is left.

    Args:
        matrix: of the rows, shape ``(rows, columns)``.
        reach: bounds and sides to start from.
        is_integer: per column.
    """
    lower, upper = reach.lower.copy(), reach.upper.copy()
    row_lower, row_upper = reach.row_lower.copy(), reach.row_upper.copy()
    for _ in range(_ROUNDS):
        before = (lower.copy(), upper.copy())
        for row, entries in enumerate(matrix):
            at = np.flatnonzero(entries)
            value = entries[at]
            least = np.where(value > 0, value * lower[at], value * upper[at])
            most = np.where(value > 0, value * upper[at], value * lower[at])
            row_lower[row] = max(row_lower[row], least.sum() - _OUTWARD)
            row_upper[row] = min(row_upper[row], most.sum() + _OUTWARD)
            if row_lower[row] > row_upper[row] + _EMPTY:
                return None
            room, need = row_upper[row] - _rest(least), row_lower[row] - _rest(most)
            above = np.where(value > 0, room, need) / value
            below = np.where(value > 0, need, room) / value
            _cut(lower, upper, at, below, above, is_integer[at])
        if (lower > upper + _EMPTY).any():
            return None
        upper = np.maximum(upper, lower)
        if np.array_equal(before[0], lower) and np.array_equal(before[1], upper):
            break
    return Reach(lower, upper, row_lower, np.maximum(row_upper, row_lower))


def _rest(parts: Floats) -> Floats:
    """Return the sum of all parts but each; parts may be infinite, all on one side."""
    is_open = ~np.isfinite(parts)
    count = int(is_open.sum())
    if not count:
        rest: Floats = parts.sum() - parts
        return rest
    far = parts[is_open][0]
    total = parts[~is_open].sum()
    one_open: Floats = np.where(is_open, total if count == 1 else far, far)
    return one_open


def _cut(
    lower: Floats,
    upper: Floats,
    at: npt.NDArray[np.int64],
    below: Floats,
    above: Floats,
    is_integer: npt.NDArray[np.bool_],
) -> None:
    with np.errstate(invalid="ignore"):
        above = above + _OUTWARD * (1.0 + np.abs(above))
        below = below - _OUTWARD * (1.0 + np.abs(below))
    above = np.where(np.isnan(above), np.inf, above)
    below = np.where(np.isnan(below), -np.inf, below)
    above = np.where(is_integer, np.floor(above + _EMPTY), above)
    below = np.where(is_integer, np.ceil(below - _EMPTY), below)
    # Small gains are left: they would go on for ever.
    upper[at] = np.where(above < upper[at] - _EMPTY, above, upper[at])
    lower[at] = np.where(below > lower[at] + _EMPTY, below, lower[at])
