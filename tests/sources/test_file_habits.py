"""Habits of real files: encodings, delimiters, decimal commas. Found, said, never guessed."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from coproduce.records.errors import Issue, LoadError, SourceError
from coproduce.records.tables import TABLES
from coproduce.sources import csvtext, numbers, read_programme
from coproduce.sources.decode import decode
from coproduce.sources.problems import Problems
from coproduce.sources.typed import typed
from tests.sources import planting as p
from tests.worlds import programme, write

ENCODINGS = [
    ("utf-8", "", "what we write"),
    ("utf-8-sig", "UTF-8 with a byte order mark", "“CSV UTF-8” of a spreadsheet"),
    ("cp1251", "Windows-1251", "“CSV” of a Russian spreadsheet"),
]


@pytest.mark.parametrize(("encoding", "said", "reason"), ENCODINGS)
def test_a_known_encoding_is_read_and_said(encoding: str, said: str, reason: str) -> None:
    text = "zone_id,name_ru\nwest,Запад «Ёлка» — №1\n"
    read, warnings = decode(text.encode(encoding), "zones.csv")
    assert read == text, reason
    assert [issue.value for issue in warnings] == ([said] if said else [])
    assert all(issue.is_warning and issue.code == "P090" for issue in warnings)


@pytest.mark.parametrize("encoding", ["koi8-r", "cp866", "latin-1", "utf-16"])
def test_an_encoding_that_cannot_be_told_is_refused(encoding: str) -> None:
    text = "name\nCôte d'Ivoire\n" if encoding == "latin-1" else "имя\nСтрана Большая Земля\n"
    with pytest.raises(SourceError) as caught:
        decode(text.encode(encoding), "zones.csv")
    assert caught.value.code == "P005"
    assert "UTF-8" in caught.value.message


def russian(folder: Path, table: str) -> None:
    """Write a table as a Russian spreadsheet does: cp1251, semicolons, decimal commas, spaces."""
    rows = p.records(folder, table)
    kinds = {
        name: (column.metadata or {}).get("kind")
        for name, column in TABLES[table].columns().items()
    }
    for row in rows[1:]:
        for place, name in enumerate(rows[0]):
            if kinds[name] == "number" and row[place]:
                whole, _, part = row[place].partition(".")
                spaced = f"{int(whole):,}".replace(",", "\u00a0")
                row[place] = f"{spaced},{part or '0'}"
            elif kinds[name] == "flag":
                row[place] = {"true": "ИСТИНА", "false": "ЛОЖЬ"}[row[place]]
            elif kinds[name] == "date" and row[place]:
                row[place] = ".".join(reversed(row[place].split("-")))
    p.save(folder, table, rows, delimiter=";")
    file = folder / f"{table}.csv"
    file.write_bytes(file.read_text(encoding="utf-8").encode("cp1251"))


def test_a_folder_from_a_russian_spreadsheet_reads_the_same_and_says_what_was_found(
    tmp_path: Path,
) -> None:
    world = programme()
    plain = write(tmp_path / "plain", world)
    foreign = tmp_path / "foreign"
    shutil.copytree(plain, foreign)
    for table in ("sources", "zones", "certificates", "lanes"):
        russian(foreign, table)
    read, expected = read_programme(foreign), read_programme(plain)
    assert read.content_hash == expected.content_hash
    assert expected.warnings == ()
    said = {(issue.file, issue.code) for issue in read.warnings}
    assert said == {
        *((f"{table}.csv", "P090") for table in ("sources", "zones", "lanes")),
        *((f"{table}.csv", "P091") for table in ("sources", "zones", "certificates", "lanes")),
        *((f"{table}.csv", "P092") for table in ("sources", "zones", "lanes")),
        *((f"{table}.csv", "P093") for table in ("sources", "zones", "lanes")),
        ("certificates.csv", "P095"),
    }


def read_cells(cells: list[str]) -> tuple[list[float | None], list[str]]:
    """Return what a column of numbers is read as and the codes of what was found."""
    schema = TABLES["parameters"]
    lines = "".join(f"synthetic;o;p{number};{cell};u;m\n" for number, cell in enumerate(cells))
    problems = Problems()
    header = "status;origin_id;parameter_id;value;unit;meaning\n"
    raw = csvtext.parse(
        header + lines, "parameters", "parameters.csv", schema.column_names(), problems
    )
    assert raw is not None
    frame = typed(raw, schema, problems)
    assert frame is not None
    codes = [issue.code for issue in problems.issues if issue.code != "P091"]
    return frame["value"].to_list(), codes


NUMBERS = [
    (["1.5", "2"], [1.5, 2.0], [], "the usual form"),
    (["0,5", "2"], [0.5, 2.0], ["P092"], "a decimal comma beyond doubt"),
    (["0,5", "1,234"], [0.5, 1.234], ["P092"], "another cell settles the doubt"),
    (["1,234"], [None], ["P031"], "nothing settles the doubt"),
    (["1,234", "0.5"], [None, 0.5], ["P031"], "with decimal points it looks like thousands"),
    (["0,5", "0.5", "1,234"], [0.5, 0.5, None], ["P092", "P031"], "both signs: doubt stays"),
    (["0,5", "1.234"], [0.5, None], ["P092", "P031"], "the point may split thousands there"),
    (["1.234"], [1.234], [], "the point is the usual decimal sign"),
    (["1234,567"], [1234.567], ["P092"], "four digits before it: no thousands sign"),
    (["0,234"], [0.234], ["P092"], "no number of thousands starts with 0"),
    (["1 234 567"], [1234567.0], ["P093"], "spaces split thousands"),
    (["1\u00a0234,5"], [1234.5], ["P092", "P093"], "a no-break space, as spreadsheets write"),
    (["1\u202f234.5"], [1234.5], ["P093"], "a narrow no-break space"),
    (["1 23"], [None], ["P030"], "two numbers in one cell, or a slip"),
    (["1,234,567"], [None], ["P030"], "commas as thousands signs are not taken"),
    (["1.2.3"], [None], ["P030"], "no number"),
    (["−5"], [-5.0], ["P096"], "the minus of typeset text"),
    (["1e-7"], [1e-7], [], "a small number"),
    (["nan"], [None], ["P030"], "not a number"),
    (["5 %"], [None], ["P030"], "a percentage is not a share"),
]


@pytest.mark.parametrize(("cells", "values", "codes", "reason"), NUMBERS)
def test_numbers_are_read_only_where_they_can_be_read_in_one_way(
    cells: list[str], values: list[float | None], codes: list[str], reason: str
) -> None:
    assert read_cells(cells) == (values, codes), reason


FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


@profile(max_examples=40, deadline=None)
@given(st.lists(FINITE, min_size=1, max_size=8), st.sampled_from([" ", "\u00a0", "\u202f"]))
def test_any_number_written_the_russian_way_is_read_back(values: list[float], space: str) -> None:
    cells = [f"{value:,.6f}".replace(",", space).replace(".", ",") for value in values]
    frame = pl.DataFrame({"cell": cells})
    style = numbers.style_of([frame["cell"]])
    read = frame.select(
        value=numbers.parsed(pl.col("cell")), doubt=numbers.is_doubtful(pl.col("cell"), style)
    )
    assert read["value"].to_list() == [float(f"{value:.6f}") for value in values]
    assert style.decimal_comma is not None
    assert not read["doubt"].any()


@profile(max_examples=20, deadline=None)
@given(st.integers(1, 999), st.integers(0, 999))
def test_a_cell_that_can_be_read_in_two_ways_is_never_read(whole: int, part: int) -> None:
    values, codes = read_cells([f"{whole},{part:03d}"])
    assert values == [None]
    assert codes == ["P031"]


@pytest.mark.parametrize(("delimiter", "said"), [(",", []), (";", ["semicolon"]), ("\t", ["tab"])])
def test_a_delimiter_is_told_from_the_header_and_said(delimiter: str, said: list[str]) -> None:
    text = delimiter.join(["table_id", "name_en", "name_ru"]) + "\n" + delimiter.join("abc")
    problems = Problems()
    raw = csvtext.parse(text, "tables", "tables.csv", TABLES["tables"].column_names(), problems)
    assert raw is not None
    assert raw.header == ("table_id", "name_en", "name_ru")
    assert raw.cells.row(0) == ("a", "b", "c")
    assert [issue.value for issue in problems.issues] == said


def test_rows_are_counted_as_a_spreadsheet_counts_them_over_blank_rows_and_long_cells() -> None:
    text = 'table_id,name_en,name_ru\na,"two\nlines",x\n\n,,\nb,y,z\n'
    problems = Problems()
    raw = csvtext.parse(text, "tables", "tables.csv", TABLES["tables"].column_names(), problems)
    assert raw is not None
    assert raw.row_numbers.to_list() == [2, 5]
    assert raw.cells["1"].to_list() == ["two\nlines", "y"]
    assert problems.issues == []


def test_many_problems_of_a_kind_are_counted_not_listed() -> None:
    problems = Problems()
    for row in range(50):
        problems.add(Issue("P030", "no number", "tables.csv", row=row, column="name_en"))
    assert len(problems.listed()) == 21
    assert problems.listed()[-1].message == "and 30 more rows with the same problem"


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = write(tmp_path / "world")
    outside = tmp_path / "outside.csv"
    shutil.move(folder / "fx.csv", outside)
    (folder / "fx.csv").symlink_to(outside)
    with pytest.raises(LoadError) as caught:
        read_programme(folder)
    errors = [issue for issue in caught.value.issues if not issue.is_warning]
    assert [(issue.code, issue.file) for issue in errors] == [("P006", "fx.csv")]


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="there is no such folder or workbook"):
        read_programme(tmp_path / "nowhere")
