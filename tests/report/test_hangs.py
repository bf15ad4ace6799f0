from __future__ import annotations

import polars as pl
import pytest

from coproduce.report import centre, hangs
from coproduce.report.summary import assumed_share
from tests import worlds
from tests.report import made

NEEDS = {("alpha", "api"): 206.0, ("beta", "api"): 60.0}


def test_the_capital_cost_of_a_line_swings_by_its_spent_range() -> None:
    found = {h.row: h for h in hangs.rank(worlds.programme(), made.plan_tables())}
    # One line of solids at 192 mn in 2027, a year from the base year at 5 %; 260–400 of 320.
    line = found["modules:solids|line"]
    assert line.range_share == pytest.approx(140 / 320)
    assert line.swing_mn == pytest.approx(192 / 1.05 * 140 / 320)
    assert line.is_range_known


def test_a_price_swings_by_the_worth_of_what_is_sold_at_it() -> None:
    found = {h.row: h for h in hangs.rank(worlds.programme(), made.plan_tables())}
    earned = sum(150 / 1.05 ** (year - 2026) for year in range(2028, 2033))
    assert found["prices:alpha|retail"].swing_mn == pytest.approx(earned * 16 / 50)


def test_facts_that_the_plan_does_not_use_are_left_out() -> None:
    found = {h.row for h in hangs.rank(worlds.programme(), made.plan_tables())}
    assert "modules:chem|large" not in found
    assert "sources:s05" in found
    assert "sources:s04" not in found


def test_well_known_facts_are_left_out() -> None:
    known = worlds.programme(
        modules=lambda rows: rows.with_columns(status=pl.lit("reported")),
        prices=lambda rows: rows.with_columns(status=pl.lit("observed")),
    )
    rows = {h.row.split(":")[0] for h in hangs.rank(known, made.plan_tables())}
    assert "modules" not in rows
    assert "prices" not in rows


def test_an_unknown_range_is_a_quarter_either_way_and_says_so() -> None:
    blind = worlds.programme(
        modules=lambda rows: rows.with_columns(capex_low_mn=None, capex_high_mn=None)
    )
    found = {h.row: h for h in hangs.rank(blind, made.plan_tables())}
    assert found["modules:solids|line"].range_share == 0.5
    assert not found["modules:solids|line"].is_range_known


def test_the_ranking_starts_with_the_largest_swing() -> None:
    swings = [h.swing_mn for h in hangs.rank(worlds.programme(), made.plan_tables())]
    assert swings == sorted(swings, reverse=True)


def test_the_screen_of_early_stages_is_what_the_hand_computes() -> None:
    world = worlds.programme()
    found = {
        (v.product_id, v.stage_id): v
        for v in centre.screen(
            world, worlds.law(world)["duties"], made.plan_tables()["production"], NEEDS
        )
    }
    alpha = found["alpha", "api"]
    # Bought: 9,500 USD/t at 80 = 0.76 mn/t, no duty. Made: 0.15 mn, 1.2 t of intermediate at
    # 3,000 USD, and a 200 t line of 800 mn written off over 10 years at 10 % plus 45 mn a year.
    annuity = (1 - 1.1**-10) / 0.1
    own = 0.15 + 1.2 * 0.24 + (800 / annuity + 45) / 200
    assert alpha.import_mn_per_unit == pytest.approx(0.76)
    assert alpha.own_mn_per_unit == pytest.approx(own)
    assert alpha.verdict == "does_not_pay"
    beta = found["beta", "api"]
    assert beta.is_made
    assert beta.verdict == "pays_alone"
    assert ("beta", "intermediate") not in found, "no technology makes it"


def test_a_dearer_line_in_the_plan_pays_only_through_access() -> None:
    world = worlds.programme(
        modules=lambda rows: rows.with_columns(capex_mn=pl.col("capex_mn") * 9)
    )
    found = {
        v.product_id: v.verdict
        for v in centre.screen(
            world, worlds.law(world)["duties"], made.plan_tables()["production"], NEEDS
        )
        if v.stage_id == "api"
    }
    assert found == {"alpha": "does_not_pay", "beta": "only_access"}


def test_the_assumed_share_is_between_nil_and_one() -> None:
    cash = made.plan_tables()["cash"]
    assert assumed_share(cash.head(0)) == 0
    assert assumed_share(cash.with_columns(status=pl.lit("synthetic"))) == 1
