"""Tabu search over assignments to open facilities that may overfill rooms at a price.

Where rooms hold the demand nearly to the last unit, shifts and exchanges that keep within them
lead nowhere. Here rooms may be overfilled at a price that rises while no assignment fits and
falls while all do, so that the search swings about the border of what fits (strategic
oscillation; Gendreau, Hertz, Laporte 1994; Yagiura, Ibaraki, Glover 2004).

Compiled by numba where it is installed, else run as it stands. Arrays: ``cost``, ``may``,
``until`` and ``held`` have shape ``(k, n)`` for ``k`` open facilities, ``rooms``, ``load`` and
``row`` ``(k,)``, ``sizes``, ``who`` and ``at`` ``(n,)``; sizes and rooms are whole numbers of one
unit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.network.location.onelevel.closing import services_left
from coproduce.network.location.onelevel.dual import CLOSED, OPEN
from coproduce.network.location.onelevel.rest import Rest, Units
from coproduce.network.location.onelevel.rows import compiled
from coproduce.network.location.types import Floats, Ints

TURN = 10  # steps after which the price of a unit too much is looked at again
HARDER = 1.25  # its change
TENURE = 8  # steps, at least, for which a customer stays away from where it left
PATIENCE = 2000  # steps without a better answer before some customers are kicked
STEP = 10  # exchanges whose work equals that of a step without any, for each customer
MOST_STEPS = 25_000  # of one search
KICKED = 60  # of 1,000 customers, moved at random then
AWAY = 3  # every so manyth kick starts from where the search stands, not from the best answer


@compiled
def drawn(dice: Ints, below: Any) -> Any:
    """Return a random whole number from 0 to ``below - 1``; `dice` holds the state.

    A linear congruence of its own, so that compiled code and numpy draw alike.
    """
    dice[0] = (dice[0] * 1103515245 + 12345) % 2147483648
    return (dice[0] >> 8) % below


@compiled
def overfilled(load: Ints, rooms: Ints) -> Any:
    """Return how many units are too much in all."""
    over: Any = 0
    for site in range(len(rooms)):
        over += max(0, load[site] - rooms[site])
    return over


@compiled
def too_much(load: Ints, rooms: Ints, site: Any, more: Any) -> Any:
    """Return by how many units more a facility is overfilled once it holds `more` more."""
    return max(0, load[site] + more - rooms[site]) - max(0, load[site] - rooms[site])


@compiled
def put(
    who: Ints, load: Ints, sizes: Ints, row: Ints, at: Ints, held: Ints, customer: Any, to: Any
) -> None:
    """Move a customer to facility `to`; ``held[i, :row[i]]`` are those of ``i``."""
    here = who[customer]
    last = held[here, row[here] - 1]
    held[here, at[customer]] = last
    at[last] = at[customer]
    row[here] -= 1
    held[to, row[to]] = customer
    at[customer] = row[to]
    row[to] += 1
    load[here] -= sizes[customer]
    load[to] += sizes[customer]
    who[customer] = to


@compiled
def best_swap(
    cost: Floats, rooms: Ints, sizes: Ints, may: Any, load: Ints, row: Ints, held: Ints,
    until: Ints, now: Any, price: float, over: Any, least: float, customer: Any, here: Any,
    there: Any, best: float, ties: Any, dice: Ints,
) -> Any:  # fmt: skip
    """Return ``(change, other, ties)`` of the best exchange with a customer of `there`.

    `other` is -1 where none is better than `best`, which `ties` moves reach; the rest is as of
    `best_step`. Customers of lower number are left out: they meet the pair themselves.
    """
    gain = cost[there, customer] - cost[here, customer]
    is_tabu, other = until[there, customer] > now, -1
    for spot in range(row[there]):
        two = held[there, spot]
        if two < customer or not may[here, two]:
            continue
        paid = gain + cost[here, two] - cost[there, two]
        if paid > best + price * over:
            continue
        extra = sizes[customer] - sizes[two]
        more = too_much(load, rooms, here, -extra) + too_much(load, rooms, there, extra)
        change = paid + price * more
        is_held = is_tabu or until[here, two] > now
        if change > best or (is_held and not (over + more == 0 and paid < least)):
            continue
        ties = ties + 1 if change == best else 1
        if change < best or drawn(dice, ties) == 0:
            best, other = change, two
    return best, other, ties


@compiled
def best_step(
    cost: Floats,
    rooms: Ints,
    sizes: Ints,
    choices: Ints,
    may: Any,
    who: Ints,
    load: Ints,
    row: Ints,
    held: Ints,
    until: Ints,
    now: Any,
    price: float,
    over: Any,
    least: float,
    dice: Ints,
) -> Any:
    """Return ``(change, customer, other or -1, facility)`` of the best move that is not tabu.

    Args:
        until: step until which a customer may not return to a facility.
        now: the step.
        price: of a unit too much, of which there are `over`.
        least: change in cost below which a move to what fits is taken though tabu.
    """
    best, one, other, to, ties = np.inf, -1, -1, -1, 1
    for customer in range(len(sizes)):
        here, size = who[customer], sizes[customer]
        for there in choices[customer]:
            if there < 0:
                break
            if there == here:
                continue
            gain = cost[there, customer] - cost[here, customer]
            is_tabu = until[there, customer] > now
            more = too_much(load, rooms, here, -size) + too_much(load, rooms, there, size)
            change = gain + price * more
            if change <= best and (not is_tabu or (over + more == 0 and gain < least)):
                ties = ties + 1 if change == best else 1
                if change < best or drawn(dice, ties) == 0:
                    best, one, other, to = change, customer, -1, there
            best, two, ties = best_swap(
                cost, rooms, sizes, may, load, row, held, until, now, price, over, least,
                customer, here, there, best, ties, dice,
            )  # fmt: skip
            if two >= 0:
                one, other, to = customer, two, there
    return best, one, other, to


@compiled
def enter(
    cost: Floats, sizes: Ints, who: Ints, load: Ints, row: Ints, at: Ints, held: Ints
) -> float:
    """Fill the last four arrays for the assignment `who`; return its cost."""
    value: Any = 0.0
    for customer in range(len(sizes)):
        here = who[customer]
        load[here] += sizes[customer]
        at[customer] = row[here]
        held[here, row[here]] = customer
        row[here] += 1
        value += cost[here, customer]
    return float(value)


@compiled
def kick(
    cost: Floats, sizes: Ints, choices: Ints, who: Ints, load: Ints, row: Ints, at: Ints,
    held: Ints, start: Ints, dice: Ints,
) -> float:  # fmt: skip
    """Take up `start`, some customers moved at random; return the change in cost."""
    change: Any = 0.0
    for customer in range(len(sizes)):
        here, to = who[customer], start[customer]
        if drawn(dice, 1000) < KICKED:
            count = 0
            while count < choices.shape[1] and choices[customer, count] >= 0:
                count += 1
            to = choices[customer, drawn(dice, count)]
        if to != here:
            change += cost[to, customer] - cost[here, customer]
            put(who, load, sizes, row, at, held, customer, to)
    return float(change)


@compiled
def repriced(price: float, fitting: Any) -> float:
    """Return the price of a unit too much after a turn in which so many assignments fitted."""
    if fitting == 0:
        return price * HARDER
    return price / HARDER if fitting == TURN else price


@compiled
def oscillate(
    cost: Floats, rooms: Ints, sizes: Ints, choices: Ints, may: Any, who: Ints, best: Ints,
    least: float, price: float, steps: Any, dice: Ints,
) -> float:  # fmt: skip
    """Return the cost of the best assignment that fits, or `least`; `best` takes it.

    Args:
        choices: facilities that may serve each customer, -1 after the last, shape ``(n, k)``.
        may: the same as a mask.
        who: where to start; need not fit.
        best: where kicks start from: costs `least` or less, or need not fit.
        price: of a unit too much, at first.
    """
    sites, customers = cost.shape
    load, row = np.zeros(sites, np.int64), np.zeros(sites, np.int64)
    held, at = np.zeros((sites, customers), np.int64), np.zeros(customers, np.int64)
    until = np.zeros((sites, customers), np.int64)
    value: Any = enter(cost, sizes, who, load, row, at, held)
    fitting, stall, hair = 0, 0, 1e-9 * (1.0 + abs(value))
    for now in range(1, steps + 1):
        over = overfilled(load, rooms)
        _, one, other, to = best_step(
            cost, rooms, sizes, choices, may, who, load, row, held, until, now, price, over,
            least - value - hair, dice,
        )  # fmt: skip
        if one >= 0:
            here = who[one]
            until[here, one] = now + TENURE + drawn(dice, TENURE)
            value += cost[to, one] - cost[here, one]
            put(who, load, sizes, row, at, held, one, to)
            if other >= 0:
                until[to, other] = now + TENURE + drawn(dice, TENURE)
                value += cost[here, other] - cost[to, other]
                put(who, load, sizes, row, at, held, other, here)
        stall += 1
        if overfilled(load, rooms) == 0:
            fitting += 1
            if value < least - hair:
                least, stall = value, 0
                best[:] = who
        if now % TURN == 0:
            price, fitting = repriced(price, fitting), 0
        if stall >= PATIENCE:
            stall = 0
            start = who if drawn(dice, AWAY) == 0 else best
            value += kick(cost, sizes, choices, who, load, row, at, held, start, dice)
            until[:] = 0
    return float(least)


def improved(
    units: Units,
    sites: Ints,
    prices: Floats,
    wish: Ints,
    known: Ints | None,
    cutoff: float,
    work: int,
    dice: Ints,
) -> Ints | None:
    """Return an assignment to `sites` cheaper than `cutoff`, shape ``(n,)``; None if none is met.

    Args:
        units: the problem.
        sites: the open facilities; all of them are paid for.
        prices: of the customers; they rule services out.
        wish: facility at which each customer starts where it may, -1 for none.
        known: the best assignment so far, where it uses these facilities.
        work: exchanges looked at, about; each step looks at all that the prices leave.
        dice: state of the random numbers, shape ``(1,)``; changed.
    """
    state = np.full(units.problem.sites, CLOSED, dtype=np.int8)
    state[sites] = OPEN
    if not sites.size:
        return None
    spare = cutoff - Rest(units, ()).at(state, prices).point.bound
    if spare <= 0:
        return None
    everyone, where = np.arange(units.problem.customers), np.full(units.problem.sites, -1)
    where[sites] = np.arange(len(sites))
    may = services_left(units, state, prices, spare)[sites]
    if known is not None:
        may[where[known], everyone] = True
    if not may.any(axis=0).all():
        return None
    cost = np.ascontiguousarray(units.cost[sites])
    cheapest = np.where(may, cost, np.inf).argmin(axis=0)
    at = np.where(wish >= 0, where[wish], -1)  # -1 too for facilities outside the set
    who = np.where((at >= 0) & may[at, everyone], at, cheapest)
    best = who.copy() if known is None else where[known]
    choices = np.sort(np.where(may, np.arange(len(sites))[:, None], len(sites)), axis=0).T
    choices = np.where(choices < len(sites), choices, -1)
    price = float(cost.std(axis=0).mean() / max(1e-9, units.sizes.mean()))
    paid = float(units.problem.fixed[sites].sum())
    looked_at = may.sum() * (1 + len(everyone) / len(sites)) + STEP * len(everyone)
    steps = min(int(work // looked_at), MOST_STEPS)
    least = cutoff - paid
    found = oscillate(
        cost, units.rooms[sites], units.sizes, np.ascontiguousarray(choices), may, who, best,
        least, price, steps, dice,
    )  # fmt: skip
    return sites[best] if found < least else None


class Swings:
    """Searches among the assignments to the best answer's facilities and to others, in turn.

    Args:
        units: the problem.
        seed: of the random numbers.
    """

    def __init__(self, units: Units, seed: int) -> None:
        self._units = units
        self._dice = np.array([1 + seed % 2**30], dtype=np.int64)
        self._met: dict[tuple[int, ...], tuple[Floats, Ints]] = {}
        self._times: dict[tuple[int, ...], int] = {}
        self._searches = 0

    def note(self, chosen: Floats, prices: Floats, wish: Ints) -> None:
        """Remember a relaxation until the next search: facilities, prices, who goes where."""
        sites = tuple(np.flatnonzero(chosen > 1e-9).tolist())
        if sites not in self._met:
            self._met[sites] = (prices, wish.copy())

    def __call__(
        self, opened: tuple[int, ...], plan: list[int] | None, cutoff: float, work: int
    ) -> Ints | None:
        """Return an assignment cheaper than `cutoff`, or None.

        Args:
            opened, plan: facilities and assignment of the best answer; `plan` is None where
                there is none.
            work: as of `improved`.

        Of the sets of facilities met since the last search, the one searched least often.
        """
        self._searches += 1
        met, self._met = self._met, {}
        prices, wish = next(iter(met.values()))
        sites = min(met, key=lambda key: self._times.get(key, 0))  # the first met of equal ones
        if plan is not None and self._searches % 2:
            sites = opened
        prices, wish = met.get(sites, (prices, wish))
        self._times[sites] = self._times.get(sites, 0) + 1
        return improved(
            self._units,
            np.array(sites, dtype=np.int64),
            prices,
            wish,
            np.array(plan) if plan is not None and sites == opened else None,
            cutoff,
            work,
            self._dice,
        )


def load() -> None:
    """Load the compiled functions, as the import of a library would."""
    one, none = np.ones((1, 1)), np.zeros(1, dtype=np.int64)
    may, unit = np.ones((1, 1), dtype=np.bool_), np.ones(1, dtype=np.int64)
    choices = np.zeros((1, 1), dtype=np.int64)
    oscillate(one, unit, unit, choices, may, none, none.copy(), 2.0, 1.0, 1, unit.copy())
