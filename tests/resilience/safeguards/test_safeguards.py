"""Safeguards by hand, their order, and the cheapest that reaches a target."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from coproduce.records.errors import ModelError, SourceError, UsageError
from coproduce.resilience import on_off_shortage
from coproduce.resilience.safeguards import (
    Safeguard,
    compare,
    compare_network,
    read_safeguards,
    scenario_rows,
)
from coproduce.resilience.simulate import SimulateOptions
from tests import worlds
from tests.resilience.simulate.worlds import law, single


def exposures() -> pl.DataFrame:
    stages = ("intermediate", "api", "fdf", "pack")
    return pl.DataFrame(
        {
            "product_id": ["alpha"] * 4,
            "stage_id": stages,
            "country_id": ["OT", "OT", "HO", "HO"],
            "chain_share": [1.0] * 4,
        }
    )


def safeguard(kind: str, level: float, cost: float) -> Safeguard:
    return Safeguard(kind, kind, kind, level, "", f"{level:g}", cost, "assumed")


def test_our_own_list_is_read_and_covers_every_kind() -> None:
    kinds = {one.kind for one in read_safeguards()}
    assert kinds == {
        "stock", "mandated_stock", "second_source", "framework", "penalty", "local_stage"
    }  # fmt: skip


def test_stock_at_the_weakest_stage_is_the_closed_form_by_hand() -> None:
    bare = compare(worlds.programme(), exposures(), safeguards=[])
    one = safeguard("stock", 0.25, 0.05)
    found = compare(worlds.programme(), exposures(), safeguards=[one]).options[0]
    rows = worlds.programme()["disruptions"].filter(
        (pl.col("country_id") == "OT") & (pl.col("stage_id") == "intermediate")
    )
    rate = rows.row(0, named=True)
    before, after = (
        on_off_shortage(
            rate["failures_per_year"], rate["recovery_years"], rate["stock_years"] + more, 1.25
        )
        for more in (0.0, 0.25)
    )
    assert found.avoided_share == pytest.approx(
        (before - after) / (1 - before) * (1 - bare.shortage_share)
    )
    assert found.shortage_low_share <= found.shortage_share


@pytest.mark.parametrize(
    ("kind", "levels"),
    [
        ("stock", (0.0, 0.1, 0.5)),
        ("mandated_stock", (0.0, 0.1, 0.5)),
        ("framework", (1.25, 1.5, 3.0)),
        ("penalty", (1.0, 0.75, 0.5)),
    ],
)
def test_more_of_a_safeguard_never_adds_shortage(kind: str, levels: tuple[float, ...]) -> None:
    listed = [safeguard(kind, level, level) for level in levels]
    made = compare(worlds.programme(), exposures(), safeguards=listed)
    found = [one.shortage_share for one in made.options]
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(made.shortage_share)


def test_a_local_substance_from_an_imported_intermediate_does_not_outdo_it() -> None:
    """Whatever is done further down, the imported intermediate stays the bound."""
    one = safeguard("local_stage", 1.0, 0.1)
    made = compare(worlds.programme(), exposures(), safeguards=[one])
    by_stage = {one.stage_id: one for one in made.local_stages}
    assert by_stage["api"].shortage_low_share >= made.shortage_low_share - 1e-12
    assert by_stage["fdf"].avoided_share == pytest.approx(0.0)


def test_the_cheapest_that_reaches_a_target_is_found_among_singles_and_pairs() -> None:
    listed = [
        safeguard("mandated_stock", 5.0, 0.9),
        safeguard("penalty", 0.01, 0.3),
        safeguard("stock", 0.5, 0.2),
    ]
    made = compare(worlds.programme(), exposures(), safeguards=listed, targets=(0.9, 0.06, 1e-12))
    assert made.cheapest[0.9] is not None
    assert made.cheapest[0.9].option_id == "as it is"
    assert made.cheapest[1e-12] is None
    best = made.cheapest[0.06]
    reaching = [one for one in made.options if one.shortage_share <= 0.06]
    assert best is not None
    assert all(best.cost_share <= one.cost_share for one in reaching)


def test_targets_and_programmes_without_sense_are_refused() -> None:
    with pytest.raises(UsageError, match="S232"):
        compare(worlds.programme(), exposures(), targets=(2.0,))
    empty = worlds.programme(disruptions=lambda rows: rows.clear())
    with pytest.raises(ModelError, match="S231"):
        compare(empty, exposures())


@pytest.mark.parametrize(
    "text",
    [
        "kind\nstock\n",
        "kind,name_en,name_ru,level,unit,level_name_en,cost_share,status\nmagic,a,a,1,a,a,1,a\n",
        "kind,name_en,name_ru,level,unit,level_name_en,cost_share,status\nstock,a,a,x,a,a,1,a\n",
        "kind,name_en,name_ru,level,unit,level_name_en,cost_share,status\n"
        "second_source,a,a,2,a,a,1,a\n",
    ],
)
def test_bad_lists_of_safeguards_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="S230"):
        read_safeguards(path)


def test_scenarios_name_every_supplying_country_but_the_host() -> None:
    rows = scenario_rows(worlds.programme(), exposures())
    assert [one["scope_id"] for one in rows["scenario_effects"]] == ["OT"]
    assert 0 < rows["scenarios"][0]["probability"] < 1


def with_safeguards() -> dict[str, Any]:
    record = single(1.5, 0.35)
    record["safeguards"] = [
        {
            "safeguard_id": "stock",
            "kind": "stock",
            "cost_per_year": 10.0,
            "changes": {"stock": [{"node_id": "a", "product_id": "p", "more": 1.0}]},
        },
        {
            "safeguard_id": "penalty",
            "kind": "penalty",
            "cost_per_year": 5.0,
            "changes": {"recovery": [{"disruption_id": "a", "factor": 0.5}]},
        },
        {
            "safeguard_id": "contract",
            "kind": "framework",
            "cost_per_year": 3.0,
            "changes": {"capacity": [{"node_id": "a", "product_id": "p", "factor": 1.2}]},
        },
    ]
    return record


def test_a_network_is_compared_with_each_safeguard_on_the_same_fates() -> None:
    options = SimulateOptions(60, 10, 128, engine="numpy")
    made = compare_network(with_safeguards(), options, targets=(0.9, 0.05, 1e-9))
    assert made.is_complete
    assert len(made.tried) == 6
    assert all(one.avoided.mean > 0 for one in made.tried)
    assert made.cheapest[0.9] is not None
    assert made.cheapest[0.9].safeguard_ids == ()
    assert made.cheapest[1e-9] is None
    best = made.cheapest[0.05]
    assert best is not None
    assert best.shortage.mean + best.shortage.half <= 0.05


@pytest.mark.parametrize(
    "change",
    [
        {"stock": [{"node_id": "b", "product_id": "p", "more": 1}]},
        {"recovery": [{"disruption_id": "x", "factor": 1}]},
        {"capacity": [{"node_id": "a"}]},
    ],
)
def test_a_safeguard_that_names_nothing_is_refused(change: dict[str, Any]) -> None:
    record = copy.deepcopy(with_safeguards())
    record["safeguards"][0]["changes"] = change
    with pytest.raises(ModelError, match="S233"):
        compare_network(record, SimulateOptions(5, 0, 2, engine="numpy"))
    with pytest.raises(ModelError, match="S233"):
        compare_network(single(), SimulateOptions(5, 0, 2, engine="numpy"))


def test_a_second_source_is_added_with_all_it_needs() -> None:
    record = single()
    record["nodes"].append({"node_id": "hub"})
    record["items"][0].pop("demand")
    record["items"].append(
        {
            "node_id": "hub",
            "product_id": "p",
            "inputs": [{"sources": [{"node_id": "a", "product_id": "p"}]}],
            "demand": {"size": 1.0},
        }
    )
    laws = {"up": law("exponential", mean=2.0), "down": law("exponential", mean=0.4)}
    record["safeguards"] = [
        {
            "safeguard_id": "second",
            "kind": "second-source",
            "cost_per_year": 1.0,
            "changes": {
                "add": {
                    "nodes": [{"node_id": "b"}],
                    "items": [{"node_id": "b", "product_id": "p", "capacity": 1.0}],
                    "disruptions": [{"disruption_id": "b", "hits": [{"node_id": "b"}], **laws}],
                },
                "source": [
                    {
                        "node_id": "hub",
                        "product_id": "p",
                        "source": {"node_id": "b", "product_id": "p"},
                    }
                ],
            },
        }
    ]
    made = compare_network(record, SimulateOptions(60, 10, 512, engine="numpy", confidence=0.99))
    assert abs(made.base.mean - 1 / 6) <= made.base.half
    assert abs(made.tried[0].shortage.mean - 1 / 36) <= made.tried[0].shortage.half
