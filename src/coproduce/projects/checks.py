"""Named checks: what is wrong raises, what is doubtful warns."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from coproduce.projects.attrition import STOPPED
from coproduce.projects.dates import first_day
from coproduce.projects.types import Inputs, Options
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.words import Words


def check(inputs: Inputs, options: Options) -> None:
    """Raise if options or gates make no sense.

    Raises:
        UsageError: for a negative age or interval.
        ModelError: if two gates share a number or a gate's times are not in order.
    """
    if options.stale_months < 0 or options.z <= 0:
        raise UsageError(
            f"stale_months is {options.stale_months} and z is {options.z}; the first must not be "
            "negative, the second must be above nil",
            code="J001",
        )
    gates = inputs.programme["gates"]
    if gates["gate_no"].n_unique() != gates.height:
        raise ModelError("two gates share a gate_no; number them in order", code="J002")
    wrong = gates.filter(
        (pl.col("months_low") > pl.col("months_mode"))
        | (pl.col("months_mode") > pl.col("months_high"))
    )
    if wrong.height:
        raise ModelError(
            f"gate {wrong['gate_id'][0]}: months_low, months_mode and months_high must not fall",
            code="J003",
            where="gates.csv",
        )


def doubts(inputs: Inputs, board: pl.DataFrame, stale_months: float) -> Iterator[Words]:
    """Return what a reader must know about the evidence."""
    if inputs.programme["gates"].is_empty():
        yield Words(
            "The programme has no stage gates, so no joint project is placed.",
            "В программе нет контрольных точек, поэтому совместные проекты не размещены.",
        )
    yield from _stale(board, stale_months)
    silent = board.filter(pl.col("state").is_in(STOPPED) & pl.col("reason_code").is_null())
    if silent.height:
        names = ", ".join(silent["project_id"])
        yield Words(
            f"No reason is known for these stopped projects: {names}.",
            f"Причина остановки неизвестна: {names}.",
        )
    early = [
        row["project_id"]
        for row in board.iter_rows(named=True)
        if first_day(row["evidence_date"]) > inputs.as_of
    ]
    if early:
        yield Words(
            f"Evidence is dated after {inputs.as_of.isoformat()}: {', '.join(early)}; on that day "
            "it was not yet known.",
            f"Сведения датированы позже {inputs.as_of.isoformat()}: {', '.join(early)}; на эту "
            f"дату они ещё не были известны.",
        )


def _stale(board: pl.DataFrame, stale_months: float) -> Iterator[Words]:
    """Warn about active projects without news; stopped and operating ones need not give any."""
    waiting = board.filter(pl.col("is_stale") & (pl.col("state") == "active")).sort(
        "evidence_age_months", descending=True
    )
    if waiting.height:
        rows = waiting.to_dicts()
        en = ", ".join(f"{row['name_en']} ({row['evidence_age_months']:.0f})" for row in rows)
        ru = ", ".join(
            f"{row['name_ru'] or row['name_en']} ({row['evidence_age_months']:.0f})"
            for row in rows
        )
        yield Words(
            f"The evidence for these active projects is more than {stale_months:.0f} months old "
            f"(age in months, at least), so their state may have changed: {en}.",
            f"Сведениям об этих идущих проектах больше {stale_months:.0f} месяцев (в скобках "
            f"возраст в месяцах, не меньше), их состояние могло измениться: {ru}.",
        )


__all__ = ["check", "doubts"]
