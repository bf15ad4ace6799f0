"""What serving costs once it is decided what is open: one small flow problem per product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.engines import lp
from coproduce.network.location.multilevel.bound import Bools, Prices
from coproduce.network.location.multilevel.kernel import has_numba
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats, Ints

FIRST_DEPOTS = 6  # cheapest depots a customer is offered first; priced out afterwards
_TOLERANCE = 1e-7

Triples = tuple[Ints, Ints, Floats]


@dataclass(frozen=True, slots=True)
class Served:
    """The cheapest service from open facilities.

    Attributes:
        cost: of opening and of all flows.
        prices: multipliers whose bound equals the cost where just these are open.
        plants, depots: what is open, numbered in its level.
        inbound: amounts from open plants to open depots, shape ``(L, P, W)``.
        outbound: amounts from open depots to customers, shape ``(L, W, K)``.
    """

    cost: float
    prices: Prices
    plants: Ints
    depots: Ints
    inbound: Floats
    outbound: Floats

    @property
    def flows(self) -> tuple[tuple[Triples, Triples], ...]:
        """Per product (plants, depots, amounts) inbound, (depots, customers, amounts) outbound."""

        def triples(amounts: Floats, origins: Ints, targets: Ints | None) -> Triples:
            a, b = np.nonzero(amounts > 1e-9)
            return origins[a], b if targets is None else targets[b], amounts[a, b]

        no_plants = self.plants[:0], self.plants[:0], np.zeros(0)
        return tuple(
            (
                triples(inner, self.plants, self.depots) if len(self.plants) else no_plants,
                triples(outer, self.depots, None),
            )
            for inner, outer in zip(self.inbound, self.outbound, strict=True)
        )


def serve(levels: Levels, opened: Bools, *, is_fast: bool | None = None) -> Served | None:
    """Return the cheapest service from what is open; None if it cannot hold the demand.

    Args:
        opened: per facility, plants first, shape ``(I + J,)``.
        is_fast: use the compiled kernel; None where numba is there.
    """
    return Service(levels, is_fast=is_fast).serve(opened)


class Service:
    """Serves the customers of a network from whatever is open.

    Args:
        is_fast: use the compiled kernel; None where numba is there. Without it each product is a
            linear problem for HiGHS: the same cost, some thirty times slower.
    """

    def __init__(self, levels: Levels, *, is_fast: bool | None = None) -> None:
        self.levels = levels
        self.is_fast = has_numba() if is_fast is None else is_fast
        inbound, room = levels.inbound, levels.plant_capacity
        if not levels.plants:  # depots are the source: one plant that sends all for nothing
            inbound = np.zeros((levels.products, 1, levels.depots))
            room = np.full((levels.products, 1), 2.0 * float(levels.demand.sum()) + 1.0)
        tables = (inbound, room, levels.outbound, levels.depot_capacity, levels.demand)
        self._tables = tuple(np.ascontiguousarray(table) for table in tables)
        self._inbound = self._tables[0]
        self._order = np.arange(levels.products)

    def serve(
        self,
        opened: Bools,
        *,
        least: Floats | None = None,
        limit: float = np.inf,
    ) -> Served | None:
        """Return the cheapest service; None if it cannot hold the demand or passes the limit.

        Args:
            opened: per facility, plants first, shape ``(I + J,)``.
            least: what the flows of each product cost at least, shape ``(L,)``.
            limit: cost from which on the service is not wanted.
        """
        levels = self.levels
        plants = np.flatnonzero(opened[: levels.plants])
        depots = np.flatnonzero(opened[levels.plants :])
        fixed = float(levels.plant_fixed[plants].sum() + levels.depot_fixed[depots].sum())
        if not len(depots) or (levels.plants and not len(plants)):
            return None
        if self.is_fast:
            return self._compiled(plants, depots, fixed, least, limit)
        return self._plain(plants, depots, fixed)

    def _compiled(
        self, plants: Ints, depots: Ints, fixed: float, least: Floats | None, limit: float
    ) -> Served | None:
        from coproduce.network.location.multilevel.transport import serve_all

        levels = self.levels
        layers = levels.products
        used = plants if levels.plants else np.zeros(1, dtype=np.int64)
        inbound = np.empty((layers, len(used), len(depots)))
        outbound = np.empty((layers, len(depots), levels.customers))
        rent = np.empty((layers, len(used)))
        entry = np.empty((layers, len(depots)))
        demand = np.empty((layers, levels.customers))
        order = self._order
        if least is None:
            least = np.zeros(layers)
        cost = serve_all(
            *self._tables,
            used,
            depots,
            order,
            least,
            limit - fixed,
            inbound,
            outbound,
            rent,
            entry,
            demand,
        )
        if cost < 0.0:
            return None
        balance = np.zeros((layers, levels.depots))
        if levels.plants:
            # A shut depot's price may be chosen; this one lets no open plant earn from it.
            balance = (self._inbound[:, plants] + rent[:, :, None]).min(axis=1)
            balance[:, depots] = entry
        return Served(
            fixed + cost,
            Prices(demand, balance),
            plants,
            depots,
            inbound if levels.plants else inbound[:, :0],
            outbound,
        )

    def _plain(self, plants: Ints, depots: Ints, fixed: float) -> Served | None:
        levels = self.levels
        cost = fixed
        demand = np.zeros_like(levels.demand)
        balance = np.zeros((levels.products, levels.depots))
        inbound = np.zeros((levels.products, len(plants), len(depots)))
        outbound = np.zeros((levels.products, len(depots), levels.customers))
        for layer in range(levels.products):
            found = _Layer(levels, layer, plants, depots).solve()
            if found is None:
                return None
            cost += found.cost
            demand[layer], balance[layer] = found.demand, found.balance
            inbound[layer], outbound[layer] = found.inbound, found.outbound
        return Served(cost, Prices(demand, balance), plants, depots, inbound, outbound)


@dataclass(slots=True)
class _Found:
    cost: float
    demand: Floats
    balance: Floats
    inbound: Floats
    outbound: Floats


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
        outbound_amounts = np.zeros(self.outbound.shape)
        outbound_amounts[at_depot, at_customer] = found.x[found.x.size - len(at_depot) :]
        return _Found(
            cost=found.objective,
            demand=price.copy(),
            balance=full,
            inbound=inbound_amounts,
            outbound=outbound_amounts,
        )
