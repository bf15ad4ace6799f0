"""Whole customers to open facilities: greedy, then shifts and swaps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coproduce.network.location.onelevel.tree import Priced
from coproduce.network.location.types import Facilities, Floats, Ints

MOST_MOVES = 300


def assign(problem: Facilities, opened: tuple[int, ...]) -> Priced | None:
    """Return a good assignment to the facilities `opened`; None where none was found.

    The best of two greedy orders (large customers first; those with most to lose first), then
    improved by moving one customer or exchanging two.
    """
    if not opened:
        return None
    sites = np.array(opened, dtype=np.int64)
    cost, room = problem.cost[sites], problem.room[sites]
    best: tuple[float, Ints] | None = None
    ranked = np.sort(cost, axis=0)
    regret = ranked[1] - ranked[0] if len(sites) > 1 else ranked[0]
    for order in (np.argsort(-problem.demand), np.argsort(-regret)):
        who = _greedy(cost, room, problem.demand, order)
        if who is None:
            continue
        who = _improved(cost, room, problem.demand, who)
        value = float(cost[who, np.arange(problem.customers)].sum())
        if best is None or value < best[0]:
            best = (value, who)
    if best is None:
        return None
    chosen = sites[best[1]]
    used = np.flatnonzero(np.bincount(chosen))
    total = best[0] + float(problem.fixed[used].sum())
    return Priced(total, np.zeros(0), tuple(used.tolist()), {"assignment": chosen.tolist()})


def _greedy(
    cost: Floats, room: Floats, demand: Floats, order: npt.NDArray[np.intp]
) -> Ints | None:
    left = room.copy()
    who = np.zeros(len(demand), dtype=np.int64)
    for customer in order:
        need = demand[customer]
        offer = np.where(left >= need, cost[:, customer], np.inf)
        site = int(offer.argmin())
        if not np.isfinite(offer[site]):
            return None
        who[customer] = site
        left[site] -= need
    return who


def _improved(cost: Floats, room: Floats, demand: Floats, who: Ints) -> Ints:
    """Return the end of a steepest descent by moves and exchanges."""
    everyone = np.arange(len(demand))
    left = room - np.bincount(who, weights=demand, minlength=len(room))
    least = 1e-9 * max(1.0, float(cost.max()))
    for _ in range(MOST_MOVES):
        paid = cost[who, everyone]
        gain = np.where(left[:, None] >= demand, paid - cost, -np.inf)
        place = int(gain.argmax())
        site, customer = divmod(place, len(demand))
        if gain.flat[place] > least:
            left[who[customer]] += demand[customer]
            left[site] -= demand[customer]
            who[customer] = site
            continue
        if not _exchange(cost, demand, who, left, paid, least):
            break
    return who


def _exchange(
    cost: Floats, demand: Floats, who: Ints, left: Floats, paid: Floats, least: float
) -> bool:
    """Exchange the facilities of the two customers that save most; False where none saves."""
    there = cost[who].T  # cost of the row's customer at the column's customer's facility
    gain = paid[:, None] + paid[None, :] - there - there.T
    fits = demand[:, None] <= left[who][None, :] + demand[None, :]
    gain = np.where(fits & fits.T & (who[:, None] != who[None, :]), gain, -np.inf)
    one, two = divmod(int(gain.argmax()), len(demand))
    if not gain[one, two] > least:
        return False
    difference = demand[one] - demand[two]
    left[who[one]] += difference
    left[who[two]] -= difference
    who[one], who[two] = who[two], who[one]
    return True
