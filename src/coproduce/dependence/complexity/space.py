"""The product space: proximity, density and outlook gain, without the matrix of product pairs.

The proximity of two products is `m_i . m_j / max(k_i, k_j)`, with `m` their columns of presence
and `k` their ubiquity. There are at most as many values of `k` as countries. With products in
order of `k`, the sum over all partners of a product of ubiquity `u` is

    sum_i M[c, i] phi[i, j] = (A_u m_j / u + B_u m_j)[c]
    A_u = sum over k_i <= u of m_i m_i'        B_u = sum over k_i > u of m_i m_i' / k_i

so two country matrices, grown value by value, replace P x P numbers, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from coproduce.dependence.complexity.types import Floats


def proximity(mcp: Floats) -> Floats:
    """Return the proximity of every two products (P x P, 0–1, diagonal 1).

    The smaller of the two shares: of the countries that have one product, those that have the
    other too. Products that nobody has are at 0 from all.

    Args:
        mcp: presence (C x P).

    Source:
        Hidalgo, Klinger, Barabási and Hausmann (2007), The Product Space Conditions the
        Development of Nations, Science 317.

    Example:
        >>> proximity(np.array([[1.0, 1.0], [0.0, 1.0]])).tolist()
        [[1.0, 0.5], [0.5, 1.0]]
    """
    whole = np.empty((mcp.shape[1], mcp.shape[1]))
    for start, block in proximity_rows(mcp):
        whole[start : start + len(block)] = block
    return whole


def proximity_rows(mcp: Floats, height: int = 256) -> Iterator[tuple[int, Floats]]:
    """Yield (first row, rows of the proximity matrix) block after block.

    Args:
        mcp: presence (C x P).
        height: rows of a block, so that a block takes `height * P * 8` bytes.
    """
    ubiquity = mcp.sum(axis=0)
    ubiquity[ubiquity == 0] = np.inf
    for start in range(0, mcp.shape[1], height):
        block = mcp[:, start : start + height].T @ mcp
        block /= np.maximum(ubiquity[start : start + height, None], ubiquity)
        yield start, block


def density_and_gain(mcp: Floats, worth: Floats, diagonal: int = 1) -> tuple[Floats, Floats]:
    """Return density (C x P, 0–1) and outlook gain (C x P).

    Density: the proximity of a product to what the country has, over its proximity to all.
    Gain: what the country would come nearer to, in complexity, by taking the product up:
    `sum over products j it lacks of phi[j, k] worth[j] / sum_i phi[j, i]`; 0 where it has it.

    Args:
        mcp: presence (C x P); products that nobody has get NaN.
        worth: complexity of each product (P); NaN counts as 0.
        diagonal: proximity of a product to itself, 1 or 0.

    Source:
        Hidalgo et al. (2007) for density; Hausmann et al. (2014), The Atlas of Economic
        Complexity, for the gain.
    """
    ubiquity = mcp.sum(axis=0)
    # The path through product pairs is the shorter one only where products are few.
    sums = _Pairs(mcp, diagonal) if mcp.shape[1] <= mcp.shape[0] else _Steps(mcp, diagonal)
    near = sums.of_all(np.ones(mcp.shape[1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.where(near > 0, np.nan_to_num(worth) / near, 0.0)
    density = sums.of_each(None)
    density /= np.where(near > 0, near, np.nan)
    gain = np.subtract(sums.of_all(weights), sums.of_each(weights))
    gain *= 1.0 - mcp
    gain[:, ubiquity == 0] = np.nan
    return density, gain


class _Pairs:
    """Sums of proximities through the matrix of product pairs."""

    def __init__(self, mcp: Floats, diagonal: int) -> None:
        self.mcp = mcp
        self.near = proximity(mcp)
        if diagonal == 0:
            np.fill_diagonal(self.near, 0.0)

    def of_all(self, weights: Floats) -> Floats:
        """Return `sum_i weights[i] phi[i, j]` for each product j (P)."""
        return weights @ self.near

    def of_each(self, weights: Floats | None) -> Floats:
        """Return `sum_i M[c, i] weights[i] phi[i, j]` (C x P); weights of None are 1."""
        return (self.mcp if weights is None else self.mcp * weights) @ self.near


class _Steps:
    """The same sums through country matrices, products taken ubiquity by ubiquity."""

    def __init__(self, mcp: Floats, diagonal: int) -> None:
        ubiquity = mcp.sum(axis=0)
        self.mcp = mcp
        self.order = np.argsort(ubiquity, kind="stable")
        self.ranked = ubiquity[self.order]
        self.columns = np.ascontiguousarray(mcp[:, self.order])
        edges = [0, *(np.flatnonzero(np.diff(self.ranked)) + 1).tolist(), mcp.shape[1]]
        self.slices = [
            slice(start, end) for start, end in pairwise(edges) if self.ranked[start] > 0
        ]
        self.own = _self(mcp, ubiquity) if diagonal == 0 else None

    def of_all(self, weights: Floats) -> Floats:
        """Return `sum_i weights[i] phi[i, j]` for each product j (P)."""
        ranked = weights[self.order]
        sums = np.zeros(len(ranked))
        grown = np.zeros(len(self.mcp))
        for part in self.slices:
            grown += self.columns[:, part] @ ranked[part]
            sums[part] = (grown @ self.columns[:, part]) / self.ranked[part.start]
        grown[:] = 0.0
        for part in reversed(self.slices):
            sums[part] += grown @ self.columns[:, part]
            grown += self.columns[:, part] @ (ranked[part] / self.ranked[part.start])
        back = np.empty_like(sums)
        back[self.order] = sums
        return back if self.own is None else back - self.own * weights

    def of_each(self, weights: Floats | None) -> Floats:
        """Return `sum_i M[c, i] weights[i] phi[i, j]` (C x P); weights of None are 1."""
        columns = self.columns
        ranked = np.ones(len(self.order)) if weights is None else weights[self.order]
        sums = np.zeros(columns.shape)
        grown = np.zeros((len(columns), len(columns)))
        for part in self.slices:
            grown += (columns[:, part] * ranked[part]) @ columns[:, part].T
            np.matmul(grown, columns[:, part] / self.ranked[part.start], out=sums[:, part])
        grown[:] = 0.0
        for part in reversed(self.slices):
            sums[:, part] += grown @ columns[:, part]
            scale = ranked[part] / self.ranked[part.start]
            grown += (columns[:, part] * scale) @ columns[:, part].T
        back = np.empty_like(sums)
        back[:, self.order] = sums
        if self.own is not None:
            back -= self.mcp * (self.own if weights is None else self.own * weights)
        return back


def _self(mcp: Floats, ubiquity: Floats) -> Floats:
    """Return each product's proximity to itself, 1 unless presence is given in parts (P)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(ubiquity > 0, (mcp * mcp).sum(axis=0) / ubiquity, 0.0)


__all__ = ["density_and_gain", "proximity", "proximity_rows"]
