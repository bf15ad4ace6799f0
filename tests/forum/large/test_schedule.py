"""Schedules of small forums: bounds hold, every rule is kept, every planted fault is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.engines.cp import run_apart
from coproduce.forum.large import Answer, Forum, Options, schedule, verify_answer
from coproduce.forum.large.access import Access
from coproduce.forum.large.breaks import breaks_of, fewest_breaks
from coproduce.forum.large.musts import MustTask, place_musts
from coproduce.forum.large.task import task_of
from coproduce.forum.large.types import Fixed, Interpreter, Settings, Wish
from coproduce.records.errors import ModelError
from tests.forum.large.small import forum, participant, random_forum, request, slots, tables

QUICK = Options(polish=False)


def square() -> Forum:
    """Two hosts, two partners, everybody asks everybody of the other side; one table."""
    names = [(a, b) for a in ("a", "b") for b in ("x", "y")]
    return forum(
        [request(a, b, rank=1 + (b == "y")) for a, b in names], slot_count=3, table_count=1
    )


def test_the_best_meetings_are_held_and_the_rest_is_refused_with_a_reason() -> None:
    answer = schedule(square(), QUICK)
    assert len(answer.meetings) == 3, "three slots of one table"
    assert answer.status == "optimal"
    assert answer.objective == answer.bound == 90 + 90 + 84
    assert [refusal.code for refusal in answer.refused] == ["tables_full"]
    assert answer.summary()["gap"] == 0.0


def best_value(made: Forum) -> int:
    """Return the greatest objective by trying everything."""
    possible = [people for people, wish in made.wishes.items() if wish.kind != "never"]
    choices = [[None, *made.open_slots]] * len(possible)
    best = -(10**9)
    for chosen in product(*choices):
        placed = [(p, s) for p, s in zip(possible, chosen, strict=True) if s is not None]
        busy = [(person, s) for p, s in placed for person in p]
        if len(busy) > len(set(busy)):
            continue
        if any(sum(s == slot for _, s in placed) > len(made.tables) for slot in made.open_slots):
            continue
        best = max(best, sum(made.wishes[p].value for p, _ in placed))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_value_and_bound_enclose_the_best_found_by_trying_everything(seed: int) -> None:
    rng = random.Random(seed)
    names = ["a", "b", "c", "d"]
    pairs = [(a, b) for a in names for b in names if a < b]
    made = forum(
        [request(a, b, rank=rng.randint(1, 15)) for a, b in pairs], slot_count=2, table_count=2
    )
    answer = schedule(made, QUICK)
    best = best_value(made)
    assert answer.objective <= best <= answer.bound
    assert answer.objective >= 0.99 * best


@given(st.integers(0, 10**6))
def test_no_rule_is_broken_in_random_forums_with_everything_in_them(seed: int) -> None:
    made = random_forum(seed)
    if made is None:
        return
    try:
        answer = schedule(made, QUICK)
    except ModelError as error:  # musts that clash are named, nothing partial is given
        if error.code != "F230":
            raise
        return
    assert verify_answer(made, answer) == ()
    assert answer.objective <= answer.bound
    assert all(refusal.code != "not_found" for refusal in answer.refused)


def with_first(answer: Answer, **changes: object) -> Answer:
    first, *rest = answer.meetings
    return replace(answer, meetings=(replace(first, **changes), *rest))  # type: ignore[arg-type]


def rich() -> Forum:
    """A forum with a booth, absences, an interpreter, a fixed meeting and an order."""
    people = [
        participant("a", languages=frozenset(["ru"])),
        participant("b", max_meetings=1),
        participant("c"),
        participant("d"),
        participant("e"),
    ]
    pairs = [("a", "c"), ("b", "d"), ("c", "d"), ("c", "e"), ("b", "e"), ("d", "e")]
    made_tables = tables(2) | {"t9": replace(tables(1)["t0"], table_id="t9", owner_id="e")}
    return forum(
        [*(request(a, b) for a, b in pairs), request("a", "b", "never"), request("a", "e")],
        people,
        slots=slots(4) | {"s9": replace(slots(5)["s4"], slot_id="s9", is_blocked=True)},
        tables=made_tables,
        settings=Settings(interpretation="required"),
        interpreters={"i": Interpreter("i", "I", "П", frozenset(["ru", "en"]))},
        absent={"d": frozenset(["s3"]), "i": frozenset(["s0"])},
        fixed={("c", "d"): Fixed(("c", "d"), "s1", "t0")},
        precedences=((("c", "d"), ("c", "e")),),
    )


def move(people: tuple[str, str], **changes: object) -> Callable[[Answer], Answer]:
    def planted(answer: Answer) -> Answer:
        held = tuple(
            replace(h, **changes) if h.people == people else h  # type: ignore[arg-type]
            for h in answer.meetings
        )
        return replace(answer, meetings=held)

    return planted


@pytest.mark.parametrize(
    ("plant", "code"),
    [
        (lambda a: with_first(a, people=("a", "zz")), "unknown_participant"),
        (lambda a: with_first(a, slot_id="zz"), "unknown_slot"),
        (lambda a: with_first(a, table_id="zz"), "unknown_table"),
        (lambda a: with_first(a, interpreter_id="zz"), "unknown_interpreter"),
        (lambda a: replace(a, meetings=(*a.meetings, a.meetings[0])), "met_twice"),
        (lambda a: with_first(a, people=("a", "d")), "not_wished"),
        (lambda a: with_first(a, people=("a", "b")), "never_pair"),
        (move(("d", "e"), slot_id="s9"), "blocked_slot"),
        (lambda a: with_first(a, value=1), "wrong_value"),
        (lambda a: with_first(a, kind="must"), "wrong_kind"),
        (lambda a: with_first(a, is_suggested=True), "wrong_mark"),
        (move(("c", "d"), slot_id="s2"), "fixed_moved"),
        (lambda a: replace(a, meetings=a.meetings[1:], refused=()), "unexplained"),
        (move(("d", "e"), slot_id="s3"), "absent"),
        (move(("d", "e"), slot_id="s1"), "too_many_at_once"),
        (move(("b", "d"), table_id="t9"), "foreign_booth"),
        (move(("a", "c"), slot_id="s0"), "interpreter_absent"),
        (move(("a", "c"), interpreter_id=""), "no_interpreter"),
        (move(("c", "e"), slot_id="s0"), "order"),
        (lambda a: replace(a, objective=a.objective + 1), "wrong_figure"),
        (lambda a: replace(a, breaks=a.breaks + 1), "wrong_figure"),
        (lambda a: replace(a, bound=a.objective - 1), "wrong_bound"),
        (lambda a: replace(a, status="optimal", bound=a.objective + 9), "wrong_status"),
        (
            lambda a: replace(a, refused=tuple(replace(r, code="tables_full") for r in a.refused)),
            "false_reason",
        ),
        (lambda a: replace(a, refused=(*a.refused, a.refused[0])), "refused_twice"),
    ],
)
def test_a_planted_fault_is_found(plant: Callable[[Answer], Answer], code: str) -> None:
    made = rich()
    answer = schedule(made, QUICK)
    assert verify_answer(made, answer) == ()
    assert code in {fault.code for fault in verify_answer(made, plant(answer))}


def test_tables_taken_twice_too_many_meetings_and_few_seats_are_found() -> None:
    made = square()
    answer = schedule(made, QUICK)
    lone = replace(made, tables=tables(1, seats=2), participants={
        name: replace(who, max_meetings=1) for name, who in made.participants.items()
    })  # fmt: skip
    assert "too_many_meetings" in {f.code for f in verify_answer(lone, answer)}
    crowded = replace(answer, meetings=tuple(replace(h, slot_id="s0") for h in answer.meetings))
    assert "table_taken_twice" in {f.code for f in verify_answer(made, crowded)}


def test_a_group_meets_only_where_there_are_seats_for_all() -> None:
    three = Wish(("a", "b", "c"), "must", 500, (), False, frozenset())
    held = schedule(
        forum([request("a", "b")], [participant(n) for n in "abc"], groups=[three]), QUICK
    )
    assert held.meetings[0].people == ("a", "b", "c") or len(held.meetings) == 2
    made = forum(
        [request("a", "b")],
        [participant(n) for n in "abc"],
        groups=[replace(three, kind="meet")],
        tables=tables(1, seats=2),
    )
    assert "no_table_fits" in {refusal.code for refusal in schedule(made, QUICK).refused}


def test_two_representatives_meet_at_the_same_time() -> None:
    made = forum(
        [request("a", "x"), request("a", "y")],
        [participant("a", representatives=2), participant("x"), participant("y")],
        slot_count=1,
    )
    assert len(schedule(made, QUICK).meetings) == 2


@pytest.mark.slow
def test_musts_that_clash_give_no_timetable_at_all() -> None:
    made = forum(
        [request(a, b, "must") for a, b in (("a", "b"), ("b", "c"), ("c", "a"))],
        slot_count=2,
        table_count=3,
    )
    with pytest.raises(ModelError, match="proven that not all musts") as caught:
        schedule(made, QUICK)
    assert caught.value.code == "F230"


def all_fit(made: Forum) -> bool:
    """Return whether all musts can be held, by trying every timetable of a plain forum."""
    musts = [people for people, wish in made.wishes.items() if wish.kind == "must"]
    places = len(made.tables)

    def rest(number: int, at: dict[str, list[tuple[str, ...]]]) -> bool:
        if number == len(musts):
            return True
        for held in at.values():
            if len(held) < places and not any({*musts[number]} & {*other} for other in held):
                held.append(musts[number])
                if rest(number + 1, at):
                    return True
                held.pop()
        return False

    return rest(0, {slot: [] for slot in made.open_slots})


def statuses(asked: list[MustTask]) -> list[str]:
    """Return what the exact placing says of each; runs in the solver's process."""
    return [place_musts(each).status for each in asked]


@pytest.mark.slow
def test_exact_musts_agree_with_trying_everything() -> None:
    forums, asked = [], []
    for seed in range(60):
        rng = random.Random(seed)
        names = "abcdef"[: rng.randint(4, 6)]
        pairs = [(a, b) for a in names for b in names if a < b and rng.random() < 0.7]
        made = forum(
            [request(a, b, "must") for a, b in pairs],
            slot_count=rng.randint(3, 5),
            table_count=rng.randint(2, 3),
        )
        forums.append(made)
        asked.append(MustTask(task_of(made, Access(made)), tuple(range(len(pairs))), 5.0, 1))
    found = run_apart(statuses, asked, timeout_s=60)
    assert found == ["held" if all_fit(made) else "impossible" for made in forums]
    assert set(found) == {"held", "impossible"}


@pytest.mark.slow
def test_musts_the_paths_leave_over_are_held_if_there_is_any_way() -> None:
    """Each slot c has free is taken by one must; the paths give a-d a slot that a-c needs."""
    pairs = [("a", "c"), ("a", "d"), ("b", "c"), ("c", "d")]
    made = forum(
        [request(a, b, "must") for a, b in pairs],
        slot_count=3,
        absent={"a": frozenset(["s0"]), "b": frozenset(["s2"])},
    )
    assert len(schedule(made, QUICK).meetings) == 4


@pytest.mark.slow
def test_the_polish_removes_breaks_without_losing_a_meeting() -> None:
    pairs = [(f"a{i}", f"b{j}") for i in range(6) for j in range(6) if (i + j) % 3]
    made = forum([request(a, b, rank=1 + i % 9) for i, (a, b) in enumerate(pairs)], slot_count=8)
    before = schedule(made, QUICK)
    after = schedule(made, Options(time_limit_s=1.2, fairness=1))
    assert after.objective == before.objective
    assert after.breaks_bound <= after.breaks <= before.breaks


@pytest.mark.parametrize(
    ("busy", "free", "days", "definition", "expected", "reason"),
    [
        (0b111, 0b111, [0] * 3, "jair", 0, "all in a row"),
        (0b10101, 0b11111, [0] * 5, "jair", 2, "two gaps"),
        (0b10001, 0b11111, [0] * 5, "jair", 1, "a gap of three slots counts once"),
        (0b10001, 0b10001, [0] * 5, "jair", 1, "a forbidden gap still counts"),
        (0b10001, 0b10001, [0] * 5, "avoidable", 0, "nobody could have met there"),
        (0b10001, 0b11111, [0, 0, 0, 1, 1], "jair", 0, "a night is no break"),
    ],
)
def test_breaks_are_counted_as_defined(
    busy: int, free: int, days: list[int], definition: str, expected: int, reason: str
) -> None:
    assert breaks_of(busy, free, days, definition) == expected, reason


@given(st.integers(0, 2**7 - 1), st.integers(1, 5), st.sampled_from(["jair", "avoidable"]))
def test_no_choice_of_slots_has_fewer_breaks_than_the_bound(
    free: int, count: int, definition: str
) -> None:
    days = [0, 0, 0, 0, 1, 1, 1]
    possible = [b for b in range(128) if b & ~free == 0 and b.bit_count() == count]
    if possible:
        least = min(breaks_of(b, free, days, definition) for b in possible)
        assert fewest_breaks([free] * count, 1, free, days, definition) <= least
