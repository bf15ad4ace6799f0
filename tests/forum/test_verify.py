"""The independent checker finds a planted fault of every class and nothing in a sound one."""

from __future__ import annotations

import polars as pl
import pytest

from coproduce.forum.verifier import CODES, require_valid, verify
from coproduce.records.errors import VerificationFailed
from tests.worlds import programme

WORLD = programme()
MEETING = ["participant_a_id", "participant_b_id", "slot_id", "table_id", "value"]
SOUND = [
    ("d_ho_maker", "d_pa_api", "w1", "t1", 5.0),
    ("d_ho_maker", "d_pa_fdf", "w1", "t2", 2.0),
    ("d_ho_investor", "d_pa_fdf", "w2", "t1", 1.0),
    ("d_one", "d_pa_api", "w4", "t1", 2.0),
]
NEVER = [("d_ho_investor", "d_pa_api", "never", None)]


def table(meetings) -> pl.DataFrame:
    return pl.DataFrame(meetings, schema=MEETING, orient="row")


def refusals(entries) -> pl.DataFrame:
    columns = ["participant_a_id", "participant_b_id", "reason_code", "full_id"]
    return pl.DataFrame(entries, schema=dict.fromkeys(columns, pl.String), orient="row")


def changed(index: int, column: str, value: object):
    meetings = [list(row) for row in SOUND]
    meetings[index][MEETING.index(column)] = value
    return meetings


def without(index: int):
    return [row for number, row in enumerate(SOUND) if number != index]


# code → (timetable, refusals): one fault planted in each
PLANTED = {
    "unknown_participant": (changed(3, "participant_a_id", "d_nobody"), NEVER),
    "unknown_slot": (changed(0, "slot_id", "w9"), NEVER),
    "unknown_table": (changed(0, "table_id", "t9"), NEVER),
    "blocked_slot": (changed(0, "slot_id", "w3"), NEVER),
    "meets_itself": (changed(3, "participant_a_id", "d_pa_api"), NEVER),
    "met_twice": ([*SOUND, ("d_pa_api", "d_ho_maker", "w2", "t2", 5.0)], NEVER),
    "never_pair": ([*SOUND, ("d_ho_investor", "d_pa_api", "w2", "t2", 0.0)], []),
    "not_wished": ([*SOUND, ("d_one", "d_pa_fdf", "w4", "t2", 1.0)], NEVER),
    "table_taken_twice": (changed(1, "table_id", "t1"), NEVER),
    "too_many_at_once": (changed(2, "slot_id", "w1"), NEVER),
    "wrong_value": (changed(0, "value", 6.0), NEVER),
    "unexplained": (without(0), NEVER),
    "false_reason": (
        without(3),
        [*NEVER, ("d_one", "d_pa_api", "participant_full", "d_one")],
    ),
}


def test_a_sound_timetable_passes():
    assert verify(WORLD, table(SOUND), refusals(NEVER)) == ()


@pytest.mark.parametrize("code", PLANTED)
def test_a_planted_fault_is_found(code):
    meetings, refused = PLANTED[code]
    found = verify(WORLD, table(meetings), refusals(refused))
    assert code in {violation.code for violation in found}
    with pytest.raises(VerificationFailed):
        require_valid(WORLD, table(meetings), refusals(refused))


def test_more_meetings_than_wanted_are_found():
    greedy = programme(participants=lambda t: t.with_columns(max_meetings=pl.lit(1)))
    found = {violation.code for violation in verify(greedy, table(SOUND), refusals(NEVER))}
    assert found == {"too_many_meetings"}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (("d_one", "d_pa_api", "never", None), "nobody said never"),
        (("d_one", "d_pa_api", "no_common_slot", None), "both are free"),
        (("d_one", "d_pa_api", "tables_full", None), "tables are free"),
        (("d_one", "d_pa_api", "participant_full", "d_ho_maker"), "not one of the two"),
        (("d_one", "d_pa_api", "because", None), "no such reason"),
    ],
)
def test_a_reason_that_is_not_true_is_found(entry, why):
    found = verify(WORLD, table(without(3)), refusals([*NEVER, entry]))
    assert [violation.code for violation in found] == ["false_reason"], why


def test_every_class_of_fault_has_been_planted():
    assert set(PLANTED) | {"too_many_meetings"} == set(CODES)
