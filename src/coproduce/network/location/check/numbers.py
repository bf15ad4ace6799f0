"""Reads the public layouts again, as exact whole numbers; shares nothing with the engine."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from coproduce.records.errors import SourceError

Whole = npt.NDArray[Any]  # of int64, or of Python's own integers where those are too small


@dataclass(frozen=True, slots=True)
class Exact:
    """The numbers of a file as fractions: costs, demands and capacities lose no digit."""

    fixed: list[Fraction]
    demand: list[Fraction]
    capacity: list[Fraction] | None
    cost: list[list[Fraction]]


def read_exact(path: Path, form: str, *, is_uncapacitated: bool) -> Exact:
    """Return the numbers of a file in one of the four layouts of one-level problems.

    Raises:
        SourceError: the file does not have the numbers that its counts promise (``S050``).
    """
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    if form == "ufl" and text.lstrip().upper().startswith("FILE"):
        text = text.lstrip().split("\n", 1)[1]
    known: dict[str, Fraction] = {}
    values = [_fraction(word, known) for word in text.replace(",", " ").split()]
    if len(values) < 2:
        raise SourceError("holds no counts", code="S050", where=path.name)
    m, n = int(values[0]), int(values[1])
    expected = {"ufl": 3 + m * (n + 2)}.get(form, 2 + 2 * m + n + m * n)
    if len(values) != expected:
        raise SourceError(
            f"holds {len(values)} numbers, its counts promise {expected}",
            code="S050",
            where=path.name,
        )
    exact = _BY_FORM[form](values, m, n)
    if is_uncapacitated:
        return Exact(exact.fixed, exact.demand, None, exact.cost)
    return exact


def whole(rows: Sequence[Sequence[Fraction]], scale: int) -> list[list[int]]:
    """Return the numbers times `scale`, which makes them whole."""
    return [[value.numerator * (scale // value.denominator) for value in row] for row in rows]


def scale_of(*rows: Sequence[Fraction]) -> int:
    """Return the least number that makes all values whole.

    >>> scale_of([Fraction(1, 2), Fraction(1, 4)])
    4
    """
    return lcm(*{value.denominator for row in rows for value in row}, 1)


def array(rows: Any, largest: int) -> Whole:
    """Return an array of whole numbers that cannot overflow below `largest`."""
    return np.array(rows, dtype=np.int64 if largest < 2**62 else object)


def _fraction(word: str, known: dict[str, Fraction]) -> Fraction:
    if word not in known:
        known[word] = Fraction(word)
    return known[word]


def _pairs(values: list[Fraction], m: int) -> tuple[list[Fraction], list[Fraction]]:
    return values[2 : 2 + 2 * m : 2], values[3 : 3 + 2 * m : 2]


def _orlib(values: list[Fraction], m: int, n: int) -> Exact:
    capacity, fixed = _pairs(values, m)
    rest = values[2 + 2 * m :]
    demand = rest[:: m + 1]
    cost = [rest[1 + i :: m + 1] for i in range(m)]
    return Exact(fixed, demand, capacity, cost)


def _holmberg(values: list[Fraction], m: int, n: int) -> Exact:
    capacity, fixed = _pairs(values, m)
    rest = values[2 + 2 * m :]
    cost = [rest[n + i * n : 2 * n + i * n] for i in range(m)]
    return Exact(fixed, rest[:n], capacity, cost)


def _sscflp(values: list[Fraction], m: int, n: int) -> Exact:
    rest = values[2 + 2 * m + n :]
    cost = [rest[i::m] for i in range(m)]
    demand = values[2 + 2 * m : 2 + 2 * m + n]
    return Exact(values[2 + m : 2 + 2 * m], demand, values[2 : 2 + m], cost)


def _ufl(values: list[Fraction], m: int, n: int) -> Exact:
    rows = [values[3 + i * (n + 2) : 3 + (i + 1) * (n + 2)] for i in range(m)]
    return Exact([row[1] for row in rows], [Fraction(1)] * n, None, [row[2:] for row in rows])


_BY_FORM = {"orlib": _orlib, "holmberg": _holmberg, "sscflp": _sscflp, "ufl": _ufl}
