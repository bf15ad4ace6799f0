"""Exposure down a bill of materials: by hand, in rings, and against a linear system."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.dependence.trade.exposure import Bill, Supply, bill, exposure, supply
from coproduce.records.errors import ModelError, UsageError
from tests.dependence.trade.worlds import folder

# D buys packs from A; A's packers buy the substance from B; B's makers its input from C.
CHAIN = "2020 A D pack 100;2020 B A subst 50;2020 C B base 20;2020 E D subst 9"
EDGES = pl.DataFrame(
    {"product_id": ["pack", "subst"], "input_id": ["subst", "base"], "value_share": [0.5, 0.4]}
)


def found(tmp_path: Path, product: str = "pack", country: str = "D", edges: pl.DataFrame = EDGES):  # type: ignore[no-untyped-def]
    materials = bill(edges)
    supplied = supply(folder(tmp_path / "t", CHAIN), materials.product_ids, 2020)
    return exposure(materials, supplied, product, country)


def test_the_makers_suppliers_count_not_the_countrys_own(tmp_path: Path) -> None:
    """D itself buys substance from E, but its packs hold substance from B and base from C."""
    table = found(tmp_path).table()
    assert table["input_id"].to_list() == ["pack", "subst", "base"]
    assert table["chain_top_id"].to_list() == ["A", "B", "C"]
    assert table["chain_top_share"].to_list() == pytest.approx([1, 1, 1])
    assert table["own_top_id"].to_list() == ["A", "E", "D"]
    assert table["value_share"].to_list() == pytest.approx([1, 0.5, 0.2])
    assert table["depth"].to_list() == [0, 1, 2]


def test_who_imports_nothing_is_taken_to_make_it_and_that_is_said(tmp_path: Path) -> None:
    told = found(tmp_path, "subst", "C")
    at = told.product_ids.index("subst")
    assert told.share[at, told.country_ids.index("C")] == 1
    assert told.assumed_share[at] == 1


def test_known_output_is_a_countrys_own_part(tmp_path: Path) -> None:
    output = pl.DataFrame({"country_id": ["D"], "product_id": ["pack"], "output_usd": [300.0]})
    place = folder(tmp_path / "t", CHAIN)
    materials = bill(EDGES)
    supplied = supply(place, materials.product_ids, 2020, output_usd=output)
    told = exposure(materials, supplied, "pack", "D")
    at = told.product_ids.index("pack")
    assert told.share[at, told.country_ids.index("D")] == pytest.approx(300 / 400)


def test_a_ring_of_products_is_followed_until_nothing_is_left() -> None:
    """x needs 0.5 of y, y 0.5 of x: one unit of x holds 1 / (1 - 0.25) of x in all."""
    materials = bill(
        pl.DataFrame({"product_id": ["x", "y"], "input_id": ["y", "x"], "value_share": [0.5, 0.5]})
    )
    share = np.zeros((2, 2, 2))
    share[:, :, 1] = 1.0
    share[1, 1] = [0.25, 0.75]
    told = exposure(materials, Supply(("A", "B"), share, np.zeros((2, 2), bool)), "x", "A")
    assert told.value_share == pytest.approx([4 / 3, 2 / 3])
    assert told.share[1] == pytest.approx([0.25, 0.75])


def test_a_ring_that_adds_no_value_is_refused() -> None:
    edges = pl.DataFrame(
        {"product_id": ["x", "y"], "input_id": ["y", "x"], "value_share": [1.0, 1.0]}
    )
    share = np.ones((1, 2, 1))
    with pytest.raises(ModelError, match="TX041"):
        exposure(bill(edges), Supply(("A",), share, np.zeros((1, 2), bool)), "x", "A")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("x", "y", 0.7), ("x", "z", 0.4)], "make up 1.100"),
        ([("x", "y", 0.1), ("x", "y", 0.2)], "twice"),
        ([("x", "y", 0.0)], "above 0"),
        ([("x", "y", None)], "above 0"),
        ([("x", None, 0.2)], "named"),
    ],
)
def test_a_bill_that_makes_no_sense_is_refused(rows: list[tuple[object, ...]], words: str) -> None:
    edges = pl.DataFrame(rows, orient="row", schema=["product_id", "input_id", "value_share"])
    with pytest.raises(ModelError, match=words):
        bill(edges)


def test_without_shares_inputs_and_work_count_alike() -> None:
    edges = pl.DataFrame({"product_id": ["x", "x"], "input_id": ["y", "z"]})
    assert bill(edges).value_share[0].tolist() == pytest.approx([0, 1 / 3, 1 / 3])


def test_a_product_that_is_not_in_the_bill_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="TX030"):
        found(tmp_path, "tea")


@given(st.integers(0, 1000))
def test_rounds_add_up_to_the_solution_of_the_linear_system(seed: int) -> None:
    random = np.random.default_rng(seed)
    n_products, n_countries = 4, 3
    share = random.random((n_countries, n_products, n_countries)) + 0.01
    share /= share.sum(axis=2, keepdims=True)
    needs = random.random((n_products, n_products)) * 0.2
    names = tuple("wxyz")
    supplied = Supply(("A", "B", "C"), share, np.zeros((n_countries, n_products), bool))
    told = exposure(Bill(names, needs), supplied, "w", "A")
    # Unknown F[q, n] = start[q, n] + sum F[p, m] needs[p, q] share[m, q, n].
    step = np.einsum("pq,mqn->pmqn", needs, share).reshape(12, 12)
    start = np.zeros((n_products, n_countries))
    start[0] = share[0, 0]
    solved = np.linalg.solve(np.eye(12) - step.T, start.ravel()).reshape(n_products, n_countries)
    assert told.share * told.value_share[:, None] == pytest.approx(solved)
    assert told.share.sum(axis=1) == pytest.approx(np.ones(n_products))
