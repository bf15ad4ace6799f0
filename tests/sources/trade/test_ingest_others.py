"""Comtrade in three layouts, fiscal tables and customs rows: nothing counted twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coproduce.records.errors import SourceError, UsageError
from coproduce.sources.trade import store
from coproduce.sources.trade.ingest import Options, ingest
from tests.sources.trade.makers import LEGACY, TARIFF, V1, flows, legacy, rejected, v1, write


def test_legacy_rows_are_dollars_and_kilograms_and_zero_weight_is_missing(tmp_path: Path) -> None:
    rows = (
        legacy(1, 643, 699, "300490", 500.0, kg="2500"),
        legacy(2, 643, 842, "10121", 70.5, kg="0"),
        legacy(1, 643, 490, "300490", 9.0, kg=""),
    )
    out = tmp_path / "out"
    done = ingest("comtrade", [write(tmp_path, "a.csv", LEGACY, *rows)], out)
    assert flows(out) == [
        ("IND", "RUS", "300490", 2018, 500.0, 2.5, 8),
        ("RUS", "USA", "010121", 2018, 70.5, None, 8),
        ("X490", "RUS", "300490", 2018, 9.0, None, 8),
    ]
    meta = done.meta
    assert (meta.revision, meta.valuation, meta.period) == ("HS17", "mixed", "calendar")
    assert done.quality["one_sided_share"] == 1.0


def test_headers_are_read_whatever_their_spelling(tmp_path: Path) -> None:
    header = LEGACY.replace("Trade Flow Code", "TradeFlow Code").replace(" (kg)", "kg")
    header = header.replace("Trade Value (US$)", "TradeValueUS")
    path = write(tmp_path, "a.csv", header, legacy(1, 643, 699, "300490", 500.0))
    assert ingest("comtrade", [path], tmp_path / "out").quality["rows_kept"] == 1


def test_json_of_the_service_is_read_and_a_cut_answer_is_refused(tmp_path: Path) -> None:
    names = V1.split(",")
    row = dict(zip(names, v1("M", 643, 699, "300490", 500.0).split(","), strict=True))
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"count": 1, "data": [row], "error": ""}))
    ingest("comtrade", [path], tmp_path / "out")
    assert flows(tmp_path / "out") == [("IND", "RUS", "300490", 2021, 500.0, 1.0, 8)]
    path.write_text(json.dumps({"count": 2, "data": [row]}))
    with pytest.raises(SourceError, match="says 2 rows and holds 1"):
        ingest("comtrade", [path], tmp_path / "no")
    path.write_text(json.dumps({"statusCode": 401, "message": "Access denied"}))
    with pytest.raises(SourceError, match="Access denied"):
        ingest("comtrade", [path], tmp_path / "no")


TOTAL_OF_IT = "part of a total that is also in the file"
AGAIN = "re-export or re-import, contained in the exports or imports"
OTHER_LEVEL = "total or part of another product level"
LEFT_OUT: list[tuple[str, int, int, str, float, str, str]] = [
    ("M", 643, 0, "300490", 900.0, "0|C00|0", "total with the world, not a partner"),
    ("M", 643, 97, "300490", 900.0, "0|C00|0", "area that contains other partners"),
    ("M", 643, 699, "3004", 900.0, "0|C00|0", OTHER_LEVEL),
    ("M", 643, 699, "TOTAL", 900.0, "0|C00|0", OTHER_LEVEL),
    ("M", 643, 699, "300490", 90.0, "0|C00|2100", TOTAL_OF_IT),
    ("M", 643, 699, "300490", 90.0, "156|C00|0", TOTAL_OF_IT),
    ("M", 643, 699, "300490", 90.0, "0|C04|0", TOTAL_OF_IT),
    ("RM", 643, 699, "300490", 5.0, "0|C00|0", AGAIN),
    (
        "FM",
        643,
        699,
        "300490",
        5.0,
        "0|C00|0",
        "part of the exports or imports, contained in them",
    ),
    ("M", 643, 699, "300490", 500.0, "0|C00|0", "repeats an earlier row"),
    ("X", 699, 643, "300490", 450.0, "0|C00|0", "the other side's report of this pair is used"),
    ("M", 643, 7777, "300490", 500.0, "0|C00|0", "unknown country"),
    ("M", 643, 699, "300490", -1.0, "0|C00|0", "no positive value"),
    ("Q", 643, 699, "300490", 1.0, "0|C00|0", "neither import nor export"),
]


def test_what_would_count_twice_is_left_out_with_its_reason(tmp_path: Path) -> None:
    rows = []
    for at, (flow, reporter, partner, code, value, parts, _) in enumerate(LEFT_OUT):
        year = str(2000 + at)  # each case in a year of its own, beside a good row
        rows.append(v1("M", 643, 699, "300490", 500.0, period=year))
        rows.append(v1(flow, reporter, partner, code, value, parts=parts, period=year))
    out = tmp_path / "out"
    ingest("comtrade", [write(tmp_path, "a.csv", V1, *rows)], out)
    assert rejected(out) == [(case[-1], 3 + 2 * at) for at, case in enumerate(LEFT_OUT)]
    assert [each[4] for each in flows(out)] == [500.0] * len(LEFT_OUT)


REFUSED = [
    (
        [
            v1("M", 643, 699, "300490", 1.0, parts="0|C04|2100"),
            v1("M", 643, 699, "300490", 2.0, parts="0|C07|2100"),
        ],
        "S134",
        "triple counting without totals",
    ),
    (
        [v1("M", 643, 699, "300490", 1.0), v1("M", 643, 699, "300490", 2.0)],
        "B004",
        "two downloads",
    ),
    (
        [v1("M", 643, 699, "300490", 1.0), v1("M", 643, 699, "300490", 2.0, period="202103")],
        "S133",
        "months and years",
    ),
    (
        [v1("M", 643, 699, "300490", 1.0), v1("M", 4, 699, "300490", 2.0, rev="H5")],
        "S123",
        "two revisions",
    ),
    (
        [v1("M", 643, 699, "300490", 1.0), v1("M", 643, 4, "300490", 2.0, rev="H5")],
        "S124",
        "one reporter in two revisions",
    ),
    ([v1("M", 643, 699, "300490", 1.0, rev="S4")], "S131", "not HS"),
    ([v1("M", 643, 0, "300490", 1.0)], "S136", "only the world"),
    (
        ["Result too large: you do not have permissions to access such a large resultset."],
        "S114",
        "download error",
    ),
]


@pytest.mark.parametrize(("rows", "code", "_why"), REFUSED)
def test_what_cannot_be_decided_is_refused(
    rows: list[str], code: str, _why: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError) as caught:
        ingest("comtrade", [write(tmp_path, "a.csv", V1, *rows)], tmp_path / "out")
    assert caught.value.code == code
    assert not (tmp_path / "out").exists()


def test_repeated_flows_without_the_columns_of_their_parts_are_refused(tmp_path: Path) -> None:
    header = "refYear,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue"
    rows = ("2021,643,M,699,H6,300490,5", "2021,643,M,699,H6,300490,7")
    with pytest.raises(SourceError, match="partner2Code, customsCode, motCode"):
        ingest("comtrade", [write(tmp_path, "a.csv", header, *rows)], tmp_path / "out")


def test_totals_with_the_world_are_taken_in_only_when_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", V1, v1("X", 699, 0, "30", 9.0), v1("X", 699, 643, "30", 4.0))
    done = ingest("comtrade", [path], tmp_path / "out", Options(wants_world=True))
    assert flows(tmp_path / "out") == [("IND", "X0", "30", 2021, 9.0, 1.0, 8)]
    assert (done.meta.partners, done.meta.level) == ("world", 2)


def test_a_level_can_be_chosen_and_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.csv", V1, *(v1("M", 643, 699, c, 5.0) for c in ("TOTAL", "30", "300490"))
    )
    ingest("comtrade", [path], tmp_path / "out", Options(level=0))
    assert flows(tmp_path / "out")[0][2] == "TOTAL"
    with pytest.raises(SourceError, match="levels 0, 2, 6"):
        ingest("comtrade", [path], tmp_path / "out", Options(level=4))


def test_months_are_summed_and_a_year_without_all_of_them_is_provisional(tmp_path: Path) -> None:
    rows = [v1("M", 643, 699, "300490", 5.0, period=f"2020{m:02}") for m in range(1, 13)]
    rows += [v1("M", 643, 699, "300490", 5.0, period="202101")]
    done = ingest("comtrade", [write(tmp_path, "a.csv", V1, *rows)], tmp_path / "out")
    assert [each[3:5] for each in flows(tmp_path / "out")] == [(2020, 60.0), (2021, 5.0)]
    assert done.meta.is_provisional_years == (2021,)


def test_tariff_lines_are_summed_to_six_digits(tmp_path: Path) -> None:
    def line(code: str, customs: str, value: float) -> str:
        return f"C,A,2021,2021,643,M,699,0,H6,{code},{customs},0,1000,{value}"

    rows = (
        line("30049000", "C04", 5.0),
        line("30049000", "C07", 6.0),
        line("30049010", "C00", 1.0),
    )
    done = ingest("comtrade", [write(tmp_path, "a.csv", TARIFF, *rows)], tmp_path / "out")
    assert flows(tmp_path / "out") == [("IND", "RUS", "300490", 2021, 12.0, 3.0, 8)]
    assert done.meta.level == 6


def test_re_exports_are_kept_apart_and_the_sum_stays_the_reported_total(tmp_path: Path) -> None:
    rows = (v1("X", 699, 643, "300490", 100.0), v1("RX", 699, 643, "300490", 30.0))
    path = write(tmp_path, "a.csv", V1, *rows)
    done = ingest("comtrade", [path], tmp_path / "out", Options(keeps_re_exports=True))
    assert [(row[4], row[6]) for row in flows(tmp_path / "out")] == [(70.0, 8), (30.0, 12)]
    assert done.quality["adjustments_usd"] == {"taken off exports, in re-exports": 30.0}
    ingest("comtrade", [path], tmp_path / "out")
    assert [(row[4], row[6]) for row in flows(tmp_path / "out")] == [(100.0, 8)]


def test_the_side_that_counts_can_be_chosen(tmp_path: Path) -> None:
    rows = (v1("M", 643, 699, "300490", 110.0), v1("X", 699, 643, "293311", 100.0))
    path = write(tmp_path, "a.csv", V1, *rows)
    ingest("comtrade", [path], tmp_path / "out")
    assert [(row[2], row[6]) for row in flows(tmp_path / "out")] == [("300490", 0)]
    ingest("comtrade", [path], tmp_path / "out", Options(prefer="exporter"))
    assert [(row[2], row[6]) for row in flows(tmp_path / "out")] == [("293311", 0)]


def test_partners_stand_in_for_a_silent_country_and_freight_is_taken_off(tmp_path: Path) -> None:
    rows = (
        v1("M", 643, 699, "300490", 50.0, period="2020"),  # its own report
        v1("X", 699, 643, "300490", 40.0, period="2021"),  # India sells to it
        v1("M", 699, 643, "293311", 106.0, period="2021"),  # India buys from it, CIF
        v1("X", 792, 643, "300490", 60.0, period="2021"),  # a hub sells to it
        v1("M", 699, 842, "293311", 10.0, period="2021"),  # nothing to do with it
        v1("M", 643, 156, "300490", 50.0, period="2020"),  # a partner that reports nothing
    )
    options = Options(mirrors=("RUS",), cif_fob=1.06)
    out = tmp_path / "out"
    done = ingest("comtrade", [write(tmp_path, "a.csv", V1, *rows)], out, options)
    mirrored = {row[:2]: (row[4], row[6]) for row in flows(out) if row[3] == 2021}
    assert mirrored == {
        ("IND", "RUS"): (40.0, 9),
        ("RUS", "IND"): (pytest.approx(100.0), 9),
        ("TUR", "RUS"): (60.0, 9),
        ("USA", "IND"): (10.0, 8),
    }
    assert done.quality["adjustments_usd"] == {"freight taken off mirror data": pytest.approx(6.0)}
    (told,) = done.quality["mirror"]
    assert [year["rows"] for year in told["years"]] == [0, 3]
    assert told["partners_without_report"] == ["CHN"]
    assert told["hubs"] == [
        {"country_id": "TUR", "kind": "transit", "share_of_imports": {"2021": pytest.approx(0.6)}}
    ]
    assert "Mirror data of RUS" in (out / "quality.md").read_text("utf-8")


EIDB = "S.No.,HSCode,Commodity,2023 - 2024,%Share,2024 - 2025,%Share,%Growth"


def test_a_page_by_fiscal_year_needs_to_be_told_who_and_which_way(tmp_path: Path) -> None:
    rows = (
        '1,29,ORGANIC CHEMICALS,"1,234.5",1,2.25,1,1', "2,3,FISH,,,1,1,1", ",,Total,1,1,9,1,1",
    )  # fmt: skip
    path = write(tmp_path, "page.csv", EIDB, *rows)
    options = Options(reporter="IND", partner="RUS", flow="export")
    done = ingest("eidb", [path], tmp_path / "out", options)
    assert [row[:5] for row in flows(tmp_path / "out")] == [
        ("IND", "RUS", "03", 2024, 1e6),
        ("IND", "RUS", "29", 2023, pytest.approx(1234.5e6)),
        ("IND", "RUS", "29", 2024, 2.25e6),
    ]
    assert (done.meta.period, done.meta.valuation, done.meta.level) == ("fiscal", "fob", 2)
    assert sorted(rejected(tmp_path / "out")) == [
        ("no positive value", 3),
        ("total or part of another product level", 4),
        ("total or part of another product level", 4),
    ]
    for wrong in (
        Options(partner="RUS"),
        Options(reporter="IND"),
        Options(reporter="IND", partner="RUS"),
    ):
        with pytest.raises(UsageError):
            ingest("eidb", [path], tmp_path / "no", wrong)
    rupees = write(
        tmp_path, "rs.csv", EIDB.replace("2023 - 2024", "2023 - 2024 (Rs. Lacs)"), rows[1]
    )
    with pytest.raises(SourceError, match="not in US dollars"):
        ingest("eidb", [rupees], tmp_path / "no", options)


CUSTOMS = [
    (
        "DIRECTION,PERIOD,COUNTRY,HS,UM,VALUE,NETWEIGHT,QUANTITY,REGION,REGION_S",
        "IMP",
        "EXP",
        "utf-8",
        ",",
    ),
    ("NAPR;PERIOD;STRANA;TNVED;EDIZM;STOIM;NETTO;KOL;REGION;REGION_S", "ИМ", "ЭК", "cp1251", ";"),
]


@pytest.mark.parametrize(("header", "way_in", "way_out", "encoding", "mark"), CUSTOMS)
def test_customs_rows_are_summed_over_months_regions_and_national_digits(
    header: str, way_in: str, way_out: str, encoding: str, mark: str, tmp_path: Path
) -> None:
    decimal = "," if mark == ";" else "."
    rows = [
        [way_in, "01/2015", "IN", "3004900001", "", f"100{decimal}5", "2000", "0", "4 - А", "1"],
        [way_in, "02/2015", "IN", "3004900009", "", "50", "1000", "0", "5 - Б", "1"],
        [way_out, "01/2015", "NA", "101210000", "PCE", "7", "0", "1", "4 - А", "1"],
        [way_in, "13/2015", "IN", "3004900009", "", "1", "1", "0", "", ""],
        [way_in, "01/2015", "ZZ", "3004900009", "", "1", "1", "0", "", ""],
    ]
    path = tmp_path / "dump.csv"
    path.write_text("\n".join([header, *(mark.join(row) for row in rows)]), encoding=encoding)
    done = ingest("customs", [path], tmp_path / "out", Options(reporter="RUS"))
    assert flows(tmp_path / "out") == [
        ("IND", "RUS", "300490", 2015, 150.5, 3.0, 8),
        ("RUS", "NAM", "010121", 2015, 7.0, None, 8),
    ]
    assert rejected(tmp_path / "out") == [("no year", 5), ("unknown country", 6)]
    assert done.meta.is_provisional_years == (2015,)
    ingest("customs", [path], tmp_path / "out", Options(reporter="RUS", usd_per_unit=1000.0))
    assert flows(tmp_path / "out")[0][4] == 150_500.0


SENSELESS = [
    ("comtrade", Options(cif_fob=1.06), "factor without mirror data"),
    ("comtrade", Options(mirrors=("RUS",), cif_fob=0.5), "a factor below 1"),
    ("comtrade", Options(mirrors=("XXX",)), "no such country"),
    ("comtrade", Options(revision="HS17"), "no concordance"),
    ("comtrade", Options(revision="SITC", concordances=(Path("a.csv"),)), "no such revision"),
    ("comtrade", Options(level=5), "no such level"),
    ("customs", Options(), "no reporter"),
    ("customs", Options(reporter="RUS", mirrors=("RUS",)), "one country's own reports"),
]


@pytest.mark.parametrize(("source", "options", "_why"), SENSELESS)
def test_options_that_make_no_sense_are_refused_before_work(
    source: str, options: Options, _why: str, tmp_path: Path
) -> None:
    path = write(tmp_path, "a.csv", V1, v1("M", 643, 699, "300490", 500.0))
    with pytest.raises(UsageError):
        ingest(source, [path], tmp_path / "out", options)  # type: ignore[arg-type]


def test_real_downloads_are_taken_in_with_all_rows_accounted_for(
    shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "trade" / "comtrade"
    done = ingest(
        "comtrade", [folder / "ictd_Ind_Ex_Im_Countrywise_2019-20.csv"], tmp_path / "out"
    )
    report = done.quality
    assert (report["rows_in"], report["rows_kept"]) == (438, 436)
    # the partners add up to the reported totals with the world, to a few hundred dollars
    assert report["value_kept_usd"] == pytest.approx(report["value_rejected_usd"], abs=1000)
    pairs = {row[:2]: row[4] for row in flows(tmp_path / "out")}
    assert round(pairs["RUS", "IND"] / 1e6) == 6_226
    assert round(pairs["IND", "RUS"] / 1e6) == 2_871
    world = ingest(
        "comtrade",
        [folder / "ictd_india_total_exports.csv"],
        tmp_path / "w",
        Options(wants_world=True),
    )
    assert (world.quality["rows_in"], world.meta.level) == (6_354, 6)
    value = {row[2]: row[4] for row in flows(tmp_path / "w")}
    assert round(value["300490"] / 1e9, 2) == 10.76
    assert store.read_meta(tmp_path / "w").partners == "world"
