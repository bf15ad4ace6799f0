"""Local search over what is open; the prices of each visited answer bound its neighbours.

At the prices of an answer the Lagrangian value equals its cost, and with any other set open it is
a lower bound of that set's cost. So neighbours that cannot be better are passed over unserved,
and the others are tried in the order of their bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coproduce.network.location.multilevel.bound import Bools, Dual, Prices
from coproduce.network.location.multilevel.flow import Served, Service
from coproduce.network.location.types import Floats

_POOL = 60  # bounds kept; the oldest goes first
_TRIES = 25  # neighbours served before a valley is taken as a valley


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
        self.seen: dict[bytes, float] = {}
        self.constants: list[float] = []
        self.reduced: list[Floats] = []
        self.capacity = np.zeros((self.levels.products, self.levels.plants + self.levels.depots))
        self.capacity[:, : self.levels.plants] = self.levels.plant_capacity
        self.capacity[:, self.levels.plants :] = self.levels.depot_capacity
        self.need = self.levels.demand.sum(axis=1)

    def learn(self, prices: Prices) -> None:
        """Keep the bound that these prices give to every set."""
        priced = self.dual.price(prices)
        self.constants.append(priced.constant)
        self.reduced.append(priced.reduced)
        if len(self.constants) > _POOL:
            del self.constants[1], self.reduced[1]

    def visit(self, opened: Bools) -> float:
        """Return the cost of a set; inf if it cannot hold the demand."""
        key = np.packbits(opened).tobytes()
        if key in self.seen:
            return self.seen[key]
        served = self.service.serve(opened)
        cost = np.inf if served is None else served.cost
        self.seen[key] = cost
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

    def moves(self, opened: Bools) -> list[tuple[int, int]]:
        """Return (out, in) pairs, -1 for none, that stay enough, in order of their bounds."""
        plants = self.levels.plants
        chosen: list[tuple[float, int, int]] = []
        matrix, constant = np.array(self.reduced), np.array(self.constants)
        base = constant + matrix[:, opened].sum(axis=1)
        for first, last in ((0, plants), (plants, len(opened))):
            inside = np.flatnonzero(opened[first:last]) + first
            outside = np.flatnonzero(~opened[first:last]) + first
            if not len(inside):
                continue
            held = self.capacity[:, inside].sum(axis=1)
            for out in (-1, *inside):
                less = base if out < 0 else base - matrix[:, out]
                room = held if out < 0 else held - self.capacity[:, out]
                if out >= 0 and (room >= self.need).all():
                    chosen.append((float(less.max()), int(out), -1))
                fits = (room[:, None] + self.capacity[:, outside] >= self.need[:, None]).all(
                    axis=0
                )
                bounds = (less[:, None] + matrix[:, outside]).max(axis=0)
                chosen += [
                    (float(bounds[k]), int(out), int(outside[k])) for k in np.flatnonzero(fits)
                ]
        limit = self.seen[np.packbits(opened).tobytes()]
        chosen = [move for move in chosen if move[0] < limit - 1e-7 * abs(limit)]
        chosen.sort()
        return [(out, into) for _, out, into in chosen]

    def descend(self, opened: Bools) -> Bools:
        """Return the end of a descent by best-bounded moves."""
        now = opened
        cost = self.visit(now)
        while not self.is_over():
            for out, into in self.moves(now)[:_TRIES]:
                if self.is_over():
                    return now
                other = now.copy()
                if out >= 0:
                    other[out] = False
                if into >= 0:
                    other[into] = True
                if (value := self.visit(other)) < cost - 1e-9 * abs(cost):
                    now, cost = other, value
                    break
            else:
                return now
        return now

    def shaken(self, opened: Bools, strength: int) -> Bools:
        """Return the set after a few random swaps, repaired."""
        score = np.where(opened, 1.0, 0.0)
        inside, outside = np.flatnonzero(opened), np.flatnonzero(~opened)
        reduced = self.reduced[0][outside]
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
