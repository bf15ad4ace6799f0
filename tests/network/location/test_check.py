"""The checker accepts what is right and names each thing that is wrong."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.network.location.small import holmberg_text, made, orlib_text, sscflp_text, ufl_text

from coproduce.network.location import record, registry
from coproduce.network.location.types import Options, Reading

CASES = {
    "ufl": ("ufl", ufl_text, Reading()),
    "cfl": ("orlib", orlib_text, Reading()),
    "sscfl": ("sscflp", sscflp_text, Reading()),
    "free": ("holmberg", holmberg_text, Reading(is_uncapacitated=True)),
}


def solved(folder: Path, case: str, **options: Any) -> tuple[Path, dict[str, Any]]:
    """A problem in a file, and the content of its solution file."""
    form, text, reading = CASES[case]
    path = folder / f"{case}.txt"
    path.write_text(text(made(11, 8, 15, "cfl" if case == "free" else case)), encoding="utf-8")
    problem = registry.read(path, form, reading)
    answer = registry.solve(problem, form, Options(**options))
    return path, record.solution_record(path, form, reading, answer, problem.kind)


@pytest.mark.parametrize("case", CASES)
def test_what_the_engine_writes_is_right(
    case: str, right: dict[str, tuple[Path, dict[str, Any]]]
) -> None:
    path, found = right[case]
    checked = registry.check(path, found, found["instance"]["format"])
    assert checked.errors == ()
    assert checked.objective == pytest.approx(found["answer"]["objective"], rel=1e-12)
    assert checked.certified_bound == pytest.approx(found["certificate"]["certified_bound"])


@pytest.mark.parametrize("case", CASES)
def test_what_is_written_without_time_is_right_too(case: str, tmp_path: Path) -> None:
    path, found = solved(tmp_path, case, time_limit_s=0.0)
    assert registry.check(path, found, found["instance"]["format"]).errors == ()


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Each case solved once; whoever changes the content takes a copy."""
    folder = tmp_path_factory.mktemp("right")
    return {case: solved(folder, case) for case in CASES}


Change = Callable[[dict[str, Any]], None]


def set_in(part: str, key: str, change: Callable[[Any], Any]) -> Change:
    """A change of one value of a solution file."""

    def work(found: dict[str, Any]) -> None:
        found[part][key] = change(found[part][key])

    return work


def _drop_a_flow(found: dict[str, Any]) -> None:
    found["plan"]["flows"].pop()


def _all_from_one(found: dict[str, Any]) -> None:
    site = found["opened"][0]
    found["plan"]["flows"] = [[site, row[1], row[2]] for row in found["plan"]["flows"]]


def _cut_the_tree(found: dict[str, Any]) -> None:
    found["certificate"]["tree"] = [[0]]


def _raise_all(found: dict[str, Any]) -> None:
    for part, key in (("answer", "bound"), ("certificate", "certified_bound")):
        found[part][key] = 1.5 * found[part][key]


PLANTED: list[tuple[str, str, Change, str]] = [
    ("a cheaper cost", "cfl", set_in("answer", "objective", lambda v: v - 1), "says the cost"),
    ("a higher bound", "cfl", set_in("answer", "bound", lambda v: v + 5), "above what is proven"),
    ("a lower bound", "cfl", set_in("answer", "bound", lambda v: v - 5), "not the one"),
    (
        "a higher certified bound",
        "ufl",
        set_in("certificate", "certified_bound", lambda v: v + 5),
        "certificate proves",
    ),
    ("all bounds raised", "sscfl", _raise_all, "certificate proves"),
    ("another gap", "ufl", set_in("answer", "gap", lambda v: v + 0.1), "gap"),
    ("a customer forgotten", "cfl", _drop_a_flow, "customer"),
    ("a capacity violated", "cfl", _all_from_one, "its capacity is"),
    ("a closed facility serves", "cfl", lambda f: f.update(opened=f["opened"][1:]), "not opened"),
    ("a facility that is none", "ufl", lambda f: f.update(opened=[99]), "no facility"),
    ("a facility opened twice", "ufl", lambda f: f["opened"].append(f["opened"][0]), "twice"),
    (
        "a short assignment",
        "ufl",
        set_in("plan", "assignment", lambda v: v[1:]),
        "one facility for each customer",
    ),
    ("no tree", "ufl", set_in("certificate", "tree", lambda _: None), "no tree"),
    ("a circle", "ufl", set_in("certificate", "tree", lambda _: [[0, 0, 0]]), "circle"),
    ("a leaf without prices", "ufl", set_in("certificate", "tree", lambda _: [[7]]), "neither"),
    ("short prices", "ufl", set_in("certificate", "prices", lambda v: [[1.0]] * len(v)), "prices"),
    (
        "other prices",
        "ufl",
        set_in("certificate", "prices", lambda v: [[0] * 15] * len(v)),
        "prove",
    ),
    ("another kind", "ufl", set_in("instance", "kind", lambda _: "cfl"), "calls the problem"),
]


@pytest.mark.parametrize(("why", "case", "change", "said"), PLANTED, ids=lambda v: str(v)[:30])
def test_a_planted_error_is_named(
    why: str,
    case: str,
    change: Change,
    said: str,
    right: dict[str, tuple[Path, dict[str, Any]]],
) -> None:
    path, found = right[case]
    wrong = copy.deepcopy(found)
    change(wrong)
    errors = registry.check(path, wrong, wrong["instance"]["format"]).errors
    assert any(said in error for error in errors), (why, errors)


CHECKS = sorted((Path(registry.__file__).parent / "check").glob("*.py"))


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: str(path.name))
def test_the_checker_shares_no_code_with_the_engine(path: Path) -> None:
    allowed = ("coproduce.network.location.check", "coproduce.network.location.types")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("coproduce"):
            module = node.module or ""
            assert module.startswith((*allowed, "coproduce.records.errors")), module
        if isinstance(node, ast.Import):
            assert not any("highspy" in name.name or "scip" in name.name for name in node.names)


def test_whole_knapsacks_bound_nothing_where_customers_may_be_split(tmp_path: Path) -> None:
    path, found = solved(tmp_path, "cfl")
    count = len(found["certificate"]["prices"])
    found["certificate"]["whole_knapsacks"] = list(range(count))
    assert registry.check(path, found, "orlib").errors == ()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_search_with_many_parts_claims_what_its_prices_prove(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "problem"
    path.write_text(sscflp_text(made(seed, 16, 60, "sscfl")), encoding="utf-8")
    problem = registry.read(path, "sscflp", Reading())
    answer = registry.solve(problem, "sscflp", Options(time_limit_s=20.0))
    found = record.solution_record(path, "sscflp", Reading(), answer, problem.kind)
    assert registry.check(path, found, "sscflp").errors == ()
