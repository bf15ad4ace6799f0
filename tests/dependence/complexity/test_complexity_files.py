"""Tables of exports that are read, refused, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coproduce.dependence.complexity import Complexity, Conventions, measure_table, proximity
from coproduce.dependence.complexity.files import read_exports, write
from coproduce.records.errors import SourceError, UsageError
from tests.dependence.trade.worlds import folder

HEADER = "year,country_id,product_id,value_usd\n"
ROWS = """2020,AAA,010121,5
2020,AAA,020130,1
2020,NA,010121,1
2020,NA,020130,4
2020,BBB,010121,2
2020,BBB,030001,3
"""


def file(folder: Path, text: str) -> Path:
    path = folder / "exports.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_codes_stay_text_and_na_is_a_country(tmp_path: Path) -> None:
    read = read_exports(file(tmp_path, HEADER + ROWS))
    assert read["product_id"][0] == "010121"
    assert "NA" in read["country_id"]


def test_a_year_written_as_a_decimal_is_that_year(tmp_path: Path) -> None:
    as_decimal = ROWS.replace("2020,", "2020.0,")
    read = read_exports(file(tmp_path, HEADER + as_decimal))
    assert set(read["year"]) == {2020}
    read.with_columns(pl.col("year").cast(pl.Float64)).write_parquet(tmp_path / "x.parquet")
    assert read_exports(tmp_path / "x.parquet").equals(read)


def test_csv_and_parquet_give_the_same(tmp_path: Path) -> None:
    read = read_exports(file(tmp_path, HEADER + ROWS))
    read.write_parquet(tmp_path / "exports.parquet")
    assert read_exports(tmp_path / "exports.parquet").equals(read)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "TX052", "empty"),
        (HEADER, "TX052", "no rows"),
        ("year,country,product_id,value_usd\n2020,A,1,2\n", "TX051", "country_id"),
        (HEADER + "2020,AAA,010121,-5\n", "TX053", "row 2"),
        (HEADER + "2020,AAA,010121,much\n", "TX053", "much"),
        (HEADER + "2020,AAA,010121,nan\n", "TX053", "row 2"),
        (HEADER + "2020,,010121,1\n", "TX053", "row 2"),
        (HEADER + ROWS + "2020,AAA,010121,7\n", "TX054", "row 8"),
        (HEADER + ROWS + "2020,CCC,10121,7\n", "TX056", "leading zero"),
        (HEADER + "2020.5,AAA,010121,1\n", "TX053", "2020.5"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_rows(
    tmp_path: Path, text: str, code: str, words: str
) -> None:
    with pytest.raises(SourceError, match=words) as raised:
        read_exports(file(tmp_path, text))
    assert raised.value.code == code


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_exports(tmp_path / "none.csv")


def test_a_trade_folder_is_summed_over_importers(tmp_path: Path) -> None:
    place = folder(tmp_path / "trade", "2020 A B x 5;2020 A C x 7;2020 B C y 1;2020 B B y 100")
    assert read_exports(place).rows() == [(2020, "A", "x", 12.0), (2020, "B", "y", 1.0)]


def test_files_hold_every_country_product_and_pair(tmp_path: Path) -> None:
    exports = read_exports(file(tmp_path, HEADER + ROWS + ROWS.replace("2020", "2021")))
    how = Conventions()
    done = write(
        tmp_path / "out", measure_table(exports, how), conventions=how, with_proximity=True
    )
    tables = {path.stem: pl.read_parquet(path) for path in (tmp_path / "out").glob("*.parquet")}
    assert [year["year"] for year in done["years"]] == [2020, 2021]
    assert tables["countries"].columns[:5] == ["year", "country_id", "diversity", "eci", "coi"]
    assert tables["products"].columns[:4] == ["year", "product_id", "ubiquity", "pci"]
    cells = tables["country_products"]
    assert cells.columns == [
        "year", "country_id", "product_id", "value_usd", "rca", "mcp", "density", "cog",
    ]  # fmt: skip
    assert (cells.height, tables["proximity"].height) == (2 * 9, 2 * 3)
    found = next(measure_table(exports))
    near = proximity(found.mcp)
    first = tables["proximity"].filter(pl.col("year") == 2020).sort("product_1_id", "product_2_id")
    assert first["proximity"].to_list() == near[np.triu_indices(3, 1)].tolist()


def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path) -> None:
    exports = read_exports(file(tmp_path, HEADER + ROWS))
    out = tmp_path / "out"
    write(out, measure_table(exports), conventions=Conventions())
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def broken() -> Iterator[Complexity]:
        yield from measure_table(exports)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(out, broken(), conventions=Conventions())
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["exports.csv", "out"]


def test_a_folder_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(UsageError, match="TX055"):
        write(tmp_path, [], conventions=Conventions())
