"""The one call of the room."""

from __future__ import annotations

import polars as pl

from coproduce.projects.attrition import attrition, delays
from coproduce.projects.board import DROPPED, KEPT, SAME_PLACE, board, fates
from coproduce.projects.checks import check, doubts
from coproduce.projects.explain import Answer, explain
from coproduce.projects.proposals import Proposals, path, proposals
from coproduce.projects.types import Inputs, Options, Result


def run(inputs: Inputs, options: Options | None = None) -> Result:
    """Return known projects at their gates, how such projects fared, and the next joint ones.

    Args:
        inputs: programme, matches, openings and the day.
        options: age of evidence that is warned about, width of intervals.

    Raises:
        UsageError: for options that make no sense.
        ModelError: for gates that are not in order.
    """
    options = options or Options()
    check(inputs, options)
    programme = inputs.programme
    on_board = board(programme, inputs.as_of, options.stale_months)
    way = path(programme["gates"], programme["known_projects"], inputs.as_of)
    # Without gates there is no place to put a project; `doubts` says so.
    openings = inputs.openings if way.height else inputs.openings.clear()
    found: Proposals = proposals(programme, inputs.matches, openings, way)
    judged = fates(programme, inputs.openings)
    answer = Answer(
        board=on_board,
        attrition=attrition(programme["known_projects"], inputs.as_of, options.z),
        delays=delays(programme["known_projects"], inputs.as_of),
        kept=judged.filter(pl.col("fate") == KEPT).drop("fate"),
        same_place=judged.filter(pl.col("fate") == SAME_PLACE).drop("fate"),
        dropped=judged.filter(pl.col("fate") == DROPPED).select(
            "project_id", "reason_en", "reason_ru"
        ),
        proposals=found.proposals,
        unmatched=found.unmatched,
        path=way,
    )
    words = explain(inputs, answer)
    return Result(
        board=answer.board,
        attrition=answer.attrition,
        delays=answer.delays,
        kept=answer.kept,
        same_place=answer.same_place,
        dropped=answer.dropped,
        proposals=answer.proposals,
        unmatched=answer.unmatched,
        path=answer.path,
        finding=words.finding,
        reasons=words.reasons,
        warnings=tuple(doubts(inputs, on_board, options.stale_months)),
        figures=words.figures,
    )


__all__ = ["run"]
