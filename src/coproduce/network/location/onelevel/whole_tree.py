"""Branch and bound for whole customers where knapsacks over the room are cheap.

First over which facilities are open, then over who is served from where; each leaf is proven by
prices for whole knapsacks, so that the certificate needs no solver.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coproduce.network.location.clock import Clock
from coproduce.network.location.onelevel import oscillate, whole
from coproduce.network.location.onelevel.closing import close, services_left
from coproduce.network.location.onelevel.contest import Contest
from coproduce.network.location.onelevel.distribute import grain_of
from coproduce.network.location.onelevel.dual import CLOSED, FREE, OPEN, Ascent, Point, States
from coproduce.network.location.onelevel.pack import pack
from coproduce.network.location.onelevel.renew import Renewal
from coproduce.network.location.onelevel.rest import Move, Rest, Units, counted, first_prices
from coproduce.network.location.onelevel.swap import improve
from coproduce.network.location.onelevel.tree import Kept, Priced, Tree, rounded
from coproduce.network.location.types import Facilities, Floats, Ints, Options

FAR = 0.01  # share above the bound that steps aim at while no answer is nearer
MOST_CLIMBS, CLIMB = 30, 60  # climbs at the root, evaluations in each
SURE = 0.9  # share of the average from which a dive takes a facility or a service for settled
DIVES_AT = (1, 2, 3, 4, 5, 10, 20, 30)  # parts visited before a dive
DIVES_EVERY = 100
RENEWED_AT = (40, 150, 400)  # parts visited before the best answer is renewed
RENEWED_EVERY = 1000
RENEWED = (45, 70)  # customers of a part that is solved anew
TRIES = 20  # parts of an answer renewed in vain before the search goes on
OSCILLATED_FROM = 1200  # parts visited before a tabu search: what ends sooner needs none
OSCILLATED_EVERY = 400
EXCHANGES = 4  # that it looks at for each evaluation since the last one and unit of demand
PART_VISITED = 40
CLIMBED = 40  # evaluations of a part
ASKED_AT = (1000, 4000, 16000)  # parts with the same facilities before the solver is asked
ASKED_NODES = 500
MOST_SERVICES = 400  # a part with more of them is not for the solver
SPARE = (0.0, 0.005, 0.01, 0.002, 0.02)
DIVE_ROUNDS = 40  # evaluations per step of a dive


@dataclass(order=True, slots=True)
class Place:
    """A part of the search that waits: the lowest bound is looked at first.

    Attributes:
        node: its number in the certificate's tree.
        moves: services that are settled or barred.
        kept: prices, evaluated with these facilities and moves but for what was decided last.
    """

    bound: float
    order: int
    node: int = field(compare=False)
    state: States = field(compare=False)
    moves: tuple[Move, ...] = field(compare=False)
    kept: Kept = field(compare=False)


@dataclass(slots=True)
class Leaf:
    """Facilities that are all decided: prices found before any service was split off.

    Attributes:
        visited: parts with these facilities that were looked at.
        proven: by the solver, for all of them.
    """

    kept: Kept
    visited: int = 0
    proven: float = -np.inf


@dataclass(slots=True)
class Found:
    """What an ascent found: prices, and the averages of what was opened and served."""

    kept: Kept
    often: Floats
    usual: Floats


whole.load()
oscillate.load()


class WholeTree(Tree):
    """Searches over facilities, then services, and records what closes each part.

    Args:
        problem: with capacity; customers are whole.
        options: how to search.
        clock: when to stop.
        report: called with bound and best cost from time to time.
    """

    def __init__(
        self,
        problem: Facilities,
        options: Options,
        clock: Clock,
        report: Callable[[float, float], None],
    ) -> None:
        super().__init__(
            problem,
            self._packed,
            gap_share=options.gap_share,
            grain=grain_of(problem),
            clock=clock,
            report=report,
        )
        self._units = Units(problem)
        self.sizes, self.rooms = self._units.sizes, self._units.rooms
        self.need, self.cost = self._units.need, self._units.cost
        self.how = self._units.how
        self._order = np.argsort(-self.sizes, kind="stable").astype(np.int64)
        self._wish = np.full(problem.customers, -1, dtype=np.int64)
        self._places: list[Place] = []
        self._dived = 0
        self._leaves: dict[bytes, Leaf] = {}
        self._contest = Contest(problem.sites)
        self._options = options
        self._swings, self._oscillated = oscillate.Swings(self._units, options.seed), 0
        self._renewal = Renewal(problem, options.seed, clock, self._part_renewed)

    def run(self, climb: Callable[[], Ascent]) -> float:
        """Return the bound when all parts are closed or the time is over.

        Whole knapsacks from the first price on: `climb`, with split ones, is not needed.
        """
        self._start(first_prices(self.problem))
        while self._places and not self._clock.is_over():
            place = heapq.heappop(self._places)
            self._report(place.bound, self.best.objective)
            if place.bound >= self.cutoff:
                self._close(place.node, place.kept, place.bound)
                continue
            if not (place.state == FREE).any() and self._is_closed(place):
                continue
            self.visited += 1
            if self.visited in DIVES_AT or self.visited % DIVES_EVERY == 0:
                self._dive(place, SPARE[self._dived % len(SPARE)])
                self._dived += 1
            if self.visited in RENEWED_AT or self.visited % RENEWED_EVERY == 0:
                self._renew()
            found = self._climbed(place)
            self._swings.note(found.kept.point.chosen, found.kept.point.prices, self._wish)
            if self.visited >= OSCILLATED_FROM and self.visited % OSCILLATED_EVERY == 0:
                self._oscillate()
            self._split(place, found)
        for place in self._places:
            self._close(place.node, place.kept, place.bound)
        self._places = []
        return self.claimed

    def _is_closed(self, place: Place) -> bool:
        """Close a part whose facilities the solver has done with, asking it from time to time."""
        key = place.state.tobytes()
        leaf = self._leaves.setdefault(key, Leaf(place.kept))
        leaf.visited += 1
        if leaf.visited in ASKED_AT:
            spare = self.cutoff - leaf.kept.point.bound
            services = services_left(self._units, place.state, leaf.kept.point.prices, spare)
            if services.sum() > MOST_SERVICES:
                return False
            nodes = ASKED_NODES * (1 + ASKED_AT.index(leaf.visited)) ** 3
            who, proven = close(
                self._units,
                place.state,
                services,
                self.cutoff,
                self._options,
                self._clock,
                nodes,
            )
            self.finished += 1
            if who is not None:
                self.keep(counted(self.problem, who))
            leaf.proven = max(leaf.proven, proven)
        if leaf.proven < self.cutoff:
            return False
        self._close(place.node, place.kept, place.bound, leaf.proven)
        return True

    def improve_on(self, cost: float, most_visited: int) -> Ints | None:
        """Return an assignment cheaper than `cost`, after so many parts at most; else None."""
        self.best.objective = cost
        self._start(first_prices(self.problem))
        while self._places and self.visited < most_visited and not self._clock.is_over():
            place = heapq.heappop(self._places)
            if place.bound >= self.cutoff:
                break
            self.visited += 1
            if self.visited <= 3:
                self._dive(place, SPARE[self.visited - 1])
            self._split(place, self._climbed(place))
        return np.array(self.best.plan["assignment"]) if self.best.plan else None

    def _start(self, prices: Floats) -> None:
        state = np.full(self.problem.sites, FREE, dtype=np.int8)
        found = self._root(state, prices)
        self._split(Place(-np.inf, 0, 0, state, (), found.kept), found)

    def _renew(self) -> None:
        """Solve parts of the best answer anew, small ones first."""
        for most_customers in RENEWED:
            if self.best.plan and 3 * most_customers <= self.problem.customers:
                who = np.array(self.best.plan["assignment"])
                better = self._renewal(who, TRIES, most_customers)
                if better is not None:
                    self.keep(counted(self.problem, better))

    def _oscillate(self) -> None:
        """Search among assignments, for about the same share of the work each time."""
        parts, self._oscillated = self.visited - self._oscillated, self.visited
        work = EXCHANGES * CLIMBED * parts * self.need
        better = self._swings(
            self.best.opened, self.best.plan.get("assignment"), self.cutoff, work
        )
        if better is not None:
            self.keep(counted(self.problem, better))

    def _part_renewed(self, part: Facilities, now: Ints) -> Ints | None:
        """Return a cheaper assignment of a part of the best answer."""
        paid = counted(part, now).objective
        tree = WholeTree(part, self._options, self._clock, lambda bound, cost: None)
        return tree.improve_on(paid - 1e-9 * max(1.0, abs(paid)), PART_VISITED)

    def certificate(self) -> dict[str, Any]:
        """Return the tree, whose nodes may also split a service off."""
        return super().certificate() | {"exact_cover": bool(self.how[1])}

    def _packed(self, opened: tuple[int, ...]) -> Priced | None:
        """Return a good assignment to these facilities; None where none was found."""
        sites = np.array(opened, dtype=np.int64)
        if not opened or self.rooms[sites].sum() < self.need:
            return None
        where = np.full(self.problem.sites, -1, dtype=np.int64)
        where[sites] = np.arange(len(sites))
        wish = np.where(self._wish >= 0, where[self._wish], -1)
        who = np.empty(self.problem.customers, dtype=np.int64)
        cost = np.ascontiguousarray(self.cost[sites])
        if not pack(cost, self.rooms[sites], self.sizes, self._order, wish, who):
            return None
        return counted(self.problem, sites[who])

    def _root(self, state: States, prices: Floats) -> Found:
        """Return the prices of the root; answers met on the way are kept and improved."""
        rest = Rest(self._units, ())
        found = self._found(rest, state, rest.ascend(state, prices, 1.0, 0.0, 1, 1.0, 1))
        self.offer(self._roomy(found.kept.point.worth))
        step = 1.0
        for turn in range(MOST_CLIMBS):
            last = found.kept.point.bound
            if last >= self.cutoff or self._clock.is_over() or step < 1e-3:
                break
            far = 0.05 if turn < 4 else FAR
            raw = rest.ascend(
                state,
                found.kept.point.prices,
                self._target(last, far),
                self.cutoff,
                CLIMB,
                step,
                20,
            )
            found, step = self._found(rest, state, raw), float(raw[7])
            step = min(step, 0.3) if turn > 2 else 1.0
            self._answers(found.kept.point.chosen, found.usual, ())
            if turn > 6 and found.kept.point.bound - last < 3e-5 * abs(last):
                break
        improve(self.problem, self, found.kept.point, self._clock)
        return found

    def _target(self, bound: float, far: float = FAR) -> float:
        """Return what the steps aim at: the best cost, unless that is far above the bound."""
        return float(min(self.best.objective, bound + far * abs(bound) + 1e-6))

    def _roomy(self, worth: Floats) -> tuple[int, ...]:
        """Return facilities with a fifth more room than needed, the cheapest by unit first."""
        order = np.argsort(worth / np.maximum(self.rooms, 1e-12), kind="stable")
        count = int(np.searchsorted(np.cumsum(self.rooms[order]), 1.2 * self.need)) + 1
        return tuple(sorted(int(site) for site in order[:count]))

    def _found(self, rest: Rest, state: States, raw: Any) -> Found:
        """Return an ascent's result, evaluated at prices of few digits."""
        return Found(rest.at(state, rounded(raw[1])), raw[4], raw[5])

    def _climbed(self, place: Place) -> Found:
        """Return the best prices found for a part, from those of its parent."""
        rest = Rest(self._units, place.moves)
        raw = rest.ascend(
            place.state,
            place.kept.point.prices,
            self._target(place.bound),
            self.cutoff,
            CLIMBED,
            0.2 if place.moves else 0.3,
            8,
        )
        found = self._found(rest, place.state, raw)
        if found.kept.point.bound < place.kept.point.bound:
            found.kept = place.kept
        self._answers(found.kept.point.chosen, found.usual, place.moves)
        return found

    def _answers(self, share: Floats, usual: Floats, moves: tuple[Move, ...]) -> None:
        """Offer the facilities chosen, customers put where the average serves them."""
        chosen = share > 1e-9
        usual = np.where(chosen[:, None], usual, 0.0)
        self._wish = np.where(usual.max(axis=0) > 0, usual.argmax(axis=0), -1)
        for site, customer, is_inside in moves:
            if is_inside:
                self._wish[customer] = site
        opened = tuple(int(site) for site in np.flatnonzero(chosen))
        self.keep(self._packed(opened))
        self._tried.add(opened)

    def _dive(self, place: Place, spare: float) -> None:
        """Decide what the averages are surest of, again and again, to meet a good answer.

        Where rooms would have to be filled to the last unit none may exist: facilities are
        chosen as if the demand were larger by the share `spare`.
        """
        need = int(self.need * (1.0 + spare))
        state, moves, prices = place.state.copy(), place.moves, place.kept.point.prices
        bound = place.kept.point.bound
        while not self._clock.is_over():
            rest = Rest(self._units, moves)
            raw = rest.ascend(
                state, prices, self._target(bound), self.cutoff, DIVE_ROUNDS, 0.3, 8, need
            )
            bound, prices = raw[0], raw[1]
            if bound >= self.cutoff:
                return
            self._answers(raw[3], raw[5], moves)
            weight = 1.0 - whole.FADE ** raw[6]
            free = np.flatnonzero(state == FREE)
            if free.size:
                often = raw[4][free] / weight
                sure = np.maximum(often, 1.0 - often)
                for site in free[sure >= min(SURE, float(sure.max()))]:
                    state[site] = OPEN if raw[4][site] > 0.5 * weight else CLOSED
                continue
            possible = rest.possible(state)
            left = np.flatnonzero(rest.is_free)
            if not left.size or not possible[:, left].any(axis=0).all():
                return
            usual = np.where(possible, raw[5] / weight + 1e-9, 0.0)[:, left]
            top = usual.max(axis=0)
            moves = (*moves, *self._settled(rest, usual, left, top >= min(SURE, top.max())))

    def _settled(self, rest: Rest, usual: Floats, customers: Ints, sure: Any) -> list[Move]:
        """Return the services that a dive settles, as far as they fit."""
        held, moves = rest.left.copy(), []
        for place in np.flatnonzero(sure):
            customer, site = int(customers[place]), int(usual[:, place].argmax())
            if self.sizes[customer] <= held[site]:
                held[site] -= self.sizes[customer]
                moves.append((site, customer, True))
        return moves

    def _split(self, place: Place, found: Found | None) -> None:
        """Close a part, or decide what the prices decide and split it."""
        kept = place.kept if found is None else found.kept
        node, state, rest = place.node, place.state, Rest(self._units, place.moves)
        if kept.point.bound >= self.cutoff:
            self._close(node, kept, kept.point.bound)
            return
        total = rest.total(kept.point.prices)
        state, node = self._decided(node, state, kept, total)
        free = np.flatnonzero(state == FREE)
        if free.size:
            often = kept.point.chosen if found is None else found.often
            site, tried = self._contest(
                rest, state, kept, often, self._target(kept.point.bound), self.cutoff
            )
            closed, opened = self._branch(node, site, OPEN)
            for child, value in ((closed, CLOSED), (opened, OPEN)):
                part = state.copy()
                part[site] = value
                bound = self._with(part, kept.point, total)
                better = tried.get(value, kept)
                if better.point.bound > bound:
                    self._wait(child, part, place.moves, better, better.point.bound)
                else:
                    self._wait(child, part, place.moves, kept, bound)
            return
        self._split_service(node, state, place.moves, kept, found, rest)

    def _decided(self, node: int, state: States, kept: Kept, total: float) -> tuple[States, int]:
        """Decide facilities whose other state the prices rule out, a leaf for each."""
        state = state.copy()
        if not np.isfinite(self.best.objective):
            return state, node
        for site in np.flatnonzero(state == FREE):
            side = OPEN if kept.point.chosen[site] > 0.5 else CLOSED
            state[site] = 1 - side
            bound = self._with(state, kept.point, total)
            state[site] = FREE
            if bound >= self.cutoff:
                dead, node = self._branch(node, int(site), side)
                self._close(dead, kept, bound)
                state[site] = side
        return state, node

    def _with(self, state: States, point: Point, total: float) -> float:
        """Return the bound of prices with other facilities decided."""
        chosen = np.empty(self.problem.sites)
        worth = point.worth
        return total + float(whole.cover(worth, self.rooms, state, self.need, self.how[1], chosen))

    def _split_service(
        self,
        node: int,
        state: States,
        moves: tuple[Move, ...],
        kept: Kept,
        found: Found | None,
        rest: Rest,
    ) -> None:
        """Split by whether a contested customer is served from one facility."""
        possible = rest.possible(state)
        free = np.flatnonzero(rest.is_free)
        if not free.size or not possible[:, free].any(axis=0).all():
            bound = kept.point.bound if not free.size else np.inf
            self._close(node, kept, bound)
            return
        usual = np.zeros(self.cost.shape) if found is None else found.usual
        usual = np.where(possible, usual + 1e-9, 0.0)[:, free]
        top = usual.max(axis=0)
        score = self.sizes[free] * (1.0 - top) * np.minimum(1.0, 2.0 * top)
        place = int(score.argmax())
        customer, site = int(free[place]), int(usual[:, place].argmax())
        first = len(self._nodes)
        self._nodes += [[], []]
        self._nodes[node] = [site, customer, first, first + 1]
        for child, is_inside in ((first, False), (first + 1, True)):
            longer = (*moves, (site, customer, is_inside))
            lower = Rest(self._units, longer).at(state, kept.point.prices)
            self._wait(child, state, longer, lower, lower.point.bound)

    def _wait(
        self, node: int, state: States, moves: tuple[Move, ...], kept: Kept, bound: float
    ) -> None:
        """Queue a part, or close it where it holds no better answer."""
        if not (state == FREE).any():
            rest = Rest(self._units, moves)
            if not rest.possible(state)[:, rest.is_free].any(axis=0).all():
                bound = np.inf
        if bound >= self.cutoff or not np.isfinite(bound):
            self._close(node, kept, bound)
            return
        self._pushed += 1
        heapq.heappush(self._places, Place(bound, self._pushed, node, state, moves, kept))
