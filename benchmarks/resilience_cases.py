"""Networks whose expected answer is known exactly, for the network simulator to reproduce."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from coproduce.resilience.exact import Group, shared_stock_shortage
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

Measure = str


@dataclass(frozen=True)
class Case:
    """One network, what is measured and its exact value.

    Attributes:
        measure: shortage (share), missed_time (share of time without full service), cost (a day).
        cycle: about how long the longest process takes (time); sets warm-up and horizon.
    """

    name: str
    network: Network
    measure: Measure
    exact: float
    cycle: float


def exponential(mean: float) -> Law:
    """Return an exponential law."""
    return Law("exponential", {"mean": mean})


def fixed(value: float) -> Law:
    """Return a fixed number as a law."""
    return Law("fixed", {"value": value})


def fails(name: str, up: Law, down: Law, *hits: Hit) -> Disruption:
    """Return a disruption of production at the node of the same name, or of what is given."""
    return Disruption(name, up, down, hits or (Hit(Pause.PRODUCTION, node_id=name),))


def single(
    up: Law, down: Law, capacity: float = 1.0, stock: float = 0.0, clock: Clock = Clock.CONTINUOUS
) -> Network:
    """Return one maker with its own stock and customers who ask 1 a day."""
    item = Item("a", "p", capacity, Stock(level=stock), demand=Demand(fixed(1.0)))
    return Network((Node("a"),), (item,), (fails("a", up, down),), clock)


def star(count: int, capacity: float, stock: float, up: Law, down: Law) -> Network:
    """Return sources that fail on their own before one stock."""
    names = [f"s{k}" for k in range(count)]
    sources = tuple(Source(name, "p", f"{name}>hub") for name in names)
    hub = Item("hub", "p", None, Stock(level=stock), (Input(1.0, sources),), Demand(fixed(1.0)))
    items = tuple(Item(name, "p", capacity, Stock()) for name in names)
    nodes = tuple(Node(name) for name in (*names, "hub"))
    return Network(
        nodes, (*items, hub), tuple(fails(name, up, down) for name in names), Clock.CONTINUOUS
    )


def tiers(counts: tuple[int, ...], up: Law, down: Law) -> Network:
    """Return tiers in series, each of sources any one of which carries all."""
    nodes: list[Node] = []
    items: list[Item] = []
    failures: list[Disruption] = []
    before: tuple[Source, ...] = ()
    for tier, count in enumerate(counts):
        names = [f"t{tier}s{k}" for k in range(count)]
        hub = f"hub{tier}"
        for name in names:
            inputs = (Input(1.0, before),) if before else ()
            items.append(Item(name, "p", 1.0, Stock(), inputs))
            failures.append(fails(name, up, down))
        sources = tuple(Source(name, "p", f"{name}>{hub}") for name in names)
        is_last = tier == len(counts) - 1
        demand = Demand(fixed(1.0)) if is_last else None
        items.append(Item(hub, "p", None, Stock(), (Input(1.0, sources),), demand))
        nodes += [Node(name) for name in (*names, hub)]
        before = (Source(hub, "p", f"{hub}>next"),)
    return Network(tuple(nodes), tuple(items), tuple(failures), Clock.CONTINUOUS)


def assembly(parts: int, up: Law, down: Law) -> Network:
    """Return a product of several parts, all needed, each from one maker."""
    names = [f"m{k}" for k in range(parts)]
    inputs = tuple(
        Input(1.0 + k, (Source(name, "p", f"{name}>a"),)) for k, name in enumerate(names)
    )
    whole = Item("a", "p", None, Stock(), inputs, Demand(fixed(1.0)))
    items = tuple(Item(name, "p", 1.0 + k, Stock()) for k, name in enumerate(names))
    return Network(
        tuple(Node(name) for name in (*names, "a")),
        (*items, whole),
        tuple(fails(name, up, down) for name in names),
        Clock.CONTINUOUS,
    )


def on_off(failures: float, repairs: float, capacity: float, stock: float) -> float:
    """Return the shortage of one source with stock (Meyer, Rothkopf, Smith 1979), demand 1."""
    r = capacity - 1.0
    theta = repairs - failures / r
    grown = math.exp(theta * stock)
    slope = (grown - 1.0) / theta if theta else stock
    z = r * (grown / failures + 1.0 / repairs + (1.0 / r + 1.0) * slope)
    return r / repairs / z


UP, DOWN = exponential(2.0), exponential(0.4)
SHARE_UP = 2.0 / 2.4
LAWS = (
    ("exponential / exponential", UP, DOWN),
    ("weibull 0.7 / exponential", Law("weibull", {"mean": 2.0, "shape": 0.7}), DOWN),
    (
        "weibull 2 / weibull 0.8",
        Law("weibull", {"mean": 2.0, "shape": 2.0}),
        Law("weibull", {"mean": 0.4, "shape": 0.8}),
    ),
    ("exponential / lognormal 1", UP, Law("lognormal", {"mean": 0.4, "sigma": 1.0})),
    ("lognormal 0.5 / fixed", Law("lognormal", {"mean": 2.0, "sigma": 0.5}), fixed(0.4)),
    ("exponential / fixed", UP, fixed(0.4)),
    (
        "gamma 0.5 / gamma 3",
        Law("gamma", {"mean": 2.0, "shape": 0.5}),
        Law("gamma", {"mean": 0.4, "shape": 3.0}),
    ),
    ("fixed / exponential", fixed(2.0), DOWN),
    ("empirical / exponential", Law("empirical", {}, (0.5, 1.0, 1.5, 5.0)), DOWN),
    ("exponential / empirical", UP, Law("empirical", {}, (0.1, 0.2, 0.2, 1.1))),
    (
        "exponential / triangular",
        UP,
        Law("triangular", {"least": 0.1, "likely": 0.2, "most": 0.9}),
    ),
)


def binomial(n: int, k: int, chance: float) -> float:
    """Return the chance of exactly k of n."""
    return math.comb(n, k) * chance**k * (1.0 - chance) ** (n - k)


def availability() -> Iterator[Case]:
    """Availability does not depend on the laws of up and down times."""
    for name, up, down in LAWS:
        yield Case(f"availability, {name}", single(up, down), "shortage", 1 - SHARE_UP, 2.4)


def k_of_n() -> Iterator[Case]:
    """k of n sources carry the whole need."""
    for k, n in ((1, 2), (2, 3), (1, 3), (2, 4), (3, 4), (3, 5), (4, 5), (2, 5)):
        network = star(n, 1.0 / k, 0.0, UP, DOWN)
        chances = [binomial(n, up, SHARE_UP) for up in range(n + 1)]
        lacking = sum(chance * max(0.0, 1.0 - up / k) for up, chance in enumerate(chances))
        yield Case(f"{k}-of-{n}, unmet", network, "shortage", lacking, 2.4)
        yield Case(f"{k}-of-{n}, time below need", network, "missed_time", sum(chances[:k]), 2.4)


def chains() -> Iterator[Case]:
    """Stages in series and in parallel, parts that are all needed, shared shocks."""
    for counts in ((1, 1), (1, 1, 1), (2, 2, 3), (1, 2, 2), (3, 3), (2, 1, 2)):
        works = math.prod(1.0 - (1.0 - SHARE_UP) ** count for count in counts)
        yield Case(f"tiers {counts}", tiers(counts, UP, DOWN), "shortage", 1 - works, 2.4)
    for parts in (2, 3, 5):
        exact = 1 - SHARE_UP**parts
        yield Case(f"{parts} parts all needed", assembly(parts, UP, DOWN), "shortage", exact, 2.4)
    base = star(2, 1.0, 0.0, UP, DOWN)
    both = tuple(Hit(Pause.PRODUCTION, node_id=name) for name in ("s0", "s1"))
    shock = Disruption("shock", exponential(5.0), exponential(0.2), both)
    lacks = 1 - (5.0 / 5.2) * (1 - (1 - SHARE_UP) ** 2)
    struck = Network(base.nodes, base.items, (*base.disruptions, shock), Clock.CONTINUOUS)
    yield Case("two sources, own and shared failures", struck, "shortage", lacks, 5.2)
    for chance in (0.5, 0.3):
        hits = tuple(Hit(Pause.PRODUCTION, node_id=f"s{k}", chance=chance) for k in range(2))
        only = Disruption("shock", UP, DOWN, hits)
        network = Network(base.nodes, base.items, (only,), Clock.CONTINUOUS)
        exact = (1 - SHARE_UP) * chance**2
        yield Case(f"shared shock hits each by chance {chance}", network, "shortage", exact, 2.4)
    for pause, target in (
        (Pause.TRANSIT, {"lane_id": "s0>hub"}),
        (Pause.RECEIPT, {"node_id": "hub"}),
        (Pause.ORDER, {"node_id": "hub"}),
    ):
        plain = star(1, 1.0, 0.0, UP, DOWN)
        stops = Disruption("stop", UP, DOWN, (Hit(pause, **target),))
        network = Network(plain.nodes, plain.items, (stops,), Clock.CONTINUOUS)
        yield Case(f"{pause.value} stopped", network, "shortage", 1 - SHARE_UP, 2.4)


def stocks() -> Iterator[Case]:
    """One source with stock, the closed form."""
    for capacity, stock in product((1.1, 1.25, 1.5, 2.0, 20.0), (0.1, 0.35, 0.7)):
        exact = on_off(0.5, 2.5, capacity, stock)
        network = single(UP, DOWN, capacity, stock)
        yield Case(
            f"on/off, capacity {capacity:g}, stock {stock:g}", network, "shortage", exact, 2.4
        )
    for failures, repairs, capacity, stock in ((1.0, 4.0, 1.5, 0.35), (0.1, 1.0, 1.3, 1.0)):
        network = single(exponential(1 / failures), exponential(1 / repairs), capacity, stock)
        exact = on_off(failures, repairs, capacity, stock)
        name = f"on/off, rates {failures:g} and {repairs:g}, stock {stock:g}"
        yield Case(name, network, "shortage", exact, 1 / failures + 1 / repairs)


TABLE = (
    (2, 0.75, 0.02046123),
    (2, 1.2, 0.00588941),
    (3, 0.45, 0.01449318),
    (3, 0.55, 0.00387905),
    (4, 0.4, 0.00165115),
    (6, 0.3, 5.437e-5),
)


def shared_stock() -> Iterator[Case]:
    """n sources with one stock: the table of the research note, and states of zero drift."""
    for n, capacity, exact in TABLE:
        yield Case(
            f"{n} × {capacity:g}, one stock",
            star(n, capacity, 0.35, UP, DOWN),
            "shortage",
            exact,
            2.4,
        )
    for n, capacity, stock in (
        (2, 1.0, 0.35),
        (3, 0.5, 0.35),
        (4, 0.5, 0.2),
        (2, 0.5, 0.35),
        (4, 1.0 / 3.0, 0.35),
    ):
        group = Group(n, capacity, 0.5, 2.5)
        exact = shared_stock_shortage([group], 1.0, stock).expected_shortage_share
        yield Case(
            f"{n} × {capacity:.3g}, zero drift, stock {stock:g}",
            star(n, capacity, stock, UP, DOWN),
            "shortage",
            exact,
            2.4,
        )


def lots() -> Iterator[Case]:
    """Economic order quantity with disruptions (Parlar, Berkin; Berk, Arreola-Risa)."""
    for order, holding, penalty, demand, failures, repairs, lot in (
        (8.0, 0.225, 5.0, 1300.0, 1.5, 14.0, 772.8110739983106),
        (8.0, 0.225, 5.0, 1300.0, 1.5, 14.0, 773.1432417118889),
        (8.0, 0.225, 5.0, 1300.0, 1.5, 14.0, 400.0),
        (8.0, 0.225, 5.0, 1300.0, 1.5, 14.0, 1500.0),
        (35.0, 4.0, 22.0, 30.0, 1.0, 12.0, 24.0663),
        (35.0, 4.0, 22.0, 30.0, 1.0, 12.0, 12.0),
    ):
        supplier = Item("s", "p", None, Stock(), is_source=True)
        buyer = Item(
            "b",
            "p",
            None,
            Stock(Policy.LOTS, lot=lot),
            (Input(1.0, (Source("s", "p", "s>b"),)),),
            Demand(fixed(demand)),
            holding_cost=holding,
            order_cost=order,
            shortage_cost=penalty,
        )
        network = Network(
            (Node("s"), Node("b")),
            (supplier, buyer),
            (fails("s", exponential(1 / failures), exponential(1 / repairs)),),
            Clock.CONTINUOUS,
        )
        rates = failures + repairs
        psi = failures / rates * (1.0 - math.exp(-rates * lot / demand))
        cost = (order + holding * lot**2 / (2 * demand) + penalty * demand * psi / repairs) / (
            lot / demand + psi / repairs
        )
        yield Case(f"lots of {lot:.5g}, demand {demand:g}", network, "cost", cost, 1 / failures)


def daily() -> Iterator[Case]:
    """The daily engine: newsvendor with disruptions, Poisson demand, geometric failures."""
    for level in (6000.0, 8000.0, 10000.0):
        yield Case(
            f"newsvendor with disruptions, S = {level:g}",
            _newsvendor(level),
            "cost",
            _newsvendor_cost(level),
            29.0,
        )
    yield Case(
        "(s,S) = (4,10), Poisson 6",
        _poisson(Stock(Policy.MIN_MAX, level=10.0, low=4.0), 6.0, 1, (1.0, 4.0, 5.0)),
        "cost",
        8.034111561471642,
        1.0,
    )
    for mean, lead, level in ((5.0, 2, 14.0), (5.0, 3, 21.0), (2.0, 4, 9.0), (20.0, 1, 24.0)):
        exact = _backorders(mean * lead, level)
        yield Case(
            f"base stock {level:g}, Poisson {mean:g}, {lead} days",
            _poisson(Stock(level=level), mean, lead, (0.0, 1.0, 0.0)),
            "cost",
            exact,
            1.0,
        )
    for up, down in ((0.04, 0.25), (0.01, 0.1)):
        laws = [Law("geometric", {"probability": chance}) for chance in (up, down)]
        network = single(laws[0], laws[1], clock=Clock.DAILY)
        network = Network(network.nodes, network.items, network.disruptions, Clock.DAILY)
        yield Case(
            f"daily, geometric {up:g} / {down:g}",
            _immediate(network),
            "shortage",
            up / (up + down),
            1 / up,
        )
    for name, up, down in (
        (
            "lognormal / weibull",
            Law("lognormal", {"mean": 40.0, "sigma": 1.0}),
            Law("weibull", {"mean": 6.5, "shape": 1.5}),
        ),
        ("gamma / exponential", Law("gamma", {"mean": 40.0, "shape": 2.0}), exponential(6.5)),
    ):
        yield Case(
            f"daily, {name}",
            _immediate(single(up, down, clock=Clock.DAILY)),
            "shortage",
            6.5 / 46.5,
            46.5,
        )


def _immediate(network: Network) -> Network:
    """Return a network whose makers make what is asked on the day, or lose it."""
    return network


def _newsvendor(level: float) -> Network:
    supplier = Item("s", "p", None, Stock(), is_source=True)
    source = Source("s", "p", "s>b", fixed(1.0))
    buyer = Item(
        "b",
        "p",
        None,
        Stock(level=level),
        (Input(1.0, (source,)),),
        Demand(fixed(2000.0), waits=True),
        holding_cost=0.25,
        shortage_cost=3.0,
    )
    geometric = [Law("geometric", {"probability": chance}) for chance in (0.04, 0.25)]
    stop = fails("b", geometric[0], geometric[1], Hit(Pause.ORDER, node_id="b"))
    return Network((Node("s"), Node("b")), (supplier, buyer), (stop,), Clock.DAILY)


def _newsvendor_cost(level: float) -> float:
    """Return the expected cost of a period, the series summed fully (Snyder, Shen)."""
    alpha, beta, demand = 0.04, 0.25, 2000.0
    total, chance = 0.0, beta / (alpha + beta)
    for n in range(400):
        left = level - (n + 1) * demand
        total += chance * (0.25 * max(left, 0.0) + 3.0 * max(-left, 0.0))
        chance = chance * alpha if n == 0 else chance * (1.0 - beta)
    return total


def _poisson(stock: Stock, mean: float, lead: int, costs: tuple[float, float, float]) -> Network:
    supplier = Item("s", "p", None, Stock(), is_source=True)
    source = Source("s", "p", "s>b", fixed(float(lead)))
    buyer = Item(
        "b",
        "p",
        None,
        stock,
        (Input(1.0, (source,)),),
        Demand(Law("poisson", {"mean": mean}), waits=True),
        holding_cost=costs[0],
        shortage_cost=costs[1],
        order_cost=costs[2],
    )
    return Network((Node("s"), Node("b")), (supplier, buyer), (), Clock.DAILY)


def _backorders(mean: float, level: float) -> float:
    """Return the expected part of a Poisson demand above a level."""
    chance, below = math.exp(-mean), 0.0
    total = 0.0
    for k in range(2000):
        total += chance * max(0.0, k - level)
        below += chance
        chance *= mean / (k + 1)
    return total


FAMILIES: tuple[Callable[[], Iterator[Case]], ...] = (
    availability,
    k_of_n,
    chains,
    stocks,
    shared_stock,
    lots,
    daily,
)


def all_cases() -> list[Case]:
    """Return every case."""
    return [case for family in FAMILIES for case in family()]
