"""Discounting, payback and the internal rate of return with all its roots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

Poly = list[Fraction]

HIGHEST_RATE = 1e6
"""Rates above this (a hundred million percent) are not looked for."""


@dataclass(frozen=True, slots=True)
class Irr:
    """All internal rates of return of a cash flow.

    Attributes:
        roots: every real rate above -1 at which the present value is nil, rising (1/year).
        reason: ``unique``, ``none`` (no rate) or ``several`` (no rate may be quoted).
    """

    roots: tuple[float, ...]
    reason: str

    @property
    def rate_share(self) -> float | None:
        """The rate, only if there is exactly one."""
        return self.roots[0] if self.reason == "unique" else None


def npv(rate_share: float, flows: Sequence[float], first_period: float = 0.0) -> float:
    """Return the present value of yearly flows.

    Args:
        rate_share: discount rate (share a year, above -1).
        flows: amounts, one a year.
        first_period: years between the valuation date and the first flow.

    Source: Brealey, Myers, Allen, Principles of Corporate Finance, ch. 2.

    Example:
        >>> round(npv(0.1, [-100.0, 60.0, 60.0]), 4)
        4.1322
    """
    return math.fsum(
        flow / (1.0 + rate_share) ** (first_period + period) for period, flow in enumerate(flows)
    )


def annuity(rate_share: float, years: float) -> float:
    """Return what one unit a year, first in a year's time, is worth today.

    Example:
        >>> round(annuity(0.1, 3), 4), annuity(0.0, 3)
        (2.4869, 3.0)
    """
    if rate_share == 0:
        return float(years)
    # 1 - (1 + rate)^-years loses all digits for small rates
    return -math.expm1(-years * math.log1p(rate_share)) / rate_share


def payback_years(flows: Sequence[float], rate_share: float = 0.0) -> float | None:
    """Return the years from the first outlay until it has come back for good.

    The last crossing counts, so that a later outlay is not hidden. Within a year money comes in
    evenly.

    Args:
        flows: amounts, one a year.
        rate_share: nil for the simple payback, a discount rate for the discounted one.

    Returns:
        None if there is no outlay or it never comes back.

    Example:
        >>> payback_years([-100.0, 40.0, 40.0, 40.0])
        2.5
    """
    worth = [flow / (1.0 + rate_share) ** period for period, flow in enumerate(flows)]
    first = next((period for period, flow in enumerate(worth) if flow < 0), None)
    if first is None or math.fsum(worth) < 0:
        return None
    balance, crossed = 0.0, None
    for period in range(first, len(worth)):
        before, balance = balance, balance + worth[period]
        if balance < 0:
            crossed = None
        elif before < 0:
            # A flow of year t is the money of the year that ends at t.
            crossed = period - first - 1 + -before / worth[period]
    return crossed


def irr(flows: Sequence[float]) -> Irr:
    """Return every real internal rate of return above -100 %, with a certificate of their number.

    One change of sign proves a single root (Descartes); otherwise the distinct positive roots of
    the polynomial in ``1/(1+rate)`` are counted and isolated exactly by Sturm's theorem in
    rational arithmetic, so that none is missed and none is invented.

    Source: Sturm (1829); Descartes' rule of signs; Lorie and Savage (1955) on several rates.

    Example:
        >>> [round(root, 6) for root in irr([-4000.0, 25000.0, -25000.0]).roots]
        [0.25, 4.0]
        >>> irr([1000.0, -3000.0, 2500.0]).reason
        'none'
    """
    trimmed = _trim(flows)
    signs = [flow > 0 for flow in trimmed if flow != 0]
    changes = sum(a != b for a, b in pairwise(signs))
    if changes == 0:
        return Irr((), "none")
    poly = [Fraction(flow) for flow in trimmed]
    low, high = Fraction(1, int(HIGHEST_RATE) + 1), _root_bound(poly)
    if changes == 1:
        found = [_by_sign(poly, low, high)] if _at(poly, low) * _at(poly, high) <= 0 else []
    else:
        chain = _sturm(poly)
        found = [_refine(poly, chain, a, b) for a, b in _isolate(chain, low, high)]
    roots = tuple(sorted(1.0 / root - 1.0 for root in found))
    return Irr(roots, {0: "none", 1: "unique"}.get(len(roots), "several"))


def _trim(flows: Sequence[float]) -> list[float]:
    """Drop years without cash at both ends; they move no root."""
    used = [period for period, flow in enumerate(flows) if flow != 0]
    return [float(flow) for flow in flows[used[0] : used[-1] + 1]] if used else []


def _at(poly: Poly, x: Fraction) -> Fraction:
    value = Fraction(0)
    for coefficient in reversed(poly):
        value = value * x + coefficient
    return value


def _root_bound(poly: Poly) -> Fraction:
    """Return Cauchy's bound on the roots, rounded up to a power of two."""
    bound = 1 + max(abs(coefficient / poly[-1]) for coefficient in poly[:-1])
    return Fraction(2) ** (math.ceil(bound).bit_length())


def _sturm(poly: Poly) -> list[Poly]:
    derivative = [period * coefficient for period, coefficient in enumerate(poly)][1:]
    chain = [poly, derivative]
    while len(chain[-1]) > 1:
        rest = _negative_remainder(chain[-2], chain[-1])
        if not rest:
            break
        chain.append(rest)
    return chain


def _negative_remainder(dividend: Poly, divisor: Poly) -> Poly:
    rest = list(dividend)
    while len(rest) >= len(divisor):
        factor = rest[-1] / divisor[-1]
        shift = len(rest) - len(divisor)
        for position, coefficient in enumerate(divisor):
            rest[shift + position] -= factor * coefficient
        rest.pop()
    while rest and rest[-1] == 0:
        rest.pop()
    if not rest:
        return []
    size = abs(rest[-1])  # a positive factor keeps signs and keeps the numbers short
    return [-coefficient / size for coefficient in rest]


def _changes(chain: list[Poly], x: Fraction) -> int:
    signs = [value > 0 for value in (_at(poly, x) for poly in chain) if value != 0]
    return sum(a != b for a, b in pairwise(signs))


def _isolate(chain: list[Poly], low: Fraction, high: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Return half-open intervals (a, b] that hold exactly one distinct root each."""
    found, open_parts = [], [(low, high, _changes(chain, low), _changes(chain, high))]
    while open_parts:
        a, b, at_a, at_b = open_parts.pop()
        if at_a - at_b == 1:
            found.append((a, b))
        elif at_a - at_b > 1:
            middle = (a + b) / 2
            at_middle = _changes(chain, middle)
            open_parts += [(a, middle, at_a, at_middle), (middle, b, at_middle, at_b)]
    return found


def _refine(poly: Poly, chain: list[Poly], a: Fraction, b: Fraction) -> float:
    if _at(poly, a) * _at(poly, b) < 0:
        return _by_sign(poly, a, b)
    while b - a > b * Fraction(1, 2**50):  # a root of even order changes no sign
        middle = (a + b) / 2
        if _changes(chain, a) - _changes(chain, middle) == 1:
            b = middle
        else:
            a = middle
    return float(b)


def _by_sign(poly: Poly, a: Fraction, b: Fraction) -> float:
    is_positive = _at(poly, b) > 0
    while b - a > b * Fraction(1, 2**52):
        middle = Fraction(float((a + b) / 2))
        if middle in (a, b):
            break
        if (_at(poly, middle) > 0) == is_positive:
            b = middle
        else:
            a = middle
    return float(b)


__all__ = ["Irr", "annuity", "irr", "npv", "payback_years"]
