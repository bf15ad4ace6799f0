"""A few meetings into free places, exactly, without moving anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from coproduce.engines import lp
from coproduce.engines.lp_build import Builder
from coproduce.forum.large.bitwise import bits
from coproduce.forum.large.board import Board

COUNTED, MUST = 1e5, 1e7


def best_places(
    board: Board, meetings: Sequence[int], open_to: Mapping[int, int], *, is_counted: bool
) -> tuple[dict[int, int], bool]:
    """Return meeting → slot and whether no better placing exists.

    Musts come first, then (`is_counted`) the number of meetings, then worth. Precedences among
    the meetings themselves are kept by placing such meetings one after another.

    Args:
        board: not changed.
        meetings: those to place; all are within their totals.
        open_to: free slots of each, as bits.
        is_counted: as many as possible, not only the worthiest.
    """
    cells = [(m, slot) for m in meetings if not board.is_pinned(m) for slot in bits(open_to[m])]
    if not cells:
        return {}, True
    task = board.task
    worth = np.array(
        [task.worth[m] + MUST * task.is_must[m] + COUNTED * is_counted for m, _ in cells]
    )
    builder = Builder(is_maximised=True)
    columns = builder.add_columns(len(cells), cost=worth, upper=1.0, is_integer=True)
    rows: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for column, (meeting, slot) in zip(columns, cells, strict=True):
        rows["meeting", meeting, 0].append(column)
        for person in task.who[meeting]:
            rows["at once", person, slot].append(column)
            rows["total", person, 0].append(column)
        for pool in task.pools[meeting]:
            rows["pool", pool, slot].append(column)
    spare = board.spare()
    for (kind, number, slot), members in rows.items():
        most = {
            "meeting": 1,
            "at once": board.seats_free(number, slot) if kind == "at once" else 0,
            "total": board.limit[number] - board.held[number] if kind == "total" else 0,
            "pool": spare[number][slot] if kind == "pool" else 0,
        }[kind]
        if len(members) > most:
            row = builder.add_rows(1, upper=float(most))
            builder.add_entries(np.repeat(row, len(members)), np.array(members), 1.0)
    if builder.rows == 0:
        builder.add_rows(1, upper=float(len(cells)))
    found = lp.solve(builder.problem(), gap_share=0.0, time_limit_s=2.0, seed=0, threads=1)
    if not found.has_answer:
        return {}, False
    places = {m: slot for (m, slot), x in zip(cells, found.x, strict=True) if x > 0.5}
    return places, found.status == "optimal"


__all__ = ["best_places"]
