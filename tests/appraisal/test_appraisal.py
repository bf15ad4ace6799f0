"""The room on a plan made by hand; see `plans.joint` for its numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coproduce import appraisal
from coproduce.appraisal.case import read_case
from coproduce.appraisal.finance import annuity
from coproduce.appraisal.parties import BASELINE_ITEMS
from coproduce.appraisal.venture import pay_out
from coproduce.appraisal.zone import (
    LEVERS,
    Payment,
    after_payment,
    nash_payment,
    payment_of,
    payment_zone,
    smallest_change,
)
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof
from coproduce.records.tables import TABLES
from tests import worlds
from tests.appraisal import plans


@pytest.fixture(scope="module")
def result() -> appraisal.Result:
    return appraisal.run(plans.inputs())


def cell(frame: pl.DataFrame, column: str, **where: object) -> float:
    rows = frame.filter(pl.all_horizontal(pl.col(k) == v for k, v in where.items()))
    assert rows.height == 1, (where, rows)
    return float(rows[column][0])


def row(result: appraisal.Result, party_id: str) -> dict[str, object]:
    return result.parties.filter(pl.col("party_id") == party_id).row(0, named=True)


def test_the_statement_of_a_full_year_can_be_done_by_hand(result: appraisal.Result) -> None:
    # sales 200, inputs 60, variable 20, fixed 25, royalty 4 → 91; 400 mn over 10 years → 40
    year = result.statement.filter(pl.col("year") == 2029).row(0, named=True)
    assert year["ebitda_mn"] == pytest.approx(91)
    assert year["depreciation_mn"] == pytest.approx(40)
    assert year["profit_before_tax_mn"] == pytest.approx(51)
    # site: 180-60-20-25-40 = 35 at 5 %; trade: 200-180-4 = 16 at 25 %
    assert year["tax_mn"] == pytest.approx(35 * 0.05 + 16 * 0.25)


def test_the_difference_to_the_plans_linear_tax_is_printed(result: appraisal.Result) -> None:
    figures = {figure.figure_id: figure for figure in result.figures}
    assert figures["appraisal.tax_plan"].value == pytest.approx(5 * 8)
    # 2028: the site uses a loss of 12, the trade one of 10
    first = (35 - 12) * 0.05 + (16 - 10) * 0.25
    assert figures["appraisal.tax_exact"].value == pytest.approx(first + 4 * 5.75)
    assert figures["appraisal.tax_difference"].value == pytest.approx(first + 4 * 5.75 - 40)


def test_a_party_pays_its_part_of_capital_and_of_the_first_shortfall(
    result: appraisal.Result,
) -> None:
    for party_id in ("HO", "PA"):
        paid = cell(
            result.party_cash, "value_mn", party_id=party_id, year=2027, item="capital_paid_in"
        )
        assert paid == pytest.approx(-(400 + 22) / 2)


def test_a_dividend_is_withheld_and_taxed_at_home_with_ordinary_credit(
    result: appraisal.Result,
) -> None:
    where = {"party_id": "PA", "year": 2030}
    dividend = cell(result.party_cash, "value_mn", item="dividend", **where)
    assert dividend == pytest.approx((51 - 5.75) / 2)
    withheld = cell(result.party_cash, "value_mn", item="dividend_withheld", **where)
    assert withheld == pytest.approx(-0.10 * dividend)
    # at home 25 % less the 10 % withheld, on dividend and royalty; 25 % on the input margin
    home = cell(result.party_cash, "value_mn", item="home_tax", **where)
    margin = 0.1 * 40 * 10000 * 80 / 1e6
    assert cell(result.party_cash, "value_mn", item="input_margin", **where) == pytest.approx(
        margin
    )
    assert home == pytest.approx(-0.15 * (dividend + 4) - 0.25 * margin)


def test_the_partner_gets_its_fee_once_a_product_besides_the_cost_of_transfer(
    result: appraisal.Result,
) -> None:
    fees = result.party_cash.filter(pl.col("item") == "transfer_fee")
    assert fees["value_mn"].sum() == pytest.approx(10)
    assert cell(result.statement, "ebitda_mn", year=2027) == pytest.approx(-22)


def test_a_royalty_that_the_plan_books_is_not_counted_twice(result: appraisal.Result) -> None:
    booked = appraisal.run(plans.inputs(plan=plans.joint(booked_royalty_share=0.02)))
    assert booked.party_cash.equals(result.party_cash)


def test_exports_of_today_follow_demand_shares_prices_and_access(
    result: appraisal.Result,
) -> None:
    """Alpha in retail alone in 2027: what the partner sells there today."""
    packs = 13 * 1.02
    pack_mn = packs * 0.5 * 0.5 * 80  # half of packs at USD 500,000 a million
    fdf_mn = packs * 0.5 * 20.2 * 0.7 * 15000 * 80 / 1e6
    api_mn = packs * 0.5 * 20.2 * 0.3 * 0.51 * 0.6 * 10000 * 80 / 1e6
    only_retail = worlds.programme(
        demand=lambda rows: rows.filter(
            (pl.col("product_id") == "alpha") & (pl.col("segment_id") == "retail")
        )
    )
    made = appraisal.run(plans.inputs(only_retail))
    margin = cell(made.party_cash, "value_mn", party_id="PA", year=2027, item="exports_today")
    assert margin == pytest.approx((pack_mn + fdf_mn + api_mn) * 0.15 * 0.75)
    lost = cell(made.party_cash, "value_mn", party_id="PA", year=2028, item="exports_displaced")
    assert lost == pytest.approx(-margin * 1.02 * 4 / 13)


def test_a_segment_closed_by_law_is_lost_with_or_without_the_plan() -> None:
    """Packs from abroad are not looked at in the listed tender once a rival is local."""
    closed = worlds.programme(
        demand=lambda rows: rows.filter(pl.col("segment_id") == "tender_listed")
    )
    made = appraisal.run(plans.inputs(closed))
    trade = read_case(plans.inputs(closed), appraisal.Options()).trade
    assert trade.imports_today == pytest.approx(np.zeros(6))
    assert trade.lost_to_law[0] > 0
    assert trade.partner_today[0] > 0  # tablets that the host packs are not foreign
    assert any("close" in words.en for words in made.reasons)


def test_gain_is_the_joint_deal_less_the_best_alternative(result: appraisal.Result) -> None:
    for party in result.parties.iter_rows(named=True):
        assert party["gain_mn"] == pytest.approx(
            party["npv_mn"] - party["best_alternative_npv_mn"]
        )
    # the host alone builds nothing here, so both sides' best alternative is today's trade, and
    # the gain is what the deal brings against today
    assert row(result, "HO")["best_alternative_id"] == "as_today"
    for party_id in ("HO", "PA"):
        party = row(result, party_id)
        assert party["gain_mn"] == pytest.approx(party["deal_npv_mn"])


def test_a_host_that_does_well_alone_needs_more_from_the_deal() -> None:
    alone = plans.joint(capex_mn=300)
    made = appraisal.run(plans.inputs(alone=alone))
    host = row(made, "HO")
    assert host["best_alternative_id"] == "host_alone"
    assert host["gain_mn"] < host["deal_npv_mn"]
    figures = {figure.figure_id: figure.value for figure in made.figures}
    assert (
        figures["appraisal.alternative.exports_beside_host_alone.PA"]
        < figures["appraisal.alternative.export_as_today.PA"]
    )


def test_the_worth_after_the_horizon_is_an_annuity_at_the_partys_own_rate(
    result: appraisal.Result,
) -> None:
    recurrent = 91 * (1 - 0.25) / 2 + cell(
        result.party_cash, "value_mn", party_id="HO", year=2032, item="distribution_displaced"
    )
    end = cell(result.party_cash, "value_mn", party_id="HO", year=2032, item="terminal_value")
    assert end == pytest.approx(recurrent * annuity(0.1, 6))


def conserved(made: appraisal.Result, inputs_mn: float = 0.0) -> None:
    """Check that what parties and states get is what the undertaking and the inputs earn."""
    own = (*BASELINE_ITEMS, "terminal_value", "exports_displaced", "distribution_displaced")
    deal = made.party_cash.filter(~pl.col("item").is_in(own))
    got = deal.group_by("year").agg(pl.col("value_mn").sum()).sort("year")["value_mn"]
    taxes = made.states.group_by("year").agg(pl.col("value_mn").sum()).sort("year")["value_mn"]
    paid = made.party_cash.filter(
        pl.col("item").is_in(["royalty", "transfer_fee", "input_margin"])
    )
    outside = paid.group_by("year").agg(pl.col("value_mn").sum()).sort("year")["value_mn"]
    table = made.statement.sort("year")
    earned = table["ebitda_mn"] - table["capex_mn"] + outside
    assert (got + taxes).to_list() == pytest.approx(earned.to_list(), abs=1e-9)


def test_what_parties_and_states_get_is_what_the_undertaking_earns(
    result: appraisal.Result,
) -> None:
    conserved(result)


@settings(max_examples=8, deadline=None)
@given(
    capex=st.floats(0, 2000),
    sales=st.floats(0, 500),
    cost=st.floats(0, 60),
    deal_id=st.sampled_from(["jv_50_50", "licence_transfer", "supply_only"]),
)
def test_money_is_conserved_whatever_the_plan(
    capex: float, sales: float, cost: float, deal_id: str
) -> None:
    plan = plans.joint(capex_mn=capex, sales_mn=sales, transfer_cost_mn=cost)
    made = appraisal.run(plans.inputs(plan=plan), appraisal.Options(deal_id=deal_id))
    conserved(made)
    assert (made.site_taxes["tax_mn"] >= -1e-9).all()


@given(
    operating=st.lists(st.floats(-100, 100), min_size=5, max_size=5),
    capex=st.lists(st.floats(0, 100), min_size=5, max_size=5),
    profit=st.lists(st.floats(-100, 100), min_size=5, max_size=5),
)
def test_owners_get_no_more_capital_back_than_they_paid(
    operating: list[float], capex: list[float], profit: list[float]
) -> None:
    paid, dividends, repaid = pay_out(np.array(operating), np.array(capex), np.array(profit))
    assert (dividends >= -1e-9).all()
    assert (np.cumsum(repaid) <= np.cumsum(paid) + 1e-9).all()
    assert dividends + repaid - paid == pytest.approx(np.array(operating) - np.array(capex))


# --- zone of agreement ----------------------------------------------------------------------

gains = st.floats(-1000, 1000).map(lambda value: round(value, 3))
kept = st.builds(Payment, st.floats(0.1, 1.0), st.floats(0.1, 1.0))


@given(host=gains, partner=gains, share=kept)
def test_both_ends_of_the_zone_leave_one_party_at_nil_and_no_party_below(
    host: float, partner: float, share: Payment
) -> None:
    zone = payment_zone(host, partner, share)
    if zone is None:
        best = max(
            min(after_payment(host, partner, payment, share))
            for payment in np.linspace(-3000, 3000, 301)
        )
        assert best < 1e-6
        return
    for end in zone:
        after = after_payment(host, partner, end, share)
        assert min(after) == pytest.approx(0, abs=1e-6)


@given(host=gains, partner=gains, share=kept)
def test_the_nash_payment_beats_every_other_payment_in_the_zone(
    host: float, partner: float, share: Payment
) -> None:
    zone = payment_zone(host, partner, share)
    if zone is None:
        return
    fair = nash_payment(host, partner, share)
    assert zone[0] - 1e-6 <= fair <= zone[1] + 1e-6

    def product(payment: float) -> float:
        a, b = after_payment(host, partner, payment, share)
        return a * b

    others = [product(payment) for payment in np.linspace(*zone, 50)]
    assert product(fair) >= max(others) - 1e-6 * (1 + abs(max(others)))


def test_without_taxes_on_the_payment_both_gain_the_same() -> None:
    free = Payment(1.0, 1.0)
    assert after_payment(90.0, -10.0, nash_payment(90.0, -10.0, free), free) == (40.0, 40.0)


def test_the_equity_zone_ends_where_one_gain_is_nil() -> None:
    inputs = plans.inputs(plan=plans.joint(sales_mn=260))
    made = appraisal.run(inputs)
    case = read_case(inputs, appraisal.Options())
    zone = made.zone.filter(pl.col("term_id") == "partner_equity").row(0, named=True)
    assert zone["is_open"]
    assert 0 < zone["low"] < zone["high"] <= 1
    at_low = case.worth(case.plan_terms.with_partner_equity(zone["low"]))
    assert at_low.partner_gain_mn == pytest.approx(0, abs=1e-6)


def test_a_closed_zone_names_the_smallest_change_that_opens_it() -> None:
    inputs = plans.inputs(plan=plans.joint(capex_mn=700))
    made = appraisal.run(inputs)
    assert not made.verdict.is_zone_open
    assert made.verdict.fair_payment_mn is None
    case = read_case(inputs, appraisal.Options())
    worth = case.worth(case.plan_terms)
    share = payment_of(case)
    opened = 0
    for lever in LEVERS:
        change = cell_or_none(made.levers, lever.lever_id)
        assert change == smallest_change(case, worth, lever)
        if change is None:
            continue
        opened += 1
        for step, is_open in ((0.0, True), (-0.002, False)):
            there = case.worth(worth.terms, lever.make(change + step))
            found = payment_zone(there.host_gain_mn, there.partner_gain_mn, share)
            assert (found is not None) == is_open
    assert opened >= 2


def cell_or_none(levers: pl.DataFrame, lever_id: str) -> float | None:
    value = levers.filter(pl.col("lever_id") == lever_id)["value"][0]
    return None if value is None else float(value)


def test_an_open_zone_needs_no_lever() -> None:
    made = appraisal.run(plans.inputs(plan=plans.joint(sales_mn=260)))
    assert made.verdict.is_mutual
    assert made.levers.is_empty()
    assert made.verdict.payment_low_mn < 0 < made.verdict.payment_high_mn


# --- deals, currencies, words, errors -------------------------------------------------------


def test_every_deal_of_the_programme_is_compared_on_the_same_plan(
    result: appraisal.Result,
) -> None:
    assert result.deals.height == 2 * 3
    own = result.deals.filter(pl.col("deal_id") == "jv_50_50").sort("party_id")["gain_mn"]
    assert own.to_list() == pytest.approx(result.parties.sort("party_id")["gain_mn"].to_list())


def test_under_a_licence_the_partner_pays_no_capital(result: appraisal.Result) -> None:
    made = appraisal.run(plans.inputs(), appraisal.Options(deal_id="licence_transfer"))
    paid = made.party_cash.filter(
        (pl.col("party_id") == "PA") & (pl.col("item") == "capital_paid_in")
    )
    assert paid["value_mn"].sum() == 0
    assert row(made, "PA")["irr_share"] is None or row(made, "PA")["outlay_mn"] == 0


def test_a_party_is_paid_in_its_own_currency_at_the_years_rate() -> None:
    falling = worlds.programme(
        fx=lambda rows: rows.with_columns(
            base_per_unit=pl.when(pl.col("currency") == "PAC")
            .then(pl.col("year") - 2024.0)
            .otherwise(pl.col("base_per_unit"))
        )
    )
    made = appraisal.run(plans.inputs(falling))
    base = made.party_cash.filter((pl.col("party_id") == "PA") & (pl.col("year") == 2030))
    own = cell(made.party_cash_own, "value_mn", party_id="PA", year=2030)
    assert own == pytest.approx(base["value_mn"].sum() / 6)


def test_a_scenario_that_moves_the_currency_moves_the_exports() -> None:
    dear = worlds.programme(
        scenario_effects=worlds.rows(
            "scenario_effects",
            "scenario_id|effect_id|kind|scope_id|value|standing_id|first_year|last_year\n"
            "base|e9|fx_factor|USD|2|||",
        )
    )
    before, after = (
        cell(made.party_cash, "value_mn", party_id="PA", year=2030, item="exports_today")
        for made in (appraisal.run(plans.inputs()), appraisal.run(plans.inputs(dear)))
    )
    assert after == pytest.approx(2 * before)


def test_the_penalty_for_shortage_is_nobodys_cash() -> None:
    without, with_penalty = (
        appraisal.run(plans.inputs(plan=plans.joint(penalty_mn=penalty))) for penalty in (0, 50)
    )
    assert without.party_cash.equals(with_penalty.party_cash)


def is_a_row(world: Programme, reference: str) -> bool:
    """Return whether a reference names a row of the programme."""
    table, keys = reference.split(":")
    names = TABLES[table].primary_key()
    rows = world[table].select(pl.concat_str(names, separator="|").alias("key"))
    return keys in rows["key"].to_list()


def test_figures_have_unique_ids_both_languages_and_facts(result: appraisal.Result) -> None:
    ids = [figure.figure_id for figure in result.figures]
    assert len(ids) == len(set(ids))
    for figure in result.figures:
        assert figure.figure_id.startswith("appraisal.")
        assert figure.label_en
        assert figure.label_ru
        assert figure.status == "synthetic" or figure.rows == ()
        assert set(figure.parts) <= set(ids)
        assert figure.value is not None or figure.note
    world = worlds.programme()
    for figure in result.figures:
        for reference in figure.rows:
            assert is_a_row(world, reference), reference
    npv_figure = next(f for f in result.figures if f.figure_id == "appraisal.npv.PA")
    assert "parties:PA" in npv_figure.rows
    assert "test.party@2025-01-01" in npv_figure.rules


def test_the_finding_says_who_gains() -> None:
    one_form = worlds.programme(deals=lambda rows: rows.filter(pl.col("form") == "joint_venture"))
    half = appraisal.run(plans.inputs(one_form, plan=plans.joint(sales_mn=210)))
    assert "a payment between them" in half.finding.en
    assert "−12,1" in half.finding.ru
    supply = appraisal.run(
        plans.inputs(plan=plans.joint(sales_mn=215)), appraisal.Options(deal_id="supply_only")
    )
    assert "in another both gain: Joint venture 50:50" in supply.finding.en
    good = appraisal.run(plans.inputs(plan=plans.joint(sales_mn=260)))
    assert good.finding.en.startswith("Both sides gain")
    bad = appraisal.run(plans.inputs(plan=plans.joint(capex_mn=700)))
    assert bad.finding.en.startswith("No payment")


def test_an_empty_plan_is_worth_today() -> None:
    made = appraisal.run(plans.inputs(plan=plans.nothing()))
    assert made.parties["gain_mn"].to_list() == pytest.approx([0, 0])


def test_an_unknown_deal_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no deal 'gift'.*jv_50_50"):
        appraisal.run(plans.inputs(), appraisal.Options(deal_id="gift"))


def test_equity_that_does_not_add_up_is_refused() -> None:
    world = worlds.programme(deals=lambda rows: rows.with_columns(host_equity_share=0.6))
    with pytest.raises(ModelError, match=r"A102.*it must be 1"):
        appraisal.run(plans.inputs(world))


def test_a_missing_exchange_rate_names_currency_and_year() -> None:
    world = worlds.programme(
        fx=lambda rows: rows.filter(~((pl.col("currency") == "USD") & (pl.col("year") == 2029)))
    )
    with pytest.raises(ModelError, match=r"A103.*USD in 2029"):
        appraisal.run(plans.inputs(world))


def test_a_loose_proof_is_warned_about() -> None:
    proof = Proof("feasible", 1.0, 1.3, 0.3, 1.0, 1, "engine", "mn")
    made = appraisal.run(replace(plans.inputs(), joint_proof=proof))
    assert any("30%" in words.en for words in made.warnings)


def test_capital_cost_that_differs_between_cash_and_openings_is_warned_about() -> None:
    plan = plans.joint()
    plan["openings"] = plan["openings"].with_columns(capex_mn=pl.col("capex_mn") * 2)
    made = appraisal.run(plans.inputs(plan=plan))
    assert any("depreciation follows the openings" in words.en for words in made.warnings)


@pytest.mark.parametrize("side", ["joint_proof", "alone_proof"])
def test_gains_smaller_than_the_proven_gaps_together_are_not_claimed(side: str) -> None:
    found = appraisal.run(plans.inputs()).verdict
    smaller = min(abs(found.host_gain_mn), abs(found.partner_gain_mn))
    for gap, is_told in ((smaller * 1.01, False), (smaller * 0.99, True)):
        proof = Proof("optimal", 1000.0, 1000.0 + gap, gap / 1000.0, 1.0, 1, "engine", "mn")
        finding = appraisal.run(replace(plans.inputs(), **{side: proof})).finding
        assert ("cannot be told within the proven gaps" in finding.en) != is_told, gap
        assert ("сказать нельзя" in finding.ru) != is_told, gap
