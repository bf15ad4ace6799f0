"""In which steps the cost of a second stage can rise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coproduce.network.location.stochastic.program import Scenario, scenario
from coproduce.network.location.stochastic.types import TwoStage
from coproduce.network.location.types import Floats

_DIGITS = 1e6  # costs are read with so many places
_LEAST = 1e-4


def unit_of(problem: TwoStage) -> float | None:
    """Return a number whose multiples are all that a second stage can cost; None for none.

    Whole columns cost whole multiples of the greatest common measure of their costs. A continuous
    column is as good as whole where it stands in one row with coefficient 1 or -1, all else in
    that row is whole, and so are its bounds: for whole values of the others an answer at a corner
    is whole (Nemhauser, Wolsey 1988, chapter III.1: a single row is totally unimodular).

    The first stage must be whole.
    """
    core, first = problem.core, problem.first_columns
    kinds = core.is_integer[first:]
    for bounds in (core.lower[first:], core.upper[first:]):
        if not _are_whole(bounds[~kinds]):
            return None
    every = range(problem.scenarios)
    costs = []
    for at in every:
        piece = scenario(problem, at)
        if not _is_whole_beside(piece, kinds):
            return None
        costs.append(piece.cost)
    scaled = np.abs(np.array(costs)) * _DIGITS
    counts = np.rint(scaled)
    if (np.abs(scaled - counts) > 1e-3).any() or counts.max(initial=0.0) > 1e15:
        return None
    unit = float(np.gcd.reduce(np.unique(counts).astype(np.int64))) / _DIGITS
    return unit if unit >= _LEAST else None


def _is_whole_beside(piece: Scenario, kinds: npt.NDArray[np.bool_]) -> bool:
    loose = piece.recourse[:, ~kinds]
    if (np.count_nonzero(loose, axis=0) > 1).any() or not np.isin(np.abs(loose), (0, 1)).all():
        return False
    rows = loose.any(axis=1)
    entries = (piece.recourse[rows], piece.technology[rows], piece.lower[rows], piece.upper[rows])
    return all(_are_whole(part) for part in entries)


def _are_whole(values: Floats) -> bool:
    finite = values[np.isfinite(values)]
    return bool((finite == np.rint(finite)).all())
