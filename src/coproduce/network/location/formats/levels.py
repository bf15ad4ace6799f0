"""Refuses networks of plants and depots that cannot have an answer."""

from __future__ import annotations

from pathlib import Path

from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats
from coproduce.records.errors import ModelError


def checked(path: Path, levels: Levels) -> Levels:
    """Return the network if all its capacity can meet all its demand.

    Raises:
        ModelError: plants or depots together hold less than a product's demand (``N040``).
    """
    kinds = [("depots", levels.depot_capacity)]
    if levels.plants:
        kinds.append(("plants", levels.plant_capacity))
    for name, capacity in kinds:
        _check_total(path, name, capacity, levels.demand)
    return levels


def _check_total(path: Path, name: str, capacity: Floats, demand: Floats) -> None:
    have, need = capacity.sum(axis=1), demand.sum(axis=1)
    for layer in range(len(need)):
        if have[layer] < need[layer]:
            which = "" if len(need) == 1 else f" of product or scenario {layer}"
            raise ModelError(
                f"no answer is possible: all {name} together hold {have[layer]:g}{which}, the"
                f" customers need {need[layer]:g}; add capacity or lower the demand",
                code="N040",
                where=path.name,
            )
