"""SMPS: a core (``.cor``), where its stages start (``.tim``) and scenarios (``.sto``)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from coproduce.network.location.formats.mps import lines_of, number, read_core, wrong
from coproduce.network.location.stochastic.types import Core, TwoStage
from coproduce.network.location.types import Floats, Ints, Reading
from coproduce.records.errors import SourceError


def read(path: Path, _reading: Reading) -> TwoStage:
    """Return the program whose core file is `path`; ``.tim`` and ``.sto`` lie beside it.

    Raises:
        SourceError: a file is missing (``S040``) or not of this layout (``S045``), with the line.

    Source: Birge, Dempster, Gassmann, Gunn, King, Wallace (1987), COAL Newsletter 17.
    """
    if not path.is_file():
        raise SourceError("there is no such file", code="S040", where=str(path))
    core, objective = read_core(path)
    columns, rows = _second_stage(_beside(path, ".tim"), core)
    sto = _beside(path, ".sto")
    draft = _Draft(sto, core, objective, columns, rows)
    draft.read()
    return _built(path.name, draft)


def _beside(path: Path, ending: str) -> Path:
    name = path.name.removesuffix(".gz")
    stem = name[: -len(".cor")] if name.endswith(".cor") else Path(name).stem
    for candidate in (stem + ending, stem + ending + ".gz"):
        if (path.parent / candidate).is_file():
            return path.parent / candidate
    raise SourceError(
        f"needs {stem}{ending} (plain or .gz) beside it; FILE is the .cor file",
        code="S040",
        where=path.name,
    )


def _second_stage(path: Path, core: Core) -> tuple[int, int]:
    """Return column and row with which the second stage starts."""
    starts: list[tuple[int, int]] = []
    is_periods = has_end = False
    last = 0
    for last, words in lines_of(path):
        head = words[0].upper()
        if head == "ENDATA":
            has_end = True
            break
        if head in ("TIME", "PERIODS"):
            is_periods = head == "PERIODS"
        elif is_periods and len(words) == 3:
            if words[0] not in core.columns or words[1] not in core.rows:
                raise wrong(path, last, "a period needs a column and a row of the core")
            starts.append((core.columns.index(words[0]), core.rows.index(words[1])))
        else:
            raise wrong(path, last, "a period needs a column, a row and a name")
    if not has_end:
        raise wrong(path, last, "the file ends without ENDATA: it is cut off")
    if len(starts) != 2:
        raise wrong(path, last, f"{len(starts)} stages; exactly two can be solved")
    return starts[1]


@dataclass(slots=True)
class _Draft:
    path: Path
    core: Core
    objective: str
    first_columns: int
    first_rows: int
    probability: list[float] = field(default_factory=list)
    changes: list[dict[tuple[str, int, int], float]] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def read(self) -> None:
        self.columns = {name: at for at, name in enumerate(self.core.columns)}
        self.rows = {name: at for at, name in enumerate(self.core.rows)}
        is_open = has_end = False
        last = 0
        for last, words in lines_of(self.path):
            head = words[0].upper()
            if head == "ENDATA":
                has_end = True
                break
            if head == "STOCH":
                continue
            if head == "SCENARIOS":
                is_open = True
            elif not is_open:
                raise wrong(self.path, last, f"{words[0]!r}: only SCENARIOS DISCRETE is read")
            elif head == "SC":
                self.scenario(last, words)
            else:
                self.entry(last, words)
        if not has_end:
            raise wrong(self.path, last, "the file ends without ENDATA: it is cut off")
        total = math.fsum(self.probability)
        if abs(total - 1.0) > 1e-3:  # files round each probability
            raise wrong(self.path, last, f"the probabilities sum to {total:g}, not to 1")

    def scenario(self, line: int, words: list[str]) -> None:
        if len(words) != 5 or words[2].strip("'\"").upper() != "ROOT":
            raise wrong(self.path, line, "a scenario needs: SC name ROOT probability stage")
        share = number(self.path, line, words[3])
        if not 0 < share <= 1:
            raise wrong(self.path, line, f"probability {share:g} is not above 0 and at most 1")
        self.probability.append(share)
        self.changes.append({})

    def entry(self, line: int, words: list[str]) -> None:
        if not self.changes:
            raise wrong(self.path, line, "a change stands before the first scenario")
        if len(words) < 3 or len(words) % 2 == 0:
            raise wrong(self.path, line, "a change needs a column or RHS, a row and a number")
        for row, word in zip(words[1::2], words[2::2], strict=True):
            self.changes[-1][self.place(line, words[0], row)] = number(self.path, line, word)

    def place(self, line: int, column: str, row: str) -> tuple[str, int, int]:
        if row == self.objective and column in self.columns:
            at = self.columns[column]
            if at < self.first_columns:
                raise wrong(self.path, line, "the first stage cannot depend on the scenario")
            return "cost", 0, at
        if row not in self.rows:
            raise wrong(self.path, line, f"row {row!r} is not in the core")
        if self.rows[row] < self.first_rows:
            raise wrong(self.path, line, "the first stage cannot depend on the scenario")
        if column in self.columns:
            return "entry", self.rows[row], self.columns[column]
        if column.upper() != "RHS":
            raise wrong(self.path, line, f"column {column!r} is neither in the core nor RHS")
        return "rhs", self.rows[row], 0


def _built(name: str, draft: _Draft) -> TwoStage:
    core = draft.core
    right = np.where(np.isfinite(core.row_lower), core.row_lower, core.row_upper)

    def table(kind: str) -> tuple[list[tuple[str, int, int]], Floats]:
        places = sorted({key for change in draft.changes for key in change if key[0] == kind})
        usual = {
            key: {"entry": core.matrix[key[1], key[2]], "rhs": right[key[1]]}.get(
                kind, core.cost[key[2]]
            )
            for key in places
        }
        values = [[change.get(key, usual[key]) for key in places] for change in draft.changes]
        return places, np.array(values, dtype=np.float64).reshape(len(draft.changes), -1)

    entries, entry_value = table("entry")
    rights, rhs_value = table("rhs")
    costs, cost_value = table("cost")
    return TwoStage(
        name=name,
        core=core,
        first_columns=draft.first_columns,
        first_rows=draft.first_rows,
        probability=np.array(draft.probability),
        entry_row=_ints([key[1] for key in entries]),
        entry_column=_ints([key[2] for key in entries]),
        entry_value=entry_value,
        rhs_row=_ints([key[1] for key in rights]),
        rhs_value=rhs_value,
        cost_column=_ints([key[2] for key in costs]),
        cost_value=cost_value,
    )


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)
