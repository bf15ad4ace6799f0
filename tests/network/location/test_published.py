"""Every instance of the carried sets whose optimum is published is solved to that value."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from coproduce.network.location import record, registry
from coproduce.network.location.types import Options, Reading

pytestmark = pytest.mark.slow

# OR-Library (Beasley 1990), uncapopt.
WITHOUT_CAPACITY = {
    "cap71": 932615.750,
    "cap101": 796648.438,
    "cap131": 793439.563,
    "cap134": 928941.750,
}


def solve_and_check(path: Path, form: str, reading: Reading) -> Any:
    """Return the answer after its file was found right by the checker."""
    problem = registry.read(path, form, reading)
    answer = registry.solve(problem, form, Options(time_limit_s=300.0))
    made = record.solution_record(path, form, reading, answer, problem.kind)
    assert registry.check(path, json.loads(json.dumps(made)), form).errors == ()
    return answer


def test_the_or_library_with_capacity(shared_data: Path) -> None:
    folder = shared_data / "network" / "orlib_cap"
    text = (folder / "capopt.txt").read_text(encoding="utf-8")
    published = re.findall(r"(cap\d+)\s+([\d.]+)", text)
    assert len(published) == 37
    for name, value in published:
        answer = solve_and_check(folder / name, "orlib", Reading())
        assert answer.status == "optimal", name
        assert answer.objective == pytest.approx(float(value), abs=0.006), name


@pytest.mark.parametrize(("name", "value"), WITHOUT_CAPACITY.items())
def test_the_or_library_without_capacity(shared_data: Path, name: str, value: float) -> None:
    path = shared_data / "network" / "orlib_cap" / name
    answer = solve_and_check(path, "orlib", Reading(is_uncapacitated=True))
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(value, abs=0.006)
    assert answer.certificate["rests_on_solver"] == ""


def test_a_large_one_of_the_or_library_is_proven_without_a_solver(shared_data: Path) -> None:
    path = shared_data / "network" / "orlib_cap" / "capa4.rcflp.gz"
    answer = solve_and_check(path, "holmberg", Reading())
    assert answer.objective == pytest.approx(17160439.012, abs=0.006)
    assert answer.status == "optimal"
    assert answer.certificate["rests_on_solver"] == ""


def test_holmberg_with_whole_customers(shared_data: Path) -> None:
    # Holmberg, Rönnqvist, Yuan (1999), p1 to p12.
    published = [8848, 7913, 9314, 10714, 8838, 7777, 9488, 11088, 8462, 7617, 8932, 10132]
    for number, value in enumerate(published, 1):
        path = shared_data / "network" / "holmberg" / f"p{number}"
        answer = solve_and_check(path, "holmberg", Reading(is_single_source=True))
        assert answer.status == "optimal", path.name
        assert answer.objective == value, path.name
