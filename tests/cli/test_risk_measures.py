"""`coproduce risk measures` on a built-in programme, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coproduce.cli.app import app
from coproduce.programmes import names
from coproduce.records.errors import CoproduceError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, list[dict[str, float]]]]:
    done = CliRunner().invoke(app, ["risk", "measures", names()[0], "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_every_product_has_its_measures_and_bounds_hold(
    found: dict[str, dict[str, list[dict[str, float]]]],
) -> None:
    rows = found["today"]["products"]
    assert rows
    for row in rows:
        least, soft = row["least_full_cycle_share"], row["soft_full_cycle_share"]
        assert least - 1e-9 <= soft <= row["bottleneck_share"] + 1e-9
        assert row["countries_to_cut"] <= row["sources_to_cut"]
        assert row["self_sufficiency_share"] + row["import_share"] == pytest.approx(1.0)


def test_a_folder_that_no_plan_wrote_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["risk", "measures", names()[0], "--after", str(tmp_path)])
    assert isinstance(done.exception, CoproduceError)
    assert done.exception.code == "S114"


def test_a_local_stage_from_the_inputs_of_today_moves_no_bottleneck() -> None:
    args = ["risk", "measures", names()[0], "--local-stage", "assembly", "--json"]
    found = json.loads(CliRunner().invoke(app, args).output)["local_stage"]
    assert found["home_after"] == pytest.approx(1.0)
    assert found["bottleneck_after"] == pytest.approx(found["bottleneck_before"])
    assert found["shortage_after"] >= found["shortage_before"] - 1e-9, "one country, one risk"
    assert not any(row["is_bottleneck_moved"] for row in found["products"])


def test_a_stage_without_one_before_it_is_refused() -> None:
    args = ["risk", "measures", names()[0], "--local-stage", "no_such_stage"]
    done = CliRunner().invoke(app, args)
    assert isinstance(done.exception, CoproduceError)
    assert done.exception.code == "S133"
