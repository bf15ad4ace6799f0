"""After placing: what still fits is added, and worthier meetings push out lesser ones."""

from __future__ import annotations

import time
from collections.abc import Iterable

from coproduce.forum.large.bitwise import bits
from coproduce.forum.large.board import Board


def fill(board: Board, until: float = float("inf")) -> None:
    """Add every meeting that still finds a place, worthiest first.

    Args:
        board: changed.
        until: moment of `time.monotonic` after which nobody is moved for a newcomer any more;
            a free place is always taken.
    """
    task = board.task
    waiting = [m for m in range(len(task.meetings)) if m not in board.slot_of]
    waiting.sort(key=lambda m: (-task.worth[m], m))
    for meeting in waiting:
        if not board.may_hold(meeting):
            continue
        if time.monotonic() < until:
            board.insert(meeting)
        else:
            mask = board.slots_left(meeting)
            if mask:
                board.put(meeting, board.best(mask, meeting))


def push(board: Board, unplaced: Iterable[int], until: float) -> None:
    """Place left-over meetings of the choice by removing lesser ones, if all in all it gains."""
    task = board.task
    for meeting in sorted(unplaced, key=lambda m: (not task.is_must[m], -task.worth[m], m)):
        if time.monotonic() > until or meeting in board.slot_of:
            continue
        if not board.insert(meeting):
            _push_one(board, meeting)


def _push_one(board: Board, meeting: int) -> bool:
    """Try each slot; of what was removed as much as possible is placed again elsewhere."""
    task = board.task
    for slot in bits(board.in_order(meeting)):
        removed = board.blockers(meeting, slot)
        if removed is None or any(board.is_pinned(other) for other in removed):
            continue
        if any(task.is_must[other] for other in removed) and not task.is_must[meeting]:
            continue
        before = dict(board.slot_of)
        for other in removed:
            board.take(other)
        if not board.may_hold(meeting):
            _restore(board, before)
            continue
        board.put(meeting, slot)
        for other in removed:
            board.insert(other)
        if _merit(board, board.slot_of) > _merit(board, before):
            return True
        _restore(board, before)
    return False


def _merit(board: Board, held: Iterable[int]) -> tuple[int, int]:
    task = board.task
    each = list(held)
    return sum(task.is_must[m] for m in each), sum(task.worth[m] for m in each)


def _restore(board: Board, before: dict[int, int]) -> None:
    for meeting in [m for m in board.slot_of if m not in before]:
        board.take(meeting)
    moved = [m for m, slot in before.items() if board.slot_of.get(m) != slot]
    for meeting in [m for m in moved if m in board.slot_of]:
        board.take(meeting)
    for meeting in moved:
        board.put(meeting, before[meeting])


__all__ = ["fill", "push"]
