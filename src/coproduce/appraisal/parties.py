"""What each party gets: its part of the undertaking, its taxes, its trade of today."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from coproduce.appraisal.finance import annuity, npv
from coproduce.appraisal.terms import Terms
from coproduce.appraisal.trade import Trade
from coproduce.appraisal.venture import Venture
from coproduce.records.errors import ModelError

Array = np.ndarray
Flows = dict[str, Array]

BASELINE_ITEMS = ("exports_today", "distribution_today", "terminal_today")
"""Cash that a party has today, before any deal; the rest is what the deal brings."""


@dataclass(frozen=True, slots=True)
class Party:
    """A side.

    Attributes:
        discount_rate_share: real rate a year.
        profit_rate_share, dividend_rate_share, royalty_rate_share: tax at home, and what the host
            withholds on dividends and on royalties and fees, by year.
        is_credited: tax withheld is credited at home, by year.
    """

    party_id: str
    role: str
    country_id: str
    name_en: str
    name_ru: str
    currency: str
    discount_rate_share: float
    profit_rate_share: Array
    dividend_rate_share: Array
    royalty_rate_share: Array
    is_credited: Array
    rules: tuple[str, ...]

    @property
    def is_host(self) -> bool:
        """True for the side in whose country the production stands."""
        return self.role == "host"

    def home_tax(self, gross: Array, withheld_rate: Array) -> Array:
        """Return the tax still due at home on income taxed abroad at `withheld_rate`.

        Ordinary credit: what was withheld counts up to the tax at home, the excess is lost.
        """
        credit = np.where(self.is_credited, np.minimum(withheld_rate, self.profit_rate_share), 0.0)
        return np.asarray(gross * (self.profit_rate_share - credit))


@dataclass(frozen=True, slots=True)
class Valuation:
    """How a party's cash becomes one number.

    Attributes:
        years: the horizon.
        base_year: year of the valuation date.
        terminal_years: years for which the last year's recurrent cash goes on.
    """

    years: tuple[int, ...]
    base_year: int
    terminal_years: float

    def npv(self, party: Party, flows: Mapping[str, Array]) -> float:
        """Return the present value of all items at the party's own rate (base mn)."""
        total = [math.fsum(column) for column in zip(*flows.values(), strict=True)]
        return npv(party.discount_rate_share, total, self.years[0] - self.base_year)

    def terminal(self, party: Party, recurrent_mn: float) -> Array:
        """Return the worth of the years after the horizon, as cash of its last year."""
        made = np.zeros(len(self.years))
        made[-1] = recurrent_mn * annuity(party.discount_rate_share, self.terminal_years)
        return made

    def freed(self, party: Party, tied_up_mn: float) -> Array:
        """Return the worth of stock and credit set free after those years, in the last year."""
        made = np.zeros(len(self.years))
        made[-1] = tied_up_mn * (1.0 + party.discount_rate_share) ** -self.terminal_years
        return made


def read_parties(
    parties: pl.DataFrame, party_tax: pl.DataFrame, years: tuple[int, ...]
) -> tuple[Party, Party]:
    """Return host and partner.

    Raises:
        ModelError: unless there is exactly one of each role, with taxes for every year.
    """
    found = {}
    for role in ("host", "partner"):
        rows = parties.filter(pl.col("role") == role)
        if rows.height != 1:
            raise ModelError(
                f"parties has {rows.height} rows with role {role}; exactly one is needed",
                code="A105",
                where="parties.csv",
            )
        row = rows.row(0, named=True)
        taxes = party_tax.filter(
            (pl.col("party_id") == row["party_id"]) & pl.col("year").is_in(list(years))
        ).sort("year")
        if taxes["year"].to_list() != list(years):
            raise ModelError(
                f"party_tax lacks years for {row['party_id']}; compile the law for "
                f"{years[0]}-{years[-1]}",
                code="A106",
                where="party_tax",
            )
        found[role] = Party(
            party_id=row["party_id"],
            role=role,
            country_id=row["country_id"],
            name_en=row["name_en"],
            name_ru=row["name_ru"],
            currency=row["currency"],
            discount_rate_share=row["discount_rate_share"],
            profit_rate_share=taxes["profit_rate_share"].to_numpy(),
            dividend_rate_share=taxes["withheld_dividend_share"].to_numpy(),
            royalty_rate_share=taxes["withheld_royalty_share"].to_numpy(),
            is_credited=taxes["is_withholding_credited"].to_numpy(),
            rules=tuple(
                sorted({rule for text in taxes["rules"].drop_nulls() for rule in text.split(";")})
            ),
        )
    return found["host"], found["partner"]


def owner_flows(venture: Venture, party: Party, terms: Terms, valuation: Valuation) -> Flows:
    """Return what a party pays into and gets out of the undertaking as an owner (base mn).

    A host side's dividend bears only what its own state withholds on it; a partner side's is
    taxed at home with ordinary credit.
    """
    part = terms.host_equity_share if party.is_host else terms.partner_equity_share
    dividend = part * venture.dividends
    flows = {
        "capital_paid_in": -part * venture.paid_in,
        "dividend": dividend,
        "capital_repaid": part * venture.capital_repaid,
        "dividend_withheld": -dividend * party.dividend_rate_share,
    }
    if not party.is_host:
        flows["home_tax"] = -party.home_tax(dividend, party.dividend_rate_share)
    last = part * float(venture.recurrent_after_tax.sum(axis=0)[-1])
    kept = 1.0 - _leak(party)[-1] if last > 0 else 1.0
    freed = valuation.freed(party, part * venture.tied_up)
    flows["terminal_value"] = valuation.terminal(party, last * kept) + freed
    return flows


def partner_flows(
    venture: Venture, party: Party, terms: Terms, inputs_mn: Array, valuation: Valuation
) -> Flows:
    """Return what the partner earns from the undertaking besides its part of the profit.

    Args:
        inputs_mn: what the undertaking pays makers of the partner's country, by year.
    """
    margin = terms.input_margin_share * inputs_mn
    gross = venture.royalty + venture.fee
    withheld = gross * party.royalty_rate_share
    home = party.home_tax(gross, party.royalty_rate_share)
    margin_tax = margin * party.profit_rate_share
    rates = party.royalty_rate_share[-1:]
    royalty_last = venture.royalty[-1:] * (1.0 - rates)
    last = royalty_last - _last(party, venture.royalty) + (margin - margin_tax)[-1:]
    return {
        "royalty": venture.royalty,
        "transfer_fee": venture.fee,
        "royalty_withheld": -withheld,
        "input_margin": margin,
        "home_tax": -home - margin_tax,
        "terminal_value": valuation.terminal(party, float(last[0])),
    }


def today_flows(
    trade: Trade, party: Party, margin_share: float, valuation: Valuation, *, has_plan: bool
) -> Flows:
    """Return a party's margin on today's trade after tax, and what a plan takes from it.

    Args:
        margin_share: partner: margin on its exports; host: margin on imported finished goods.
        has_plan: False gives today's trade alone.
    """
    kind = "distribution" if party.is_host else "exports"
    value, kept = (
        (trade.imports_today, trade.imports_kept)
        if party.is_host
        else (trade.partner_today, trade.partner_kept)
    )
    net = margin_share * (1.0 - party.profit_rate_share)
    flows = {
        f"{kind}_today": value * net,
        "terminal_today": valuation.terminal(party, float((value * net)[-1])),
    }
    if has_plan:
        pushed_out = (kept - value) * net
        flows[f"{kind}_displaced"] = pushed_out
        flows["terminal_value"] = valuation.terminal(party, float(pushed_out[-1]))
    return flows


def add(*parts: Flows) -> Flows:
    """Return the items of several flows, those of one name added up."""
    made: Flows = {}
    for part in parts:
        for item, values in part.items():
            made[item] = made[item] + values if item in made else values
    return made


def deal_only(flows: Flows) -> Flows:
    """Return what the deal brings against today: all items but today's own trade."""
    return {item: values for item, values in flows.items() if item not in BASELINE_ITEMS}


def state_flows(
    venture: Venture, host: Party, partner: Party, flows: Flows
) -> list[tuple[str, str, Array]]:
    """Return what each state gets from the deal: (party id of the state, item, by year)."""
    return [
        (host.party_id, "profit_tax", venture.tax.sum(axis=0)),
        (host.party_id, "withheld", -flows["dividend_withheld"] - flows["royalty_withheld"]),
        (partner.party_id, "home_tax", -flows["home_tax"]),
    ]


def _leak(party: Party) -> Array:
    """Return the share of a dividend lost to withholding and tax at home, by year."""
    if party.is_host:
        return party.dividend_rate_share
    home = party.home_tax(np.ones_like(party.dividend_rate_share), party.dividend_rate_share)
    return np.asarray(party.dividend_rate_share + home)


def _last(party: Party, gross: Array) -> Array:
    return party.home_tax(gross, party.royalty_rate_share)[-1:]


__all__ = [
    "BASELINE_ITEMS",
    "Flows",
    "Party",
    "Valuation",
    "add",
    "deal_only",
    "owner_flows",
    "partner_flows",
    "read_parties",
    "state_flows",
    "today_flows",
]
