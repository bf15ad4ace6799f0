"""Cost, time to survive and risk exposure of every scenario, and what time is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from coproduce.resilience.exact.given import positive
from coproduce.resilience.time_to_survive.model import LONGEST, Model, build, dual_gap
from coproduce.resilience.time_to_survive.network import SurviveNetwork

Progress = Callable[[float, str], None]

NO_LOSS = 1e-9
"""A loss below this part of all that could be lost counts as none."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which a period more costs the same.

    Attributes:
        from_periods, to_periods: ends of the stretch.
        cost_from: least loss at its beginning (money).
        cost_per_period: what one period more costs, and one less saves (money/period).
    """

    from_periods: float
    to_periods: float
    cost_from: float
    cost_per_period: float


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one scenario does.

    Attributes:
        ttr: time to recover (periods).
        cost: least loss until then (money).
        rei: that loss against the largest of all scenarios (share).
        tts: longest time that all demand can be met (periods); `LONGEST` where without end.
        is_capped: `tts` has no end, or none before `LONGEST`.
        is_exposed: it is survived for a shorter time than it takes to recover.
        spans: what time is worth, from nil to twice the time to recover.
        stock_worth: product → what one unit more in stock would save (money/unit).
        gap: largest relative distance between a programme's value and that of its duals.
    """

    scenario_id: str
    ttr: float
    cost: float
    rei: float
    tts: float
    is_capped: bool
    is_exposed: bool
    spans: tuple[Span, ...]
    stock_worth: dict[str, float]
    gap: float


@dataclass(frozen=True, slots=True)
class Study:
    """All scenarios of a network.

    Attributes:
        scenarios: in the order of the file.
        mean_cost: by probability where every scenario has one, else plain mean (money).
        largest_cost: of all scenarios (money).
        exposed: number of scenarios not survived.
    """

    scenarios: tuple[Exposure, ...]
    mean_cost: float
    largest_cost: float
    exposed: int


def study(
    network: SurviveNetwork, *, longest: float = LONGEST, progress: Progress | None = None
) -> Study:
    """Return cost, risk exposure index and time to survive of every scenario.

    Args:
        network: a checked network.
        longest: times to survive are looked for up to here (periods).
        progress: called with the share done and the scenario at work.

    Raises:
        UsageError: S101 if `longest` is not above nil.
        ModelError: S123 if a programme cannot be solved.
    """
    positive(longest, "the longest time")
    found = []
    for number, name in enumerate(network.scenarios):
        if progress:
            progress(number / len(network.scenarios), name)
        found.append(_exposure(network, name, longest))
    worst = max((one.cost for one in found), default=0.0)
    weights = [scenario.probability for scenario in network.scenarios.values()]
    known = [weight for weight in weights if weight is not None]
    if len(known) < len(found) or sum(known) <= 0:
        known = [1.0] * len(found)
    total = sum(weight * one.cost for weight, one in zip(known, found, strict=True))
    return Study(
        scenarios=tuple(_indexed(one, worst) for one in found),
        mean_cost=total / sum(known) if found else 0.0,
        largest_cost=worst,
        exposed=sum(one.is_exposed for one in found),
    )


def _exposure(network: SurviveNetwork, name: str, longest: float) -> Exposure:
    scenario = network.scenarios[name]
    model = build(network, scenario)
    at_recovery = model.least_loss(scenario.ttr)
    tts = survived(model, longest)
    lower, upper = model.problem.col_lower.copy(), model.problem.col_upper.copy()
    lower[-1] = upper[-1] = scenario.ttr
    gap = dual_gap(model.problem.with_bounds(lower, upper), at_recovery)
    cost = max(0.0, at_recovery.objective)
    if cost <= NO_LOSS * _all_lost(network, scenario.ttr):
        cost = 0.0
    is_capped = tts >= longest * (1.0 - 1e-9)
    prices = at_recovery.row_dual
    return Exposure(
        scenario_id=name,
        ttr=scenario.ttr,
        cost=cost,
        rei=0.0,
        tts=longest if is_capped else tts,
        is_capped=is_capped,
        is_exposed=tts < scenario.ttr * (1.0 - 1e-9),
        spans=spans(model, 2.0 * scenario.ttr),
        stock_worth={
            product: float(prices[row])
            for product, row in model.stock_rows.items()
            if prices[row] > 1e-9
        },
        gap=gap,
    )


def _indexed(one: Exposure, worst: float) -> Exposure:
    return replace(one, rei=one.cost / worst if worst > 0 else 0.0)


def _all_lost(network: SurviveNetwork, periods: float) -> float:
    each = (one.demand * one.loss_per_unit for one in network.products.values())
    return periods * sum(each)


def survived(model: Model, longest: float) -> float:
    """Return the time to survive by one programme whose unknown is time itself."""
    return float(model.longest(longest).x[-1])


def survived_by_halving(model: Model, longest: float, *, loss_scale: float) -> float:
    """Return the time to survive by halving the time until the least loss is just nil.

    Slower than `survived` and independent of it: it solves for loss, never for time.

    Args:
        model: the scenario.
        longest: upper end of the search (periods).
        loss_scale: loss of a whole period (money); sets what counts as nil.
    """

    def is_met(periods: float) -> bool:
        return model.least_loss(periods).objective <= NO_LOSS * loss_scale

    if is_met(longest):
        return longest
    low, high = 0.0, longest
    while high - low > 1e-10 * max(1.0, high):
        middle = (low + high) / 2.0
        low, high = (middle, high) if is_met(middle) else (low, middle)
    return low


def spans(model: Model, most: float) -> tuple[Span, ...]:
    """Return the least loss as a function of time: pieces between which its slope changes.

    The loss is convex and piecewise linear in time; two tangents meet at a break or show where
    to look for one.

    Source: Eisner, Severance, Journal of the ACM 23 (1976).
    """
    ends = [_tangent(model, 0.0), _tangent(model, most)]
    points = [ends[0], *_between(model, *ends), ends[1]]
    found: list[Span] = []
    for (start, cost, _), (end, next_cost, _) in pairwise(points):
        if end - start <= 1e-9 * most:
            continue
        slope = (next_cost - cost) / (end - start)
        if found and abs(found[-1].cost_per_period - slope) <= 1e-7 * max(1.0, abs(slope)):
            last = found.pop()
            start, cost = last.from_periods, last.cost_from
            slope = (next_cost - cost) / (end - start)
        found.append(Span(start, end, max(0.0, cost), max(0.0, slope)))
    return tuple(found)


Tangent = tuple[float, float, float]


def _tangent(model: Model, periods: float) -> Tangent:
    """Return a time, its least loss and a slope there."""
    found = model.least_loss(periods)
    return periods, found.objective, float(found.reduced_cost[-1])


def _between(model: Model, left: Tangent, right: Tangent) -> list[Tangent]:
    """Return the breaks strictly between two points, from left to right."""
    (start, low, rise), (end, high, fall) = left, right
    scale = max(1.0, abs(high))
    if fall - rise <= 1e-9 * max(1.0, abs(fall)):
        return []
    cross = (low - high + fall * end - rise * start) / (fall - rise)
    if not start + 1e-9 * end < cross < end - 1e-9 * end:
        return []
    middle = _tangent(model, cross)
    if middle[1] <= low + rise * (cross - start) + 1e-9 * scale:
        return [middle]
    return [*_between(model, left, middle), middle, *_between(model, middle, right)]


__all__ = ["Exposure", "Span", "Study", "spans", "study", "survived", "survived_by_halving"]
