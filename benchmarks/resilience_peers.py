"""The same models in SimPy, SupplyNetPy and stockpyl and in ours: equal paths, then speed."""

from __future__ import annotations

import contextlib
import io
import random
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from coproduce.resilience.simulate import rows
from coproduce.resilience.simulate.network import (
    Clock,
    Demand,
    Disruption,
    Hit,
    Input,
    Item,
    Law,
    Network,
    Node,
    Pause,
    Policy,
    Source,
    Stock,
)
from coproduce.resilience.simulate.run import SimulateOptions, simulate


def fixed(value: float) -> Law:
    """Return a fixed number as a law."""
    return Law("fixed", {"value": value})


def listed(values: list[float]) -> Law:
    """Return given values in turn as a law."""
    return Law("listed", {}, tuple(values))


def simpy_on_off(cycles: int, seed: int) -> tuple[float, int, float]:
    """Return shortage share, events and CPU seconds of one on/off source with stock in SimPy.

    Events are flips, and stock becoming full or empty, each an event of SimPy.
    """
    import simpy

    model = OnOff(simpy.Environment(), random.Random(seed))
    done = model.env.process(model.source(cycles))
    started = time.process_time()
    model.env.run(done)
    return model.lost / model.env.now, model.events, time.process_time() - started


class OnOff:
    """One source with stock as processes of SimPy."""

    top, fill = 0.35, 0.5

    def __init__(self, env: Any, rng: random.Random) -> None:
        self.env, self.rng = env, rng
        self.x, self.rate, self.last, self.lost = self.top, self.fill, 0.0, 0.0
        self.events = self.watch_no = 0

    def source(self, cycles: int) -> Iterator[Any]:
        """Fail and come back."""
        for _ in range(cycles):
            for mean, rate in ((2.0, -1.0), (0.4, self.fill)):
                yield self.env.timeout(self.rng.expovariate(1.0 / mean))
                self.settle()
                self.rate = rate
                self.events += 1
                self.watch()

    def settle(self) -> None:
        """Bring the stock up to now."""
        dt = self.env.now - self.last
        if self.x <= 0.0 and self.rate < 0.0:
            self.lost += dt
        else:
            self.x = min(self.top, max(0.0, self.x + self.rate * dt))
        self.last = self.env.now

    def watch(self) -> None:
        """Start to wait until the stock is empty or full."""
        self.watch_no += 1
        room = self.x if self.rate < 0 else self.top - self.x
        if room > 0:
            self.env.process(self.reached(self.watch_no, room / abs(self.rate)))

    def reached(self, watch_no: int, delay: float) -> Iterator[Any]:
        """Stop at the bound, unless the source turned before."""
        yield self.env.timeout(delay)
        if watch_no == self.watch_no:
            self.settle()
            self.x = 0.0 if self.rate < 0 else self.top
            self.events += 1


class ThreeNodes:
    """Supplier that fails, distributor and retailer with (s,S): one model for two simulators."""

    demand, retailer, distributor = 5.0, (20.0, 60.0), (60.0, 180.0)

    def network(self, up: Law, down: Law) -> Network:
        """Return the network: whole orders, customers who leave, orders held while all is down."""
        low, level = self.distributor
        middle = Item(
            "d",
            "p",
            None,
            Stock(Policy.MIN_MAX, level=level, low=low),
            (Input(1.0, (Source("s", "p", "s>d", fixed(2.0)),)),),
            holds_orders=True,
            ships_whole=True,
        )
        low, level = self.retailer
        last = Item(
            "r",
            "p",
            None,
            Stock(Policy.MIN_MAX, level=level, low=low),
            (Input(1.0, (Source("d", "p", "d>r", fixed(2.0)),)),),
            Demand(fixed(self.demand)),
            ships_whole=True,
        )
        first = Item("s", "p", None, Stock(), is_source=True)
        hit = Hit(Pause.PRODUCTION, node_id="s")
        return Network(
            (Node("s"), Node("d"), Node("r")),
            (first, middle, last),
            (Disruption("s", up, down, (hit,)),),
            Clock.DAILY,
        )

    def supplynetpy(
        self, ups: list[int], downs: list[int], days: int, *, logging: bool = False
    ) -> tuple[float, float]:
        """Return units lost and CPU seconds in SupplyNetPy.

        Lead times just under two days and flips a hundredth of a day beside the whole day put
        its events into the order of a day of ours.
        """
        import simpy
        from SupplyNetPy import Components

        rise, fall = iter([*ups, 10**9]), iter([*downs, 10**9])
        is_first, is_live = [True], [False]

        def lasts() -> float:
            if not is_live[0]:  # a trial call while the node is built
                return 1.0
            shift = 0.01 if is_first[0] else 0.02
            is_first[0] = False
            return next(rise) - shift

        def returns() -> float:
            return next(fall) + 0.02 if is_live[0] else 1.0

        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            env = simpy.Environment()
            supplier = Components.Supplier(
                env,
                "s",
                "s",
                node_type="infinite_supplier",
                node_disrupt_time=lasts,
                node_recovery_time=returns,
                logging=logging,
            )
            nodes = []
            for name, (low, level) in (("d", self.distributor), ("r", self.retailer)):
                nodes.append(
                    Components.InventoryNode(
                        env,
                        name,
                        name,
                        "distributor",
                        10 * level,
                        level,
                        1.0,
                        Components.SSReplenishment,
                        {"s": low, "S": level},
                        2.0,
                        1.0,
                        logging=logging,
                    )
                )
            Components.Link(env, "l1", supplier, nodes[0], 1.0, lambda: 1.9)
            Components.Link(env, "l2", nodes[0], nodes[1], 1.0, lambda: 1.95)
            Components.Demand(
                env, "c", "c", lambda: 1.0, lambda: self.demand, nodes[1], logging=logging
            )
            is_live[0] = True
            started = time.process_time()
            env.run(until=days - 0.5)
            took = time.process_time() - started
            lost = nodes[1].stats.lost_sales[1]
        return float(lost), took


def stockpyl_serial(
    demands: list[float], downs: list[int], days: int, kind: str, random_process: bool = False
) -> tuple[list[float], float]:
    """Return end-of-period net stock of the customer's stage and CPU seconds in stockpyl."""
    from stockpyl.sim import simulation
    from stockpyl.supply_chain_network import serial_system

    process = (
        {
            "random_process_type": "M",
            "disruption_type": kind,
            "disruption_probability": 0.05,
            "recovery_probability": 0.25,
        }
        if random_process
        else {
            "random_process_type": "E",
            "disruption_type": kind,
            "disruption_state_list": [bool(one) for one in downs],
        }
    )
    from stockpyl.disruption_process import DisruptionProcess

    network = serial_system(
        num_nodes=3,
        node_order_in_system=[3, 2, 1],
        local_holding_cost=[1, 2, 4],
        stockout_cost=[0, 0, 20],
        demand_type="D",
        demand_list=demands,
        policy_type="BS",
        base_stock_level=[14, 14, 14],
        shipment_lead_time=[1, 2, 1],
        node_order_in_lists=[3, 2, 1],
    )
    network.nodes_by_index[2].disruption_process = DisruptionProcess(**process)
    started = time.process_time()
    simulation(network, days, rand_seed=1, progress_bar=False, consistency_checks="N")
    took = time.process_time() - started
    levels = [network.nodes_by_index[1].state_vars[t].inventory_level for t in range(days)]
    return [float(next(iter(one.values()))) for one in levels], took


def our_serial(demands: list[float], up: Law, down: Law, pause: Pause) -> Network:
    """Return the same serial network: base stocks of 14, transit of 1, 2 and 1 days."""
    items = [Item("0", "p", None, Stock(), is_source=True)]
    for name, before, lead in (("3", "0", 1.0), ("2", "3", 2.0), ("1", "2", 1.0)):
        demand = Demand(listed(demands), waits=True) if name == "1" else None
        source = Source(before, "p", f"{before}>{name}", fixed(lead))
        items.append(Item(name, "p", None, Stock(level=14.0), (Input(1.0, (source,)),), demand))
    hit = Hit(pause, lane_id="3>2") if pause is Pause.TRANSIT else Hit(pause, node_id="2")
    return Network(
        tuple(Node(name) for name in ("0", "1", "2", "3")),
        tuple(items),
        (Disruption("2", up, down, (hit,)),),
        Clock.DAILY,
    )


def spells(
    chance_up: float, chance_down: float, days: int, seed: int
) -> tuple[list[int], list[int]]:
    """Return lengths of up and down spells (days), and none below one."""
    rng = np.random.default_rng(seed)
    ups = rng.geometric(chance_up, days).tolist()
    downs = rng.geometric(chance_down, days).tolist()
    return [int(one) for one in ups], [int(one) for one in downs]


def our_net_stock(network: Network, days: int) -> list[float]:
    """Return end-of-day stock less backlog of the customer's stage, day by day."""
    made = []
    options = {"warm_up": 0.0, "replications": 2, "engine": "numpy"}
    before = 0.0
    for day in range(1, days + 1):
        outcome = simulate(network, SimulateOptions(horizon=float(day), **options))
        sums = outcome.sums[0]
        level = float((sums[rows.SUM_STOCK] - sums[rows.SUM_BACKLOG])[-1])
        made.append(level - before)
        before = level
    return made


__all__ = [
    "ThreeNodes",
    "listed",
    "our_net_stock",
    "our_serial",
    "simpy_on_off",
    "spells",
    "stockpyl_serial",
]
