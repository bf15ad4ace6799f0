"""Survival of shortages: the Kaplan–Meier curve and fitted laws, censoring respected."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from coproduce.records.errors import ModelError, UsageError
from coproduce.resilience.history.spells import Spell

Floats = npt.NDArray[np.float64]
DAYS_PER_YEAR = 365.25
LEAST_DAYS = 0.5
"""A spell that began and ended on the same day counts as half a day."""
LAWS = ("exponential", "weibull", "lognormal")
Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan–Meier curve.

    Attributes:
        days: where it falls (day).
        survival: share still short after each (share).
        low, high: 95 % interval, log-log form after Greenwood (share).
        at_risk, ended: numbers at each day.
        median_days: first day at which half or fewer are still short; None if never.
    """

    days: Floats
    survival: Floats
    low: Floats
    high: Floats
    at_risk: npt.NDArray[np.int64]
    ended: npt.NDArray[np.int64]
    median_days: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """A law fitted by maximum likelihood to exact, interval, left- and right-censored spells.

    Attributes:
        law: ``exponential``, ``weibull`` or ``lognormal``.
        shape: Weibull shape or lognormal sigma; 1 for the exponential.
        scale_days: scale; median of the lognormal (day).
        mean_days, mean_low_days, mean_high_days: mean and its 95 % interval (day).
        median_days: half end sooner (day).
        log_likelihood, aic: fit; the smallest AIC fits best for its parameters.
    """

    law: str
    shape: float
    scale_days: float
    mean_days: float
    mean_low_days: float
    mean_high_days: float
    median_days: float
    log_likelihood: float
    aic: float

    @property
    def mean_years(self) -> float:
        """Mean length in years, as the table of disruptions wants it."""
        return self.mean_days / DAYS_PER_YEAR


def kaplan_meier(spells: Sequence[Spell]) -> Curve:
    """Return the survival curve of spells.

    A spell known within bounds counts at their middle: the curve is for the eye, the fitted laws
    use the bounds.

    Raises:
        UsageError: S143 without a spell.

    Source: Kaplan, Meier, Journal of the American Statistical Association 53 (1958); interval:
    Kalbfleisch, Prentice, The Statistical Analysis of Failure Time Data (2002).

    Example:
        >>> curve = kaplan_meier([Spell("a", 1, 1), Spell("b", 2, math.inf), Spell("c", 3, 3)])
        >>> [round(float(one), 4) for one in curve.survival]
        [0.6667, 0.0]
    """
    if not spells:
        raise UsageError("there is no spell to reckon with", code="S143")
    is_open = np.array([spell.kind == "right" for spell in spells])
    length = np.array(
        [
            spell.low_days if spell.kind == "right" else (spell.low_days + spell.high_days) / 2
            for spell in spells
        ]
    )
    days, place = np.unique(length[~is_open], return_inverse=True)
    ended = np.bincount(place, minlength=len(days)).astype(np.int64)
    ordered = np.sort(length)
    at_risk = (len(length) - np.searchsorted(ordered, days, side="left")).astype(np.int64)
    survival = np.asarray(np.cumprod(1.0 - ended / at_risk), dtype=np.float64)
    low, high = _interval(survival, at_risk, ended)
    below = np.flatnonzero(survival <= 0.5)
    median = float(days[below[0]]) if below.size else None
    return Curve(days, survival, low, high, at_risk, ended, median)


def _interval(
    survival: Floats, at_risk: npt.NDArray[np.int64], ended: npt.NDArray[np.int64]
) -> tuple[Floats, Floats]:
    left = at_risk - ended
    terms = np.divide(ended, at_risk * left, out=np.zeros(len(ended)), where=(left > 0))
    spread = np.sqrt(np.cumsum(terms))
    inside = (survival > 0) & (survival < 1)
    logs = np.log(np.where(inside, survival, 0.5))
    width = np.exp(Z_95 * spread / np.abs(logs))
    low = np.where(inside, np.exp(logs * width), survival)
    high = np.where(inside, np.exp(logs / width), survival)
    return low, high


def fit(spells: Sequence[Spell], law: str) -> Fit:
    """Return a law fitted to spells.

    Args:
        spells: with bounds; at least two that ended.
        law: one of `LAWS`.

    Raises:
        UsageError: S143 for too few spells that ended, S144 for an unknown law.
        ModelError: S145 if no best fit is found.

    Example:
        Two spells of a year and a third still open after two: one end in two years.

        >>> year = DAYS_PER_YEAR
        >>> found = fit([Spell("a", year, year), Spell("b", year, year),
        ...              Spell("c", 2 * year, math.inf)], "exponential")
        >>> round(found.mean_years, 6)
        2.0
    """
    from scipy import optimize

    if law not in LAWS:
        raise UsageError(f"{law!r} is no law; there are {', '.join(LAWS)}", code="S144")
    if sum(spell.kind != "right" for spell in spells) < 2:
        raise UsageError("at least two spells must have ended to fit a law", code="S143")
    minimise: Any = optimize.minimize
    low, high = _bounds(spells)

    def loss(logs: Floats) -> float:
        return -_log_likelihood(law, logs, low, high)

    start = _start(law, low, high)
    corners = np.vstack([start, start + 0.3 * np.eye(len(start))])
    settings = {"xatol": 1e-7, "fatol": 1e-7, "initial_simplex": corners}
    found = minimise(loss, start, method="Nelder-Mead", options=settings)
    if not (found.success and np.isfinite(found.fun)):
        raise ModelError(f"no best {law} law was found: {found.message}", code="S145")
    logs = np.asarray(found.x, dtype=np.float64)
    shape, scale = _named(law, np.exp(logs))
    mean = _mean(law, logs)
    spread = _log_mean_spread(loss, logs, law)
    return Fit(
        law=law,
        shape=shape,
        scale_days=scale,
        mean_days=mean,
        mean_low_days=mean * math.exp(-Z_95 * spread),
        mean_high_days=mean * math.exp(Z_95 * spread),
        median_days=_median(law, shape, scale),
        log_likelihood=-float(found.fun),
        aic=2.0 * len(logs) + 2.0 * float(found.fun),
    )


def best_fit(spells: Sequence[Spell]) -> tuple[Fit, ...]:
    """Return all laws fitted, the best by AIC first."""
    return tuple(sorted((fit(spells, law) for law in LAWS), key=lambda one: one.aic))


def _bounds(spells: Sequence[Spell]) -> tuple[Floats, Floats]:
    low = np.array([spell.low_days for spell in spells])
    high = np.array([spell.high_days for spell in spells])
    is_exact = low == high
    low = np.where(is_exact, np.maximum(low, LEAST_DAYS), low)
    return low, np.maximum(high, np.where(is_exact, LEAST_DAYS, 2 * LEAST_DAYS))


def _start(law: str, low: Floats, high: Floats) -> Floats:
    """Return logs of the parameters to begin with: time at risk over ends, shape 1."""
    ended = np.isfinite(high)
    total = float(np.where(ended, (low + np.where(ended, high, 0.0)) / 2, low).sum())
    scale = math.log(total / ended.sum())
    return np.array([scale] if law == "exponential" else [0.0, scale])


def _named(law: str, values: Floats) -> tuple[float, float]:
    return (
        (1.0, float(values[0])) if law == "exponential" else (float(values[0]), float(values[1]))
    )


def _log_likelihood(law: str, logs: Floats, low: Floats, high: Floats) -> float:
    """Return the log-likelihood; an interval counts by the fall of survival across it."""
    exact, is_open = low == high, np.isinf(high)
    within = ~exact & ~is_open
    _, at_exact = _log_survival(law, logs, low[exact])
    still_open, _ = _log_survival(law, logs, low[is_open])
    early, _ = _log_survival(law, logs, low[within])
    late, _ = _log_survival(law, logs, high[within])
    fall = -np.expm1(np.minimum(late - early, -1e-300))
    between = early + np.log(np.maximum(fall, 1e-300))
    return float(at_exact.sum() + still_open.sum() + between.sum())


def _log_survival(law: str, logs: Floats, days: Floats) -> tuple[Floats, Floats]:
    """Return the logs of survival and of density at `days`; the density at nil is not used."""
    from scipy import special

    shape, scale = _named(law, np.exp(logs))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.log(days / scale)
        if law == "lognormal":
            z = ratio / shape
            density = -0.5 * z * z - np.log(days * shape * math.sqrt(2.0 * math.pi))
            return np.asarray(special.log_ndtr(-z), dtype=np.float64), density
        hazard = np.exp(shape * ratio)
        return -hazard, math.log(shape / scale) + (shape - 1.0) * ratio - hazard


def _mean(law: str, logs: Floats) -> float:
    shape, scale = _named(law, np.exp(logs))
    if law == "lognormal":
        return scale * math.exp(shape * shape / 2.0)
    return scale * math.gamma(1.0 + 1.0 / shape)


def _median(law: str, shape: float, scale: float) -> float:
    return scale if law == "lognormal" else scale * math.log(2.0) ** (1.0 / shape)


def _log_mean_spread(loss: Any, logs: Floats, law: str) -> float:
    """Return the standard error of the log of the mean, from the curvature at the best fit."""
    size, step = len(logs), 1e-4
    curve = np.empty((size, size))
    units = np.eye(size) * step
    for i in range(size):
        for j in range(size):
            curve[i, j] = (
                loss(logs + units[i] + units[j])
                - loss(logs + units[i] - units[j])
                - loss(logs - units[i] + units[j])
                + loss(logs - units[i] - units[j])
            ) / (4 * step * step)
    slope = np.array(
        [
            (math.log(_mean(law, logs + one)) - math.log(_mean(law, logs - one))) / (2 * step)
            for one in units
        ]
    )
    spread = float(slope @ np.linalg.solve(curve, slope))
    if not spread > 0:
        raise ModelError(f"the {law} law has no clear best fit", code="S145")
    return math.sqrt(spread)


__all__ = ["LAWS", "Curve", "Fit", "best_fit", "fit", "kaplan_meier"]
