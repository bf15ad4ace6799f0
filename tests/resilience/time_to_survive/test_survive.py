"""Time to survive and risk exposure: the published teaching instance, duality, bad files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coproduce.records.errors import CoproduceError
from coproduce.resilience.time_to_survive import SurviveNetwork, read_network, study
from coproduce.resilience.time_to_survive.exposure import spans, survived, survived_by_halving
from coproduce.resilience.time_to_survive.model import build, dual_gap
from coproduce.resilience.time_to_survive.network import Product, Scenario

NODES = {"S1": 30, "S2": 45, "S3": 60}
PRODUCTS = {"P1": (75, 20, 5000), "P2": (50, 25, 6500)}


def ford() -> dict[str, list[dict[str, Any]]]:
    """Three suppliers, two vehicles, after Simchi-Levi et al. (2015); thirteen numbers."""
    return {
        "nodes": [{"node_id": name, "capacity": most} for name, most in NODES.items()],
        "products": [
            {"product_id": name, "demand": d, "stock": s, "loss_per_unit": f}
            for name, (d, s, f) in PRODUCTS.items()
        ],
        "makes": [{"node_id": n, "product_id": p} for n in NODES for p in PRODUCTS],
        "scenarios": [{"scenario_id": f"n{k}", "ttr": 2} for k in range(4)],
        "down": [{"scenario_id": f"n{k}", "node_id": f"S{k}"} for k in (1, 2, 3)],
    }


def as_json(folder: Path, content: object) -> Path:
    path = folder / "network.json"
    path.write_text(json.dumps(content))
    return path


def test_the_published_instance_comes_out(tmp_path: Path) -> None:
    found = study(read_network(as_json(tmp_path, ford())))
    assert [one.cost for one in found.scenarios] == pytest.approx([0, 0, 125_000, 275_000])
    assert [round(one.rei, 3) for one in found.scenarios] == [0, 0, 0.455, 1]
    assert [round(one.tts, 4) for one in found.scenarios] == [999, 2.25, 1.2857, 0.9]
    assert [one.is_exposed for one in found.scenarios] == [False, False, True, True]
    assert [one.is_capped for one in found.scenarios] == [True, False, False, False]
    assert max(one.gap for one in found.scenarios) <= 1e-9
    assert found.mean_cost == pytest.approx(100_000)


def test_a_folder_of_csv_files_says_the_same(tmp_path: Path) -> None:
    for table, rows in ford().items():
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with (tmp_path / f"{table}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    (tmp_path / "json").mkdir()
    assert read_network(tmp_path) == read_network(as_json(tmp_path / "json", ford()))


def test_time_is_worth_nothing_until_survival_ends_and_then_what_is_lost(tmp_path: Path) -> None:
    worst = study(read_network(as_json(tmp_path, ford()))).scenarios[3]
    assert [(one.from_periods, one.cost_per_period) for one in worst.spans] == [
        (0.0, pytest.approx(0.0)),
        (pytest.approx(0.9), pytest.approx(250_000)),
    ]
    assert worst.stock_worth == pytest.approx({"P1": 5000, "P2": 5000})


def a_network(seed: int) -> SurviveNetwork:
    """Two tiers: inputs that nodes make, goods that need one or two of them."""
    dice = np.random.default_rng(seed)
    goods, parts = ["A", "B", "C"], ["x", "y"]
    products = {
        name: Product(
            demand=float(dice.integers(20, 90)) if name in goods else 0.0,
            stock=float(dice.integers(0, 60)),
            loss_per_unit=float(dice.integers(1, 50)) * 100.0,
        )
        for name in [*goods, *parts]
    }
    nodes = {f"N{k}": float(dice.integers(60, 300)) for k in range(6)}
    makes = {
        (node, name): float(dice.uniform(0.5, 1.5))
        for node in nodes
        for name in products
        if dice.random() < 0.6 or node == "N0"
    }
    bom = {
        name: {part: float(dice.uniform(0.2, 1.5))} for name, part in zip("AB", "xy", strict=True)
    }
    down = frozenset({("N0", ""), ("N1", "A")})
    network = SurviveNetwork(nodes, products, makes, bom, {"one": Scenario(3.0, down)})
    network.check()
    return network


@pytest.mark.parametrize("seed", range(8))
def test_three_ways_to_the_time_to_survive_agree(seed: int) -> None:
    """One programme in time, halving on loss, and the first break of the loss curve."""
    network = a_network(seed)
    model = build(network, network.scenarios["one"])
    direct = survived(model, 50.0)
    scale = sum(one.demand * one.loss_per_unit for one in network.products.values())
    assert survived_by_halving(model, 50.0, loss_scale=scale) == pytest.approx(direct, abs=1e-5)
    pieces = spans(model, 50.0)
    first = next((one for one in pieces if one.cost_per_period > 1e-6 * scale), None)
    assert (first.from_periods if first else 50.0) == pytest.approx(direct, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_the_loss_curve_is_convex_and_met_in_between_and_duality_holds(seed: int) -> None:
    network = a_network(seed)
    model = build(network, network.scenarios["one"])
    pieces = spans(model, 20.0)
    slopes = [one.cost_per_period for one in pieces]
    assert slopes == sorted(slopes)
    for one in pieces:
        middle = (one.from_periods + one.to_periods) / 2
        found = model.least_loss(middle)
        line = one.cost_from + one.cost_per_period * (middle - one.from_periods)
        assert line == pytest.approx(found.objective, rel=1e-7, abs=1e-4)
        lower, upper = model.problem.col_lower.copy(), model.problem.col_upper.copy()
        lower[-1] = upper[-1] = middle
        assert dual_gap(model.problem.with_bounds(lower, upper), found) <= 1e-9


def changed(table: str, row: int, **cells: object) -> dict[str, list[dict[str, Any]]]:
    content = ford()
    content[table][row] |= cells
    return content


def with_ring() -> dict[str, list[dict[str, Any]]]:
    ring = [("P1", "P2"), ("P2", "P1")]
    rows = [{"product_id": a, "input_id": b, "input_per_unit": 1} for a, b in ring]
    return {**ford(), "bom": rows}


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (with_ring(), "S120", "P1 → P2 → P1"),
        ({**ford(), "makes": ford()["makes"][:1]}, "S121", "P2"),
        (changed("makes", 0, node_id="S9"), "S122", "S9"),
        (changed("nodes", 0, node_id="S2"), "S122", "twice"),
        (changed("scenarios", 0, ttr=0), "S101", "above 0"),
        (changed("scenarios", 0, probability=1.5), "S103", "between 0 and 1"),
        (changed("products", 0, demand=-1), "S102", "0 or more"),
        (changed("products", 0, stock="much"), "S112", "number"),
        ({"nodes": []}, "S111", "products"),
        ([], "S110", "object"),
    ],
)
def test_a_bad_network_is_refused_by_name(
    content: object, code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(CoproduceError, match=words) as refused:
        read_network(as_json(tmp_path, content))
    assert refused.value.code == code


def test_without_scenarios_each_node_is_down_alone(tmp_path: Path) -> None:
    content = {key: rows for key, rows in ford().items() if key not in ("scenarios", "down")}
    for row in content["nodes"]:
        row["ttr"] = 2
    found = study(read_network(as_json(tmp_path, content)))
    assert [round(one.tts, 4) for one in found.scenarios] == [2.25, 1.2857, 0.9]
