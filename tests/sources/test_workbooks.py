"""Workbooks: what may not be in one is refused with its place, before or after it is opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from coproduce.records.errors import LoadError, SourceError
from coproduce.sources import guard, read_programme, write_xlsx
from tests.worlds import programme


def archive(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return buffer.getvalue()


def lying_archive() -> bytes:
    """Return a ZIP whose part declares ten bytes and unpacks to a million."""
    data = bytearray(archive({"xl/workbook.xml": b"0" * 1_000_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(mark) + offset
        data[start : start + 4] = (10).to_bytes(4, "little")
    return bytes(data)


REFUSED: list[tuple[str, Callable[[], bytes], str, str, str]] = [
    ("no archive", lambda: b"name,value\n1,2\n", "P009", "not an XLSX workbook", "a renamed CSV"),
    (
        "old workbook",
        lambda: b"\xd0\xcf\x11\xe0" + b"0" * 99,
        "P009",
        "an old or a locked",
        ".xls",
    ),
    ("another archive", lambda: archive({"a.txt": b"x"}), "P009", "holds no workbook", ".zip"),
    (
        "macros",
        lambda: archive({"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"x"}),
        "P009",
        "holds macros",
        "code is never opened",
    ),
    (
        "zip bomb",
        lambda: archive({"xl/workbook.xml": b"0" * 30_000_000}),
        "P010",
        "would unpack to 30,000,000 bytes",
        "a small file fills the memory",
    ),
    (
        "many parts",
        lambda: archive({f"{number}": b"" for number in range(guard.MOST_ENTRIES + 1)}),
        "P010",
        "2001 parts; at most 2000",
        "a small file fills the disk's index",
    ),
    ("a part that lies about its size", lying_archive, "P009", "damaged", "a hidden zip bomb"),
    (
        "entities in its XML",
        lambda: archive(
            {
                "xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
                "xl/_rels/workbook.xml.rels": b"<x/>",
            }
        ),
        "P009",
        "cannot be read",
        "entities can blow up or read files",
    ),
]


@pytest.mark.parametrize(
    ("make", "code", "words", "reason"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_file_that_is_no_plain_workbook_is_not_opened(
    make: Callable[[], bytes], code: str, words: str, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "book.xlsx"
    file.write_bytes(make())
    with pytest.raises(LoadError) as caught:
        read_programme(file)
    assert [issue.code for issue in caught.value.issues] == [code], reason
    assert words in caught.value.issues[0].message


@pytest.mark.parametrize("name", ["book.xlsm", "book.xls", "book.ods"])
def test_other_kinds_of_workbooks_are_refused_by_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(LoadError, match=r"save it as \.xlsx"):
        read_programme(tmp_path / name)


def test_cells_that_a_sheet_may_not_have_are_all_found_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("tables")
        header = ("table_id", "name_en", "name_ru", "status", "origin_id")
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, ("t1", "x", "x", "synthetic", "o"))
        sheet.write_formula(2, 1, '="a"&"b"', None, "ab")
        sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")
        sheet.merge_range("D5:E5", "synthetic")
        book.add_worksheet("site")
    with pytest.raises(LoadError) as caught:
        read_programme(file)
    found = {
        (issue.sheet, issue.row, issue.column, issue.code)
        for issue in caught.value.issues
        if issue.code in ("P040", "P041", "P042", "P007")
    }
    assert found == {
        ("tables", 3, "B", "P040"),
        ("tables", 4, "C", "P040"),
        ("tables", 4, "C", "P041"),
        ("tables", 5, "D", "P042"),
        ("site", None, "", "P007"),
    }
    missing = {issue.sheet for issue in caught.value.issues if issue.code == "P002"}
    assert {"programme", "sites", "fx"} <= missing


def test_a_workbook_may_start_below_row_one_only_if_row_one_names_the_columns(
    tmp_path: Path,
) -> None:
    file = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("tables")
        sheet.write_row(2, 0, ("table_id", "name_en", "name_ru", "status", "origin_id"))
    with pytest.raises(LoadError) as caught:
        read_programme(file)
    rows = {(issue.sheet, issue.row) for issue in caught.value.issues if issue.code == "P020"}
    assert rows == {("tables", 1)}


def test_a_bad_cell_of_a_workbook_is_named_by_sheet_and_row(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    write_xlsx(programme(), file)
    book = guard.open_workbook(file.read_bytes(), file.name)
    parts = guard.sheet_parts(book, file.name)
    entries = {name: book.read(name) for name in book.namelist()}
    part = parts["parties"]
    assert b"<v>0.08</v>" in entries[part]
    entries[part] = entries[part].replace(b"<v>0.08</v>", b"<v>8</v>")
    file.write_bytes(archive(entries))
    with pytest.raises(LoadError) as caught:
        read_programme(file)
    assert [issue.where for issue in caught.value.issues] == [
        "book.xlsx, sheet parties, row 3, column discount_rate_share"
    ]


@pytest.mark.parametrize(
    ("sheet", "old", "new", "where", "reason"),
    [
        (
            "programme",
            b"<v>2032</v>",
            b"<f>2027+5</f><v>2032</v>",
            "book.xlsx, sheet programme, row",
            "the stored horizon can be stale",
        ),
        (
            "parties",
            b"<v>0.08</v>",
            b"<f>0.04*2</f><v>0.08</v>",
            "book.xlsx, sheet parties, row 3, column",
            "the stored rate can be stale",
        ),
    ],
    ids=["settings", "data"],
)
def test_a_formula_whose_stored_value_would_be_valid_is_refused_on_every_sheet(
    sheet: str, old: bytes, new: bytes, where: str, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "book.xlsx"
    write_xlsx(programme(), file)
    book = guard.open_workbook(file.read_bytes(), file.name)
    part = guard.sheet_parts(book, file.name)[sheet]
    entries = {name: book.read(name) for name in book.namelist()}
    assert entries[part].count(old) == 1
    entries[part] = entries[part].replace(old, new)
    file.write_bytes(archive(entries))
    with pytest.raises(LoadError) as caught:
        read_programme(file)
    found = caught.value.issues
    assert [issue.code for issue in found] == ["P040"], reason
    assert found[0].where.startswith(where)


def test_a_sheet_that_is_damaged_is_said(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        book.add_worksheet("tables").write_string(0, 0, "table_id")
    book = guard.open_workbook(file.read_bytes(), file.name)
    entries = {name: book.read(name) for name in book.namelist()}
    entries["xl/worksheets/sheet1.xml"] = b'<worksheet><sheetData><row r="1><c'
    file.write_bytes(archive(entries))
    with pytest.raises(LoadError, match="sheet tables cannot be read"):
        read_programme(file)


def test_a_sheet_that_is_missing_in_the_archive_is_said() -> None:
    data = archive({"xl/workbook.xml": b"<x/>", "xl/_rels/workbook.xml.rels": b"<x/>"})
    book = guard.open_workbook(data, "book.xlsx")
    with pytest.raises(SourceError, match="missing in the archive"):
        list(guard.oddities(book, "sites", "xl/worksheets/sheet9.xml", "book.xlsx"))
