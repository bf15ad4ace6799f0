"""Covering rows: what every answer's open facilities must hold of all products together.

A row multiplies the demand of each product and the capacity for it by a whole number. Any such
numbers give a valid row; all ones weigh the products alike, and those from the relaxation of
"as few facilities as possible" show best how many are needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.engines import lp
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats

Whole = npt.NDArray[np.int64]
COARSE = 2_000  # states of the covering knapsack while prices climb, from afar
FINE = 15_000  # and near the top
_MOST_COVER = 60_000  # and where a bound is counted: above it costs more than it gives
_MOST_PRODUCTS = 40  # for which the relaxation is solved
_LARGEST = 1_000  # largest multiplier from the relaxation


@dataclass(frozen=True, slots=True)
class Rows:
    """The covering rows of one level.

    Attributes:
        multipliers: of the products, for all rows, shape ``(R, L)``.
        fewest: number of facilities that must be open at least, by any of them or any product.
        weights, needs: of the rows that are small enough for the knapsack.
    """

    multipliers: Whole
    fewest: int
    weights: Whole
    needs: Whole


def rows_of(levels: Levels) -> tuple[Rows, Rows]:
    """Return the covering rows of plants and of depots."""
    return (
        _rows(levels.plant_capacity, levels.demand),
        _rows(levels.depot_capacity, levels.demand),
    )


def _rows(capacity: Floats, demand: Floats) -> Rows:
    need = demand.sum(axis=1)
    count = capacity.shape[1]
    none = np.zeros((0, len(need)), dtype=np.int64)
    if not count:
        return Rows(none, 0, np.zeros((0, 0), dtype=np.int64), np.zeros(0, dtype=np.int64))
    fewest = _fewest(capacity, need)
    is_whole = (capacity == np.rint(capacity)).all() and (need == np.rint(need)).all()
    if not is_whole or not need.max() > 0:
        empty = np.zeros((0, count), dtype=np.int64)
        return Rows(none, fewest, empty, np.zeros(0, dtype=np.int64))
    multipliers = _multipliers(capacity, need)
    weights = multipliers @ capacity.astype(np.int64)
    needs = multipliers @ need.astype(np.int64)
    for weight, total in zip(weights, needs, strict=True):
        fewest = max(fewest, _fewest(weight[None, :].astype(float), np.array([float(total)])))
    small = needs <= _MOST_COVER
    return Rows(multipliers, fewest, weights[small], needs[small])


def _multipliers(capacity: Floats, need: Floats) -> Whole:
    """Return the multipliers of the products, one row each."""
    layers = len(need)
    if (capacity == capacity[0]).all():  # the largest demand says it all
        return np.eye(layers, dtype=np.int64)[[int(need.argmax())]]
    rows = [np.ones(layers, dtype=np.int64)]
    if 1 < layers <= _MOST_PRODUCTS:
        dual = _dual(capacity, need, np.ones(capacity.shape[1]))
        if dual is not None:
            rows.append(np.rint(_LARGEST * dual / dual.max()).astype(np.int64))
    return np.array(rows)


def _dual(capacity: Floats, need: Floats, cost: Floats) -> Floats | None:
    """Return what the relaxed cheapest covering set pays per unit of each product's demand."""
    made = lp.Builder()
    columns = made.add_columns(len(cost), cost=cost, upper=1.0)
    for layer in range(len(need)):
        made.add_entries(made.add_rows(1, lower=need[layer]), columns, capacity[layer])
    found = lp.transport(made.problem())
    if found is None:
        return None
    dual: Floats = np.maximum(found.row_dual, 0.0)
    return dual if dual.max() > 0 else None


def _fewest(capacity: Floats, need: Floats) -> int:
    """Return how many facilities must be open at least, as the largest together show."""
    reach = np.cumsum(-np.sort(-capacity, axis=1), axis=1)
    short = (reach < need[:, None]).sum(axis=1)
    return int(short.max()) + int((need > 0).any())
