"""Fitness of countries and complexity of products, found together by iteration."""

from __future__ import annotations

import numpy as np

from coproduce.dependence.complexity.types import Floats

CONVERGED = 1e-9
SMALLEST = 1e-200


def fitness(mcp: Floats, rounds: int = 200) -> tuple[Floats, Floats, str]:
    """Return fitness of countries (C), complexity of products (P), both of mean 1, and a warning.

    A country is fit by the complexity of its products; a product is no more complex than its
    least fit maker allows. Countries without products have fitness 0; products that nobody has
    NaN. Where the world is sparse the fitness of some countries falls to 0 without end: the
    iteration then stops at the change of 1e-9 or at `rounds`, which the warning says.

    Args:
        mcp: presence (C x P, 0 or 1).
        rounds: at most so many.

    Source:
        Tacchella, Cristelli, Caldarelli, Gabrielli and Pietronero (2012), A New Metrics for
        Countries' Fitness and Products' Complexity, Scientific Reports 2, equation 1.
    """
    rows, columns = mcp.sum(axis=1) > 0, mcp.sum(axis=0) > 0
    country, product = np.zeros(mcp.shape[0]), np.full(mcp.shape[1], np.nan)
    if not rows.any():
        return country, product, "no country has a product; fitness is 0"
    inside = mcp if rows.all() and columns.all() else mcp[np.ix_(rows, columns)]
    made_by = np.ascontiguousarray(inside.T)
    f, q = np.ones(inside.shape[0]), np.ones(inside.shape[1])
    change = np.inf
    for _ in range(rounds):
        next_f = inside @ q
        next_q = 1.0 / (made_by @ (1.0 / f))
        next_f = np.maximum(next_f / next_f.mean(), SMALLEST)
        next_q = np.maximum(next_q / next_q.mean(), SMALLEST)
        change = float(np.abs(next_f - f).max())
        f, q = next_f, next_q
        if change < CONVERGED:
            break
    country[rows], product[columns] = f, q
    warning = ""
    if change >= CONVERGED:
        warning = f"fitness still moved by {change:.1e} after {rounds} rounds"
    return country, product, warning


__all__ = ["fitness"]
