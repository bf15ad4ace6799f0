"""How much to order or hold when the supplier is sometimes down: lots and newsvendor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from coproduce.resilience.exact.given import not_negative, positive, probability


@dataclass(frozen=True, slots=True)
class Lot:
    """An order size or stock level and what it costs (quantity; cost per year or period)."""

    quantity: float
    cost: float


@dataclass(frozen=True, slots=True)
class LotCase:
    """A steady demand served by lots from a supplier that fails and comes back.

    Attributes:
        order_cost: per order (money).
        holding_cost: per unit held a year (money).
        shortage_cost: per unit of demand lost (money).
        demand: steady (unit/year).
        failures_per_year, repairs_per_year: of the supplier (1/year), exponential times.
    """

    order_cost: float
    holding_cost: float
    shortage_cost: float
    demand: float
    failures_per_year: float
    repairs_per_year: float

    def checked(self) -> LotCase:
        """Return the case itself.

        Raises:
            UsageError: S101 for a value at or below nil.
        """
        for name in self.__dataclass_fields__:
            positive(getattr(self, name), name.replace("_", " "))
        return self


def lot_cost(case: LotCase, quantity: float) -> float:
    """Return the expected yearly cost of ordering `quantity` whenever stock is gone.

    Demand while the supplier is down and stock is gone is lost.

    Source: Parlar, Berkin, Naval Research Logistics 38 (1991), as corrected by Berk,
    Arreola-Risa, Naval Research Logistics 41 (1994).

    Example:
        >>> case = LotCase(8, 0.225, 5, 1300, 1.5, 14)
        >>> round(lot_cost(case, 772.8110739983106), 9)
        173.950002573
    """
    case.checked()
    return _lot_cost(case, positive(quantity, "the order quantity"))


def best_lot(case: LotCase) -> Lot:
    """Return the order quantity of least cost, to the last digits of a double.

    Raises:
        UsageError: S101 for a value at or below nil.

    Example:
        >>> round(best_lot(LotCase(8, 0.225, 5, 1300, 1.5, 14)).quantity, 4)
        772.8111
    """
    from scipy import optimize

    case.checked()

    def slope(quantity: float) -> float:
        """Sign of the derivative: rise of cost against rise of time, both per cycle."""
        down, down_slope = _down(case, quantity)
        cost, time = _cycle(case, quantity, down)
        back = case.repairs_per_year
        cost_slope = case.holding_cost * quantity / case.demand
        cost_slope += case.shortage_cost * case.demand * down_slope / back
        time_slope = 1.0 / case.demand + down_slope / back
        return cost_slope * time - cost * time_slope

    low = high = math.sqrt(2.0 * case.order_cost * case.demand / case.holding_cost)
    while slope(low) > 0.0:
        low /= 2.0
    while slope(high) < 0.0:
        high *= 2.0
    root: Any = optimize.brentq  # its stub has no types
    quantity = float(root(slope, low, high, xtol=1e-12, rtol=8.9e-16)) if low < high else low
    return Lot(quantity, _lot_cost(case, quantity))


def plain_lot(case: LotCase) -> Lot:
    """Return the closed-form order quantity that takes the supplier's state as settled.

    The chance of finding the supplier down is taken as its long-run share, whatever the lot; the
    cost is the approximation's own.

    Source: Snyder, Foundations and Trends in Technology 2014; Snyder, Shen, Fundamentals of
    Supply Chain Theory, 2nd ed., section 9.2.

    Example:
        >>> found = plain_lot(LotCase(8, 0.225, 5, 1300, 1.5, 14))
        >>> round(found.quantity, 6), round(found.cost, 6)
        (773.143242, 173.957229)
    """
    case.checked()
    lam, mu = case.failures_per_year, case.repairs_per_year
    down = lam / (lam + mu)
    h, d = case.holding_cost, case.demand
    lag = d * down / mu  # units of demand in the expected wait
    quantity = -lag + math.sqrt(
        lag * lag + 2.0 * d / h * (case.order_cost + case.shortage_cost * d * down / mu)
    )
    cost, time = _cycle(case, quantity, down)
    return Lot(quantity, cost / time)


def _down(case: LotCase, quantity: float) -> tuple[float, float]:
    """Return the chance that stock runs out on a supplier that is down, and its slope."""
    lam, total = case.failures_per_year, case.failures_per_year + case.repairs_per_year
    run_out = total * quantity / case.demand
    return -lam / total * math.expm1(-run_out), lam / case.demand * math.exp(-run_out)


def _cycle(case: LotCase, quantity: float, down: float) -> tuple[float, float]:
    """Return cost and length of the time between two orders."""
    wait = down / case.repairs_per_year
    held = case.holding_cost * quantity * quantity / (2.0 * case.demand)
    cost = case.order_cost + held + case.shortage_cost * case.demand * wait
    return cost, quantity / case.demand + wait


def _lot_cost(case: LotCase, quantity: float) -> float:
    cost, time = _cycle(case, quantity, _down(case, quantity)[0])
    return cost / time


def disrupted_stock_cost(
    holding_cost: float,
    shortage_cost: float,
    demand: float,
    fails: float,
    recovers: float,
    stock: float,
) -> float:
    """Return the expected cost of a period with a base stock and a supplier that pauses.

    Demand is steady, what is short is delivered late. The supplier is down for n periods in a
    row with probability αβ(1-β)^(n-1)/(α+β); the sum over all n is taken in closed form.

    Args:
        holding_cost, shortage_cost: per unit and period (money).
        demand: of a period (unit).
        fails, recovers: chance a period that an up supplier fails, a down one recovers.
        stock: base-stock level (unit), at least one period's demand is usual.

    Source: Snyder, Shen, Fundamentals of Supply Chain Theory, 2nd ed., section 9.3.

    Example:
        >>> disrupted_stock_cost(0.25, 3, 2000, 0.04, 0.25, 8000)
        2737.0689655172414
    """
    alpha, beta = _chances(fails, recovers)
    positive(holding_cost, "the holding cost")
    positive(shortage_cost, "the shortage cost")
    positive(demand, "demand")
    not_negative(stock, "the stock")
    covered = math.floor(stock / demand)  # periods that the stock lasts in full
    parts = [_short_or_held(stock - demand, holding_cost, shortage_cost)]
    chance = alpha  # of n periods down, against that of none
    for down in range(1, covered + 1):
        left = stock - (down + 1) * demand
        parts.append(chance * _short_or_held(left, holding_cost, shortage_cost))
        chance *= 1.0 - beta
    # from here on all is short: Σ chance (1-β)^j p (base + j d), j = 0, 1, …
    base = (covered + 2) * demand - stock
    late = base / beta + demand * (1.0 - beta) / (beta * beta)
    parts.append(shortage_cost * chance * late)
    return math.fsum(parts) * beta / (alpha + beta)


def best_disrupted_stock(
    holding_cost: float, shortage_cost: float, demand: float, fails: float, recovers: float
) -> Lot:
    """Return the base stock of least cost for a supplier that pauses.

    Example:
        >>> best_disrupted_stock(0.25, 3, 2000, 0.04, 0.25)
        Lot(quantity=8000.0, cost=2737.0689655172414)
    """
    alpha, beta = _chances(fails, recovers)
    wanted = shortage_cost / (
        positive(shortage_cost, "the shortage cost") + positive(holding_cost, "the holding cost")
    )
    # F(n) = 1 - α(1-β)^n/(α+β): least n with F(n) ≥ wanted
    tail = (1.0 - wanted) * (alpha + beta) / alpha
    periods = 0 if tail >= 1.0 else 1 if beta == 1.0 else _periods(tail, beta)
    stock = (periods + 1) * positive(demand, "demand")
    cost = disrupted_stock_cost(holding_cost, shortage_cost, demand, fails, recovers, stock)
    return Lot(stock, cost)


def _periods(tail: float, beta: float) -> int:
    periods = max(0, math.ceil(math.log(tail) / math.log1p(-beta)) - 1)
    while (1.0 - beta) ** periods > tail * (1.0 + 1e-12):
        periods += 1
    return periods


def _chances(fails: float, recovers: float) -> tuple[float, float]:
    alpha = positive(probability(fails, "the chance to fail"), "the chance to fail")
    return alpha, positive(probability(recovers, "the chance to recover"), "the chance to recover")


def _short_or_held(left: float, holding_cost: float, shortage_cost: float) -> float:
    return holding_cost * left if left >= 0 else -shortage_cost * left


__all__ = [
    "Lot",
    "LotCase",
    "best_disrupted_stock",
    "best_lot",
    "disrupted_stock_cost",
    "lot_cost",
    "plain_lot",
]
