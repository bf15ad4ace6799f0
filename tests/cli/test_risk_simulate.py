"""`coproduce risk simulate` and `risk safeguards` as a user runs them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.resilience.simulate.worlds import single, star

from coproduce.cli import main

pytestmark = pytest.mark.slow


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["coproduce", "risk", *arguments])
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    said = capsys.readouterr()
    return code, said.out, said.err


def written(folder: Path, name: str, record: Any) -> str:
    path = folder / name
    path.write_text(json.dumps(record), encoding="utf-8")
    return str(path)


SHORT = ("--horizon", "50", "--warm-up", "5", "--replications", "40", "--engine", "numpy")


def test_a_network_is_simulated_and_compared_with_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = written(tmp_path, "one.json", star(1, 1.0, 0.0))
    two = written(tmp_path, "two.json", star(2, 1.0, 0.0))
    code, out, _ = run(monkeypatch, capsys, "simulate", one, "--against", two, "--json", *SHORT)
    made = json.loads(out)
    assert code == 0
    assert made["replications"] == made["asked"] == 40
    assert made["is_complete"] is True
    assert made["more_short"]["share"] < 0
    assert abs(made["expected_shortage_share"] - 1 / 6) < 0.05
    code, out, _ = run(monkeypatch, capsys, "simulate", one, *SHORT)
    assert code == 0
    assert "Expected shortage" in out


def test_wrong_files_and_options_end_with_their_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = single()
    bad["disruptions"][0]["hits"][0]["chance"] = 2
    for arguments, code, name in (
        ((written(tmp_path, "bad.json", bad),), 1, "S204"),
        ((str(tmp_path / "none.json"),), 1, "S201"),
        ((written(tmp_path, "good.json", single()), "--replications", "1"), 2, "S210"),
    ):
        ended, _, err = run(monkeypatch, capsys, "simulate", *arguments)
        assert (ended, name in err) == (code, True), err


def test_safeguards_of_the_built_in_programme(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capsys, "safeguards", "--json")
    made = json.loads(out)
    state = made["states"]["before"]
    assert code == 0
    assert [one["target_share"] for one in state["cheapest"]] == [0.02, 0.05]
    for one in state["options"]:
        assert one["lower_bound_share"] <= one["expected_shortage_share"]
    assert made["scenario_effects"][0]["kind"] == "source_down"
