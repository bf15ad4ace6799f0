"""Complexity against hand cases, against the definitions taken word by word, and at its edges."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coproduce.dependence.complexity import (
    Complexity,
    Conventions,
    advantage,
    density_and_gain,
    measure,
    measure_table,
    proximity,
)
from coproduce.dependence.complexity.fitness import fitness
from coproduce.dependence.complexity.space import proximity_rows
from coproduce.records.errors import ModelError, UsageError

GIVEN = Conventions(presence="given")


def named(mcp: list[list[float]] | np.ndarray, conventions: Conventions = GIVEN) -> Complexity:
    values = np.asarray(mcp, dtype=float)
    countries = [f"C{i:03}" for i in range(len(values))]
    products = [f"P{i:04}" for i in range(values.shape[1])]
    return measure(values, countries, products, year=2020, conventions=conventions)


def made_up(countries: int, products: int, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    is_there = random.random((countries, products)) < 0.6
    return random.lognormal(0, 2, (countries, products)) * is_there


def by_definition(value: np.ndarray, diagonal: int = 1) -> dict[str, np.ndarray]:
    """Return the measures from the matrix of product pairs, as the definitions are written."""
    rca = (value / value.sum(axis=1)[:, None]) / (value.sum(axis=0) / value.sum())
    m = (rca >= 1).astype(float)
    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    eigenvalues, vectors = np.linalg.eig((m / ubiquity).T @ (m / diversity[:, None]))
    pci = np.real(vectors[:, eigenvalues.argsort()[-2]])
    eci = (m / diversity[:, None]) @ pci
    sign = np.sign(np.corrcoef(diversity, eci)[0, 1])
    eci, pci = sign * eci, sign * pci
    phi = np.minimum(m.T @ m / ubiquity, (m.T @ m / ubiquity).T)
    np.fill_diagonal(phi, diagonal)
    density = m @ phi / phi.sum(axis=0)
    coi = (density * (1 - m) * pci).sum(axis=1)
    gain = (1 - m) * ((1 - m) @ (phi * (pci / phi.sum(axis=1))[:, None]))
    return {
        "rca": rca,
        "mcp": m,
        "eci": (eci - eci.mean()) / eci.std(),
        "pci": (pci - eci.mean()) / eci.std(),
        "density": density,
        "coi": (coi - coi.mean()) / coi.std(),
        "cog": gain / eci.std(),
    }


@pytest.mark.parametrize(
    ("countries", "products", "diagonal"),
    [
        (30, 90, 1),  # more products than countries: sums through country matrices
        (30, 90, 0),  # the same with a product not near itself
        (70, 40, 1),  # fewer products: sums through the product matrix
        (70, 40, 0),
        (40, 40, 1),  # square
    ],
)
def test_measures_equal_their_definitions(countries: int, products: int, diagonal: int) -> None:
    value = made_up(countries, products)
    found = named(value, Conventions(diagonal=diagonal))  # type: ignore[arg-type]
    for name, told in by_definition(value, diagonal).items():
        assert np.abs(getattr(found, name) - told).max() < 1e-10, name
    assert not any("ECI" in warning for warning in found.warnings)


def test_two_countries_by_hand() -> None:
    """A has both goods, B the common one: K = [[3/4, 1/4], [1/2, 1/2]], so e = (1, -2)."""
    found = named([[1, 1], [1, 0]])
    assert found.eigenvalue == pytest.approx(1 / 4)
    assert found.eci == pytest.approx([1, -1])
    assert found.pci == pytest.approx([-1, 3])
    assert found.density == pytest.approx(np.array([[1, 1], [2 / 3, 1 / 3]]))
    assert found.cog == pytest.approx(np.array([[0, 0], [0, 16 / 9]]))
    assert found.coi == pytest.approx([-1, 1])
    assert (found.diversity.tolist(), found.ubiquity.tolist()) == ([2, 1], [2, 1])


def test_pci_may_have_a_scale_of_its_own_and_deviations_n_minus_1() -> None:
    value = made_up(20, 50)
    own = named(value, Conventions(pci_scale="own", ddof=1))
    assert own.pci.mean() == pytest.approx(0)
    assert own.pci.std(ddof=1) == pytest.approx(1)
    assert own.eci.std(ddof=1) == pytest.approx(1)


def test_advantage_of_a_country_or_product_without_exports_is_0() -> None:
    assert advantage(np.array([[0.0, 0.0], [3.0, 0.0]])).tolist() == [[0, 0], [1, 0]]


def test_proximity_in_blocks_is_the_whole_matrix() -> None:
    mcp = (made_up(20, 30) > 0.5).astype(float)
    whole = proximity(mcp)
    assert np.array_equal(np.vstack([rows for _, rows in proximity_rows(mcp, 7)]), whole)
    assert np.array_equal(whole, whole.T)


def test_what_has_no_exports_is_left_out() -> None:
    value = np.array([[5.0, 1.0, 0.0], [1.0, 5.0, 0.0], [0.0, 0.0, 0.0], [1.0, 4.0, 0.0]])
    found = named(value, Conventions())
    assert (found.country_ids, found.product_ids) == (("C000", "C001", "C003"), ("P0000", "P0001"))


def test_rows_of_zero_exports_are_left_out_with_a_word() -> None:
    """BBB is silent in 2021 only and CCC has no row then: no row of CCC is lost."""
    cells = [
        (year, country, product, 0.0 if (year, country) == (2021, "BBB") else float(value))
        for year in (2020, 2021)
        for country, row in (("AAA", (5, 1)), ("BBB", (1, 5)), ("CCC", (2, 3)), ("DDD", (4, 1)))
        for product, value in zip(("P1", "P2"), row, strict=True)
        if (year, country) != (2021, "CCC")
    ]
    columns = ["year", "country_id", "product_id", "value_usd"]
    frame = pl.DataFrame(cells, schema=columns, orient="row")
    first, second = measure_table(frame)
    assert not any("left out" in warning for warning in first.warnings)
    assert [each for each in second.warnings if "left out" in each] == [
        "BBB left out: no exports, or below the floors, in all rows"
    ]


def test_floors_leave_out_countries_first_and_then_what_only_they_sell() -> None:
    value = np.array([[50.0, 10.0, 0.0], [10.0, 50.0, 0.0], [0.0, 1.0, 3.0]])
    found = named(value, Conventions(min_country_usd=10))
    assert (found.country_ids, found.product_ids) == (("C000", "C001"), ("P0000", "P0001"))


def test_nothing_above_the_floors_is_refused() -> None:
    with pytest.raises(ModelError, match="TX010"):
        named(np.zeros((3, 3)), Conventions())


@pytest.mark.parametrize(
    ("mcp", "words"),
    [
        ([[1, 1, 0], [0, 1, 1], [1, 0, 1]], "repeated"),  # a ring: eigenvalues 1, 1/4, 1/4
        ([[1, 1], [1, 1]], "same products"),  # alike: second eigenvalue 0
        ([[1, 1]], "needs two countries"),
    ],
)
def test_where_eci_is_not_determined_it_is_nan_and_said(
    mcp: list[list[float]], words: str
) -> None:
    found = named(mcp)
    assert np.isnan(found.eci).all()
    assert np.isnan(found.pci).all()
    assert np.isnan(found.coi).all()
    assert np.isnan(found.cog).all()
    assert np.isfinite(found.density).all()
    assert any(words in warning for warning in found.warnings)


def test_a_country_that_shares_no_product_is_nan_and_does_not_disturb_the_others() -> None:
    alone = named([[1, 1], [1, 0]])
    found = named([[1, 1, 0], [1, 0, 0], [0, 0, 1]])
    assert found.eci[:2] == pytest.approx(alone.eci)
    assert found.pci[:2] == pytest.approx(alone.pci)
    assert np.isnan(found.eci[2])
    assert np.isnan(found.pci[2])
    assert np.isnan(found.coi[2])
    assert any("share no product" in warning for warning in found.warnings)


def test_a_high_threshold_leaves_countries_without_products_undefined_only_themselves() -> None:
    value = made_up(12, 200)
    value[3] = 0
    value[3] = value.sum(axis=0) * 0.01
    found = named(value, Conventions(rca_threshold=1.5))
    assert found.diversity[3] == 0
    assert np.isnan(found.eci).sum() == 1
    assert any("C003" in warning for warning in found.warnings)


def test_a_product_present_nowhere_has_neither_density_nor_pci() -> None:
    density, gain = density_and_gain(np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]]), np.ones(3))
    assert np.isnan(density[:, 1]).all()
    assert np.isnan(gain[:, 1]).all()
    assert np.isfinite(density[:, [0, 2]]).all()


def test_where_diversity_gives_no_sign_the_first_country_is_positive_and_it_is_said() -> None:
    found = named([[1, 1, 0], [0, 1, 1]])
    assert found.eci.tolist() == pytest.approx([1, -1])
    assert any("sign is open" in warning for warning in found.warnings)


def test_tiny_countries_are_named() -> None:
    value = made_up(10, 30)
    value[4] *= 1e-9
    warnings = named(value, Conventions()).warnings
    assert any("C004" in warning and "min_country_usd" in warning for warning in warnings)


def test_fitness_by_hand() -> None:
    """One round from 1: F = (2, 1) / 1.5; Q = (1/2, 1) / 0.75."""
    country, product, doubt = fitness(np.array([[1.0, 1.0], [1.0, 0.0]]), rounds=1)
    assert country == pytest.approx([4 / 3, 2 / 3])
    assert product == pytest.approx([2 / 3, 4 / 3])
    assert "after 1 rounds" in doubt


def test_fitness_satisfies_its_own_equations() -> None:
    mcp = (advantage(made_up(40, 90)) >= 1).astype(float)
    country, product, doubt = fitness(mcp, rounds=2000)
    assert doubt == ""
    again = mcp @ product
    assert country == pytest.approx(again / again.mean(), abs=1e-7)


@pytest.mark.parametrize(
    "wrong", [{"presence": "x"}, {"diagonal": 2}, {"rca_threshold": 0}, {"fitness_rounds": 0}]
)
def test_a_convention_that_does_not_exist_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="TX001"):
        Conventions(**wrong)  # type: ignore[arg-type]


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(-10, 20))
def test_units_and_order_change_nothing(seed: int, unit: int) -> None:
    value = made_up(8, 15, seed)
    random = np.random.default_rng(seed)
    rows, columns = random.permutation(8), random.permutation(15)
    found = named(value, Conventions())
    turned = named((value * 2.0**unit)[rows][:, columns], Conventions())
    assert turned.warnings == found.warnings
    if not np.isnan(found.eci).any():
        assert turned.eci == pytest.approx(found.eci[rows], abs=1e-8)
        assert turned.density == pytest.approx(found.density[rows][:, columns])


@given(st.integers(0, 10_000))
def test_a_countrys_eci_is_the_mean_pci_of_its_products(seed: int) -> None:
    found = named(made_up(15, 40, seed), Conventions())
    known = np.isfinite(found.eci)
    mean = found.mcp @ np.nan_to_num(found.pci) / found.diversity
    assert mean[known] == pytest.approx(found.eci[known], abs=1e-8)
    assert ((found.density >= 0) & (found.density <= 1 + 1e-12)).all()
