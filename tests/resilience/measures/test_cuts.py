"""Smallest cuts and importance through the bill of materials, against counting all states."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from coproduce.records.errors import ModelError
from coproduce.resilience.measures.cuts import smallest_cut
from coproduce.resilience.measures.importance import diagram, fewest_failures, importance
from coproduce.resilience.measures.supply_graph import Maker, SupplyGraph


def a_graph(seed: int) -> SupplyGraph:
    """Three tiers; makers need one or two inputs; some fail together, some serve two needs."""
    dice = np.random.default_rng(seed)
    tiers = [["good"], ["p", "q", "r"], ["x", "y"]]
    suppliers: dict[object, tuple[Maker, ...]] = {}
    events = [f"e{k}" for k in range(8)]
    for depth, needs in enumerate(tiers):
        below = tiers[depth + 1] if depth + 1 < len(tiers) else []
        for need in needs:
            makers = []
            for _ in range(int(dice.integers(1, 4))):
                most = min(len(below), int(dice.integers(1, 3))) if below else 0
                inputs = tuple(dice.choice(below, size=most, replace=False)) if most else ()
                makers.append(Maker(str(dice.choice(events)), "", tuple(map(str, inputs))))
            suppliers[need] = tuple(makers)
    if dice.random() < 0.2:
        del suppliers["y"]  # met from sources that nobody knows
    return SupplyGraph("good", suppliers)


def flows(graph: SupplyGraph, down: set[str]) -> bool:
    """Say whether the customer gets anything, by following the graph."""

    def met(need: object) -> bool:
        makers = graph.suppliers.get(need)
        return makers is None or any(
            one.event not in down and all(met(part) for part in one.inputs) for one in makers
        )

    return met("good")


def by_counting(graph: SupplyGraph, events: list[str]) -> int | None:
    for size in range(len(events) + 1):
        if any(not flows(graph, set(down)) for down in combinations(events, size)):
            return size
    return None


@pytest.mark.parametrize("seed", range(20))
def test_the_smallest_cut_is_found_three_ways(seed: int) -> None:
    graph = a_graph(seed)
    events = sorted({maker.event for maker in graph.makers()})
    found = smallest_cut(graph)
    assert found.is_proven
    assert found.size == by_counting(graph, events) == fewest_failures(diagram(graph))
    if found.size is not None:
        assert not flows(graph, set(found.events))


@pytest.mark.parametrize("seed", range(10))
def test_availability_and_importance_add_up_over_all_states(seed: int) -> None:
    graph = a_graph(seed)
    events = sorted({maker.event for maker in graph.makers()})
    dice = np.random.default_rng(seed + 1)
    down = {event: float(dice.uniform(0.01, 0.6)) for event in events}

    def availability(chances: dict[str, float]) -> float:
        total = 0.0
        for state in product((False, True), repeat=len(events)):
            out = {event for event, is_out in zip(events, state, strict=True) if is_out}
            if flows(graph, out):
                total += np.prod([chances[e] if e in out else 1 - chances[e] for e in events])
        return total

    found = importance(graph, down)
    assert found.availability_share == pytest.approx(availability(down))
    for event in events:
        up, out = (availability({**down, event: value}) for value in (0.0, 1.0))
        assert found.birnbaum[event] == pytest.approx(up - out, abs=1e-12)
        lost = 1 - found.availability_share
        part = (up - found.availability_share) / lost if lost > 0 else 0.0
        assert found.fussell_vesely[event] == pytest.approx(part, abs=1e-9)


def test_two_makers_of_the_good_with_one_maker_of_the_input_are_one_failure_away() -> None:
    both = (Maker("a", "XX", ("input",)), Maker("b", "YY", ("input",)))
    graph = SupplyGraph("good", {"good": both, "input": (Maker("c", "ZZ"),)})
    assert smallest_cut(graph).events == ("c",)


def test_all_makers_of_a_country_can_be_made_to_fail_together() -> None:
    makers = tuple(Maker(f"m{k}", "XX" if k < 3 else "YY") for k in range(4))
    graph = SupplyGraph("good", {"good": makers})
    assert smallest_cut(graph).size == 4
    assert smallest_cut(graph.by_country()).events == ("XX", "YY")


def test_supply_from_unknown_sources_cannot_be_cut() -> None:
    graph = SupplyGraph("good", {"good": (Maker("a", "XX", ("unknown",)),)})
    assert smallest_cut(graph).size == 1, "its only maker can fail"
    assert importance(graph, {"a": 0.1}).availability_share == pytest.approx(0.9)


def test_a_cycle_is_refused_by_name() -> None:
    ring = {"a": (Maker("m", "XX", ("b",)),), "b": (Maker("n", "XX", ("a",)),)}
    with pytest.raises(ModelError, match="leads back") as refused:
        smallest_cut(SupplyGraph("a", ring))
    assert refused.value.code == "S120"


def test_a_product_that_nobody_makes_has_no_path() -> None:
    with pytest.raises(ModelError, match="no path") as refused:
        smallest_cut(SupplyGraph("good", {}))
    assert refused.value.code == "S107"


def test_an_event_without_unavailability_is_named() -> None:
    graph = SupplyGraph("good", {"good": (Maker("a", "XX"),)})
    with pytest.raises(ModelError, match="a") as refused:
        importance(graph, {})
    assert refused.value.code == "S125"
