"""Chains of stages in series, each with parallel sources and perhaps a stock after it.

Without stock, and with stock at one place, the answer is exact: the whole chain then moves a
single stock. With stock at several places the stocks work on one another; two exact
problems bound the answer from both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coproduce.records.errors import UsageError
from coproduce.resilience.exact.fluid import empty_shares
from coproduce.resilience.exact.given import not_negative, positive
from coproduce.resilience.exact.shared_stock import Answer, shared_stock_shortage
from coproduce.resilience.exact.sources import Floats, Group, States, states_of


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a chain.

    Attributes:
        groups: sources that work side by side; capacities in units of the finished good a year.
        stock: most stock held after this stage (unit of the finished good).
    """

    groups: tuple[Group, ...]
    stock: float = 0.0


def chain_with_stock(stages: Sequence[Stage], demand: float) -> Answer:
    """Return the expected unmet share of demand behind stages in series, first input first.

    A stage works whenever it has input and its stock is not full; the chain delivers what its
    narrowest stage and the stocks behind it allow. With stock at several places the expected
    shortage is given as the upper bound, and `Answer.low_share` is a true lower bound.

    Args:
        stages: from the first input to the finished good.
        demand: steady demand (unit/year).

    Raises:
        UsageError: S101, S102, S104 for values out of range; S107 for a stage without sources.
        ModelError: S105 for too many joint states, S106 if the case is too stiff.

    Example:
        Two stages in series without stock, each up 5/6 of the time, deliver 25/36:

        >>> stage = Stage((Group(1, 1.5, 0.5, 2.5),))
        >>> round(chain_with_stock([stage, stage], 1.0).expected_shortage_share, 10)
        0.3055555556
    """
    _check(stages, demand)
    if len(stages) == 1:
        return shared_stock_shortage(stages[0].groups, demand, stages[0].stock)
    bare, available = _without_stock(stages, demand)
    kept = [place for place, stage in enumerate(stages) if stage.stock > 0]
    if not kept:
        return Answer(
            expected_shortage_share=bare,
            low_share=bare,
            high_share=bare,
            short_time_share=1.0 - available,
            no_stock_shortage_share=bare,
            availability_share=available,
            method="all states, no stock",
        )
    high, short_time = min(_one_stock(stages, place, demand) for place in kept)
    low = high if len(kept) == 1 else max(_blocks(stages, demand))
    is_exact = len(kept) == 1
    return Answer(
        expected_shortage_share=high,
        low_share=min(low, high),
        high_share=high,
        short_time_share=short_time if is_exact else None,
        no_stock_shortage_share=bare,
        availability_share=available,
        method=(
            "spectral solution of the fluid queue, one stock in the chain"
            if is_exact
            else "bounds: the best single stock, and each block alone with all stock behind it"
        ),
    )


def _check(stages: Sequence[Stage], demand: float) -> None:
    positive(demand, "demand")
    if not stages:
        raise UsageError("the chain has no stage; name at least one", code="S107")
    for number, stage in enumerate(stages, start=1):
        if not stage.groups:
            raise UsageError(
                f"stage {number} has no source, so no path leads to the customer; add one",
                code="S107",
            )
        not_negative(stage.stock, f"the stock of stage {number}")
        for group in stage.groups:
            group.checked()


def _without_stock(stages: Sequence[Stage], demand: float) -> tuple[float, float]:
    """Return expected shortage and availability from the law of the narrowest stage."""
    levels, chances = np.array([1.0]), np.array([1.0])
    for stage in stages:
        chain = states_of(stage.groups)
        share = np.minimum(chain.capacity(stage.groups) / demand, 1.0)
        share[share > 1.0 - 1e-9] = 1.0
        both = np.minimum(levels[:, None], share[None, :]).ravel()
        weight = (chances[:, None] * chain.shares[None, :]).ravel()
        levels, place = np.unique(both, return_inverse=True)
        chances = np.bincount(place, weights=weight)
    return float(chances @ (1.0 - levels)), float(chances[levels == 1.0].sum())


def _one_stock(stages: Sequence[Stage], place: int, demand: float) -> tuple[float, float]:
    """Return expected shortage and share of time short, with stock after one stage alone."""
    chain = states_of([group for stage in stages for group in stage.groups])
    rates = _stage_rates(chain, stages)
    inflow = rates[: place + 1].min(axis=0)
    draw = np.minimum(demand, rates[place + 1 :].min(axis=0, initial=np.inf))
    empty = empty_shares(chain.rates, chain.shares, inflow - draw, stages[place].stock)
    lost = chain.shares @ (demand - draw) + empty @ np.clip(draw - inflow, 0.0, None)
    is_narrow = draw < demand * (1.0 - 1e-9)
    short = chain.shares[is_narrow].sum() + empty[~is_narrow].sum()
    return float(lost) / demand, float(short)


def _blocks(stages: Sequence[Stage], demand: float) -> list[float]:
    """Return the shortage of each stretch without stock inside it, all else perfect.

    All stock behind the stretch is pooled, which no real chain can better.
    """
    found, first = [], 0
    for place, stage in enumerate(stages):
        if stage.stock <= 0 and place < len(stages) - 1:
            continue
        block = stages[first : place + 1]
        chain = states_of([group for one in block for group in one.groups])
        net = _stage_rates(chain, block).min(axis=0) - demand
        pooled = sum(one.stock for one in stages[place:])
        empty = empty_shares(chain.rates, chain.shares, net, pooled)
        found.append(float(empty @ np.clip(-net, 0.0, None)) / demand)
        first = place + 1
    return found


def _stage_rates(chain: States, stages: Sequence[Stage]) -> Floats:
    """Return stages × states: what each stage can make in each joint state."""
    made, first = [], 0
    for stage in stages:
        made.append(chain.capacity(stage.groups, first))
        first += len(stage.groups)
    return np.stack(made)


__all__ = ["Stage", "chain_with_stock"]
