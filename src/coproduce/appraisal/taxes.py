"""Exact profit tax of one site: losses, the clock of first profit, the running cap on relief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from coproduce.records.errors import ModelError


@dataclass(frozen=True, slots=True)
class Rate:
    """Profit tax in one year at one site, given its year of first profit (shares of profit)."""

    rate_share: float
    general_rate_share: float
    is_relief_capped: bool
    grace_years: int
    rules: str


class SiteRates:
    """Rates by site, year and year of first profit, from the law table `site_tax`.

    Args:
        site_tax: law table.
        general_rate_share: year → rate of the trade between plant and customer, which has no
            regime of its own.
        trade_id: name of that trade in the cash table.
    """

    def __init__(
        self, site_tax: pl.DataFrame, general_rate_share: Mapping[int, float], trade_id: str
    ) -> None:
        self._general = general_rate_share
        self._trade_id = trade_id
        self._rates = {
            (row["site_id"], row["year"], row["first_profit_year"]): Rate(
                row["rate_share"],
                row["general_rate_share"],
                row["is_relief_capped"],
                row["relief_grace_years"],
                row["rules"] or "",
            )
            for row in site_tax.iter_rows(named=True)
        }

    def at(self, site_id: str, year: int, first_profit_year: int) -> Rate:
        """Return the rate; the trade pays the general rate.

        Raises:
            ModelError: if the law table has no row for the site and years.
        """
        if site_id == self._trade_id:
            general = self._general[year]
            return Rate(general, general, False, 0, "")
        try:
            return self._rates[site_id, year, first_profit_year]
        except KeyError:
            raise ModelError(
                f"site_tax has no row for site {site_id}, year {year}, first profit in "
                f"{first_profit_year}; compile the law for this site and the whole horizon",
                code="A101",
                where="site_tax",
            ) from None


@dataclass(frozen=True, slots=True)
class TaxYear:
    """Tax of one site in one year; amounts in base mn.

    Attributes:
        profit_mn: profit before tax; below nil is a loss.
        loss_used_mn: losses of earlier years used.
        loss_carried_mn: losses left to carry forward at the end of the year.
        base_mn: taxable profit.
        first_profit_year: year of the first taxable profit; None: not yet.
        relief_mn: relief taken; below nil where relief above the cap is paid back.
        relief_total_mn: relief taken since the start.
        relief_cap_mn: most that may have been taken by now; None: not checked in this year.
        tax_mn: tax due.
    """

    year: int
    profit_mn: float
    loss_used_mn: float
    loss_carried_mn: float
    base_mn: float
    first_profit_year: int | None
    rate: Rate
    relief_mn: float
    relief_total_mn: float
    relief_cap_mn: float | None
    tax_mn: float


def site_tax_years(
    site_id: str,
    years: Sequence[int],
    profit_mn: Sequence[float],
    capex_mn: Sequence[float],
    rates: SiteRates,
    loss_use_limit_share: float = 1.0,
) -> list[TaxYear]:
    """Return the profit tax of a site year by year.

    Losses are carried forward without lapse and cancel at most `loss_use_limit_share` of a year's
    profit. The clock of the regime starts in the first year with a taxable profit after losses.
    Relief is the difference between the general rate and the regime's. Where the law caps it,
    the running total may not exceed the capital cost spent so far, checked from the end of the
    years of grace after the first spending; what is above then is paid back.

    Args:
        site_id: the site.
        years: calendar years, rising by one.
        profit_mn: profit before tax by year (base mn).
        capex_mn: capital cost by year, not below nil (base mn).
        rates: the law.
        loss_use_limit_share: see above (share, 0-1).

    Example:
        A loss of 100, then profits of 60 and 80 at 25 %: the taxes are 0, 0 and 10.
    """
    made: list[TaxYear] = []
    losses, relief_total, spent = 0.0, 0.0, 0.0
    first_profit: int | None = None
    first_capex = next((y for y, c in zip(years, capex_mn, strict=True) if c > 0), None)
    for year, profit, capex in zip(years, profit_mn, capex_mn, strict=True):
        spent += capex
        used = min(losses, max(0.0, profit) * loss_use_limit_share)
        base = max(0.0, profit) - used
        losses += max(0.0, -profit) - used
        if first_profit is None and base > 1e-12:
            first_profit = year
        rate = rates.at(site_id, year, first_profit or year)
        relief = (rate.general_rate_share - rate.rate_share) * base
        cap = None
        if rate.is_relief_capped and year >= (first_capex or year) + rate.grace_years:
            cap = spent
            relief = min(relief, cap - relief_total)
        relief_total += relief
        tax = rate.general_rate_share * base - relief
        made.append(
            TaxYear(
                year,
                profit,
                used,
                losses,
                base,
                first_profit,
                rate,
                relief,
                relief_total,
                cap,
                tax,
            )
        )
    return made


__all__ = ["Rate", "SiteRates", "TaxYear", "site_tax_years"]
