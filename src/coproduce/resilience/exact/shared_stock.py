"""Sources that share one stock: expected shortage without simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coproduce.records.errors import UsageError
from coproduce.resilience.closed_forms import on_off_shortage
from coproduce.resilience.exact.fluid import empty_shares
from coproduce.resilience.exact.given import not_negative, positive
from coproduce.resilience.exact.sources import Group, states_of


@dataclass(frozen=True, slots=True)
class Answer:
    """Expected shortage and what it stands beside.

    Attributes:
        expected_shortage_share: part of demand that is not met in the long run (share).
        low_share, high_share: the same twice where the answer is exact, else bounds.
        short_time_share: part of the time in which less than demand is met; None for bounds.
        no_stock_shortage_share: expected shortage if no stock were held (share).
        availability_share: part of the time in which capacity covers demand (share).
        method: how it was found, in words.
    """

    expected_shortage_share: float
    low_share: float
    high_share: float
    short_time_share: float | None
    no_stock_shortage_share: float
    availability_share: float
    method: str

    @property
    def is_exact(self) -> bool:
        """The bounds meet."""
        return self.low_share == self.high_share


def shared_stock_shortage(groups: Sequence[Group], demand: float, stock: float = 0.0) -> Answer:
    """Return the expected unmet share of demand behind sources that share one stock.

    Up and down times are exponential; what sources make beyond demand goes into stock until it
    is full, what they lack comes out of it. Without stock the answer holds for any laws.

    Args:
        groups: the sources; capacities in the unit of demand a year.
        demand: steady demand (unit/year).
        stock: most stock held (unit of demand; with demand 1, years of use).

    Raises:
        UsageError: S101, S102, S104 for values out of range; S107 without sources.
        ModelError: S105 for too many joint states, S106 if the case is too stiff.

    Example:
        >>> one = shared_stock_shortage([Group(1, 1.5, 0.5, 2.5)], 1.0, 0.35)
        >>> round(one.expected_shortage_share, 10)
        0.0774918163
        >>> two = shared_stock_shortage([Group(2, 0.75, 0.5, 2.5)], 1.0, 0.35)
        >>> round(two.expected_shortage_share, 8)
        0.02046123
    """
    if not groups:
        raise UsageError("there is no source; name at least one", code="S107")
    for group in groups:
        group.checked()
    positive(demand, "demand")
    not_negative(stock, "stock")
    chain = states_of(groups)
    net = chain.capacity(groups) - demand
    lacking = np.clip(-net, 0.0, None) / demand
    bare = float(chain.shares @ lacking)
    available = float(chain.shares[net >= -1e-9 * demand].sum())
    if len(groups) == 1 and groups[0].sources == 1:
        return _single(groups[0], demand, stock, bare, available)
    empty = empty_shares(chain.rates, chain.shares, net, stock)
    found = float(empty @ lacking)
    return Answer(
        expected_shortage_share=found,
        low_share=found,
        high_share=found,
        short_time_share=float(empty.sum()),
        no_stock_shortage_share=bare,
        availability_share=available,
        method="all states, no stock" if stock == 0 else "spectral solution of the fluid queue",
    )


def _single(group: Group, demand: float, stock: float, bare: float, available: float) -> Answer:
    """Return the closed form of one source; below demand it can never fill the stock."""
    found = bare
    if group.capacity > demand:
        found = on_off_shortage(
            group.failures_per_year,
            1.0 / group.repairs_per_year,
            stock / demand,
            group.capacity / demand,
        )
    short = found if group.capacity >= demand else 1.0
    return Answer(
        expected_shortage_share=found,
        low_share=found,
        high_share=found,
        short_time_share=short,
        no_stock_shortage_share=bare,
        availability_share=available,
        method="closed form of one on/off source with stock",
    )


__all__ = ["Answer", "shared_stock_shortage"]
