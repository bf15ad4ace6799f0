"""From slots to tables: who sits where, and what the timetable looks like as tables."""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from coproduce.forum.checks import open_slots
from coproduce.records.handover import Timetable
from coproduce.records.programme import Programme

DETAILS = {
    "participant_a_id": pl.String,
    "participant_b_id": pl.String,
    "slot_id": pl.String,
    "table_id": pl.String,
    "value": pl.Float64,
    "kind": pl.String,
    "is_suggested": pl.Boolean,
    "common_language": pl.String,
    "needs_interpreter": pl.Boolean,
}


def assign(programme: Programme, wished: pl.DataFrame, meetings: dict[int, int]) -> pl.DataFrame:
    """Return the meetings with slot, table and common language, by slot and table.

    Within a slot meetings are alike but for the walk: each goes to a free table where one of its
    participants sat last, otherwise to the first free one.

    Args:
        programme: `slots`, `tables` and `participants`.
        wished: wishes; rows of kind ``never`` are not counted in the numbers below.
        meetings: number of the pair → number of the open slot.
    """
    possible = wished.filter(pl.col("kind") != "never").rows(named=True)
    slots = open_slots(programme)
    tables = sorted(programme["tables"]["table_id"])
    tongues = _languages(programme)
    by_slot: dict[int, list[int]] = defaultdict(list)
    for pair, slot in sorted(meetings.items()):
        by_slot[slot].append(pair)
    seat: dict[str, str] = {}
    rows = []
    for slot in sorted(by_slot):
        free = list(tables)
        # Those who can stay where they are choose first.
        order = sorted(by_slot[slot], key=lambda pair: (not _last(possible[pair], seat), pair))
        for pair in order:
            wish = possible[pair]
            table = next((old for old in _last(wish, seat) if old in free), free[0])
            free.remove(table)
            a, b = wish["participant_a_id"], wish["participant_b_id"]
            seat[a] = seat[b] = table
            common = min(tongues[a] & tongues[b], default=None)
            known = (wish["value"], wish["kind"], wish["is_suggested"])
            rows.append((a, b, slots[slot], table, *known, common, common is None))
    order_of = {slot: index for index, slot in enumerate(slots)}
    frame = pl.DataFrame(rows, schema=DETAILS, orient="row")
    position = pl.col("slot_id").replace_strict(order_of, return_dtype=pl.Int32)
    return frame.sort(position, "table_id") if rows else frame


def _last(wish: dict[str, str], seat: dict[str, str]) -> list[str]:
    sides = (wish["participant_a_id"], wish["participant_b_id"])
    return [seat[person] for person in sides if person in seat]


def _languages(programme: Programme) -> dict[str, set[str]]:
    rows = programme["participants"].select("participant_id", "languages").iter_rows()
    return {person: set(languages.split("+")) for person, languages in rows}


def as_handover(held: pl.DataFrame) -> pl.DataFrame:
    """Return the table `Timetable`."""
    return Timetable.validate(held.select(Timetable.column_names()))


def load(programme: Programme, wished: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return, per participant, meetings held, meetings wished and the most it wants."""
    people = programme["participants"].select("participant_id", "max_meetings")
    possible = wished.filter(pl.col("kind") != "never")
    for name, frame in (("meetings", held), ("wished", possible)):
        counts = (
            pl.concat([frame["participant_a_id"], frame["participant_b_id"]])
            .rename("participant_id")
            .value_counts(name=name)
            .cast({name: pl.Int32})
        )
        people = people.join(counts, on="participant_id", how="left")
    return people.select(
        "participant_id",
        pl.col("meetings", "wished").fill_null(0),
        "max_meetings",
    ).sort("participant_id")
