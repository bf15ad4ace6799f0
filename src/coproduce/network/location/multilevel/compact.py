"""The whole mixed-integer problem, or its promising part, for HiGHS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.engines import lp
from coproduce.network.location.multilevel.bound import Bools, Box
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats, Ints

Columns = npt.NDArray[np.int32]

# The search has found the answer: no heuristics, and little strong branching, whose linear
# problems of some 20,000 columns take most of the time.
_PROOF = {"mip_heuristic_effort": 0.0, "mip_pscost_minreliable": 1}


@dataclass(frozen=True, slots=True)
class Closed:
    """What the solver said: the best set it found (None if none) and its bound.

    Attributes:
        is_empty: nothing that was asked for costs less than the cutoff.
    """

    opened: Bools | None
    bound: float
    is_empty: bool = False


def close(
    levels: Levels,
    box: Box,
    *,
    keep: Bools | None,
    offers: int,
    start: Bools | None,
    gap_share: float,
    time_limit_s: float,
    seed: int,
    threads: int,
    stop: Callable[[], bool],
    progress: lp.Progress | None = None,
    cutoff: float | None = None,
) -> Closed:
    """Return the solver's answer.

    Args:
        box: how many plants and depots are open, at least and at most.
        keep: facilities that may be opened; None for all, and only then the bound holds for all.
        offers: depots offered to each customer, cheapest first; 0 for all.
        start: a set that is known to serve.
        cutoff: cost above which nothing is wanted; the solver then spends its time on the proof.
    """
    model = _Model(levels, box, keep, offers)
    fixed = None
    if start is not None and not (keep is not None and (start & ~keep).any()):
        fixed = np.full(model.problem.columns, np.nan)
        fixed[: len(model.kept)] = start[model.kept]
    found = lp.solve(
        model.problem,
        gap_share=gap_share,
        time_limit_s=time_limit_s,
        seed=seed,
        threads=threads,
        start=fixed,
        progress=progress,
        extra={} if cutoff is None else {"objective_bound": cutoff, **_PROOF},
        stop=stop,
    )
    opened = None
    if found.has_answer:
        opened = np.zeros(len(box.lower), dtype=bool)
        opened[model.kept] = found.x[: len(model.kept)] > 0.5
    bound = found.bound if np.isfinite(found.bound) else -np.inf
    return Closed(opened, bound, found.status == "infeasible")


class _Model:
    def __init__(self, levels: Levels, box: Box, keep: Bools | None, offers: int) -> None:
        self.levels = levels
        count = levels.plants + levels.depots
        self.kept = np.arange(count) if keep is None else np.flatnonzero(keep)
        self.plants = self.kept[self.kept < levels.plants]
        self.depots = self.kept[self.kept >= levels.plants] - levels.plants
        self.made = lp.Builder()
        fixed = np.concatenate([levels.plant_fixed, levels.depot_fixed])[self.kept]
        columns = self.made.add_columns(len(self.kept), cost=fixed, upper=1.0, is_integer=True)
        self.is_plant, self.is_depot = columns[: len(self.plants)], columns[len(self.plants) :]
        for level, part in enumerate((self.is_plant, self.is_depot)):
            if len(part):
                row = self.made.add_rows(
                    1, lower=float(box.least[level]), upper=float(box.most[level])
                )
                self.made.add_entries(row, part, 1.0)
        for layer in range(levels.products):
            self.layer(layer, offers)
        self.problem = self.made.problem()

    def layer(self, layer: int, offers: int) -> None:
        levels, made = self.levels, self.made
        demand = levels.demand[layer]
        plant_room = levels.plant_capacity[layer][self.plants]
        depot_room = levels.depot_capacity[layer][self.depots]
        inbound = levels.inbound[layer][np.ix_(self.plants, self.depots)]
        outbound = levels.outbound[layer][self.depots]
        at_depot, at_customer = self.offered(inbound, outbound, offers)
        flow = made.add_columns(len(at_depot), cost=outbound[at_depot, at_customer])
        rows = made.add_rows(len(demand), lower=demand, upper=demand)
        made.add_entries(rows[at_customer], flow, 1.0)
        rows = made.add_rows(len(self.depots), upper=0.0)
        made.add_entries(rows[at_depot], flow, 1.0)
        made.add_entries(rows, self.is_depot, -depot_room)
        self.cover(depot_room, self.is_depot, float(demand.sum()))
        if not levels.plants:
            return
        grid = made.add_columns(inbound.size, cost=inbound.ravel()).reshape(inbound.shape)
        rows = made.add_rows(len(self.depots), lower=0.0, upper=0.0)
        made.add_entries(rows[at_depot], flow, 1.0)
        made.add_entries(rows[None, :], grid, -1.0)
        rows = made.add_rows(len(self.plants), upper=0.0)
        made.add_entries(rows[:, None], grid, 1.0)
        made.add_entries(rows, self.is_plant, -plant_room)
        self.cover(plant_room, self.is_plant, float(demand.sum()))

    def cover(self, room: Floats, columns: Columns, need: float) -> None:
        row = self.made.add_rows(1, lower=need)
        self.made.add_entries(row, columns, room)

    def offered(self, inbound: Floats, outbound: Floats, offers: int) -> tuple[Ints, Ints]:
        is_offered = np.ones(outbound.shape, dtype=bool)
        if offers:
            nearest = inbound.min(axis=0)[:, None] if self.levels.plants else 0.0
            order = np.argsort(outbound + nearest, axis=0, kind="stable")[:offers]
            is_offered[:] = False
            is_offered[order, np.arange(outbound.shape[1])] = True
        at = np.nonzero(is_offered)
        return at[0].astype(np.int64), at[1].astype(np.int64)
