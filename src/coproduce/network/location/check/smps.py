"""Reads the three files of a program in SMPS for the checker, in fractions; no code is shared
with the reader of the engine.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

_ZERO = Fraction(0)
Row = dict[int, Fraction]


@dataclass
class Program:
    """Numbers of the three files; columns and rows in file order, objective apart."""

    columns: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    senses: list[str] = field(default_factory=list)
    objective: str = ""
    cost: Row = field(default_factory=dict)
    matrix: list[Row] = field(default_factory=list)
    right: Row = field(default_factory=dict)
    lower: dict[int, Fraction | None] = field(default_factory=dict)
    upper: dict[int, Fraction | None] = field(default_factory=dict)
    integer: set[int] = field(default_factory=set)
    first_columns: int = 0
    first_rows: int = 0
    weights: list[Fraction] = field(default_factory=list)
    changes: list[dict[tuple[str, int, int], Fraction]] = field(default_factory=list)


def _lines(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    return [line.split() for line in text.splitlines() if line.split() and line[0] != "*"]


def program_of(path: Path) -> Program:
    """Return the program whose core is at `path`; raises what reading raises."""
    made = Program()
    section, is_integer = "", False
    for words in _lines(path):
        if words[0].upper() in ("NAME", "ENDATA") or (
            len(words) == 1 and words[0].upper() in ("ROWS", "COLUMNS", "RHS", "BOUNDS")
        ):
            section = words[0].upper()
        elif words[0].upper() == "RANGES":
            raise ValueError("ranges cannot be recounted")
        elif section == "ROWS":
            _row(made, words)
        elif section == "COLUMNS" and "'MARKER'" in words:
            is_integer = "'INTORG'" in words
        elif section == "COLUMNS":
            _column(made, words, is_integer)
        elif section == "RHS":
            for row, value in _pairs(words[len(words) % 2 :]):
                made.right[made.rows[row]] = value
        elif section == "BOUNDS":
            _limit(made, words)
    stem = path.name.removesuffix(".gz").removesuffix(".cor")
    _times(made, _beside(path, stem, ".tim"))
    _scenarios(made, _beside(path, stem, ".sto"))
    return made


def _beside(path: Path, stem: str, ending: str) -> Path:
    plain = path.parent / (stem + ending)
    return plain if plain.is_file() else path.parent / (stem + ending + ".gz")


def _pairs(words: list[str]) -> list[tuple[str, Fraction]]:
    pairs = zip(words[::2], words[1::2], strict=True)
    return [(name, Fraction(value)) for name, value in pairs]


def _row(made: Program, words: list[str]) -> None:
    sense, name = words
    if sense == "N" and not made.objective:
        made.objective = name
    elif sense != "N":
        made.rows[name] = len(made.rows)
        made.senses.append(sense)
        made.matrix.append({})


def _column(made: Program, words: list[str], is_integer: bool) -> None:
    at = made.columns.setdefault(words[0], len(made.columns))
    if is_integer:
        made.integer.add(at)
    for row, value in _pairs(words[1:]):
        if row == made.objective:
            made.cost[at] = value
        else:
            made.matrix[made.rows[row]][at] = value


def _limit(made: Program, words: list[str]) -> None:
    at, kind = made.columns[words[2]], words[0].upper()
    value = Fraction(words[3]) if len(words) > 3 else _ZERO
    if kind in ("UP", "UI", "FX"):
        made.upper[at] = value
    if kind in ("LO", "LI", "FX"):
        made.lower[at] = value
    if kind in ("FR", "MI"):
        made.lower[at] = None
    if kind in ("FR", "PL"):
        made.upper[at] = None
    if kind == "BV":
        made.lower[at], made.upper[at] = _ZERO, Fraction(1)
    if kind in ("BV", "UI", "LI"):
        made.integer.add(at)


def _times(made: Program, path: Path) -> None:
    starts = [words for words in _lines(path) if len(words) == 3 and words[0] in made.columns]
    made.first_columns, made.first_rows = made.columns[starts[1][0]], made.rows[starts[1][1]]


def _scenarios(made: Program, path: Path) -> None:
    for words in _lines(path):
        if words[0].upper() == "SC":
            made.weights.append(Fraction(words[3]))
            made.changes.append({})
        elif words[0].upper() not in ("STOCH", "SCENARIOS", "ENDATA"):
            for row, value in _pairs(words[1:]):
                made.changes[-1][_place(made, words[0], row)] = value


def _place(made: Program, column: str, row: str) -> tuple[str, int, int]:
    if row == made.objective:
        return "cost", 0, made.columns[column]
    if column in made.columns:
        return "entry", made.rows[row], made.columns[column]
    return "rhs", made.rows[row], 0


def entries(made: Program, row: int, at: int) -> Row:
    """Return a row of scenario `at`."""
    changed = {
        place[2]: value
        for place, value in made.changes[at].items()
        if place[0] == "entry" and place[1] == row
    }
    return made.matrix[row] | changed


def right(made: Program, row: int, at: int) -> Fraction:
    """Return a right-hand side of scenario `at`."""
    return made.changes[at].get(("rhs", row, 0), made.right.get(row, _ZERO))


def price(made: Program, column: int, at: int) -> Fraction:
    """Return the cost of a column in scenario `at`."""
    return made.changes[at].get(("cost", 0, column), made.cost.get(column, _ZERO))
