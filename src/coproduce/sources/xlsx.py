"""A programme as one workbook: the sheet `programme` with settings and one sheet per table."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import polars as pl

from coproduce.records.errors import Issue, LoadError, SourceError
from coproduce.records.programme import Programme, Settings
from coproduce.records.tables import TABLES
from coproduce.records.validate import SETTINGS_FILE
from coproduce.records.validate_words import suggestion
from coproduce.sources import guard, numbers
from coproduce.sources import settings as settings_file
from coproduce.sources.assemble import assemble
from coproduce.sources.canonical import canonical_text
from coproduce.sources.folder import refuse_formulas, written_order
from coproduce.sources.problems import Problems
from coproduce.sources.raw import RawTable, from_frame

SETTINGS_SHEET = "programme"
README_SHEET = "readme"
ODDITY_WORDS = {
    "formula": ("P040", "holds a formula; paste its value, since a formula's value can be stale"),
    "error": ("P041", "holds an error value; correct it"),
    "merged": ("P042", "is merged with others; split the merged cells"),
}
ROUNDING = 5.1e-10
"""Text cells of the reader are rounded to nine decimals; the number itself is taken then."""


def read_xlsx(path: Path, *, known_regimes: Collection[str] | None = None) -> Programme:
    """Return the programme in a workbook.

    Args:
        path: an XLSX file.
        known_regimes: tax regimes that the rules know; None: not checked.

    Raises:
        LoadError: every problem found in any sheet; nothing is loaded then.
    """
    problems = Problems()
    try:
        return _read(path, problems, known_regimes)
    except SourceError as error:
        raise LoadError([Issue(error.code, error.message, file=path.name)]) from None


def _read(path: Path, problems: Problems, known_regimes: Collection[str] | None) -> Programme:
    import fastexcel

    file = path.name
    if path.suffix.lower() != ".xlsx":
        what = "a workbook with macros" if path.suffix.lower() == ".xlsm" else "not an .xlsx file"
        raise SourceError(f"this is {what}; save it as .xlsx", code="P009", where=file)
    if path.stat().st_size > guard.MOST_FILE_BYTES:
        raise SourceError(
            f"the file is larger than {guard.MOST_FILE_BYTES:,} bytes", code="P003", where=file
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"the file cannot be read ({error.strerror}); look at its permissions"
        raise SourceError(message, code="P001", where=file) from None
    archive = guard.open_workbook(data, file)
    parts = guard.sheet_parts(archive, file)
    _name_strangers(parts, file, problems)
    try:
        book = fastexcel.read_excel(data)
    except fastexcel.FastExcelError as error:
        raise SourceError(
            f"the workbook cannot be read ({error})", code="P009", where=file
        ) from None
    if SETTINGS_SHEET in parts:
        _report_oddities(archive, SETTINGS_SHEET, parts[SETTINGS_SHEET], file, problems)
    raws: dict[str, RawTable] = {}
    unreadable: set[str] = set()
    for table in TABLES:
        if table not in parts:
            continue
        _report_oddities(archive, table, parts[table], file, problems)
        raw = _raw(book, table, file, problems)
        if raw is None:
            unreadable.add(table)
        else:
            raws[table] = raw
    return assemble(
        raws,
        _settings(book, parts, file, problems),
        problems,
        unreadable=unreadable,
        settings_place=(file, SETTINGS_SHEET),
        missing_in=file,
        known_regimes=known_regimes,
        readme=_readme(book, parts),
    )


def _name_strangers(parts: dict[str, str], file: str, problems: Problems) -> None:
    for sheet in parts:
        if sheet in TABLES or sheet in (SETTINGS_SHEET, README_SHEET):
            continue
        allowed = [*TABLES, SETTINGS_SHEET, README_SHEET]
        hint = suggestion(sheet.lower(), allowed) or f" Tables are: {', '.join(TABLES)}."
        message = f"no table has this name.{hint} Rename or remove the sheet"
        problems.add(Issue("P007", message, file=file, sheet=sheet, value=sheet))


def _report_oddities(
    archive: zipfile.ZipFile, sheet: str, part: str, file: str, problems: Problems
) -> None:
    for odd in guard.oddities(archive, sheet, part, file):
        code, words = ODDITY_WORDS[odd.kind]
        row = re.search(r"\d+", odd.cell)
        problems.add(
            Issue(
                code,
                f"cell {odd.cell} {words} ({odd.text})",
                file=file,
                sheet=sheet,
                row=int(row[0]) if row else None,
                column=re.sub(r"\d", "", odd.cell),
                value=odd.text,
            )
        )


def _raw(book: Any, table: str, file: str, problems: Problems) -> RawTable | None:
    cells = _cells(book, table)
    if cells.is_empty() or all(cell is None for cell in cells.row(0)):
        message = "row 1 is empty; it must name the columns"
        problems.add(Issue("P020", message, file=file, sheet=table, row=1))
        return None
    header = tuple(str(cell or "").strip() for cell in cells.row(0))
    rows = cells.slice(1)
    declared = TABLES[table].columns()
    wanted = [
        number
        for number, name in enumerate(header)
        if name in declared and (declared[name].metadata or {}).get("kind") == "number"
    ]
    if wanted and rows.height:
        rows = _with_exact_numbers(book, table, rows, wanted)
    return from_frame(table, file, table, header, rows)


def _load(book: Any, sheet: str, dtypes: Any) -> pl.DataFrame:
    import fastexcel

    try:
        loaded = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=dtypes)
        frame: pl.DataFrame = loaded.to_polars()
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        message = f"sheet {sheet} cannot be read ({reason}); save the file anew"
        raise SourceError(message, code="P009") from None
    return frame


def _cells(book: Any, sheet: str) -> pl.DataFrame:
    frame = _load(book, sheet, "string")
    return frame.select(
        pl.col(name).cast(pl.String).alias(str(number))
        for number, name in enumerate(frame.columns)
    )


def _with_exact_numbers(
    book: Any, sheet: str, rows: pl.DataFrame, wanted: list[int]
) -> pl.DataFrame:
    """Return rows with all digits of numeric cells, which as text come rounded."""
    loaded = _load(book, sheet, dict.fromkeys(wanted, "float"))
    exact = loaded.select(
        pl.nth(number).alias(f"exact {number}")
        for number in wanted
        if loaded.dtypes[number] == pl.Float64
    ).slice(1)
    made = []
    for name in exact.columns:
        column = name.removeprefix("exact ")
        rounded = numbers.parsed(pl.col(column))
        is_same = ((pl.col(name) - rounded).abs() <= ROUNDING) & pl.col(column).str.contains(
            numbers.PLAIN
        )
        text = (pl.col(name) + 0.0).cast(pl.String).str.replace(r"\.0$", "")
        made.append(pl.when(is_same).then(text).otherwise(pl.col(column)).alias(column))
    return pl.concat([rows, exact], how="horizontal").with_columns(made).select(rows.columns)


def _settings(book: Any, parts: dict[str, str], file: str, problems: Problems) -> Settings | None:
    if SETTINGS_SHEET not in parts:
        message = f"sheet {SETTINGS_SHEET} is missing; it holds the rows of {SETTINGS_FILE}"
        problems.add(Issue("P002", message, file=file, sheet=SETTINGS_SHEET))
        return None
    pairs: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, row in enumerate(_cells(book, SETTINGS_SHEET).iter_rows(), start=1):
        key, value = (*row, None, None)[:2]
        if number == 1 or key is None or not value:
            continue
        if key in pairs:
            message = f"the key stands in row {lines[key]} already; keep one"
            problems.add(Issue("P013", message, file, SETTINGS_SHEET, number, key))
        pairs[key], lines[key] = value, number
    return settings_file.parse_flat(pairs, lines, file, SETTINGS_SHEET, problems)


def _readme(book: Any, parts: dict[str, str]) -> str:
    if README_SHEET not in parts:
        return ""
    rows = _cells(book, README_SHEET)
    if rows.is_empty():
        return ""
    return "\n".join(str(line or "") for line in rows[rows.columns[0]]) + "\n"


class _Exact(float):
    """A number that a workbook gets with all its digits; the writer would cut them to 16."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def write_xlsx(programme: Programme, path: Path) -> None:
    """Write a programme as a workbook; reading it gives the same programme.

    Args:
        programme: what to write.
        path: the file; one that is there is replaced.

    Raises:
        DataError: if a text begins like a formula; code P040. Nothing is written then.
    """
    import xlsxwriter

    for table, frame in programme.tables.items():
        refuse_formulas(canonical_text(frame), table)
    with xlsxwriter.Workbook(str(path)) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(SETTINGS_SHEET)
        sheet.write_row(0, 0, ("key", "value"), head)
        sheet.set_column(0, 1, 30)
        for number, (key, value) in enumerate(settings_file.to_flat(programme.settings), start=1):
            sheet.write_string(number, 0, key)
            _write(sheet, number, 1, value)
        if programme.readme:
            _write_readme(book, programme.readme)
        for table in TABLES:
            _write_table(book, table, programme[table], head)


def _write_readme(book: Any, readme: str) -> None:
    sheet = book.add_worksheet(README_SHEET)
    for number, line in enumerate(readme.removesuffix("\n").split("\n")):
        sheet.write_string(number, 0, line) if line else sheet.write_blank(number, 0, None)


def _write_table(book: Any, table: str, frame: pl.DataFrame, head: Any) -> None:
    sheet = book.add_worksheet(table)
    sheet.freeze_panes(1, 1)
    columns = TABLES[table].columns()
    for number, name in enumerate(written_order(table)):
        sheet.write_string(0, number, name, head)
        sheet.write_comment(0, number, comment(columns[name]), {"x_scale": 2})
        sheet.set_column(number, number, max(10, len(name) + 2))
        for row, value in enumerate(frame[name], start=1):
            _write(sheet, row, number, value)


def comment(column: Any) -> str:
    """Return what a header cell's comment says: meaning, unit and what is allowed."""
    facts = column.metadata or {}
    parts = [str(facts.get("meaning", ""))]
    if facts.get("unit"):
        parts.append(f"Unit: {facts['unit']}.")
    if facts.get("values"):
        parts.append(f"One of: {', '.join(facts['values'])}.")
    if facts.get("ref"):
        parts.append(f"Names a row of {facts['ref']}.")
    if column.nullable:
        parts.append("May be empty.")
    return "\n".join(parts)


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, _Exact(value) if isinstance(value, float) else value)
    else:
        sheet.write_string(row, column, str(value))
