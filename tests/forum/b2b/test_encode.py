"""The model says what the definition says: its optimum is the one found by trying everything."""

from __future__ import annotations

import json

import pytest

from coproduce.engines.maxsat import SatTask, minimise
from coproduce.forum.b2b.encode import encode
from coproduce.forum.b2b.types import Definition, Meeting, Problem
from coproduce.forum.b2b.verify import verify_texts
from tests.forum.b2b.small import answered, cost_by_trying, count_breaks, drawn, solved, written


def least_of_levels(problem: Problem, definition: Definition, fairness: int) -> int | None:
    """Return the optimum over the levels of least breaks, as the portfolio walks them."""
    most = min(len(numbers) for numbers in problem.meetings_of())
    costs = []
    for least in range(max(1, most)):
        answer = minimise(SatTask(encode(problem, definition, fairness, least).model))
        costs += [] if answer.cost is None else [answer.cost]
    return min(costs, default=None)


@pytest.mark.parametrize("definition", ["jair", "avoidable"])
@pytest.mark.parametrize("fairness", [0, 1, 2])
def test_the_optimum_is_the_one_found_by_trying(definition: Definition, fairness: int) -> None:
    for seed in range(30):
        problem = drawn(seed, most_meetings=5)
        expected = cost_by_trying(problem, definition, fairness)
        assert least_of_levels(problem, definition, fairness) == expected, f"seed {seed}"


def check(seed: int) -> None:
    """Solve one drawn forum and let the checker look for anything wrong."""
    problem = drawn(seed)
    definition: Definition = "avoidable" if seed % 2 else "jair"
    slots = solved(problem, definition, 2)
    if slots is None:
        return
    breaks = 0
    for person, numbers in enumerate(problem.meetings_of(), start=1):
        away = problem.forbidden[person - 1] if definition == "avoidable" else frozenset()
        breaks += count_breaks([slots[n - 1] for n in numbers], away)
    text = json.dumps(answered(problem, slots, breaks, definition))
    assert verify_texts(written(problem), text) == (), f"seed {seed}"


def test_the_checker_finds_nothing_in_100_random_forums() -> None:
    for seed in range(100):
        check(seed)


@pytest.mark.slow
def test_the_checker_finds_nothing_in_10_000_random_forums() -> None:
    for seed in range(100, 10_100):
        check(seed)


def forced(forbidden: tuple[set[int], ...], slots: int, meetings: tuple[Meeting, ...]) -> Problem:
    people = len(forbidden)
    return Problem(
        "forced",
        people,
        people,
        slots,
        slots,
        meetings,
        tuple(map(frozenset, forbidden)),
        (0,) * len(meetings),
        (frozenset(),) * len(meetings),
    )


def test_an_absence_between_two_meetings_is_a_break_only_by_the_published_definition() -> None:
    problem = forced(({2}, {3}, {1}), 3, (Meeting(1, 2), Meeting(1, 3)))
    slots = solved(problem, "jair", 2)
    assert slots == (1, 3), "1 is away in slot 2; 2 in slot 3 and 3 in slot 1"
    for definition, breaks in (("jair", 1), ("avoidable", 0)):
        assert cost_by_trying(problem, definition, 2) == breaks  # type: ignore[arg-type]
        assert least_of_levels(problem, definition, 2) == breaks  # type: ignore[arg-type]


def test_fairness_0_may_mean_a_break_for_everybody() -> None:
    """Four people in a ring who all must pause: equal breaks are fair, none is impossible."""
    ring = (Meeting(1, 2), Meeting(2, 3), Meeting(3, 4), Meeting(4, 1))
    problem = forced(({2}, {2}, {2}, {2}), 3, ring)
    assert minimise(SatTask(encode(problem, "jair", 0, 0).model)).status == "infeasible"
    assert least_of_levels(problem, "jair", 0) == 4
    assert cost_by_trying(problem, "jair", 0) == 4
