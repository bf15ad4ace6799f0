"""What the forum room is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from coproduce.engines.fanout import Child
from coproduce.records.figures import Figure
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof
from coproduce.records.words import Words


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the room reads.

    Attributes:
        programme: `participants`, `requests`, `tables` and `slots` are used.
        matches: table `Matches`; a match between the companies of two participants suggests
            that they meet. None: requests alone.
    """

    programme: Programme
    matches: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to schedule.

    Attributes:
        time_limit_s: effort of the solver in its own deterministic seconds, which are close to
            wall-clock seconds on an idle machine; the same effort gives the same answer.
        seed: seed of the search.
        threads: workers of the solver.
        suggested_weight: worth of a suggested meeting with a match score of 1, in the unit of
            `requests.weight`.
        progress: told the share done (0–1) and what is being done.
        is_cancelled: asked often; True stops the work.
        child: a solver process started early, so that its start costs no time; used once. None:
            one is started when it is needed.
    """

    time_limit_s: float = 10.0
    seed: int = 0
    threads: int = 1
    suggested_weight: float = 1.0
    progress: Callable[[float, str], None] | None = None
    is_cancelled: Callable[[], bool] | None = None
    child: Child | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The timetable and its proof.

    Attributes:
        timetable: table `Timetable`, by slot and table.
        details: participant_a_id, participant_b_id, slot_id, table_id, value (weight), kind
            (must or meet), is_suggested, common_language (empty: none), needs_interpreter.
        refused: participant_a_id, participant_b_id, kind, value (weight), is_suggested,
            reason_code (never, participant_full, no_common_slot, tables_full, not_found),
            full_id (the participant that is full, if one is), reason_en, reason_ru.
        wishes: every pair that could meet: participant_a_id, participant_b_id, kind (must, meet,
            never), value, is_suggested, asked_by (``a``, ``b``, ``both``, ``match``).
        load: participant_id, meetings, wished, max_meetings.
        proof: objective, bound and gap of the total worth, in weight; musts come first.
        finding: the main numbers in one sentence.
        reasons: sentences, most important first.
        warnings: what a reader must know.
        figures: every number that may be printed.
    """

    timetable: pl.DataFrame
    details: pl.DataFrame
    refused: pl.DataFrame
    wishes: pl.DataFrame
    load: pl.DataFrame
    proof: Proof
    finding: Words
    reasons: tuple[Words, ...]
    warnings: tuple[Words, ...]
    figures: tuple[Figure, ...]


__all__ = ["Inputs", "Options", "Result"]
