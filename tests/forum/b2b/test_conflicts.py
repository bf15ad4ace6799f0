"""A conflict a person can check is named with its people, meetings and slots."""

from __future__ import annotations

import pytest

from coproduce.forum.b2b.conflicts import find_conflicts
from coproduce.forum.b2b.portfolio import schedule
from coproduce.forum.b2b.read import parse_dzn
from tests.forum.b2b.small import cost_by_trying, drawn, dzn

STAR = [(1, 2, 3), (1, 3, 3), (1, 4, 3), (2, 1, 3), (3, 1, 3)]
CASES = [
    (
        "more meetings than slots",
        dzn(STAR),
        ("participant 1 has 5 meetings", "4 slots: 1, 2, 3, 4"),
    ),
    (
        "fixed at the same time",
        dzn([(1, 2, 3), (3, 1, 3)], fixed={1: 2, 2: 2}),
        ("meeting 1", "meeting 2", "slot 2", "participant 1"),
    ),
    (
        "fixed where somebody is away",
        dzn([(1, 2, 3)], fixed={1: 2}, forbidden={2: {2}}),
        ("fixed at slot 2", "participant 2 is away in slots 2"),
    ),
    (
        "away all morning",
        dzn([(1, 2, 1)], forbidden={1: {1, 2}}),
        ("morning", "participant 1 is away in slots 1, 2"),
    ),
    (
        "too few slots for a part of the meetings",
        dzn([(1, 2, 1), (1, 3, 1), (1, 4, 1), (2, 3, 2)]),
        ("participant 1 has 3 meetings", "2 slots: 1, 2"),
    ),
    (
        "too many fixed at once",
        dzn([(1, 2, 3), (3, 4, 3)], tables=1, fixed={1: 1, 2: 1}),
        ("2 meetings are fixed at slot 1", "1 tables"),
    ),
    (
        "too few tables in the morning",
        dzn([(1, 2, 1), (3, 4, 1), (1, 3, 1)], tables=1),
        ("3 meetings must lie in the morning", "room for 2"),
    ),
    (
        "an order in a circle",
        dzn([(1, 2, 3), (3, 4, 3)], before={1: {2}, 2: {1}}),
        ("circle", "1 before 2"),
    ),
]


@pytest.mark.parametrize(("why", "text", "named"), CASES, ids=[case[0] for case in CASES])
def test_a_conflict_is_named(why: str, text: str, named: tuple[str, ...]) -> None:
    answer = schedule(parse_dzn(text, "a.dzn"))
    assert answer.status == "infeasible", why
    assert answer.objective is None
    assert answer.slots == ()
    for words in named:
        assert words in " ".join(answer.conflict)


def test_a_named_conflict_always_means_that_there_is_no_timetable() -> None:
    named = 0
    for seed in range(300):
        problem = drawn(seed, most_meetings=4)
        if find_conflicts(problem):
            named += 1
            assert cost_by_trying(problem, "jair", 99) is None, f"seed {seed}"
    assert named > 30, "the draw must hold conflicts"
