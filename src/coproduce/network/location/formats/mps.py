"""The core file of SMPS: a mixed-integer problem in MPS, fixed or free, names without blanks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from coproduce.network.location.formats.tokens import text_of
from coproduce.network.location.stochastic.types import Core
from coproduce.records.errors import SourceError

Line = tuple[int, list[str]]
_LIMIT = 50_000_000  # cells of a dense core; SMPS cores are small


def lines_of(path: Path) -> Iterator[Line]:
    """Yield number and words of each line that says something."""
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        words = line.split()
        if words and not line.startswith("*"):
            yield number, words


def wrong(path: Path, line: int, message: str) -> SourceError:
    """Return an error of layout at a line."""
    return SourceError(message, code="S045", where=f"{path.name}, line {line}")


def number(path: Path, line: int, word: str) -> float:
    """Return a finite number or raise with the line."""
    try:
        value = float(word)
    except ValueError:
        raise wrong(path, line, f"{word!r} is not a number") from None
    if not math.isfinite(value):
        raise wrong(path, line, f"{word!r} is not a finite number")
    return value


@dataclass(slots=True)
class _Draft:
    path: Path
    objective: str = ""
    senses: dict[str, str] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    integer: list[bool] = field(default_factory=list)
    cost: dict[int, float] = field(default_factory=dict)
    entries: dict[tuple[str, int], float] = field(default_factory=dict)
    rhs: dict[str, float] = field(default_factory=dict)
    ranges: dict[str, float] = field(default_factory=dict)
    lower: dict[int, float] = field(default_factory=dict)
    upper: dict[int, float] = field(default_factory=dict)
    in_integers: bool = False

    def row(self, line: int, words: list[str]) -> None:
        if len(words) != 2 or words[0].upper() not in ("N", "L", "G", "E"):
            raise wrong(self.path, line, "a row needs N, L, G or E and a name")
        sense, name = words[0].upper(), words[1]
        if sense == "N" and not self.objective:
            self.objective = name
        elif sense != "N":
            if name in self.senses:
                raise wrong(self.path, line, f"row {name!r} is named twice")
            self.senses[name] = sense

    def column(self, line: int, words: list[str]) -> None:
        if len(words) == 3 and words[1].strip("'").upper() == "MARKER":
            self.in_integers = words[2].strip("'").upper() == "INTORG"
            return
        name = words[0]
        if name not in self.columns:
            self.columns[name] = len(self.columns)
            self.integer.append(self.in_integers)
        at = self.columns[name]
        for row, value in self.pairs(line, words[1:]):
            if row == self.objective:
                self.cost[at] = value
            elif (row, at) in self.entries:
                raise wrong(self.path, line, f"column {name!r} names row {row!r} twice")
            else:
                self.entries[row, at] = value

    def pairs(self, line: int, words: list[str]) -> Iterator[tuple[str, float]]:
        if len(words) % 2 or not words:
            raise wrong(self.path, line, "pairs of a row and a number are needed")
        for row, word in zip(words[::2], words[1::2], strict=True):
            if row != self.objective and row not in self.senses:
                raise wrong(self.path, line, f"row {row!r} is not named in ROWS")
            yield row, number(self.path, line, word)

    def right(self, line: int, words: list[str]) -> None:
        self.rhs.update(self.pairs(line, words[len(words) % 2 :]))

    def range(self, line: int, words: list[str]) -> None:
        self.ranges.update(self.pairs(line, words[len(words) % 2 :]))

    def bound(self, line: int, words: list[str]) -> None:
        sense = words[0].upper()
        bare = sense in ("FR", "MI", "PL", "BV")
        if len(words) != (3 if bare else 4) or words[2] not in self.columns:
            raise wrong(self.path, line, "a bound needs kind, set, a known column and a value")
        at = self.columns[words[2]]
        value = 0.0 if bare else number(self.path, line, words[3])
        if sense in ("UP", "UI", "FX"):
            self.upper[at] = value
        if sense in ("LO", "LI", "FX"):
            self.lower[at] = value
        if sense in ("FR", "MI"):
            self.lower[at] = -math.inf
        if sense in ("FR", "PL"):
            self.upper[at] = math.inf
        if sense == "BV":
            self.lower[at], self.upper[at] = 0.0, 1.0
        if sense in ("BV", "UI", "LI"):
            self.integer[at] = True
        if sense not in ("UP", "LO", "FX", "FR", "MI", "PL", "BV", "UI", "LI"):
            raise wrong(self.path, line, f"bound of kind {sense!r} is not known")


def read_core(path: Path) -> tuple[Core, str]:
    """Return the problem in a core file and the name of its objective row.

    Raises:
        SourceError: the file is not MPS, with the line.
    """
    draft, section, last = _Draft(path), "", 0
    steps = {
        "ROWS": draft.row,
        "COLUMNS": draft.column,
        "RHS": draft.right,
        "RANGES": draft.range,
        "BOUNDS": draft.bound,
    }
    for line, words in lines_of(path):
        last, head = line, words[0].upper()
        if head == "ENDATA":
            section = head
            break
        if head == "NAME" or (len(words) == 1 and head in steps):
            section = head
        elif section in steps:
            steps[section](line, words)
        else:
            raise wrong(path, line, f"{words[0]!r} stands outside every section of MPS")
    if section != "ENDATA":
        raise wrong(path, last, "the file ends without ENDATA: it is cut off")
    if not draft.objective or not draft.columns or not draft.senses:
        raise wrong(path, last, "an objective, a column and a row are needed")
    if len(draft.columns) * len(draft.senses) > _LIMIT:
        raise wrong(path, last, "the core is too large to hold dense")
    return _built(draft), draft.objective


def _built(draft: _Draft) -> Core:
    rows = {name: at for at, name in enumerate(draft.senses)}
    matrix = np.zeros((len(rows), len(draft.columns)))
    for (row, column), value in draft.entries.items():
        matrix[rows[row], column] = value
    cost = np.zeros(len(draft.columns))
    for at, value in draft.cost.items():
        cost[at] = value
    lower, upper = np.zeros(len(cost)), np.full(len(cost), math.inf)
    for at, value in draft.lower.items():
        lower[at] = value
    for at, value in draft.upper.items():
        upper[at] = value
    row_lower, row_upper = np.zeros(len(rows)), np.zeros(len(rows))
    for name, sense in draft.senses.items():
        low, high = _sides(sense, draft.rhs.get(name, 0.0), draft.ranges.get(name))
        row_lower[rows[name]], row_upper[rows[name]] = low, high
    return Core(
        columns=tuple(draft.columns),
        rows=tuple(rows),
        cost=cost,
        lower=lower,
        upper=upper,
        is_integer=np.array(draft.integer, dtype=bool),
        row_lower=row_lower,
        row_upper=row_upper,
        matrix=matrix,
    )


def _sides(sense: str, rhs: float, span: float | None) -> tuple[float, float]:
    low = -math.inf if sense == "L" else rhs
    high = math.inf if sense == "G" else rhs
    if span is None:
        return low, high
    if sense == "L":
        return rhs - abs(span), rhs
    if sense == "G":
        return rhs, rhs + abs(span)
    return (rhs, rhs + span) if span > 0 else (rhs + span, rhs)
