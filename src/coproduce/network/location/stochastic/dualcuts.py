"""What prices of a second stage say of its cost at every first stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coproduce.network.location.stochastic.program import Scenario
from coproduce.network.location.types import Floats

_PLACES = 9  # prices are rounded: short numbers, and steps of 1000 stay steps of 1000
_ZERO = 1e-9


@dataclass(frozen=True, slots=True)
class DualCut:
    """A second stage costs at least ``constant + slope @ x`` at first stage ``x``.

    Attributes:
        prices: of its rows, from which this follows.
        is_exact: it follows without any tolerance.
    """

    prices: Floats
    constant: float
    slope: Floats
    is_exact: bool


def dual_cut(
    piece: Scenario,
    bounds: tuple[Floats, Floats],
    prices: Floats,
    *,
    is_ray: bool = False,
) -> DualCut | None:
    """Return the cut that prices prove; None where they prove nothing.

    Args:
        piece: the second stage.
        bounds: of its columns.
        prices: of its rows; any will do, good ones come from its relaxation.
        is_ray: leave the costs out: where the cut is above zero the second stage has no answer.
    """
    lower, upper = bounds
    cost = np.zeros_like(piece.cost) if is_ray else piece.cost
    prices = np.round(prices, _PLACES)
    prices = np.where(np.isfinite(piece.lower), prices, np.minimum(prices, 0.0))
    prices = np.where(np.isfinite(piece.upper), prices, np.maximum(prices, 0.0))
    prices = _held(piece.recourse, cost, bounds, prices)
    rest = cost - prices @ piece.recourse
    up, down = rest < 0, rest > 0
    is_open = (up & ~np.isfinite(upper)) | (down & ~np.isfinite(lower))
    if (np.abs(rest[is_open]) > _ZERO).any():
        return None
    side = np.where(prices > 0, piece.lower, piece.upper)
    used = prices != 0
    constant = float(prices[used] @ side[used])
    constant += float(rest[up & ~is_open] @ upper[up & ~is_open])
    constant += float(rest[down & ~is_open] @ lower[down & ~is_open])
    return DualCut(prices, constant, -(prices @ piece.technology), not is_open.any())


def _held(recourse: Floats, cost: Floats, bounds: tuple[Floats, Floats], prices: Floats) -> Floats:
    """Return prices that leave no negative rest on a column without a roof that has one row."""
    lonely = np.flatnonzero(~np.isfinite(bounds[1]) & (np.count_nonzero(recourse, axis=0) == 1))
    prices = prices.copy()
    for column in lonely:
        row = int(np.flatnonzero(recourse[:, column])[0])
        value = recourse[row, column]
        most = cost[column] / value
        if abs(value) != 1.0:
            most -= np.sign(value) * 1e-12 * abs(most)  # the division was rounded
        if value > 0:
            prices[row] = min(prices[row], most)
        else:
            prices[row] = max(prices[row], most)
    return prices
