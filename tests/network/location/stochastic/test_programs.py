"""Stochastic programs: readers, answers against every first stage, recounts, planted errors."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coproduce.network.location import record, registry
from coproduce.network.location.types import Options, Reading
from coproduce.records.errors import CoproduceError, SourceError

# Two servers, cost 3 and 4, room 5 each; two clients of size 3 that pay 6 each; in the first
# scenario only one client comes, in the second both; overflow costs 100.
CORE = """NAME tiny
ROWS
 N obj
 G first
 G room1
 G room2
 E client1
 E client2
COLUMNS
 M 'MARKER' 'INTORG'
 x1 obj 3 first -1
 x1 room1 5
 x2 obj 4 first -1
 x2 room2 5
 y11 obj -6 room1 -3
 y11 client1 1
 y12 obj -6 room2 -3
 y12 client1 1
 y21 obj -6 room1 -3
 y21 client2 1
 y22 obj -6 room2 -3
 y22 client2 1
 M 'MARKER' 'INTEND'
 o1 obj 100 room1 1
 o2 obj 100 room2 1
RHS
 rhs first -2 client1 1
 rhs client2 1
BOUNDS
 UP bnd x1 1
 UP bnd x2 1
 UP bnd y11 1
 UP bnd y12 1
 UP bnd y21 1
 UP bnd y22 1
ENDATA
"""
TIME = "TIME tiny\nPERIODS LP\n x1 first STAGE-1\n y11 room1 STAGE-2\nENDATA\n"
STOCH = """STOCH tiny
SCENARIOS DISCRETE
 SC one ROOT 0.5 STAGE-2
 RHS client1 1
 RHS client2 0
 SC two ROOT 0.5 STAGE-2
 RHS client1 1
 RHS client2 1
ENDATA
"""


def smps(folder: Path, *, core: str = CORE, time: str = TIME, stoch: str = STOCH) -> Path:
    for ending, text in ((".cor", core), (".tim", time), (".sto", stoch)):
        (folder / f"tiny{ending}").write_text(text)
    return folder / "tiny.cor"


def scenarios(folder: Path) -> Path:
    content = {
        "n_facilities": 2,
        "n_customers": 2,
        "n_scenarios": 2,
        "capacities": [10, 6],
        "demands": [[3, 2], [4, 4]],
        "fixed_costs": [30, 18],
        "costs": [[1, 5], [2.5, 1]],
    }
    path = folder / "tiny.json"
    path.write_text(json.dumps(content))
    return path


def solved(path: Path, form: str) -> dict[str, Any]:
    problem = registry.read(path, form, Reading())
    answer = registry.solve(problem, form, Options(time_limit_s=4.0))
    return record.solution_record(path, form, Reading(), answer, problem.kind)


def test_two_servers_beat_one_when_overflow_is_dear(tmp_path: Path) -> None:
    path = smps(tmp_path)
    made = solved(path, "smps")
    # Both servers: 7 - 0.5 · 6 - 0.5 · 12 = -2. One server, say the first: scenario two overflows
    # by one: 3 - 0.5 · 6 - 0.5 · (12 - 100) = 44. None: far worse.
    assert made["answer"]["objective"] == pytest.approx(-2.0)
    assert made["answer"]["status"] == "optimal"
    assert registry.check(path, made, "smps").errors == ()


def test_a_continuous_first_stage_is_solved_over_patterns(tmp_path: Path) -> None:
    core = CORE.replace(" UP bnd x1 1\n", " UP bnd x1 2\n").replace(" G room", " L room")
    core = core.replace("room1 5", "room1 -5").replace("room2 5", "room2 -5")
    core = core.replace("room1 -3", "room1 3").replace("room2 -3", "room2 3")
    core = core.replace(" o1 obj 100 room1 1\n o2 obj 100 room2 1\n", "").replace(
        "first -2", "first -3"
    )
    stoch = STOCH.replace("RHS client1 1", "y11 room1 3.5").replace("RHS client2 0", "y21 room1 4")
    path = smps(tmp_path, core=core, stoch=stoch.replace("RHS client2 1", "y21 room1 2"))
    made = solved(path, "smps")
    # Twice the first server holds both clients; one of each would cost one more.
    assert made["answer"]["objective"] == pytest.approx(6.0 - 12.0)
    assert "patterns" in made["certificate"]["rests_on_solver"]
    assert registry.check(path, made, "smps").errors == ()


def test_there_is_an_answer_however_short_the_time(tmp_path: Path) -> None:
    path = smps(tmp_path)
    problem = registry.read(path, "smps", Reading())
    answer = registry.solve(problem, "smps", Options(time_limit_s=1e-6))
    made = record.solution_record(path, "smps", Reading(), answer, problem.kind)
    assert answer.status in ("feasible", "optimal")
    assert answer.objective is not None
    assert registry.check(path, made, "smps").errors == ()


def test_demand_scenarios_are_served_by_the_cheapest_set(tmp_path: Path) -> None:
    path = scenarios(tmp_path)
    made = solved(path, "scflp-json")
    # First alone: 30 + ((3 + 10) + (4 + 20)) / 2 = 48.5; the second alone holds too little; both:
    # 48 + ((3 + 2) + (4 + 4)) / 2 = 54.5.
    assert made["answer"]["objective"] == pytest.approx(48.5)
    checked = registry.check(path, made, "scflp-json")
    assert checked.errors == ()
    assert checked.certified_bound is not None
    assert checked.certified_bound <= 48.5


def _cost(made: dict[str, Any]) -> None:
    made["answer"]["objective"] -= 1


def _bound(made: dict[str, Any]) -> None:
    made["certificate"]["certified_bound"] += 5


def _first(made: dict[str, Any]) -> None:
    made["plan"]["first"][0] = 0.5


def _second(made: dict[str, Any]) -> None:
    made["plan"]["second"][0] = [0.0] * len(made["plan"]["second"][0])


def _duals(made: dict[str, Any]) -> None:
    made["certificate"]["prices"][0] = [[0.0] * 4]


@pytest.mark.parametrize("spoil", [_cost, _bound, _first, _second, _duals])
def test_a_planted_error_is_found(tmp_path: Path, spoil: Callable[[dict[str, Any]], None]) -> None:
    path = smps(tmp_path)
    made = copy.deepcopy(solved(path, "smps"))
    spoil(made)
    assert registry.check(path, made, "smps").errors


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        ("core", "ENDATA", "", "cut off"),
        ("core", "obj 3", "obj three", "not a number"),
        ("core", "first -1\n x1", "nowhere -1\n x1", "not named in ROWS"),
        ("stoch", "ENDATA", "", "cut off"),
        ("stoch", "SC two ROOT 0.5", "SC two ROOT 0.2", "sum to"),
        ("stoch", "SC two ROOT", "SC two one", "ROOT"),
        ("stoch", "RHS client2 0", "RHS client9 0", "not in the core"),
        ("time", " y11 room1 STAGE-2\n", "", "two"),
    ],
)
def test_a_spoilt_smps_file_is_refused_with_its_line(
    tmp_path: Path, part: str, old: str, new: str, said: str
) -> None:
    text = {"core": CORE, "time": TIME, "stoch": STOCH}[part]
    assert old in text
    path = smps(tmp_path, **{part: text.replace(old, new, 1)})
    with pytest.raises(SourceError, match=said) as caught:
        registry.read(path, "smps", Reading())
    assert "line" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("n_scenarios", 3, "demands"),
        ("capacities", [1, 1], "no answer is possible"),
        ("costs", [[1, -5], [2, 1]], "at least"),
        ("fixed_costs", ["a", 1], "fixed_costs"),
    ],
)
def test_a_spoilt_scenario_file_is_refused_in_words(
    tmp_path: Path, key: str, value: object, said: str
) -> None:
    path = scenarios(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(CoproduceError, match=said):
        registry.read(path, "scflp-json", Reading())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "is_proven"),
    [
        ("sslp/sslp_5_25-50", -121.60, True),
        ("sslp/sslp_5_25-100", -127.37, True),
        ("sslp/sslp_15_45-5", -262.40, False),
        ("dcap233/dcap233-200", 1834.565, True),
        ("dcap233/dcap233-300", 1644.216, True),
        ("dcap233/dcap233-500", 1737.521, True),
        ("dcap332/dcap332-200", 1060.695, True),
    ],
)
def test_a_public_program_is_closed(
    shared_data: Path, name: str, value: float, is_proven: bool
) -> None:
    path = shared_data / "network" / "siplib" / f"{name}.cor"
    problem = registry.read(path, "smps", Reading())
    answer = registry.solve(problem, "smps", Options(time_limit_s=300.0))
    assert answer.objective == pytest.approx(value, rel=1e-6)
    assert answer.status == "optimal"
    made = record.solution_record(path, "smps", Reading(), answer, problem.kind)
    checked = registry.check(path, made, "smps")
    assert checked.errors == ()
    assert checked.certified_gap is not None
    assert (checked.certified_gap <= 1e-6) == is_proven
