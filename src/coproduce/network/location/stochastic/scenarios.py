"""Facilities under demand scenarios, solved as a network without plants: one layer a scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coproduce.network.location.multilevel.solve import solve as solve_levels
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.stochastic.types import Scenarios
from coproduce.network.location.types import Answer, Options


def levels_of(problem: Scenarios) -> Levels:
    """Return the network whose cost is that of `problem` times the number of scenarios."""
    scenarios, sites = len(problem.demand), len(problem.fixed)
    customers = problem.demand.shape[1]
    return Levels(
        name=problem.name,
        plant_fixed=np.zeros(0),
        plant_capacity=np.zeros((scenarios, 0)),
        depot_fixed=problem.fixed * scenarios,
        depot_capacity=np.broadcast_to(problem.capacity, (scenarios, sites)),
        demand=problem.demand,
        inbound=np.zeros((scenarios, 0, sites)),
        outbound=np.broadcast_to(problem.cost, (scenarios, sites, customers)),
        kind=problem.kind,
    )


def solve(problem: Scenarios, options: Options) -> Answer:
    """Return the best answer found within the options, with its certificate."""
    scenarios = len(problem.demand)
    answer = solve_levels(levels_of(problem), options)
    certificate = dict(answer.certificate)
    certificate["certified_bound"] = certificate["certified_bound"] / scenarios
    objective = None if answer.objective is None else answer.objective / scenarios
    return replace(
        answer, objective=objective, bound=answer.bound / scenarios, certificate=certificate
    )
