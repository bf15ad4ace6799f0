"""The bound of a tree of prices for the room that blocks of second-stage columns get.

A block's rows with first-stage columns say ``W y - h <= -T x``; the right side is its room ``v``.
Its expected cost is a falling step function of the room, a sum of signed jumps at corners. For
prices ``μ >= 0`` of room, ``F(v) >= min over cells (least F in the cell + μ·least room) - μ·v``.
With prices for the rows of the first stage and for the limits of the part, what is left is a sum
over columns within their bounds. Each leaf of the tree proves its part; the parts cover all.
The grid may be any: edges only make the bound better or worse. Cells are counted in whole
numbers, the rest in fractions.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from coproduce.network.location.check import smps
from coproduce.network.location.check.narrow import Box, narrowed
from coproduce.network.location.check.smps import Program, Row
from coproduce.network.location.check.whole import Wholes, fitted, measure, roomy, wholes

_MOST_COLUMNS = 16
_PLACES = 20
_ZERO = Fraction(0)


class _Unproven(Exception):
    """The certificate does not say what it should."""


@dataclass
class _Stairs:
    """A block: its rooms, and its least cost in each cell of a grid.

    Rooms are counted in shares of `room_scale`, costs of `cost_scale`.
    """

    rooms: list[Row]
    room_scale: int
    cost_scale: int
    edges: list[Wholes]
    table: Wholes


def bound(made: Program, proof: dict[str, Any], errors: list[str]) -> Fraction | None:
    """Return what the tree proves; None where it proves nothing, with the reason."""
    try:
        stairs = [_stairs(made, block) for block in proof["blocks"]]
        _cover(made, proof["blocks"])
        return _Walk(made, stairs, proof["tree"]).least()
    except _Unproven as error:
        errors.append(f"the certificate proves nothing: {error}")
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        errors.append(f"the certificate cannot be read: {error!r}")
    return None


def _cover(made: Program, blocks: list[dict[str, Any]]) -> None:
    columns = sorted(at for block in blocks for at in block["columns"])
    if columns != list(range(len(made.columns) - made.first_columns)):
        raise _Unproven("its blocks do not hold every second-stage column once")


def _stairs(made: Program, block: dict[str, Any]) -> _Stairs:
    columns = [made.first_columns + int(at) for at in block["columns"]]
    shared = [made.first_rows + int(at) for at in block["rows"]]
    if len(columns) > _MOST_COLUMNS or any(
        at not in made.integer or made.lower.get(at, _ZERO) != 0 or made.upper.get(at) != 1
        for at in columns
    ):
        raise _Unproven("a block has many columns, or some that are not 0 or 1")
    if any(made.senses[row] != "L" for row in shared):
        raise _Unproven("a row of room is no ceiling")
    rooms = [
        {at: -value for at, value in made.matrix[row].items() if at < made.first_columns}
        for row in shared
    ]
    own = _own_rows(made, columns)
    points = np.array(list(itertools.product((0, 1), repeat=len(columns))), dtype=np.int64)
    every = range(len(made.weights))
    held = [[smps.entries(made, row, at) for row in shared] for at in every]
    for lines in held:
        for line, room in zip(lines, rooms, strict=True):
            first = {at: -value for at, value in line.items() if at < made.first_columns}
            if first != room or any(at >= made.first_columns and at not in columns for at in line):
                raise _Unproven("a row of room changes its first stage or holds other columns")
    sides = [[smps.right(made, row, at) for row in shared] for at in every]
    room_scale = measure(
        value
        for lines, right in zip(held, sides, strict=True)
        for value in [*(value for line in lines for value in line.values()), *right]
    )
    price_scale = measure(smps.price(made, column, at) for at in every for column in columns)
    share_scale = measure(made.weights)
    corners: list[Wholes] = []
    jumps: list[Wholes] = []
    floors: list[Wholes] = []
    for at, weight in enumerate(made.weights):
        fits = points[_keeps(made, own, columns, points, at)]
        if not len(fits):
            raise _Unproven("a block has no pattern")
        recourse = [
            [int(line.get(column, _ZERO) * room_scale) for line in held[at]] for column in columns
        ]
        use = fits @ wholes(recourse).reshape(len(columns), len(shared)) - wholes(
            [int(value * room_scale) for value in sides[at]]
        )
        prices = [int(smps.price(made, column, at) * price_scale) for column in columns]
        cost = fits @ wholes(prices) * int(weight * share_scale)
        corner, jump = _jumps(use, cost)
        corners.append(corner)
        jumps.append(jump)
        floors.append(use.min(axis=0))
    floor = np.max(floors, axis=0)
    corner, jump = np.maximum(np.concatenate(corners), floor), np.concatenate(jumps)
    edges: list[Wholes] = []
    for axis in range(len(shared)):
        asked = [round(Fraction(value) * room_scale) for value in block["edges"][axis]]
        steps = wholes(sorted({int(floor[axis]), *asked}))
        edges.append(steps[steps >= floor[axis]])
    table = _table(corner, jump, edges)
    return _Stairs(rooms, room_scale, price_scale * share_scale, edges, table)


def _own_rows(made: Program, columns: list[int]) -> list[int]:
    """Return rows that hold columns of a block alone; any others may be left out of a bound."""
    mine = set(columns)
    return [
        row
        for row in range(made.first_rows, len(made.senses))
        if made.matrix[row] and mine.issuperset(made.matrix[row])
    ]


def _keeps(made: Program, own: list[int], columns: list[int], points: Wholes, at: int) -> Wholes:
    keeps = np.ones(len(points), dtype=bool)
    for row in own:
        line, right = smps.entries(made, row, at), smps.right(made, row, at)
        if not set(columns).issuperset(line):
            continue
        scale = measure([*line.values(), right])
        value = points @ wholes([int(line.get(column, _ZERO) * scale) for column in columns])
        slack = value - int(right * scale)
        if made.senses[row] in "LE":
            keeps &= slack <= 0
        if made.senses[row] in "GE":
            keeps &= slack >= 0
    return keeps


def _jumps(use: Wholes, cost: Wholes) -> tuple[Wholes, Wholes]:
    """Return the jumps of one scenario's least cost and their corners."""
    axes = use.shape[1]
    if not axes:
        return np.zeros((1, 0), dtype=np.int64), np.array([cost.min()])
    levels, places = [], []
    for axis in range(axes):
        level, place = np.unique(use[:, axis], return_inverse=True)
        levels.append(level)
        places.append(place.reshape(-1))
    dear = 4 * int(np.abs(cost).max()) + 1
    table = np.full(tuple(len(level) for level in levels), dear, dtype=cost.dtype)
    np.minimum.at(table, tuple(places), cost)
    for axis in range(axes):
        np.minimum.accumulate(table, axis=axis, out=table)
    if int(table.flat[0]) == dear:
        raise _Unproven("no pattern of a block needs least of every room")
    for axis in range(axes):
        first = np.zeros_like(np.take(table, [0], axis=axis))
        table = np.diff(table, axis=axis, prepend=first)
    at = np.nonzero(table)
    corner = np.stack([levels[axis][at[axis]] for axis in range(axes)], axis=1)
    return corner, table[at]


def _table(corner: Wholes, jump: Wholes, edges: list[Wholes]) -> Wholes:
    """Return the least cost in each cell: all jumps at corners below the cell's end."""
    total = int(np.abs(jump.astype(object)).sum())
    table = np.zeros(
        tuple(len(line) for line in edges), dtype=np.int64 if total < 2**62 else object
    )
    places = tuple(
        np.searchsorted(line, corner[:, axis], side="right") - 1 for axis, line in enumerate(edges)
    )
    np.add.at(table, places, jump.astype(table.dtype))
    for axis in range(len(edges)):
        table = np.cumsum(table, axis=axis)
    return table


class _Walk:
    """Goes down the tree and takes the least of what its leaves prove."""

    def __init__(self, made: Program, stairs: list[_Stairs], tree: list[list[Any]]) -> None:
        self.made, self.stairs, self.tree = made, stairs, tree
        first = made.first_columns
        self.rooms = [
            (block, axis) for block, part in enumerate(stairs) for axis in range(len(part.rooms))
        ]
        self.lines: list[Row] = [made.matrix[row] for row in range(made.first_rows)]
        self.lines += [stairs[block].rooms[axis] for block, axis in self.rooms]
        lows: list[Fraction | None] = []
        highs: list[Fraction | None] = []
        for row in range(made.first_rows):
            right, sense = made.right.get(row, _ZERO), made.senses[row]
            lows.append(right if sense in "GE" else None)
            highs.append(right if sense in "LE" else None)
        for block, axis in self.rooms:
            part = stairs[block]
            lows.append(Fraction(int(part.edges[axis][0]), part.room_scale))
            highs.append(None)
        lower = [made.lower.get(at, _ZERO) for at in range(first)]
        upper = [made.upper.get(at) for at in range(first)]
        self.start = Box(lower, upper, lows, highs)
        self.whole = {at for at in range(first) if at in made.integer}

    def least(self) -> Fraction:
        """Return what all leaves prove together."""
        found: list[Fraction] = []
        seen: set[int] = set()
        waiting: list[tuple[int, Box]] = [(0, self.start)]
        while waiting:
            at, box = waiting.pop()
            if at in seen:
                raise _Unproven("a part is its own part")
            seen.add(at)
            node = self.tree[at]
            small = narrowed(self.lines, box, self.whole)
            if small is None:
                continue
            if node[0] in ("room", "column"):
                low, high = self.halves(small, node)
                waiting += [(int(node[3]), low), (int(node[4]), high)]
            elif node[0] == "leaf":
                found.append(self.leaf(small, *node[1:]))
            else:
                raise _Unproven(f"part {at} is {node[0]} and has answers left")
        if not found:
            raise _Unproven("no part has an answer")
        return min(found)

    def halves(self, box: Box, node: list[Any]) -> tuple[Box, Box]:
        """Return the two parts of a part: below a value, and from it on."""
        kind, at, value = node[0], int(node[1]), Fraction(node[2])
        low, high = box.copy(), box.copy()
        if kind == "column":
            if at not in self.whole or value.denominator != 1:
                raise _Unproven("a column that is not whole is branched on")
            _down(low.upper, at, value - 1)
            _up(high.lower, at, value)
        else:
            block, _ = self.rooms[at]
            scale = self.stairs[block].room_scale
            value = Fraction(round(value * scale), scale)
            row = self.made.first_rows + at
            _down(low.row_upper, row, value)
            low.below[row] = min(value, low.below.get(row, value))
            _up(high.row_lower, row, value)
        return low, high

    def leaf(
        self, box: Box, rows: list[float], bands: list[float], rooms: list[float]
    ) -> Fraction:
        """Return the bound of one part."""
        made = self.made
        if (len(rows), len(bands), len(rooms)) != (
            made.first_rows,
            len(self.rooms),
            len(self.rooms),
        ):
            raise _Unproven("a leaf has another number of prices")
        pay = [
            max(_ZERO, Fraction(int(Fraction(value) * 2**_PLACES), 2**_PLACES)) for value in rooms
        ]
        total = _ZERO
        rest = {at: made.cost.get(at, _ZERO) for at in range(made.first_columns)}
        for row, value in enumerate([*rows, *bands]):
            price = Fraction(value)
            side = box.row_lower[row] if price > 0 else box.row_upper[row]
            if not price or side is None:
                continue
            total += price * side
            for column, entry in self.lines[row].items():
                rest[column] -= price * entry
        for number, price in enumerate(pay):
            for column, entry in self.lines[made.first_rows + number].items():
                rest[column] -= price * entry
        for column, slope in rest.items():
            side = box.lower[column] if slope > 0 else box.upper[column]
            if slope and side is None:
                raise _Unproven(f"column {column} has no bound on its side")
            total += slope * side if side is not None else _ZERO
        return total + self.cheapest(box, pay)

    def cheapest(self, box: Box, pay: list[Fraction]) -> Fraction:
        """Return the least of cost plus pay over the cells of each block that a part holds."""
        total, number = _ZERO, 0
        for part in self.stairs:
            spans, prices = [], []
            for edge in part.edges:
                row = self.made.first_rows + number
                spans.append(_span(edge, box, row, part.room_scale))
                prices.append(pay[number])
                number += 1
            scale = lcm(part.cost_scale, part.room_scale * 2**_PLACES)
            worth = part.table[tuple(spans)]
            worth = roomy(worth, 4 * (scale // part.cost_scale)) * (scale // part.cost_scale)
            for axis, (edge, span, price) in enumerate(
                zip(part.edges, spans, prices, strict=True)
            ):
                shape = [1] * len(spans)
                shape[axis] = -1
                factor = int(price * (scale // part.room_scale))
                line = fitted(edge[span].astype(object) * factor)
                if line.dtype == object or 4 * int(np.abs(line).max()) >= 2**62:
                    worth = worth.astype(object)
                worth = worth + line.reshape(shape)
            total += Fraction(int(worth.min()), scale)
        return total


def _span(edge: Wholes, box: Box, row: int, scale: int) -> slice:
    """Return the cells on one axis that a part's room can lie in."""
    low, high, below = box.row_lower[row], box.row_upper[row], box.below.get(row)
    if low is None:
        raise _Unproven("a room has no floor")
    start = max(0, int(np.searchsorted(edge, _floor(low * scale), side="right")) - 1)
    end = len(edge)
    if high is not None:
        end = int(np.searchsorted(edge, _floor(high * scale), side="right"))
    if below is not None:
        end = min(end, int(np.searchsorted(edge, -_floor(-below * scale), side="left")))
    return slice(start, max(start + 1, end))


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator


def _down(sides: list[Fraction | None], at: int, value: Fraction) -> None:
    side = sides[at]
    sides[at] = value if side is None else min(side, value)


def _up(sides: list[Fraction | None], at: int, value: Fraction) -> None:
    side = sides[at]
    sides[at] = value if side is None else max(side, value)
