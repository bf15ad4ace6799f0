"""Bounds and certificates of two-stage programs beside the extensive form, on tiny programs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.network.location.stochastic.families import (
    capacity,
    server_location,
    strict_servers,
)

from coproduce.engines import lp
from coproduce.network.location import record, registry
from coproduce.network.location.stochastic.program import joined
from coproduce.network.location.types import Answer, Options, Reading
from coproduce.records.errors import ModelError

Make = Callable[[Path, int], Path]
Proof = dict[str, Any]


def solved(path: Path) -> tuple[Answer, dict[str, Any], float]:
    """Return the answer, the solution file and the value of the extensive form."""
    problem = registry.read(path, "smps", Reading())
    answer = registry.solve(problem, "smps", Options(time_limit_s=20.0))
    made = record.solution_record(path, "smps", Reading(), answer, problem.kind)
    return answer, json.loads(json.dumps(made)), extensive(path).objective


def extensive(path: Path) -> lp.Solution:
    """Return the solver's answer of the extensive form."""
    problem = registry.read(path, "smps", Reading())
    every = dict(enumerate(problem.probability))
    first = problem.core.cost[: problem.first_columns]
    return lp.solve(joined(problem, every, first_cost=first), gap_share=1e-8, threads=1)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("make", [server_location, strict_servers, capacity])
def test_answer_and_bound_are_those_of_the_extensive_form(
    tmp_path: Path, make: Make, seed: int
) -> None:
    path = make(tmp_path, seed)
    if extensive(path).status == "infeasible":
        with pytest.raises(ModelError, match="no answer is possible"):
            solved(path)
        return
    answer, made, value = solved(path)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(value, rel=2e-6, abs=1e-6)
    assert answer.bound <= value + 1e-6 * (1 + abs(value))
    checked = registry.check(path, made, "smps")
    assert checked.errors == ()
    assert checked.certified_bound is not None
    assert checked.certified_bound <= value + 1e-6 * (1 + abs(value))
    if not checked.rests_on_solver:
        assert checked.certified_gap is not None
        assert checked.certified_gap <= 2e-6


@pytest.mark.parametrize("make", [server_location, capacity])
def test_the_same_seed_gives_the_same_file(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path, 3)
    one, two = solved(path)[1], solved(path)[1]
    for made in (one, two):
        made["answer"].pop("seconds")
    assert one == two


def test_capacity_is_proven_without_the_solver(tmp_path: Path) -> None:
    answer, made, _ = solved(capacity(tmp_path, 5))
    assert made["certificate"]["kind"] == "rooms"
    assert made["certificate"]["rests_on_solver"] == ""
    assert answer.gap is not None
    assert answer.gap <= 1e-6


def _leaf(proof: Proof, change: Callable[[list[Any]], None]) -> None:
    for node in proof["tree"]:
        if node[0] == "leaf":
            change(node)


def _no_pay(proof: Proof) -> None:
    _leaf(proof, lambda node: node.__setitem__(3, [0.0] * len(node[3])))


def _wild_rows(proof: Proof) -> None:
    _leaf(proof, lambda node: node.__setitem__(1, [value - 100.0 for value in node[1]]))


def _short(proof: Proof) -> None:
    _leaf(proof, lambda node: node.__setitem__(2, node[2][1:]))


def _cut_off(proof: Proof) -> None:
    proof["tree"] = [["empty"]]


def _circle(proof: Proof) -> None:
    proof["tree"] = [["room", 0, 0.5, 0, 0]]


def _lost_block(proof: Proof) -> None:
    proof["blocks"] = proof["blocks"][1:]


def _no_number(proof: Proof) -> None:
    _leaf(proof, lambda node: node.__setitem__(3, ["x"] * len(node[3])))


def _branch_on_part_of_a_whole(proof: Proof) -> None:
    proof["tree"] = [["column", 1, 0.5, 1, 2], proof["tree"][-1], ["empty"]]


@pytest.mark.parametrize(
    "spoil",
    [
        _no_pay,
        _wild_rows,
        _short,
        _cut_off,
        _circle,
        _lost_block,
        _no_number,
        _branch_on_part_of_a_whole,
    ],
)
def test_a_spoilt_tree_proves_nothing(tmp_path: Path, spoil: Callable[[Proof], None]) -> None:
    path = capacity(tmp_path, 5)
    made = copy.deepcopy(solved(path)[1])
    spoil(made["certificate"])
    assert registry.check(path, made, "smps").errors


def _no_prices(proof: Proof) -> None:
    proof["prices"][0] = [[0.0] * len(proof["prices"][0][0])]


def _few(proof: Proof) -> None:
    proof["prices"] = proof["prices"][1:]


def _infinite(proof: Proof) -> None:
    proof["prices"][0] = [[float("inf")] * len(proof["prices"][0][0])]


def _none(proof: Proof) -> None:
    proof["prices"][0] = []


@pytest.mark.parametrize("spoil", [_no_prices, _few, _infinite, _none])
def test_spoilt_prices_prove_nothing(tmp_path: Path, spoil: Callable[[Proof], None]) -> None:
    path = server_location(tmp_path, 5)
    made = copy.deepcopy(solved(path)[1])
    spoil(made["certificate"])
    assert registry.check(path, made, "smps").errors


@pytest.mark.parametrize("make", [server_location, capacity])
def test_a_bound_that_is_claimed_too_high_is_found(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path, 5)
    made = solved(path)[1]
    made["answer"]["objective"] += 1.0
    made["answer"]["bound"] += 1.0
    made["certificate"]["certified_bound"] += 1.0
    assert len(registry.check(path, made, "smps").errors) >= 2


def test_more_time_never_lowers_the_bound(tmp_path: Path) -> None:
    path = capacity(tmp_path, 8)
    problem = registry.read(path, "smps", Reading())
    value = solved(path)[2]
    for limit in (1e-6, 1e-2, 5e-2, 1.0):
        answer = registry.solve(problem, "smps", Options(time_limit_s=limit))
        assert answer.bound <= value + 1e-6 * (1 + abs(value))
        assert answer.objective is None or answer.objective >= value - 1e-5 * (1 + abs(value))
        made = record.solution_record(path, "smps", Reading(), answer, problem.kind)
        assert registry.check(path, made, "smps").errors == ()
        assert np.isfinite(answer.bound) or limit < 1.0
