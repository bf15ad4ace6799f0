"""The compiled engines give the numbers of the NumPy one, draw for draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coproduce.resilience.simulate import SimulateOptions, network_of, simulate
from coproduce.resilience.simulate.checks import checked

from .worlds import assembly, law, serial, single, star

pytest.importorskip("numba", reason="NUMBA NOT FOUND: the compiled engine was not tested")
pytestmark = pytest.mark.slow


def lots() -> dict[str, Any]:
    record = serial({"policy": "s-Q", "low": 0, "lot": 20})
    record["clock"] = "continuous"
    record["items"][1]["inputs"][0]["sources"][0]["transit"] = 0.5
    record["items"][1]["demand"] = {"size": 6.0}
    record["disruptions"][0] |= {
        "up": law("weibull", mean=9.0, shape=0.8),
        "down": law("lognormal", mean=3.0, sigma=0.6),
        "learning": 0.2,
        "floor": 0.3,
    }
    return record


def busy_days() -> dict[str, Any]:
    record = serial({"policy": "R-S", "review": 3, "level": 40}, pause="receipt")
    source = record["items"][1]["inputs"][0]["sources"][0]
    source |= {"transit": law("lognormal", median=2.0, sigma=0.4), "refusal": 0.2}
    record["items"][1] |= {"make_days": 2}
    record["items"][1]["demand"] |= {"season": [0.5, 1.5], "season_days": 7}
    record["nodes"][0]["opens"] = 30
    shock = {
        "disruption_id": "shock",
        "up": law("gamma", mean=60.0, shape=2.0),
        "down": law("empirical") | {"values": [1, 4, 9]},
        "hits": [
            {"country_id": "X", "pauses": "transit", "chance": 0.7},
            {"country_id": "X", "pauses": "production", "chance": 0.4},
        ],
    }
    record["disruptions"].append(shock)
    return record


WORLDS = {
    "one source": single(1.5, 0.35),
    "three sources, one stock": star(3, 0.5, 0.35),
    "shared sources": assembly(),
    "lots": lots(),
    "busy days": busy_days(),
}


@pytest.mark.parametrize("name", WORLDS)
def test_both_engines_agree(name: str) -> None:
    network = checked(network_of(WORLDS[name]))
    found = [
        simulate(network, SimulateOptions(200, 20, 12, 7, intervals=3, engine=engine))
        for engine in ("compiled", "numpy")
    ]
    assert found[0].sums == pytest.approx(found[1].sums, rel=1e-9, abs=1e-8)
    assert found[0].course == pytest.approx(np.array(found[1].course), rel=1e-9, abs=1e-9)
    assert found[0].events > 0


def test_the_short_cut_gives_what_the_whole_engine_gives() -> None:
    from coproduce.resilience.simulate import compiled as fast
    from coproduce.resilience.simulate import rows
    from coproduce.resilience.simulate.plan import compiled, keys, state

    plan = compiled(checked(network_of(star(3, 0.45, 0.35))))
    assert plan.is_star
    made = []
    for name in ("star", "events"):
        sums = np.zeros((20, rows.MEASURES, plan.net.items))
        course = np.zeros((20, 2, 2, plan.net.items))
        acc = np.zeros((rows.MEASURES, plan.net.items))
        fast.engine(name)(
            plan.net, state(plan), acc, keys(plan, 1, 0, 20), np.array([5.0, 205.0]), sums, course
        )
        made.append(sums[:, [rows.SUM_UNMET, rows.SUM_FULL, rows.SUM_STOCK]])
    assert made[0] == pytest.approx(made[1], rel=1e-9, abs=1e-8)
