"""The zone of agreement: a payment, a split or an outside change that suits both."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from coproduce.appraisal.case import Case, Worth
from coproduce.appraisal.terms import Levers
from coproduce.appraisal.types import Verdict

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Payment:
    """What is left of a payment between the parties after the receiver's taxes (shares)."""

    kept_by_partner_share: float
    kept_by_host_share: float


def payment_of(case: Case) -> Payment:
    """Return what each side keeps of a payment from the other in the first year.

    To the partner it is taxed like a fee, to the host side like any profit.
    """
    partner = case.partner
    lost = (
        partner.royalty_rate_share[0]
        + partner.home_tax(partner.royalty_rate_share * 0.0 + 1.0, partner.royalty_rate_share)[0]
    )
    return Payment(float(1.0 - lost), float(1.0 - case.host.profit_rate_share[0]))


def payment_zone(host_gain: float, partner_gain: float, kept: Payment) -> Interval | None:
    """Return the payments from host to partner side that leave both whole; None: there is none.

    Args:
        host_gain, partner_gain: gains without any payment (base mn, present value).
        kept: what each side keeps of a payment.

    Example:
        >>> payment_zone(100.0, -30.0, Payment(1.0, 1.0))
        (30.0, 100.0)
        >>> payment_zone(-100.0, -30.0, Payment(1.0, 1.0)) is None
        True
    """
    low = (
        -partner_gain if partner_gain >= 0 else _needed(-partner_gain, kept.kept_by_partner_share)
    )
    high = host_gain if host_gain >= 0 else -_needed(-host_gain, kept.kept_by_host_share)
    return (low, high) if low <= high else None


def nash_payment(host_gain: float, partner_gain: float, kept: Payment) -> float:
    """Return the payment from host to partner side that makes the product of gains largest.

    Without taxes on the payment both then gain the same: half of the joint surplus each.

    Source: J. F. Nash, The Bargaining Problem, Econometrica 18 (1950).

    Example:
        >>> nash_payment(100.0, -20.0, Payment(1.0, 1.0))
        60.0
    """
    to_partner = (host_gain - _needed(partner_gain, kept.kept_by_partner_share)) / 2.0
    if to_partner > 0:
        return to_partner
    to_host = (partner_gain - _needed(host_gain, kept.kept_by_host_share)) / 2.0
    return -to_host if to_host > 0 else 0.0


def after_payment(
    host_gain: float, partner_gain: float, payment: float, kept: Payment
) -> tuple[float, float]:
    """Return the gains of host and partner after a payment from host to partner side."""
    if payment >= 0:
        return host_gain - payment, partner_gain + payment * kept.kept_by_partner_share
    return host_gain - payment * kept.kept_by_host_share, partner_gain + payment


def equity_zone(case: Case, worth: Worth) -> Interval | None:
    """Return the partner's equity shares with which both gains are at least nil.

    All other terms stay. Gains are linear in the split, so two appraisals are enough.
    """
    none, whole = (case.worth(worth.terms.with_partner_equity(share)) for share in (0.0, 1.0))
    low, high = 0.0, 1.0
    for at_none, at_whole in (
        (none.host_gain_mn, whole.host_gain_mn),
        (none.partner_gain_mn, whole.partner_gain_mn),
    ):
        slope = at_whole - at_none
        if abs(slope) < 1e-9:
            if at_none < 0:
                return None
        elif slope > 0:
            low = max(low, -at_none / slope)
        else:
            high = min(high, -at_none / slope)
    return (low, high) if low <= high else None


def verdict(case: Case, worth: Worth) -> Verdict:
    """Return who gains under the deal as written and the fair payment, if there is a zone."""
    kept = payment_of(case)
    host, partner = worth.host_gain_mn, worth.partner_gain_mn
    zone = payment_zone(host, partner, kept)
    fair = nash_payment(host, partner, kept) if zone else None
    gains = after_payment(host, partner, fair, kept) if fair is not None else (None, None)
    return Verdict(
        is_mutual=host >= 0 and partner >= 0,
        is_zone_open=zone is not None,
        host_gain_mn=host,
        partner_gain_mn=partner,
        payment_low_mn=zone[0] if zone else None,
        payment_high_mn=zone[1] if zone else None,
        fair_payment_mn=fair,
        fair_host_gain_mn=gains[0],
        fair_partner_gain_mn=gains[1],
    )


@dataclass(frozen=True, slots=True)
class Lever:
    """An outside change, from none to the most that is looked at.

    Attributes:
        opens_en, opens_ru: what to say when it opens a zone; ``{}`` is the change in percent.
        most: greatest change looked at (share).
    """

    lever_id: str
    name_en: str
    name_ru: str
    opens_en: str
    opens_ru: str
    unit: str
    most: float
    make: Callable[[float], Levers]


LEVERS = (
    Lever(
        "price",
        "higher price to the maker",
        "повышение цены производителя",
        "A price to the maker {} % higher would open a zone.",
        "Зону согласия открыло бы повышение цены производителя на {} %.",
        "share of the price",
        1.0,
        lambda change: Levers(price_factor=1.0 + change),
    ),
    Lever(
        "offtake",
        "guaranteed offtake above the plan's sales",
        "гарантированный выкуп сверх плана",
        "Guaranteed sales {} % above the plan, if capacity allows, would open a zone.",
        "Зону согласия открыл бы гарантированный выкуп на {} % сверх плана, если хватит мощности.",
        "share of the sales",
        0.5,
        lambda change: Levers(volume_factor=1.0 + change),
    ),
    Lever(
        "capital_grant",
        "grant towards capital cost",
        "субсидия на капитальные затраты",
        "A grant of {} % of capital cost would open a zone.",
        "Зону согласия открыла бы субсидия в {} % капитальных затрат.",
        "share of capital cost",
        1.0,
        lambda change: Levers(capex_grant_share=change),
    ),
    Lever(
        "input_price",
        "cheaper inputs",
        "удешевление сырья",
        "Inputs {} % cheaper would open a zone.",
        "Зону согласия открыло бы удешевление сырья на {} %.",
        "share of the price",
        0.5,
        lambda change: Levers(input_price_factor=1.0 - change),
    ),
)
"""Levers are given on condition of the joint deal, so the alternatives do not move with them."""


def smallest_change(
    case: Case, worth: Worth, lever: Lever, tolerance: float = 1e-4
) -> float | None:
    """Return the smallest change of one lever that opens the zone; None if the most is too little.

    By bisection; the zone is taken to stay open above the change that opens it.
    """

    def is_open(change: float) -> bool:
        there = case.worth(worth.terms, lever.make(change))
        kept = payment_of(case)
        return payment_zone(there.host_gain_mn, there.partner_gain_mn, kept) is not None

    if not is_open(lever.most):
        return None
    low, high = 0.0, lever.most
    while high - low > tolerance:
        middle = (low + high) / 2.0
        low, high = (low, middle) if is_open(middle) else (middle, high)
    return high


def _needed(amount: float, kept_share: float) -> float:
    """Return the payment of which the receiver keeps `amount`; endless if taxes take it all."""
    if amount == 0 or kept_share > 0:
        return amount / kept_share if amount else 0.0
    return math.copysign(math.inf, amount)


__all__ = [
    "LEVERS",
    "Lever",
    "Payment",
    "after_payment",
    "equity_zone",
    "nash_payment",
    "payment_of",
    "payment_zone",
    "smallest_change",
    "verdict",
]
