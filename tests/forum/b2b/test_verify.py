"""The checker finds every class of planted fault, and nothing in a right solution."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from coproduce.forum.b2b import verify as checker
from coproduce.forum.b2b.read import parse_dzn
from coproduce.forum.b2b.verify import verify_files, verify_texts
from coproduce.records.errors import SourceError
from tests.forum.b2b.small import Timetable, answered, dzn

TEXT = dzn(
    [(1, 2, 1), (3, 4, 3), (1, 3, 2), (2, 4, 3)],
    slots=5,
    forbidden={4: {5}},
    fixed={2: 1},
    before={4: {1}},
)
SLOTS = (1, 1, 3, 4)
"""Everybody pauses once: 1 and 3 in slot 2, 2 and 4 in slots 2 and 3; four breaks."""


def right() -> Timetable:
    return answered(parse_dzn(TEXT, "a.dzn"), SLOTS, 4)


def test_nothing_is_found_in_a_right_solution() -> None:
    assert verify_texts(TEXT, json.dumps(right())) == ()


def put(number: int, **values: int) -> Callable[[Timetable], None]:
    def plant(made: Timetable) -> None:
        made["timetable"][number - 1].update(values)

    return plant


def claim(**values: object) -> Callable[[Timetable], None]:
    def plant(made: Timetable) -> None:
        made.update(values)

    return plant


def drop(made: Timetable) -> None:
    del made["timetable"][2]


def double(made: Timetable) -> None:
    made["timetable"].append({**made["timetable"][2], "slot": 5})


FAULTS = [
    ("not held once", drop),
    ("not held once", double),
    ("unknown meeting", put(3, meeting=9)),
    ("wrong people", put(3, second=4)),
    ("unknown slot", put(4, slot=6)),
    ("unknown slot", put(4, slot=0)),
    ("unknown table", put(4, table=3)),
    ("wrong session", put(3, slot=2)),
    ("wrong session", put(1, slot=3)),
    ("forbidden slot", put(4, slot=5)),
    ("fixed meeting moved", put(2, slot=2)),
    ("participant in two meetings", put(4, slot=1)),
    ("table used twice", put(1, table=2)),
    ("precedence", put(4, slot=1)),
    ("wrong objective", claim(objective=3, bound=3)),
    ("wrong objective", claim(definition="avoidable", objective=9, bound=9)),
    ("unfair", put(4, slot=2)),
    ("impossible bound", claim(bound=5)),
    ("not proven", claim(bound=3)),
]


@pytest.mark.parametrize(("rule", "plant"), FAULTS)
def test_a_planted_fault_is_found(rule: str, plant: Callable[[Timetable], None]) -> None:
    made = right()
    if rule == "unfair":
        made["fairness"] = 0
    elif rule == "table used twice":
        made["timetable"][1]["table"] = 2
    plant(made)
    assert rule in {violation.rule for violation in verify_texts(TEXT, json.dumps(made))}


BAD = [
    ("no JSON", "slot,table\n", "F421"),
    ("no timetable", json.dumps({"status": "optimal", "objective": 1}), "F421"),
    ("a word for a slot", json.dumps({**right(), "timetable": [{"meeting": "x"}]}), "F421"),
    ("a list", "[1]", "F421"),
    ("a proof of nothing", json.dumps({"status": "infeasible"}), "F422"),
]


@pytest.mark.parametrize(("why", "text", "code"), BAD, ids=[bad[0] for bad in BAD])
def test_a_file_that_is_no_solution_is_refused(why: str, text: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        verify_texts(TEXT, text)
    assert caught.value.code == code, why


def test_a_problem_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="F421"):
        verify_texts("nBusiness = 3;", json.dumps(right()))
    with pytest.raises(SourceError, match="F421"):
        verify_files(tmp_path / "absent.dzn", tmp_path / "absent.json")


def test_the_checker_imports_nothing_of_what_it_checks() -> None:
    tree = ast.parse(Path(checker.__file__).read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name for name in modules if name.startswith("coproduce")} == {
        "coproduce.records.errors"
    }
