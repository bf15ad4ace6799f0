"""`coproduce trade indicators` from a trade data folder to tables and words."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.dependence.trade.worlds import folder
from typer.testing import CliRunner

from coproduce.cli.trade import app
from coproduce.records.errors import UsageError

FLOWS = (
    "2020 ARM KGZ 010121 60;2020 FRA KGZ 010121 30;2020 KGZ FRA 010121 5;2020 FRA ARM 020130 8;"
    "2021 ARM KGZ 010121 50;2021 FRA KGZ 010121 50;2021 FRA KGZ 020130 9"
)


def call(*arguments: object):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, ["indicators", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return folder(tmp_path / "trade", FLOWS)


def test_json_holds_the_summary_and_the_leading_products(place: Path) -> None:
    done = call(place, "--reporter", "KGZ", "--partner", "FRA", "--json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert (said["year"], said["imports_usd"], said["products_imported"]) == (2021, 109, 2)
    assert said["products"][0]["product_id"] == "010121", "the larger of two that depend"
    assert said["partners"][0]["partner_id"] == "FRA"
    assert {row["exporter_id"] for row in said["potential"]} == {"FRA"}
    assert any("CDI2 is 1" in warning for warning in said["warnings"])


def test_a_bloc_is_taken_by_its_members_in_each_year(place: Path, tmp_path: Path) -> None:
    """EAEU: both were members in 2020 and 2021, so what ARM sells KGZ is inside."""
    out = tmp_path / "table.parquet"
    call(place, "--reporter", "KGZ", "--bloc", "EAEU", "--out", out, "--json")
    row = pl.read_parquet(out).filter(pl.col("year") == 2020, pl.col("product_id") == "010121")
    assert row.select("imports_usd", "entity_imports_usd", "entity_inside_usd", "cdi2").row(0) == (
        90.0, 30.0, 60.0, pytest.approx(30 / 90),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("flows", "words"),
    [
        ("2020 A B x 5;2020 A C x 5;2020 A D x 1", "only 1 countries sell to 3"),
        ("2020 B A x 5;2020 C A x 5;2020 D A x 1", "only 1 countries buy from 3"),
        ("2020 A B x 5;2020 B C x 5", "A has no imports in 2020"),
    ],
)
def test_a_part_of_the_world_is_not_taken_for_the_world(
    tmp_path: Path, flows: str, words: str
) -> None:
    said = json.loads(call(folder(tmp_path / "t", flows), "--reporter", "A", "--json").stdout)
    assert any(words in warning for warning in said["warnings"])


def test_a_bloc_alone_is_one_buyer(place: Path) -> None:
    said = json.loads(call(place, "--bloc", "ARM,KGZ", "--json").stdout)
    assert (said["imports_usd"], said["inside_usd"]) == (59, 50)
    first, second = said["products"]
    assert (first["product_id"], first["top1_id"], first["cdi2"]) == ("020130", "FRA", 1)
    assert (second["top1_share"], second["cdi2"], second["cdi_dependent"]) == (1, 0.5, False)
    shown = call(place, "--bloc", "EAEU", "--year", 2020)
    assert "EAEU 2020" in shown.stdout


def test_who_is_no_member_is_told_so(place: Path) -> None:
    with pytest.raises(UsageError, match="TX043"):
        call(place, "--reporter", "FRA", "--bloc", "EAEU")


def test_all_tables_go_into_a_folder(place: Path, tmp_path: Path) -> None:
    output = tmp_path / "output.csv"
    output.write_text("year,country_id,product_id,output_usd\n2021,KGZ,020130,91\n", "utf-8")
    bom = tmp_path / "bom.csv"
    bom.write_text("product_id,input_id\n020130,010121\n", "utf-8")
    out = tmp_path / "out"
    done = call(
        place, "--reporter", "KGZ", "--production", output, "--bom", bom, "--out", out, "--top", 3
    )
    assert done.exit_code == 0
    assert "KGZ 2021" in done.stdout
    assert {path.name for path in out.iterdir()} == {
        "products.parquet", "partners.parquet", "exposure.parquet", "indicators.json",
    }  # fmt: skip
    table = pl.read_parquet(out / "products.parquet").filter(pl.col("year") == 2021)
    reliance = dict(table.select("product_id", "net_import_reliance").rows())
    assert reliance == {"010121": None, "020130": pytest.approx(9 / 100)}
    exposure = pl.read_parquet(out / "exposure.parquet")
    assert exposure["input_id"].to_list() == ["020130", "010121"]


def test_every_importer_goes_into_one_file(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "world.parquet"
    done = call(place, "--out", out, "--json")
    assert json.loads(done.stdout)["rows"] == pl.read_parquet(out).height
    one = tmp_path / "one.parquet"
    call(place, "--reporter", "KGZ", "--out", one, "--json")
    of_one = pl.read_parquet(one).select(pl.read_parquet(out).columns)
    assert pl.read_parquet(out).filter(pl.col("country_id") == "KGZ").equals(of_one)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "TX070"),  # neither a reporter nor a file
        (("--reporter", "XXX"), "TX030"),
        (("--reporter", "KGZ", "--year", "1999"), "TX030"),
        (("--reporter", "KGZ", "--partner", "XXX"), "TX030"),
        (("--out", "world.csv"), "TX071"),  # the world goes into Parquet
    ],
)
def test_a_call_that_makes_no_sense_is_a_usage_error(
    place: Path, arguments: tuple[str, ...], code: str
) -> None:
    with pytest.raises(UsageError) as raised:
        call(place, *arguments)
    assert (raised.value.code, raised.value.exit_code) == (code, 2)
