"""Discounting, payback and rates of return against textbooks and other libraries."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy_financial
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from coproduce.appraisal.finance import annuity, irr, npv, payback_years

amounts = st.floats(-1000, 1000, allow_nan=False).map(lambda value: round(value, 2))


def guano_cash() -> list[float]:
    """Return the cash of Brealey, Myers and Allen's guano project, made from its lines.

    Source: Principles of Corporate Finance, ch. 6, straight-line depreciation; thousands.
    """
    sales = [0, 523, 12887, 32610, 48901, 35834, 19717, 0]
    goods = [0, 837, 7729, 19552, 29345, 21492, 11830, 0]
    other = [4000, 2200, 1210, 1331, 1464, 1611, 1772, 0]
    working = [0, 550, 1289, 3261, 4890, 3583, 2002, 0]
    cash, before = [], 0
    for year in range(8):
        depreciation = 1583 if 1 <= year <= 6 else 0
        margin = sales[year] - goods[year] - other[year]
        gain = 1949 - 500 if year == 7 else 0
        tax = 0.35 * (margin - depreciation + gain)
        flow = margin - tax - (working[year] - before)
        flow += 1949 if year == 7 else 0
        flow -= 10000 if year == 0 else 0
        cash.append(flow)
        before = working[year]
    return cash


def test_the_guano_project_has_the_value_of_the_textbook() -> None:
    assert npv(0.2, guano_cash()) == pytest.approx(3519, abs=3)


def test_the_printed_cash_of_the_guano_project_has_the_value_of_the_textbook() -> None:
    printed = [-12600, -1630, 2381, 6205, 10685, 10136, 6110, 3444]
    assert npv(0.2, printed) == pytest.approx(3519, abs=1)


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        # the example of a spreadsheet's manual for IRR: five years, four years, two years
        ([-70000, 12000, 15000, 18000, 21000, 26000], 0.0866309480365),
        ([-70000, 12000, 15000, 18000, 21000], -0.0212448482734),
        ([-70000, 12000, 15000], -0.4435069413347),
    ],
)
def test_rates_of_return_equal_those_of_the_manual(flows: list[float], rate: float) -> None:
    assert irr(flows).rate_share == pytest.approx(rate, rel=1e-9)


def test_several_rates_are_all_found_and_none_is_quoted() -> None:
    found = irr([-4000, 25000, -25000])
    assert found.roots == pytest.approx((0.25, 4.0))
    assert found.rate_share is None
    assert found.reason == "several"


@pytest.mark.parametrize(
    ("flows", "why"),
    [
        ([1000, -3000, 2500], "its roots are complex"),
        ([10, 20, 30], "nothing is paid out"),
        ([-10, -20], "nothing comes back"),
        ([0, 0], "there is no cash"),
        ([], "there are no years"),
    ],
)
def test_cash_without_a_rate_has_none(flows: list[float], why: str) -> None:
    assert irr(flows).reason == "none", why


def test_a_rate_met_twice_is_one_rate() -> None:
    # (1 - 1.5x)² with x = 1/(1+r): touches nil at 50 % without a change of sign
    found = irr([1.0, -3.0, 2.25])
    assert found.roots == pytest.approx((0.5,), abs=1e-9)


def test_idle_years_at_both_ends_move_no_rate() -> None:
    assert irr([0, 0, -100, 60, 60, 0]).rate_share == pytest.approx(irr([-100, 60, 60]).rate_share)


@settings(max_examples=30, deadline=None)
@given(rates=st.lists(st.integers(-80, 300), min_size=1, max_size=4, unique=True))
def test_all_known_roots_are_found(rates: list[int]) -> None:
    known = sorted(rate / 100 for rate in rates)
    flows = [1.0]
    for rate in known:  # multiply by (1 - (1+rate) x)
        shifted = [0.0, *(-(1 + rate) * flow for flow in flows)]
        flows = [a + b for a, b in zip([*flows, 0.0], shifted, strict=True)]
    assert irr(flows).roots == pytest.approx(known, abs=1e-6)


@given(
    outlay=st.floats(1, 1000),
    inflows=st.lists(st.floats(0.01, 500), min_size=1, max_size=20),
)
def test_plain_investments_agree_with_two_libraries(outlay: float, inflows: list[float]) -> None:
    flows = [-outlay, *inflows]
    rate = irr(flows).rate_share
    assert rate is not None
    assert npv(rate, flows) == pytest.approx(0, abs=1e-6 * max(outlay, sum(inflows)) / (1 + rate))
    for other in (pyxirr.irr(flows), numpy_financial.irr(flows)):
        if other is not None and other == other and -0.95 < other < 50:
            assert rate == pytest.approx(other, rel=1e-6, abs=1e-8)


SAMPLES = ("unordered", "minus_0_993", "zeros", "rw-50", "30-0", "30-8", "30-12", "30-44")


@pytest.mark.parametrize("name", SAMPLES)
def test_roots_hold_the_rate_that_pyxirr_picks(shared_data: Path, name: str) -> None:
    """The sample files of pyxirr, read as yearly cash."""
    path = shared_data / "risk" / "pyxirr_samples" / f"{name}.csv"
    if not path.is_file():
        pytest.skip(f"BENCHMARK DATA NOT FOUND: {path.name} is missing, this test did not run")
    with path.open() as lines:
        flows = [float(row[1]) for row in csv.reader(lines)]
    found, theirs = irr(flows), pyxirr.irr(flows)
    assert found.roots, "each of these files has a rate"
    if theirs is not None:
        assert min(abs(root - theirs) for root in found.roots) < 1e-9
    for root in found.roots:
        scale = sum(abs(flow) / (1 + root) ** year for year, flow in enumerate(flows))
        assert abs(npv(root, flows)) < 1e-9 * scale


@given(
    rate=st.floats(-0.5, 1),
    pairs=st.lists(st.tuples(amounts, amounts), min_size=1, max_size=15),
)
def test_present_values_add_up(rate: float, pairs: list[tuple[float, float]]) -> None:
    one, other = ([pair[side] for pair in pairs] for side in (0, 1))
    both = [a + b for a, b in pairs]
    scale = sum(abs(a) + abs(b) for a, b in pairs) * 2.0**15 + 1
    parts = npv(rate, one) + npv(rate, other)
    assert npv(rate, both) == pytest.approx(parts, abs=1e-12 * scale)


@given(rate=st.floats(0, 1), years=st.integers(1, 40))
def test_an_annuity_is_the_sum_of_its_years(rate: float, years: int) -> None:
    assert annuity(rate, years) == pytest.approx(npv(rate, [1.0] * years, 1), rel=1e-6)


@pytest.mark.parametrize(
    ("flows", "years", "why"),
    [
        ([-100, 50, 50], 2.0, "exactly at the end of the second year"),
        ([-100, 40, 40, 40], 2.5, "half of the third year"),
        ([0, -100, 200], 0.5, "counted from the first outlay"),
        ([-100, 150, -100, 60], 3 - 1 + 50 / 60, "the later outlay counts too"),
        ([-100, 50], None, "it never comes back"),
        ([10, 10], None, "there is no outlay"),
    ],
)
def test_payback_is_counted_from_the_first_outlay(
    flows: list[float], years: float | None, why: str
) -> None:
    assert payback_years(flows) == (None if years is None else pytest.approx(years)), why


def test_discounted_payback_is_never_shorter() -> None:
    flows = [-100, 30, 40, 50, 60]
    simple, discounted = payback_years(flows), payback_years(flows, 0.1)
    assert simple is not None
    assert discounted is not None
    assert discounted > simple
