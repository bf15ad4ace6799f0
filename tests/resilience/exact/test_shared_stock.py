"""Sources that share a stock: published values, an independent solution, limits and order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from coproduce.records.errors import ModelError, UsageError
from coproduce.resilience import on_off_shortage
from coproduce.resilience.exact import Group, shared_stock_shortage
from coproduce.resilience.exact.sources import states_of


def alike(sources: int, capacity: float) -> list[Group]:
    return [Group(sources, capacity, 0.5, 2.5)]


@pytest.mark.parametrize(
    ("sources", "capacity", "exact"),
    [
        (1, 1.5, 0.0774918163),
        (2, 0.75, 0.02046123),
        (2, 1.2, 0.00588941),
        (3, 0.45, 0.01449318),
        (3, 0.55, 0.00387905),
        (4, 0.4, 0.00165115),
        (6, 0.3, 5.437e-5),
    ],
)
def test_the_table_of_known_values_comes_out_to_its_last_digit(
    sources: int, capacity: float, exact: float
) -> None:
    """λ 0.5, μ 2.5, stock 0.35, demand 1; values also simulated elsewhere."""
    found = shared_stock_shortage(alike(sources, capacity), 1.0, 0.35)
    digits = len(f"{exact:.10f}".rstrip("0")) - 2 if exact > 1e-3 else 8
    assert round(found.expected_shortage_share, digits) == pytest.approx(exact, abs=1e-12)
    assert found.is_exact


def by_matrix_exponential(groups: list[Group], demand: float, stock: float) -> float:
    """Solve the same equations without eigenvalues: F(B) = F(0) exp(Q D⁻¹ B)."""
    chain = states_of(groups)
    net = chain.capacity(groups) - demand
    across = expm(chain.rates / net[None, :] * stock)
    empties = np.flatnonzero(net < 0)
    start = np.linalg.solve(across[np.ix_(empties, empties)].T, chain.shares[empties])
    return float(start @ -net[empties]) / demand


def a_group(draw: st.DrawFn) -> Group:
    return Group(
        draw(st.integers(1, 2)),
        draw(st.floats(0.2, 1.3)),
        draw(st.floats(0.1, 3)),
        draw(st.floats(0.3, 6)),
    )


@st.composite
def some_groups(draw: st.DrawFn) -> list[Group]:
    return [a_group(draw) for _ in range(draw(st.integers(1, 3)))]


@given(groups=some_groups(), stock=st.floats(0.01, 1.0))
def test_different_sources_agree_with_a_solution_without_eigenvalues(
    groups: list[Group], stock: float
) -> None:
    chain = states_of(groups)
    net = chain.capacity(groups) - 1.0
    if np.abs(net).min() < 0.02 or not ((net > 0).any() and (net < 0).any()):
        return  # the other solution divides by the net rate
    if (np.diag(-chain.rates) / np.abs(net)).max() * stock > 12:
        return  # and its exponential loses digits where it grows far
    found = shared_stock_shortage(groups, 1.0, stock).expected_shortage_share
    assert found == pytest.approx(by_matrix_exponential(groups, 1.0, stock), rel=1e-6, abs=1e-12)


@given(groups=some_groups(), stock=st.floats(0, 2), more=st.floats(0, 2))
def test_more_stock_never_raises_shortage(groups: list[Group], stock: float, more: float) -> None:
    less, with_more = (
        shared_stock_shortage(groups, 1.0, held).expected_shortage_share
        for held in (stock, stock + more)
    )
    assert 0.0 <= with_more <= less + 1e-9 <= 1.0 + 1e-9


def test_one_source_by_the_spectral_method_equals_the_closed_form() -> None:
    twin = [Group(1, 1.5, 0.5, 2.5), Group(1, 1e-12, 1.0, 1.0)]
    found = shared_stock_shortage(twin, 1.0, 0.35).expected_shortage_share
    assert found == pytest.approx(on_off_shortage(0.5, 0.4, 0.35, 1.5), rel=1e-10)


def test_alike_sources_may_be_named_one_by_one() -> None:
    together = shared_stock_shortage([Group(3, 0.45, 0.5, 2.5)], 1.0, 0.35)
    apart = shared_stock_shortage([Group(1, 0.45, 0.5, 2.5)] * 3, 1.0, 0.35)
    assert apart.expected_shortage_share == pytest.approx(
        together.expected_shortage_share, rel=1e-12
    )


@pytest.mark.parametrize(
    ("sources", "capacity", "why"),
    [
        (2, 1.0, "one of two meets demand exactly"),
        (4, 0.25, "only all four together meet it: stock is never filled"),
        (3, 0.5, "two of three meet it exactly"),
        (4, 0.5, "two of four meet it exactly"),
    ],
)
def test_a_state_that_leaves_the_stock_still_is_the_limit_of_its_neighbours(
    sources: int, capacity: float, why: str
) -> None:
    below, at, above = (
        shared_stock_shortage(alike(sources, capacity * factor), 1.0, 0.35).expected_shortage_share
        for factor in (1 - 1e-6, 1.0, 1 + 1e-6)
    )
    assert above <= at <= below, why
    assert at == pytest.approx((below + above) / 2, rel=1e-5), why


@pytest.mark.parametrize("sources", [2, 3, 5])
def test_nothing_is_lost_where_filling_and_emptying_balance_on_average(sources: int) -> None:
    """Capacity times availability equals demand: two roots meet at nil."""
    capacity = 1.2 / sources
    below, at, above = (
        shared_stock_shortage(alike(sources, capacity * factor), 1.0, 0.35).expected_shortage_share
        for factor in (1 - 1e-6, 1.0, 1 + 1e-6)
    )
    assert at == pytest.approx((below + above) / 2, rel=1e-9)


def test_without_stock_all_states_are_added_up() -> None:
    # two of 0.75: both down 1/36 leaves all, one down 10/36 leaves a quarter
    found = shared_stock_shortage(alike(2, 0.75), 1.0)
    assert found.expected_shortage_share == pytest.approx(1 / 36 + 10 / 36 / 4)
    assert found.availability_share == pytest.approx(25 / 36)


def test_many_sources_that_could_do_without_stock_need_none() -> None:
    assert shared_stock_shortage(alike(100, 0.015), 1.0, 0.35).expected_shortage_share < 1e-30


def test_sources_that_never_reach_demand_never_fill_the_stock() -> None:
    found = shared_stock_shortage(alike(2, 0.4), 1.0, 5.0)
    assert found.expected_shortage_share == pytest.approx(1 - 0.8 * 5 / 6)
    assert found.short_time_share == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("group", "demand", "stock", "code"),
    [
        (Group(1, 1.5, 0.0, 2.5), 1.0, 0.35, "S101"),
        (Group(1, 1.5, 0.5, -1.0), 1.0, 0.35, "S101"),
        (Group(1, 0.0, 0.5, 2.5), 1.0, 0.35, "S101"),
        (Group(1, 1.5, float("nan"), 2.5), 1.0, 0.35, "S101"),
        (Group(0, 1.5, 0.5, 2.5), 1.0, 0.35, "S104"),
        (Group(1, 1.5, 0.5, 2.5), 0.0, 0.35, "S101"),
        (Group(1, 1.5, 0.5, 2.5), 1.0, -0.1, "S102"),
        (Group(1, 1.5, 0.5, 2.5), 1.0, float("inf"), "S102"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(
    group: Group, demand: float, stock: float, code: str
) -> None:
    with pytest.raises(UsageError) as refused:
        shared_stock_shortage([group], demand, stock)
    assert refused.value.code == code


def test_no_source_is_refused() -> None:
    with pytest.raises(UsageError, match="no source"):
        shared_stock_shortage([], 1.0)


def test_too_many_joint_states_are_refused_and_not_approximated() -> None:
    with pytest.raises(ModelError, match="simulate") as refused:
        shared_stock_shortage([Group(1, 0.2, 0.5 + k, 2.5) for k in range(9)], 1.0, 0.1)
    assert refused.value.code == "S105"
