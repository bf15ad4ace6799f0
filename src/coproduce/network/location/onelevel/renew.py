"""Renews a part of an answer for whole customers: a few facilities and all their customers.

The part is solved as a mixed-integer problem of its own, told what it costs now; the rest of the
answer stays. Where rooms are filled to the last unit, shifts and exchanges of single customers
find nothing, this does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coproduce.engines import lp
from coproduce.network.location.clock import Clock
from coproduce.network.location.onelevel.dual import FREE
from coproduce.network.location.onelevel.pairs import rest_problem
from coproduce.network.location.types import Facilities, Floats, Ints

Better = Callable[[Facilities, Ints], Ints | None]

MOST_CUSTOMERS = 45  # of one part
CLOSED_TRIED = 4  # closed facilities in one part
CHEAPEST = 7  # facilities of the part per customer
MOST_NODES = 150
MOST_S = 2.0


class Renewal:
    """Picks parts and renews them; the same seed picks the same.

    Args:
        problem: with capacity; customers are whole.
        seed: of the choice of parts.
        clock: when to stop.
        better: returns a cheaper assignment of a part than the one given, or None where there
            is none or none was found; by default HiGHS looks for it.
    """

    def __init__(
        self, problem: Facilities, seed: int, clock: Clock, better: Better | None = None
    ) -> None:
        self._better = self._solved if better is None else better
        self._problem, self._seed, self._clock = problem, seed, clock
        self._rng = np.random.default_rng(seed)
        self._seen: set[tuple[bytes, bytes]] = set()

    def __call__(self, who: Ints, tries: int, most_customers: int = MOST_CUSTOMERS) -> Ints | None:
        """Return a cheaper assignment, after at most so many parts without gain; else None.

        Args:
            who: facility of each customer.
            tries: parts in a row that may bring nothing.
            most_customers: of one part.
        """
        best, missed = who, 0
        while missed < tries and not self._clock.is_over():
            found = self._renewed(best, most_customers)
            missed = missed + 1 if found is None else 0
            best = best if found is None else found
        return None if best is who else best

    def _renewed(self, who: Ints, most_customers: int) -> Ints | None:
        sites, customers = self._part(who, most_customers)
        key = (sites.tobytes(), who[customers].tobytes())
        if key in self._seen:
            return None
        self._seen.add(key)
        whole = self._problem
        part = Facilities(
            "part",
            whole.fixed[sites],
            whole.demand[customers],
            whole.cost[np.ix_(sites, customers)],
            whole.room[sites],
            True,
        )
        place = {int(site): number for number, site in enumerate(sites)}
        now = np.array([place[int(site)] for site in who[customers]])
        chosen = self._better(part, now)
        if chosen is None:
            return None
        renewed = who.copy()
        renewed[customers] = sites[chosen]
        return renewed

    def _part(self, who: Ints, most_customers: int) -> tuple[Ints, Ints]:
        """Return facilities near a random open one, some closed ones, and the customers."""
        cost, rng = self._problem.cost, self._rng
        opened = np.unique(who)
        centre = who == rng.choice(opened)
        distance = cost[np.ix_(opened, centre)].sum(axis=1) * rng.uniform(0.7, 1.3, len(opened))
        distance[opened == who[centre][0]] = -1.0
        count = np.bincount(who, minlength=self._problem.sites)[opened]
        order = np.argsort(distance, kind="stable")
        taken = int(np.searchsorted(np.cumsum(count[order]), most_customers))
        near = opened[order[: max(2, taken)]]
        customers = np.flatnonzero(np.isin(who, near))
        gain = self._gains(who, customers)
        gain[opened] = -np.inf
        gain += np.abs(gain, where=np.isfinite(gain), out=np.zeros_like(gain)) * rng.uniform(
            0.0, 0.5, len(gain)
        )
        tried = np.argsort(-gain, kind="stable")[:CLOSED_TRIED]
        tried = tried[np.isfinite(gain[tried])]
        return np.sort(np.concatenate([near, tried])), customers

    def _gains(self, who: Ints, customers: Ints) -> Floats:
        """Return what opening each facility for these customers would save at most."""
        problem = self._problem
        paid = problem.cost[who[customers], customers]
        saved = np.maximum(paid - problem.cost[:, customers], 0.0)
        sizes = problem.demand[customers]
        order = np.argsort(-saved / np.maximum(sizes, 1e-9), axis=1)
        held = np.cumsum(sizes[order], axis=1)
        saved = np.take_along_axis(saved, order, axis=1)
        gain: Floats = (saved * (held <= problem.room[:, None])).sum(axis=1) - problem.fixed
        return gain

    def _solved(self, part: Facilities, now: Ints) -> Ints | None:
        """Return a cheaper assignment of the part, or None where none was found."""
        everyone = np.arange(part.customers)
        used = np.unique(now)
        paid = float(part.cost[now, everyone].sum() + part.fixed[used].sum())
        near = np.argsort(part.cost, axis=0)[:CHEAPEST]
        services = np.zeros(part.cost.shape, dtype=bool)
        services[near, everyone] = True
        services[now, everyone] = True
        state = np.full(part.sites, FREE, dtype=np.int8)
        problem, sites, pairs = rest_problem(part, state, services)
        start = np.zeros(problem.columns)
        start[used] = 1.0
        start[len(sites) :] = now[pairs[:, 1]] == pairs[:, 0]
        found = lp.solve(
            problem,
            gap_share=1e-5,
            time_limit_s=max(0.02, min(MOST_S, self._clock.left_s)),
            seed=self._seed,
            threads=1,
            start=start,
            stop=self._clock.is_over,
            extra={"mip_max_nodes": MOST_NODES},
        )
        if not found.has_answer:
            return None
        taken = pairs[found.x[len(sites) :] > 0.5]
        chosen = np.zeros(part.customers, dtype=np.int64)
        chosen[taken[:, 1]] = taken[:, 0]
        value = float(part.cost[chosen, everyone].sum() + part.fixed[np.unique(chosen)].sum())
        return chosen if value < paid - 1e-9 * max(1.0, abs(paid)) else None
