"""The plan, line by line: prices for the rows that join lines, and each line for itself.

At any prices of the joint rows the plan's value is bounded by the sum of what every line earns at
best for itself (`location.modular`) and of the rest. At the relaxation's own shadow prices this
serves three ends: the relaxation is solved over few lines and the others are priced in, so that
its bound holds for all; lines and orders that no better plan can use are closed; lines that a
better plan must use are held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from coproduce.engines import lp
from coproduce.engines.lp_build import Floats, Ints, Problem
from coproduce.network.case import Case
from coproduce.network.location.modular import Modular, schedules
from coproduce.network.model import Model, most_made

MOST_SCHEDULES = 20_000  # of a line; one with more is never closed
FIRST_LINES = 2  # of each technology in the first relaxation
MOST_ENTERING = 30  # lines that enter it at a time
_LEAST_GAIN = 1e-9  # of the value: what a line must promise to enter


@dataclass(frozen=True, slots=True)
class Priced:
    """What lines are worth at the shadow prices of a relaxation.

    Attributes:
        bound: no plan is worth more.
        worth: line → worth of each of its schedules, the empty one first.
        entering: lines outside the relaxation that would raise it, the best first.
    """

    bound: float
    worth: dict[int, Floats]
    entering: tuple[int, ...]

    def losses(self) -> dict[int, float]:
        """Return what a plan loses at least, against `bound`, by using each line at all."""
        return {
            line: max(0.0, float(worth.max() - worth[1:].max(initial=-np.inf)))
            for line, worth in self.worth.items()
        }


@dataclass(frozen=True, slots=True)
class _Line:
    """Columns of a line and, where its schedules can be listed, the line by itself."""

    columns: Ints
    is_open: Ints
    orders: Ints
    makes: Ints
    alone: Modular | None


class ByLine:
    """The lines of a model, for any prices.

    Args:
        case: the case.
        model: of the case; its costs may change, its rows and columns stay.
    """

    def __init__(self, case: Case, model: Model) -> None:
        self.lines = _lines(case, model)
        self._first = _first_lines(case, model)
        self._upper = model.problem.col_upper
        limits = [row for rows in model.limit_rows.values() for row in rows]
        self._limits = np.array(limits, dtype=np.int64)
        self._owner = np.full(model.problem.columns, -1)
        for number, line in self.lines.items():
            self._owner[line.columns] = number
        self.closed = {
            number
            for number, line in self.lines.items()
            if line.alone is not None and number not in self._first
        }

    def relax(
        self,
        relaxation: lp.Relaxation,
        tighten: Callable[[lp.Solution], lp.Solution] | None = None,
    ) -> tuple[lp.Solution, Priced | None]:
        """Return the relaxation's solution and what the lines are worth at its prices.

        Only some lines are in it at first; the others enter as long as one of them promises
        more at its prices. If few lines cannot keep the user's limits, all of them enter. Where
        time runs out, the last solution is returned, and its bound still holds for all lines.

        Args:
            relaxation: of the model; goes on from where it stood.
            tighten: gives a solution with cuts for one without.

        Returns:
            The solution and its `Priced`; None where there is no solution or Ctrl-C came.
        """
        last: tuple[lp.Solution, Priced] | None = None
        while True:
            self._set_upper(relaxation, self.closed, is_closed=True)
            relaxed = relaxation.solve()
            if relaxed.status == "infeasible" and self.closed:
                self._enter(relaxation, tuple(self.closed))
                continue
            if relaxed.was_interrupted:
                return relaxed, None
            if relaxed.status != "optimal":
                return last or (relaxed, None)
            if tighten is not None:
                relaxed = tighten(relaxed)
                if relaxed.was_interrupted:
                    return relaxed, None
            last = relaxed, self.price(relaxation.problem, relaxed)
            entering = last[1].entering
            if not entering or relaxation.is_over():
                return last
            self._enter(relaxation, entering[:MOST_ENTERING])

    def price(self, problem: Problem, relaxed: lp.Solution) -> Priced:
        """Return what each line is worth at the shadow prices of the rows that join lines."""
        priced = self._reduced(problem, relaxed.row_dual)
        bound, worth = relaxed.objective, dict[int, Floats]()
        promised = dict[int, float]()
        for number, line in self.lines.items():
            if line.alone is None:
                continue
            worth[number] = line.alone.worth(priced[line.orders], priced[line.makes])
            worth[number][1:] += np.maximum(priced[line.is_open], 0.0).sum()
            # The line's own part of the relaxation gives way to what it earns by itself.
            part = float(priced[line.columns] @ relaxed.x[line.columns])
            best = float(worth[number].max())
            bound += best - part
            if number in self.closed and best > _LEAST_GAIN * max(1.0, abs(relaxed.objective)):
                promised[number] = best
        entering = sorted(promised, key=lambda number: (-promised[number], number))
        return Priced(bound, worth, tuple(entering))

    def without_hopeless(self, model: Model, priced: Priced, known: float) -> Problem:
        """Return the problem with what no plan better than `known` does left out.

        A plan that uses a line uses all of its dominators too (`model.dominators`), and no plan
        is worth more than the bound less the losses of the lines that it uses. Where these
        exceed what is left to gain, the line is closed. A schedule of a line that loses more
        than that by itself is no part of a better plan: orders that only such schedules hold
        are barred, and modules that all others hold are held. The bound of what is left, or
        `known` if that is better, holds for the whole problem.
        """
        slack = priced.bound - known + 1e-6 * abs(known)
        loss = priced.losses()
        lower, upper = model.problem.col_lower.copy(), model.problem.col_upper.copy()
        for number, line in self.lines.items():
            used = (number, *model.dominators.get(number, ()))
            if sum(loss.get(other, 0.0) for other in used) > slack:
                upper[line.orders] = 0.0
                upper[line.is_open] = 0.0
            elif line.alone is not None:
                worth = priced.worth[number]
                kept = line.alone.orders[worth.max() - worth <= slack]
                upper[line.orders] = np.minimum(upper[line.orders], kept.max(axis=0))
                lower[line.orders] = np.maximum(lower[line.orders], kept.min(axis=0))
        return model.problem.with_bounds(lower, upper)

    def _reduced(self, problem: Problem, row_dual: Floats) -> Floats:
        """Return the worth of every column less the prices of the joint rows that it is in."""
        entry_column = np.repeat(np.arange(problem.columns), np.diff(problem.start))
        owner = self._owner[entry_column]
        lowest, highest = np.full(problem.rows, np.iinfo(np.int64).max), np.full(problem.rows, -2)
        np.minimum.at(lowest, problem.index, owner)
        np.maximum.at(highest, problem.index, owner)
        is_own = (lowest == highest) & (highest >= 0)
        is_own[self._limits] = False  # schedules know nothing of the user's limits: priced
        price = np.where(is_own, 0.0, row_dual)
        charged = np.bincount(
            entry_column, problem.value * price[problem.index], minlength=problem.columns
        )
        return np.asarray(problem.cost - charged)

    def _enter(self, relaxation: lp.Relaxation, numbers: tuple[int, ...]) -> None:
        self._set_upper(relaxation, set(numbers), is_closed=False)
        self.closed -= set(numbers)

    def _set_upper(self, relaxation: lp.Relaxation, lines: set[int], *, is_closed: bool) -> None:
        columns = self._columns(lines)
        upper = self._upper[columns]
        relaxation.set_upper(columns, np.minimum(upper, 0.0) if is_closed else upper)

    def _columns(self, numbers: Iterable[int]) -> Ints:
        parts = [self.lines[number].columns for number in sorted(numbers)]
        return np.concatenate([np.zeros(0, dtype=np.int32), *parts])


def _lines(case: Case, model: Model) -> dict[int, _Line]:
    columns, problem = model.columns, model.problem
    made: dict[int, list[Any]] = {number: [] for number in columns.is_open}
    for key, number in columns.make:
        made[number].append(key)
    out = {}
    for number, is_open in columns.is_open.items():
        line = case.lines[number]
        sizes = range(len(line.sizes))
        builds = [columns.build[number, size] for size in sizes]
        makes = np.array(
            [columns.make[key, number] for key in made[number]], dtype=np.int32
        ).reshape(-1, len(is_open))
        every = np.concatenate([is_open, *builds, makes.ravel()])
        orders = np.concatenate([is_open[:0], *builds])
        orders = orders[problem.col_upper[orders] > 0]
        rows = model.capacity_rows[number]
        use = np.array([case.parts[key].use_per_unit for key in made[number]])
        listed = schedules(len(orders), line.max_modules, MOST_SCHEDULES)
        alone = None
        if listed is not None and (use > 0).all():
            room = np.zeros((len(orders), len(rows)))
            for at, column in enumerate(orders):
                place = slice(problem.start[column], problem.start[column + 1])
                index = problem.index[place]
                inside = np.flatnonzero((index >= rows[0]) & (index <= rows[-1]))
                room[at, index[inside] - rows[0]] = -problem.value[place][inside]
            most = [most_made(case.parts[key], line) for key in made[number]]
            ceiling = np.array(most).reshape(makes.shape)
            alone = Modular(
                listed, listed @ room, use, np.minimum(ceiling, problem.col_upper[makes])
            )
        out[number] = _Line(every, is_open, orders, makes, alone)
    return out


def _first_lines(case: Case, model: Model) -> set[int]:
    """Return the lines of each technology whose capacity costs least to build."""
    by_technology: dict[str, list[tuple[float, int]]] = {}
    for number, line in enumerate(case.lines):
        worth = [
            float(model.problem.cost[model.columns.build[number, at]].max(initial=-np.inf))
            / max(size.capacity, 1e-12)
            for at, size in enumerate(line.sizes)
        ]
        best = -max(worth, default=-np.inf)
        by_technology.setdefault(line.technology_id, []).append((best, number))
    return {
        number for found in by_technology.values() for _, number in sorted(found)[:FIRST_LINES]
    }
