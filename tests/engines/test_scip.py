"""The optional door to SCIP agrees with HiGHS and says honestly when a cutoff rules all out."""

from __future__ import annotations

import numpy as np
import pytest

from coproduce.engines import lp, scip

pytestmark = pytest.mark.skipif(
    not scip.is_installed(), reason="PYSCIPOPT NOT INSTALLED: the door to SCIP was not tried"
)


def _cover(seed: int) -> lp.Problem:
    """A small covering problem with whole numbers."""
    rng = np.random.default_rng(seed)
    build = lp.Builder()
    take = build.add_columns(12, cost=rng.integers(3, 20, 12), upper=1.0, is_integer=True)
    rows = build.add_rows(5, lower=rng.integers(5, 20, 5), upper=40.0)
    build.add_entries(rows[:, None], take[None, :], rng.integers(0, 9, (5, 12)))
    return build.problem()


@pytest.mark.parametrize("seed", range(3))
def test_both_solvers_find_the_same_optimum(seed: int) -> None:
    ours, theirs = lp.solve(_cover(seed), threads=1), scip.solve(_cover(seed))
    assert theirs.status == ours.status == "optimal"
    assert theirs.objective == pytest.approx(ours.objective)
    assert theirs.bound == pytest.approx(ours.bound)


def test_nothing_cheaper_than_the_optimum_is_called_infeasible() -> None:
    best = scip.solve(_cover(0)).objective
    assert scip.solve(_cover(0), cutoff=best - 0.5).status == "infeasible"
    assert scip.solve(_cover(0), cutoff=best + 0.5).objective == pytest.approx(best)


def test_the_version_is_named() -> None:
    assert scip.engine_version().startswith("SCIP ")
