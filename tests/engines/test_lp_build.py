"""Blocks of arrays become the columns that a sparse-matrix library would make of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from coproduce.engines.lp_build import Builder


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 30), st.integers(0, 10**6))
def test_entries_add_up_and_zeros_go(rows: int, columns: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    row, column = rng.integers(0, rows, count), rng.integers(0, columns, count)
    value = rng.integers(-2, 3, count).astype(float)
    build = Builder()
    build.add_columns(columns)
    build.add_rows(rows)
    build.add_entries(row, column, value)
    made = build.problem()
    wanted = sparse.coo_matrix((value, (row, column)), shape=(rows, columns)).toarray()
    found = sparse.csc_matrix((made.value, made.index, made.start), shape=(rows, columns))
    assert np.array_equal(found.toarray(), wanted)
    assert np.all(made.value != 0)
    for place in range(columns):
        assert np.all(np.diff(made.index[made.start[place] : made.start[place + 1]]) > 0)


def test_a_problem_without_entries_is_a_problem() -> None:
    build = Builder()
    build.add_columns(2)
    made = build.problem()
    assert made.start.tolist() == [0, 0, 0]
