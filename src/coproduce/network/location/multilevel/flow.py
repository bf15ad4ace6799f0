"""What serving costs once it is decided what is open: one small linear problem per product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.engines import lp
from coproduce.network.location.multilevel.bound import Bools, Prices
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats, Ints

FIRST_DEPOTS = 6  # cheapest depots a customer is offered first; priced out afterwards
_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Served:
    """The cheapest service from open facilities.

    Attributes:
        cost: of opening and of all flows.
        prices: multipliers whose bound equals the cost where just these are open.
        flows: per product: inbound (plants, depots, amounts) and outbound (depots, customers,
            amounts).
    """

    cost: float
    prices: Prices
    flows: tuple[tuple[tuple[Ints, Ints, Floats], tuple[Ints, Ints, Floats]], ...]


def serve(levels: Levels, opened: Bools) -> Served | None:
    """Return the cheapest service from what is open; None if it cannot hold the demand.

    Args:
        opened: per facility, plants first, shape ``(I + J,)``.
    """
    plants = np.flatnonzero(opened[: levels.plants])
    depots = np.flatnonzero(opened[levels.plants :])
    cost = float(levels.plant_fixed[plants].sum() + levels.depot_fixed[depots].sum())
    demand = np.zeros_like(levels.demand)
    balance = np.zeros((levels.products, levels.depots))
    flows = []
    for layer in range(levels.products):
        found = _Layer(levels, layer, plants, depots).solve()
        if found is None:
            return None
        cost += found.cost
        demand[layer] = found.demand
        balance[layer] = found.balance
        flows.append((found.inbound, found.outbound))
    return Served(cost, Prices(demand, balance), tuple(flows))


@dataclass(slots=True)
class _Found:
    cost: float
    demand: Floats
    balance: Floats
    inbound: tuple[Ints, Ints, Floats]
    outbound: tuple[Ints, Ints, Floats]


class _Layer:
    """One product's flow problem, its columns brought in when they pay."""

    def __init__(
        self,
        levels: Levels,
        layer: int,
        plants: npt.NDArray[np.intp],
        depots: npt.NDArray[np.intp],
    ) -> None:
        self.levels, self.layer = levels, layer
        self.plants, self.depots = plants, depots
        self.inbound = levels.inbound[layer][np.ix_(plants, depots)]
        self.outbound = levels.outbound[layer][depots]
        self.demand = levels.demand[layer]

    def solve(self) -> _Found | None:
        room = self.levels.depot_capacity[self.layer][self.depots].sum()
        if not len(self.depots) or room < self.demand.sum():
            return None
        nearest = self.inbound.min(axis=0) if self.levels.plants and len(self.plants) else 0.0
        total = self.outbound + np.broadcast_to(nearest, len(self.depots))[:, None]
        offered = np.zeros(total.shape, dtype=bool)
        order = np.argsort(total, axis=0, kind="stable")[:FIRST_DEPOTS]
        offered[order, np.arange(total.shape[1])] = True
        while True:
            at_depot, at_customer = np.nonzero(offered)
            found = lp.transport(self.problem(at_depot, at_customer))
            if found is None:
                if offered.all():
                    return None
                offered[:] = True
                continue
            balance, room_price, price = self.prices(found.row_dual)
            saved = price[None, :] - self.outbound - (balance - room_price)[:, None]
            missing = (saved > _TOLERANCE * (1.0 + np.abs(price))) & ~offered
            if not missing.any():
                return self.read(found, at_depot, at_customer)
            offered |= missing

    def problem(self, at_depot: Ints, at_customer: Ints) -> lp.Problem:
        levels, layer = self.levels, self.layer
        made = lp.Builder()
        count, width = len(self.plants), len(self.depots)
        capacity = levels.plant_capacity[layer][self.plants] if levels.plants else np.zeros(0)
        rows_plant = made.add_rows(count, upper=capacity)
        rows_balance = made.add_rows(width, lower=0.0, upper=0.0 if levels.plants else np.inf)
        rows_room = made.add_rows(width, upper=levels.depot_capacity[layer][self.depots])
        rows_demand = made.add_rows(len(self.demand), lower=self.demand, upper=self.demand)
        if levels.plants:
            inbound = made.add_columns(count * width, cost=self.inbound.ravel())
            grid = inbound.reshape(count, width)
            made.add_entries(rows_plant[:, None], grid, 1.0)
            made.add_entries(rows_balance[None, :], grid, 1.0)
        outbound = made.add_columns(len(at_depot), cost=self.outbound[at_depot, at_customer])
        if levels.plants:
            made.add_entries(rows_balance[at_depot], outbound, -1.0)
        made.add_entries(rows_room[at_depot], outbound, 1.0)
        made.add_entries(rows_demand[at_customer], outbound, 1.0)
        return made.problem()

    def prices(self, dual: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the prices of balance, of room (none positive) and of demand."""
        count, width = len(self.plants), len(self.depots)
        balance = dual[count : count + width] if self.levels.plants else np.zeros(width)
        room = dual[count + width : count + 2 * width]
        return balance, room, dual[count + 2 * width :]

    def read(self, found: lp.Solution, at_depot: Ints, at_customer: Ints) -> _Found:
        count, width = len(self.plants), len(self.depots)
        balance, _, price = self.prices(found.row_dual)
        full = np.zeros(self.levels.depots)
        inbound_amounts = np.zeros((count, width))
        if self.levels.plants:
            inbound_amounts = found.x[: count * width].reshape(count, width)
            # A shut depot's price may be chosen; this one lets no open plant earn from it.
            worth = -found.row_dual[:count]
            cost = self.levels.inbound[self.layer][self.plants]
            full = (cost + worth[:, None]).min(axis=0)
            full[self.depots] = balance
        at_plant, at_inner = np.nonzero(inbound_amounts > 1e-9)
        amounts = found.x[found.x.size - len(at_depot) :]
        used = amounts > 1e-9
        return _Found(
            cost=found.objective,
            demand=price.copy(),
            balance=full,
            inbound=(
                self.plants[at_plant],
                self.depots[at_inner],
                inbound_amounts[at_plant, at_inner],
            ),
            outbound=(self.depots[at_depot[used]], at_customer[used], amounts[used]),
        )
