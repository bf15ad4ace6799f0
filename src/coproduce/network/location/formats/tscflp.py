"""The layout of Fernandes et al.: two stages, one product, costs per unit."""

from __future__ import annotations

from pathlib import Path

from coproduce.network.location.formats.levels import checked
from coproduce.network.location.formats.tokens import Tokens
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Reading


def read(path: Path, _reading: Reading) -> Levels:
    """Return the network: ``I J K``, K demands, I × (capacity, fixed), I rows of J unit costs,
    J × (capacity, fixed), J rows of K unit costs.

    Raises:
        SourceError: the file is not of this layout, with the line.
        ModelError: no answer is possible.

    Source: Fernandes, Rocha, Aloise, Ribeiro, Santos, Silva (2014), CIE 75.
    """
    tokens = Tokens(path)
    plants, depots = tokens.size("number of plants"), tokens.size("number of depots")
    customers = tokens.size("number of customers")
    demand = tokens.numbers(customers, "demand", least=0.0)
    plant = tokens.numbers(2 * plants, "plant's capacity or fixed cost", least=0.0)
    inbound = tokens.numbers(plants * depots, "cost from plant to depot", least=0.0)
    depot = tokens.numbers(2 * depots, "depot's capacity or fixed cost", least=0.0)
    outbound = tokens.numbers(depots * customers, "cost from depot to customer", least=0.0)
    tokens.end()
    return checked(
        path,
        Levels(
            name=path.name,
            plant_fixed=plant[1::2].copy(),
            plant_capacity=plant[0::2].copy()[None, :],
            depot_fixed=depot[1::2].copy(),
            depot_capacity=depot[0::2].copy()[None, :],
            demand=demand[None, :],
            inbound=inbound.reshape(1, plants, depots),
            outbound=outbound.reshape(1, depots, customers),
            kind="two-stage",
        ),
    )
