"""What stochastic location problems are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from coproduce.network.location.types import Floats, Ints
from coproduce.records.errors import ModelError


@dataclass(frozen=True, slots=True)
class Scenarios:
    """Facilities opened before the demand is known; customers may be split.

    Attributes:
        name: the file's name.
        fixed: cost of opening each facility, shape ``(J,)``.
        capacity: of each facility, shape ``(J,)``.
        demand: per scenario and customer, shape ``(S, K)``; every scenario is as likely.
        cost: per unit from facility to customer, shape ``(J, K)``.
    """

    name: str
    fixed: Floats
    capacity: Floats
    demand: Floats
    cost: Floats

    @property
    def kind(self) -> str:
        """What it is called."""
        return "stochastic CFL"


@dataclass(frozen=True, slots=True)
class Core:
    """The deterministic problem that the scenarios change; columns and rows in file order.

    Attributes:
        columns, rows: names; the objective is not among the rows.
        cost: of each column.
        lower, upper: bounds of each column.
        is_integer: per column.
        row_lower, row_upper: bounds of each row.
        matrix: dense, shape ``(rows, columns)``.
    """

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cost: Floats
    lower: Floats
    upper: Floats
    is_integer: npt.NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    matrix: Floats


@dataclass(frozen=True, slots=True)
class TwoStage:
    """A two-stage stochastic program in SMPS: a core, where stage two starts, scenarios.

    Attributes:
        name: the file's name.
        core: the deterministic problem.
        first_columns, first_rows: how many of each belong to the first stage.
        probability: of each scenario, shape ``(S,)``, sum 1.
        entry_row, entry_column: places of the matrix that scenarios change.
        entry_value: shape ``(S, entries)``.
        rhs_row: rows whose right-hand side scenarios change.
        rhs_value: shape ``(S, len(rhs_row))``.
        cost_column: second-stage columns whose cost scenarios change.
        cost_value: shape ``(S, len(cost_column))``.
    """

    name: str
    core: Core
    first_columns: int
    first_rows: int
    probability: Floats
    entry_row: Ints
    entry_column: Ints
    entry_value: Floats
    rhs_row: Ints
    rhs_value: Floats
    cost_column: Ints
    cost_value: Floats

    @property
    def kind(self) -> str:
        """What it is called."""
        return "two-stage stochastic program"

    @property
    def scenarios(self) -> int:
        """Number of scenarios, ``S``."""
        return len(self.probability)


@dataclass(slots=True)
class Found:
    """What a search found.

    Attributes:
        first: the best first stage; None without one.
        cost: of it; inf where it is still to be priced.
        bound: no answer is cheaper.
        method: what the bound rests on, in words.
        second: values of each scenario's own columns; None where they are still to be found.
        certificate: its kind and what a checker needs; None where there is none of its own.
        certified: what the certificate proves.
    """

    first: Floats | None
    cost: float
    bound: float
    method: str
    second: list[Floats] | None = None
    certificate: dict[str, Any] | None = None
    certified: float = -np.inf


def no_answer(problem: TwoStage) -> ModelError:
    """Return the error that says that a program has no answer."""
    return ModelError(
        "no answer is possible: no first stage keeps the rows of every scenario; look for a"
        " demand above all capacity",
        code="N042",
        where=problem.name,
    )
