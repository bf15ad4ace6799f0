"""Small networks whose cheapest answer is found by trying every set, written to files."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import numpy as np

from coproduce.network.location.multilevel.flow import serve
from coproduce.network.location.multilevel.types import Levels


def network(seed: int, *, products: int = 1, plants: int = 3, depots: int = 4) -> Levels:
    """Return a network of whole numbers with room to choose."""
    random = np.random.default_rng(seed)
    customers = 5
    demand = random.integers(3, 12, (products, customers)).astype(float)
    need = int(demand.sum(axis=1).max())
    return Levels(
        name="tiny",
        plant_fixed=random.integers(50, 120, plants).astype(float),
        plant_capacity=random.integers(need // 2, need, (products, plants)).astype(float),
        depot_fixed=random.integers(20, 60, depots).astype(float),
        depot_capacity=random.integers(need // 2, need, (products, depots)).astype(float),
        demand=demand,
        inbound=random.integers(1, 9, (products, plants, depots)).astype(float),
        outbound=random.integers(1, 15, (products, depots, customers)).astype(float),
        kind="two-stage",
    )


def drawn(seed: int) -> Levels:
    """Return a network with or without plants, of whole numbers or not."""
    random = np.random.default_rng(seed)
    levels = network(seed, products=1 + seed % 3, plants=1 + seed % 4, depots=2 + seed % 5)
    if seed % 5 == 0:
        none = np.zeros((levels.products, 0))
        levels = dataclasses.replace(levels, plant_fixed=none[0], plant_capacity=none)
        levels = dataclasses.replace(levels, inbound=np.zeros((levels.products, 0, levels.depots)))
    if seed % 2:
        levels = dataclasses.replace(
            levels,
            demand=levels.demand * random.random(levels.demand.shape),
            inbound=levels.inbound * random.random(levels.inbound.shape),
            outbound=levels.outbound + random.random(levels.outbound.shape),
        )
    return levels


def crowded(seed: int) -> Levels:
    """Return a network whose facilities hold from few to nearly all of many customers."""
    random = np.random.default_rng(seed)
    layers, plants, depots, customers = 2, 3, 4, 150
    demand = random.integers(0, 9, (layers, customers)).astype(float)
    need = int(demand.sum(axis=1).max())
    return Levels(
        name="crowded",
        plant_fixed=random.integers(50, 120, plants).astype(float),
        plant_capacity=random.integers(0, need, (layers, plants)).astype(float),
        depot_fixed=random.integers(20, 60, depots).astype(float),
        depot_capacity=random.integers(0, need, (layers, depots)).astype(float),
        demand=demand,
        inbound=random.integers(1, 9, (layers, plants, depots)).astype(float),
        outbound=random.integers(1, 30, (layers, depots, customers)).astype(float),
        kind="two-stage",
    )


def cheapest(levels: Levels) -> float:
    """Return the least cost over all sets of open facilities."""
    count = levels.plants + levels.depots
    best = np.inf
    for bits in itertools.product((False, True), repeat=count):
        opened = np.array(bits)
        if opened[: levels.plants].any() or not levels.plants:
            served = serve(levels, opened)
            best = min(best, np.inf if served is None else served.cost)
    return float(best)


def write(levels: Levels, path: Path, *, is_multi: bool) -> Path:
    """Write the network in the layout of one product or of several."""
    heads = [levels.plants, levels.depots, levels.customers]
    lines: list[list[Any]] = [[*heads, levels.products] if is_multi else heads]
    lines += [list(row) for row in levels.demand.T]
    lines += [[*levels.plant_capacity[:, i], levels.plant_fixed[i]] for i in range(levels.plants)]
    lines += [list(row) for table in levels.inbound for row in table]
    lines += [[*levels.depot_capacity[:, j], levels.depot_fixed[j]] for j in range(levels.depots)]
    lines += [list(row) for table in levels.outbound for row in table]
    path.write_text("\n".join(" ".join(f"{value:g}" for value in line) for line in lines))
    return path
