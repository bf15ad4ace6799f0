"""The tree of parts: its bound is true, the checker finds the same, and finds what is planted."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.network.location.multilevel.tiny import cheapest, network, write

from coproduce.network.location import record, registry
from coproduce.network.location.clock import Clock
from coproduce.network.location.multilevel.solve import _Run
from coproduce.network.location.types import Options, Reading


def run(seed: int, products: int, *, splits: int = 6) -> _Run:
    """Return a run that has split a tiny network a few times, from poor prices."""
    levels = network(seed, products=products, plants=3, depots=5)
    made = _Run(levels, Options(time_limit_s=60.0), Clock(60.0))
    made.climb(3, 10.0)
    made.search.run(made.bounded.share, kicks=3)
    count = [0]

    def is_over() -> bool:
        count[0] += 1
        return count[0] > splits

    made.split(0.0)
    assert made.parts is not None
    made.parts.is_over = is_over
    made.parts.run(made.box, made.bounded.prices, made.bounded.share)
    return made


@pytest.mark.parametrize("products", [1, 2, 3])
@pytest.mark.parametrize("seed", range(8))
def test_the_bound_of_a_tree_is_below_the_cheapest_answer_and_recounted(
    tmp_path: Path, seed: int, products: int
) -> None:
    made = run(seed, products)
    assert made.parts is not None
    best = cheapest(made.levels)
    assert made.bounded.bound - 1e-6 <= made.certified <= best + 1e-6
    path = write(made.levels, tmp_path / "tiny.txt", is_multi=True)
    written = record.solution_record(path, "mptscflp", Reading(), made.answer(), "")
    checked = registry.check(path, written, "mptscflp")
    assert checked.errors == ()
    assert checked.certified_bound == pytest.approx(
        min(made.certified_whole(made.certified), made.cost), abs=1.0
    )


def _drop(tree: list[dict[str, Any]]) -> None:
    tree.pop()


def _twice(tree: list[dict[str, Any]]) -> None:
    split = next(node for node in tree if "facility" in node)
    split["open"] = split["shut"]


def _other(tree: list[dict[str, Any]]) -> None:
    next(node for node in tree if "facility" in node)["facility"] = 99


def _prices(tree: list[dict[str, Any]]) -> None:
    next(node for node in tree if "prices" in node)["prices"] = 10_000


@pytest.mark.parametrize("spoil", [_drop, _twice, _other, _prices])
def test_a_spoilt_tree_is_refused(
    tmp_path: Path, spoil: Callable[[list[dict[str, Any]]], None]
) -> None:
    made = next(one for one in (run(seed, 2) for seed in range(20)) if has_split(one))
    path = write(made.levels, tmp_path / "tiny.txt", is_multi=True)
    written = record.solution_record(path, "mptscflp", Reading(), made.answer(), "")
    written = copy.deepcopy(written)
    spoil(written["certificate"]["tree"])
    assert registry.check(path, written, "mptscflp").errors


def has_split(made: _Run) -> bool:
    return any("facility" in node for node in made.certificate(made.bound)[0]["tree"])
