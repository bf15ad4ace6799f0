"""The same models in SimPy, SupplyNetPy and stockpyl, and in ours, for equal paths and for speed."""

from __future__ import annotations

import contextlib
import io
import random
import time
import warnings
from collections.abc import Iterator

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

    rng = random.Random(seed)
    env = simpy.Environment()
    state = {"x": 0.35, "r": 0.5, "last": 0.0, "lost": 0.0, "events": 0, "token": 0}

    def settle() -> None:
        dt = env.now - state["last"]
        if state["x"] <= 0.0 and state["r"] < 0.0:
            state["lost"] += dt
        else:
            state["x"] = min(0.35, max(0.0, state["x"] + state["r"] * dt))
        state["last"] = env.now

    def reaches(token: int, delay: float, level: float) -> Iterator[simpy.Event]:
        yield env.timeout(delay)
        if token == state["token"]:
            settle()
            state["x"] = level
            state["events"] += 1

    def watch() -> None:
        state["token"] += 1
        r, x = state["r"], state["x"]
        if r < 0 and x > 0:
            env.process(reaches(state["token"], x / -r, 0.0))
        elif r > 0 and x < 0.35:
            env.process(reaches(state["token"], (0.35 - x) / r, 0.35))

    def source() -> Iterator[simpy.Event]:
        for _ in range(cycles):
            for mean, rate in ((2.0, -1.0), (0.4, 0.5)):
                yield env.timeout(rng.expovariate(1.0 / mean))
                settle()
                state["r"] = rate
                state["events"] += 1
                watch()

    done = env.process(source())
    started = time.process_time()
    env.run(done)
    return state["lost"] / env.now, state["events"], time.process_time() - started


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
        import SupplyNetPy.Components as scm

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
            supplier = scm.Supplier(
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
                    scm.InventoryNode(
                        env,
                        name,
                        name,
                        "distributor",
                        10 * level,
                        level,
                        1.0,
                        scm.SSReplenishment,
                        {"s": low, "S": level},
                        2.0,
                        1.0,
                        logging=logging,
                    )
                )
            scm.Link(env, "l1", supplier, nodes[0], 1.0, lambda: 1.9)
            scm.Link(env, "l2", nodes[0], nodes[1], 1.0, lambda: 1.95)
            scm.Demand(env, "c", "c", lambda: 1.0, lambda: self.demand, nodes[1], logging=logging)
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
