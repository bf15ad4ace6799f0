"""The layout of Holmberg et al., and of the ``.rcflp`` files: costs facility by facility."""

from __future__ import annotations

from pathlib import Path

from coproduce.network.location.formats.build import facilities
from coproduce.network.location.formats.tokens import Tokens
from coproduce.network.location.types import Facilities, Reading


def read(path: Path, reading: Reading) -> Facilities:
    """Return the problem: ``m n``, m × (capacity, fixed cost), n demands, m rows of n costs.

    Raises:
        SourceError: the file is not of this layout, with the line.
        ModelError: no answer is possible.

    Source: Holmberg, Rönnqvist, Yuan (1999), EJOR 113.
    """
    tokens = Tokens(path)
    sites, customers = tokens.size("number of facilities"), tokens.size("number of customers")
    heads = tokens.numbers(2 * sites, "capacity or fixed cost", least=0.0).reshape(sites, 2)
    demand = tokens.numbers(customers, "demand", least=0.0)
    cost = tokens.numbers(sites * customers, "cost", least=0.0).reshape(sites, customers)
    tokens.end()
    return facilities(
        path,
        reading,
        fixed=heads[:, 1].copy(),
        demand=demand,
        cost=cost,
        capacity=heads[:, 0].copy(),
    )
