"""One pass over sorted flows: sums, squares, suppliers and the three largest, cell by cell.

A cell is (importer, product, year), the year running fastest. Flows come sorted by exporter,
importer, product, year, so a supplier meets a cell once (its rows with different flags are
neighbours and are added up first) and memory is walked forwards. The same pass exists compiled
(numba, extra ``fast``) and in numpy; both give the same numbers, bit by bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coproduce.records.errors import SourceError, UsageError

TOP = 3
NOBODY = np.iinfo(np.uint16).max

Ints = NDArray[np.int64]
Batch = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]


@dataclass(slots=True)
class Cells:
    """What the pass fills; C countries, P products, T years, cells as C x P x T.

    All that one flow touches lies together, so that a flow costs two reads of memory, not six.

    Attributes:
        shape: (C, P, T).
        sums: of each cell: imports, sum of squared flows, the three largest flows (USD).
        who: of each cell: number of suppliers, the three largest ones (`NOBODY` for none; of
            equal flows the first in country order).
        exports_usd: sum over buyers, cells by exporter.
    """

    shape: tuple[int, int, int]
    sums: NDArray[np.float64] = field(init=False)
    who: NDArray[np.uint16] = field(init=False)
    exports_usd: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        n = int(np.prod(self.shape))
        self.sums = np.zeros((n, 2 + TOP))
        self.who = np.zeros((n, 1 + TOP), np.uint16)
        self.who[:, 1:] = NOBODY
        self.exports_usd = np.zeros(n)


# Exporter, cell and value of the flow whose rows may go on in the next batch.
Waiting = tuple[int, int, float]
NOTHING: Waiting = (-1, -1, 0.0)
UNSORTED = -2


def fill(batches: Iterable[Batch], cells: Cells, *, compiled: bool) -> None:
    """Add all flows to the cells; flows of a country with itself are left out.

    Args:
        batches: exporter, importer, product, year position, value_usd (positive), sorted by the
            first four throughout.
        compiled: True for numba, False for numpy.

    Raises:
        SourceError: the flows are not sorted (TX021).
        UsageError: numba is not installed (TX023).
    """
    step = _compiled_step if compiled else _numpy_step
    waiting = NOTHING
    for batch in batches:
        waiting = step(batch, cells, waiting)
        if waiting[0] == UNSORTED:
            raise SourceError(
                "flows are not sorted by exporter, importer, product and year; take the raw "
                "files in again with `coproduce trade ingest`",
                code="TX021",
                where="flows.parquet",
            )
    exporter, cell, value = waiting
    if exporter >= 0:
        _add_run(cells, exporter, np.array([cell], np.int64), np.array([value]))


def _numpy_step(batch: Batch, cells: Cells, waiting: Waiting) -> Waiting:
    """Add a batch but its last flow, which is returned; exporter `UNSORTED` if unsorted."""
    exporter, importer, product, year, value = batch
    _, n_products, n_years = cells.shape
    cell = importer.astype(np.int64)
    cell *= n_products
    cell += product
    cell *= n_years
    cell += year
    if waiting[0] >= 0:
        exporter = np.concatenate((np.array([waiting[0]], exporter.dtype), exporter))
        cell = np.concatenate(([waiting[1]], cell))
        value = np.concatenate(([waiting[2]], value))
    if not len(cell):
        return waiting
    key = exporter.astype(np.int64)
    key *= len(cells.sums)
    key += cell
    steps = np.diff(key)
    least = steps.min(initial=1)
    if least < 0:
        return UNSORTED, -1, 0.0
    if least == 0:
        first = np.concatenate(([0], np.flatnonzero(steps) + 1))
        value, cell, exporter = np.add.reduceat(value, first), cell[first], exporter[first]
    sellers = np.arange(exporter[0], int(exporter[-1]) + 2)
    edges = np.searchsorted(exporter[:-1], sellers.astype(exporter.dtype)).tolist()
    for supplier, (start, end) in zip(sellers.tolist(), pairwise(edges), strict=False):
        if start < end:
            _add_run(cells, supplier, cell[start:end], value[start:end])
    return int(exporter[-1]), int(cell[-1]), float(value[-1])


def _add_run(cells: Cells, supplier: int, cell: Ints, value: NDArray[np.float64]) -> None:
    """Add flows of one exporter, each cell at most once."""
    per_country = cells.shape[1] * cells.shape[2]
    home = supplier * per_country
    abroad = (cell < home) | (cell >= home + per_country)
    if not abroad.all():
        cell, value = cell[abroad], value[abroad]
    # Positions in one dimension: numpy finds them twice as fast as pairs.
    sums, who = cells.sums.reshape(-1), cells.who.reshape(-1)
    at, holder = cell * (2 + TOP), cell * (1 + TOP)
    sums[at] = sums.take(at) + value
    sums[at + 1] = sums.take(at + 1) + value * value
    who[holder] = who.take(holder) + np.uint16(1)
    cells.exports_usd[home : home + per_country] += np.bincount(
        cell % per_country, weights=value, minlength=per_country
    )
    # From the smallest of the three upwards: what is passed moves one place down.
    larger = value > sums.take(at + 1 + TOP)
    for place in range(TOP, 0, -1):
        at, holder, value = at[larger], holder[larger], value[larger]
        if place == 1:
            sums[at + 2], who[holder + 1] = value, supplier
            return
        above = sums.take(at + place)
        larger = value > above
        sums[at + 1 + place] = np.where(larger, above, value)
        who[holder + place] = np.where(larger, who.take(holder + place - 1), np.uint16(supplier))


def _compiled_step(batch: Batch, cells: Cells, waiting: Waiting) -> Waiting:
    """Do as `_numpy_step`, compiled."""
    try:
        from coproduce.dependence.trade.compiled import add_rows
    except ImportError:
        raise UsageError(
            "the compiled pass needs numba: install coproduce[fast], or ask for the numpy one",
            code="TX023",
        ) from None
    _, n_products, n_years = cells.shape
    exporter, cell, value = add_rows(
        *batch, n_products, n_years, cells.sums, cells.who, cells.exports_usd, *waiting
    )
    return int(exporter), int(cell), float(value)


__all__ = ["NOBODY", "TOP", "Batch", "Cells", "fill"]
