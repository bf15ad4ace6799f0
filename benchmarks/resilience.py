"""Resilience measured: exact cases through the network simulator, peers, speed.

    .venv-bench/bin/python benchmarks/resilience.py [--quick] [--only NAME] [--seed 1]

Prints and never asserts. Parts: exact, triple, simpy, days, chains, marine. Every case draws its
own seed; run lengths are chosen from a pilot with other seeds, so that nothing is stopped when it
looks good.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from resilience_cases import Case, all_cases, exponential, fails, fixed
from resilience_peers import (
    ThreeNodes,
    listed,
    our_net_stock,
    our_serial,
    simpy_on_off,
    spells,
    stockpyl_serial,
)

from coproduce.resilience.exact.availability import tiers
from coproduce.resilience.simulate import read_network, rows
from coproduce.resilience.simulate.network import (
    Clock,
    Demand,
    Input,
    Item,
    Law,
    Network,
    Node,
    Pause,
    Source,
    Stock,
)
from coproduce.resilience.simulate.plan import compiled
from coproduce.resilience.simulate.run import (
    Estimate,
    Outcome,
    SimulateOptions,
    estimate,
    simulate,
)

GOAL_HALF = 0.005
REPLICATIONS = 40
CONFIDENCE = 0.99


def measured(case: Case, horizon: float, seed: int) -> tuple[Estimate, Outcome]:
    """Return what a case measures in one run of the network simulator."""
    options = SimulateOptions(
        horizon=math.ceil(horizon),
        warm_up=math.ceil(50 * case.cycle),
        replications=REPLICATIONS,
        seed=seed,
        confidence=CONFIDENCE,
    )
    outcome = simulate(case.network, options)
    if case.measure == "shortage":
        return outcome.shortage, outcome
    if case.measure == "cost":
        return outcome.cost, outcome
    items = compiled(case.network).items
    sold = next(k for k, item in enumerate(items) if item.demand)
    missed = 1.0 - outcome.sums[:, rows.SUM_FULL, sold] / math.ceil(horizon)
    return estimate(missed, CONFIDENCE), outcome


def exact(seed: int, quick: bool) -> None:
    """Run every exact case to a half-width of half a percent, or as far as the limit allows."""
    limit_s = 2.0 if quick else 400.0
    print(
        f"\nExact cases through the network simulator ({REPLICATIONS} replications, "
        f"{CONFIDENCE:.0%} t-intervals)"
    )
    print(f"{'case':<48}{'exact':>13}{'simulated':>13}{'± rel.':>8}{'error/half':>11}{'CPU s':>8}")
    inside = narrow = 0
    worst = 0.0
    cases = all_cases()
    # the rarest shortage takes longest, so it comes last
    for number, case in sorted(enumerate(cases), key=lambda pair: -pair[1].exact):
        horizon = case.cycle * 500.0
        while True:
            pilot, outcome = measured(case, horizon, 10_000_000 + 1000 * seed + number)
            wide = pilot.half / case.exact if pilot.half > 0 else 1.0
            if wide < 0.1 or outcome.cpu_s > limit_s / 10:
                break
            horizon *= 8.0
        needed = max(1.0, (wide / (0.68 * GOAL_HALF)) ** 2)
        horizon *= min(needed, max(1.0, limit_s / max(outcome.cpu_s, 1e-4)))
        found, outcome = measured(case, horizon, 1000 * seed + number)
        off = (found.mean - case.exact) / found.half
        rel = found.half / case.exact
        inside += abs(off) <= 1.0
        narrow += rel <= GOAL_HALF
        worst = max(worst, abs(off))
        mark = "" if abs(off) <= 1.0 else "  OUTSIDE"
        mark += "" if rel <= GOAL_HALF else "  wide"
        print(
            f"{case.name:<48}{case.exact:>13.7g}{found.mean:>13.7g}{rel:>8.2%}{off:>+11.2f}"
            f"{outcome.cpu_s:>8.2f}{mark}",
            flush=True,
        )
    print(
        f"{inside} of {len(cases)} inside ({(1 - CONFIDENCE) * len(cases):.1f} expected outside "
        f"by chance), {narrow} with half-width ≤ {GOAL_HALF:.1%}; furthest {worst:.2f} halves"
    )


def triple(seed: int, quick: bool) -> None:
    """Reproduce lean 10 %, faster 5 %, back-up 4 % (Tucker, Daskin 2022) from two parameters."""
    # lean: 1 - (1-u) a = .10; back-up: 1 - (1-u²) a = .04
    u = (0.96 - 0.90) / 0.90
    a = 0.90 / (1.0 - u)

    def odds(share: float) -> float:
        return share / (2.0 - share)  # repairs twice as fast, or failures half as frequent

    def chain(sources: int, supplier_down: float, plant_down: float, name: str) -> Case:
        names = [f"api{k}" for k in range(sources)]
        supply = tuple(Source(one, "p", f"{one}>plant") for one in names)
        items = [Item(one, "p", 1.0, Stock()) for one in names]
        plant = Item("plant", "p", 1.0, Stock(), (Input(1.0, supply),), Demand(fixed(1.0)))
        disruptions = [
            fails(one, exponential(1.0), exponential(down / (1.0 - down)))
            for one, down in [*((one, supplier_down) for one in names), ("plant", plant_down)]
        ]
        network = Network(
            tuple(Node(one) for one in (*names, "plant")),
            (*items, plant),
            tuple(disruptions),
            Clock.CONTINUOUS,
        )
        exact_ = 1.0 - (1.0 - supplier_down**sources) * (1.0 - plant_down)
        return Case(name, network, "shortage", exact_, 1.1)

    print(
        f"\nLean, faster, back-up: supplier down {u:.4f}, plant and line up {a:.4f} (two "
        "parameters fitted to 10 % and 4 %; the paper's third figure is 5 %)"
    )
    for case, paper in (
        (chain(1, u, 1 - a, "lean"), 0.10),
        (chain(1, odds(u), odds(1 - a), "repairs twice as fast"), 0.05),
        (chain(2, u, 1 - a, "back-up supplier"), 0.04),
    ):
        found, _ = measured(case, 20_000.0 if quick else 400_000.0, seed)
        print(
            f"{case.name:<28}paper {paper:.0%}  exact {case.exact:.4%}  simulated "
            f"{found.mean:.4%} ± {found.half:.4%}"
        )


def simpy_(seed: int, quick: bool) -> None:
    """Time one on/off source with stock beside SimPy."""
    cycles = 20_000 if quick else 200_000
    case = next(one for one in all_cases() if one.name == "on/off, capacity 1.5, stock 0.35")
    share, events, took = simpy_on_off(cycles, seed)
    measured(case, 1000.0, seed)
    wall = time.perf_counter()
    found, outcome = measured(case, 20_000.0 if quick else 400_000.0, seed)
    wall = time.perf_counter() - wall
    ours, theirs = outcome.events / outcome.cpu_s, events / took
    print(f"\nOn/off source with stock, events a second (exact shortage {case.exact:.7f})")
    print(f"SimPy {version('simpy')}: {theirs:,.0f} (CPU {took:.2f} s, shortage {share:.5f})")
    print(
        f"ours, one thread: {ours:,.0f} (CPU {outcome.cpu_s:.2f} s, wall {wall:.2f} s, shortage "
        f"{found.mean:.6f} ± {found.half:.6f}); × {ours / theirs:,.0f}; goals 20 M and × 80"
    )


def days(seed: int, quick: bool) -> None:
    """Time the three-node networks beside SupplyNetPy and stockpyl; show that paths are equal."""
    world = ThreeNodes()
    length = 2_000 if quick else 20_000
    ups, downs = spells(0.05, 0.1, length, seed)
    lost, took = world.supplynetpy(ups, downs, length, logging=False)
    _, loud = world.supplynetpy(ups, downs, min(length, 4000), logging=True)
    loud *= length / min(length, 4000)
    as_lists = (listed([float(x) for x in ups]), listed([float(x) for x in downs]))
    same = simulate(
        world.network(*as_lists),
        SimulateOptions(horizon=float(length), warm_up=0.0, replications=2),
    )
    ours_lost = float(same.sums[0, rows.SUM_LOST].sum())
    laws = [Law("geometric", {"probability": chance}) for chance in (0.05, 0.1)]
    rate, cpu, wall = _node_days(world.network(*laws), seed, quick)
    print(
        f"\nThree nodes, (s,S), supplier that fails: {length:,} days, units lost "
        f"{lost:g} in SupplyNetPy {version('supplynetpy')}, {ours_lost:g} in ours (same fates)"
    )
    print(f"ours {rate:,.0f} node-days/s (CPU {cpu:.2f} s, wall {wall:.2f} s)")
    for name, seconds in (("as it comes (logging on)", loud), ("logging off", took)):
        theirs = 3 * length / seconds
        print(
            f"SupplyNetPy {name}: {theirs:,.0f} node-days/s (CPU {seconds:.2f} s); "
            f"× {rate / theirs:,.0f}; goals 5 M and × 300"
        )
    rng = np.random.default_rng(seed)
    demands = [float(x) for x in rng.poisson(5, 60)]
    up, down = [5, 7, 9, 4, 50], [3, 2, 6, 4, 1]
    states = [state for u, d in zip(up, down, strict=True) for state in [0] * u + [1] * d]
    as_lists = (listed([float(x) for x in up]), listed([float(x) for x in down]))
    for kind, pause in (("OP", Pause.ORDER), ("SP", Pause.TRANSIT), ("RP", Pause.RECEIPT)):
        theirs_path, _ = stockpyl_serial(demands, states, 40, kind)
        ours_path = our_net_stock(our_serial(demands, *as_lists, pause), 40)
        gap = max(abs(x - y) for x, y in zip(theirs_path, ours_path, strict=True))
        print(
            f"stockpyl {version('stockpyl')}, {pause.value} stopped: net stock of 40 periods "
            f"differs by at most {gap:g}"
        )
    length = 300 if quick else 2000
    _, took = stockpyl_serial([5.0], [], length, "OP", random_process=True)
    laws = [Law("geometric", {"probability": chance}) for chance in (0.05, 0.25)]
    rate, cpu, wall = _node_days(our_serial([5.0], laws[0], laws[1], Pause.ORDER), seed, quick)
    theirs = 3 * length / took
    print(
        f"three in series, base stock: stockpyl {theirs:,.0f} node-days/s (CPU {took:.2f} s), "
        f"ours {rate:,.0f} (CPU {cpu:.2f} s, wall {wall:.2f} s); "
        f"× {rate / theirs:,.0f}; goal × 3,000"
    )


def _node_days(network: Network, seed: int, quick: bool) -> tuple[float, float, float]:
    """Return node-days a second of three nodes, CPU and wall seconds."""
    length, count = 50_000.0, 4 if quick else 40
    simulate(network, SimulateOptions(horizon=1000.0, warm_up=0.0, replications=2))
    wall = time.perf_counter()
    made = simulate(
        network, SimulateOptions(horizon=length, warm_up=0.0, replications=count, seed=seed)
    )
    wall = time.perf_counter() - wall
    return 3 * length * count / made.cpu_s, made.cpu_s, wall


def chains(seed: int, quick: bool) -> None:
    """Reckon 7,567 random three-tier chains with importance."""
    count = 7567
    rng = np.random.default_rng(seed)
    down = rng.uniform(0.001, 0.3, (count, 3, 6))
    sizes = rng.integers(1, 7, (count, 3))
    down[np.arange(6)[None, None, :] >= sizes[:, :, None]] = np.nan
    started, wall = time.process_time(), time.perf_counter()
    made = tiers(down)
    took, wall = time.process_time() - started, time.perf_counter() - wall
    print(
        f"\n{count:,} random three-tier chains, availability, Birnbaum and Fussell–Vesely of "
        f"every source: CPU {took:.3f} s, wall {wall:.3f} s (goal 0.5 s; SUPRA states < 8 s for "
        f"its own models); mean availability {made.availability.mean():.6f}"
    )


def marine(seed: int, quick: bool) -> None:
    """Load and run the 33-node network of Days of Cover."""
    path = Path(__file__).parents[2] / "shared/data/risk/moreton_marine/network.json"
    if not path.is_file():
        print("\nMoreton Marine: NOT FOUND beside the repository, not run")
        return
    network = read_network(path)
    made = simulate(
        network,
        SimulateOptions(
            horizon=1820.0, warm_up=364.0, replications=4 if quick else 100, seed=seed
        ),
    )
    print(
        f"\nMoreton Marine: {len(network.nodes)} nodes, {len(network.items)} products at "
        f"places, {len(network.disruptions)} hazards; {made.replications} × 5 years: shortage "
        f"{made.shortage.mean:.3%} ± {made.shortage.half:.3%} (stock levels assumed), CPU "
        f"{made.cpu_s:.2f} s, {made.events / made.cpu_s:,.0f} item-days/s"
    )


PARTS = {
    "exact": exact,
    "triple": triple,
    "simpy": simpy_,
    "days": days,
    "chains": chains,
    "marine": marine,
}


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(
        f"python {sys.version.split()[0]}, numpy {np.__version__}, numba {version('numba')}, "
        f"seed {arguments.seed}, {'quick' if arguments.quick else 'full'}"
    )
    for name, part in PARTS.items():
        if arguments.only in (None, name):
            part(arguments.seed, arguments.quick)


if __name__ == "__main__":
    main()
