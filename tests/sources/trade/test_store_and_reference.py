"""The folder that rooms read, and the tables that travel with the package."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from coproduce.records.errors import CoproduceError, SourceError, UsageError
from coproduce.sources.trade import reference, store
from tests.sources.trade.makers import write

AREAS = pl.DataFrame(
    {"country_id": ["AAA", "BBB"], "source_code": [1, 2], "iso2": [None, "BB"], "name": ["A", "B"]}
)
GOODS = pl.DataFrame({"product_id": ["010121", "300490"], "description": ["Horses", None]})
META = store.Meta(
    source="baci", revision="HS12", version="202301", years=(2020, 2021),
    is_provisional_years=(2021,), files=(store.FileMeta("a.csv", "00", 2),), notes=("x",),
)  # fmt: skip


def some_flows(**changed: object) -> pl.DataFrame:
    columns = {
        "year": [2021, 2020], "exporter": [1, 0], "importer": [0, 1], "product": [1, 0],
        "value_usd": [1.5, 2.0], "quantity_t": [None, 3.0], "flags": [0, 9],
    }  # fmt: skip
    return pl.DataFrame(columns | changed)


def save(folder: Path, **changed: object) -> None:
    store.write_store(
        folder, flows=some_flows(**changed), countries=AREAS, products=GOODS, meta=META
    )


def test_a_folder_is_read_as_it_was_written_sorted_and_typed(tmp_path: Path) -> None:
    save(tmp_path / "s")
    save(tmp_path / "s")  # an earlier folder is replaced
    assert store.read_meta(tmp_path / "s") == META
    read = store.scan_flows(tmp_path / "s").collect()
    assert dict(read.schema) == store.FLOW_TYPES
    assert read["exporter"].to_list() == [0, 1]
    assert store.countries(tmp_path / "s").schema == pl.Schema(store.COUNTRY_TYPES)
    assert store.products(tmp_path / "s")["index"].to_list() == [0, 1]
    assert store.Flag(read["flags"][0]) == store.Flag.MIRROR | store.Flag.ONE_SIDED
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


BAD_FLOWS = [
    ({"value_usd": [0.0, 1.0]}, "S104", "no positive value"),
    ({"value_usd": [float("nan"), 1.0]}, "S104", "no value"),
    ({"exporter": [2, 0]}, "S104", "no such country"),
    ({"product": [1, 2]}, "S104", "no such product"),
    (
        {
            "year": [2020, 2020],
            "exporter": [0, 0],
            "importer": [1, 1],
            "product": [0, 0],
            "flags": [0, 0],
        },
        "S103",
        "twice",
    ),
]


@pytest.mark.parametrize(("changed", "code", "_why"), BAD_FLOWS)
def test_flows_that_break_the_layout_are_not_written(
    changed: dict[str, object], code: str, _why: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError) as caught:
        save(tmp_path / "s", **changed)
    assert caught.value.code == code
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_none_or_has_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no trade data folder"):
        store.scan_flows(tmp_path)
    save(tmp_path / "s")
    meta = tmp_path / "s" / "meta.json"
    meta.write_text(json.dumps(json.loads(meta.read_text()) | {"layout": 9}))
    with pytest.raises(SourceError, match="layout 9"):
        store.read_meta(tmp_path / "s")


def test_more_products_than_16_bits_get_32(tmp_path: Path) -> None:
    assert store.product_types(65_535)["index"] == pl.UInt16
    assert store.product_types(65_536)["index"] == pl.UInt32


# UN Comtrade, country codes: numbers that are not those of ISO 3166-1
CODES = [
    (699, "IND"),
    (842, "USA"),
    (251, "FRA"),
    (757, "CHE"),
    (579, "NOR"),
    (381, "ITA"),
    (490, "X490"),
    (643, "RUS"),
]


@pytest.mark.parametrize(("code", "country_id"), CODES)
def test_codes_of_the_statistics_are_known(code: int, country_id: str) -> None:
    assert reference.areas().filter(source_code=code)["country_id"].to_list() == [country_id]


def test_the_table_of_areas_is_whole() -> None:
    areas = reference.areas()
    assert areas["source_code"].is_unique().all()
    iso = areas.filter(pl.col("source") == "ISO 3166-1")
    assert iso.height == 249  # officially assigned codes
    assert iso["country_id"].is_unique().all()
    assert iso["iso2"].is_unique().all()
    assert areas.filter(country_id="NAM")["iso2"].to_list() == ["NA"]
    assert reference.country_code("ind") == 356
    with pytest.raises(UsageError):
        reference.country_code("Narnia")


# members on 1 July, counted from the accession treaties and summit declarations
MEMBERS = [
    ("EU", 1990, 12), ("EU", 2003, 15), ("EU", 2005, 25), ("EU", 2014, 28), ("EU", 2021, 27),
    ("EAEU", 2014, 0), ("EAEU", 2016, 5), ("BRICS", 2010, 4), ("BRICS", 2022, 5),
    ("BRICS", 2025, 10),
]  # fmt: skip


@pytest.mark.parametrize(("bloc", "year", "count"), MEMBERS)
def test_blocs_have_their_members_of_the_day(bloc: str, year: int, count: int) -> None:
    assert len(reference.members(bloc, date(year, 7, 1))) == count


def test_a_bloc_of_ones_own_is_added_and_wrong_ones_are_refused(tmp_path: Path) -> None:
    header = "bloc_id,country_id,from,until"
    own = write(
        tmp_path, "own.csv", header, "PAIR,IND,2020-01-01,", "PAIR,RUS,2020-01-01,2022-01-01"
    )
    assert reference.members("PAIR", date(2021, 1, 1), own) == ("IND", "RUS")
    assert reference.members("PAIR", date(2022, 1, 1), own) == ("IND",)
    assert len(reference.members("EU", date(2021, 1, 1), own)) == 27
    with pytest.raises(UsageError, match="PAIR"):
        reference.members("NONE", date(2021, 1, 1), own)
    for row in (
        "A,XX,2020-01-01,",
        "A,IND,soon,",
        "A,IND,2020-01-01,2019-01-01",
        ",IND,2020-01-01,",
    ):
        with pytest.raises(CoproduceError, match="row 2"):
            reference.blocs(write(tmp_path, "bad.csv", header, row))
    twice = ("A,IND,2020-01-01,", "A,IND,2021-01-01,")
    with pytest.raises(SourceError, match="row 3"):
        reference.blocs(write(tmp_path, "bad.csv", header, *twice))
    with pytest.raises(SourceError, match="from"):
        reference.blocs(write(tmp_path, "bad.csv", "bloc_id,country_id,until,source", "A,IND,,x"))


def test_sectors_and_hubs_name_their_sources() -> None:
    sectors = reference.sectors()
    assert set(sectors["sector_id"]) == {
        "pharma",
        "engineering",
        "agriculture",
        "textiles",
        "renewable_energy",
        "creative_industries",
    }
    assert sectors["hs_prefix"].str.contains(r"^\d{2,6}$").all()
    assert sectors.null_count().sum_horizontal().item() == 0
    known = reference.areas()["country_id"]
    assert reference.hubs()["country_id"].is_in(known.implode()).all()
