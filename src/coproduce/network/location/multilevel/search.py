"""Local search over what is open; the prices of each visited answer bound its neighbours.

At the prices of an answer the Lagrangian value equals its cost, and with any other set open it is
a lower bound of that set's cost. Once it is decided what is open, products do not touch one
another: each may be bounded by the prices that say most about it, whichever answer they come
from. So neighbours that cannot be better are passed over unserved, the others are tried in the
order of their bounds, and a service is given up once what is served and the bounds of the rest
reach the cost to beat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coproduce.network.location.multilevel.bound import Bools, Dual, Prices
from coproduce.network.location.multilevel.flow import Served, Service
from coproduce.network.location.multilevel.kernel import compiled
from coproduce.network.location.types import Floats, Ints

_POOL = 40  # bounds kept; the oldest goes first, but never the one of the climb
_TRIES = 400  # neighbours served before a valley is taken as a valley


@dataclass(slots=True)
class Best:
    """The cheapest answer so far."""

    opened: Bools
    served: Served


class Search:
    """Moves between sets of open facilities.

    Args:
        dual: prices the network.
        seed: of the moves.
        is_over: asked before each service; True ends the search.
        found: called with each better answer.
    """

    def __init__(
        self,
        dual: Dual,
        *,
        seed: int,
        is_over: Callable[[], bool],
        found: Callable[[float], None] | None = None,
    ) -> None:
        self.dual, self.levels = dual, dual.levels
        self.service = Service(self.levels, is_fast=dual.is_fast)
        self.random = np.random.default_rng(seed)
        self.is_over, self.found = is_over, found
        self.best: Best | None = None
        self.seen: dict[bytes, float] = {}  # cost, or what it is sure to reach
        self.is_exact: dict[bytes, bool] = {}
        self.constants = np.zeros((0, self.levels.products))
        self.earned = np.zeros((0, self.levels.products, len(dual.fixed)))
        self.capacity = np.concatenate(
            [self.levels.plant_capacity, self.levels.depot_capacity], axis=1
        )
        self.need = self.levels.demand.sum(axis=1)

    @property
    def reduced(self) -> Floats:
        """Reduced cost of opening each facility at the prices of the climb."""
        reduced: Floats = self.dual.fixed - self.earned[0].sum(axis=0)
        return reduced

    def learn(self, prices: Prices, *, is_first: bool = False) -> None:
        """Keep the bound that these prices give to every set, in the first place if asked."""
        constant = (prices.demand * self.levels.demand).sum(axis=1)[None]
        earned = self.dual.earned(prices)[None]
        if is_first:
            self.constants = np.concatenate([constant, self.constants[1:]])
            self.earned = np.concatenate([earned, self.earned[1:]])
            return
        keep = [at for at in range(len(self.constants)) if at != 1 or len(self.constants) < _POOL]
        self.constants = np.concatenate([self.constants[keep], constant])
        self.earned = np.concatenate([self.earned[keep], earned])

    def least(self, opened: Bools) -> Floats:
        """Return what the flows of each product cost at least with such a set open."""
        if not len(self.constants):
            return np.zeros(self.levels.products)
        bounds: Floats = (self.constants - self.earned[:, :, opened].sum(axis=2)).max(axis=0)
        return np.maximum(bounds, 0.0)

    def visit(self, opened: Bools, limit: float = np.inf) -> float:
        """Return the cost of a set, or what it is sure to reach if that is above the limit.

        A set that cannot hold the demand costs inf.
        """
        key = np.packbits(opened).tobytes()
        if key in self.seen and (self.is_exact[key] or self.seen[key] >= limit):
            return self.seen[key]
        served = self.service.serve(opened, least=self.least(opened), limit=limit)
        cost = served.cost if served is not None else np.inf if limit == np.inf else limit
        self.seen[key] = cost
        self.is_exact[key] = served is not None or limit == np.inf
        if served is not None:
            self.learn(served.prices)
            if self.best is None or cost < self.best.served.cost - 1e-9 * abs(cost):
                self.best = Best(opened.copy(), served)
                if self.found is not None:
                    self.found(cost)
        return cost

    def is_enough(self, opened: Bools) -> bool:
        """The open facilities of each level can hold the demand of each product."""
        plants = self.levels.plants
        held = self.capacity[:, opened]
        parts = [held[:, opened[:plants].sum() :]]
        if plants:
            parts.append(held[:, : opened[:plants].sum()])
        return all(bool((part.sum(axis=1) >= self.need).all()) for part in parts)

    def repaired(self, score: Floats) -> Bools:
        """Return a set that is enough, opened in falling order of `score`."""
        opened = score > 0.5
        for part in (slice(0, self.levels.plants), slice(self.levels.plants, None)):
            order = np.argsort(-score[part], kind="stable")
            for at in order:
                held = (self.capacity[:, part] * opened[part]).sum(axis=1)
                if (held >= self.need).all():
                    break
                opened[part][at] = True
        return opened

    def moves(self, opened: Bools, limit: float) -> list[tuple[int, int]]:
        """Return (out, in) pairs, -1 for none, that stay enough and may cost less than a limit.

        In the order of their bounds.
        """
        out, into = self.pairs(opened)
        base = self.constants - self.earned[:, :, opened].sum(axis=2)
        bounds = np.full(len(out), float(self.dual.fixed[opened].sum()))
        gained = np.concatenate([self.earned, np.zeros((*self.earned.shape[:2], 1))], axis=2)
        fixed = np.append(self.dual.fixed, 0.0)  # the last stands for "none"
        bounds += fixed[into] - fixed[out]
        if self.dual.is_fast:
            compiled().bound_moves(base, gained, out, into, bounds)
        else:
            for layer in range(self.levels.products):
                value = base[:, layer, None] + gained[:, layer, out] - gained[:, layer, into]
                bounds += np.maximum(value.max(axis=0), 0.0)
        order = np.argsort(bounds, kind="stable")
        order = order[bounds[order] < limit - 1e-7 * abs(limit)]
        return [(int(out[at]), int(into[at])) for at in order]

    def pairs(self, opened: Bools) -> tuple[Ints, Ints]:
        """Return all drops, openings and swaps within a level after which there is room enough."""
        plants, outs, intos = self.levels.plants, [], []
        for first, last in ((0, plants), (plants, len(opened))):
            inside = np.flatnonzero(opened[first:last]) + first
            outside = np.flatnonzero(~opened[first:last]) + first
            if not len(inside):
                continue
            held = self.capacity[:, inside].sum(axis=1)
            out = np.append(inside, -1)
            into = np.append(outside, -1)
            lost, won = self.capacity[:, inside], self.capacity[:, outside]
            none = np.zeros((len(held), 1))
            room = held[:, None] - np.concatenate([lost, none], axis=1)
            after = room[:, :, None] + np.concatenate([won, none], axis=1)[:, None, :]
            fits = (after >= self.need[:, None, None]).all(axis=0)
            fits[-1, -1] = False
            at_out, at_in = np.nonzero(fits)
            outs.append(out[at_out])
            intos.append(into[at_in])
        return np.concatenate(outs), np.concatenate(intos)

    def descend(self, opened: Bools) -> Bools:
        """Return the end of a descent by best-bounded moves."""
        now = opened
        cost = self.visit(now)
        while not self.is_over():
            wanted = cost - 1e-9 * abs(cost)
            for out, into in self.moves(now, cost)[:_TRIES]:
                if self.is_over():
                    return now
                other = now.copy()
                if out >= 0:
                    other[out] = False
                if into >= 0:
                    other[into] = True
                if (value := self.visit(other, wanted)) < wanted:
                    now, cost = other, value
                    break
            else:
                return now
        return now

    def shaken(self, opened: Bools, strength: int) -> Bools:
        """Return the set after a few random swaps, repaired."""
        score = np.where(opened, 1.0, 0.0)
        inside, outside = np.flatnonzero(opened), np.flatnonzero(~opened)
        reduced = self.reduced[outside]
        weight = np.exp(-(reduced - reduced.min()) / max(1e-9, reduced.std()))
        for _ in range(strength):
            score[self.random.choice(inside)] = 0.2
            if len(outside):
                score[self.random.choice(outside, p=weight / weight.sum())] = 0.9
        score += 0.09 * self.random.random(len(score)) * (score < 0.5)
        return self.repaired(score)

    def run(self, share: Floats, *, kicks: int) -> None:
        """Descend from the relaxation's answer, then from shaken best answers.

        Args:
            share: how often the relaxation opens each facility, shape ``(I + J,)``.
            kicks: shaken starts at most.
        """
        now = self.descend(self.repaired(share))
        for number in range(kicks):
            if self.is_over() or self.best is None:
                return
            # Mostly from the best; sometimes the relaxation's own answer, dimmed by chance.
            if number % 6 == 5:
                noise = 0.5 * self.random.random(len(share))
                start = self.repaired(np.clip(share + noise - 0.25, 0.0, 1.0))
            else:
                start = self.shaken(self.best.opened, 1 + number % 3)
            now = self.descend(start)
        del now
