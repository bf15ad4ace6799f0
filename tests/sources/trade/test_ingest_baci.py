"""BACI: the traps of the real files, and a folder in which every row is accounted for."""

from __future__ import annotations

import shutil
import threading
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from coproduce.records.errors import SourceError, UsageError
from coproduce.sources.trade import store
from coproduce.sources.trade.ingest import Options, ingest
from coproduce.sources.trade.staging import Bench
from tests.sources.trade.makers import baci, baci_zip, flows, rejected, write


def test_a_zip_becomes_a_folder_with_text_codes_and_our_countries(tmp_path: Path) -> None:
    one = baci(tmp_path, '2021,699,643,300490,52.051,"       13.235"', "2021,643,516,293311,2,NA")
    two = baci(tmp_path, "2022,4,699,10121,1,1", year=2022)
    out = tmp_path / "out"
    done = ingest("baci", [baci_zip(tmp_path, one, two)], out)
    assert flows(out) == [
        ("AFG", "IND", "010121", 2022, 1000.0, 1.0, 0),
        ("IND", "RUS", "300490", 2021, 52051.0, pytest.approx(13.235), 0),
        ("RUS", "NAM", "293311", 2021, 2000.0, None, 0),
    ]
    meta = store.read_meta(out)
    assert (meta.source, meta.revision, meta.version) == ("baci", "HS12", "202301")
    assert (meta.years, meta.is_provisional_years, meta.valuation) == (
        (2021, 2022),
        (2021, 2022),
        "fob",
    )
    assert [each.rows for each in meta.files] == [2, 1]
    assert store.countries(out)["iso2"].to_list() == ["AF", "IN", "NA", "RU"]
    assert store.products(out)["description"].to_list() == ["Horses", "Phenazone", "Medicaments"]
    assert (done.quality["codes_padded"], done.quality["quantities_missing"]) == (1, 1)
    assert done.quality["one_sided_share"] is None
    assert {path.name for path in out.iterdir()} == {
        "flows.parquet", "countries.parquet", "products.parquet", "meta.json", "quality.json",
        "quality.md", "rejected.parquet",
    }  # fmt: skip
    assert "3 in = 3 kept + 0 rejected" in (out / "quality.md").read_text("utf-8")


BAD_ROWS = [
    ("2021,699,643,300490,-5,1", "no positive value", "negative values are no flows"),
    ("2021,699,643,300490,many,1", "no positive value", "text for a number"),
    ("2021,699,643,300490,5,lots", "quantity is not a number", "text for a quantity"),
    ("2021,699,643,300490,inf,1", "no positive value", "infinity is no value"),
    ("2021,699,777,300490,5,1", "unknown country", "the release has no such code"),
    ("2021,699,,300490,5,1", "no country code", "a cell is empty"),
    ("2021,699,643,300450,5,1", "HS code not in the product table (another revision?)", "HS17"),
    ("2021,699,643,30,5,1", "no HS code", "two digits are another level"),
    ("2021,699,643,+30049,5,1", "no HS code", "reads as a number and is no code"),
    ("2020,699,643,300490,5,1", "another year than the file name says", "a year mixed in"),
    ("x,699,643,300490,5,1", "no year", "no year"),
    ("2021,643,643,300490,5,1", "exporter is importer", "trade with itself"),
    ("2021,699", "no country code", "a line cut off"),
]


def test_every_bad_row_is_rejected_with_its_line_and_reason(tmp_path: Path) -> None:
    path = baci(tmp_path, "2021,699,643,300490,5,1", *(row for row, _, _ in BAD_ROWS))
    out = tmp_path / "out"
    report = ingest("baci", [baci_zip(tmp_path, path)], out).quality
    assert rejected(out) == [(reason, 3 + at) for at, (_, reason, _) in enumerate(BAD_ROWS)]
    counts = (report["rows_in"], report["rows_kept"], report["rows_rejected"])
    assert counts == (1 + len(BAD_ROWS), 1, len(BAD_ROWS))
    first = {each["reason"]: each["first"] for each in report["rejected"]}
    assert first["unknown country"] == f"BACI_HS12_V202301.zip:{path.name}, line 7"


def test_a_row_given_twice_is_counted_once_and_another_value_is_refused(tmp_path: Path) -> None:
    row = "2021,699,643,300490,5,1"
    out = tmp_path / "out"
    ingest("baci", [baci(tmp_path, row, "2021,699,842,300490,1,1", row)], out)
    assert rejected(out) == [("repeats an earlier row", 4)]
    assert [each[4] for each in flows(out)] == [5000.0, 1000.0]
    with pytest.raises(SourceError, match="Never mix releases") as caught:
        ingest("baci", [baci(tmp_path, row, "2021,699,643,300490,6,1")], tmp_path / "no")
    assert (caught.value.code, caught.value.where) == (
        "B004",
        "BACI_HS12_Y2021_V202301.csv, line 3",
    )
    assert not (tmp_path / "no").exists()


def test_two_codes_of_one_country_are_summed(tmp_path: Path) -> None:
    path = baci(tmp_path, "2021,842,643,300490,5,1", "2021,840,643,300490,6,NA")
    out = tmp_path / "out"
    ingest("baci", [path], out)
    assert flows(out) == [("USA", "RUS", "300490", 2021, 11000.0, None, 0)]


def _broken(tmp_path: Path, kind: str) -> list[Path]:
    good = "2021,699,643,300490,5,1"
    if kind == "truncated zip":
        path = baci_zip(tmp_path, baci(tmp_path, *[good.replace("5", str(n)) for n in range(999)]))
        path.write_bytes(path.read_bytes()[:-200])
        return [path]
    if kind == "damaged zip":
        path = baci_zip(
            tmp_path, baci(tmp_path, *[f"2021,699,643,{n:06},5,1" for n in range(999)])
        )
        data = bytearray(path.read_bytes())
        data[300:340] = b"\0" * 40
        path.write_bytes(data)
        return [path]
    if kind == "mixed versions":
        return [baci(tmp_path, good), baci(tmp_path, good, version="202401")]
    if kind == "missing column":
        return [write(tmp_path, "BACI_HS12_Y2021_V202301.csv", "t,i,j,v,q", "2021,699,643,5,1")]
    if kind == "empty":
        path = tmp_path / "BACI_HS12_Y2021_V202301.csv"
        path.write_bytes(b"")
        return [path]
    if kind == "header only":
        return [baci(tmp_path)]
    if kind == "absent":
        return [tmp_path / "BACI_HS12_Y2021_V202301.csv"]
    if kind == "same file twice":
        path = baci(tmp_path, good)
        copy = tmp_path / "BACI_HS12_Y2022_V202301.csv"
        copy.write_bytes(path.read_bytes())
        return [path, copy]
    if kind == "too many cells":
        return [baci(tmp_path, good, "2021,699,643,300490,5,1,7,8")]
    if kind == "workbook":
        path = tmp_path / "BACI_HS12_Y2021_V202301.csv"
        path.write_bytes(b"PK\x03\x04 not text")
        return [path]
    if kind == "error page":
        return [write(tmp_path, "BACI_HS12_Y2021_V202301.csv", "<html>", "503 </html>")]
    return [baci(tmp_path, "2021,643,643,300490,5,1", "2021,699,643,300490,0,1")]


BROKEN = [
    ("truncated zip", "S112", "not downloaded to its end"),
    ("damaged zip", "S112", "broken"),
    ("mixed versions", "S121", "never mix"),
    ("missing column", "B002", "column k is missing"),
    ("empty", "S111", "empty"),
    ("header only", "S113", "no rows"),
    ("absent", "S110", "no such file"),
    ("same file twice", "S116", "given twice"),
    ("too many cells", "S115", "line 3.*6 cells"),
    ("workbook", "S115", "workbook"),
    ("error page", "S114", "error was saved as data"),
    ("nothing left", "S118", "no row of the files can be used"),
]


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder taken in before."""
    folder = tmp_path_factory.mktemp("earlier")
    ingest("baci", [baci(folder, "2021,4,643,300490,1,1")], folder / "out")
    return folder / "out"


@pytest.mark.parametrize(("kind", "code", "words"), BROKEN)
def test_a_broken_input_is_refused_and_the_earlier_folder_stays(
    kind: str, code: str, words: str, earlier: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(earlier, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(SourceError, match=f"(?s){words}") as caught:
        ingest("baci", _broken(tmp_path, kind), out)
    assert caught.value.code == code
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert not list(tmp_path.glob(".*part"))


def test_a_folder_with_other_things_in_it_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep")
    with pytest.raises(UsageError, match="no trade data folder"):
        ingest("baci", [baci(tmp_path, "2021,4,643,300490,1,1")], tmp_path / "mine")


def test_a_stopped_ingest_leaves_nothing_behind(tmp_path: Path) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if what.startswith("sorting"):
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        ingest("baci", [baci(tmp_path, "2021,4,643,300490,1,1")], out, tell=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["BACI_HS12_Y2021_V202301.csv"]


def test_the_engine_s_interruption_is_the_user_s(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    timer = threading.Timer(0.3, bench.con.interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        bench.run("select sum(a.range % (b.range + 1)) from range(1000000) a, range(1000000) b")
    timer.join()
    bench.close()


def test_what_a_killed_ingest_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".out.99.part").mkdir()
    ingest("baci", [baci(tmp_path, "2021,4,643,300490,1,1")], tmp_path / "out")
    assert not list(tmp_path.glob(".*part"))


def test_the_release_errs_in_a_country_and_the_report_says_so(tmp_path: Path) -> None:
    path = baci(tmp_path, "2021,28,643,300490,1,1")
    table = "country_code,country_name,country_iso2,country_iso3\n28,Antigua,AG,ATA\n643,R,RU,RUS"
    (tmp_path / "country_codes_V202301.csv").write_text(table)
    done = ingest("baci", [path], tmp_path / "out")
    assert flows(tmp_path / "out")[0][0] == "ATG"
    assert done.meta.notes == ("The release's table calls code 28 ATA; it was read as ATG.",)


def test_flows_of_a_silent_country_are_flagged_since_the_year_named(tmp_path: Path) -> None:
    files = [baci(tmp_path, f"{y},699,643,300490,1,1", year=y) for y in (2021, 2022)]
    done = ingest("baci", files, tmp_path / "out", Options(mirrors=("RUS:2022",)))
    assert [row[-1] for row in flows(tmp_path / "out")] == [0, 1]
    assert done.quality["mirror_share"] == 0.5
    with pytest.raises(UsageError, match="RUS:2022"):
        ingest("baci", files, tmp_path / "out", Options(mirrors=("RUS",)))


CODES = st.sampled_from(["643", "699", "516", "842", "777", ""])
VALUES = st.sampled_from(["1", "0.001", "123456.789", "-1", "", "x", "nan"])
ROWS = st.lists(
    st.tuples(CODES, CODES, st.sampled_from(["293311", "10121", "bad"]), VALUES),
    min_size=1,
    max_size=25,
    unique_by=lambda row: row[:3],
)


@pytest.mark.slow
@profile(max_examples=25, deadline=None)
@given(rows=ROWS)
def test_rows_and_value_in_are_kept_or_rejected_to_the_unit(
    rows: list[tuple[str, str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("baci")
    text = [f"2021,{i},{j},{k},{v},1" for i, j, k, v in (("4", "643", "293311", "7"), *rows)]
    out = folder / "out"
    report = ingest("baci", [baci(folder, *text)], out).quality
    left = pl.read_parquet(out / store.REJECTED)
    kept = store.scan_flows(out).select(pl.col("value_usd").sum()).collect().item()
    assert report["rows_in"] == len(text) == report["rows_kept"] + left.height
    readable = [float(row[3]) for row in rows if row[3] not in ("", "x", "nan")]
    assert kept + left["value_usd"].sum() == pytest.approx(1000 * (7 + sum(readable)), abs=0.5)


def test_the_real_slices_are_kept_whole(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "trade" / "baci"
    raw = ingest("baci", [folder / "BACI_HS92_Y2021_V202301_ZAF710_AFG4.csv"], tmp_path / "raw")
    assert (raw.quality["rows_in"], raw.quality["flows_written"]) == (71_192, 71_192)
    assert raw.quality["codes_padded"] == 4_442
    fish = ingest(
        "baci", [folder / "baci_hs12_y2018_seafood_all_countries.csv"], tmp_path / "fish"
    )
    assert (fish.meta.revision, fish.meta.years) == ("HS12", (2018,))
    assert fish.quality["rows_kept"] + fish.quality["rows_rejected"] == 8_245


def test_a_locked_zip_is_refused_in_our_words(tmp_path: Path) -> None:
    path = tmp_path / "BACI_HS17_Y2020_V202301.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BACI_HS17_Y2020_V202301.csv", "t,i,j,k,v,q\n2020,4,699,010121,1,1\n")
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1  # the bit that says a part is encrypted
    path.write_bytes(data)
    with pytest.raises(SourceError, match="locked"):
        ingest("baci", [path], tmp_path / "out", Options())
    assert not (tmp_path / "out").exists()
