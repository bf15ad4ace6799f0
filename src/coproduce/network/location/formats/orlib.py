"""The OR-Library layout: a customer's demand, then what each facility asks to serve all of it."""

from __future__ import annotations

from pathlib import Path

from coproduce.network.location.formats.build import facilities
from coproduce.network.location.formats.tokens import Tokens
from coproduce.network.location.types import Facilities, Reading


def read(path: Path, reading: Reading) -> Facilities:
    """Return the problem: ``m n``, m × (capacity, fixed cost), n × (demand, m costs).

    Raises:
        SourceError: the file is not of this layout, with the line.
        ModelError: no answer is possible.

    Source: Beasley (1990), OR-Library.
    """
    tokens = Tokens(path)
    sites, customers = tokens.size("number of facilities"), tokens.size("number of customers")
    heads = tokens.numbers(2 * sites, "capacity or fixed cost", least=0.0).reshape(sites, 2)
    rows = tokens.numbers(
        customers * (sites + 1), "demand or cost of a customer", least=0.0
    ).reshape(customers, sites + 1)
    tokens.end()
    return facilities(
        path,
        reading,
        fixed=heads[:, 1].copy(),
        demand=rows[:, 0].copy(),
        cost=rows[:, 1:].T.copy(),
        capacity=heads[:, 0].copy(),
    )
