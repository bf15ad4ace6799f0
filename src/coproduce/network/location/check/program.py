"""Recounts answers of two-stage programs in SMPS: rows, cost and the bound of their proof.

Fractions or whole numbers throughout and no solver. There are three kinds of proof: prices that
bound each scenario at every listed first stage (`cuts`), a tree with prices for the room of each
block (`rooms`), and the duals of the relaxation. Duals ``π`` of all rows of all scenarios prove
``π·b + sum_j min over [l_j, u_j] of (c - π A)_j x_j``; any duals give a valid bound, where a side
that a dual leans on must exist.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from coproduce.network.location.check import cuts, rooms, smps
from coproduce.network.location.check.smps import Program, Row
from coproduce.network.location.types import Checked
from coproduce.records.errors import SourceError

_SLACK = Fraction(1, 10**6)
_ZERO = Fraction(0)


def check(path: Path, record: dict[str, Any]) -> Checked:
    """Return what the recount of a solution file found; nothing is taken from the file unread."""
    try:
        made = smps.program_of(path)
    except (OSError, ValueError, KeyError, IndexError, EOFError) as error:
        raise SourceError(
            f"cannot be read as SMPS: {error!r}", code="S045", where=path.name
        ) from error
    errors: list[str] = []
    cost = _cost(made, record, errors)
    bound = _bound(made, record["certificate"], errors)
    _claims(record, cost, bound, errors)
    gap = None
    if cost is not None and bound is not None:
        gap = float(max(_ZERO, cost - bound) / max(Fraction(1, 10**9), abs(cost)))
    return Checked(
        kind="two-stage stochastic program",
        objective=None if cost is None else float(cost),
        certified_bound=None if bound is None else float(bound),
        certified_gap=gap,
        rests_on_solver=str(record["certificate"].get("rests_on_solver", "")),
        errors=tuple(errors),
    )


def _cost(made: Program, record: dict[str, Any], errors: list[str]) -> Fraction | None:
    plan = record["plan"]
    if not plan:
        return None
    try:
        first = [Fraction(value) for value in plan["first"]]
        seconds = [[Fraction(value) for value in values] for values in plan["second"]]
    except (KeyError, TypeError, ValueError) as error:
        errors.append(f"the answer cannot be read: {error!r}")
        return None
    second_count = len(made.columns) - made.first_columns
    if len(first) != made.first_columns or len(seconds) != len(made.weights):
        errors.append("the answer has another number of first decisions or scenarios")
        return None
    if any(len(values) != second_count for values in seconds):
        errors.append("a scenario has another number of second decisions")
        return None
    _limits(made, first, 0, "first stage", errors)
    cost = sum((made.cost.get(at, _ZERO) * value for at, value in enumerate(first)), _ZERO)
    for row in range(made.first_rows):
        _keeps(made, row, made.matrix[row], made.right.get(row, _ZERO), first, "first", errors)
    for at, values in enumerate(seconds):
        point = first + values
        _limits(made, values, made.first_columns, f"scenario {at}", errors)
        for row in range(made.first_rows, len(made.senses)):
            entries, right = smps.entries(made, row, at), smps.right(made, row, at)
            _keeps(made, row, entries, right, point, f"scenario {at}", errors)
        for column in range(made.first_columns, len(made.columns)):
            cost += made.weights[at] * smps.price(made, column, at) * point[column]
    return cost


def _limits(
    made: Program, values: list[Fraction], offset: int, where: str, errors: list[str]
) -> None:
    for at, value in enumerate(values, start=offset):
        lower, upper = made.lower.get(at, _ZERO), made.upper.get(at)
        if (lower is not None and value < lower - _SLACK) or (
            upper is not None and value > upper + _SLACK
        ):
            errors.append(f"{where}: column {at} is {float(value):g}, outside its bounds")
        if at in made.integer and value.denominator != 1:
            errors.append(f"{where}: column {at} is {float(value)!r}, it must be whole")


def _keeps(
    made: Program,
    row: int,
    entries: Row,
    right: Fraction,
    point: list[Fraction],
    where: str,
    errors: list[str],
) -> None:
    value = sum((entry * point[column] for column, entry in entries.items()), _ZERO)
    slack, sense = _SLACK * (1 + abs(right)), made.senses[row]
    is_low = sense in "GE" and value < right - slack
    if is_low or (sense in "LE" and value > right + slack):
        errors.append(
            f"{where}: row {row} is {float(value):g}, {sense} {float(right):g} is needed"
        )


def _bound(made: Program, proof: dict[str, Any], errors: list[str]) -> Fraction | None:
    if proof.get("kind") == "cuts":
        return cuts.bound(made, proof, errors)
    if proof.get("kind") == "rooms":
        return rooms.bound(made, proof, errors)
    if proof.get("kind") != "duals":
        errors.append(f"a certificate of kind {proof.get('kind')!r} is not known for this problem")
        return None
    duals = proof.get("duals")
    if duals == [] and proof.get("certified_bound") is None:
        return None
    second = len(made.senses) - made.first_rows
    if not isinstance(duals, list) or len(duals) != made.first_rows + second * len(made.weights):
        errors.append("the certificate has another number of duals than there are rows")
        return None
    try:
        prices = [Fraction(value) for value in duals]
    except (TypeError, ValueError, OverflowError):
        errors.append("a dual is no finite number")
        return None
    return _dual_value(made, prices, errors)


def _dual_value(made: Program, prices: list[Fraction], errors: list[str]) -> Fraction | None:
    reduced = {at: made.cost.get(at, _ZERO) for at in range(made.first_columns)}
    total = _ZERO
    for row in range(made.first_rows):
        price = _allowed(prices[row], made.senses[row])
        total += price * made.right.get(row, _ZERO)
        for column, entry in made.matrix[row].items():
            reduced[column] -= price * entry
    next_price = made.first_rows
    for at, weight in enumerate(made.weights):
        own = {
            column: weight * smps.price(made, column, at)
            for column in range(made.first_columns, len(made.columns))
        }
        for row in range(made.first_rows, len(made.senses)):
            price = _allowed(prices[next_price], made.senses[row])
            next_price += 1
            if not price:
                continue
            total += price * smps.right(made, row, at)
            for column, entry in smps.entries(made, row, at).items():
                (own if column >= made.first_columns else reduced)[column] -= price * entry
        worth = _least(made, own, errors)
        if worth is None:
            return None
        total += worth
    worth = _least(made, reduced, errors)
    return None if worth is None else total + worth


def _allowed(price: Fraction, sense: str) -> Fraction:
    """Return the dual, or zero where it leans on a side that the row does not have."""
    is_wrong = (sense == "G" and price < 0) or (sense == "L" and price > 0)
    return _ZERO if is_wrong else price


def _least(made: Program, reduced: Row, errors: list[str]) -> Fraction | None:
    total = _ZERO
    for column, value in reduced.items():
        if not value:
            continue
        side = made.lower.get(column, _ZERO) if value > 0 else _roof(made, column)
        if side is None:
            errors.append(f"the duals prove nothing: column {column} has no bound on its side")
            return None
        total += value * side
    return total


def _roof(made: Program, column: int) -> Fraction | None:
    """Return the upper bound of a column, its own or what a row of the core implies."""
    own = made.upper.get(column)
    if own is not None or column >= made.first_columns:
        # The overflow of a second stage has no roof; rounding may want one: a large one is safe
        # only if it is true, so none is made up.
        return own
    roofs: list[Fraction] = []
    for row in range(made.first_rows):
        entries = made.matrix[row]
        if made.senses[row] in "LE" and entries.get(column, _ZERO) > 0:
            rest = _ZERO
            for other, entry in entries.items():
                if other == column:
                    continue
                side = made.lower.get(other, _ZERO) if entry > 0 else made.upper.get(other)
                if side is None:
                    break
                rest += entry * side
            else:
                roofs.append((made.right.get(row, _ZERO) - rest) / entries[column])
    return min(roofs, default=None)


def _claims(
    record: dict[str, Any], cost: Fraction | None, bound: Fraction | None, errors: list[str]
) -> None:
    """Compare what the file says with what was recounted."""
    said, proof = record["answer"], record["certificate"]
    if cost is not None:
        value = said.get("objective")
        if not isinstance(value, int | float) or abs(Fraction(value) - cost) > _SLACK * (
            1 + abs(cost)
        ):
            errors.append(f"the file says cost {value}, it is {float(cost)!r}")
    claimed, whole = proof.get("certified_bound"), said.get("bound")
    if bound is not None:
        if not isinstance(claimed, int | float) or _exceeds(claimed, bound):
            errors.append(f"the certificate claims bound {claimed}, it proves {float(bound)!r}")
        if cost is not None and _exceeds(float(bound), cost):
            errors.append(f"the bound {float(bound)!r} lies above the cost {float(cost)!r}")
        is_proven = not proof.get("rests_on_solver")
        if is_proven and isinstance(whole, int | float) and _exceeds(whole, bound):
            errors.append(f"the file claims bound {whole}, proven is {float(bound)!r}")
    if cost is not None and isinstance(whole, int | float) and _exceeds(whole, cost):
        errors.append(f"the bound {whole} lies above the cost {float(cost)!r}")


def _exceeds(said: float, true: Fraction) -> bool:
    return Fraction(said) > true + _SLACK * (1 + abs(true))
