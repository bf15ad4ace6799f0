"""BACI files: traps of the real format, and a report in which nothing gets lost."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from coproduce.records.errors import SourceError
from coproduce.records.tables import TABLES
from coproduce.sources.baci import Rejected, read_baci, read_countries

NAME = "BACI_HS22_Y2023_V202501.csv"
CHOSEN = pl.DataFrame(
    {"country_id": ["HO", "PA", "GROUP"], "baci_code": [643, 699, None]},
    schema={"country_id": pl.String, "baci_code": pl.Int32},
)


def file(folder: Path, rows: str, header: str = "t,i,j,k,v,q") -> Path:
    path = folder / NAME
    path.write_text(f"{header}\n{rows}", encoding="utf-8")
    return path


def test_a_flow_is_read_in_dollars_and_tonnes_with_its_zero_and_its_padding(
    tmp_path: Path,
) -> None:
    rows = '2023,699,643,30110,"52.051","       13.235"\n2023,643,699,293311,2,"           NA"\n'
    read = read_baci(file(tmp_path, rows), CHOSEN)
    wanted = ("exporter_id", "importer_id", "hs6", "value_usd", "quantity_t")
    assert read.flows.select(wanted).rows() == [
        ("HO", "PA", "293311", 2000.0, None),
        ("PA", "HO", "030110", 52051.0, 13.235),
    ]
    assert (read.quality.codes_padded, read.quality.quantities_missing) == (1, 1)
    assert (read.quality.revision, read.quality.version) == ("HS22", "202501")
    assert TABLES["trade_flows"].is_valid(read.flows)


def test_columns_are_bound_by_name_since_releases_order_them_differently(tmp_path: Path) -> None:
    path = file(tmp_path, "2023,293311,643,699,2,1\n", header="t,k,i,j,v,q")
    row = read_baci(path, CHOSEN).flows.row(0, named=True)
    assert (row["exporter_id"], row["importer_id"], row["hs6"]) == ("HO", "PA", "293311")


BAD_ROWS = [
    ("x,699,643,293311,1,1", "no year", 1000.0),
    ("2023,699,643,29,1,1", "no HS code", 1000.0),
    ("2023,699,643,TOTAL,1,1", "no HS code", 1000.0),
    ("2023,699,643,293311,,1", "no positive value", 0.0),
    ("2023,699,643,293311,0,1", "no positive value", 0.0),
    ("2023,699,643,293311,1,many", "quantity is not a number", 1000.0),
    ("2023,643,643,293311,1,1", "exporter is importer", 1000.0),
    ("2023,699,643,010121,1,1", "product not chosen", 1000.0),
    ("2023,156,643,293311,1,1", "country not chosen", 1000.0),
]


@pytest.mark.parametrize(("row", "reason", "value_usd"), BAD_ROWS)
def test_a_row_that_is_left_out_is_counted_with_its_reason_and_value(
    row: str, reason: str, value_usd: float, tmp_path: Path
) -> None:
    path = file(tmp_path, f"2023,643,699,293311,5,1\n{row}\n")
    quality = read_baci(path, CHOSEN, hs6=["293311"]).quality
    assert quality.rejected == (Rejected(reason, 1, value_usd),)
    assert (quality.rows_kept, quality.value_kept_usd) == (1, 5000.0)


CODES = st.sampled_from(["643", "699", "156", "842"])
ROWS = st.lists(
    st.tuples(CODES, CODES, st.sampled_from(["293311", "30110", "bad"]), st.integers(-1, 10**6)),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[:3],
)


@pytest.mark.slow
@profile(max_examples=25, deadline=None)
@given(rows=ROWS, has_rest=st.booleans())
def test_rows_and_value_that_come_in_are_kept_or_rejected_with_a_reason(
    rows: list[tuple[str, str, str, int]], has_rest: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "".join(f"2023,{i},{j},{k},{v},1\n" for i, j, k, v in rows)
    path = file(tmp_path_factory.mktemp("baci"), text)
    read = read_baci(path, CHOSEN, rest_id="REST" if has_rest else None)
    quality = read.quality
    rejected_usd = sum(part.value_usd for part in quality.rejected)
    assert quality.rows_read == len(rows)
    assert quality.rows_read == quality.rows_kept + sum(part.rows for part in quality.rejected)
    assert quality.value_read_usd == pytest.approx(quality.value_kept_usd + rejected_usd)
    assert read.flows["value_usd"].sum() == pytest.approx(quality.value_kept_usd)


def test_countries_not_chosen_can_be_summed_into_one_but_a_part_of_a_weight_is_no_weight(
    tmp_path: Path,
) -> None:
    rows = "2023,156,643,293311,2,1\n2023,842,643,293311,3,NA\n2023,156,842,293311,9,1\n"
    read = read_baci(file(tmp_path, rows), CHOSEN, rest_id="REST")
    wanted = ("exporter_id", "importer_id", "value_usd", "quantity_t")
    assert read.flows.select(wanted).rows() == [("REST", "HO", 5000.0, None)]
    assert read.quality.rejected == (Rejected("country not chosen", 1, 9000.0),)


def test_a_flow_that_stands_twice_means_mixed_releases_and_is_refused(tmp_path: Path) -> None:
    rows = "2023,699,643,30110,1,1\n2023,699,643,030110,1,1\n"
    with pytest.raises(SourceError, match="never mix releases") as caught:
        read_baci(file(tmp_path, rows), CHOSEN)
    assert caught.value.code == "B004"


def test_a_file_of_another_format_is_refused_with_what_it_has(tmp_path: Path) -> None:
    path = file(tmp_path, "2023,1\n", header="Year,Trade Value (US$)")
    with pytest.raises(SourceError, match="column i is missing; the file has Year") as caught:
        read_baci(path, CHOSEN)
    assert caught.value.code == "B002"


def test_the_country_table_is_read_in_latin_1_and_namibia_is_not_missing(tmp_path: Path) -> None:
    path = tmp_path / "country_codes_V202501.csv"
    text = (
        "country_code,country_name,country_iso2,country_iso3\n384,Côte d'Ivoire,CI,CIV\n"
        "516,Namibia,NA,NAM\n490,Other Asia,N/A,N/A\n"
    )
    path.write_bytes(text.encode("latin-1"))
    read = read_countries(path)
    assert read["name"].to_list() == ["Côte d'Ivoire", "Namibia", "Other Asia"]
    assert read["iso2"].to_list() == ["CI", "NA", None]


def test_the_real_slice_is_read_whole(shared_data: Path) -> None:
    folder = shared_data / "trade" / "baci"
    codes = read_countries(folder / "country_codes_V202201.csv")
    assert codes.filter(pl.col("iso3") == "IND")["baci_code"].to_list() == [699]
    chosen = codes.select(country_id="iso3", baci_code="baci_code").drop_nulls()
    read = read_baci(folder / "BACI_HS92_Y2021_V202301_ZAF710_AFG4.csv", chosen, rest_id="REST")
    # counted in the file itself: 71,192 rows, of which 4,442 had lost the zero of their code
    assert read.quality.rows_read == read.quality.rows_kept == 71_192
    assert read.quality.codes_padded == 4_442
    assert read.quality.rejected == ()
