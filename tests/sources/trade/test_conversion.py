"""From one revision of the Harmonised System to another: nothing is lost without being said."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from coproduce.records.errors import SourceError, UsageError
from coproduce.sources.trade.convert import between, read_concordances, revision_name
from coproduce.sources.trade.ingest import Options, ingest
from tests.sources.trade.makers import V1, flows, rejected, v1, write

WEIGHTS = (
    "100001,200001,1.0,0",  # 1:1
    "100002,200002,1.0,1",  # n:1
    "100003,200002,1.0,1",
    "100004,200004,0.25,2",  # 1:n
    "100004,200005,0.75,2",
    "100006,200006,0.5,3",  # n:m
    "100006,200007,0.5,3",
    "100007,200007,1.0,3",  # one successor, which has another source too: n:1
)


def weights(folder: Path, *rows: str) -> Path:
    return write(folder, "H5_to_H6.csv", "H5,H6,weight,group_id", *rows)


def test_relations_are_told_and_split_values_are_flagged(tmp_path: Path) -> None:
    codes = ("100001", "100002", "100003", "100004", "100006", "100009")
    rows = [v1("M", 643, 699, code, 100.0, rev="H5") for code in codes]
    rows.append(v1("M", 4, 699, "200001", 8.0))
    options = Options(revision="HS22", concordances=(weights(tmp_path, *WEIGHTS),))
    out = tmp_path / "out"
    done = ingest("comtrade", [write(tmp_path, "a.csv", V1, *rows)], out, options)
    assert [(row[2], row[4], row[6]) for row in flows(out) if row[1] == "RUS"] == [
        ("200001", 100.0, 8),
        ("200002", 200.0, 8),
        ("200004", 25.0, 10),
        ("200005", 75.0, 10),
        ("200006", 50.0, 10),
        ("200007", 50.0, 10),
    ]
    assert rejected(out) == [("HS code without successor in the concordance", 7)]
    told = {
        each["relation"]: each["value_usd"] for each in done.quality["conversion"]["relations"]
    }
    assert told == {
        "1:1": 100.0, "n:1": 200.0, "1:n": 100.0, "n:m": 100.0, "same revision": 8.0,
        "no successor": 100.0,
    }  # fmt: skip
    assert done.quality["n_m_converted_share"] == pytest.approx(100 / 508)
    assert done.quality["value_kept_usd"] == 508.0
    assert done.meta.revision == "HS22"


def test_steps_are_chained_and_codes_get_their_zeros_back(tmp_path: Path) -> None:
    header = "code.after,code.before,Relationship,adjustment"
    rows = (
        "10121,10110,1:1,2017 to 2012",
        "10129,10110,n:1,2017 to 2012",
        "10110,10100,1:1,2012 to 2007",
    )
    steps = read_concordances([write(tmp_path, "all.csv", header, *rows)])
    down = between(steps, "HS17", "HS07")
    assert down.pairs.rows() == [
        ("010121", "010100", 1.0, "n:1"),
        ("010129", "010100", 1.0, "n:1"),
    ]
    assert not down.is_equal_split
    up = between(steps, "HS07", "HS17")
    assert up.pairs["weight"].to_list() == [0.5, 0.5]
    assert up.is_equal_split
    assert up.pairs["relation"].to_list() == ["1:n", "1:n"]


def test_weights_take_the_place_of_pairs_without(tmp_path: Path) -> None:
    header = "from_revision,to_revision,from_code,to_code"
    bare = write(
        tmp_path, "bare.csv", header, "HS17,HS22,100004,200004", "HS17,HS22,100004,200005"
    )
    steps = read_concordances([weights(tmp_path, *WEIGHTS), bare])
    made = between(steps, "HS17", "HS22").pairs.filter(pl.col("from_code") == "100004")
    assert made["weight"].to_list() == [0.25, 0.75]


WRONG = [
    (("100001,200001,0.9,0",), "S141", "add up to 0.9"),
    (("1000011,200001,1.0,0",), "S141", "six digits"),
    (("100001,200001,-1,0", "100001,200002,2,0"), "S141", "not negative"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "code", "words"), WRONG)
def test_a_wrong_concordance_is_refused(
    rows: tuple[str, ...], code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read_concordances([weights(tmp_path, *rows)])
    assert caught.value.code == code


def test_a_way_that_is_not_there_and_another_layout_are_refused(tmp_path: Path) -> None:
    steps = read_concordances([weights(tmp_path, *WEIGHTS)])
    with pytest.raises(SourceError, match=r"no way leads from HS22 to HS17.*HS17 to HS22"):
        between(steps, "HS22", "HS17")
    with pytest.raises(SourceError, match="no layout"):
        read_concordances([write(tmp_path, "x.csv", "a,b,c", "1,2,3")])


@pytest.mark.parametrize("text", ["H5", "HS17", "hs2017", "2017"])
def test_a_revision_has_many_names(text: str) -> None:
    assert revision_name(text) == "HS17"


def test_chapters_cannot_be_converted(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", V1, v1("M", 643, 699, "30", 5.0, rev="H5"))
    options = Options(revision="HS22", concordances=(weights(tmp_path, *WEIGHTS),))
    with pytest.raises(UsageError, match="six digits"):
        ingest("comtrade", [path], tmp_path / "out", options)


def test_real_concordances_keep_the_value_of_every_code(shared_data: Path) -> None:
    folder = shared_data / "trade" / "hs"
    files = [
        folder / "HS_consolidated_comtrade_concordances.csv",
        folder / "conversion_weights_H4_to_H5.csv",
    ]
    steps = read_concordances(files)
    made = between(steps, "HS12", "HS22")
    sums = made.pairs.group_by("from_code").agg(pl.col("weight").sum())["weight"]
    assert sums.is_between(1 - 1e-6, 1 + 1e-6).all()
    assert set(made.pairs["relation"]) == {"1:1", "n:1", "1:n", "n:m"}
    assert made.pairs["from_code"].n_unique() > 5_000
