"""A raw table → a frame of the declared types, with a problem for each cell that has none."""

from __future__ import annotations

from collections import Counter
from typing import Any

import dataframely as dy
import polars as pl

from coproduce.records.errors import Issue
from coproduce.records.validate import ROW
from coproduce.records.validate_words import shown, suggestion
from coproduce.sources import numbers
from coproduce.sources.problems import Problems
from coproduce.sources.raw import RawTable

TRUE_WORDS = ("true", "yes", "1", "да", "истина")
FALSE_WORDS = ("false", "no", "0", "нет", "ложь")
NUMBER_KINDS = ("number", "year", "count")
MIDNIGHT = r"[ T]00:00:00$"
ISO_DAY = r"^\d{4}-\d{2}-\d{2}$"
RUSSIAN_DAY = r"^(\d{2})\.(\d{2})\.(\d{4})$"
INJECTION = r"^[=@]|^[+-].*\|.*!"
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def typed(raw: RawTable, schema: type[dy.Schema], problems: Problems) -> pl.DataFrame | None:
    """Return the table in declared types and order with its row numbers, or None.

    Args:
        raw: the table as it lies in its file.
        schema: its declaration.
        problems: gets a problem for each bad header cell or cell and a warning for each deviation.

    Returns:
        Frame with the declared columns and ``ROW``; a cell that is not understood is null
        and ``problems`` says so. None if the header is wrong, since cells then have no meaning.
    """
    declared = schema.columns()
    if not _check_header(raw, declared, problems):
        return None
    position = {name: str(number) for number, name in enumerate(raw.header) if name}
    text = raw.cells.select(
        (pl.col(position[name]) if name in position else pl.lit(None, pl.String)).alias(name)
        for name in declared
    ).with_columns(raw.row_numbers.alias(ROW).cast(pl.UInt32))
    text = _without_dangers(raw, text, problems)
    style = numbers.style_of(
        text[name] for name, column in declared.items() if _kind(column) in NUMBER_KINDS
    )
    _say_style(raw, style, problems)
    return text.select(
        *(_column(raw, text, name, column, style, problems) for name, column in declared.items()),
        ROW,
    )


def _kind(column: dy.Column) -> str:
    return str((column.metadata or {}).get("kind", "text"))


def _check_header(raw: RawTable, declared: dict[str, dy.Column], problems: Problems) -> bool:
    found: list[Issue] = []
    for name, times in Counter(raw.header).items():
        if name and times > 1:
            message = f"the header names this column {times} times; keep one of them"
            found.append(raw.issue("P021", message, row=1, column=name))
        if name and name not in declared:
            hint = suggestion(name, [word for word in declared if word not in raw.header])
            message = f"no such column in table {raw.table}.{hint} Rename or remove it"
            found.append(raw.issue("P022", message, row=1, column=name, value=name))
    for number, name in enumerate(raw.header):
        if not name and raw.cells[str(number)].is_not_null().any():
            message = f"column {number + 1} has cells but no name; name or empty it"
            found.append(raw.issue("P020", message, row=1))
    for name, column in declared.items():
        if name not in raw.header and not column.nullable:
            meaning = (column.metadata or {}).get("meaning", "")
            message = f"this column is missing; add it ({meaning})"
            found.append(raw.issue("P023", message, row=1, column=name))
    problems.extend(found)
    return not found


def _without_dangers(raw: RawTable, text: pl.DataFrame, problems: Problems) -> pl.DataFrame:
    """Report formulas and control characters in text cells and empty those cells."""
    names = [name for name in text.columns if name != ROW]
    for pattern, code, what in (
        (INJECTION, "P040", "looks like a formula; write its value, or put a word in front"),
        (CONTROL, "P046", "holds a control character that cannot be seen; type the cell anew"),
    ):
        has_any = text.select(pl.col(names).str.contains(pattern).any()).row(0)
        for name, is_bad in zip(names, has_any, strict=True):
            if not is_bad:
                continue
            bad = pl.col(name).str.contains(pattern)
            for row, value in text.filter(bad).select(ROW, name).iter_rows():
                _add(problems, raw, code, name, row, value, f"the cell {shown(value)} {what}")
            text = text.with_columns(pl.when(~bad).then(pl.col(name)).alias(name))
    return text


def _say_style(raw: RawTable, style: numbers.NumberStyle, problems: Problems) -> None:
    notes = []
    if style.has_decimal_comma:
        notes.append(("P092", "decimal comma", "the point"))
    if style.has_thousands_spaces:
        notes.append(("P093", "spaces between thousands", "no spaces"))
    if style.has_long_minus:
        notes.append(("P096", "the long minus U+2212", "the plain minus"))
    for code, what, usual in notes:
        message = (
            f"numbers are read with {what}, for example {shown(style.example)}; "
            f"{usual} is expected, and is what we write"
        )
        problems.add(raw.issue(code, message, value=style.example, is_warning=True))


def _column(
    raw: RawTable,
    text: pl.DataFrame,
    name: str,
    column: dy.Column,
    style: numbers.NumberStyle,
    problems: Problems,
) -> pl.Series:
    """Return one column in its type; what is not understood becomes null and a problem."""
    kind = _kind(column)
    if kind in NUMBER_KINDS:
        return _numbers(raw, text, name, column, style, problems)
    if kind == "flag":
        return _flags(raw, text, name, problems)
    if kind == "date":
        return _days(raw, text, name, problems)
    if kind == "loose date":
        return _loose_days(raw, text, name, problems)
    return text[name]


def _numbers(
    raw: RawTable,
    text: pl.DataFrame,
    name: str,
    column: dy.Column,
    style: numbers.NumberStyle,
    problems: Problems,
) -> pl.Series:
    is_whole = _kind(column) != "number"
    cell = pl.col(name)
    value = numbers.parsed(cell)
    doubtful = numbers.is_doubtful(cell, style)
    read = text.select(
        ROW,
        cell=cell,
        value=value,
        is_doubtful=doubtful,
        is_text=cell.is_not_null() & value.is_null(),
        is_broken=pl.lit(is_whole) & (value != value.round()),
        is_huge=pl.lit(is_whole) & (value.abs() > 2**31 - 1),
    ).with_columns(
        is_bad=pl.any_horizontal("is_doubtful", "is_text", "is_broken", "is_huge").fill_null(
            value=False
        )
    )
    unit = (column.metadata or {}).get("unit", "")
    for row in read.filter("is_bad").iter_rows(named=True):
        code, message = _number_message(row, str(row["cell"]), unit)
        _add(problems, raw, code, name, row[ROW], row["cell"], message)
    kept = read.select(pl.when(~pl.col("is_bad")).then(pl.col("value")).alias(name))[name]
    # adding zero turns -0.0 into 0.0, so that both have one canonical form
    return (kept + 0.0).cast(column.dtype)


def _number_message(row: dict[str, Any], value: str, unit: str) -> tuple[str, str]:
    if row["is_doubtful"]:
        whole, part = value.replace(",", ".").split(".")
        return "P031", (
            f"{shown(value)} can be read as {whole}.{part} or as {whole}{part}; "
            f"write {whole}.{part} (and no decimal commas in this table) "
            f"or {whole}{part}, whichever is meant"
        )
    if row["is_text"]:
        percent = " and shares as 0.05, not 5 %" if "%" in value else ""
        return "P030", (
            f"{shown(value)} is not a number; write digits with a decimal point, "
            f"for example 1234.5{percent} (unit: {unit})"
        )
    if row["is_broken"]:
        return "P032", f"{shown(value)} is not a whole number; write one without decimals"
    return "P036", f"{shown(value)} is too large for a whole number here"


def _flags(raw: RawTable, text: pl.DataFrame, name: str, problems: Problems) -> pl.Series:
    word = pl.col(name).str.to_lowercase()
    flag = (
        pl.when(word.is_in(TRUE_WORDS))
        .then(pl.lit(value=True))
        .when(word.is_in(FALSE_WORDS))
        .then(pl.lit(value=False))
    )
    _bad_cells(
        raw, text, name, flag, problems, "P034", "is neither yes nor no; write true or false"
    )
    return text.select(flag.alias(name))[name]


def _days(raw: RawTable, text: pl.DataFrame, name: str, problems: Problems) -> pl.Series:
    cell = _iso(raw, text, name, problems)
    day = cell.str.to_date("%Y-%m-%d", strict=False)
    checked = pl.when(cell.str.contains(ISO_DAY)).then(day)
    hint = "is not a date of the calendar; write year-month-day, for example 2026-11-20"
    _bad_cells(raw, text, name, checked, problems, "P033", hint)
    return text.select(checked.alias(name))[name]


def _loose_days(raw: RawTable, text: pl.DataFrame, name: str, problems: Problems) -> pl.Series:
    cell = _iso(raw, text, name, problems)
    padded = (
        pl.when(cell.str.contains(r"^\d{4}$"))
        .then(cell + "-01-01")
        .when(cell.str.contains(r"^\d{4}-\d{2}$"))
        .then(cell + "-01")
        .otherwise(cell)
    )
    is_day = (
        padded.str.contains(ISO_DAY) & padded.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    )
    checked = pl.when(is_day).then(cell)
    hint = "is not a date; write 2026, 2026-11 or 2026-11-20, as exact as is known"
    _bad_cells(raw, text, name, checked, problems, "P033", hint)
    return text.select(checked.alias(name))[name]


def _iso(raw: RawTable, text: pl.DataFrame, name: str, problems: Problems) -> pl.Expr:
    """Return cells with ``20.11.2026`` and a spreadsheet's midnight turned to ISO 8601."""
    dotted = text.filter(pl.col(name).str.contains(RUSSIAN_DAY))
    if not dotted.is_empty():
        value = str(dotted[name][0])
        message = f"dates are read as day.month.year, for example {shown(value)}; write ISO 8601"
        problems.add(raw.issue("P095", message, column=name, value=value, is_warning=True))
    cell = pl.col(name).str.replace(MIDNIGHT, "")
    return cell.str.replace(RUSSIAN_DAY, "${3}-${2}-${1}")


def _bad_cells(
    raw: RawTable,
    text: pl.DataFrame,
    name: str,
    value: pl.Expr,
    problems: Problems,
    code: str,
    hint: str,
) -> None:
    bad = text.filter(pl.col(name).is_not_null() & value.is_null())
    for row, cell in bad.select(ROW, name).iter_rows():
        _add(problems, raw, code, name, row, cell, f"{shown(cell)} {hint}")


def _add(
    problems: Problems, raw: RawTable, code: str, column: str, row: int, value: str, message: str
) -> None:
    problems.add(raw.issue(code, message, row=row, column=column, value=value))
