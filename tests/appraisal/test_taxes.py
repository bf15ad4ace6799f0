"""Exact profit tax of a site: losses, clock of first profit, running cap on relief."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.appraisal.taxes import SiteRates, site_tax_years
from coproduce.records.errors import ModelError

YEARS = tuple(range(2027, 2033))


def rates(*, relief_years: int = 2, is_capped: bool = True, grace_years: int = 3) -> SiteRates:
    """Return 5 % for some years from first profit, then 25 %."""
    rows = [
        {
            "site_id": "s",
            "year": year,
            "first_profit_year": first,
            "rate_share": 0.05 if year < first + relief_years else 0.25,
            "general_rate_share": 0.25,
            "is_relief_capped": is_capped,
            "relief_grace_years": grace_years,
            "rules": "law@2026-04-01",
        }
        for first in YEARS
        for year in range(first, YEARS[-1] + 1)
    ]
    return SiteRates(pl.DataFrame(rows), dict.fromkeys(YEARS, 0.25), "trade")


def taxes(profit: list[float], capex: list[float], law: SiteRates, limit: float = 1.0) -> list:
    return site_tax_years("s", YEARS, profit, capex, law, limit)


def test_losses_cancel_later_profits_and_delay_the_clock() -> None:
    made = taxes([-100, 60, 80, 100, 100, 100], [900, 0, 0, 0, 0, 0], rates())
    assert [year.base_mn for year in made] == [0, 0, 40, 100, 100, 100]
    assert [year.first_profit_year for year in made] == [None, None, 2029, 2029, 2029, 2029]
    # the low rate begins with the first taxable profit, not with the first profit before losses
    assert [year.tax_mn for year in made] == pytest.approx([0, 0, 2, 5, 25, 25])


def test_a_limit_on_losses_leaves_part_of_the_profit_taxable() -> None:
    made = taxes([-100, 60, 80, 100, 0, 0], [900, 0, 0, 0, 0, 0], rates(relief_years=0), 0.5)
    assert [year.loss_used_mn for year in made] == pytest.approx([0, 30, 40, 30, 0, 0])
    assert [year.tax_mn for year in made] == pytest.approx([0, 7.5, 10, 17.5, 0, 0])


def test_relief_stops_at_capital_cost_once_the_years_of_grace_are_over() -> None:
    law = rates(relief_years=6, grace_years=3)
    made = taxes([0, 100, 100, 100, 100, 100], [50, 0, 0, 0, 0, 0], law)
    assert [year.relief_mn for year in made] == pytest.approx([0, 20, 20, 10, 0, 0])
    assert made[-1].relief_total_mn == pytest.approx(50)
    assert made[-1].tax_mn == pytest.approx(25)


def test_relief_above_the_cap_taken_during_grace_is_paid_back() -> None:
    law = rates(relief_years=6, grace_years=3)
    made = taxes([0, 100, 100, 100, 100, 100], [30, 0, 0, 0, 0, 0], law)
    assert [year.relief_mn for year in made] == pytest.approx([0, 20, 20, -10, 0, 0])
    assert made[3].tax_mn == pytest.approx(35)


def test_without_a_cap_relief_goes_on() -> None:
    law = rates(relief_years=6, is_capped=False)
    made = taxes([100] * 6, [1, 0, 0, 0, 0, 0], law)
    assert sum(year.relief_mn for year in made) == pytest.approx(120)


def test_the_trade_pays_the_general_rate() -> None:
    made = site_tax_years("trade", YEARS, [100.0] * 6, [0.0] * 6, rates())
    assert {round(year.tax_mn, 9) for year in made} == {25.0}


def test_a_site_without_law_is_named() -> None:
    with pytest.raises(ModelError, match=r"A101.*site other, year 2027"):
        site_tax_years("other", YEARS, [1.0] * 6, [0.0] * 6, rates())


amounts = st.lists(st.floats(-200, 200), min_size=6, max_size=6)
costs = st.lists(st.floats(0, 100), min_size=6, max_size=6)


@given(profit=amounts, capex=costs, limit=st.floats(0, 1), grace=st.integers(0, 4))
def test_tax_is_never_negative_and_relief_stays_under_its_cap(
    profit: list[float], capex: list[float], limit: float, grace: int
) -> None:
    made = taxes(profit, capex, rates(relief_years=4, grace_years=grace), limit)
    for year in made:
        assert year.tax_mn >= -1e-9
        if year.relief_cap_mn is not None:
            assert year.relief_total_mn <= year.relief_cap_mn + 1e-9


@given(profit=amounts, limit=st.floats(0, 1))
def test_profit_taxed_and_losses_left_account_for_all_profit(
    profit: list[float], limit: float
) -> None:
    made = taxes(profit, [0.0] * 6, rates(), limit)
    taxed = sum(year.base_mn for year in made)
    assert taxed - made[-1].loss_carried_mn == pytest.approx(sum(profit), abs=1e-6)
