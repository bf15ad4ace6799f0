"""Re-plans: only what must move moves, the rest of the timetable stays, all rules hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from coproduce.forum.large import (
    Answer,
    Forum,
    Options,
    read_answer,
    schedule,
    verify_answer,
    write_answer,
)
from coproduce.forum.large.explain import Explainer
from coproduce.forum.large.replan import Change, Desk
from coproduce.records.errors import SourceError, UsageError
from tests.forum.large.small import forum, participant, request


def hall(table_count: int = 3) -> Forum:
    pairs = [(f"a{i}", f"b{j}") for i in range(4) for j in range(4)]
    return forum(
        [request(a, b, rank=1 + n % 7) for n, (a, b) in enumerate(pairs)],
        [
            participant(n, max_meetings=4 if n < "b" else 3)
            for n in sorted({p for pair in pairs for p in pair})
        ],
        slot_count=5,
        table_count=table_count,
    )


def start(made: Forum) -> Answer:
    return schedule(made, Options(polish=False))


@pytest.mark.parametrize(
    "change",
    [
        Change("drop_out", "a0"),
        Change("no_show", "a1", "s2"),
        Change("late_arrival", "b1", "s3"),
        Change("lost_table", "t0", "s2"),
        Change("lost_slot", "", "s4"),
    ],
    ids=lambda change: change.kind,
)
def test_a_change_moves_only_what_must_move_and_breaks_no_rule(change: Change) -> None:
    made = hall()
    old = start(made)
    desk = Desk(made, old, "s0")
    plan = desk.apply(change)
    new = desk.answer_now()
    assert verify_answer(made, new) == ()
    assert plan.moved_bound <= plan.moved
    touched = {step.people for step in plan.steps}
    before = {h.people: (h.slot_id, h.table_id) for h in old.meetings}
    for held in new.meetings:
        if held.people not in touched:
            assert before[held.people] == (held.slot_id, held.table_id)
    assert all(step.reason.en and step.reason.ru for step in plan.steps)
    frozen = {h for h in old.meetings if h.slot_id == "s0"}
    assert frozen <= set(new.meetings), "the frozen window stays as it was"


def test_a_drop_out_moves_nobody_and_its_partners_get_their_next_wishes() -> None:
    made = hall()
    old = start(made)
    desk = Desk(made, old)
    plan = desk.apply(Change("drop_out", "a0"))
    assert plan.moved == plan.moved_bound == 0
    lost = [step for step in plan.steps if step.what == "cancelled"]
    assert {step.people for step in lost} == {h.people for h in old.meetings if "a0" in h.people}
    assert any(step.what == "new" for step in plan.steps)


def test_a_lost_table_costs_a_seat_not_a_slot_where_another_table_is_free() -> None:
    made = hall(table_count=9)
    old = start(made)
    sat = next(h for h in old.meetings if h.slot_id == "s1")
    plan = Desk(made, old).apply(Change("lost_table", sat.table_id, "s1"))
    assert plan.lost == 0
    assert {step.what for step in plan.steps} == {"table"}
    assert plan.moved == plan.moved_bound


def test_a_walk_in_gets_meetings_and_nobody_moves() -> None:
    made = hall()
    known = [r for r in made.requests if "a3" not in (r.participant_id, r.wanted_id)]
    without = forum(known, list(made.participants.values()), slot_count=5, table_count=3)
    desk = Desk(made, start(without))
    plan = desk.apply(Change("walk_in", "a3"))
    assert plan.moved == 0
    assert {step.what for step in plan.steps} <= {"new"}
    assert verify_answer(made, desk.answer_now()) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change("drop_out", "zz"), "F303"),
        (Change("lost_table", "zz"), "F303"),
        (Change("no_show", "a0", "zz"), "F303"),
        (Change("no_show", "a0", "s0"), "F304"),
        (Change("strike", "a0"), "F303"),
    ],
)
def test_what_cannot_be_is_refused(change: Change, code: str) -> None:
    made = hall()
    with pytest.raises(UsageError) as caught:
        Desk(made, start(made), "s1").apply(change)
    assert caught.value.code == code


def test_a_timetable_of_another_folder_is_refused() -> None:
    made = hall()
    answer = start(made)
    with pytest.raises(UsageError, match="does not belong"):
        Desk(replace(made, absent={"a0": frozenset(made.slots)}), answer)


def test_an_answer_survives_its_file_and_a_damaged_file_is_refused(tmp_path: Path) -> None:
    made = hall()
    answer = start(made)
    write_answer(answer, tmp_path / "t.json")
    assert read_answer(tmp_path / "t.json") == answer
    for text in ("", "[]", '{"format": "x"}', (tmp_path / "t.json").read_text()[:-40]):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(SourceError):
            read_answer(tmp_path / "bad.json")


def test_every_request_not_held_is_explained_in_both_languages_with_a_remedy() -> None:
    made = hall(table_count=1)
    answer = start(made)
    explainer = Explainer(made, answer)
    told = [each for name in made.participants for each in explainer.of(name)]
    assert len(told) == len(answer.refused), "each is asked for by one side here"
    for each in told:
        for words in (each.reason, each.remedy):
            assert words.en
            assert words.ru
            assert words.en != words.ru
