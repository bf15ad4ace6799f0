"""Sources that fail and come back, and the Markov chain of how many of them are up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.records.errors import ModelError
from coproduce.resilience.exact.given import positive, whole

Floats = npt.NDArray[np.float64]

MOST_STATES = 400
"""Above this the spectral solution is neither fast nor trustworthy."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sources of one kind, failing independently of one another and of all others.

    Attributes:
        sources: how many of them.
        capacity: what one of them makes while up (unit of demand/year).
        failures_per_year: rate of failure of one that is up (1/year).
        repairs_per_year: rate of return of one that is down (1/year).
    """

    sources: int
    capacity: float
    failures_per_year: float
    repairs_per_year: float

    def checked(self, *, where: str = "") -> Group:
        """Return the group itself.

        Raises:
            UsageError: S101 or S104 for a rate, capacity or number at or below nil.
        """
        whole(self.sources, "the number of sources", where=where)
        positive(self.capacity, "the capacity of a source", where=where)
        positive(self.failures_per_year, "the failure rate", where=where)
        positive(self.repairs_per_year, "the repair rate", where=where)
        return self

    @property
    def availability_share(self) -> float:
        """Long-run share of time one source is up, whatever the laws of its times."""
        return self.repairs_per_year / (self.failures_per_year + self.repairs_per_year)


@dataclass(frozen=True, slots=True)
class States:
    """Stationary Markov chain of how many sources of each group are up.

    Attributes:
        up: states × groups, number up.
        rates: states × states, rate of passing from one to another; rows add up to nil.
        shares: stationary share of time of each state.
    """

    up: npt.NDArray[np.int64]
    rates: Floats
    shares: Floats

    def capacity(self, groups: Sequence[Group], first: int = 0) -> Floats:
        """Return what `groups` make in each state; they are the chain's from `first` on."""
        each = np.array([group.capacity for group in groups])
        return np.asarray(self.up[:, first : first + len(groups)] @ each, dtype=np.float64)


def states_of(groups: Sequence[Group]) -> States:
    """Return the chain of independent groups; identical sources of a group are counted.

    Raises:
        ModelError: S105 if there are more than `MOST_STATES` states.
    """
    sizes = [group.sources + 1 for group in groups]
    count = math.prod(sizes)
    if count > MOST_STATES:
        raise ModelError(
            f"the sources have {count:,} joint states, at most {MOST_STATES} are solved exactly; "
            "put identical sources into one group, or simulate",
            code="S105",
        )
    rates: Floats = np.zeros((1, 1))
    shares: Floats = np.ones(1)
    for group in groups:
        own, own_shares = _counted(group)
        joined = np.kron(rates, np.eye(len(own))) + np.kron(np.eye(len(rates)), own)
        rates = np.asarray(joined, dtype=np.float64)
        shares = np.asarray(np.kron(shares, own_shares), dtype=np.float64)
    up = np.stack([grid.ravel() for grid in np.indices(sizes)], axis=1)
    return States(up=up, rates=rates, shares=shares)


def _counted(group: Group) -> tuple[Floats, Floats]:
    """Return rates and stationary shares of the number up in one group."""
    n, lam, mu = group.sources, group.failures_per_year, group.repairs_per_year
    up = np.arange(n + 1)
    rates = np.zeros((n + 1, n + 1))
    rates[up[1:], up[:-1]] = up[1:] * lam
    rates[up[:-1], up[1:]] = (n - up[:-1]) * mu
    rates[up, up] = -rates.sum(axis=1)
    a = group.availability_share
    shares = np.array([math.comb(n, int(k)) * a**k * (1.0 - a) ** (n - k) for k in up])
    return rates, shares


__all__ = ["MOST_STATES", "Floats", "Group", "States", "states_of"]
