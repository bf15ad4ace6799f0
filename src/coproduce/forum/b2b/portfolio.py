"""Several provers race on one model; the first proof ends the race.

Each prover is a process of its own. RC2 over CaDiCaL starts at once; CP-SAT, which takes a second
to load, joins when the problem turns out not to be a matter of a moment.
"""

from __future__ import annotations

import os
import queue
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coproduce.engines.boolean import BoolAnswer, BoolModel
from coproduce.engines.cp import CP_SAT, CpTask, minimise_bool
from coproduce.engines.fanout import Child, run_apart
from coproduce.engines.maxsat import (
    PYSAT,
    ImproveTask,
    SatTask,
    improve,
    minimise,
    read_progress,
    unmet,
)
from coproduce.forum.b2b.conflicts import find_conflicts
from coproduce.forum.b2b.encode import encode
from coproduce.forum.b2b.tables import assign_tables
from coproduce.forum.b2b.types import Answer, Options, Problem
from coproduce.records.errors import Cancelled, ModelError, UsageError

HEAD_START_S = 0.4
LOADING_S = 2.0
"""Set aside for CP-SAT to load, so that it ends by itself and tells its bound."""

IMPROVE_SHARE, IMPROVE_MOST_S = 0.2, 20.0
"""Of the time limit, kept back to better a timetable that could not be proven best."""

_PROVEN = ("optimal", "infeasible")


def schedule(problem: Problem, options: Options | None = None) -> Answer:
    """Return a timetable of all meetings with fewest breaks, or the proof that there is none.

    Args:
        problem: as read; see `read_dzn`.
        options: see `Options`.

    Raises:
        UsageError: F411 for options that make no sense.
        ModelError: F410 if the time passes without a timetable and without a proof.
        Cancelled: E104 if the caller gave up.

    Example:
        answer = schedule(read_dzn(Path("tic-12.original.dzn")))
        assert answer.status == "optimal" and answer.objective == 0
    """
    options = options or Options()
    _check(options)
    clock = _Clock(options.time_limit_s)
    conflict = find_conflicts(problem)
    if conflict:
        return _no_answer(problem, options, clock, conflict, "checks by hand")
    search = _Search(problem, options, clock)
    search.run()
    if search.slots is None and search.is_open:
        raise ModelError(
            f"no timetable was found within {options.time_limit_s:g} s and none was proven "
            "impossible; allow more time (--time-limit) or more threads (--threads)",
            code="F410",
            where=problem.name,
        )
    if search.slots is None:
        words = (
            f"no timetable holds all {len(problem.meetings)} meetings of "
            f"{problem.participants} participants in {problem.slots} slots with at most "
            f"{problem.tables} at once, everybody's forbidden slots, fixed slots, precedences and "
            f"breaks that differ by at most {options.fairness} kept; proven by {search.engine}, "
            "no smaller reason was found",
        )
        return _no_answer(problem, options, clock, words, search.engine)
    return Answer(
        slots=search.slots,
        tables=assign_tables(problem, search.slots),
        objective=search.cost,
        bound=search.bound,
        status="optimal" if search.bound == search.cost else "feasible",
        conflict=(),
        seconds=clock.seconds,
        cpu_seconds=clock.cpu_seconds,
        seed=options.seed,
        engine=search.engine,
        definition=options.definition,
        fairness=options.fairness,
    )


class _Clock:
    """Wall clock and processor, child processes included."""

    def __init__(self, limit_s: float) -> None:
        self._began, self._cpu_began = time.monotonic(), self._cpu()
        self.kept_back_s = min(IMPROVE_SHARE * limit_s, IMPROVE_MOST_S)
        self.ends_at = self._began + limit_s - self.kept_back_s

    @staticmethod
    def _cpu() -> float:
        spent = os.times()
        return spent.user + spent.system + spent.children_user + spent.children_system

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def cpu_seconds(self) -> float:
        return self._cpu() - self._cpu_began

    @property
    def left_s(self) -> float:
        """Seconds left for proof."""
        return max(0.0, self.ends_at - time.monotonic())


def _check(options: Options) -> None:
    wrong = [
        f"{name} is {value!r}, allowed is {allowed}"
        for name, value, is_right, allowed in (
            (
                "definition",
                options.definition,
                options.definition in ("jair", "avoidable"),
                "jair or avoidable",
            ),
            ("fairness", options.fairness, options.fairness >= 0, "0 or more"),
            ("time_limit_s", options.time_limit_s, options.time_limit_s > 0, "more than 0"),
            ("threads", options.threads, options.threads >= 1, "1 or more"),
        )
        if not is_right
    ]
    if wrong:
        raise UsageError("; ".join(wrong), code="F411")


def _no_answer(
    problem: Problem, options: Options, clock: _Clock, conflict: tuple[str, ...], engine: str
) -> Answer:
    return Answer(
        slots=(),
        tables=(),
        objective=None,
        bound=None,
        status="infeasible",
        conflict=conflict,
        seconds=clock.seconds,
        cpu_seconds=clock.cpu_seconds,
        seed=options.seed,
        engine=engine,
        definition=options.definition,
        fairness=options.fairness,
    )


class _Search:
    """Solves for least breaks 0, then, only if it may help, 1, 2, … for everybody.

    Fairness bounds the difference between any two participants. Where somebody has at most one
    meeting, or the optimum is not above the number of participants, level 0 settles it.

    Attributes:
        slots, cost: the best timetable and its breaks; None so far.
        bound: no timetable has fewer breaks.
        is_open: whether some level was left without proof.
        engine: who proved the last level.
    """

    def __init__(self, problem: Problem, options: Options, clock: _Clock) -> None:
        self.problem, self.options, self.clock = problem, options, clock
        self.slots: tuple[int, ...] | None = None
        self.cost: int | None = None
        self.is_open = False
        self.engine = ""
        self._bounds: list[int] = []

    @property
    def bound(self) -> int:
        known = [*self._bounds, *([] if self.cost is None else [self.cost])]
        return min(known, default=0)

    def run(self) -> None:
        loads = [len(numbers) for numbers in self.problem.meetings_of()]
        highest = max(0, min(loads, default=0) - 1)
        for least in range(highest + 1):
            floor = least * self.problem.participants
            if self.cost is not None and self.cost <= floor:
                return
            if self.clock.left_s <= 0:
                self.is_open = True
                self._bounds.append(floor)
                return
            self._level(least)

    def _level(self, least: int) -> None:
        with _Race(self.options, self.clock) as race:
            encoding = encode(self.problem, self.options.definition, self.options.fairness, least)
            answer = race.run(encoding.model)
        self.engine = answer.engine
        if answer.status == "infeasible":
            return
        self._bounds.append(answer.bound)
        self.is_open = self.is_open or answer.status != "optimal"
        if answer.cost is not None and (self.cost is None or answer.cost < self.cost):
            self.slots, self.cost = encoding.slots(answer.true), answer.cost


@dataclass(frozen=True, slots=True)
class _Runner:
    """A prover: what its process loads early, what it runs, when it joins."""

    preload: str
    function: Callable[[Any], BoolAnswer]
    task: Callable[[BoolModel], Any]
    joins_after_s: float


class _Race:
    """The provers of one model; their processes start with the race and end with it."""

    def __init__(self, options: Options, clock: _Clock) -> None:
        self.options, self.clock = options, clock
        self._folder = tempfile.TemporaryDirectory(prefix="coproduce-")
        self._over = threading.Event()
        self._found: queue.Queue[BoolAnswer | ModelError] = queue.Queue()
        self._threads: list[threading.Thread] = []
        self._told = [Path(self._folder.name) / f"{n}.jsonl" for n in range(options.threads)]
        self._first = Child(preload=(PYSAT,))

    def __enter__(self) -> _Race:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._first.close()
        self._folder.cleanup()

    def run(self, model: BoolModel) -> BoolAnswer:
        """Return the first proof, or the best of what is known when the time is over."""
        runners = self._runners()
        for position, runner in enumerate(runners):
            child = self._first if position == 0 else None
            self._threads.append(
                threading.Thread(target=self._serve, args=(runner, model, child), daemon=True)
            )
            self._threads[-1].start()
        answers, failures = [], []
        for _ in runners:
            answer = self._next()
            if isinstance(answer, ModelError):
                failures.append(answer)
                continue
            if answer.status in _PROVEN:
                return answer
            answers.append(answer)
        if len(failures) == len(runners) and failures[0].code == "E103":
            raise failures[0]
        return self._combined(model, answers)

    def _runners(self) -> list[_Runner]:
        seed, more = self.options.seed, self.options.threads - 1
        limit_s = max(0.1, self.clock.left_s - LOADING_S)
        first = _Runner(PYSAT, minimise, lambda m: SatTask(m, progress=str(self._told[0])), 0.0)
        runners = [first]
        if more >= 2:
            runners.append(
                _Runner(
                    PYSAT,
                    minimise,
                    lambda m: SatTask(m, "cadical195", str(self._told[1])),
                    HEAD_START_S,
                )
            )
        if more >= 1:
            workers = max(1, more - 1)
            runners.append(
                _Runner(
                    CP_SAT,
                    minimise_bool,
                    lambda m: CpTask(m, limit_s, seed, workers),
                    HEAD_START_S,
                )
            )
        return runners

    def _serve(self, runner: _Runner, model: BoolModel, child: Child | None) -> None:
        if self._over.wait(runner.joins_after_s):
            return
        try:
            with child or Child(preload=(runner.preload,)) as process:
                answer = process.run(
                    runner.function,
                    runner.task(model),
                    timeout_s=self.clock.left_s,
                    is_cancelled=self._over.is_set,
                )
            self._found.put(answer)
        except ModelError as error:
            self._found.put(error)
        except Cancelled:
            return

    def _next(self) -> BoolAnswer | ModelError:
        asked = self.options.is_cancelled
        while True:
            if asked is not None and asked():
                raise Cancelled("the solver was stopped on request", code="E104")
            try:
                return self._found.get(timeout=0.05)
            except queue.Empty:
                self._show()

    def _show(self) -> None:
        if self.options.progress is not None:
            share = min(1.0, self.clock.seconds / self.options.time_limit_s)
            bound = max((read_progress(path)[0] for path in self._told), default=0)
            self.options.progress(share, f"at least {bound} breaks")

    def _combined(self, model: BoolModel, answers: list[BoolAnswer]) -> BoolAnswer:
        """Return the best answer and bound of all provers that were ended."""
        answers = list(answers)
        for path in self._told:
            bound, true = read_progress(path)
            cost = None if true is None else unmet(model, true)
            answers.append(
                BoolAnswer("unknown", true or frozenset(), cost, bound, 0.0, "RC2 (python-sat)")
            )
        bound = max(answer.bound for answer in answers)
        best = min(answers, key=lambda a: (a.cost is None, a.cost or 0))
        if best.cost is not None and best.cost > bound:
            best = self._bettered(model, best)
        status = "unknown" if best.cost is None else "feasible"
        if best.cost is not None and best.cost <= bound:
            status = "optimal"
        return replace(best, status=status, bound=bound)

    def _bettered(self, model: BoolModel, best: BoolAnswer) -> BoolAnswer:
        """Return a better answer if one is found in the time kept back."""
        seconds = self.clock.kept_back_s
        task = ImproveTask(model, best.true, 0.8 * seconds)
        try:
            true = run_apart(
                improve,
                task,
                timeout_s=max(seconds, 1.0),
                is_cancelled=self.options.is_cancelled,
            )
        except ModelError:  # the time kept back was too short; what is known stands
            return best
        return replace(best, true=true, cost=unmet(model, true))


__all__ = ["schedule"]
