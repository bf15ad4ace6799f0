"""Networks of plants and depots: readers, bound, answer, recount."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.network.location.multilevel.tiny import cheapest, network, write

from coproduce.network.location import record, registry
from coproduce.network.location.clock import Clock
from coproduce.network.location.multilevel import solve as solving
from coproduce.network.location.multilevel.bound import Dual, choose, whole
from coproduce.network.location.multilevel.solve import _Run
from coproduce.network.location.types import Options, Reading
from coproduce.records.errors import CoproduceError

FORMS = [("tscflp", 1), ("mptscflp", 2)]


def solved(path: Path, form: str, limit_s: float = 4.0) -> dict[str, Any]:
    problem = registry.read(path, form, Reading())
    answer = registry.solve(problem, form, Options(time_limit_s=limit_s))
    return record.solution_record(path, form, Reading(), answer, problem.kind)


@pytest.mark.parametrize(("form", "products"), FORMS)
def test_the_answer_is_the_cheapest_of_all_sets_and_its_file_is_found_right(
    tmp_path: Path, form: str, products: int
) -> None:
    levels = network(4, products=products)
    path = write(levels, tmp_path / "tiny.txt", is_multi=form == "mptscflp")
    made = solved(path, form)
    assert made["answer"]["objective"] == cheapest(levels)
    checked = registry.check(path, made, form)
    assert checked.errors == ()
    assert checked.objective == cheapest(levels)
    assert checked.certified_bound is not None
    assert checked.certified_bound <= cheapest(levels)


@pytest.mark.parametrize("seed", range(4))
def test_parts_by_number_of_depots_prove_the_cheapest_answer(seed: int) -> None:
    levels = network(seed)
    run = _Run(levels, Options(time_limit_s=10.0), Clock(10.0))
    run.climb(1, 10.0)  # poor prices: counts cannot be barred, so HiGHS must prove the parts
    run.search.visit(np.ones(levels.plants + levels.depots, dtype=bool))
    run.prove()
    assert run.cost == cheapest(levels)
    assert run.solver_bound <= cheapest(levels) + 1e-6


@given(seed=st.integers(0, 10_000), products=st.integers(1, 3))
def test_any_prices_bound_the_cheapest_answer_from_below(seed: int, products: int) -> None:
    levels = network(seed % 7, products=products, plants=2, depots=3)
    random = np.random.default_rng(seed)
    dual = Dual(levels, is_fast=False)
    prices = dual.start()
    prices.demand += random.normal(0, 5, prices.demand.shape)
    prices.balance += random.normal(0, 5, prices.balance.shape)
    value, _ = choose(dual, dual.price(prices), whole(levels))
    assert value <= cheapest(levels) + 1e-6


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    path = write(network(4), tmp_path_factory.mktemp("one") / "tiny.txt", is_multi=False)
    with pytest.MonkeyPatch.context() as patch:  # one row of prices, not a tree of them
        patch.setattr(solving, "is_fit", lambda _levels: False)
        return path, solved(path, "tscflp")


def _cost(made: dict[str, Any]) -> None:
    made["answer"]["objective"] -= 1


def _bound(made: dict[str, Any]) -> None:
    made["certificate"]["certified_bound"] += 5


def _price(made: dict[str, Any]) -> None:
    made["certificate"]["demand_prices"] = made["certificate"]["balance_prices"]


def _flow(made: dict[str, Any]) -> None:
    made["plan"]["outbound"][0][0][2] += 100


def _unserved(made: dict[str, Any]) -> None:
    made["plan"]["outbound"][0].pop()


def _shut(made: dict[str, Any]) -> None:
    made["opened"].pop()


def _multiplier(made: dict[str, Any]) -> None:
    made["certificate"]["plant_multipliers"] = [[-1]]


@pytest.mark.parametrize("spoil", [_cost, _bound, _price, _flow, _unserved, _shut, _multiplier])
def test_a_planted_error_is_found(
    one: tuple[Path, dict[str, Any]], spoil: Callable[[dict[str, Any]], None]
) -> None:
    path, made = one[0], copy.deepcopy(one[1])
    spoil(made)
    assert registry.check(path, made, "tscflp").errors


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[:-4], "early"),
        (lambda text: text + " 7", "left over"),
        (lambda text: text.replace(text.split()[3], "-2", 1), "at least 0"),
        (lambda text: text.replace(text.split()[3], "nan", 1), "finite"),
        (lambda text: text.replace(text.split()[3], "9999", 1), "no answer is possible"),
    ],
)
def test_a_spoilt_file_is_refused_in_words(
    tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    path = write(network(1), tmp_path / "tiny.txt", is_multi=False)
    lines = path.read_text().split()
    # The first demand is made unlike any other number, so that only it is changed.
    lines[3] = "13"
    path.write_text(
        " ".join(lines[:3]) + "\n" + change(" ".join(lines))[len(" ".join(lines[:3])) :]
    )
    with pytest.raises(CoproduceError, match=said):
        registry.read(path, "tscflp", Reading())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "best"), [("PSC1-C2-50", 492747.0)])
def test_a_public_network_is_solved_to_its_published_optimum(
    shared_data: Path, name: str, best: float
) -> None:
    path = shared_data / "network" / "tscflp" / f"{name}.txt.gz"
    made = solved(path, "tscflp", 200.0)
    assert made["answer"]["objective"] == best
    assert registry.check(path, made, "tscflp").errors == ()
