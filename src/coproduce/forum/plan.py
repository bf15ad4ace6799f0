"""The forum room's one call."""

from __future__ import annotations

import time

import polars as pl

from coproduce.engines.fanout import Child
from coproduce.forum import checks, explain, timetable
from coproduce.forum.refused import refusals
from coproduce.forum.solve import Answer, Task, solve
from coproduce.forum.types import Inputs, Options, Result
from coproduce.forum.verifier import require_valid
from coproduce.forum.wishes import WEIGHT_STEP, wishes
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof

GRACE_SECONDS = 30.0
"""Wall-clock time beyond the effort after which the solver process is given up."""


def run(inputs: Inputs, options: Options | None = None) -> Result:
    """Return the timetable worth most, its proof and a reason for each meeting not held.

    Musts come first: as many as can be held are held, then the total worth is maximised. The
    timetable is checked by `verify`, which does not know the model, before it is returned.

    Args:
        inputs: the programme and the matches.
        options: effort, seed, threads and the worth of suggestions.

    Raises:
        ModelError: F001 to F003, see `checks`; E102 if the solver gives no answer in time.
        VerificationFailed: F100 if the independent check finds a fault.
        Cancelled: if the user stopped the work.
    """
    options = options or Options()
    started = time.monotonic()
    wished, task = prepare(inputs, options)
    _tell(options, 0.1, "meetings are chosen and placed")
    answer = _apart(task, options) if task.pairs else Answer({}, 0, 0, "none needed")
    _tell(options, 0.9, "tables are given out and refusals explained")
    result = complete(inputs, options, wished, answer, time.monotonic() - started)
    _tell(options, 1.0, "the timetable is checked")
    return result


def prepare(inputs: Inputs, options: Options) -> tuple[pl.DataFrame, Task]:
    """Return the wishes and the solver's task; raises as `run` does."""
    programme = inputs.programme
    checks.nobody_asks_for_himself(programme)
    checks.everybody_is_known(programme)
    wished = wishes(programme, inputs.matches, options.suggested_weight)
    possible = wished.filter(pl.col("kind") != "never")
    checks.there_is_room(programme, possible)
    return wished, _task(programme, possible, options)


def complete(
    inputs: Inputs, options: Options, wished: pl.DataFrame, answer: Answer, seconds: float
) -> Result:
    """Return the checked result of a solver's answer; raises as `run` does."""
    programme = inputs.programme
    held = timetable.assign(programme, wished, answer.meetings)
    refused = refusals(programme, wished, held)
    proof = _proof(held, answer, options, seconds)
    found = explain.Found(programme, wished, held, refused, proof, answer.musts_bound)
    handed = timetable.as_handover(held)
    require_valid(programme, handed, refused, inputs.matches, options.suggested_weight)
    return Result(
        timetable=handed,
        details=held,
        refused=refused,
        wishes=wished,
        load=timetable.load(programme, wished, held),
        proof=proof,
        finding=explain.finding(found),
        reasons=explain.reasons(found),
        warnings=explain.warnings(found),
        figures=explain.figures(found),
    )


def _tell(options: Options, share: float, doing: str) -> None:
    if options.progress is not None:
        options.progress(share, doing)


def _apart(task: Task, options: Options) -> Answer:
    with options.child or Child(preload=()) as child:
        return child.run(
            solve,
            task,
            timeout_s=4 * options.time_limit_s + GRACE_SECONDS,
            is_cancelled=options.is_cancelled,
        )


def _task(programme: Programme, possible: pl.DataFrame, options: Options) -> Task:
    people = programme["participants"].sort("participant_id")
    number = {name: index for index, name in enumerate(people["participant_id"])}
    columns = ("participant_a_id", "participant_b_id")
    return Task(
        pairs=tuple((number[a], number[b]) for a, b in possible.select(columns).iter_rows()),
        weights=tuple(round(value * WEIGHT_STEP) for value in possible["value"]),
        is_must=tuple(kind == "must" for kind in possible["kind"]),
        max_meetings=tuple(people["max_meetings"]),
        representatives=tuple(people["representatives"]),
        slots=len(checks.open_slots(programme)),
        tables=programme["tables"].height,
        time_limit_s=options.time_limit_s,
        seed=options.seed,
        threads=options.threads,
    )


def _proof(held: pl.DataFrame, answer: Answer, options: Options, seconds: float) -> Proof:
    objective = round(float(held["value"].sum()), 4)  # weights have four decimals
    bound = max(objective, answer.bound / WEIGHT_STEP)
    musts = held.filter(pl.col("kind") == "must").height
    gap = abs(bound - objective) / max(1e-9, abs(objective))
    is_optimal = gap <= 1e-9 and musts >= answer.musts_bound
    return Proof(
        status="optimal" if is_optimal else "feasible",
        objective=objective,
        bound=bound,
        gap_share=gap,
        seconds=seconds,
        seed=options.seed,
        engine=answer.engine,
        unit="weight of requests",
    )
