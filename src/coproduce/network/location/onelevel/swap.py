"""Local search over the open facilities: add, drop or swap one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coproduce.network.location.clock import Clock
from coproduce.network.location.onelevel.dual import Point
from coproduce.network.location.onelevel.tree import Tree
from coproduce.network.location.types import Facilities, Floats

MOST_PRICED = 4


def improve(problem: Facilities, tree: Tree, point: Point, clock: Clock) -> None:
    """Offer `tree` neighbours of its best answer until none is better."""
    if not tree.best.opened:
        return
    if problem.capacity is None:
        tree.offer(descend(problem, tree.best.opened, clock.is_over)[0])
        return
    while not clock.is_over():
        before = tree.best.objective
        for opened in _promising(problem, tree.best.opened, point, before)[:MOST_PRICED]:
            tree.offer(opened)
            if tree.best.objective < before:
                break
        if tree.best.objective >= before:
            return


def descend(
    problem: Facilities, opened: tuple[int, ...], is_over: Callable[[], bool]
) -> tuple[tuple[int, ...], int]:
    """Return the end of a steepest descent without capacities, and the steps that it took.

    Source: Resende, Werneck (2006) for the gains and losses of a swap.
    """
    sites, steps = set(opened), 0
    while not is_over():
        steps += 1
        gain, move = _best_move(problem, np.array(sorted(sites)))
        if gain <= least_gain(problem):
            break
        add, drop = move
        if add >= 0:
            sites.add(add)
        if drop >= 0:
            sites.discard(drop)
    return tuple(sorted(sites)), steps


def least_gain(problem: Facilities) -> float:
    """Return what a move must save more than, to be more than rounding."""
    return 1e-9 * max(1.0, abs(float(problem.cost.max())))


def _best_move(problem: Facilities, sites: np.ndarray) -> tuple[float, tuple[int, int]]:
    """Return the largest saving and (facility to add, facility to drop), -1 for neither."""
    cost = problem.cost[sites]
    order = np.argsort(cost, axis=0, kind="stable")[:2]
    first = np.take_along_axis(cost, order[:1], 0)[0]
    second = (
        np.take_along_axis(cost, order[1:2], 0)[0]
        if len(sites) > 1
        else np.full(problem.customers, np.inf)
    )
    saved = np.maximum(first - problem.cost, 0.0)
    gain: Floats = saved.sum(axis=1) - problem.fixed
    gain[sites] = -np.inf
    moves = [(float(gain.max()), (int(gain.argmax()), -1))]
    owner = order[0]
    if len(sites) > 1:
        loss = np.bincount(owner, weights=second - first, minlength=len(sites))
        drop = problem.fixed[sites] - loss
        moves.append((float(drop.max()), (-1, int(sites[drop.argmax()]))))
        # What a drop loses is less where the added facility serves the customer at once.
        kept = np.maximum(np.minimum(second, np.inf) - np.maximum(first, problem.cost), 0.0)
        relief = np.maximum(kept, 0.0)
        who = np.zeros((problem.customers, len(sites)))
        who[np.arange(problem.customers), owner] = 1.0
        better = np.where(problem.cost < first, second - first, np.maximum(relief, 0.0))
        swap = gain[:, None] + drop[None, :] + better @ who
        place = int(swap.argmax())
        add, away = divmod(place, len(sites))
        moves.append((float(swap.flat[place]), (add, int(sites[away]))))
    return max(moves, key=lambda move: move[0])  # of equals the first


def _promising(
    problem: Facilities, opened: tuple[int, ...], point: Point, best: float
) -> list[tuple[int, ...]]:
    """Return neighbours that the prices allow to be better, the most promising first."""
    room = problem.room
    is_open = np.zeros(problem.sites, dtype=bool)
    is_open[list(opened)] = True
    worth = np.where(np.isfinite(point.worth), point.worth, 1e300)
    base = float(point.prices.sum() + worth[is_open].sum())
    inside = np.append(np.flatnonzero(is_open), -1)
    outside = np.append(np.flatnonzero(~is_open), -1)
    lost = np.append(worth[is_open], 0.0)
    added = np.append(worth[~is_open], 0.0)
    room_lost = np.append(room[is_open], 0.0)
    room_added = np.append(room[~is_open], 0.0)
    spare = float(room[is_open].sum() - problem.demand.sum())
    value = base - lost[:, None] + added[None, :]
    fits = spare - room_lost[:, None] + room_added[None, :] >= 0
    value = np.where(fits, value, np.inf)
    value[-1, -1] = np.inf
    ranked = np.argsort(value, axis=None)[: 3 * MOST_PRICED]
    found = []
    for place in ranked:
        drop, add = divmod(int(place), len(outside))
        if value[drop, add] >= best:
            break
        sites = set(opened) - {int(inside[drop])} | {int(outside[add])}
        found.append(tuple(sorted(sites - {-1})))
    return found
