"""Laws of times and quantities as numbers for the kernel, with their exact means."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from coproduce.records.errors import ModelError
from coproduce.resilience.simulate import rows
from coproduce.resilience.simulate.network import Law

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "never": ((),),
    "exponential": (("mean",), ("rate",)),
    "weibull": (("mean", "shape"), ("scale", "shape")),
    "lognormal": (("mean", "sigma"), ("median", "sigma")),
    "gamma": (("mean", "shape"),),
    "triangular": (("least", "likely", "most"),),
    "fixed": (("value",),),
    "empirical": ((),),
    "listed": ((),),
    "geometric": (("probability",),),
    "poisson": (("mean",),),
    "negative-binomial": (("mean", "dispersion"),),
}
"""The parameters each law takes; one of the sets."""
LONGEST_EXPONENT = 40.0
TAIL = 1e-12


def checked(law: Law, where: str, *, may_be_nil: bool = False) -> Law:
    """Return the law if it is known, complete and positive.

    Raises:
        ModelError: S203 for an unknown law, a missing parameter or a number that is not above
            nil; S204 for a probability over 1.
    """
    if law.name not in NEEDS:
        raise ModelError(
            f"law {law.name!r} is not known; use one of {', '.join(NEEDS)}",
            code="S203",
            where=where,
        )
    given = set(law.numbers)
    if not any(given == set(names) for names in NEEDS[law.name]):
        wanted = " or ".join(" and ".join(names) or "values" for names in NEEDS[law.name])
        raise ModelError(
            f"law {law.name} takes {wanted}, but has {', '.join(sorted(given)) or 'nothing'}",
            code="S203",
            where=where,
        )
    for name, value in law.numbers.items():
        _number(name, value, where, may_be_nil=may_be_nil or name == "least")
    if law.name in ("empirical", "listed"):
        if not law.values:
            raise ModelError(f"law {law.name} needs values", code="S203", where=where)
        for value in law.values:
            _number("values", value, where, may_be_nil=may_be_nil)
    if law.name == "triangular":
        low, mode, high = (law.numbers[name] for name in ("least", "likely", "most"))
        if not low <= mode <= high or low == high:
            raise ModelError(
                f"least {low:g}, likely {mode:g}, most {high:g} must rise",
                code="S203",
                where=where,
            )
    return law


def _number(name: str, value: float, where: str, *, may_be_nil: bool) -> None:
    if name == "probability" and value > 1.0:
        raise ModelError(f"probability {value:g} is over 1", code="S204", where=where)
    if not math.isfinite(value) or value < 0.0 or (value == 0.0 and not may_be_nil):
        least = "nil or more" if may_be_nil else "above nil"
        raise ModelError(f"{name} is {value:g}; it must be {least}", code="S203", where=where)


def mean(law: Law) -> float:
    """Return the mean of a law.

    Example:
        >>> mean(Law("geometric", {"probability": 0.25}))
        4.0
    """
    numbers = law.numbers
    if law.name == "never":
        return math.inf
    if law.values:
        return sum(law.values) / len(law.values)
    if "mean" in numbers:
        return numbers["mean"]
    if law.name == "triangular":
        return sum(numbers.values()) / 3.0
    one = {
        "exponential": lambda: 1.0 / numbers["rate"],
        "weibull": lambda: numbers["scale"] * math.gamma(1.0 + 1.0 / numbers["shape"]),
        "lognormal": lambda: numbers["median"] * math.exp(numbers["sigma"] ** 2 / 2.0),
        "fixed": lambda: numbers["value"],
        "geometric": lambda: 1.0 / numbers["probability"],
    }
    return float(one[law.name]())


def coded(law: Law, table: list[float]) -> tuple[int, float, float]:
    """Return kind and two numbers of a law for the kernel; what is tabulated joins `table`."""
    simple = {
        "never": (rows.NEVER, 0.0, 0.0),
        "fixed": (rows.FIXED, law.numbers.get("value", 0.0), 0.0),
        "exponential": (rows.EXPONENTIAL, mean(law) if law.name == "exponential" else 0.0, 0.0),
    }
    if law.name in simple:
        return simple[law.name]
    if law.name == "weibull":
        shape = law.numbers["shape"]
        return rows.WEIBULL, mean(law) / math.gamma(1.0 + 1.0 / shape), 1.0 / shape
    if law.name == "geometric":
        chance = law.numbers["probability"]
        return rows.GEOMETRIC, (-1.0 / math.log1p(-chance) if chance < 1.0 else 0.0), 0.0
    first = len(table)
    if law.name == "listed":
        table.extend(law.values)
        return rows.LISTED, float(first), float(len(law.values))
    if law.name in ("lognormal", "gamma", "triangular"):
        curve = _curve(law)
        table.extend(curve)
        return rows.CURVE, float(first), float(len(curve))
    values, below = _discrete(law)
    table.extend(below)
    table.extend(values)
    return rows.DISCRETE, float(first), float(len(values))


def _curve(law: Law) -> list[float]:
    """Return quantiles on a grid of the standard exponential variate, scaled to the exact mean."""
    import numpy as np

    grid = np.arange(0.0, LONGEST_EXPONENT + rows.CURVE_STEP / 2, rows.CURVE_STEP)
    upper = np.exp(-grid)
    values = _quantiles(law, upper)
    h = rows.CURVE_STEP
    level = 1.0 - math.exp(-h)
    slope = (1.0 - math.exp(-h) * (1.0 + h)) / h
    means = upper[:-1] * (values[:-1] * level + np.diff(values) * slope)
    return [float(value) for value in values * (mean(law) / float(means.sum()))]


def _quantiles(law: Law, upper: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np
    from scipy import special

    numbers = law.numbers
    if law.name == "lognormal":
        z = -special.ndtri(np.minimum(upper, 1.0 - 1e-16))
        return np.asarray(np.exp(numbers["sigma"] * z))
    if law.name == "gamma":
        return np.asarray(special.gammainccinv(numbers["shape"], upper))
    low, mode, high = (numbers[name] for name in ("least", "likely", "most"))
    span = high - low
    rising = low + np.sqrt((1.0 - upper) * span * (mode - low))
    falling = high - np.sqrt(upper * span * (high - mode))
    return np.where(1.0 - upper < (mode - low) / span, rising, falling)


def _discrete(law: Law) -> tuple[list[float], list[float]]:
    """Return values and the chances to be at most each, the last one cut to make up the whole."""
    if law.name == "empirical":
        size = len(law.values)
        return sorted(law.values), [(k + 1) / size for k in range(size)]
    average = law.numbers["mean"]
    values, below, chance, total, k = [], [], 0.0, 0.0, 0
    while total < 1.0 - TAIL and k < 100_000:
        chance = math.exp(_log_chance(law, average, k))
        total += chance
        values.append(float(k))
        below.append(min(1.0, total))
        k += 1
    return values, below


def _log_chance(law: Law, average: float, k: int) -> float:
    if law.name == "poisson":
        return k * math.log(average) - average - math.lgamma(k + 1)
    size = law.numbers["dispersion"]
    return (
        math.lgamma(k + size)
        - math.lgamma(size)
        - math.lgamma(k + 1)
        + size * math.log(size / (size + average))
        + k * math.log(average / (size + average))
    )


__all__ = ["NEEDS", "checked", "coded", "mean"]
