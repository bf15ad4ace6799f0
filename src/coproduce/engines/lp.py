"""The only door to HiGHS: arrays in, a solution with its bound out.

A `Builder` collects columns, rows and entries in blocks of arrays; `Builder.problem` turns them
into the compressed columns that the solver reads without a Python call per variable.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from coproduce.records.errors import ModelError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Problem:
    """A linear or mixed-integer problem, columns compressed.

    Attributes:
        cost: objective coefficient of each column.
        col_lower, col_upper: bounds of each column; ``±inf`` where there is none.
        row_lower, row_upper: bounds of each row.
        start, index, value: compressed columns: the entries of column ``j`` are
            ``start[j]:start[j + 1]`` of `index` (row) and `value`.
        is_integer: per column.
        is_maximised: the objective is to be made large.
    """

    cost: Floats
    col_lower: Floats
    col_upper: Floats
    row_lower: Floats
    row_upper: Floats
    start: Ints
    index: Ints
    value: Floats
    is_integer: npt.NDArray[np.bool_]
    is_maximised: bool = False

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.cost)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    def with_bounds(self, lower: Floats, upper: Floats) -> Problem:
        """Return the same problem with other column bounds."""
        return self._changed(col_lower=lower, col_upper=upper)

    def with_rows(self, lower: Floats, upper: Floats) -> Problem:
        """Return the same problem with other row bounds."""
        return self._changed(row_lower=lower, row_upper=upper)

    def with_cost(self, cost: Floats) -> Problem:
        """Return the same problem with other costs; zero asks whether there is any answer."""
        return self._changed(cost=cost)

    def relaxed(self) -> Problem:
        """Return the same problem without the demand for whole numbers."""
        return self._changed(is_integer=np.zeros(self.columns, dtype=bool))

    def _changed(self, **changes: Any) -> Problem:
        names = self.__dataclass_fields__
        return Problem(**{name: changes.get(name, getattr(self, name)) for name in names})


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver found.

    Attributes:
        status: ``optimal`` (within the asked gap), ``feasible`` (stopped early with an answer),
            ``infeasible``, ``unbounded`` or ``none`` (stopped early without an answer).
        x: value of each column; empty without an answer.
        objective, bound: in the problem's own direction; nan where there is none.
        gap_share: ``|bound - objective| / max(1e-9, |objective|)``; inf without an answer.
        row_dual, reduced_cost: shadow prices of a pure LP; empty otherwise.
        seconds: wall-clock time.
        was_interrupted: the user stopped the search.
    """

    status: str
    x: Floats
    objective: float
    bound: float
    gap_share: float
    row_dual: Floats
    reduced_cost: Floats
    seconds: float
    was_interrupted: bool = False

    @property
    def has_answer(self) -> bool:
        """There is a point that keeps all rows and bounds."""
        return self.x.size > 0


@dataclass(frozen=True, slots=True)
class Cut:
    """A row that every whole-numbered point keeps: ``values · x[columns] ≤ upper``."""

    columns: Ints
    values: Floats
    upper: float


@dataclass(slots=True)
class Builder:
    """Collects a problem block by block."""

    is_maximised: bool = False
    columns: int = 0
    rows: int = 0
    _cols: list[tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]]] = field(default_factory=list)
    _rows: list[tuple[Floats, Floats]] = field(default_factory=list)
    _entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)

    def add_columns(
        self,
        count: int,
        *,
        cost: npt.ArrayLike = 0.0,
        lower: npt.ArrayLike = 0.0,
        upper: npt.ArrayLike = np.inf,
        is_integer: bool = False,
    ) -> Ints:
        """Return the numbers of `count` new columns; scalars hold for all of them."""
        self._cols.append(
            (
                _filled(cost, count),
                _filled(lower, count),
                _filled(upper, count),
                np.full(count, is_integer),
            )
        )
        first = self.columns
        self.columns += count
        return np.arange(first, self.columns, dtype=np.int32)

    def add_rows(
        self, count: int, *, lower: npt.ArrayLike = -np.inf, upper: npt.ArrayLike = np.inf
    ) -> Ints:
        """Return the numbers of `count` new rows."""
        self._rows.append((_filled(lower, count), _filled(upper, count)))
        first = self.rows
        self.rows += count
        return np.arange(first, self.rows, dtype=np.int32)

    def add_entries(
        self, rows: npt.ArrayLike, columns: npt.ArrayLike, values: npt.ArrayLike
    ) -> None:
        """Put `values` at (`rows`, `columns`); entries at the same place add up."""
        row, col, value = np.broadcast_arrays(rows, columns, values)
        self._entries.append(
            (
                row.ravel().astype(np.int32),
                col.ravel().astype(np.int32),
                value.ravel().astype(np.float64),
            )
        )

    def problem(self) -> Problem:
        """Return the collected problem."""
        from scipy import sparse

        cols = [np.concatenate(part) for part in zip(*self._cols, strict=True)]
        row_lower, row_upper = _joined(self._rows, 2)
        rows, columns, values = _joined(self._entries, 3)
        make: Any = sparse  # its stub has no types
        triples = (values, (rows.astype(np.int32), columns.astype(np.int32)))
        matrix = make.coo_matrix(triples, shape=(self.rows, self.columns)).tocsc()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return Problem(
            cost=cols[0],
            col_lower=cols[1],
            col_upper=cols[2],
            row_lower=row_lower,
            row_upper=row_upper,
            start=matrix.indptr.astype(np.int32),
            index=matrix.indices.astype(np.int32),
            value=matrix.data.astype(np.float64),
            is_integer=cols[3].astype(bool),
            is_maximised=self.is_maximised,
        )


def engine_version() -> str:
    """Return the solver's name and version, for example ``HiGHS 1.15.1``."""
    import highspy

    solver: Any = highspy.Highs
    return f"HiGHS {solver().version()}"


def solve(
    problem: Problem,
    *,
    gap_share: float = 1e-6,
    time_limit_s: float = 600.0,
    seed: int = 0,
    threads: int = 2,
    start: Floats | None = None,
    progress: Progress | None = None,
    extra: dict[str, Any] | None = None,
) -> Solution:
    """Return the best point found, with its bound.

    Ctrl-C stops the search and gives the best point so far, with the gap that it has.

    Args:
        problem: what to solve.
        gap_share: stop when the bound is this close, as a share of the objective.
        time_limit_s: stop after this many seconds.
        seed: same seed, threads and problem give the same answer, unless time runs out.
        threads: cores to use.
        start: a point to start from; need not be complete, nan where unknown.
        progress: called with the gap as a share and a line of text while the search runs.
        extra: further options of the solver by their own names.

    Raises:
        ModelError: the solver refuses the problem (code ``L001``) or fails (``L002``).
    """
    began = time.monotonic()
    highs = _loaded(problem)
    _set_options(highs, gap_share, time_limit_s, seed, threads, extra or {})
    if start is not None:
        _pass_start(highs, start)
    was_interrupted = _run(highs, progress)
    return _read(highs, problem, time.monotonic() - began, was_interrupted)


def settle(problem: Problem, *, threads: int = 2) -> Solution:
    """Return the answer of a small linear problem that finishes a plan already found.

    A first Ctrl-C is noted in the answer and the problem is solved all the same.

    Raises:
        KeyboardInterrupt: Ctrl-C came a second time.
    """
    found = solve(problem, threads=threads)
    if not found.was_interrupted or found.has_answer:
        return found
    found = solve(problem, threads=threads)
    if found.was_interrupted and not found.has_answer:
        raise KeyboardInterrupt
    return replace(found, was_interrupted=True)


class Relaxation:
    """The relaxation of a problem, kept loaded: each solve goes on from where the last stood.

    Args:
        problem: the problem; its whole numbers are relaxed here, not in `problem`.
        time_limit_s: most seconds for all solves together.
    """

    def __init__(
        self, problem: Problem, *, time_limit_s: float = 600.0, seed: int = 0, threads: int = 2
    ) -> None:
        self._whole, self._cuts = problem, list[Cut]()
        self._relaxed = problem.relaxed()
        self._highs = _loaded(self._relaxed)
        # Devex weights: on degenerate relaxations a third faster than steepest edge.
        devex = {"simplex_dual_edge_weight_strategy": 1}
        _set_options(self._highs, 1e-6, time_limit_s, seed, threads, devex)
        self.limit(time_limit_s)

    @property
    def problem(self) -> Problem:
        """The problem with the cuts added and the costs set so far."""
        return _with_cuts(self._whole, self._cuts)

    def limit(self, time_limit_s: float) -> None:
        """Allow so many seconds from now on, for all solves and rounds of cuts together."""
        self._deadline = time.monotonic() + time_limit_s

    def solve(self) -> Solution:
        """Return the relaxation's solution."""
        began = time.monotonic()
        # The solver's clock goes on from solve to solve.
        until = self._highs.getRunTime() + max(0.01, self._deadline - began)
        self._highs.setOptionValue("time_limit", float(until))
        was_interrupted = _run(self._highs, None)
        return _read(self._highs, self._relaxed, time.monotonic() - began, was_interrupted)

    def set_cost(self, cost: Floats) -> None:
        """Change all costs."""
        self._whole = self._whole.with_cost(cost)
        self._relaxed = self._relaxed.with_cost(cost)
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def tighten(
        self,
        found: Solution,
        separate: Callable[[Floats], list[Cut]],
        *,
        rounds: int,
        least_gain_share: float,
    ) -> Solution:
        """Return the solution after rounds of cuts.

        Stops when nothing is violated, after `rounds`, or when a round moves the value by less
        than `least_gain_share` of itself. Where a round is stopped, by hand or for time, the
        last solution is returned; the cuts of that round stay and have no price.
        """
        for _ in range(rounds):
            is_open = found.status == "optimal" and time.monotonic() < self._deadline
            cuts = separate(found.x) if is_open and not found.was_interrupted else []
            if not cuts:
                break
            _add_cuts(self._highs, cuts)
            self._cuts += cuts
            last, found = found, self.solve()
            if found.status == "none":
                prices = np.append(last.row_dual, np.zeros(len(cuts)))
                return replace(last, row_dual=prices, was_interrupted=found.was_interrupted)
            gain = abs(last.objective - found.objective)
            if gain < least_gain_share * abs(found.objective):
                break
        return found


def _add_cuts(highs: Any, cuts: list[Cut]) -> None:
    starts = np.cumsum([0, *(len(cut.columns) for cut in cuts[:-1])]).astype(np.int32)
    index = np.concatenate([cut.columns for cut in cuts]).astype(np.int32)
    value = np.concatenate([cut.values for cut in cuts])
    lower = np.full(len(cuts), -np.inf)
    upper = np.array([cut.upper for cut in cuts])
    highs.addRows(len(cuts), lower, upper, len(index), starts, index, value)


def _with_cuts(problem: Problem, cuts: list[Cut]) -> Problem:
    if not cuts:
        return problem
    from scipy import sparse

    rows = np.repeat(np.arange(len(cuts)), [len(cut.columns) for cut in cuts])
    columns = np.concatenate([cut.columns for cut in cuts])
    values = np.concatenate([cut.values for cut in cuts])
    make: Any = sparse  # its stub has no types
    shape = (problem.rows, problem.columns)
    old = make.csc_matrix((problem.value, problem.index, problem.start), shape=shape)
    new = make.csc_matrix((values, (rows, columns)), shape=(len(cuts), problem.columns))
    matrix = make.vstack([old, new]).tocsc()
    return problem._changed(
        row_lower=np.append(problem.row_lower, np.full(len(cuts), -np.inf)),
        row_upper=np.append(problem.row_upper, [cut.upper for cut in cuts]),
        start=matrix.indptr.astype(np.int32),
        index=matrix.indices.astype(np.int32),
        value=matrix.data.astype(np.float64),
    )


def _filled(value: npt.ArrayLike, count: int) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)).copy()


def _joined(blocks: list[Any], width: int) -> list[Any]:
    if not blocks:
        return [np.zeros(0)] * width
    return [np.concatenate(part) for part in zip(*blocks, strict=True)]


def _loaded(problem: Problem) -> Any:
    import highspy

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = problem.columns, problem.rows
    lp.col_cost_ = problem.cost
    lp.col_lower_, lp.col_upper_ = problem.col_lower, problem.col_upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = problem.start
    lp.a_matrix_.index_ = problem.index
    lp.a_matrix_.value_ = problem.value
    lp.sense_ = highspy.ObjSense.kMaximize if problem.is_maximised else highspy.ObjSense.kMinimize
    if problem.is_integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in problem.is_integer]
    solver: Any = highspy.Highs
    highs = solver()
    highs.setOptionValue("log_to_console", False)  # silence would stop the progress calls too
    if highs.passModel(lp) == highspy.HighsStatus.kError:
        raise ModelError("the solver refuses the problem as malformed", code="L001")
    return highs


def _set_options(
    highs: Any,
    gap_share: float,
    time_limit_s: float,
    seed: int,
    threads: int,
    extra: dict[str, Any],
) -> None:
    import highspy

    # HiGHS keeps one pool of threads per process; without a reset another size is refused.
    highspy.Highs.resetGlobalScheduler(True)
    options: dict[str, Any] = {
        "mip_rel_gap": float(gap_share),
        "mip_abs_gap": 1e-9,
        "time_limit": float(max(time_limit_s, 0.01)),
        "random_seed": int(seed),
        "threads": int(threads),
        **extra,
    }
    for name, value in options.items():
        if highs.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise ModelError(f"the solver knows no option {name} = {value!r}", code="L001")


def _pass_start(highs: Any, start: Floats) -> None:
    known = np.flatnonzero(~np.isnan(start)).astype(np.int32)
    highs.setSolution(len(known), known, start[known])


def _run(highs: Any, progress: Progress | None) -> bool:
    """Run in a thread of its own, so that Ctrl-C and progress reach the main one."""
    import highspy

    stop, is_done = threading.Event(), threading.Event()
    _listen(highs, stop, progress)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            if highspy.Highs.run(highs) == highspy.HighsStatus.kError:
                raise ModelError("the solver stopped with an error", code="L002")
        except BaseException as error:
            failures.append(error)
        finally:
            is_done.set()

    worker = threading.Thread(target=work, name="solver", daemon=True)
    worker.start()
    while not is_done.is_set():
        try:
            is_done.wait(0.2)  # not join: an interrupted join may mark a live thread as ended
        except KeyboardInterrupt:
            stop.set()
    worker.join()
    highs.clearCallbacks()
    if failures:
        raise failures[0]
    return stop.is_set()


def _listen(highs: Any, stop: threading.Event, progress: Progress | None) -> None:
    def on_interrupt(event: Any) -> None:
        if stop.is_set():
            event.interrupt()

    def on_log(event: Any) -> None:
        if progress is not None:
            gap = float(event.data_out.mip_gap)
            shown = f"{gap:.2%}" if gap < 10 else "open"
            progress(gap, f"gap {shown} after {float(event.data_out.running_time):.0f} s")

    for callback in (highs.cbMipInterrupt, highs.cbSimplexInterrupt, highs.cbIpmInterrupt):
        callback += on_interrupt
    highs.cbMipLogging += on_log


def _read(highs: Any, problem: Problem, seconds: float, was_interrupted: bool) -> Solution:
    import highspy

    state = highs.getModelStatus()
    info = highs.getInfo()
    kinds = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnbounded: "unbounded",
        highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
        highspy.HighsModelStatus.kModelEmpty: "optimal",
    }
    status = kinds.get(state, "none")
    # 2 = the solver's own mark for a feasible primal point.
    has_point = status == "optimal" or (
        status == "none" and int(info.primal_solution_status) == 2 and problem.is_integer.any()
    )
    if status == "none" and has_point:
        status = "feasible"
    nothing = np.zeros(0)
    if not has_point:
        bound = float(info.mip_dual_bound) if problem.is_integer.any() else np.nan
        return Solution(
            status, nothing, np.nan, bound, np.inf, nothing, nothing, seconds, was_interrupted
        )
    point = highs.getSolution()
    objective = float(info.objective_function_value)
    is_mixed = bool(problem.is_integer.any())
    bound = float(info.mip_dual_bound) if is_mixed else objective
    return Solution(
        status=status,
        x=np.asarray(point.col_value, dtype=np.float64),
        objective=objective,
        bound=bound,
        gap_share=abs(bound - objective) / max(1e-9, abs(objective)),
        row_dual=nothing if is_mixed else np.asarray(point.row_dual, dtype=np.float64),
        reduced_cost=nothing if is_mixed else np.asarray(point.col_dual, dtype=np.float64),
        seconds=seconds,
        was_interrupted=was_interrupted,
    )


__all__ = [
    "Builder",
    "Cut",
    "Problem",
    "Progress",
    "Relaxation",
    "Solution",
    "engine_version",
    "settle",
    "solve",
]
