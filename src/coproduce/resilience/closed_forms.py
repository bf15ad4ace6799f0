"""Availability and expected shortage in closed form: one source, one stage, one chain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import product

MOST_SOURCES = 12
"""Above this number the smallest sources of a stage are counted as one."""


def on_off_shortage(
    failures_per_year: float,
    recovery_years: float,
    stock_years: float = 0.0,
    capacity_factor: float = 1.25,
) -> float:
    """Return the expected unmet share of demand behind one source that fails and comes back.

    Up and down times are exponential; while up the source makes `capacity_factor` times demand
    until the stock is full again, while down the stock is used. Without stock the shortage is the
    share of time down, whatever the laws of the times.

    Args:
        failures_per_year: rate of failure while up (1/year, above nil).
        recovery_years: mean time to come back (years, above nil).
        stock_years: most stock held (years of demand).
        capacity_factor: capacity against demand (factor); at 1 stock is never filled again.

    Source: Meyer, Rothkopf, Smith, Reliability and Inventory in a Production-Storage System,
    Management Science 25 (1979), the case of a single unit.

    Example:
        >>> round(on_off_shortage(0.5, 0.4, 0.35, 1.5), 10)
        0.0774918163
        >>> round(on_off_shortage(0.5, 0.4), 6)
        0.166667
    """
    down = failures_per_year * recovery_years / (1.0 + failures_per_year * recovery_years)
    surplus = capacity_factor - 1.0
    if stock_years <= 0.0 or surplus <= 0.0:
        return down
    rate, back = failures_per_year, 1.0 / recovery_years
    theta = back - rate / surplus
    x = theta * stock_years
    # Both branches are one formula, multiplied through so that no exponential overflows.
    grown, shrunk = (1.0, math.exp(-x)) if x >= 0 else (math.exp(x), 1.0)
    slope = -math.expm1(-abs(x)) / abs(theta) if x else stock_years
    per_cycle = grown / rate + shrunk / back + (1.0 / surplus + 1.0) * slope
    return shrunk / back / per_cycle


def stage_shortage(
    shares: Sequence[float], down_shares: Sequence[float], capacity_factor: float
) -> float:
    """Return the expected unmet share of a stage fed by independent sources.

    Exact sum over all states of the sources: what is left of capacity when some are out, against
    the stage's need. Sources that are up stand in for the others up to their own capacity.

    Args:
        shares: each source's part of the supply; scaled to add up to 1.
        down_shares: share of time each source fails to deliver.
        capacity_factor: what a source can make against its part (factor, at least 1).

    Example:
        Two halves, each out a tenth of the time, with a quarter of capacity to spare: one out
        leaves 3/8 unmet, both leave all: 0.18 × 0.375 + 0.01 = 0.0775.

        >>> round(stage_shortage([0.5, 0.5], [0.1, 0.1], 1.25), 6)
        0.0775
    """
    total = sum(shares)
    if total <= 0:
        return 0.0
    sources = _merged(
        [(share / total, down) for share, down in zip(shares, down_shares, strict=True)]
    )
    return _missing(tuple(sources), capacity_factor)


@lru_cache(maxsize=1 << 14)
def _missing(sources: tuple[tuple[float, float], ...], capacity_factor: float) -> float:
    """Return the unmet share; kept, because plans are compared that share most of their stages."""
    missing = 0.0
    for state in product((True, False), repeat=len(sources)):
        chance, capacity = 1.0, 0.0
        for is_up, (share, down) in zip(state, sources, strict=True):
            chance *= 1.0 - down if is_up else down
            capacity += share * capacity_factor if is_up else 0.0
        missing += chance * max(0.0, 1.0 - capacity)
    return missing


def chain_shortage(stage_shares: Sequence[float]) -> float:
    """Return an upper bound on the unmet share of a chain whose stages fail independently.

    A chain delivers what its narrowest stage delivers, and the least of several independent
    shares is on average at least their product.

    Example:
        >>> round(chain_shortage([0.1, 0.1]), 6)
        0.19
    """
    return 1.0 - math.prod(1.0 - share for share in stage_shares)


def _merged(sources: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Count the smallest sources as one that fails as often as they do on average.

    One source instead of several never helps, so the answer can only be too high.
    """
    ordered = sorted((one for one in sources if one[0] > 0), reverse=True)
    kept, rest = ordered[: MOST_SOURCES - 1], ordered[MOST_SOURCES - 1 :]
    if len(rest) < 2:
        return ordered
    share = sum(one[0] for one in rest)
    return [*kept, (share, sum(part * down for part, down in rest) / share)]


__all__ = ["chain_shortage", "on_off_shortage", "stage_shortage"]
