"""`coproduce risk exact` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coproduce.cli.app import app
from coproduce.records.errors import CoproduceError

ONE = ["--sources", "1", "--capacity", "1.5", "--demand", "1", "--stock", "0.35"]
RATES = ["--failure-rate", "0.5", "--repair-rate", "2.5"]


def run(*args: str) -> str:
    done = CliRunner().invoke(app, ["risk", "exact", *args])
    if done.exception and isinstance(done.exception, CoproduceError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_the_published_case_is_printed_with_its_method() -> None:
    found = json.loads(run(*ONE, *RATES, "--json"))
    assert found["expected_shortage_share"] == pytest.approx(0.07749181628349264, rel=1e-14)
    assert found["method"]


def test_a_chain_with_two_stocks_says_that_it_has_bounds(tmp_path: Path) -> None:
    file = tmp_path / "chain.csv"
    file.write_text(
        "stage,sources,capacity,failure_rate,repair_rate,stock\n"
        "raw,2,0.75,0.5,2.5,0.2\nend,1,1.5,0.5,2.5,0.2\n"
    )
    assert "between" in run("--chain", str(file))


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ([*ONE, "--failure-rate", "0", "--repair-rate", "2.5"], "S101"),
        ([*ONE, "--failure-rate", "0.5"], "S113"),
        ([*ONE, *RATES, "--chain", "x.csv"], "S113"),
        (["--chain", "no-such-file.csv"], "S110"),
    ],
)
def test_bad_input_is_refused_by_name(args: list[str], code: str) -> None:
    with pytest.raises(CoproduceError) as refused:
        run(*args)
    assert refused.value.code == code
