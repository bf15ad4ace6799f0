"""How two baskets of goods go together: Michaely's complementarity, Finger and Kreinin's index.

Both are one sum: `1 - sum |a - b| / 2 = sum min(a, b)` where each set of shares adds up to 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shares(values_usd: Floats) -> Floats:
    """Return each row's shares in its own sum; NaN in a row without trade.

    Args:
        values_usd: trade by product (… x P, current USD).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(values_usd / values_usd.sum(axis=-1, keepdims=True))


def overlap(first: Floats, second: Floats) -> Floats:
    """Return 100 times the sum of the smaller shares, 0–100; NaN where one side has no trade.

    Args:
        first, second: shares by product (… x P), broadcast against one another.
    """
    return np.asarray(100.0 * np.minimum(first, second).sum(axis=-1))


def michaely(exports_usd: Floats, imports_usd: Floats) -> Floats:
    """Return the complementarity of an exporter's goods with an importer's needs, 0–100.

    100 (1 - sum over products of |m - x| / 2), with m the shares in the importer's imports from
    the world and x those in the exporter's exports to the world.

    Args:
        exports_usd: of the exporter (… x P, current USD).
        imports_usd: of the importer (… x P, current USD), broadcast against the exports.

    Source:
        Michaely (1996), Trade Preferential Agreements in Latin America, World Bank Policy
        Research Working Paper 1583.

    Example:
        >>> float(michaely(np.array([6.0, 4.0]), np.array([2.0, 8.0])))
        60.0
    """
    return overlap(shares(exports_usd), shares(imports_usd))


def finger_kreinin(first_usd: Floats, second_usd: Floats) -> Floats:
    """Return how alike two export baskets are, 0–100.

    It falls as products are told apart more finely; compare only what has the same level.

    Args:
        first_usd, second_usd: exports of the two (… x P, current USD).

    Source:
        Finger and Kreinin (1979), A Measure of "Export Similarity" and Its Possible Uses.

    Example:
        >>> float(finger_kreinin(np.array([1.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0])))
        50.0
    """
    return overlap(shares(first_usd), shares(second_usd))


__all__ = ["finger_kreinin", "michaely", "overlap", "shares"]
