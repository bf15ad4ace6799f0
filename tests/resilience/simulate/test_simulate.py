"""The network simulator against exact answers, its two engines against one another, its limits."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coproduce.records.errors import Cancelled, ModelError, SourceError, UsageError
from coproduce.resilience.simulate import (
    SimulateOptions,
    compared,
    network_of,
    read_network,
    simulate,
)
from coproduce.resilience.simulate.checks import checked
from coproduce.resilience.simulate.network import Law
from coproduce.resilience.simulate.plan import compiled

from .worlds import assembly, law, serial, single, star

YEARS = SimulateOptions(
    horizon=30.0, warm_up=8.0, replications=1024, seed=3, confidence=0.99, engine="numpy"
)
A = 2.0 / 2.4


def with_laws(up: dict[str, Any], down: dict[str, Any]) -> dict[str, Any]:
    record = single()
    record["disruptions"][0] |= {"up": up, "down": down}
    return record


EXACT = [
    ("no stock: the share of time down", single(), 1 - A),
    ("on/off with stock (Meyer, Rothkopf, Smith 1979)", single(1.5, 0.35), 0.0774918163),
    ("two sources, one stock (spectral)", star(2, 0.75, 0.35), 0.02046123),
    ("three sources, zero drift with two up", star(3, 0.5, 0.35), 0.006189553),
    ("two of three carry the need", star(3, 0.5, 0.0), 3 * A * (1 - A) ** 2 / 2 + (1 - A) ** 3),
    ("two parts, both needed", assembly(), 1 - A**2),
    (
        "law of up and down times does not matter",
        with_laws(law("weibull", mean=2.0, shape=2.0), law("gamma", mean=0.4, shape=0.5)),
        1 - A,
    ),
    (
        "nor does a heavy tail",
        with_laws(law("exponential", rate=0.5), law("lognormal", mean=0.4, sigma=1.0)),
        1 - A,
    ),
]


@pytest.mark.parametrize(("why", "record", "exact"), EXACT, ids=[one[0] for one in EXACT])
def test_exact_answers_lie_inside_the_interval(
    why: str, record: dict[str, Any], exact: float
) -> None:
    found = simulate(checked(network_of(record)), YEARS).shortage
    assert abs(found.mean - exact) <= found.half, why
    assert found.half < 0.17 * exact


def test_poisson_demand_under_min_and_max_costs_what_the_textbook_says() -> None:
    """(s,S) = (4,10), Poisson 6: 8.034111561471642 a period (Snyder and Shen, 2nd ed.)."""
    record = serial({"policy": "s-S", "low": 4, "level": 10})
    record["disruptions"] = []
    options = SimulateOptions(100, 20, 512, 5, confidence=0.99, engine="numpy")
    found = simulate(checked(network_of(record)), options).cost
    assert abs(found.mean - 8.034111561471642) <= found.half


def test_a_plant_that_opens_half_way_leaves_half_short() -> None:
    record = single()
    record["disruptions"] = []
    record["nodes"][0]["opens"] = 50
    options = SimulateOptions(100, 0, 2, engine="numpy")
    assert simulate(checked(network_of(record)), options).shortage.mean == pytest.approx(0.5)


def test_a_ban_stops_the_lanes_that_leave_a_country_and_no_plant_at_home() -> None:
    record = star(1, 1.0, 0.0)
    ban = {**record["disruptions"][0], "disruption_id": "ban"}
    ban["up"], ban["down"] = law("fixed", value=60), law("fixed", value=1e9)
    ban["hits"] = [{"country_id": "X", "pauses": "transit"}]
    record["disruptions"] = [ban]
    options = SimulateOptions(100, 0, 2, intervals=2, engine="numpy")
    found = simulate(checked(network_of(record)), options)
    assert found.shortage.mean == pytest.approx(0.4)
    assert [round(one[1], 6) for one in found.course] == [0.0, 0.8]


def test_learning_shortens_recoveries() -> None:
    record = with_laws(law("fixed", value=1.0), law("fixed", value=1.0))
    record["disruptions"][0] |= {"learning": 1.0, "floor": 0.25}
    options = SimulateOptions(4 + 1 + 1 / 2 + 1 / 3 + 1 / 4, 0, 2, engine="numpy")
    found = simulate(checked(network_of(record)), options).shortage.mean
    assert found == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / options.horizon)


@pytest.mark.parametrize("better", ["stock", "source"])
def test_on_the_same_fates_a_safeguard_never_adds_shortage(better: str) -> None:
    record = star(2, 0.75, 0.1)
    safer = copy.deepcopy(record)
    if better == "stock":
        safer["items"][-1]["stock"]["level"] = 0.5
    else:
        safer = star(3, 0.75, 0.1)
    options = SimulateOptions(40, 0, 64, engine="numpy")
    first, second = (simulate(checked(network_of(one)), options) for one in (record, safer))
    # the stock starts full, which both plans are given alike in the limit; none may gain shortage
    assert (second.shares <= first.shares + 1e-12).all()
    paired = compared(first, second)
    assert paired.half < first.shortage.half
    assert paired.mean < 0


def test_same_seed_same_answer_and_more_replications_begin_with_the_same() -> None:
    network = checked(network_of(single(1.5, 0.35)))
    few, many, other = (
        simulate(network, SimulateOptions(10, 0, count, seed, engine="numpy"))
        for count, seed in ((8, 1), (1030, 1), (8, 2))
    )
    assert np.array_equal(few.shares, many.shares[:8])
    assert not np.array_equal(few.shares, other.shares)


def test_a_cancelled_run_reports_what_it_finished_with_its_wider_interval() -> None:
    network = checked(network_of(single()))
    options = SimulateOptions(10, 0, 4096, engine="numpy")
    calls: list[int] = []
    stopped = simulate(
        network,
        options,
        progress=lambda done, _: calls.append(done),
        is_cancelled=lambda: bool(calls),
    )
    whole = simulate(network, options)
    assert (stopped.replications, stopped.asked, stopped.is_complete) == (1024, 4096, False)
    assert stopped.shortage.half > whole.shortage.half
    with pytest.raises(Cancelled, match="S220"):
        simulate(network, options, is_cancelled=lambda: True)


def changed(record: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(record)
    *way, last = path.split(".")
    at: Any = made
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    at[int(last) if last.isdigit() else last] = value
    return made


BAD = [
    ("rate nil", changed(single(), "disruptions.0.up", law("exponential", rate=0)), "S203"),
    ("mean below nil", changed(single(), "disruptions.0.down", law("fixed", value=-1)), "S203"),
    ("law unknown", changed(single(), "disruptions.0.up", law("cauchy", mean=1)), "S203"),
    ("parameter missing", changed(single(), "disruptions.0.up", law("gamma", mean=1)), "S203"),
    ("chance over 1", changed(single(), "disruptions.0.hits.0.chance", 1.5), "S204"),
    (
        "probability over 1",
        changed(single(), "disruptions.0.up", law("geometric", probability=2)),
        "S204",
    ),
    ("no path from a source", changed(star(2, 1, 0), "items.2.inputs", []), "S205"),
    ("input without sources", changed(star(2, 1, 0), "items.2.inputs.0.sources", []), "S205"),
    (
        "circle",
        changed(
            star(2, 1, 0), "items.0.inputs", [{"sources": [{"node_id": "hub", "product_id": "p"}]}]
        ),
        "S206",
    ),
    (
        "policy without s",
        changed(single(), "items.0.stock", {"policy": "s-S", "level": 3}),
        "S207",
    ),
    (
        "S below s",
        changed(single(), "items.0.stock", {"policy": "s-S", "low": 5, "level": 3}),
        "S207",
    ),
    ("policy unknown", changed(single(), "items.0.stock", {"policy": "magic"}), "S201"),
    ("node unknown", changed(single(), "disruptions.0.hits.0.node_id", "b"), "S202"),
    ("node twice", changed(single(), "nodes", [{"node_id": "a"}] * 2), "S202"),
    ("field unknown", changed(single(), "colour", 1), "S201"),
    ("no demand", changed(single(), "items.0.demand", None), "S209"),
    (
        "review in continuous time",
        changed(single(), "items.0.stock", {"policy": "R-S", "review": 2, "level": 3}),
        "S208",
    ),
]


@pytest.mark.parametrize(("why", "record", "code"), BAD, ids=[one[0] for one in BAD])
def test_bad_networks_raise_named_errors(why: str, record: dict[str, Any], code: str) -> None:
    with pytest.raises(ModelError) as caught:
        compiled(checked(network_of(record)))
    assert caught.value.code == code, why


@pytest.mark.parametrize(
    "options",
    [
        SimulateOptions(horizon=0),
        SimulateOptions(replications=1),
        SimulateOptions(engine="magic"),
        SimulateOptions(confidence=1.0),
    ],
)
def test_options_without_sense_are_refused(options: SimulateOptions) -> None:
    with pytest.raises(UsageError, match="S210"):
        simulate(checked(network_of(single())), options)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"format": "other"}', '{"nodes": []}'):
        path = tmp_path / "network.json"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SourceError, match="S201"):
            read_network(path)


@pytest.mark.slow
def test_the_network_of_another_tool_loads_and_runs(shared_data: Path) -> None:
    network = read_network(shared_data / "risk" / "moreton_marine" / "network.json")
    assert len(network.nodes) == 33
    assert len(network.disruptions) == 6
    assert network.warnings
    found = simulate(network, SimulateOptions(14, 0, 2, engine="numpy"))
    assert 0 <= found.shortage.mean <= 1


def test_means_of_laws_survive_tabulation() -> None:
    from coproduce.resilience.simulate import laws, rows
    from coproduce.resilience.simulate.draws import GOLDEN, drawn

    keys = np.arange(1, 400_001, dtype=np.uint64) * GOLDEN
    for one in (
        Law("lognormal", {"mean": 3.0, "sigma": 0.8}),
        Law("gamma", {"mean": 3.0, "shape": 0.6}),
        Law("triangular", {"least": 1.0, "likely": 2.0, "most": 6.0}),
        Law("negative-binomial", {"mean": 3.0, "dispersion": 0.7}),
        Law("poisson", {"mean": 3.0}),
        Law("empirical", {}, (1.0, 2.0, 6.0)),
    ):
        table = [0.0]
        kind, a, b = laws.coded(one, table)
        assert kind in (rows.CURVE, rows.DISCRETE)
        found = drawn(kind, a, b, np.array(table), keys, 0)
        assert found.mean() == pytest.approx(3.0, rel=0.01), one.name
        assert laws.mean(one) == pytest.approx(3.0)


def test_nothing_asked_in_a_short_run_is_nothing_missed() -> None:
    from coproduce.resilience.simulate.run import _shares

    asked, unmet = np.array([0.0, 4.0]), np.array([0.0, 1.0])
    assert _shares(unmet, asked).tolist() == [0.0, 0.25]
