"""The plan's cash, row by row; discounted, its sum is the objective.

Plants sell to and buy from one trade account at arm's-length prices. That account buys inputs
abroad, pays freight and duty, and sells to customers; its margin is taxed at the general rate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from coproduce.network.case import Case, Floats
from coproduce.network.distribute import Flow
from coproduce.network.model import depreciation
from coproduce.network.pooled import Pooled
from coproduce.records.figures import weakest
from coproduce.records.handover import Cash

TRADE = "trade"
ALL = "all"


@dataclass(slots=True)
class _Books:
    """Amounts by site, product, item and status; arrays over the years."""

    years: int
    rows: dict[tuple[str, str, str, str], Floats] = field(default_factory=dict)

    def put(self, site: str, product: str, item: str, status: str, amounts: Floats) -> None:
        name = (site, product, item, status)
        if name not in self.rows:
            self.rows[name] = np.zeros(self.years)
        self.rows[name] += amounts

    def total(self, site: str, items: Iterable[str]) -> Floats:
        wanted = set(items)
        out = np.zeros(self.years)
        for (own, _, item, _), amounts in self.rows.items():
            if own == site and item in wanted:
                out += amounts
        return out

    def status(self, site: str) -> str:
        return weakest(
            status
            for (own, _, _, status), amounts in self.rows.items()
            if own == site and amounts.any()
        )


OPERATING = (
    "revenue",
    "inputs",
    "transfer",
    "duties",
    "freight",
    "variable_cost",
    "fixed_cost",
    "overhead",
)


def cash_table(case: Case, pooled: Pooled, flows: list[Flow]) -> pl.DataFrame:
    """Return the cash table of a plan, valid against its schema."""
    books = _Books(len(case.years))
    _put_making(books, case, pooled)
    written = _put_lines(books, case, pooled)
    _put_trade(books, case, pooled, flows)
    _put_taxes(books, case, pooled, written)
    return _frame(books, case)


def objective(case: Case, cash: pl.DataFrame) -> float:
    """Return the sum of all cash, discounted to the base year."""
    worth = dict(zip(case.years, case.discount_by_year.tolist(), strict=True))
    return float(
        sum(worth[year] * value for year, value in cash.select("year", "value_mn").iter_rows())
    )


def _put_making(books: _Books, case: Case, pooled: Pooled) -> None:
    for (key, number), made in pooled.make.items():
        part, product = case.parts[key], key[0]
        site_id = case.lines[number].site_id
        sold = made * part.transfer_by_year
        books.put(site_id, product, "transfer", part.transfer_status, sold)
        books.put(TRADE, product, "transfer", part.transfer_status, -sold)
        books.put(site_id, product, "variable_cost", part.status, -made * part.variable_mn)
        for source, quantity in part.inputs.items():
            given = case.parts[source]
            paid = made * quantity * given.transfer_by_year
            books.put(site_id, product, "transfer", given.transfer_status, -paid)
            books.put(TRADE, product, "transfer", given.transfer_status, paid)


def _put_lines(books: _Books, case: Case, pooled: Pooled) -> dict[str, Floats]:
    """Put capital and fixed cost; return what each site writes off by year."""
    years = len(case.years)
    written: dict[str, Floats] = {}
    for (number, index), ordered in pooled.build.items():
        line = case.lines[number]
        size = line.sizes[index]
        capex = ordered * size.capex_by_year
        books.put(line.site_id, ALL, "capex", size.status, -capex)
        standing = np.zeros(years)
        for order in np.flatnonzero(ordered):
            first = int(order) + line.lead_years
            standing[first:] += ordered[order]
            written.setdefault(line.site_id, np.zeros(years))
            written[line.site_id] += depreciation(
                float(capex[order]), line.life_years, first, years
            )
        books.put(line.site_id, ALL, "fixed_cost", size.status, -standing * size.fixed_by_year)
    return written


def _put_trade(books: _Books, case: Case, pooled: Pooled, flows: list[Flow]) -> None:
    for (number, index), sold in pooled.sell.items():
        market = case.markets[number]
        earned = sold * market.bids[index].price_by_year
        books.put(TRADE, market.product_id, "revenue", market.status, earned)
        _put_selling(books, case, market.product_id, market.status, earned)
    for (key, source_id), bought in pooled.buy.items():
        supply = next(s for s in case.parts[key].supplies if s.source_id == source_id)
        books.put(TRADE, key[0], "inputs", supply.status, -bought * supply.gate_by_year)
        books.put(TRADE, key[0], "duties", supply.status, -bought * supply.duty_by_year)
    for flow in flows:
        paid = np.zeros(len(case.years))
        paid[flow.year] = -(flow.inland_mn + flow.lane_mn)
        books.put(TRADE, flow.key[0], "freight", case.parts[flow.key].status, paid)
    for key, started in pooled.start.items():
        cost = -started * case.start_cost_mn
        books.put(TRADE, key[0], "transfer_fee", case.start_status, cost)
    for number, missing in pooled.unmet.items():
        market = case.markets[number]
        penalty = -missing * case.shortage_factor * market.list_price_by_year
        books.put(TRADE, market.product_id, "shortage_penalty", market.status, penalty)


def _put_selling(books: _Books, case: Case, product: str, status: str, earned: Floats) -> None:
    """Put what selling costs and what it ties up; the last of it comes free after the horizon."""
    status = weakest([status, case.selling_status])
    books.put(TRADE, product, "overhead", status, -case.overhead_share * earned)
    tied = case.working_share * earned
    books.put(TRADE, product, "working_capital", status, -np.diff(tied, prepend=0.0))
    free = np.zeros(len(case.years))
    free[-1] = case.returned * tied[-1]
    books.put(TRADE, product, "residual_value", status, free)


def _put_taxes(books: _Books, case: Case, pooled: Pooled, written: dict[str, Floats]) -> None:
    for site_id, site in case.sites.items():
        operating = books.total(site_id, OPERATING)
        profit = operating - written.get(site_id, 0.0)
        status = books.status(site_id)
        relief = pooled.relief.get(site_id)
        if relief is None:
            relief = profit * (site.general_by_year - site.rate_by_year)
        books.put(site_id, ALL, "profit_tax", status, -profit * site.general_by_year)
        books.put(site_id, ALL, "tax_relief", status, relief)
        books.put(
            site_id, ALL, "residual_value", status, _after(case, operating, site.general_by_year)
        )
    operating = books.total(TRADE, OPERATING)
    profit = operating + books.total(TRADE, ("transfer_fee",))
    status = books.status(TRADE)
    books.put(TRADE, ALL, "profit_tax", status, -profit * case.trade_rate_by_year)
    after = _after(case, operating, case.trade_rate_by_year)
    books.put(TRADE, ALL, "residual_value", status, after)


def _after(case: Case, operating: Floats, general: Floats) -> Floats:
    out = np.zeros(len(case.years))
    out[-1] = case.annuity * operating[-1] * (1.0 - general[-1])
    return out


def _frame(books: _Books, case: Case) -> pl.DataFrame:
    rows = [
        (site, product, case.years[index], item, status, float(amounts[index]))
        for (site, product, item, status), amounts in sorted(books.rows.items())
        for index in np.flatnonzero(amounts)
    ]
    frame = pl.DataFrame(
        rows,
        schema=["site_id", "product_id", "year", "item", "status", "value_mn"],
        orient="row",
        schema_overrides={"year": pl.Int32, "value_mn": pl.Float64},
    )
    return Cash.validate(frame, cast=True)
