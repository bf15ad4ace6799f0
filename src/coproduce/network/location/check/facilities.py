"""Recounts an answer for one level of facilities and the bound that its certificate proves.

Whole numbers throughout, no solver. The bound of a leaf, for its prices ``l`` and the
facilities it closes and opens, is ``sum l + min sum_i (f_i + K_i) y_i`` over sets that could
hold all demand, where ``K_i`` is a knapsack at the reduced costs ``c_ij - l_j``; any prices
give a valid bound. The tree's bound is the least of its leaves, if the leaves leave nothing out.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, gcd
from pathlib import Path
from typing import Any

import numpy as np

from coproduce.network.location.check.numbers import (
    Exact,
    Whole,
    array,
    read_exact,
    scale_of,
    whole,
)
from coproduce.network.location.types import Checked

FINENESS = 10**10
MOST_COVER = 20_000_000  # facilities x units of demand of an exact cover

Move = tuple[int, int, bool]  # facility, customer, whether it is served from there or barred

_KINDS = {
    "ufl": "facilities without capacity",
    "cfl": "facilities with capacity, customers may be split",
    "sscfl": "facilities with capacity, each customer served by one",
}


def check(path: Path, record: dict[str, Any]) -> Checked:
    """Return what the recount of a solution file found; nothing is taken from the file unread."""
    instance = record["instance"]
    is_free = bool(instance.get("uncapacitated"))
    exact = read_exact(path, instance["format"], is_uncapacitated=is_free)
    is_single = exact.capacity is not None and bool(instance.get("single_source"))
    kind = "ufl" if exact.capacity is None else "sscfl" if is_single else "cfl"
    errors: list[str] = []
    if instance.get("kind") != kind:
        errors.append(f"the file calls the problem {instance.get('kind')!r}, it is {kind!r}")
    objective = _answer(exact, record, kind, errors)
    least = _proven(exact, record["certificate"], kind, errors, objective is not None)
    grain = Fraction(0) if kind == "cfl" else _grain(exact)
    proven = ceil(least / grain) * grain if grain and least is not None else least
    if least is not None and proven is not None:
        # A bound a hair above a multiple of the grain may count as that multiple.
        _claims(record, objective, (least - grain / 1000, proven), errors)
    gap = None
    if objective is not None and proven is not None:
        gap = float(max(Fraction(0), objective - proven) / max(Fraction(1, 10**9), abs(objective)))
    return Checked(
        kind=_KINDS[kind],
        objective=None if objective is None else float(objective),
        certified_bound=None if proven is None else float(proven),
        certified_gap=gap,
        rests_on_solver=str(record["certificate"].get("rests_on_solver", "")),
        errors=tuple(errors),
    )


def _answer(exact: Exact, record: dict[str, Any], kind: str, errors: list[str]) -> Fraction | None:
    """Return the exact cost of the answer; faults go to `errors`."""
    if record["answer"].get("objective") is None:
        return None
    opened = record["opened"]
    sites = len(exact.fixed)
    if not _numbers_below(opened, sites) or len(set(opened)) != len(opened):
        errors.append("opened holds a number twice or one that is no facility")
        return None
    total = sum((exact.fixed[site] for site in opened), Fraction(0))
    load = [Fraction(0)] * sites
    if kind == "cfl":
        served = _flows(exact, record["plan"].get("flows"), load, errors)
    else:
        served = _assignment(exact, record["plan"].get("assignment"), load, errors)
    if served is None:
        return None
    for site in range(sites):
        is_used = site in served[1]
        if is_used and site not in set(opened):
            errors.append(f"facility {site} serves and is not opened")
        if exact.capacity is not None and load[site] > exact.capacity[site]:
            errors.append(
                f"facility {site} serves {float(load[site]):g}, its capacity is"
                f" {float(exact.capacity[site]):g}"
            )
    return total + served[0]


def _assignment(
    exact: Exact, who: Any, load: list[Fraction], errors: list[str]
) -> tuple[Fraction, set[int]] | None:
    if not _numbers_below(who, len(exact.fixed)) or len(who) != len(exact.demand):
        errors.append("assignment must name one facility for each customer")
        return None
    for customer, site in enumerate(who):
        load[site] += exact.demand[customer]
    cost = sum((exact.cost[site][customer] for customer, site in enumerate(who)), Fraction(0))
    return cost, set(who)


def _flows(
    exact: Exact, rows: Any, load: list[Fraction], errors: list[str]
) -> tuple[Fraction, set[int]] | None:
    if not isinstance(rows, list):
        errors.append("flows must be a list of [facility, customer, amount]")
        return None
    got = [Fraction(0)] * len(exact.demand)
    lines = [0] * len(exact.demand)
    cost, users = Fraction(0), set[int]()
    for row in rows:
        if len(row) != 3 or not _numbers_below(row[:1], len(exact.fixed)):
            errors.append(f"{row!r} is no flow [facility, customer, amount]")
            return None
        site, customer, amount = row[0], row[1], Fraction(str(row[2]))
        if not _numbers_below([customer], len(got)) or amount < 0:
            errors.append(f"{row!r} serves no customer, or less than nothing")
            return None
        demand = exact.demand[customer]
        cost += exact.cost[site][customer] * (amount / demand if demand else 1)
        got[customer] += amount
        lines[customer] += 1
        load[site] += amount
        users.add(site)
    for customer, demand in enumerate(exact.demand):
        if got[customer] != demand or not lines[customer] or (not demand and lines[customer] > 1):
            errors.append(
                f"customer {customer} gets {float(got[customer]):g} of {float(demand):g}"
            )
    return cost, users


def _numbers_below(values: Any, limit: int) -> bool:
    return isinstance(values, list) and all(
        type(value) is int and 0 <= value < limit for value in values
    )


def _claims(
    record: dict[str, Any],
    objective: Fraction | None,
    between: tuple[Fraction, Fraction],
    errors: list[str],
) -> None:
    """Compare what the file says of itself with the recount."""
    answer, certificate = record["answer"], record["certificate"]
    if objective is not None and not _near(answer.get("objective"), objective):
        errors.append(
            f"the file says the cost is {answer.get('objective')}, it is {float(objective)!r}"
        )
    proven = between[1]
    if not _within(certificate.get("certified_bound"), between):
        errors.append(
            f"the file says the certificate proves {certificate.get('certified_bound')}, it"
            f" proves {float(proven)!r}"
        )
    bound = answer.get("bound")
    if not isinstance(bound, int | float):
        errors.append("the file says no bound")
        return
    limit = proven
    if certificate.get("rests_on_solver"):
        limit = proven if objective is None else objective
    if Fraction(bound) > limit + _slack(limit):
        errors.append(f"the bound {bound} is above what is proven, {float(limit)!r}")
    elif not certificate.get("rests_on_solver") and not _within(bound, between):
        errors.append(f"the bound {bound} is not the one that is proven, {float(proven)!r}")
    if objective is not None:
        gap = max(0.0, float(objective) - bound) / max(1e-9, abs(float(objective)))
        if abs(gap - float(answer.get("gap") or 0.0)) > 1e-8:
            errors.append(f"the file says the gap is {answer.get('gap')}, it is {gap:.9f}")


def _near(value: Any, truth: Fraction) -> bool:
    if not isinstance(value, int | float):
        return False
    return abs(Fraction(value) - truth) <= _slack(truth)


def _within(value: Any, between: tuple[Fraction, Fraction]) -> bool:
    if not isinstance(value, int | float):
        return False
    low, high = between
    return low - _slack(low) <= Fraction(value) <= high + _slack(high)


def _slack(truth: Fraction) -> Fraction:
    return max(Fraction(1), abs(truth)) / 10**8


def _proven(
    exact: Exact,
    certificate: dict[str, Any],
    kind: str,
    errors: list[str],
    has_answer: bool,
) -> Fraction | None:
    """Return the bound that the certificate proves; faults of the tree go to `errors`."""
    tree, prices = certificate.get("tree"), certificate.get("prices")
    if not isinstance(tree, list) or not isinstance(prices, list):
        errors.append("the certificate has no tree with prices")
        return None
    try:
        counts = (len(exact.fixed), len(exact.demand), len(prices))
        leaves = list(_leaves(tree, *counts, kind == "sscfl"))
    except ValueError as error:
        errors.append(str(error))
        return None
    rows = [[Fraction(str(value)) for value in row] for row in prices]
    if any(len(row) != len(exact.demand) for row in rows):
        errors.append("prices must name one number for each customer")
        return None
    # A knapsack that takes customers whole bounds nothing where customers may be split.
    uncut = set(certificate.get("whole_knapsacks", ())) if kind == "sscfl" else set[int]()
    recount = _Recount(exact, rows, uncut, certificate.get("exact_cover") is True)
    by_price: dict[tuple[int, tuple[Move, ...]], list[Whole]] = {}
    for number, state, moves in leaves:
        by_price.setdefault((number, moves), []).append(state)
    bounds = [recount.bound(*key, states) for key, states in by_price.items()]
    found = [bound for bound in bounds if bound is not None]
    if not found:
        if has_answer:
            errors.append("the certificate rules out every answer")
        return None
    return Fraction(min(found), recount.money)


def _grain(exact: Exact) -> Fraction:
    """Return a number of which every answer's cost is a whole multiple."""
    scale = scale_of(exact.fixed, *exact.cost)
    values = whole([exact.fixed, *exact.cost], scale)
    return Fraction(gcd(*(value for row in values for value in row)), scale)


def _leaves(tree: list[Any], sites: int, customers: int, prices: int, is_whole: bool) -> Any:
    """Yield ``(prices, state, moves)`` of each leaf.

    State is -1 free, 0 closed, 1 open; a move says whether a facility serves a customer or may
    not. A service may be split off only where customers are whole and its facility is open.

    Raises:
        ValueError: the tree is malformed, so its leaves may leave something out.
    """
    nothing: tuple[Move, ...] = ()
    waiting = [(0, np.full(sites, -1, dtype=np.int8), nothing)]
    seen = 0
    while waiting:
        place, state, moves = waiting.pop()
        seen += 1
        if not 0 <= place < len(tree) or seen > len(tree):
            raise ValueError("the tree of the certificate leads nowhere or in a circle")
        node = tree[place]
        if not all(type(value) is int for value in node):
            raise ValueError("the tree of the certificate holds what is no number")
        if len(node) == 1 and 0 <= node[0] < prices:
            yield node[0], state, moves
        elif len(node) == 3 and 0 <= node[0] < sites and state[node[0]] < 0:
            for value in (0, 1):
                part = state.copy()
                part[node[0]] = value
                waiting.append((node[1 + value], part, moves))
        elif len(node) == 4 and is_whole and _is_service(node, state, customers, moves):
            for is_inside in (False, True):
                longer = (*moves, (node[0], node[1], is_inside))
                waiting.append((node[2 + is_inside], state, longer))
        else:
            raise ValueError(f"node {place} of the certificate's tree is neither leaf nor split")


def _is_service(node: list[int], state: Whole, customers: int, moves: tuple[Move, ...]) -> bool:
    site, customer = node[:2]
    is_settled = any(settled and customer == other for _, other, settled in moves)
    is_there = 0 <= site < len(state) and 0 <= customer < customers
    return is_there and bool(state[site] == 1) and not is_settled


class _Recount:
    """Bounds of leaves in whole numbers; divisions round down, so no bound is too high."""

    def __init__(
        self, exact: Exact, prices: list[list[Fraction]], uncut: set[int], is_exact: bool
    ) -> None:
        self._uncut = uncut
        self.money = scale_of(exact.fixed, *exact.cost, *prices)
        highest = max([Fraction(1), *exact.fixed, *(value for row in exact.cost for value in row)])
        while self.money * highest < FINENESS:  # what is rounded down is then next to nothing
            self.money *= 10
        room = scale_of(exact.demand, exact.capacity or [])
        demand = whole([exact.demand], room)[0]
        capacity = whole([exact.capacity], room)[0] if exact.capacity is not None else None
        cost, fixed = whole(exact.cost, self.money), whole([exact.fixed], self.money)[0]
        self._rows = whole(prices, self.money)
        dearest = max(
            max(map(max, cost)), max(fixed), max(abs(v) for row in self._rows for v in row)
        )
        largest = 4 * dearest * max([1, *demand]) * (len(demand) + len(fixed) + 4)
        largest = max(largest, sum(capacity or [0]))
        self._cost, self._fixed = array(cost, largest), array(fixed, largest)
        self._demand = array(demand, largest)
        self._has_room = capacity is not None
        self._capacity = array(capacity or [0] * len(fixed), largest)
        self._prices = [array(row, largest) for row in self._rows]
        self._need = sum(demand)
        self._is_exact = is_exact and self._need * len(fixed) <= MOST_COVER

    def bound(self, number: int, moves: tuple[Move, ...], states: list[Whole]) -> int | None:
        """Return the least bound of leaves that share prices; None if none can hold an answer."""
        reduced = self._cost - self._prices[number]
        base, fixed, left = sum(self._rows[number]), self._fixed.copy(), self._capacity.copy()
        may = np.ones(reduced.shape, dtype=bool)
        for site, customer, is_inside in moves:
            may[site, customer] = False
            reduced[site, customer] = 0
            if is_inside:
                fixed[site] += self._cost[site, customer]
                left[site] -= self._demand[customer]
                base -= self._rows[number][customer]
                may[:, customer] = False
                reduced[:, customer] = 0
        if (left < 0).any():
            return None
        settled = {customer for _, customer, is_inside in moves if is_inside}
        rest = [j for j in range(len(self._demand)) if j not in settled]
        is_used = np.array(states).any(axis=0) if states else np.zeros(len(fixed), dtype=bool)
        rows = np.flatnonzero(is_used)
        worth = fixed.copy()
        worth[rows] += self._earned(reduced[rows], rows, left, number in self._uncut)
        found = [
            self._leaf(worth, state)
            for state in states
            if (state < 0).any()
            or number not in self._uncut
            or self._has_place(state, may, left, rest)
        ]
        values = [base + value for value in found if value is not None]
        return min(values) if values else None

    def _has_place(self, state: Whole, may: Whole, left: Whole, rest: list[int]) -> bool:
        """Return whether each customer that is not settled fits into some open facility."""
        if (state < 0).any():  # as the engine: asked only where all facilities are decided
            return True
        fits = may & (self._demand[None, :] <= left[:, None]) & (state == 1)[:, None]
        return bool(fits[:, rest].any(axis=0).all())

    def _earned(self, reduced: Whole, rows: Whole, left: Whole, is_whole: bool) -> Whole:
        """Return ``K`` of the facilities in `rows`, rounded down."""
        if not self._has_room:
            return np.asarray(np.minimum(reduced, 0).sum(axis=1))
        if is_whole:
            return self._whole_knapsacks(reduced, left[rows])
        return np.array(
            [
                self._split_knapsack(part, int(left[site]))
                for part, site in zip(reduced, rows, strict=True)
            ],
            dtype=self._cost.dtype,
        )

    def _split_knapsack(self, reduced: Whole, room: int) -> int:
        """Return a lower bound of one knapsack from the price of its room, the best there is."""
        gains = np.flatnonzero(reduced < 0)
        free = gains[self._demand[gains] == 0]
        paid = gains[self._demand[gains] > 0]
        total = int(reduced[free].sum())
        # Floats only guess which customer fills the room; the value is exact for any guess.
        ratio = reduced[paid].astype(np.float64) / self._demand[paid].astype(np.float64)
        order = paid[np.argsort(ratio, kind="stable")]
        filled = np.cumsum(self._demand[order])
        if not len(order) or int(filled[-1]) <= room:
            return total + int(reduced[paid].sum())
        last = order[int(np.searchsorted(filled, room, side="left"))]
        gain, size = int(reduced[last]), int(self._demand[last])
        above = np.minimum(reduced[paid] * size - gain * self._demand[paid], 0)
        return total + (gain * room + int(above.sum())) // size

    def _whole_knapsacks(self, reduced: Whole, left: Whole) -> Whole:
        """Return every knapsack without splitting, by dynamic programming over the room."""
        top = int(left.max(initial=0))
        best = np.zeros((len(reduced), top + 1), dtype=self._cost.dtype)
        for customer, size in enumerate(self._demand):
            size = int(size)
            rows = np.flatnonzero(reduced[:, customer] < 0)
            if not len(rows) or size > top:
                continue
            part = best[rows]
            taken = part[:, : top + 1 - size] + reduced[rows, customer][:, None]
            part[:, size:] = np.minimum(part[:, size:], taken)
            best[rows] = part
        return np.asarray(best[np.arange(len(best)), left.astype(np.int64)])

    def _leaf(self, worth: Whole, state: Whole) -> int | None:
        """Return the cheapest choice of facilities that could hold all demand, rounded down."""
        count = self._least_count(state)
        if count is None:
            return None
        is_open, free = state == 1, np.flatnonzero(state < 0)
        if self._is_exact and self._has_room:
            return self._exact_cover(worth, is_open, free)
        base = int(worth[is_open].sum())
        ordered = np.sort(worth[free])
        missing = max(0, count - int(is_open.sum()))
        take = max(missing, int((ordered < 0).sum()))
        by_count = base + int(ordered[:take].sum())
        if not self._has_room:
            return by_count
        return max(by_count, base + self._by_room(worth, is_open, free))

    def _exact_cover(self, worth: Whole, is_open: Whole, free: Whole) -> int | None:
        """Return the cheapest set that holds all demand, by dynamic programming."""
        value = int(worth[is_open].sum()) + int(np.minimum(worth[free], 0).sum())
        missing = self._need - int(self._capacity[is_open].sum())
        missing -= int(self._capacity[free[worth[free] < 0]].sum())
        if missing <= 0:
            return value
        beyond = 2**61  # above every sum of worths that `array` lets into 64 bits
        least = np.full(missing + 1, beyond, dtype=self._cost.dtype)
        least[0] = 0
        for site in free[worth[free] >= 0]:
            held, paid = min(int(self._capacity[site]), missing), worth[site]
            longer = least.copy()
            longer[: held + 1] = np.minimum(least[: held + 1], least[0] + paid)
            longer[held:] = np.minimum(longer[held:], least[: missing + 1 - held] + paid)
            longer[0] = 0
            least = longer
        return None if least[missing] >= beyond else value + int(least[missing])

    def _by_room(self, worth: Whole, is_open: Whole, free: Whole) -> int:
        """Return a lower bound from the price of capacity; every price gives one."""
        missing = self._need - int(self._capacity[is_open].sum())
        gains = int(np.minimum(worth[free], 0).sum())
        missing -= int(self._capacity[free[worth[free] < 0]].sum())
        costs = free[(worth[free] >= 0) & (self._capacity[free] > 0)]
        if missing <= 0 or not len(costs):
            return gains
        ratio = worth[costs].astype(np.float64) / self._capacity[costs].astype(np.float64)
        order = costs[np.argsort(ratio, kind="stable")]
        filled = np.cumsum(self._capacity[order])
        last = order[min(int(np.searchsorted(filled, missing)), len(order) - 1)]
        price, size = int(worth[last]), int(self._capacity[last])
        # Python's own integers: here fixed costs meet capacities, and nothing may overflow.
        pairs = zip(worth[costs].tolist(), self._capacity[costs].tolist(), strict=True)
        below = sum(min(0, value * size - price * held) for value, held in pairs)
        return gains + int(price * missing + below) // size

    def _least_count(self, state: Whole) -> int | None:
        """Return how many facilities any answer needs; None if all of them cannot do it."""
        if not self._has_room:
            return 1 if (state != 0).any() else None
        opened = int((state == 1).sum())
        held = int(self._capacity[state == 1].sum())
        for more, room in enumerate([0, *sorted(map(int, self._capacity[state < 0]))[::-1]]):
            held += room
            if held >= self._need:
                return max(1, opened + more)
        return None
