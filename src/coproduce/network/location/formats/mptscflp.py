"""The layout of Mauri et al.: two stages, several products, costs per unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from coproduce.network.location.formats.levels import checked
from coproduce.network.location.formats.tokens import Tokens
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Reading


def read(path: Path, _reading: Reading) -> Levels:
    """Return the network: ``I J K L``, K rows of L demands, I × (L capacities, fixed), L matrices
    I × J of unit costs, J × (L capacities, fixed), L matrices J × K of unit costs.

    Raises:
        SourceError: the file is not of this layout, with the line.
        ModelError: no answer is possible.

    Source: Mauri, Biajoli, Rabello, Chaves, Ribeiro, Lorena (2021), ITOR 28.
    """
    tokens = Tokens(path)
    plants, depots = tokens.size("number of plants"), tokens.size("number of depots")
    customers, products = tokens.size("number of customers"), tokens.size("number of products")
    demand = tokens.numbers(customers * products, "demand", least=0.0)
    plant = tokens.numbers(plants * (products + 1), "plant's capacity or fixed cost", least=0.0)
    inbound = tokens.numbers(products * plants * depots, "cost from plant to depot", least=0.0)
    depot = tokens.numbers(depots * (products + 1), "depot's capacity or fixed cost", least=0.0)
    count = products * depots * customers
    outbound = tokens.numbers(count, "cost from depot to customer", least=0.0)
    tokens.end()
    plant, depot = plant.reshape(plants, -1), depot.reshape(depots, -1)
    return checked(
        path,
        Levels(
            name=path.name,
            plant_fixed=plant[:, products].copy(),
            plant_capacity=np.ascontiguousarray(plant[:, :products].T),
            depot_fixed=depot[:, products].copy(),
            depot_capacity=np.ascontiguousarray(depot[:, :products].T),
            demand=np.ascontiguousarray(demand.reshape(customers, products).T),
            inbound=inbound.reshape(products, plants, depots),
            outbound=outbound.reshape(products, depots, customers),
            kind="multi-product two-stage",
        ),
    )
