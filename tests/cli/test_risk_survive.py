"""`coproduce risk survive` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.resilience.time_to_survive.test_survive import as_json, ford
from typer.testing import CliRunner

from coproduce.cli.app import app


def run(*args: str) -> str:
    done = CliRunner().invoke(app, ["risk", "survive", *args])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_published_instance_is_printed_and_checked_by_halving(tmp_path: Path) -> None:
    found = json.loads(run(str(as_json(tmp_path, ford())), "--json", "--check"))
    assert [round(one["tts"], 4) for one in found["scenarios"]] == [999, 2.25, 1.2857, 0.9]
    assert found["largest_distance_by_halving"] < 1e-7


def test_the_table_says_what_a_period_costs(tmp_path: Path) -> None:
    text = run(str(as_json(tmp_path, ford())), "--table")
    assert "2 of 4 scenarios exposed" in text
    assert "a period costs 250,000.00" in text
