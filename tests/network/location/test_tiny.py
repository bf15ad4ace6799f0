"""Our own tiny problems in the public layouts, with optima that can be counted by hand.

``three_open``: facilities 1 and 2 cost 22 to open and serve for 2 + 3 + 2 + 3; every other set
costs 33 or more. ``two_rooms``: both facilities are needed, 18; whole customers cost 2, 6 and 2,
since the first two do not fit together into five; split, a third of the second moves, which
makes it 10/3.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coproduce.network.location import record, registry
from coproduce.network.location.types import Options, Reading

HERE = Path(__file__).parent / "tiny"
WHOLE, SPLIT = Reading(is_single_source=True), Reading(is_split=True)
CASES = [
    ("three_open.ufl", Reading(), 32.0, (0, 1)),
    ("two_rooms.orlib", Reading(), 18 + 22 / 3, (0, 1)),
    ("two_rooms.orlib", WHOLE, 28.0, (0, 1)),
    ("two_rooms.orlib", Reading(is_uncapacitated=True), 10 + 2 + 2 + 9, (0,)),
    ("two_rooms.holmberg", Reading(), 18 + 22 / 3, (0, 1)),
    ("two_rooms.holmberg", WHOLE, 28.0, (0, 1)),
    ("two_rooms.sscflp", Reading(), 28.0, (0, 1)),
    ("two_rooms.sscflp", SPLIT, 18 + 22 / 3, (0, 1)),
]


@pytest.mark.parametrize(("name", "reading", "best", "opened"), CASES)
def test_a_tiny_problem_is_proven_at_the_optimum_counted_by_hand(
    name: str, reading: Reading, best: float, opened: tuple[int, ...]
) -> None:
    path = HERE / name
    form = path.suffix[1:]
    problem = registry.read(path, form, reading)
    answer = registry.solve(problem, form, Options())
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(best, rel=1e-9)
    assert answer.opened == opened
    made = record.solution_record(path, form, reading, answer, problem.kind)
    assert registry.check(path, json.loads(json.dumps(made)), form).errors == ()
