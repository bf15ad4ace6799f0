"""Turns the numbers of a file into a problem, refusing what cannot have an answer."""

from __future__ import annotations

from pathlib import Path

from coproduce.network.location.types import Facilities, Floats, Reading
from coproduce.records.errors import ModelError


def facilities(
    path: Path,
    reading: Reading,
    *,
    fixed: Floats,
    demand: Floats,
    cost: Floats,
    capacity: Floats | None,
) -> Facilities:
    """Return the problem as `reading` wants it.

    Raises:
        ModelError: total capacity below total demand (``N040``), or a customer that fits into
            no facility though it may not be split (``N041``).
    """
    if reading.is_uncapacitated:
        capacity = None
    if capacity is not None:
        have, need = float(capacity.sum()), float(demand.sum())
        if have < need:
            raise ModelError(
                f"no answer is possible: all facilities together hold {have:g}, the customers"
                f" need {need:g}; add capacity or use --uncapacitated",
                code="N040",
                where=path.name,
            )
        if reading.is_single_source and demand.max() > capacity.max():
            worst = int(demand.argmax())
            raise ModelError(
                f"no answer is possible: customer {worst} needs {demand[worst]:g}, the largest"
                f" facility holds {capacity.max():g} and a customer may not be split",
                code="N041",
                where=path.name,
            )
    return Facilities(
        name=path.name,
        fixed=fixed,
        demand=demand,
        cost=cost,
        capacity=capacity,
        is_single_source=reading.is_single_source,
    )
