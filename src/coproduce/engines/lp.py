"""The only door to HiGHS: arrays in, a solution with its bound out.

The problems themselves are built in `lp_build`; its names can be had from here as well.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import numpy as np

from coproduce.engines.lp_build import Builder, Cut, Floats, Ints, Problem, with_cuts
from coproduce.records.errors import ModelError

Progress = Callable[[float, str], None]
Stop = Callable[[], bool]


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
    stop: Stop | None = None,
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
        stop: asked five times a second; when it says yes the search ends as on Ctrl-C.

    Raises:
        ModelError: the solver refuses the problem (code ``L001``) or fails (``L002``).
    """
    began = time.monotonic()
    highs = _loaded(problem)
    _set_options(highs, gap_share, time_limit_s, seed, threads, extra or {})
    if start is not None:
        _pass_start(highs, start)
    was_interrupted = _run(highs, progress, stop)
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


def transport(problem: Problem) -> Solution | None:
    """Return the basic solution of a small linear problem with its prices; None if infeasible.

    No thread, no presolve: for problems that are solved by the thousand in milliseconds.

    Raises:
        ModelError: the solver neither solves it nor calls it infeasible (code ``L002``).
    """
    began = time.monotonic()
    highs = _loaded(problem)
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("solver", "simplex")
    highs.run()
    found = _read(highs, problem, time.monotonic() - began, False)
    if found.status == "infeasible":
        return None
    if found.status != "optimal":
        raise ModelError("the solver stopped in a transport problem", code="L002")
    return found


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
        return with_cuts(self._whole, self._cuts)

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

    def set_upper(self, columns: Ints, upper: Floats) -> None:
        """Change the upper bounds of some columns in the relaxation, not in `problem`."""
        whole = self._relaxed.col_upper.copy()
        whole[columns] = upper
        self._relaxed = self._relaxed.with_bounds(self._relaxed.col_lower, whole)
        lower = self._relaxed.col_lower[columns]
        self._highs.changeColsBounds(len(columns), columns, lower, upper)

    def is_over(self) -> bool:
        """Return whether the time for solves and cuts is up."""
        return time.monotonic() >= self._deadline

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


class _Asked:
    """Whether the search is to stop. A bare flag: a signal handler may not wait for a lock."""

    is_set = False


@contextmanager
def _ctrl_c_asks(stop: _Asked) -> Iterator[None]:
    """Let Ctrl-C set `stop` and raise nothing inside the block.

    An exception could come at any line between two calls, also outside every ``try``; a handler
    that sets a flag cannot be missed. Only the main thread may set one: elsewhere Ctrl-C is the
    caller's business.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def note(number: int, frame: FrameType | None) -> None:
        stop.is_set = True

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _run(highs: Any, progress: Progress | None, asked: Stop | None = None) -> bool:
    """Run in a thread of its own, so that Ctrl-C and progress reach the main one."""
    import highspy

    stop, is_done = _Asked(), threading.Event()
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
    with _ctrl_c_asks(stop):
        worker.start()
        while not is_done.wait(0.2):
            if asked is not None and asked():
                stop.is_set = True
        worker.join()
    highs.clearCallbacks()
    if failures:
        raise failures[0]
    return stop.is_set


def _listen(highs: Any, stop: _Asked, progress: Progress | None) -> None:
    def on_interrupt(event: Any) -> None:
        if stop.is_set:
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
    "transport",
]
