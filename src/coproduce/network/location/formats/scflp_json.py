"""Stochastic capacitated location as a JSON object: unit costs, equally likely scenarios."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from coproduce.network.location.formats.tokens import text_of
from coproduce.network.location.stochastic.types import Scenarios
from coproduce.network.location.types import Floats, Reading
from coproduce.records.errors import ModelError, SourceError


def read(path: Path, _reading: Reading) -> Scenarios:
    """Return the problem: keys ``n_facilities, n_customers, n_scenarios, capacities, demands``
    (scenario by scenario), ``fixed_costs`` and ``costs`` (per unit, facility by facility).

    Raises:
        SourceError: not JSON (``S041``), or a key is missing or of the wrong shape (``S046``).
        ModelError: a scenario needs more than all facilities hold (``N040``).
    """
    try:
        content = json.loads(text_of(path))
    except json.JSONDecodeError as error:
        where = f"{path.name}, line {error.lineno}"
        raise SourceError(f"is not JSON: {error.msg}", code="S041", where=where) from error
    if not isinstance(content, dict):
        raise SourceError("is not a JSON object", code="S046", where=path.name)
    sites, customers, scenarios = (
        _size(content, f"n_{name}", path) for name in ("facilities", "customers", "scenarios")
    )
    problem = Scenarios(
        name=path.name,
        fixed=_numbers(content, "fixed_costs", (sites,), path),
        capacity=_numbers(content, "capacities", (sites,), path),
        demand=_numbers(content, "demands", (scenarios, customers), path),
        cost=_numbers(content, "costs", (sites, customers), path),
    )
    have, needs = float(problem.capacity.sum()), problem.demand.sum(axis=1)
    if needs.max() > have:
        raise ModelError(
            f"no answer is possible: all facilities together hold {have:g}, scenario"
            f" {int(needs.argmax())} needs {needs.max():g}",
            code="N040",
            where=path.name,
        )
    return problem


def _size(content: dict[str, Any], key: str, path: Path) -> int:
    value = content.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SourceError(
            f"{key} is {value!r}; a whole number from 1 is needed", code="S046", where=path.name
        )
    return value


def _numbers(content: dict[str, Any], key: str, shape: tuple[int, ...], path: Path) -> Floats:
    if key not in content:
        raise SourceError(f"lacks the key {key!r}", code="S046", where=path.name)
    try:
        values = np.array(content[key], dtype=np.float64)
    except (TypeError, ValueError):
        values = np.zeros(0)
    if values.shape != shape:
        raise SourceError(
            f"{key} must hold {' × '.join(map(str, shape))} numbers, as the counts say",
            code="S046",
            where=path.name,
        )
    if not np.isfinite(values).all() or (values < 0).any():
        place = np.argwhere(~(np.isfinite(values) & (values >= 0)))[0]
        raise SourceError(
            f"{key}{[int(k) for k in place]} is {values[tuple(place)]}; a finite number, at least"
            " 0, is needed",
            code="S046",
            where=path.name,
        )
    return values
