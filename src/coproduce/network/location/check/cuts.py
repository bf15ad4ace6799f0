"""The bound of prices that hold at every listed first stage.

Prices ``π`` of a scenario's rows prove ``Q(x) >= π·h + sum_j min over bounds of (q - π W)_j y_j -
(π T) x`` for its second stage. At each 0-1 first stage a scenario costs at least the best of its
prices, and where its cost can only be a multiple of a unit, the next multiple. The least sum over
all first stages that keep their rows is the bound. Prices are cut to 30 binary places; from there
on all numbers are whole.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import gcd
from typing import Any

import numpy as np

from coproduce.network.location.check import smps
from coproduce.network.location.check.smps import Program
from coproduce.network.location.check.whole import (
    Wholes,
    measure,
    most,
    product,
    wholes,
)

_PLACES = 30
_MOST_COLUMNS = 20
_ZERO = Fraction(0)


@dataclass
class _Scale:
    """Whole numbers stand for their share: entries, costs and sides of `data`, bounds of `box`."""

    data: int
    box: int

    @property
    def value(self) -> int:
        return self.data * self.box * (1 << _PLACES)


def bound(made: Program, proof: dict[str, Any], errors: list[str]) -> Fraction | None:
    """Return what the prices prove; None where they prove nothing, with the reason."""
    points = _first_stages(made, errors)
    prices: Any = proof.get("prices")
    rays: Any = proof.get("rays")
    count = len(made.weights)
    if points is None:
        return None
    is_list = isinstance(prices, list) and isinstance(rays, list)
    if not is_list or len(prices) != count or len(rays) != count:
        errors.append("the certificate has another number of scenarios")
        return None
    scale, unit = _scale(made), _unit(made)
    shares = measure(made.weights)
    step = None if unit is None else int(unit * scale.value)
    costs = wholes([int(made.cost.get(at, _ZERO) * scale.data) for at in range(points.shape[1])])
    total = product(points, costs).astype(object) * (shares * scale.value // scale.data)
    is_barred = np.zeros(len(points), dtype=bool)
    for at, weight in enumerate(made.weights):
        try:
            least = _least(made, scale, at, prices[at], points)
            for ray in rays[at]:
                barred = _least(made, scale, at, [ray], points, is_ray=True)
                if barred is not None:
                    is_barred |= (barred > 0).astype(bool)
        except (TypeError, ValueError, OverflowError) as error:
            errors.append(f"scenario {at} has prices that cannot be read: {error}")
            return None
        if least is None:
            errors.append(f"scenario {at} has no prices that prove anything")
            return None
        if step is not None:
            least = -((-least) // step) * step
        total += least.astype(object) * int(weight * shares)
    if is_barred.all():
        errors.append("the prices say that there is no answer at all")
        return None
    return Fraction(min(total[~is_barred]), scale.value * shares)


def _first_stages(made: Program, errors: list[str]) -> Wholes | None:
    """Return the 0-1 first stages that keep their rows."""
    count = made.first_columns
    is_listed = count <= _MOST_COLUMNS and all(
        at in made.integer and made.lower.get(at, _ZERO) == 0 and made.upper.get(at) == 1
        for at in range(count)
    )
    if not is_listed:
        errors.append("first stages that are not few and 0 or 1 cannot be listed")
        return None
    points = np.array(list(itertools.product((0, 1), repeat=count)), dtype=np.int64)
    keeps = np.ones(len(points), dtype=bool)
    for row in range(made.first_rows):
        entries, right = made.matrix[row], made.right.get(row, _ZERO)
        scale = measure([*entries.values(), right])
        line = wholes([int(entries.get(at, _ZERO) * scale) for at in range(count)])
        slack = product(points, line) - int(right * scale)
        if made.senses[row] in "LE":
            keeps &= slack <= 0
        if made.senses[row] in "GE":
            keeps &= slack >= 0
    if not keeps.any():
        errors.append("no first stage keeps its rows")
        return None
    return points[keeps]


def _scale(made: Program) -> _Scale:
    data = [value for row in made.matrix for value in row.values()]
    data += [*made.cost.values(), *made.right.values()]
    data += [value for changes in made.changes for value in changes.values()]
    box = [value for part in (made.lower, made.upper) for value in part.values() if value]
    return _Scale(measure(data), measure(box))


def _unit(made: Program) -> Fraction | None:
    """Return a number of which every second stage costs a whole multiple at whole first stages.

    Continuous columns must stand in one row at most, with coefficient 1 or -1, beside whole
    entries and sides only, and have whole bounds: then some best answer is whole.
    """
    columns = range(made.first_columns, len(made.columns))
    loose = {at for at in columns if at not in made.integer}
    for at in loose:
        for limit in (made.lower.get(at, _ZERO), made.upper.get(at)):
            if limit is not None and limit.denominator != 1:
                return None
    if any(at not in made.integer for at in range(made.first_columns)):
        return None
    costs: set[Fraction] = set()
    has_entries = any(place[0] == "entry" for changes in made.changes for place in changes)
    for at in range(len(made.weights)):
        costs |= {smps.price(made, column, at) for column in columns}
        # Rows are the same in all scenarios, unless entries change; sides are looked at in each.
        seen: set[int] = set()
        for row in range(made.first_rows, len(made.senses)):
            held = smps.entries(made, row, at) if has_entries or not at else made.matrix[row]
            mine = [column for column, value in held.items() if column in loose and value]
            if not mine:
                continue
            if any(abs(held[column]) != 1 or column in seen for column in mine):
                return None
            seen.update(mine)
            values = [*held.values(), smps.right(made, row, at)]
            if any(value.denominator != 1 for value in values):
                return None
    scale = measure(costs)
    unit = reduce(gcd, (int(value * scale) for value in costs), 0)
    return Fraction(unit, scale) if unit else None


def _least(
    made: Program,
    scale: _Scale,
    at: int,
    prices: list[list[float]],
    points: Wholes,
    *,
    is_ray: bool = False,
) -> Wholes | None:
    """Return the most that prices of a scenario prove at each first stage, in whole numbers."""
    top, first = made.first_rows, made.first_columns
    rows, columns = len(made.senses) - top, len(made.columns)
    lines = [_cut(line) for line in prices]
    if any(len(line) != rows for line in lines):
        raise ValueError("another number of prices than rows")
    if not lines:
        return None
    held = wholes(lines)
    for row in range(rows):
        if made.senses[top + row] == "G":
            held[:, row] = np.maximum(held[:, row], 0)
        if made.senses[top + row] == "L":
            held[:, row] = np.minimum(held[:, row], 0)
    matrix = np.zeros((rows, columns), dtype=object)
    for row in range(rows):
        for column, value in smps.entries(made, top + row, at).items():
            matrix[row, column] = int(value * scale.data)
    sides = wholes([int(smps.right(made, top + row, at) * scale.data) for row in range(rows)])
    prices_there = [smps.price(made, column, at) for column in range(first, columns)]
    cost = wholes([0 if is_ray else int(q * scale.data) * 2**_PLACES for q in prices_there])
    taken = product(held, wholes(matrix))
    constant = (product(held, sides) * scale.box).astype(object)
    is_good = _add_rest(made, scale, cost[None, :] - taken[:, first:], constant)
    if not is_good.any():
        return None
    slopes = -taken[is_good][:, :first] * scale.box
    there = product(points, slopes.T)
    shift = constant[is_good]
    if most(shift) + most(there) < 2**62:
        shift = shift.astype(np.int64)
    best: Wholes = (there + shift[None, :]).max(axis=1)
    return best


def _add_rest(made: Program, scale: _Scale, rest: Wholes, constant: Wholes) -> Wholes:
    """Add what columns within their bounds leave; return where no bound is missing."""
    is_good = np.ones(len(rest), dtype=bool)
    for at in range(rest.shape[1]):
        slope, column = rest[:, at], made.first_columns + at
        sides = ((1, made.lower.get(column, _ZERO)), (-1, made.upper.get(column)))
        for sign, limit in sides:
            leans = np.asarray(slope * sign > 0, dtype=bool)
            if limit is None:
                is_good &= ~leans
            elif limit:
                constant[leans] += slope[leans].astype(object) * int(limit * scale.box)
    return is_good


def _cut(line: list[float]) -> list[int]:
    """Return prices cut to binary places, towards zero: signs and limits of prices stay kept."""
    made = []
    for value in line:
        exact = Fraction(value) * 2**_PLACES
        made.append(int(exact))
    return made
