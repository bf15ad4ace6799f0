"""From a board to an answer: rows, figures and a certificate for each wish not held."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coproduce.forum.large.access import Access
from coproduce.forum.large.board import Board
from coproduce.forum.large.breaks import fewest_breaks
from coproduce.forum.large.refuse import refusals
from coproduce.forum.large.seat import interpreters_of, walking
from coproduce.forum.large.types import Answer, Forum, Held, Options, People


def least_breaks(board: Board, definition: str) -> int:
    """Return a number of breaks no timetable of the board's meetings can go below."""
    task = board.task
    masks: dict[int, list[int]] = {}
    for meeting in board.slot_of:
        for person in task.who[meeting]:
            masks.setdefault(person, []).append(task.mask[meeting])
    return sum(
        fewest_breaks(mine, task.at_once[person], task.free[person], task.days, definition)
        for person, mine in masks.items()
    )


def assembled(
    forum: Forum,
    access: Access,
    board: Board,
    tables: Mapping[People, str],
    *,
    bound: int,
    engine: str,
    options: Options,
    seconds: Callable[[], float],
) -> Answer:
    """Return a board as an answer.

    Args:
        forum, access, board: of the same forum.
        tables: table of each meeting held.
        bound: on the objective, proven.
        engine: who found it.
        options: seed and definition of a break.
        seconds: asked last for the time the work took.
    """
    task = board.task
    slot_of = {task.meetings[m]: access.names[s] for m, s in board.slot_of.items()}
    helpers = interpreters_of(forum, access, slot_of)
    number = {slot: index for index, slot in enumerate(access.names)}
    meetings = [
        Held(
            people=people,
            slot_id=slot,
            table_id=tables[people],
            interpreter_id=helpers.get(people, ""),
            value=forum.wishes[people].value,
            kind=forum.wishes[people].kind,
            is_suggested=forum.wishes[people].is_suggested,
            is_fixed=people in forum.fixed,
        )
        for people, slot in slot_of.items()
    ]
    meetings.sort(key=lambda held: (number[held.slot_id], held.table_id, held.people))
    missed = sum(max(0, sold - had) for sold, had in zip(task.least, board.held, strict=True))
    objective = sum(held.value for held in meetings) - task.missed_weight * missed
    breaks = board.breaks(options.definition)
    changes, metres = walking(forum, slot_of, tables)
    refused = refusals(forum, access, board)
    return Answer(
        meetings=tuple(meetings),
        refused=refused,
        objective=objective,
        bound=max(objective, bound),
        status="optimal" if bound <= objective else "feasible",
        breaks=sum(breaks),
        breaks_bound=least_breaks(board, options.definition),
        most_breaks=max(breaks, default=0),
        musts=sum(task.is_must),
        musts_held=sum(task.is_must[m] for m in board.slot_of),
        missed_minimum=missed,
        table_changes=changes,
        walked_m=metres,
        seconds=round(seconds(), 3),
        seed=options.seed,
        engine=engine,
        definition=options.definition,
        fairness=options.fairness,
    )


__all__ = ["assembled", "least_breaks"]
