"""The mixed-integer problem of facilities and the services that are left."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coproduce.engines import lp
from coproduce.network.location.onelevel.dual import CLOSED, FREE, OPEN, States
from coproduce.network.location.types import Facilities

Mask = npt.NDArray[np.bool_]


def rest_problem(
    problem: Facilities, state: States, services: Mask
) -> tuple[lp.Problem, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the mixed-integer problem over some services, its facilities and its pairs.

    Columns: one per facility that is not closed, then one per pair (facility, customer).
    """
    sites = np.flatnonzero(state != CLOSED)
    place = np.full(problem.sites, -1)
    place[sites] = np.arange(len(sites))
    pairs = np.argwhere(services & (state != CLOSED)[:, None])
    site, customer = place[pairs[:, 0]], pairs[:, 1]
    build = lp.Builder()
    opens = build.add_columns(
        len(sites),
        cost=problem.fixed[sites],
        lower=(state[sites] == OPEN).astype(np.float64),
        upper=1.0,
        is_integer=True,
    )
    serves = build.add_columns(
        len(pairs), cost=problem.cost[pairs[:, 0], customer], upper=1.0, is_integer=True
    )
    once = build.add_rows(problem.customers, lower=1.0, upper=1.0)
    build.add_entries(once[customer], serves, 1.0)
    room = build.add_rows(len(sites), upper=0.0)
    build.add_entries(room[site], serves, problem.demand[customer])
    build.add_entries(room, opens, -problem.room[sites])
    free = np.flatnonzero(state[pairs[:, 0]] == FREE)
    linked = build.add_rows(len(free), upper=0.0)
    build.add_entries(linked, serves[free], 1.0)
    build.add_entries(linked, opens[site[free]], -1.0)
    total = build.add_rows(1, lower=float(problem.demand.sum()))
    build.add_entries(total, opens, problem.room[sites])
    return build.problem(), sites, pairs
