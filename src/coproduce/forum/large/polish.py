"""Fewer breaks without losing a meeting: annealing over two-slot components."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from coproduce.forum.large.bitwise import bits
from coproduce.forum.large.board import Board

FIRST_HEAT, LAST_HEAT = 60.0, 8.0
ROUND_STEPS = 200_000


class State:
    """A board as arrays for the kernel."""

    def __init__(self, board: Board, definition: str) -> None:
        task = board.task
        self.board, self.is_jair = board, definition == "jair"
        self.meetings = sorted(board.slot_of)
        number = {meeting: index for index, meeting in enumerate(self.meetings)}
        self.slot_of = np.array([board.slot_of[m] for m in self.meetings], dtype=np.int64)
        self.sitting = _padded([board.seats(m) for m in self.meetings])
        self.pools = _padded([task.pools[m] for m in self.meetings])
        self.may = _unpacked([task.mask[m] for m in self.meetings], task.slots)
        self.movable = np.array(
            [number[m] for m in self.meetings if not board.is_pinned(m)], dtype=np.int64
        )
        pinned = np.setdiff1d(np.arange(len(self.meetings)), self.movable)
        self.may[pinned] = False
        once = np.array(task.at_once, dtype=np.int64)
        self.first_seat = np.concatenate([[0], np.cumsum(once)]).astype(np.int64)
        self.seats = np.arange(self.first_seat[-1], dtype=np.int64)
        self.person_of = np.repeat(np.arange(len(once)), once).astype(np.int64)
        self.at = np.full((len(self.seats), task.slots), -1, dtype=np.int64)
        for index, slot in enumerate(self.slot_of):
            for seat in self.sitting[index]:
                if seat >= 0:
                    self.at[seat, slot] = index
        self.spare = np.array(board.spare(), dtype=np.int64).reshape(-1, task.slots)
        self.free = _unpacked(task.free, task.slots)
        self.days = np.array(task.days, dtype=np.int64)
        self.count_of = np.array(board.breaks(definition), dtype=np.int64)

    def anneal(self, steps: int, seed: int, heats: tuple[float, float], fairness: int) -> int:
        """Run the kernel and return how many moves it kept."""
        from coproduce.forum.large.kernel import anneal

        if not len(self.movable) or len(self.days) < 2:
            return 0
        kept: int = anneal(
            steps,
            seed,
            np.array(heats, dtype=np.float64),
            fairness,
            self.is_jair,
            self.slot_of,
            self.sitting,
            self.at,
            self.may,
            self.movable,
            self.pools,
            self.spare,
            self.person_of,
            self.first_seat,
            self.seats,
            self.free,
            self.days,
            self.count_of,
        )
        return kept

    def cost(self, fairness: int) -> tuple[int, int]:
        """Return breaks above what is fair, then breaks."""
        over = np.maximum(0, self.count_of - fairness).sum() if fairness >= 0 else 0
        return int(over), int(self.count_of.sum())


def polish(
    board: Board,
    *,
    definition: str,
    fairness: int | None,
    seed: int,
    until: float,
    least: int,
    tell: Callable[[str], None],
) -> None:
    """Change the slots of the board's meetings so that breaks fall.

    Args:
        board: changed; keeps every meeting.
        definition: of a break.
        fairness: most breaks of one participant, if it can be had.
        seed: of the search.
        until: moment of `time.monotonic` at which to stop.
        least: breaks below which nobody can go; reached, the work ends.
        tell: told how many breaks there are.
    """
    state = State(board, definition)
    fair = -1 if fairness is None else fairness
    best, best_slots = state.cost(fair), state.slot_of.copy()
    began = time.monotonic()
    state.anneal(1, 1, (0.0, 0.0), fair)  # compiles, so that the clock below is true
    loaded = time.monotonic()
    state.anneal(2000, seed + 1, (FIRST_HEAT, FIRST_HEAT), fair)
    pace = 2000 / max(1e-6, time.monotonic() - loaded)
    steps = min(ROUND_STEPS, max(1000, int(pace * 0.2)))
    whole = max(1e-3, until - loaded)
    turn = 0
    del began
    while time.monotonic() < until and best != (0, least):
        share = min(1.0, (time.monotonic() - loaded) / whole)
        heat = FIRST_HEAT * (LAST_HEAT / FIRST_HEAT) ** share
        turn += 1
        state.anneal(steps, 7919 * turn + seed + 2, (heat, heat), fair)
        if state.cost(fair) < best:
            best, best_slots = state.cost(fair), state.slot_of.copy()
            tell(f"{best[1]} breaks")
    board.move_all(dict(zip(state.meetings, map(int, best_slots), strict=True)))


def _padded(rows: list[tuple[int, ...]]) -> Any:
    width = max((len(row) for row in rows), default=0) + 1
    table = np.full((len(rows), width), -1, dtype=np.int64)
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return table


def _unpacked(masks: Any, slots: int) -> Any:
    table = np.zeros((len(masks), slots), dtype=np.bool_)
    for index, mask in enumerate(masks):
        for slot in bits(mask):
            table[index, slot] = True
    return table


__all__ = ["State", "polish"]
