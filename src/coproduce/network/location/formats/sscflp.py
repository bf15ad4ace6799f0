"""The layout of the single-source collections: four blocks, costs customer by customer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from coproduce.network.location.formats.build import facilities
from coproduce.network.location.formats.tokens import Tokens
from coproduce.network.location.types import Facilities, Reading


def read(path: Path, reading: Reading) -> Facilities:
    """Return the problem: ``m n``, m capacities, m fixed costs, n demands, n rows of m costs.

    Customers are served whole, as the name of the format says, unless `reading` splits them.

    Raises:
        SourceError: the file is not of this layout, with the line.
        ModelError: no answer is possible.
    """
    reading = replace(reading, is_single_source=not reading.is_split)
    tokens = Tokens(path)
    sites, customers = tokens.size("number of facilities"), tokens.size("number of customers")
    capacity = tokens.numbers(sites, "capacity", least=0.0)
    fixed = tokens.numbers(sites, "fixed cost", least=0.0)
    demand = tokens.numbers(customers, "demand", least=0.0)
    cost = tokens.numbers(sites * customers, "cost", least=0.0).reshape(customers, sites)
    tokens.end()
    return facilities(
        path, reading, fixed=fixed, demand=demand, cost=cost.T.copy(), capacity=capacity
    )
