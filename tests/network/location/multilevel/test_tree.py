"""Branch and bound over plants and depots: its bounds, its answer, the recount of its tree."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.network.location.multilevel.tiny import cheapest, network, write

from coproduce.network.location import record, registry
from coproduce.network.location.check import branches
from coproduce.network.location.multilevel import solve as solving
from coproduce.network.location.multilevel.certificate import grid_for, packed
from coproduce.network.location.multilevel.flow import serve
from coproduce.network.location.multilevel.kernel import has_numba
from coproduce.network.location.multilevel.tree import Tree, is_fit
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Options, Reading

pytestmark = pytest.mark.skipif(not has_numba(), reason="the tree needs numba")


def exact(levels: Levels) -> branches.Network:
    """Return the network as the checker sees it, in units of one."""
    arrays = (
        levels.demand[0],
        levels.depot_capacity[0],
        levels.plant_capacity[0],
        levels.plant_fixed,
        levels.depot_fixed,
        levels.inbound[0],
        levels.outbound[0],
    )
    return branches.Network(*(array.astype(np.int64) for array in arrays))


def tree_of(levels: Levels, cost: float = np.inf) -> tuple[Tree, list[float]]:
    """Return a tree and the best cost that it found, below `cost`."""
    best = [cost]

    def visit(opened: Any) -> float:
        served = serve(levels, opened)
        best[0] = min(best[0], np.inf if served is None else served.cost)
        return best[0]

    tree = Tree(
        levels,
        grid=grid_for(levels),
        cutoff=lambda: best[0] - 1 + 1e-3,
        visit=visit,
        serve=lambda opened: serve(levels, opened),
        is_over=lambda: False,
    )
    return tree, best


@given(seed=st.integers(0, 10_000))
def test_a_part_is_bounded_from_below_and_by_the_same_as_the_recount(seed: int) -> None:
    random = np.random.default_rng(seed)
    levels = network(seed % 9, plants=3, depots=3)
    tree, _ = tree_of(levels)
    state = random.integers(0, 3, 6).astype(np.int8)
    demand = random.integers(0, 40, 5).astype(float)
    balance = random.integers(-5, 20, 3).astype(float)
    found = tree.kernels.ascend(
        tree.network,
        demand.copy(),
        balance.copy(),
        np.zeros(3),
        state[:3],
        state[3:],
        np.zeros(6),
        1,
        0.0,
        1,
        0.0,
        np.inf,
    )
    part = branches._Part(
        exact(levels), state.astype(np.int64), demand.astype(np.int64), balance.astype(np.int64)
    )
    if found[0] > 1e17:
        assert part.value() >= branches.NONE // 2
        return
    assert found[0] == pytest.approx(part.value(), abs=1e-6)
    for bits in itertools.product((False, True), repeat=6):
        opened = np.array(bits)
        if (opened & (state == 2)).any() or (~opened & (state == 1)).any():
            continue
        served = serve(levels, opened) if opened[:3].any() and opened[3:].any() else None
        assert served is None or part.value() <= served.cost + 1e-6


@given(seed=st.integers(0, 10_000))
def test_what_another_state_costs_is_no_more_than_the_part_costs_with_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    levels = network(seed % 9, plants=4, depots=4)
    tree, _ = tree_of(levels)
    demand, balance = random.integers(0, 40, 5), random.integers(-5, 20, 4)
    state = np.where(random.random(8) < 0.3, random.integers(1, 3, 8), 0)
    net = exact(levels)
    hypothesis.assume(branches._Part(net, state, demand, balance).value() < branches.NONE // 2)
    part = branches._Part(net, state, demand, balance)
    free = [int(at) for at in np.flatnonzero(state == 0)]
    plants = tree.kernels.plant_flips(
        levels.plant_fixed,
        balance.astype(float),
        levels.inbound[0],
        net.depot_room,
        net.plant_room,
        state[:4],
        state[4:],
        net.total,
    )
    depots = tree.kernels.depot_flips(
        part.worth.astype(float), net.depot_room, state[4:].copy(), net.total
    )
    for is_open in (0, 1):
        flips = list(part.flips([(at, is_open) for at in free]))
        for at, value in zip(free, flips, strict=True):
            other = state.copy()
            other[at] = 2 if is_open else 1
            alone = branches._Part(net, other, demand, balance).value()
            if at < 4:  # a depot that is closed takes nothing from plants: they earn less
                assert value == alone or min(value, alone) >= branches.NONE // 2
            assert value <= alone or alone >= branches.NONE // 2
            level, place = (plants, at) if at < 4 else (depots, at - 4)
            if value < branches.NONE // 2:
                rest = part.value() - _own(part, at < 4)
                assert level[1 - is_open, place] + rest == pytest.approx(value, abs=1e-6)


def _own(part: branches._Part, is_plant: bool) -> int:
    rows = part._loads(range(4))[0] if is_plant else part._covers(range(4))[0]
    return int(rows[-1][-1])


@pytest.mark.parametrize("seed", range(12))
def test_the_tree_proves_the_cheapest_answer_and_is_recounted(seed: int) -> None:
    levels = network(seed, plants=4, depots=5)
    tree, best = tree_of(levels)
    dual = solving.Dual(levels)
    tree.search(dual.start())
    assert not tree.is_open
    assert best[0] == cheapest(levels)
    assert best[0] - 1 < tree.bound <= best[0] + 1e-6
    scaled = exact(levels)
    demand = np.array([np.rint(point.demand * tree.grid) for point in tree.points])
    balance = np.array([np.rint(point.balance * tree.grid) for point in tree.points])
    costs = {
        name: getattr(scaled, name) * tree.grid
        for name in ("plant_fixed", "depot_fixed", "inbound", "outbound")
    }
    amounts = {name: getattr(scaled, name) for name in ("demand", "depot_room", "plant_room")}
    net = branches.Network(**amounts, **costs)
    counted = branches.proven(net, tree.nodes, demand.astype(np.int64), balance.astype(np.int64))
    assert counted / tree.grid == pytest.approx(tree.bound, rel=1e-7)


def test_a_tree_cut_short_is_whole_and_its_bound_holds() -> None:
    levels = network(3, plants=5, depots=6)
    tree, _ = tree_of(levels, cost=2.0 * cheapest(levels))  # nothing is fixed by price
    tree.cutoff = lambda: np.inf
    tree.search(solving.Dual(levels).start(), 4)
    assert tree.is_open
    before = tree.bound
    tree.finish()
    assert tree.bound == before <= cheapest(levels)
    assert all(tree.nodes)


def test_without_the_tree_the_answer_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = network(4, plants=4, depots=5)
    path = write(levels, tmp_path / "tiny.txt", is_multi=False)
    found = []
    for fits in (True, False):
        if not fits:
            monkeypatch.setattr(solving, "is_fit", lambda _levels: False)
        problem = registry.read(path, "tscflp", Reading())
        answer = registry.solve(problem, "tscflp", Options(time_limit_s=20.0))
        found.append((answer.objective, answer.bound))
    assert found[0] == found[1] == (cheapest(levels), cheapest(levels))


def test_only_whole_amounts_of_one_product_are_branched() -> None:
    assert is_fit(network(1))
    assert not is_fit(network(1, products=2))
    levels = network(1)
    levels.demand[0, 0] += 0.5
    assert not is_fit(levels)


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a file and its record with a tree of several nodes."""
    levels = network(6, plants=4, depots=5)
    path = write(levels, tmp_path_factory.mktemp("tree") / "tiny.txt", is_multi=False)
    problem = registry.read(path, "tscflp", Reading())
    answer = registry.solve(problem, "tscflp", Options(time_limit_s=20.0))
    tree, best = tree_of(levels, cost=answer.objective)
    tree.cutoff = lambda: best[0] - 1 + 1e-3
    tree.search(solving.Dual(levels).start())
    tree.finish()
    made = record.solution_record(path, "tscflp", Reading(), answer, problem.kind)
    made["certificate"] = {
        "kind": "tree of prices",
        "grid": tree.grid,
        "points": len(tree.points),
        "tree": tree.nodes,
        "demand_prices": packed(np.array([p.demand for p in tree.points]), tree.grid),
        "balance_prices": packed(np.array([p.balance for p in tree.points]), tree.grid),
        "certified_bound": answer.objective,
        "rests_on_solver": "",
    }
    return path, made


def test_the_record_of_a_tree_is_found_right(proof: tuple[Path, dict[str, Any]]) -> None:
    path, made = proof
    checked = registry.check(path, made, "tscflp")
    assert checked.errors == ()
    assert checked.certified_bound == made["answer"]["objective"]


def _places(made: dict[str, Any], length: int) -> list[list[int]]:
    return [node for node in made["certificate"]["tree"] if len(node) == length]


def _no_tree(made: dict[str, Any]) -> None:
    made["certificate"]["tree"] = []


def _circle(made: dict[str, Any]) -> None:
    made["certificate"]["tree"] = [[0, 0, 0]]


def _lost(made: dict[str, Any]) -> None:
    made["certificate"]["tree"] = [[0, 1, 2], [0], [1, 3, 3], [0]]


def _twice(made: dict[str, Any]) -> None:
    made["certificate"]["tree"] = [[0, 1, 2], [0, 3, 4], [0], [0], [0]]


def _prices(made: dict[str, Any]) -> None:
    made["certificate"]["tree"] = [[10**6]]


def _root(made: dict[str, Any]) -> None:
    made["certificate"]["tree"] = [[0]]
    made["certificate"]["demand_prices"] = packed(np.zeros((made["certificate"]["points"], 5)), 1)


def _word(made: dict[str, Any]) -> None:
    made["certificate"]["tree"] = [["0"]]


def _points(made: dict[str, Any]) -> None:
    made["certificate"]["points"] += 1


@pytest.mark.parametrize(
    "spoil", [_no_tree, _circle, _lost, _twice, _prices, _root, _word, _points]
)
def test_a_spoilt_tree_is_refused(
    proof: tuple[Path, dict[str, Any]], spoil: Callable[[dict[str, Any]], None]
) -> None:
    path, made = proof
    spoilt = copy.deepcopy(made)
    spoil(spoilt)
    assert registry.check(path, spoilt, "tscflp").errors
