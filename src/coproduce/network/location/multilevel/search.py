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

from coproduce.engines import lp
from coproduce.network.location.multilevel.bound import Bools, Dual, Prices
from coproduce.network.location.multilevel.flow import Served, Service
from coproduce.network.location.multilevel.kernel import compiled_moves
from coproduce.network.location.types import Floats, Ints

_POOL = 40  # bounds kept; the oldest goes first, but never the one of the climb
_TRIES = 400  # neighbours served before a valley is taken as a valley
_POOL_OF_PAIRS = 6  # bounds that two moves at once are held against
_MOST_PAIRS = 200_000  # pairs of moves kept before the best are taken
_DOUBLE_TRIES = 300
_MOST_WORK = 10**9  # sums for one round of pairs, a second or so; above it there is none
_MOST_ROWS = 40  # products for which the cheapest set that covers all is solved for
_COVER_OPTIONS = {"mip_max_nodes": 300}


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
            compiled_moves().bound_moves(base, gained, out, into, bounds)
        else:
            for layer in range(self.levels.products):
                value = base[:, layer, None] + gained[:, layer, out] - gained[:, layer, into]
                bounds += np.maximum(value.max(axis=0), 0.0)
        order = np.argsort(bounds, kind="stable")
        order = order[bounds[order] < _below(limit)]
        return [(int(out[at]), int(into[at])) for at in order]

    def pairs(self, opened: Bools, *, is_loose: bool = False) -> tuple[Ints, Ints]:
        """Return all drops (out, -1), openings (-1, in) and swaps within a level.

        Only those that leave room enough, if not loose.
        """
        plants, outs, intos = self.levels.plants, [], []
        for first, last in ((0, plants), (plants, len(opened))):
            inside = np.flatnonzero(opened[first:last]) + first
            outside = np.flatnonzero(~opened[first:last]) + first
            if not len(inside):
                continue
            out, into = np.append(inside, -1), np.append(outside, -1)
            fits = np.ones((len(out), len(into)), dtype=bool)
            if not is_loose:
                room = self.capacity[:, inside].sum(axis=1)[:, None] - self.room(out)
                after = room[:, :, None] + self.room(into)[:, None, :]
                fits = (after >= self.need[:, None, None]).all(axis=0)
            fits[-1, -1] = False
            at_out, at_in = np.nonzero(fits)
            outs.append(out[at_out])
            intos.append(into[at_in])
        return np.concatenate(outs), np.concatenate(intos)

    def room(self, which: Ints) -> Floats:
        """Return the capacity of facilities, 0 for -1, shape ``(L, len(which))``."""
        return np.where(which >= 0, self.capacity[:, which], 0.0)

    def double_moves(self, opened: Bools, limit: float) -> list[tuple[int, ...]]:
        """Return facilities to flip, by two moves at once, that may cost less than a limit.

        In the order of their bounds, which the prices that say most about the set give.
        """
        if not self.dual.is_fast:
            return []  # a million bounds: only where they are compiled
        out, into = self.pairs(opened, is_loose=True)
        if len(out) ** 2 * _POOL_OF_PAIRS * len(self.need) > _MOST_WORK:
            return []
        plants = self.levels.plants
        base = self.constants - self.earned[:, :, opened].sum(axis=2)
        best = np.argsort(-base.sum(axis=1), kind="stable")[:_POOL_OF_PAIRS]
        earned = np.concatenate([self.earned[best], np.zeros((len(best), len(self.need), 1))], 2)
        gained = np.ascontiguousarray((earned[:, :, out] - earned[:, :, into]).transpose(2, 0, 1))
        fixed = np.append(self.dual.fixed, 0.0)
        held = [self.capacity[:, :plants], self.capacity[:, plants:]]
        parts = [opened[:plants], opened[plants:]]
        left = [
            room[:, part].sum(axis=1) - self.need for room, part in zip(held, parts, strict=True)
        ]
        first, second, bounds = compiled_moves().bound_pairs(
            base[best],
            gained,
            np.append(fixed[:-1][opened].sum(), fixed[into] - fixed[out]),
            np.array(left),
            np.ascontiguousarray((self.room(into) - self.room(out)).T),
            out,
            into,
            plants,
            _below(limit),
            _MOST_PAIRS,
        )
        order = np.argsort(bounds, kind="stable")
        flips = np.stack([out[first], into[first], out[second], into[second]], axis=1)[order]
        return [tuple(int(at) for at in flip if at >= 0) for flip in flips[:_DOUBLE_TRIES]]

    def descend(self, opened: Bools, *, is_deep: bool = False) -> Bools:
        """Return the end of a descent by best-bounded moves.

        Args:
            is_deep: where no single move is better, try two at once.
        """
        now, cost = opened, self.visit(opened)
        while not self.is_over():
            moves: list[tuple[int, ...]] = [*self.moves(now, cost)[:_TRIES]]
            better = self.first_better(now, cost, moves)
            if better is None and is_deep and not self.is_over():
                better = self.first_better(now, cost, self.double_moves(now, cost))
            if better is None:
                break
            now, cost = better
        return now

    def first_better(
        self, now: Bools, cost: float, moves: list[tuple[int, ...]]
    ) -> tuple[Bools, float] | None:
        """Return the first set that costs less, with its cost; None if none does."""
        wanted = _below(cost, 1e-9)
        for flips in moves:
            if self.is_over():
                return None
            other = now.copy()
            for at in flips:
                if at >= 0:
                    other[at] = not other[at]
            if (value := self.visit(other, wanted)) < wanted:
                return other, value
        return None

    def covered(self, score: Floats) -> Bools:
        """Return the set of least score that is enough for every product at once."""
        opened = np.zeros(len(score), dtype=bool)
        if len(self.need) > _MOST_ROWS:
            return self.repaired(-score)
        for part in (slice(0, self.levels.plants), slice(self.levels.plants, None)):
            room = self.capacity[:, part]
            if not room.shape[1]:
                continue
            made = lp.Builder()
            columns = made.add_columns(
                room.shape[1], cost=np.maximum(score[part], 0.0), upper=1.0, is_integer=True
            )
            for layer in range(len(self.need)):
                made.add_entries(made.add_rows(1, lower=self.need[layer]), columns, room[layer])
            found = lp.solve(made.problem(), gap_share=0.01, threads=1, extra=_COVER_OPTIONS)
            if found.has_answer:
                opened[part] = found.x > 0.5
        return self.repaired(np.where(opened, 1.0, -score / (1.0 + np.abs(score).max())))

    def favoured(self, share: Floats) -> Bools:
        """Return as many facilities as the relaxation opens, those it opens most often."""
        score = np.zeros(len(share))
        for part in (slice(0, self.levels.plants), slice(self.levels.plants, None)):
            rank = np.argsort(np.argsort(-share[part], kind="stable"), kind="stable")
            is_in = rank < round(float(share[part].sum()))
            score[part] = np.where(is_in, 1.0, 0.5 * np.clip(share[part], 0.0, 1.0))
        return self.repaired(score)

    def shaken(self, opened: Bools, out: int, into: int) -> Bools:
        """Return the set with so many facilities shut and opened by chance, repaired."""
        score = np.where(opened, 1.0, 0.0)
        inside, outside = np.flatnonzero(opened), np.flatnonzero(~opened)
        for _ in range(out):
            score[self.random.choice(inside)] = 0.2
        if len(outside):
            reduced = self.reduced[outside]
            weight = np.exp(-(reduced - reduced.min()) / max(1e-9, reduced.std()))
            score[self.random.choice(outside, into, p=weight / weight.sum())] = 0.9
        score += 0.09 * self.random.random(len(score)) * (score < 0.5)
        return self.repaired(score)

    def run(self, share: Floats, *, kicks: int) -> None:
        """Descend from what the climb favours, then from shaken best answers.

        Args:
            share: how often the relaxation opens each facility, shape ``(I + J,)``.
            kicks: shaken starts at most.
        """
        self.descend(self.covered(self.reduced), is_deep=True)
        self.descend(self.favoured(share), is_deep=True)
        for number in range(kicks):
            if self.is_over() or self.best is None:
                return
            # Mostly from the best; sometimes what prices or the relaxation favour, by chance.
            if number % 6 == 2:
                noise = self.random.random(len(share))
                reduced = np.maximum(self.reduced, 0.0)
                start = self.covered(reduced * (1.0 + 0.2 * noise) + 0.05 * reduced.std() * noise)
            elif number % 6 == 5:
                start = self.favoured(share + 0.5 * (self.random.random(len(share)) - 0.5) * share)
            else:
                out, into = self.random.integers(0, 4, 2)
                start = self.shaken(self.best.opened, int(out), int(max(into, out == 0)))
            self.descend(start, is_deep=True)


def _below(cost: float, share: float = 1e-7) -> float:
    """Return a cost that is lower by more than rounding."""
    return cost - share * abs(cost) if np.isfinite(cost) else cost
