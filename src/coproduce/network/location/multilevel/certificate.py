"""What an answer writes down: its flows, and the prices that prove its bound."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np

from coproduce.network.location.multilevel.bound import Box, Dual, Prices
from coproduce.network.location.multilevel.flow import Served
from coproduce.network.location.multilevel.tree import Tree
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats


def price_certificate(
    dual: Dual, box: Box, tree: list[dict[str, Any]], prices: list[Prices], grid: int
) -> dict[str, Any]:
    """Return the certificate of a few prices and of the tree of parts that they bound."""
    return {
        "kind": "prices",
        "grid": grid,
        "least_plants": box.least[0],
        "least_depots": box.least[1],
        "plant_multipliers": dual.cover[0].multipliers.tolist(),
        "depot_multipliers": dual.cover[1].multipliers.tolist(),
        "tree": tree,
        "demand_prices": packed(np.array([one.demand for one in prices]), grid),
        "balance_prices": packed(np.array([one.balance for one in prices]), grid),
    }


def tree_certificate(tree: Tree) -> dict[str, Any]:
    """Return the certificate of a tree: its nodes, and the prices they name."""
    points = tree.written
    return {
        "kind": "tree of prices",
        "grid": tree.grid,
        "points": len(points),
        "tree": tree.written_nodes,
        "demand_prices": packed(np.array([point.demand for point in points]), tree.grid),
        "balance_prices": packed(np.array([point.balance for point in points]), tree.grid),
    }


def is_whole(levels: Levels) -> bool:
    """All costs and amounts are whole, so the cheapest answer costs a whole number."""
    parts = (
        levels.plant_fixed,
        levels.plant_capacity,
        levels.depot_fixed,
        levels.depot_capacity,
        levels.demand,
        levels.inbound,
        levels.outbound,
    )
    return all(bool((part == np.rint(part)).all()) for part in parts)


def grid_for(levels: Levels) -> int:
    """Return how fine prices are kept, so that whole-number recounts stay below 2**62."""
    most = float(levels.demand.sum()) + 1.0
    price = max(1.0, float(levels.outbound.max()), float(levels.depot_fixed.max()))
    if levels.plants:
        price = max(price, float(levels.inbound.max()), float(levels.plant_fixed.max()))
    room = 2.0**58 / (most * price * 4.0)
    return int(2 ** max(0, min(20, int(np.floor(np.log2(max(1.0, room)))))))


def packed(prices: Floats, grid: int) -> str:
    """Return prices as text: whole multiples of ``1 / grid``, 64-bit, compressed, base 64."""
    numbers = np.rint(prices * grid).astype("<i8")
    return base64.b64encode(zlib.compress(numbers.tobytes(), 9)).decode("ascii")


def plan_of(levels: Levels, served: Served, rounds: bool) -> dict[str, Any]:
    """Return the flows as lists: per product, [from, to, amount]."""

    def triples(flow: tuple[Any, Any, Floats]) -> list[list[Any]]:
        amounts = np.rint(flow[2]) if rounds else flow[2]
        return [
            [int(a), int(b), float(x)] for a, b, x in zip(*flow[:2], amounts, strict=True) if x > 0
        ]

    return {
        "inbound": [triples(flow[0]) for flow in served.flows],
        "outbound": [triples(flow[1]) for flow in served.flows],
        "numbering": "opened counts plants first, then depots; flows count each level from 0",
    }
