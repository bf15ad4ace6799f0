"""Stock policies under Poisson demand: periodic (R, S), periodic (s, S), and Palm's theorem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coproduce.records.errors import UsageError
from coproduce.resilience.exact.given import not_negative, positive, whole


def periodic_fill_share(
    demand_per_day: float, review_days: float, lead_days: float, order_up_to: int
) -> float:
    """Return the part of Poisson demand met from stock under periodic review, rest delivered late.

    Args:
        demand_per_day: mean (unit/day).
        review_days: between two orders (day).
        lead_days: from order to receipt (day).
        order_up_to: stock on hand and on order is raised to this (unit).

    Raises:
        UsageError: S101, S102 or S104 for values out of range.

    Source: Hadley, Whitin, Analysis of Inventory Systems (1963), section 5-2; Silver, Pyke,
    Thomas, Inventory and Production Management in Supply Chains (2017).

    Example:
        >>> round(periodic_fill_share(5, 7, 3, 50), 6)
        0.919536
    """
    mean = positive(demand_per_day, "demand a day")
    review = positive(review_days, "the review period")
    lead = not_negative(lead_days, "the lead time")
    level = whole(order_up_to, "the order-up-to level", least=0)
    late = _expected_over(mean * (review + lead), level) - _expected_over(mean * lead, level)
    return 1.0 - late / (mean * review)


def _expected_over(mean: float, level: int) -> float:
    """Return E(D - level)⁺ for a Poisson D."""
    from scipy.special import gammainc  # P(D ≥ k) = P(k, mean), the incomplete gamma function

    if mean == 0 or level <= 0:
        return max(0.0, mean - level)
    # E(D - S)⁺ = mean P(D ≥ S) - S P(D ≥ S + 1)
    return float(mean * gammainc(level, mean) - level * gammainc(level + 1, mean))


@dataclass(frozen=True, slots=True)
class PolicyCase:
    """Poisson demand reviewed every period, delivered at once, short demand delivered late.

    Attributes:
        holding_cost, shortage_cost: per unit at the end of a period (money).
        order_cost: per order (money).
        demand: mean of a period (unit).
    """

    holding_cost: float
    shortage_cost: float
    order_cost: float
    demand: float

    def checked(self) -> PolicyCase:
        """Return the case itself.

        Raises:
            UsageError: S101 for a value at or below nil.
        """
        for name in self.__dataclass_fields__:
            positive(getattr(self, name), name.replace("_", " "))
        return self


def policy_cost(case: PolicyCase, reorder: int, order_up_to: int) -> float:
    """Return the expected cost of a period under (s, S): order up to S at or below s.

    Args:
        case: demand and costs.
        reorder: s (unit).
        order_up_to: S (unit), above s.

    Raises:
        UsageError: S101 for a cost or demand at or below nil, S108 if S is not above s.

    Source: Zheng, Federgruen, Operations Research 39 (1991), equation 3.

    Example:
        >>> round(policy_cost(PolicyCase(1, 4, 5, 6), 4, 10), 9)
        8.034111561
    """
    from scipy.special import gammaln

    case.checked()
    if reorder != int(reorder) or order_up_to != int(order_up_to) or order_up_to <= reorder:
        raise UsageError(
            f"s is {reorder} and S is {order_up_to}; both must be whole and S above s, or the "
            "policy has no parameters to follow",
            code="S108",
        )
    span = int(order_up_to) - int(reorder)
    number = np.arange(span)
    law = np.exp(number * np.log(case.demand) - case.demand - gammaln(number + 1.0))
    visits = np.zeros(span)  # expected periods that start with stock S - j
    visits[0] = 1.0 / (1.0 - law[0])
    for j in range(1, span):
        visits[j] = float(law[1 : j + 1] @ visits[j - 1 :: -1][:j]) / (1.0 - law[0])
    levels = int(order_up_to) - number
    over = np.array([_expected_over(case.demand, int(level)) for level in levels])
    held = over + levels - case.demand
    cost = case.holding_cost * held + case.shortage_cost * over
    return float((case.order_cost + visits @ cost) / visits.sum())


def outstanding_orders(demand_per_day: float, mean_lead_days: float) -> float:
    """Return the mean number of orders on the way under unit base stock, any law of lead time.

    Source: Palm (1938); the mean of an M/G/∞ queue.

    Example:
        >>> outstanding_orders(2.0, 10.0)
        20.0
    """
    return positive(demand_per_day, "demand a day") * positive(mean_lead_days, "the lead time")


__all__ = ["PolicyCase", "outstanding_orders", "periodic_fill_share", "policy_cost"]
