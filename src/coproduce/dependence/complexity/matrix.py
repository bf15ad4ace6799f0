"""Exports as a matrix of countries and products; revealed comparative advantage."""

from __future__ import annotations

import numpy as np

from coproduce.dependence.complexity.types import Conventions, Floats


def advantage(value_usd: Floats) -> Floats:
    """Return the revealed comparative advantage of each country in each product (C x P).

    Share of the product in the country's exports over its share in the world's. A cell whose
    country or product has no exports is 0.

    Args:
        value_usd: exports (C x P, current USD, none negative).

    Source:
        Balassa (1965), Trade Liberalisation and "Revealed" Comparative Advantage.

    Example:
        >>> advantage(np.array([[8.0, 2.0], [2.0, 8.0]])).tolist()
        [[1.6, 0.4], [0.4, 1.6]]
    """
    of_country = value_usd.sum(axis=1, keepdims=True)
    of_product = value_usd.sum(axis=0, keepdims=True)
    world = of_product.sum()
    # The order of the divisions is that of the reference, so that a value of exactly 1 in it
    # is exactly 1 here too: presence is decided at this edge.
    with np.errstate(divide="ignore", invalid="ignore"):
        rca = value_usd / of_country
        rca /= of_product / world
    return np.asarray(np.nan_to_num(rca, copy=False, nan=0.0, posinf=0.0))


def presence(value_usd: Floats, rca: Floats, conventions: Conventions) -> Floats:
    """Return 1 where the country has the product, else 0 (C x P); the values if given."""
    if conventions.presence == "given":
        return value_usd.copy()
    return (rca >= conventions.rca_threshold).astype(np.float64)


__all__ = ["advantage", "presence"]
