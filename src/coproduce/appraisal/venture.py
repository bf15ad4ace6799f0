"""The joint production as one undertaking: yearly statements, exact tax, money paid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from coproduce.appraisal.taxes import SiteRates, TaxYear, site_tax_years
from coproduce.appraisal.terms import Levers, Terms

TRADE = "trade"
PLAN_TAX_ITEMS = ("profit_tax", "tax_relief")
VARIABLE_ITEMS = (
    "revenue",
    "inputs",
    "transfer",
    "duties",
    "freight",
    "variable_cost",
    "overhead",
)

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class PlanCash:
    """A plan's cash as arrays; rows are sites, columns are years, base mn, signed.

    Attributes:
        items: cash item → array.
        depreciation: straight line over the technology's life, from the first year of output.
        sales: revenue from customers by year.
        bought_inputs: cost of inputs from outside sources by year, above nil.
        new_products: products whose technology the plan takes over, by year (count).
        royalty_base: net sales on which royalty is due, by site and year.
    """

    site_ids: tuple[str, ...]
    years: tuple[int, ...]
    items: Mapping[str, Array]
    depreciation: Array
    sales: Array
    bought_inputs: Array
    new_products: Array
    royalty_base: Array

    def item(self, name: str) -> Array:
        """Return one item; nil where the plan has none."""
        return self.items.get(name, np.zeros((len(self.site_ids), len(self.years))))


@dataclass(frozen=True, slots=True)
class Venture:
    """Statements of the undertaking under given terms; arrays by site and year, base mn.

    Attributes:
        ebitda: sales less operating cost, royalty and fees included as cost.
        recurrent: the same without one-off transfer costs and fees.
        recurrent_after_tax: the same after the general profit tax, as it goes on after the
            horizon: no relief and no write-offs are counted there.
        capex: capital cost after any grant, above nil.
        tax: profit tax due.
        tax_years: site → the tax in full detail.
        tied_up: stock and credit tied up at the end of the horizon.
        royalty, fee: what the partner is owed, by year.
        paid_in, dividends, capital_repaid: money between the undertaking and its owners, by year.
    """

    plan: PlanCash
    ebitda: Array
    recurrent: Array
    recurrent_after_tax: Array
    capex: Array
    depreciation: Array
    tax: Array
    tax_years: Mapping[str, list[TaxYear]]
    tied_up: float
    royalty: Array
    fee: Array
    paid_in: Array
    dividends: Array
    capital_repaid: Array


def read_plan(
    tables: Mapping[str, pl.DataFrame],
    life_years: Mapping[str, float],
    years: Sequence[int],
    plan_terms: Terms,
) -> PlanCash:
    """Return a plan's cash as arrays.

    Args:
        tables: plan tables; `cash`, `openings`, `sales` and `purchases` are used.
        life_years: technology → years over which its capital cost is written off.
        years: the horizon.
        plan_terms: deal under which the plan was made, to find what its royalty was due on.
    """
    cash = tables["cash"]
    named = set(cash["site_id"]) | set(tables["openings"]["site_id"]) | {TRADE}
    site_ids = tuple(sorted(named))
    at = _Places(site_ids, tuple(years))
    items = {
        str(item): at.array(part, "value_mn")
        for (item,), part in cash.partition_by("item", as_dict=True).items()
    }
    sales = at.by_year(tables["sales"], "revenue_mn")
    return PlanCash(
        site_ids=site_ids,
        years=tuple(years),
        items=items,
        depreciation=_depreciation(tables["openings"], life_years, at),
        sales=sales,
        bought_inputs=at.by_year(tables["purchases"], "cost_mn"),
        new_products=_new_products(tables, at),
        royalty_base=_royalty_base(items.get("royalty"), sales, plan_terms, at),
    )


def operate(
    plan: PlanCash,
    terms: Terms,
    plan_terms: Terms,
    rates: SiteRates,
    loss_use_limit_share: float = 1.0,
    levers: Levers | None = None,
) -> Venture:
    """Return the statements of the plan under any terms and levers.

    Args:
        plan: the plan's cash.
        terms: terms to appraise.
        plan_terms: terms under which the plan was made; capital cost moves with the ratio of
            the two capital cost factors. The plan's transfer cost is owed to others (transfer
            and registration); the partner's fee comes on top, once a product.
        rates: the law on profit tax.
        loss_use_limit_share: see `taxes.site_tax_years`.
        levers: outside changes.
    """
    levers = levers or Levers()
    scale = terms.capex_factor / plan_terms.capex_factor * (1.0 - levers.capex_grant_share)
    capex, depreciation = -plan.item("capex") * scale, plan.depreciation * scale
    royalty = terms.royalty_share * plan.royalty_base * levers.price_factor * levers.volume_factor
    fee = _on_trade(plan, terms.transfer_fee_mn * plan.new_products)
    recurrent = _operating(plan, levers) - royalty
    ebitda = recurrent - fee + plan.item("transfer_fee")
    tax_years = {
        site_id: site_tax_years(
            site_id,
            plan.years,
            (ebitda - depreciation)[row].tolist(),
            np.maximum(capex[row], 0.0).tolist(),
            rates,
            loss_use_limit_share,
        )
        for row, site_id in enumerate(plan.site_ids)
    }
    tax = np.array([[year.tax_mn for year in tax_years[site_id]] for site_id in plan.site_ids])
    profit = (ebitda - depreciation - tax).sum(axis=0)
    working = plan.item("working_capital").sum(axis=0) * levers.volume_factor * levers.price_factor
    cash = (ebitda - tax).sum(axis=0) + working
    paid_in, dividends, repaid = pay_out(cash, capex.sum(axis=0), profit)
    return Venture(
        plan=plan,
        ebitda=ebitda,
        recurrent=recurrent,
        recurrent_after_tax=recurrent * (1.0 - _general_rates(tax_years, plan.site_ids)),
        capex=capex,
        depreciation=depreciation,
        tax=tax,
        tax_years=tax_years,
        tied_up=-float(working.sum()),
        royalty=royalty.sum(axis=0),
        fee=fee.sum(axis=0),
        paid_in=paid_in,
        dividends=dividends,
        capital_repaid=repaid,
    )


def pay_out(operating: Array, capex: Array, profit: Array) -> tuple[Array, Array, Array]:
    """Return what owners pay in, and receive as dividend and as capital repaid, by year.

    Owners pay in capital cost and cover operating shortfalls; operating cash after tax is paid
    out at once. Money out is dividend as far as undistributed profit reaches (a loss must be made
    good first), then capital repaid as far as capital was paid in, then dividend again.

    Args:
        operating: operating cash after tax by year (base mn).
        capex: capital cost by year (base mn).
        profit: profit after tax by year (base mn).

    Example:
        >>> paid, dividends, repaid = pay_out(
        ...     np.array([0.0, 30.0]), np.array([100.0, 0.0]), np.array([0.0, 20.0]))
        >>> paid.tolist(), dividends.tolist(), repaid.tolist()
        ([100.0, 0.0], [0.0, 20.0], [0.0, 10.0])
    """
    paid_in, dividends, repaid = (np.zeros(len(operating)) for _ in range(3))
    undistributed, capital = 0.0, 0.0
    for year, cash in enumerate(operating):
        paid_in[year] = capex[year] + max(0.0, -cash)
        undistributed += profit[year]
        capital += paid_in[year]
        out = max(0.0, cash)
        dividends[year] = min(out, max(0.0, undistributed))
        repaid[year] = min(out - dividends[year], capital)
        dividends[year] = out - repaid[year]
        undistributed -= dividends[year]
        capital -= repaid[year]
    return paid_in, dividends, repaid


class _Places:
    """Finds the row of a site and the column of a year."""

    def __init__(self, site_ids: tuple[str, ...], years: tuple[int, ...]) -> None:
        self.row = {site_id: row for row, site_id in enumerate(site_ids)}
        self.column = {year: column for column, year in enumerate(years)}

    def zeros(self) -> Array:
        return np.zeros((len(self.row), len(self.column)))

    def array(self, frame: pl.DataFrame, value: str) -> Array:
        made = self.zeros()
        for site_id, year, amount in frame.select("site_id", "year", value).iter_rows():
            made[self.row[site_id], self.column[year]] += amount
        return made

    def by_year(self, frame: pl.DataFrame, value: str) -> Array:
        made = np.zeros(len(self.column))
        for year, amount in frame.select("year", value).iter_rows():
            made[self.column[year]] += amount
        return made


def _depreciation(openings: pl.DataFrame, life_years: Mapping[str, float], at: _Places) -> Array:
    made = at.zeros()
    years = np.array(list(at.column), dtype=float)
    for opening in openings.iter_rows(named=True):
        life = life_years[opening["technology_id"]]
        age = years - opening["first_output_year"]
        # A life of 7.5 years ends with half a year's charge.
        charge = np.clip(np.minimum(1.0, life - age), 0.0, None) * (age >= 0)
        made[at.row[opening["site_id"]]] += charge * opening["capex_mn"] / life
    return made


def _new_products(tables: Mapping[str, pl.DataFrame], at: _Places) -> Array:
    """Return how many products the plan first takes over in each year.

    A product is taken over when the plan first pays for its transfer, else when it is first made.
    """
    cash = tables["cash"].filter((pl.col("item") == "transfer_fee") & (pl.col("value_mn") < 0))
    made = tables["production"].select("product_id", "year")
    paid = cash.select("product_id", "year")
    first = pl.concat([paid, made], how="vertical_relaxed").group_by("product_id")
    return at.by_year(first.agg(pl.col("year").min()).with_columns(n=1.0), "n")


def _royalty_base(royalty: Array | None, sales: Array, plan_terms: Terms, at: _Places) -> Array:
    """Return what royalty is due on: as the plan booked it, else the customers' revenue."""
    if royalty is not None and royalty.any() and plan_terms.royalty_share > 0:
        return -royalty / plan_terms.royalty_share
    made = at.zeros()
    made[at.row[TRADE]] = sales
    return made


def _on_trade(plan: PlanCash, by_year: Array) -> Array:
    made = np.zeros_like(plan.depreciation)
    made[plan.site_ids.index(TRADE)] = by_year
    return made


def _general_rates(tax_years: Mapping[str, list[TaxYear]], site_ids: Sequence[str]) -> Array:
    return np.array(
        [[year.rate.general_rate_share for year in tax_years[site_id]] for site_id in site_ids]
    )


def _operating(plan: PlanCash, levers: Levers) -> Array:
    varying = sum((plan.item(name) for name in VARIABLE_ITEMS), np.zeros_like(plan.depreciation))
    # Selling cost is a share of sales, so it moves with the price.
    sold = plan.sales + plan.item("overhead").sum(axis=0)
    dearer = (levers.price_factor - 1.0) * sold
    cheaper = (1.0 - levers.input_price_factor) * plan.bought_inputs
    trade = _on_trade(plan, dearer + cheaper)
    return np.asarray((varying + trade) * levers.volume_factor + plan.item("fixed_cost"))


__all__ = ["TRADE", "PlanCash", "Venture", "operate", "pay_out", "read_plan"]
