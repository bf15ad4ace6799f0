"""Why a wished meeting is not held: a reason that can be checked on the timetable."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import polars as pl

from coproduce.forum.checks import open_slots
from coproduce.records.programme import Programme
from coproduce.records.words import Words

REFUSED = {
    "participant_a_id": pl.String,
    "participant_b_id": pl.String,
    "kind": pl.String,
    "value": pl.Float64,
    "is_suggested": pl.Boolean,
    "reason_code": pl.String,
    "full_id": pl.String,
    "reason_en": pl.String,
    "reason_ru": pl.String,
}
REASONS = ("never", "participant_full", "no_common_slot", "tables_full", "not_found")


@dataclass(frozen=True, slots=True)
class _State:
    """The timetable from the point of view of who has room."""

    busy: dict[tuple[str, str], int]
    meetings: dict[str, int]
    least: dict[str, float]
    taken: dict[str, int]
    slots: list[str]
    tables: int
    most: dict[str, int]
    at_once: dict[str, int]

    def is_full(self, person: str) -> bool:
        limit = min(self.most[person], self.at_once[person] * len(self.slots))
        return self.meetings[person] >= limit

    def free_slots(self, person: str) -> set[str]:
        return {s for s in self.slots if self.busy[person, s] < self.at_once[person]}


def refusals(programme: Programme, wished: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return every wished pair that does not meet, with its reason, best first.

    Args:
        programme: `participants`, `slots` and `tables`.
        wished: all wishes; a pair under ``never`` is listed only if the other side, or a match,
            wished it.
        held: the meetings held.
    """
    state = _state(programme, held)
    names = _names(programme)
    pair = ["participant_a_id", "participant_b_id"]
    missing = wished.join(held, on=pair, how="anti")
    rows = []
    for wish in missing.iter_rows(named=True):
        a, b = wish["participant_a_id"], wish["participant_b_id"]
        code, full = _reason(wish["kind"], a, b, state)
        words = _words(code, a, b, full, state, names)
        known = (wish["kind"], wish["value"], wish["is_suggested"])
        rows.append((a, b, *known, code, full, words.en, words.ru))
    frame = pl.DataFrame(rows, schema=REFUSED, orient="row")
    rank = pl.col("kind").replace_strict({"must": 0, "meet": 1, "never": 2}, return_dtype=pl.Int8)
    return frame.sort([rank, -pl.col("value"), *pair]) if rows else frame


def _reason(kind: str, a: str, b: str, state: _State) -> tuple[str, str | None]:
    if kind == "never":
        return "never", None
    full = [person for person in (a, b) if state.is_full(person)]
    if full:
        return "participant_full", max(full, key=lambda person: (state.least[person], person))
    common = state.free_slots(a) & state.free_slots(b)
    if not common:
        return "no_common_slot", None
    if all(state.taken[slot] >= state.tables for slot in common):
        return "tables_full", None
    return "not_found", None


def _state(programme: Programme, held: pl.DataFrame) -> _State:
    busy: dict[tuple[str, str], int] = defaultdict(int)
    meetings: dict[str, int] = defaultdict(int)
    least: dict[str, float] = defaultdict(lambda: float("inf"))
    taken: dict[str, int] = defaultdict(int)
    for row in held.iter_rows(named=True):
        taken[row["slot_id"]] += 1
        for person in (row["participant_a_id"], row["participant_b_id"]):
            busy[person, row["slot_id"]] += 1
            meetings[person] += 1
            least[person] = min(least[person], row["value"])
    people = programme["participants"]
    return _State(
        busy=busy,
        meetings=meetings,
        least=least,
        taken=taken,
        slots=open_slots(programme),
        tables=programme["tables"].height,
        most=dict(people.select("participant_id", "max_meetings").iter_rows()),
        at_once=dict(people.select("participant_id", "representatives").iter_rows()),
    )


def _names(programme: Programme) -> dict[str, Words]:
    rows = programme["participants"].select("participant_id", "name_en", "name_ru").iter_rows()
    return {person: Words(en, ru or en) for person, en, ru in rows}


def _words(
    code: str, a: str, b: str, full: str | None, state: _State, names: dict[str, Words]
) -> Words:
    if full is not None:
        count, least = state.meetings[full], f"{state.least[full]:g}"
        return Words(
            f"{names[full].en} has all {count} meetings it can hold; the least of them is worth "
            f"{least}.",
            f"{names[full].ru}: все возможные встречи уже заняты ({count}); наименьшая ценность "
            f"среди них — {least.replace('.', ',')}.",
        )
    pair = Words(f"{names[a].en} and {names[b].en}", f"{names[a].ru} и {names[b].ru}")
    return {
        "never": Words(
            "One of the two does not want this meeting.", "Одна из сторон не хочет этой встречи."
        ),
        "no_common_slot": Words(
            f"{pair.en} both have room, but no slot in which both are free.",
            f"{pair.ru}: у обеих сторон есть место, но нет времени, когда свободны обе.",
        ),
        "tables_full": Words(
            f"In every slot in which {pair.en} are both free, all {state.tables} tables are "
            "taken.",
            f"{pair.ru}: когда свободны обе стороны, заняты все столы ({state.tables}).",
        ),
        "not_found": Words(
            "There would be room; the search ended before it found this meeting a place.",
            "Место нашлось бы; поиск закончился раньше, чем разместил эту встречу.",
        ),
    }[code]
