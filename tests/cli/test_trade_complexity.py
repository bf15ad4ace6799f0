"""`coproduce trade complexity` from a table to its files."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from coproduce.cli.trade import app
from coproduce.records.errors import SourceError, UsageError

ROWS = """year,country_id,product_id,value_usd
2020,AAA,010121,5
2020,AAA,020130,1
2020,BBB,010121,1
2020,BBB,020130,4
2020,CCC,010121,2
2020,CCC,030001,3
2021,AAA,010121,5
2021,BBB,020130,4
"""


def call(*arguments: object):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, ["complexity", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "exports.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_tables_are_written_and_said_in_json(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = call(table, "--out", out, "--proximity", "--year", 2020, "--json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["years"][0] | {"eigenvalue": None} == {
        "year": 2020, "countries": 3, "products": 3, "eigenvalue": None,
    }  # fmt: skip
    assert sorted(path.stem for path in out.glob("*.parquet")) == [
        "countries", "country_products", "products", "proximity",
    ]  # fmt: skip
    assert pl.read_parquet(out / "country_products.parquet")["product_id"][0] == "010121"
    assert json.loads((out / "complexity.json").read_text())["conventions"]["diagonal"] == 1


def test_what_cannot_be_determined_is_said_and_the_rest_written(
    table: Path, tmp_path: Path
) -> None:
    done = call(table, "--out", tmp_path / "out", "--year", 2021)
    assert done.exit_code == 0
    assert "share no product" in done.stderr


def test_a_convention_or_year_that_does_not_exist_is_a_usage_error(
    table: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="presence"):
        call(table, "--out", tmp_path / "out", "--presence", "maybe")
    with pytest.raises(UsageError, match="1999"):
        call(table, "--out", tmp_path / "out", "--year", 1999)
    assert not (tmp_path / "out").exists()


def test_a_wrong_row_is_named_and_nothing_written(table: Path, tmp_path: Path) -> None:
    table.write_text(ROWS + "2021,CCC,030001,-1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="row 10"):
        call(table, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
