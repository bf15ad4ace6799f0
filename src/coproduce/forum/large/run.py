"""Schedule a forum: choose the meetings, place them, polish, prove, explain."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from coproduce.engines.cp import solver_child
from coproduce.engines.fanout import Child
from coproduce.forum.large.access import Access
from coproduce.forum.large.board import Board, place
from coproduce.forum.large.choose import Choice, choose
from coproduce.forum.large.finish import assembled, least_breaks
from coproduce.forum.large.improve import fill, push
from coproduce.forum.large.musts import MustTask, place_musts
from coproduce.forum.large.polish import polish
from coproduce.forum.large.read import read_forum
from coproduce.forum.large.seat import tables_of
from coproduce.forum.large.task import Task, task_of
from coproduce.forum.large.types import Answer, Forum, Options
from coproduce.forum.large.verify import verify_answer
from coproduce.records.errors import Cancelled, ModelError, VerificationFailed

GRACE_S = 30.0
"""Wall-clock time beyond the limit after which a solver's process is given up."""
FLOW = "ortools.graph.python.min_cost_flow"


def schedule_folder(path: Path, options: Options | None = None) -> Answer:
    """Return the schedule of a forum folder.

    Raises:
        ModelError: F232 if nobody asks for anybody; else as `read_forum` and `schedule` do.
    """
    began = time.monotonic()
    with Child(preload=(FLOW,)) as child:  # loads the solver while we read
        forum = read_forum(path)
        if not forum.wishes:
            raise ModelError(
                "nobody asks for a meeting, so there is nothing to schedule; fill in "
                "requests.csv, or let `coproduce forum requests` make a suggested.csv beside it",
                code="F232",
                where=str(path / "requests.csv"),
            )
        return schedule(forum, options, child=child, began=began)


def schedule(
    forum: Forum,
    options: Options | None = None,
    *,
    child: Child | None = None,
    began: float | None = None,
) -> Answer:
    """Return a timetable with its bound, checked by `verify_answer` before it is returned.

    Args:
        forum: as read; its conflicts are found by then.
        options: time, seed, definition of breaks, fairness.
        child: a solver process started early; used once.
        began: moment of `time.monotonic` from which the time counts; left out: now.

    Raises:
        ModelError: F230 if not all musts can be held (proven) or that stays open: no timetable is
            given then; F227 if there are too many kinds of language need.
        VerificationFailed: F100 if the independent check finds a fault.
        Cancelled: F231 if the user stopped the work.
    """
    options = options or Options()
    work = _Work(forum, options, child, time.monotonic() if began is None else began)
    board, choice = work.built()
    work.polished(board)
    answer = work.answer(board, choice)
    work.tell(0.97, "the timetable is checked")
    faults = verify_answer(forum, answer)
    if faults:
        first = faults[0]
        raise VerificationFailed(
            f"{len(faults)} faults, the first: {first.code}, {first.message}",
            code="F100",
            where=first.where,
        )
    return answer


class _Work:
    """One run: the forum, the options and the clock."""

    def __init__(self, forum: Forum, options: Options, child: Child | None, began: float) -> None:
        self.forum, self.options = forum, options
        self.began, self.chosen_s = began, 0.0
        self._child = child
        self.tell(0.05, "the forum is counted")
        self.access = Access(forum)
        self.task: Task = task_of(forum, self.access)

    def tell(self, share: float, doing: str) -> None:
        """Report progress and stop if asked to."""
        if self.options.is_cancelled is not None and self.options.is_cancelled():
            raise Cancelled("stopped on request; no timetable was made", code="F231")
        if self.options.progress is not None:
            self.options.progress(share, doing)

    def at(self, share: float) -> float:
        """Return the moment when a share of the time is over."""
        return self.began + share * self.options.time_limit_s

    def child(self) -> Child:
        child, self._child = self._child, None
        return child or Child(preload=(FLOW,))

    def built(self) -> tuple[Board, Choice]:
        """Return a board with as much worth on it as was found, and the choice with its bound."""
        self.tell(0.1, "meetings are chosen")
        limit = max(1.0, 0.5 * self.options.time_limit_s)
        began = time.monotonic()
        choice = choose(self.task, self.child, limit, self.options.seed, self.options.threads)
        self.chosen_s = time.monotonic() - began
        self.tell(0.3, "meetings are placed")
        board = self._board(choice, {})
        lost = self._lost(board)
        if lost:
            board = self._board(choice, self._musts(lost))
            lost = self._lost(board)
        if lost:
            raise AssertionError("a must that was placed was lost again")
        return board, choice

    def _board(self, choice: Choice, musts: Mapping[int, int]) -> Board:
        """Return a board with the choice on it, beside musts whose slots are known."""
        board = Board(self.task)
        for meeting, slot in musts.items():
            board.put(meeting, slot)
        unplaced = place(board, (m for m in choice.meetings if m not in musts))
        push(board, unplaced, self.at(0.7))
        fill(board, self.at(0.75))
        fill(board, 0.0)  # moves made for one meeting may have freed a place for another
        return board

    def _lost(self, board: Board) -> list[int]:
        """Return the musts that are not on a board."""
        return [
            meeting
            for meeting, is_must in enumerate(self.task.is_must)
            if is_must and meeting not in board.slot_of
        ]

    def _musts(self, lost: list[int]) -> Mapping[int, int]:
        """Return a slot for each must, or say that there is none; the paths found too few."""
        self.tell(0.5, "musts are placed exactly")
        asked = MustTask(
            self.task,
            tuple(m for m, is_must in enumerate(self.task.is_must) if is_must),
            max(2.0, 0.3 * self.options.time_limit_s),
            self.options.seed,
        )
        with solver_child() as process:
            answer = process.run(
                place_musts,
                asked,
                timeout_s=2 * asked.time_limit_s + GRACE_S,
                is_cancelled=self.options.is_cancelled,
            )
        if answer.status == "held":
            return answer.slot_of
        listed = "; ".join(
            f"{'+'.join(self.task.meetings[m])} "
            f"({', '.join(self.access.named(self.task.mask[m])[:8])})"
            for m in lost[:10]
        )
        found = (
            "it is proven that not all musts can be held, so there is no timetable"
            if answer.status == "impossible"
            else f"whether all musts can be held is open after {asked.time_limit_s:.0f} s; allow "
            "more time, or"
        )
        raise ModelError(
            f"{found}: {len(lost)} meetings that must be held found no place beside the other "
            f"musts; free one of these slots or make one of them a wish: {listed}",
            code="F230",
            where="requests.csv",
        )

    def polished(self, board: Board) -> None:
        """Spend what is left of the time on breaks.

        Tables, reasons and the check then take about as long as reading and placing took.
        """
        margin = 0.3 + time.monotonic() - self.began - self.chosen_s
        until = self.at(1.0) - margin
        if not self.options.polish or time.monotonic() >= until:
            return
        polish(
            board,
            definition=self.options.definition,
            fairness=self.options.fairness,
            seed=self.options.seed,
            until=until,
            least=least_breaks(board, self.options.definition),
            tell=lambda doing: self.tell(0.6, doing),
        )
        fill(board, 0.0)

    def answer(self, board: Board, choice: Choice) -> Answer:
        """Return the board as an answer, with tables, interpreters and refusals."""
        self.tell(0.9, "tables are given out and refusals explained")
        slot_of = {self.task.meetings[m]: self.access.names[s] for m, s in board.slot_of.items()}
        return assembled(
            self.forum,
            self.access,
            board,
            tables_of(self.forum, slot_of),
            bound=choice.bound,
            engine=f"{choice.engine}; alternating paths; annealing of breaks",
            options=self.options,
            seconds=lambda: time.monotonic() - self.began,
        )


__all__ = ["schedule", "schedule_folder"]
