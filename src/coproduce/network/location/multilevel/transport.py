"""The cheapest flow of each product through what is open: compiled, needs numba.

Customers are many and open depots few, so customers are no nodes: an edge from one depot to
another stands for the customer whose change of depot costs least. What is left is a network of a
source, the plants and two nodes per depot, before and behind its capacity, on which excess goes
to deficit along shortest paths at reduced costs. Nodes are numbered in this order: source 0,
plants, entries of depots, exits of depots.

Source: successive shortest paths with potentials, Edmonds and Karp (1972), Tomizawa (1971).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_INF = 1e300
_NONE = 1e-10  # share of a product's demand up to which an amount counts as none


def _serve_all(
    inbound: Any,
    plant_room: Any,
    outbound: Any,
    depot_room: Any,
    demand: Any,
    plants: Any,
    depots: Any,
    order: Any,
    least: Any,
    limit: Any,
    x: Any,
    w: Any,
    plant_price: Any,
    entry_price: Any,
    demand_price: Any,
) -> Any:
    """Return the cost of all flows; -1 if demand cannot be met, -2 if it is sure to pass a limit.

    Args:
        inbound, outbound: cost per unit, shapes ``(L, I, J)`` and ``(L, J, K)``.
        plant_room, depot_room, demand: units, shapes ``(L, I)``, ``(L, J)``, ``(L, K)``.
        plants, depots: what is open, numbered in its level, shapes ``(P,)`` and ``(W,)``.
        order: the products in the order they are served, shape ``(L,)``.
        least: what each product costs at least, for those not yet served, shape ``(L,)``.
        limit: cost above which the rest is not served.
        x, w: written, flows, shapes ``(L, P, W)`` and ``(L, W, K)``.
        plant_price: written, rent of each plant's capacity, shape ``(L, P)``.
        entry_price, demand_price: written, price of a unit before each depot and at each
            customer, shapes ``(L, W)`` and ``(L, K)``.
    """
    many, wide, customers = len(plants), len(depots), demand.shape[1]
    c, d = np.empty((many, wide)), np.empty((wide, customers))
    room, hold, exit_price = np.empty(many), np.empty(wide), np.empty(wide)
    total = least.sum()
    for layer in order:
        for a in range(many):
            room[a] = plant_room[layer, plants[a]]
            for b in range(wide):
                c[a, b] = inbound[layer, plants[a], depots[b]]
        for b in range(wide):
            hold[b] = depot_room[layer, depots[b]]
            d[b] = outbound[layer, depots[b]]
        cost = _settle(
            c,
            room,
            d,
            hold,
            demand[layer],
            x[layer],
            w[layer],
            plant_price[layer],
            entry_price[layer],
            exit_price,
        )
        if cost < 0.0:
            return -1.0
        total += cost - least[layer]
        if total > limit:
            return -2.0
        for k in range(customers):
            lowest = _INF
            for b in range(wide):
                lowest = min(lowest, d[b, k] + exit_price[b])
            demand_price[layer, k] = lowest
    return total


serve_all: Any = njit(cache=True)(_serve_all)


@njit(cache=True)
def _settle(
    inbound: Any,
    plant_room: Any,
    outbound: Any,
    depot_room: Any,
    demand: Any,
    x: Any,
    w: Any,
    plant_price: Any,
    entry_price: Any,
    exit_price: Any,
) -> Any:
    """Return the least cost of one product's flows, -1 where there are none; see `serve_all`."""
    plants, depots = inbound.shape
    nodes, at_in, at_out = 1 + plants + 2 * depots, 1 + plants, 1 + plants + depots
    tiny = _NONE * demand.sum()
    # State of the flow: what plants send, what passes each depot, who is served from where.
    sent, load = np.zeros(plants), np.zeros(depots)
    members = np.zeros((depots, len(demand)), np.int64)
    number = np.zeros(depots, np.int64)
    price, excess = np.zeros(nodes), np.zeros(nodes)
    x[:] = 0.0
    w[:] = 0.0
    for j in range(depots):
        price[at_in + j] = price[at_out + j] = inbound[:, j].min()
    _begin(outbound, demand, price, excess, at_out, w, members, number, tiny)
    # change[a, b]: least cost of serving from a what b serves now; mover: which customer.
    change, mover = np.empty((depots, depots)), np.zeros((depots, depots), np.int64)
    stale = np.ones(depots, np.bool_)
    distance, done = np.empty(nodes), np.empty(nodes, np.bool_)
    parent, root = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    via, order = np.zeros(nodes, np.int64), np.empty(nodes, np.int64)
    while excess.max() > tiny:
        _refresh(outbound, members, number, stale, change, mover)
        reached, has_sink = _paths(
            inbound,
            excess,
            price,
            change,
            mover,
            plant_room,
            depot_room,
            sent,
            load,
            x,
            tiny,
            distance,
            done,
            parent,
            root,
            via,
            order,
        )
        if not has_sink:
            return -1.0
        price += np.where(done, distance, distance[order[reached - 1]])
        _send(
            order[:reached],
            root,
            parent,
            via,
            excess,
            plant_room,
            depot_room,
            sent,
            load,
            x,
            w,
            members,
            number,
            stale,
            tiny,
        )
    plant_price[:plants] = price[1:at_in] - price[0]
    entry_price[:depots] = price[at_in:at_out] - price[0]
    exit_price[:depots] = price[at_out:] - price[0]
    return (x * inbound).sum() + (w * outbound).sum()


@njit(cache=True)
def _paths(  # noqa: C901 - one loop over four kinds of nodes; parted it would hide the network
    inbound: Any,
    excess: Any,
    price: Any,
    change: Any,
    mover: Any,
    plant_room: Any,
    depot_room: Any,
    sent: Any,
    load: Any,
    x: Any,
    tiny: Any,
    distance: Any,
    done: Any,
    parent: Any,
    root: Any,
    via: Any,
    order: Any,
) -> Any:
    """Find the shortest paths from what has too much; return how many nodes they reach, and
    whether one of these has too little.
    """
    plants, depots = inbound.shape
    at_in, at_out = 1 + plants, 1 + plants + depots
    reached = 0
    done[:] = False
    root[:] = np.arange(len(root))
    distance[:] = np.where(excess > tiny, 0.0, _INF)
    has_sink = False
    while True:
        node = _nearest(distance, done)
        if node < 0:
            break
        done[node] = True
        order[reached] = node
        reached += 1
        has_sink = has_sink or excess[node] < -tiny
        if node == 0:
            for i in range(plants):
                if plant_room[i] - sent[i] > tiny:
                    _offer(node, 1 + i, 0.0, price, distance, done, parent, root)
        elif node < at_in:
            if sent[node - 1] > tiny:
                _offer(node, 0, 0.0, price, distance, done, parent, root)
            for j in range(depots):
                cost = inbound[node - 1, j]
                _offer(node, at_in + j, cost, price, distance, done, parent, root)
        elif node < at_out:
            j = node - at_in
            if depot_room[j] - load[j] > tiny:
                _offer(node, at_out + j, 0.0, price, distance, done, parent, root)
            for i in range(plants):
                if x[i, j] > tiny:
                    _offer(node, 1 + i, -inbound[i, j], price, distance, done, parent, root)
        else:
            j = node - at_out
            if load[j] > tiny:
                _offer(node, at_in + j, 0.0, price, distance, done, parent, root)
            for b in range(depots):
                if change[j, b] < _INF and _offer(
                    node, at_out + b, change[j, b], price, distance, done, parent, root
                ):
                    via[at_out + b] = mover[j, b]
    return reached, has_sink


@njit(cache=True)
def _send(
    order: Any,
    root: Any,
    parent: Any,
    via: Any,
    excess: Any,
    plant_room: Any,
    depot_room: Any,
    sent: Any,
    load: Any,
    x: Any,
    w: Any,
    members: Any,
    number: Any,
    stale: Any,
    tiny: Any,
) -> None:
    """Push along the paths found, whose edges cost nothing now, the nearest sinks first."""
    plants, depots = x.shape
    at_out = 1 + plants + depots
    for sink in order:
        if excess[sink] >= -tiny:
            continue
        origin = root[sink]
        amount = min(-excess[sink], excess[origin])
        node = sink
        while node != origin and amount > tiny:
            left = _left(
                parent[node], node, via[node], plants, plant_room, depot_room, sent, load, x, w
            )
            amount = min(amount, left)
            node = parent[node]
        if amount <= tiny:
            continue
        excess[sink] += amount
        excess[origin] -= amount
        node = sink
        while node != origin:
            before = parent[node]
            if before >= at_out and node >= at_out:
                a, b = before - at_out, node - at_out
                _change_depot(via[node], a, b, amount, w, members, number, tiny)
                stale[a] = stale[b] = True
            else:
                _push(before, node, amount, plants, sent, load, x)
            node = before


@njit(cache=True)
def _begin(
    outbound: Any,
    demand: Any,
    price: Any,
    excess: Any,
    at_out: Any,
    w: Any,
    members: Any,
    number: Any,
    tiny: Any,
) -> None:
    """Give each customer to its cheapest depot: too much for some, and nothing sent there yet."""
    for k in range(len(demand)):
        least, at = _INF, 0
        for j in range(len(number)):
            offer = outbound[j, k] + price[at_out + j]
            if offer < least:
                least, at = offer, j
        if demand[k] > tiny:
            w[at, k] = demand[k]
            members[at, number[at]] = k
            number[at] += 1
            excess[at_out + at] -= demand[k]
            excess[0] += demand[k]


@njit(cache=True)
def _refresh(
    outbound: Any, members: Any, number: Any, stale: Any, change: Any, mover: Any
) -> None:
    """Find anew who would move away from the depots whose customers have changed."""
    for b in range(len(number)):
        if stale[b]:
            _find_movers(outbound, members[b], number[b], b, change, mover)
            stale[b] = False


@njit(cache=True)
def _find_movers(outbound: Any, members: Any, count: Any, b: Any, change: Any, mover: Any) -> None:
    """Write who of depot b's customers moves to each other depot at least cost."""
    depots = len(change)
    change[:, b] = _INF
    for k in members[:count]:
        own = outbound[b, k]
        for a in range(depots):
            other = outbound[a, k] - own
            if other < change[a, b]:
                change[a, b] = other
                mover[a, b] = k


@njit(cache=True)
def _nearest(distance: Any, done: Any) -> Any:
    node, least = -1, _INF
    for other in range(len(distance)):
        if not done[other] and distance[other] < least:
            node, least = other, distance[other]
    return node


@njit(cache=True)
def _offer(
    node: Any,
    to: Any,
    cost: Any,
    price: Any,
    distance: Any,
    done: Any,
    parent: Any,
    root: Any,
) -> Any:
    """Take the edge where it is the nearest way so far; reduced costs below 0 are rounding."""
    if done[to]:
        return False
    length = distance[node] + max(0.0, cost + price[node] - price[to])
    if length >= distance[to]:
        return False
    distance[to], parent[to], root[to] = length, node, root[node]
    return True


@njit(cache=True)
def _left(
    before: Any,
    node: Any,
    customer: Any,
    plants: Any,
    plant_room: Any,
    depot_room: Any,
    sent: Any,
    load: Any,
    x: Any,
    w: Any,
) -> Any:
    """Return what the edge can still take."""
    at_in, at_out = 1 + plants, 1 + plants + len(load)
    if before == 0:
        return plant_room[node - 1] - sent[node - 1]
    if before < at_in:
        return sent[before - 1] if node == 0 else _INF
    if before < at_out:
        if node >= at_out:
            return depot_room[node - at_out] - load[node - at_out]
        return x[node - 1, before - at_in]
    return w[node - at_out, customer] if node >= at_out else load[node - at_in]


@njit(cache=True)
def _push(before: Any, node: Any, amount: Any, plants: Any, sent: Any, load: Any, x: Any) -> None:
    """Send an amount along an edge that is no customer's change."""
    at_in, at_out = 1 + plants, 1 + plants + len(load)
    if before == 0:
        sent[node - 1] += amount
    elif node == 0:
        sent[before - 1] -= amount
    elif before < at_in:
        x[before - 1, node - at_in] += amount
    elif node < at_in:
        x[node - 1, before - at_in] -= amount
    elif node >= at_out:
        load[node - at_out] += amount
    else:
        load[node - at_in] -= amount


@njit(cache=True)
def _change_depot(
    k: Any, a: Any, b: Any, amount: Any, w: Any, members: Any, number: Any, tiny: Any
) -> None:
    """Serve an amount of customer k from depot a instead of b."""
    if w[a, k] <= 0.0:
        members[a, number[a]] = k
        number[a] += 1
    w[a, k] += amount
    w[b, k] -= amount
    if w[b, k] > tiny:
        return
    w[a, k] += w[b, k]
    w[b, k] = 0.0
    for place in range(number[b]):
        if members[b, place] == k:
            number[b] -= 1
            members[b, place] = members[b, number[b]]
            break
