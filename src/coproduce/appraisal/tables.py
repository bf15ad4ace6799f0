"""The room's answers as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from coproduce.appraisal.case import (
    AS_TODAY,
    BESIDE_ALONE,
    EXPORT_AS_TODAY,
    HOST_ALONE,
    NOTHING,
    Case,
    Worth,
)
from coproduce.appraisal.finance import irr, payback_years
from coproduce.appraisal.parties import Flows, Party, deal_only, state_flows
from coproduce.appraisal.types import Verdict
from coproduce.appraisal.venture import PLAN_TAX_ITEMS, Venture
from coproduce.appraisal.zone import (
    LEVERS,
    equity_zone,
    payment_of,
    payment_zone,
    smallest_change,
)

NAMES: Mapping[str, tuple[str, str]] = {
    HOST_ALONE: ("Produces alone", "Производит без партнёра"),
    AS_TODAY: ("Imports as today", "Ввозит, как сегодня"),
    EXPORT_AS_TODAY: ("Exports as today", "Поставляет, как сегодня"),
    NOTHING: ("Does nothing", "Ничего не делает"),
    BESIDE_ALONE: (
        "Exports while the host produces alone",
        "Поставляет, пока принимающая сторона производит сама",
    ),
}
IRR_NOTES = {
    "unique": "the only rate at which the deal is worth nil",
    "none": "no rate makes the deal worth nil",
    "several": "several rates make the deal worth nil, so none is quoted",
}
MONEY = pl.Float64


def party_cash(case: Case, worth: Worth) -> pl.DataFrame:
    """Return cash by party, year and item under the joint deal (base mn)."""
    rows = [
        (party.party_id, year, item, float(value))
        for party, flows in _both(case, worth)
        for item, values in flows.items()
        for year, value in zip(case.valuation.years, values, strict=True)
    ]
    schema = {"party_id": pl.String, "year": pl.Int32, "item": pl.String, "value_mn": MONEY}
    return pl.DataFrame(rows, schema=schema, orient="row")


def party_cash_own(case: Case, cash: pl.DataFrame) -> pl.DataFrame:
    """Return each party's yearly total in its own currency, real terms (own mn)."""
    rows = []
    for party in (case.host, case.partner):
        for year in case.valuation.years:
            mine = cash.filter((pl.col("party_id") == party.party_id) & (pl.col("year") == year))
            rate = case.scenario.fx(party.currency, year)
            rows.append(
                (party.party_id, year, party.currency, float(mine["value_mn"].sum()) / rate)
            )
    schema = {"party_id": pl.String, "year": pl.Int32, "currency": pl.String, "value_mn": MONEY}
    return pl.DataFrame(rows, schema=schema, orient="row")


def parties(case: Case, worth: Worth) -> pl.DataFrame:
    """Return a row per party with the measures of the joint deal."""
    best = case.best()
    gains = (worth.host_gain_mn, worth.partner_gain_mn)
    rows = []
    for (party, flows), gain in zip(_both(case, worth), gains, strict=True):
        other = best[party.party_id]
        rows.append(
            {
                "party_id": party.party_id,
                "role": party.role,
                "name_en": party.name_en,
                "name_ru": party.name_ru,
                "currency": party.currency,
                "discount_rate_share": party.discount_rate_share,
                "npv_mn": case.valuation.npv(party, flows),
                "npv_own_mn": case.valuation.npv(party, _own(case, party, flows)),
                **_measures(case, party, flows),
                "best_alternative_id": other.alternative_id,
                "best_alternative_npv_mn": other.npv_mn,
                "gain_mn": gain,
                "gain_own_mn": case.valuation.npv(party, _own(case, party, flows))
                - case.valuation.npv(party, _own(case, party, other.flows)),
            }
        )
    maybe_empty = ("irr_share", "payback_years", "payback_discounted_years")
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(maybe_empty, MONEY))


def alternatives(case: Case) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what each party could do instead, and its cash by year and item."""
    best = {one.alternative_id for one in case.best().values()}
    rows = [
        {
            "party_id": one.party_id,
            "alternative_id": one.alternative_id,
            "name_en": NAMES[one.alternative_id][0],
            "name_ru": NAMES[one.alternative_id][1],
            "npv_mn": one.npv_mn,
            "is_best": one.alternative_id in best,
            "is_for_choice": one.is_for_choice,
        }
        for one in case.alternatives
    ]
    cash = [
        (one.party_id, one.alternative_id, year, item, float(value))
        for one in case.alternatives
        for item, values in one.flows.items()
        for year, value in zip(case.valuation.years, values, strict=True)
    ]
    schema = {"party_id": pl.String, "alternative_id": pl.String, "year": pl.Int32}
    return pl.DataFrame(rows), pl.DataFrame(
        cash, schema={**schema, "item": pl.String, "value_mn": MONEY}, orient="row"
    )


def statement(venture: Venture) -> pl.DataFrame:
    """Return the yearly statement of the undertaking (base mn)."""
    plan = venture.plan
    total = {
        "ebitda_mn": venture.ebitda,
        "depreciation_mn": venture.depreciation,
        "profit_before_tax_mn": venture.ebitda - venture.depreciation,
        "losses_used_mn": _detail(venture, "loss_used_mn"),
        "tax_before_relief_mn": venture.tax + _detail(venture, "relief_mn"),
        "relief_mn": _detail(venture, "relief_mn"),
        "tax_mn": venture.tax,
        "plan_tax_mn": -sum(
            (plan.item(item) for item in PLAN_TAX_ITEMS), np.zeros_like(venture.tax)
        ),
        "profit_after_tax_mn": venture.ebitda - venture.depreciation - venture.tax,
        "capex_mn": venture.capex,
    }
    sums = {name: values.sum(axis=0) for name, values in total.items()}
    return pl.DataFrame(
        {
            "year": np.array(plan.years, dtype=np.int32),
            "sales_mn": plan.sales,
            "operating_cost_mn": plan.sales - sums["ebitda_mn"],
            **sums,
            "paid_in_mn": venture.paid_in,
            "dividends_mn": venture.dividends,
            "capital_repaid_mn": venture.capital_repaid,
        }
    )


def site_taxes(venture: Venture) -> pl.DataFrame:
    """Return the tax of each site and year in full detail (base mn)."""
    rows = [
        {
            "site_id": site_id,
            "year": year.year,
            "profit_mn": year.profit_mn,
            "loss_used_mn": year.loss_used_mn,
            "loss_carried_mn": year.loss_carried_mn,
            "base_mn": year.base_mn,
            "first_profit_year": year.first_profit_year,
            "rate_share": year.rate.rate_share,
            "general_rate_share": year.rate.general_rate_share,
            "relief_mn": year.relief_mn,
            "relief_total_mn": year.relief_total_mn,
            "relief_cap_mn": year.relief_cap_mn,
            "tax_mn": year.tax_mn,
            "rules": year.rate.rules,
        }
        for site_id, years in venture.tax_years.items()
        for year in years
    ]
    overrides = {"first_profit_year": pl.Int32, "relief_cap_mn": MONEY, "year": pl.Int32}
    return pl.DataFrame(rows, schema_overrides=overrides)


def states(case: Case, worth: Worth) -> pl.DataFrame:
    """Return the taxes that each state gets from the deal, by year (base mn)."""
    deal = deal_only(worth.partner_flows)
    zero = np.zeros(len(case.valuation.years))
    held = {
        "dividend_withheld": worth.host_flows["dividend_withheld"] + deal["dividend_withheld"],
        "royalty_withheld": deal["royalty_withheld"],
        "home_tax": deal.get("home_tax", zero),
    }
    rows = [
        (party_id, year, item, float(value))
        for party_id, item, values in state_flows(worth.venture, case.host, case.partner, held)
        for year, value in zip(case.valuation.years, values, strict=True)
    ]
    schema = {"party_id": pl.String, "year": pl.Int32, "item": pl.String, "value_mn": MONEY}
    return pl.DataFrame(rows, schema=schema, orient="row")


def zone(case: Case, worth: Worth, found: Verdict) -> pl.DataFrame:
    """Return the range of each single term that leaves both parties whole."""
    equity = equity_zone(case, worth)
    payment = (found.payment_low_mn, found.payment_high_mn)
    rows = [
        (
            "upfront_payment",
            "Payment by the host side to the partner side at the start",
            "Платёж принимающей стороны партнёру в начале",
            "base mn",
            *payment,
            found.is_zone_open,
            0.0,
        ),
        (
            "partner_equity",
            "Partner's share of equity",
            "Доля партнёра в капитале",
            "share",
            *(equity or (None, None)),
            equity is not None,
            worth.terms.partner_equity_share,
        ),
    ]
    text, number = pl.String, MONEY
    schema = {"term_id": text, "name_en": text, "name_ru": text, "unit": text}
    return pl.DataFrame(
        rows,
        schema=schema | {"low": number, "high": number, "is_open": pl.Boolean, "now": number},
        orient="row",
    )


def levers(case: Case, worth: Worth, found: Verdict) -> pl.DataFrame:
    """Return the smallest change of each lever that opens the zone; no rows if it is open."""
    rows = []
    for lever in LEVERS if not found.is_zone_open else ():
        change = smallest_change(case, worth, lever)
        rows.append(
            (lever.lever_id, lever.name_en, lever.name_ru, lever.unit, change, change is not None)
        )
    text = pl.String
    schema = {"lever_id": text, "name_en": text, "name_ru": text, "unit": text}
    return pl.DataFrame(
        rows, schema=schema | {"value": MONEY, "is_enough": pl.Boolean}, orient="row"
    )


def deals(case: Case, table: pl.DataFrame) -> pl.DataFrame:
    """Return the same plan under every deal of the programme, two rows a deal."""
    best, rows = case.best(), []
    names = {row["deal_id"]: row for row in table.iter_rows(named=True)}
    for terms in case.deals.values():
        worth = case.worth(terms)
        host, partner = worth.host_gain_mn, worth.partner_gain_mn
        for party, npv_mn, gain in (
            (case.host, worth.host_npv_mn, host),
            (case.partner, worth.partner_npv_mn, partner),
        ):
            rows.append(
                {
                    "deal_id": terms.deal_id,
                    "name_en": names[terms.deal_id]["name_en"],
                    "name_ru": names[terms.deal_id]["name_ru"],
                    "form": terms.form,
                    "party_id": party.party_id,
                    "npv_mn": npv_mn,
                    "best_alternative_npv_mn": best[party.party_id].npv_mn,
                    "gain_mn": gain,
                    "is_mutual": host >= 0 and partner >= 0,
                    "is_zone_open": payment_zone(host, partner, payment_of(case)) is not None,
                }
            )
    return pl.DataFrame(rows)


def _both(case: Case, worth: Worth) -> tuple[tuple[Party, Flows], ...]:
    return (case.host, worth.host_flows), (case.partner, worth.partner_flows)


def _own(case: Case, party: Party, flows: Flows) -> Flows:
    rates = np.array([case.scenario.fx(party.currency, year) for year in case.valuation.years])
    return {item: values / rates for item, values in flows.items()}


def _measures(case: Case, party: Party, flows: Flows) -> dict[str, Any]:
    """Return present value, rate of return and payback of the deal against today's trade."""
    deal = deal_only(flows)
    total = np.sum(list(deal.values()), axis=0)
    without_end = (total - deal["terminal_value"]).tolist()
    found = irr(total.tolist())
    paid = np.sum([values for item, values in deal.items() if item == "capital_paid_in"], axis=0)
    return {
        "deal_npv_mn": case.valuation.npv(party, deal),
        "irr_share": found.rate_share,
        "irr_note": IRR_NOTES[found.reason],
        "payback_years": payback_years(without_end),
        "payback_discounted_years": payback_years(without_end, party.discount_rate_share),
        "outlay_mn": -float(np.sum(paid)),
    }


def _detail(venture: Venture, name: str) -> np.ndarray:
    return np.array(
        [
            [getattr(year, name) for year in venture.tax_years[site_id]]
            for site_id in venture.plan.site_ids
        ]
    )


__all__ = [
    "alternatives",
    "deals",
    "levers",
    "parties",
    "party_cash",
    "party_cash_own",
    "site_taxes",
    "statement",
    "states",
    "zone",
]
