"""Complexity indices: the second eigenvector of the country matrix, and where it is undefined.

The usual product matrix has one row per product; the country matrix has the same spectrum and
is twenty times smaller. One product of matrices leads from its eigenvector to the products'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coproduce.dependence.complexity.types import Floats

# Eigenvalues closer than this cannot be told apart by an error of 1e-16 in their matrix without
# an error of more than 1e-6 in the vector.
SAME_EIGENVALUE = 1e-10


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The second eigenvector, on one scale for both sides.

    Attributes:
        country: the vector over countries (C); NaN where undefined.
        product: over products (P), such that a country's value is the mean of its products'.
        eigenvalue: the second largest; NaN where undefined.
        warnings: why something is undefined.
    """

    country: Floats
    product: Floats
    eigenvalue: float
    warnings: tuple[str, ...]


def spectrum(mcp: Floats) -> Spectrum:
    """Return the second eigenvector of diag(1/diversity) M diag(1/ubiquity) M'.

    Its sign makes it rise with diversity. It exists for the largest part of the world that
    hangs together; countries and products outside (no product in common with the rest) get
    NaN. Where the second eigenvalue is repeated or 0, no vector is better than another: all NaN.

    Args:
        mcp: presence (C x P, none negative).

    Source:
        Hidalgo and Hausmann (2009), The building blocks of economic complexity; Mealy, Farmer
        and Teytelboym (2019), Interpreting economic complexity, for the eigenvector.
    """
    warnings: list[str] = []
    rows, columns = _largest_part(mcp, warnings)
    country = np.full(mcp.shape[0], np.nan)
    product = np.full(mcp.shape[1], np.nan)
    inside = mcp[np.ix_(rows, columns)] if _is_cut(mcp, rows, columns) else mcp
    eigenvalue, vector = _second(inside, warnings)
    if vector is None:
        return Spectrum(country, product, float("nan"), tuple(warnings))
    vector *= _sign(vector, inside.sum(axis=1), warnings)
    country[rows] = vector
    product[columns] = (inside.T @ vector) / inside.sum(axis=0) / eigenvalue
    return Spectrum(country, product, eigenvalue, tuple(warnings))


def _second(mcp: Floats, warnings: list[str]) -> tuple[float, Floats | None]:
    """Return the second eigenvalue and its vector over countries, None if there is none."""
    if min(mcp.shape) < 2:
        warnings.append("ECI needs two countries and two products that hang together; all NaN")
        return float("nan"), None
    diversity, ubiquity = mcp.sum(axis=1), mcp.sum(axis=0)
    # Symmetric form of the matrix of the smaller side: same eigenvalues, a safe solver.
    half = mcp / np.sqrt(diversity)[:, None]
    half /= np.sqrt(ubiquity)
    is_by_country = mcp.shape[0] <= mcp.shape[1]
    values, vectors = np.linalg.eigh(half @ half.T if is_by_country else half.T @ half)
    second = float(values[-2])
    third = float(values[-3]) if len(values) > 2 else -1.0
    if second < SAME_EIGENVALUE:
        warnings.append("all countries have the same products in the same shares; ECI is NaN")
        return float("nan"), None
    if second - third < SAME_EIGENVALUE:
        warnings.append(
            f"the second eigenvalue {second:.6g} is repeated: any mixture of its vectors would "
            "serve as ECI, so ECI, PCI, COI and COG are NaN"
        )
        return float("nan"), None
    vector = vectors[:, -2]
    if not is_by_country:
        vector = half @ vector
    vector = vector / np.sqrt(diversity)
    return second, vector / np.linalg.norm(vector)


def _sign(vector: Floats, diversity: Floats, warnings: list[str]) -> float:
    """Return 1 or -1, so that the vector rises with diversity."""
    spread = diversity - diversity.mean()
    scale = float(np.linalg.norm(spread) * np.linalg.norm(vector - vector.mean()))
    together = float(spread @ vector)
    if abs(together) > 1e-12 * max(scale, 1e-300) and scale > 0:
        return float(np.sign(together))
    warnings.append(
        "ECI does not rise or fall with diversity, so its sign is open; the first country in "
        "the order of codes whose ECI is not 0 is given a positive one"
    )
    first = int(np.argmax(np.abs(vector) > 1e-9 * np.abs(vector).max()))
    return float(np.sign(vector[first]))


def _largest_part(mcp: Floats, warnings: list[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return countries and products of the largest part that hangs together."""
    left = mcp.sum(axis=1) > 0
    best: tuple[NDArray[np.bool_], NDArray[np.bool_]] = (
        np.zeros(mcp.shape[0], bool),
        np.zeros(mcp.shape[1], bool),
    )
    n_parts = 0
    while left.any():
        rows, columns = _part_of(mcp, int(np.argmax(left)))
        left &= ~rows
        n_parts += 1
        if rows.sum() > best[0].sum():
            best = rows, columns
    if n_parts > 1:
        outside = int((mcp.sum(axis=1) > 0).sum() - best[0].sum())
        warnings.append(
            f"{outside} of {outside + int(best[0].sum())} countries share no product with the "
            "rest, directly or through others; their ECI and the PCI of their products are NaN"
        )
    return np.flatnonzero(best[0]), np.flatnonzero(best[1])


def _part_of(mcp: Floats, start: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the countries and products that can be reached from one country."""
    rows = np.zeros(mcp.shape[0], bool)
    rows[start] = True
    while True:
        columns = np.asarray(mcp[rows].any(axis=0), bool)
        wider = np.asarray(mcp[:, columns].any(axis=1), bool)
        if (wider == rows).all():
            return rows, columns
        rows = wider


def _is_cut(mcp: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> bool:
    return (len(rows), len(columns)) != mcp.shape


__all__ = ["Spectrum", "spectrum"]
