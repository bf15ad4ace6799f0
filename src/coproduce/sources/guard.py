"""Looks into an XLSX file before it is opened: a real workbook, of sane size, without code."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from coproduce.records.errors import SourceError

MOST_FILE_BYTES = 100_000_000
MOST_UNPACKED_BYTES = 400_000_000
MOST_RATIO = 200
RATIO_MATTERS_ABOVE_BYTES = 10_000_000
MOST_ENTRIES = 2_000

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s")
_ERROR_CELL = re.compile(rb"""\st=["']e["']""")


@dataclass(frozen=True, slots=True)
class Oddity:
    """A cell that may not be in a programme's sheet.

    Attributes:
        sheet: its sheet.
        cell: its address, for example ``C4``.
        kind: ``formula``, ``merged`` or ``error``.
        text: the formula, range or error.
    """

    sheet: str
    cell: str
    kind: str
    text: str


def open_workbook(data: bytes, file: str) -> zipfile.ZipFile:
    """Return the archive of a workbook after all checks that need no sheet to be understood.

    Raises:
        SourceError: P003 too large, P009 not a workbook or one with macros, P010 a zip bomb.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        _refuse("P009", "this is an old or a locked workbook; save it as .xlsx", file)
    if len(data) > MOST_FILE_BYTES:
        _refuse("P003", f"the file has {len(data):,} bytes; at most {MOST_FILE_BYTES:,}", file)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError):
        _refuse("P009", "this is not an XLSX workbook; save it as .xlsx from a spreadsheet", file)
    _refuse_bomb(archive, len(data), file)
    names = archive.namelist()
    if "xl/workbook.xml" not in names:
        _refuse("P009", "the archive holds no workbook; save it as .xlsx from a spreadsheet", file)
    if any(name.lower().endswith(("vbaproject.bin", ".xlm")) for name in names) or any(
        name.startswith("xl/macrosheets/") for name in names
    ):
        _refuse("P009", "the workbook holds macros; save it as .xlsx without them", file)
    return archive


def _refuse(code: str, message: str, file: str) -> NoReturn:
    raise SourceError(message, code=code, where=file)


def _refuse_bomb(archive: zipfile.ZipFile, packed_bytes: int, file: str) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        _refuse("P010", f"the archive has {len(entries)} parts; at most {MOST_ENTRIES}", file)
    total = sum(entry.file_size for entry in entries)
    ratio = total / max(1, packed_bytes)
    if total > MOST_UNPACKED_BYTES or (total > RATIO_MATTERS_ABOVE_BYTES and ratio > MOST_RATIO):
        _refuse(
            "P010",
            f"the archive would unpack to {total:,} bytes ({ratio:,.0f} times its size); "
            "this is no ordinary workbook and is not opened",
            file,
        )
    try:
        # reads every part up to its declared size and compares check sums, so that a part that
        # declares less than it holds is found here and not by the reader
        damaged = archive.testzip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        _refuse("P009", f"the archive is damaged or locked ({error}); save the file anew", file)
    if damaged:
        _refuse("P009", f"part {damaged} of the archive is damaged; save the file anew", file)


def sheet_parts(archive: zipfile.ZipFile, file: str) -> dict[str, str]:
    """Return sheet name → name of its part in the archive."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        book = fromstring(archive.read("xl/workbook.xml"))
        links = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (ParseError, DefusedXmlException, KeyError) as error:
        _refuse("P009", f"the workbook's list of sheets cannot be read ({error})", file)
    targets = {link.get("Id"): str(link.get("Target")) for link in links}
    parts = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        link_id = next(
            (value for name, value in element.attrib.items() if name.endswith("}id")), None
        )
        target = targets.get(link_id, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        parts[str(element.get("name"))] = part
    return parts


def oddities(archive: zipfile.ZipFile, sheet: str, part: str, file: str) -> Iterator[Oddity]:
    """Yield formulas, merged cells and error values of a sheet."""
    try:
        data = archive.read(part)
    except KeyError:
        _refuse("P009", f"sheet {sheet} is missing in the archive; save the file anew", file)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:200]:
        _refuse("P009", f"sheet {sheet} is not UTF-8 XML; save the file anew", file)
    if not any(pattern.search(data) for pattern in (_FORMULA, _MERGED, _ERROR_CELL)):
        return
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    try:
        for _event, element in iterparse(io.BytesIO(data), events=("end",)):
            tag = element.tag.rpartition("}")[2]
            if tag == "mergeCell":
                area = str(element.get("ref"))
                yield Oddity(sheet, area.split(":")[0], "merged", area)
            elif tag == "c":
                yield from _odd_cell(sheet, element)
                element.clear()
    except (ParseError, DefusedXmlException) as error:
        _refuse("P009", f"sheet {sheet} cannot be read ({error}); save the file anew", file)


def _odd_cell(sheet: str, element: object) -> Iterator[Oddity]:
    cell = str(element.get("r", "?"))  # type: ignore[attr-defined]
    for child in element:  # type: ignore[attr-defined]
        tag = child.tag.rpartition("}")[2]
        if tag == "f":
            yield Oddity(sheet, cell, "formula", f"={child.text or '…'}")
        elif tag == "v" and element.get("t") == "e":  # type: ignore[attr-defined]
            yield Oddity(sheet, cell, "error", child.text or "")
