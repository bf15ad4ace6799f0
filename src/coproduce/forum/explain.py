"""The room's sentences and figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from coproduce.records.figures import Figure, row_ref, weakest
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof
from coproduce.records.words import Words


@dataclass(frozen=True, slots=True)
class Found:
    """What the room found, for the sentences to draw on."""

    programme: Programme
    wished: pl.DataFrame
    held: pl.DataFrame
    refused: pl.DataFrame
    proof: Proof
    musts_bound: int

    @property
    def possible(self) -> pl.DataFrame:
        """Pairs that somebody wishes and nobody rules out."""
        return self.wished.filter(pl.col("kind") != "never")

    @property
    def musts(self) -> tuple[int, int]:
        """Musts held and musts asked for."""
        held = self.held.filter(pl.col("kind") == "must").height
        return held, self.possible.filter(pl.col("kind") == "must").height


def finding(found: Found) -> Words:
    """Return the main numbers in one sentence."""
    wished, held = found.possible.height, found.held.height
    if wished == 0:
        return Words("No meeting is wished, so there is no timetable.", "Запросов на встречи нет.")
    if found.proof.status == "optimal":
        proof = Words("no timetable is worth more", "лучшего расписания нет — доказано")
    else:
        gap = f"{100 * found.proof.gap_share:.2f}"
        proof = Words(
            f"at most {gap}% below the best possible",
            f"не более чем на {gap.replace('.', ',')}\u00a0% хуже наилучшего",
        )
    return Words(
        f"{held} of {wished} wished meetings have a slot and a table; {proof.en}.",
        f"Из {wished} желаемых встреч время и стол получили {held}; {proof.ru}.",
    )


def reasons(found: Found) -> tuple[Words, ...]:
    """Return why the timetable is as it is."""
    return tuple(_reasons(found))


def _reasons(found: Found) -> Iterator[Words]:
    held, asked = found.musts
    if asked:
        yield Words(
            f"Of {asked} meetings that must be held, {held} are.",
            f"Из обязательных встреч ({asked}) проводятся {held}.",
        )
    suggested = found.held.filter("is_suggested").height
    if suggested:
        yield Words(
            f"{suggested} meetings were suggested by the matching of companies; nobody had asked.",
            f"Встреч, предложенных подбором партнёров без запроса сторон: {suggested}.",
        )
    counts = (
        found.refused["reason_code"]
        .value_counts()
        .sort(["count", "reason_code"], descending=[True, False])
    )
    labels = {
        "never": ("one side does not want to meet", "одна из сторон не хочет встречи"),
        "participant_full": ("a participant has no room left", "у участника не осталось места"),
        "no_common_slot": ("no slot in which both are free", "нет общего свободного времени"),
        "tables_full": ("all tables are taken", "заняты все столы"),
        "not_found": ("the search ended too early", "поиск закончился раньше времени"),
    }
    for code, count in counts.iter_rows():
        en, ru = labels[code]
        yield Words(f"{count} meetings not held: {en}.", f"Не проводится встреч: {count} ({ru}).")


def warnings(found: Found) -> tuple[Words, ...]:
    """Return what a reader must know."""
    return tuple(_warnings(found))


def _warnings(found: Found) -> Iterator[Words]:
    for row in found.refused.filter(pl.col("kind") == "must").iter_rows(named=True):
        a, b = row["participant_a_id"], row["participant_b_id"]
        yield Words(
            f"The meeting {a} – {b} must be held but is not: {row['reason_en']}",
            f"Обязательная встреча {a} – {b} не проводится: {row['reason_ru']}",
        )
    speechless = found.held.filter("needs_interpreter").height
    if speechless:
        yield Words(
            f"{speechless} meetings have no common language and need an interpreter.",
            f"Встреч без общего языка, нужен переводчик: {speechless}.",
        )
    if found.proof.status != "optimal" and not found.possible.is_empty():
        yield Words(
            "The search ended before optimality was proven; allow more time for a proof.",
            "Поиск закончился до доказательства оптимальности; для доказательства нужно больше "
            "времени.",
        )


def figures(found: Found) -> tuple[Figure, ...]:
    """Return every number of the room that may be printed."""
    rows, status = _rows(found.programme)
    held_musts, musts = found.musts
    proof = found.proof
    made: list[tuple[str, float, str, str, str]] = [
        ("meetings", found.held.height, "meeting", "Meetings held", "Встречи в расписании"),
        ("wished", found.possible.height, "meeting", "Meetings wished", "Желаемые встречи"),
        ("musts_held", held_musts, "meeting", "Musts held", "Обязательные встречи в расписании"),
        ("musts", musts, "meeting", "Musts", "Обязательные встречи"),
        ("value", proof.objective, "weight", "Worth of the timetable", "Ценность расписания"),
        ("bound", proof.bound, "weight", "No timetable is worth more", "Верхняя граница ценности"),
        ("gap", proof.gap_share, "share", "Proven gap", "Доказанный разрыв"),
        (
            "interpreters",
            found.held.filter("needs_interpreter").height,
            "meeting",
            "Meetings that need an interpreter",
            "Встречи, где нужен переводчик",
        ),
    ]
    return tuple(
        Figure(
            figure_id=f"forum.{name}",
            value=float(value),
            unit=unit,
            label_en=en,
            label_ru=ru,
            status=status,
            rows=rows,
            method=f"musts first, then total worth; {proof.engine}, seed {proof.seed}",
        )
        for name, value, unit, en, ru in made
    )


def _rows(programme: Programme) -> tuple[tuple[str, ...], str]:
    keys = {
        "requests": ["participant_id", "wanted_id"],
        "participants": ["participant_id"],
        "slots": ["slot_id"],
        "tables": ["table_id"],
    }
    refs: list[str] = []
    statuses: set[str] = set()
    for table, key in keys.items():
        frame = programme[table].sort(key)
        refs += [row_ref(table, *row) for row in frame.select(key).iter_rows()]
        statuses |= set(frame["status"])
    return tuple(refs), weakest(statuses)
