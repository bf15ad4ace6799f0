"""Published flags against ours: agreement, and a cause for each difference."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from coproduce.dependence.pairs.reproduce import compare, read_published
from coproduce.records.errors import SourceError
from tests.dependence.pairs import worlds

ROWS = """iso_d,k,t,dep
HHH,300490,2022,{pills}
HHH,847900,2022,0
PPP,110100,2022,1
HHH,300490,2020,0
HHH,999999,2022,1
ZZZ,300490,2022,0
HHH,300490,1990,0
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("reproduce")
    return worlds.folder(root / "world", years=(2020, 2021, 2022), factor=1.0)


def published(tmp_path: Path, pills: int) -> Path:
    path = tmp_path / "published.csv"
    path.write_text(ROWS.format(pills=pills), "utf-8")
    return path


def test_flags_that_agree_are_counted_and_what_is_missing_is_not(
    folder: Path, tmp_path: Path
) -> None:
    # Pills of H: HHI 0.82, world HHI above 0.4, imports over exports 50, in all three years.
    found = compare(folder, read_published(published(tmp_path, 1)))
    summary = found.summary.row(0, named=True)
    assert summary["compared"] == 3
    assert summary["agree"] == 3
    assert summary["both_dependent"] == 2
    assert summary["not_in_data"] == 4
    assert summary["rows_published"] == summary["compared"] + summary["not_in_data"]
    causes = dict(found.not_in_data.select("importer_id", "cause").unique().rows())
    assert "importer" in causes["ZZZ"]
    wanted = {"product not in the data", "year not in the data", "too few years"}
    said = " ".join(found.not_in_data["cause"])
    assert all(cause in said for cause in wanted)


def test_a_disagreement_carries_our_figures_and_a_cause(folder: Path, tmp_path: Path) -> None:
    found = compare(folder, read_published(published(tmp_path, 0)))
    row = found.disagreements.row(0, named=True)
    assert (row["importer_id"], row["product_id"], row["ours"]) == ("HHH", "300490", True)
    assert row["hhi"] == pytest.approx(0.82)
    assert row["ratio"] == pytest.approx(50.0)
    assert row["cause"]
    assert found.summary["agree_share"][0] == pytest.approx(2 / 3)


def test_stata_and_parquet_say_the_same_as_csv(tmp_path: Path) -> None:
    import pandas

    path = published(tmp_path, 1)
    wanted = read_published(path)
    frame = pl.read_csv(path, schema_overrides={"k": pl.String})
    frame.write_parquet(tmp_path / "published.parquet")
    pandas.DataFrame(frame.to_dict(as_series=False)).to_stata(tmp_path / "published.dta")
    for kind in ("parquet", "dta"):
        assert read_published(tmp_path / f"published.{kind}").equals(wanted), kind


def test_codes_that_lost_their_leading_zero_get_it_back(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("iso,hs6,year,dependent\nHHH,10100,2020,1\n", "utf-8")
    assert read_published(path)["product_id"].to_list() == ["010100"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("iso,hs6,year\nHHH,300490,2020\n", "TX051"),  # no flag
        ("iso,hs6,year,dependent\nHHH,300490,2020,0.7\n", "TX052"),  # a value, not a flag
        ("iso,hs6,year,dependent\nHHH,300490,2020,\n", "TX052"),  # no value
        ("iso,hs6,year,dependent\nHHH,300490,2020,1\nHHH,300490,2020,0\n", "TX053"),  # twice
        ("iso,hs6,year,dependent\nHHH,300490,soon,1\n", "TX050"),  # no year
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused(
    tmp_path: Path, text: str, code: str
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError) as caught:
        read_published(path)
    assert caught.value.code == code


def test_a_column_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("who,hs6,year,is_it\nHHH,300490,2020,1\n", "utf-8")
    found = read_published(path, {"importer": "who", "dependent": "is_it"})
    assert found["published"].to_list() == [True]
