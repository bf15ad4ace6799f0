"""`coproduce risk history` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from coproduce.cli.app import app
from coproduce.records.errors import CoproduceError


def spells(folder: Path) -> str:
    rows = [f"i{k},2020-01-01,2020-{1 + k % 9:02d}-15,2021-01-01" for k in range(20)]
    path = folder / "spells.csv"
    path.write_text(
        "item_id,start,end,last_seen\n" + "\n".join([*rows, "z,2020-01-01,,2021-01-01"])
    )
    return str(path)


def test_laws_are_printed_best_first_with_the_curve(tmp_path: Path) -> None:
    args = ["risk", "history", spells(tmp_path), "--layout", "spells", "--json", "--curve"]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert found["kinds"] == {"exact": 20, "right": 1}
    scores = [law["aic"] for law in found["laws"]]
    assert scores == sorted(scores)
    assert found["recovery_years"] == found["laws"][0]["mean_years"]
    assert len(found["curve"]["days"]) == len(found["curve"]["survival"])


def test_the_text_says_that_dates_are_administrative(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["risk", "history", spells(tmp_path), "--layout", "spells"])
    assert "administrative" in done.output


def test_an_unknown_layout_is_refused_by_name(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["risk", "history", spells(tmp_path), "--layout", "other"])
    assert isinstance(done.exception, CoproduceError)
    assert "yearly_snapshots" in done.exception.message
