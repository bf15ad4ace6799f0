"""What the parties agree on, and what a third party could change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from coproduce.records.errors import ModelError


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a deal.

    Attributes:
        host_equity_share, partner_equity_share: of capital and profit; add up to 1.
        royalty_share: to the partner, of net sales.
        transfer_fee_mn: to the partner, for each product transferred to a site (base mn).
        input_margin_share: partner's margin on inputs from its country (share of their price).
        capex_factor: capital cost against going alone (factor).
    """

    deal_id: str
    form: str
    host_equity_share: float
    partner_equity_share: float
    royalty_share: float
    transfer_fee_mn: float
    input_margin_share: float
    capex_factor: float
    is_foreign_controlled: bool

    def with_partner_equity(self, partner_share: float) -> Terms:
        """Return the same terms with another split of equity."""
        return replace(
            self, partner_equity_share=partner_share, host_equity_share=1.0 - partner_share
        )


@dataclass(frozen=True, slots=True)
class Levers:
    """Changes from outside the deal; the defaults change nothing.

    Attributes:
        price_factor: customers' price against the plan's (factor).
        volume_factor: sales and what varies with them against the plan's (factor).
        capex_grant_share: part of capital cost paid by a third party (share).
        input_price_factor: price of bought inputs against the plan's (factor).
    """

    price_factor: float = 1.0
    volume_factor: float = 1.0
    capex_grant_share: float = 0.0
    input_price_factor: float = 1.0


HOST_ONLY = Terms("host_alone", "alone", 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, False)
"""The host side keeps everything and owes the partner nothing."""


def terms_of(row: dict[str, Any]) -> Terms:
    """Return the terms in a row of `deals`.

    Raises:
        ModelError: if the equity shares do not add up to 1.
    """
    total = row["host_equity_share"] + row["partner_equity_share"]
    if abs(total - 1.0) > 1e-6:
        raise ModelError(
            f"deal {row['deal_id']}: host_equity_share + partner_equity_share is {total:g}; "
            "it must be 1",
            code="A102",
            where="deals.csv",
        )
    return Terms(
        deal_id=row["deal_id"],
        form=row["form"],
        host_equity_share=row["host_equity_share"],
        partner_equity_share=row["partner_equity_share"],
        royalty_share=row["royalty_share"],
        transfer_fee_mn=row["transfer_fee_mn"],
        input_margin_share=row["input_margin_share"],
        capex_factor=row["capex_factor"],
        is_foreign_controlled=row["is_foreign_controlled"],
    )


def all_terms(deals: pl.DataFrame) -> dict[str, Terms]:
    """Return deal id → terms, in the order of the table."""
    return {row["deal_id"]: terms_of(row) for row in deals.iter_rows(named=True)}


__all__ = ["HOST_ONLY", "Levers", "Terms", "all_terms", "terms_of"]
