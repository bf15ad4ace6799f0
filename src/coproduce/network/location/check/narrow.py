"""Bounds that single rows imply, in fractions."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from coproduce.network.location.check.smps import Row

_ROUNDS = 8
_ZERO = Fraction(0)
Side = Fraction | None


@dataclass
class Box:
    """Bounds of columns and sides of rows, None for none.

    Attributes:
        below: rows that stay below a value and do not reach it.
    """

    lower: list[Side]
    upper: list[Side]
    row_lower: list[Side]
    row_upper: list[Side]
    below: dict[int, Fraction] = field(default_factory=dict)

    def copy(self) -> Box:
        """Return one that can be changed."""
        rows = list(self.row_lower), list(self.row_upper)
        return Box(list(self.lower), list(self.upper), *rows, dict(self.below))


def narrowed(lines: list[Row], box: Box, whole: set[int]) -> Box | None:
    """Return bounds as narrow as single rows make them; None where nothing is left."""
    made = box.copy()
    for _ in range(_ROUNDS):
        before = (list(made.lower), list(made.upper))
        for row, line in enumerate(lines):
            least = {
                at: _part(value, made.lower[at], made.upper[at]) for at, value in line.items()
            }
            most = {at: _part(value, made.upper[at], made.lower[at]) for at, value in line.items()}
            made.row_lower[row] = _larger(made.row_lower[row], _sum(least))
            made.row_upper[row] = _smaller(made.row_upper[row], _sum(most))
            low, high = made.row_lower[row], made.row_upper[row]
            if low is not None and high is not None and low > high:
                return None
            for at, value in line.items():
                if value:
                    room = _over(high, _sum(least, at), value)
                    need = _over(low, _sum(most, at), value)
                    below, above = (need, room) if value > 0 else (room, need)
                    _cut(made, at, below, above, at in whole)
        if any(
            low is not None and high is not None and low > high
            for low, high in zip(made.lower, made.upper, strict=True)
        ):
            return None
        if before == (made.lower, made.upper):
            break
    return made


def _cut(made: Box, at: int, below: Side, above: Side, is_whole: bool) -> None:
    if above is not None and is_whole:
        above = Fraction(above.numerator // above.denominator)
    if below is not None and is_whole:
        below = Fraction(-(-below.numerator // below.denominator))
    made.upper[at] = _smaller(made.upper[at], above)
    made.lower[at] = _larger(made.lower[at], below)


def _part(value: Fraction, low: Side, high: Side) -> Side:
    """Return the least that a column adds to a row whose bounds are given; most if swapped."""
    side = low if value > 0 else high
    return _ZERO if not value else None if side is None else value * side


def _sum(parts: dict[int, Side], but: int = -1) -> Side:
    total = _ZERO
    for at, part in parts.items():
        if at == but:
            continue
        if part is None:
            return None
        total += part
    return total


def _over(side: Side, rest: Side, value: Fraction) -> Side:
    return None if side is None or rest is None else (side - rest) / value


def _smaller(one: Side, other: Side) -> Side:
    return other if one is None else one if other is None else min(one, other)


def _larger(one: Side, other: Side) -> Side:
    return other if one is None else one if other is None else max(one, other)
