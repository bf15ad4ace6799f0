"""What a network of plants, depots and customers is."""

from __future__ import annotations

from dataclasses import dataclass

from coproduce.network.location.types import Floats


@dataclass(frozen=True, slots=True)
class Levels:
    """Plants send to depots, depots serve customers; products share what is opened.

    Attributes:
        name: the file's name.
        plant_fixed: cost of opening each plant, shape ``(I,)``; I may be 0 (depots are the
            source).
        plant_capacity: per product and plant, shape ``(L, I)``.
        depot_fixed: cost of opening each depot, shape ``(J,)``.
        depot_capacity: per product and depot, shape ``(L, J)``.
        demand: per product and customer, shape ``(L, K)``.
        inbound: cost per unit from plant to depot, shape ``(L, I, J)``.
        outbound: cost per unit from depot to customer, shape ``(L, J, K)``.
        kind: what it is called.
    """

    name: str
    plant_fixed: Floats
    plant_capacity: Floats
    depot_fixed: Floats
    depot_capacity: Floats
    demand: Floats
    inbound: Floats
    outbound: Floats
    kind: str

    @property
    def products(self) -> int:
        """Number of products (or scenarios), ``L``."""
        return int(self.demand.shape[0])

    @property
    def plants(self) -> int:
        """Number of plants, ``I``."""
        return len(self.plant_fixed)

    @property
    def depots(self) -> int:
        """Number of depots, ``J``."""
        return len(self.depot_fixed)

    @property
    def customers(self) -> int:
        """Number of customers, ``K``."""
        return int(self.demand.shape[1])
