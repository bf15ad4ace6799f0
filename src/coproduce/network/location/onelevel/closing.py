"""Closes parts in which all facilities are decided by the solver, where prices do not."""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.engines import lp, scip
from coproduce.network.location.clock import Clock
from coproduce.network.location.onelevel.dual import OPEN, States
from coproduce.network.location.onelevel.pairs import Mask, rest_problem
from coproduce.network.location.onelevel.rest import Units
from coproduce.network.location.types import Floats, Ints, Options


def services_left(units: Units, state: States, prices: Floats, spare: float) -> Mask:
    """Return which services a better answer may use, shape ``(m, n)``.

    Args:
        units: the problem.
        state: of the facilities, all decided.
        prices: of the customers.
        spare: what their bound is short of the best cost.

    A service is out where its knapsack gets dearer by `spare` with the customer in it, the rest
    of the room filled at best (perhaps with the same customer again, which only lowers it).
    """
    left = np.zeros(units.cost.shape, dtype=np.bool_)
    for site in np.flatnonzero(state == OPEN):
        room = int(units.rooms[site])
        reduced = units.cost[site] - prices
        table = np.zeros(room + 1)
        for customer in np.flatnonzero((reduced < 0) & (units.sizes <= room)):
            size = int(units.sizes[customer])
            offer = table[: room + 1 - size] + reduced[customer]
            table[size:] = np.minimum(table[size:], offer)
        rest = np.maximum(room - units.sizes, 0)
        rise = reduced + table[rest] - table[room]
        left[site] = (np.maximum(rise, 0.0) < spare) & (units.sizes <= room)
    return left


def close(
    units: Units,
    state: States,
    services: Mask,
    cutoff: float,
    options: Options,
    clock: Clock,
    most_nodes: int,
) -> tuple[Ints | None, float]:
    """Return an assignment cheaper than `cutoff`, or None, and what no cheaper one costs.

    The second number is -inf where the solver proved nothing within its nodes.
    """
    if not services.any(axis=0).all():
        return None, cutoff
    problem, sites, pairs = rest_problem(units.problem, state, services)
    gap_share, left_s = options.gap_share / 2, max(0.05, clock.left_s)
    if scip.is_installed():
        found = scip.solve(
            problem,
            gap_share=gap_share,
            time_limit_s=left_s,
            seed=options.seed,
            cutoff=cutoff,
            most_nodes=most_nodes,
        )
        clock.was_interrupted |= found.was_interrupted
    else:
        limits: dict[str, Any] = {"objective_bound": cutoff} if np.isfinite(cutoff) else {}
        found = lp.solve(
            problem,
            gap_share=gap_share,
            time_limit_s=left_s,
            seed=options.seed,
            threads=options.threads,
            stop=clock.is_over,
            extra=limits | {"mip_max_nodes": most_nodes},
        )
    who = None
    if found.has_answer:
        taken = pairs[found.x[len(sites) :] > 0.5]
        who = np.zeros(units.problem.customers, dtype=np.int64)
        who[taken[:, 1]] = taken[:, 0]
    if found.status == "infeasible":
        return who, cutoff
    return who, -np.inf if np.isnan(found.bound) else min(cutoff, float(found.bound))
