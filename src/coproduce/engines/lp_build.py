"""Builds linear and mixed-integer problems: blocks of arrays in, compressed columns out.

A `Builder` collects columns, rows and entries in blocks of arrays; `Builder.problem` turns them
into the compressed columns that the solver reads without a Python call per variable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Problem:
    """A linear or mixed-integer problem, columns compressed.

    Attributes:
        cost: objective coefficient of each column.
        col_lower, col_upper: bounds of each column; ``±inf`` where there is none.
        row_lower, row_upper: bounds of each row.
        start, index, value: compressed columns: the entries of column ``j`` are
            ``start[j]:start[j + 1]`` of `index` (row) and `value`.
        is_integer: per column.
        is_maximised: the objective is to be made large.
    """

    cost: Floats
    col_lower: Floats
    col_upper: Floats
    row_lower: Floats
    row_upper: Floats
    start: Ints
    index: Ints
    value: Floats
    is_integer: npt.NDArray[np.bool_]
    is_maximised: bool = False

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.cost)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    def with_bounds(self, lower: Floats, upper: Floats) -> Problem:
        """Return the same problem with other column bounds."""
        return self._changed(col_lower=lower, col_upper=upper)

    def with_rows(self, lower: Floats, upper: Floats) -> Problem:
        """Return the same problem with other row bounds."""
        return self._changed(row_lower=lower, row_upper=upper)

    def with_cost(self, cost: Floats) -> Problem:
        """Return the same problem with other costs; zero asks whether there is any answer."""
        return self._changed(cost=cost)

    def relaxed(self) -> Problem:
        """Return the same problem without the demand for whole numbers."""
        return self._changed(is_integer=np.zeros(self.columns, dtype=bool))

    def _changed(self, **changes: Any) -> Problem:
        names = self.__dataclass_fields__
        return Problem(**{name: changes.get(name, getattr(self, name)) for name in names})


@dataclass(frozen=True, slots=True)
class Cut:
    """A row that every whole-numbered point keeps: ``values · x[columns] ≤ upper``."""

    columns: Ints
    values: Floats
    upper: float


@dataclass(slots=True)
class Builder:
    """Collects a problem block by block."""

    is_maximised: bool = False
    columns: int = 0
    rows: int = 0
    _cols: list[tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]]] = field(default_factory=list)
    _rows: list[tuple[Floats, Floats]] = field(default_factory=list)
    _entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)

    def add_columns(
        self,
        count: int,
        *,
        cost: npt.ArrayLike = 0.0,
        lower: npt.ArrayLike = 0.0,
        upper: npt.ArrayLike = np.inf,
        is_integer: bool = False,
    ) -> Ints:
        """Return the numbers of `count` new columns; scalars hold for all of them."""
        self._cols.append(
            (
                _filled(cost, count),
                _filled(lower, count),
                _filled(upper, count),
                np.full(count, is_integer),
            )
        )
        first = self.columns
        self.columns += count
        return np.arange(first, self.columns, dtype=np.int32)

    def add_rows(
        self, count: int, *, lower: npt.ArrayLike = -np.inf, upper: npt.ArrayLike = np.inf
    ) -> Ints:
        """Return the numbers of `count` new rows."""
        self._rows.append((_filled(lower, count), _filled(upper, count)))
        first = self.rows
        self.rows += count
        return np.arange(first, self.rows, dtype=np.int32)

    def add_entries(
        self, rows: npt.ArrayLike, columns: npt.ArrayLike, values: npt.ArrayLike
    ) -> None:
        """Put `values` at (`rows`, `columns`); entries at the same place add up."""
        row, col, value = np.broadcast_arrays(rows, columns, values)
        self._entries.append(
            (
                row.ravel().astype(np.int32),
                col.ravel().astype(np.int32),
                value.ravel().astype(np.float64),
            )
        )

    def problem(self) -> Problem:
        """Return the collected problem."""
        cols = [np.concatenate(part) for part in zip(*self._cols, strict=True)]
        row_lower, row_upper = _joined(self._rows, 2)
        start, index, value = _compressed(_joined(self._entries, 3), self.rows, self.columns)
        return Problem(
            cost=cols[0],
            col_lower=cols[1],
            col_upper=cols[2],
            row_lower=row_lower,
            row_upper=row_upper,
            start=start,
            index=index,
            value=value,
            is_integer=cols[3].astype(bool),
            is_maximised=self.is_maximised,
        )


def with_cuts(problem: Problem, cuts: list[Cut]) -> Problem:
    """Return the problem with `cuts` as further rows."""
    if not cuts:
        return problem
    from scipy import sparse

    rows = np.repeat(np.arange(len(cuts)), [len(cut.columns) for cut in cuts])
    columns = np.concatenate([cut.columns for cut in cuts])
    values = np.concatenate([cut.values for cut in cuts])
    make: Any = sparse  # its stub has no types
    shape = (problem.rows, problem.columns)
    old = make.csc_matrix((problem.value, problem.index, problem.start), shape=shape)
    new = make.csc_matrix((values, (rows, columns)), shape=(len(cuts), problem.columns))
    matrix = make.vstack([old, new]).tocsc()
    return problem._changed(
        row_lower=np.append(problem.row_lower, np.full(len(cuts), -np.inf)),
        row_upper=np.append(problem.row_upper, [cut.upper for cut in cuts]),
        start=matrix.indptr.astype(np.int32),
        index=matrix.indices.astype(np.int32),
        value=matrix.data.astype(np.float64),
    )


def _compressed(entries: list[Any], rows: int, columns: int) -> tuple[Ints, Ints, Floats]:
    """Return compressed columns; entries at one place add up, zeros go.

    By numpy alone: to import a library of sparse matrices takes longer than small problems do.
    """
    row, column, value = entries
    key = column.astype(np.int64) * max(rows, 1) + row.astype(np.int64)
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    total = np.add.reduceat(value[order], first) if len(first) else np.zeros(0)
    kept = key[first][total != 0]
    counts = np.bincount(kept // max(rows, 1), minlength=columns)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return start, (kept % max(rows, 1)).astype(np.int32), total[total != 0].astype(np.float64)


def _filled(value: npt.ArrayLike, count: int) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)).copy()


def _joined(blocks: list[Any], width: int) -> list[Any]:
    if not blocks:
        return [np.zeros(0)] * width
    return [np.concatenate(part) for part in zip(*blocks, strict=True)]
