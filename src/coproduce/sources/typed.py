"""A raw table → a frame of the declared types, with a problem for each cell that has none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

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
DATE_KINDS = ("date", "loose date")
LARGEST_WHOLE = 2**31 - 1
MIDNIGHT = r"[ T]00:00:00$"
ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
DOTTED_DAY = r"^([0-9]{2})\.([0-9]{2})\.([0-9]{4})$"
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
    readings = {name: _reading(name, column, style) for name, column in declared.items()}
    doubts = text.select(reading.is_bad.any().alias(name) for name, reading in readings.items())
    for name, has_bad in zip(declared, doubts.row(0), strict=True):
        if has_bad:
            _report(raw, text, name, declared[name], style, readings[name], problems)
        if _kind(declared[name]) in DATE_KINDS:
            _say_dotted(raw, text, name, problems)
    return text.select(*(reading.value.alias(name) for name, reading in readings.items()), ROW)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a column is read: its typed values, null where bad, and which cells are bad."""

    value: pl.Expr
    is_bad: pl.Expr
    code: str = ""
    hint: str = ""


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


DANGERS = (
    (INJECTION, "P040", "looks like a formula; write its value, or put a word in front"),
    (CONTROL, "P046", "holds a control character that cannot be seen; type the cell anew"),
)


def _without_dangers(raw: RawTable, text: pl.DataFrame, problems: Problems) -> pl.DataFrame:
    """Report formulas and control characters in cells and empty those cells."""
    names = [name for name in text.columns if name != ROW]
    either = f"{INJECTION}|{CONTROL}"
    has_any = text.select(pl.col(names).str.contains(either).any()).row(0)
    for name, is_bad in zip(names, has_any, strict=True):
        if not is_bad:
            continue
        for pattern, code, what in DANGERS:
            bad = text.filter(pl.col(name).str.contains(pattern))
            for row, value in bad.select(ROW, name).iter_rows():
                message = f"the cell {shown(value)} {what}"
                problems.add(raw.issue(code, message, row=row, column=name, value=value))
        safe = ~pl.col(name).str.contains(either)
        text = text.with_columns(pl.when(safe).then(pl.col(name)).alias(name))
    return text


def _say_style(raw: RawTable, style: numbers.NumberStyle, problems: Problems) -> None:
    for code, example, what, usual in (
        ("P092", style.decimal_comma, "a decimal comma", "a decimal point"),
        ("P093", style.thousands_spaces, "spaces between thousands", "a plain row of digits"),
        ("P096", style.long_minus, "the long minus U+2212", "the plain minus"),
    ):
        if example is not None:
            message = (
                f"numbers are read with {what}, for example {shown(example)}; "
                f"{usual} is expected, and is what we write"
            )
            problems.add(raw.issue(code, message, value=example, is_warning=True))


def _reading(name: str, column: dy.Column, style: numbers.NumberStyle) -> _Reading:
    kind, cell = _kind(column), pl.col(name)
    if kind in NUMBER_KINDS:
        value, is_bad = numbers.parsed(cell), _is_bad_number(cell, column, style)
        # adding zero turns -0.0 into 0.0, so that both have one canonical form
        good = (pl.when(~is_bad).then(value) + 0.0).cast(column.dtype)
        return _Reading(good, is_bad)
    if kind == "flag":
        return _judged(cell, _flag(cell), "P034", "is neither yes nor no; write true or false")
    if kind == "date":
        hint = "is not a date of the calendar; write year-month-day, for example 2026-11-20"
        return _judged(cell, _day(_iso(cell)), "P033", hint)
    if kind == "loose date":
        hint = "is not a date; write 2026, 2026-11 or 2026-11-20, as exact as is known"
        return _judged(cell, _loose_day(_iso(cell)), "P033", hint)
    return _Reading(cell, pl.lit(value=False))


def _judged(cell: pl.Expr, value: pl.Expr, code: str, hint: str) -> _Reading:
    return _Reading(value, cell.is_not_null() & value.is_null(), code, hint)


def _is_bad_number(cell: pl.Expr, column: dy.Column, style: numbers.NumberStyle) -> pl.Expr:
    value = numbers.parsed(cell)
    is_bad = numbers.is_doubtful(cell, style) | (cell.is_not_null() & value.is_null())
    if _kind(column) != "number":
        is_bad = is_bad | (value != value.round()) | (value.abs() > LARGEST_WHOLE)
    return is_bad.fill_null(value=False)


def _report(
    raw: RawTable,
    text: pl.DataFrame,
    name: str,
    column: dy.Column,
    style: numbers.NumberStyle,
    reading: _Reading,
    problems: Problems,
) -> None:
    """Report each cell of a column that could not be read."""
    cell = pl.col(name)
    bad = text.filter(reading.is_bad).select(
        ROW, cell, numbers.parsed(cell).alias("read"), numbers.is_doubtful(cell, style).alias("?")
    )
    unit = (column.metadata or {}).get("unit", "")
    for row, value, number, is_doubtful in bad.iter_rows():
        code, message = reading.code, f"{shown(value)} {reading.hint}"
        if not code:
            code, message = _number_message(value, number, unit, is_doubtful=is_doubtful)
        problems.add(raw.issue(code, message, row=row, column=name, value=value))


def _number_message(
    value: str, number: float | None, unit: str, *, is_doubtful: bool
) -> tuple[str, str]:
    if is_doubtful:
        whole, part = value.replace(",", ".").split(".")
        return "P031", (
            f"{shown(value)} can be read as {whole}.{part} or as {whole}{part}; "
            f"write {whole}.{part} (and no decimal commas in this table) "
            f"or {whole}{part}, whichever is meant"
        )
    if number is None:
        percent = " and shares as 0.05, not 5 %" if "%" in value else ""
        return "P030", (
            f"{shown(value)} is not a number; write digits with a decimal point, "
            f"for example 1234.5{percent} (unit: {unit})"
        )
    if number != round(number):
        return "P032", f"{shown(value)} is not a whole number; write one without decimals"
    return "P036", f"{shown(value)} is too large; at most {LARGEST_WHOLE} is allowed here"


def _flag(cell: pl.Expr) -> pl.Expr:
    word = cell.str.to_lowercase()
    return (
        pl.when(word.is_in(TRUE_WORDS))
        .then(pl.lit(value=True))
        .when(word.is_in(FALSE_WORDS))
        .then(pl.lit(value=False))
    )


def _day(cell: pl.Expr) -> pl.Expr:
    return pl.when(cell.str.contains(ISO_DAY)).then(cell.str.to_date("%Y-%m-%d", strict=False))


def _loose_day(cell: pl.Expr) -> pl.Expr:
    """Return the cell where it is the start of a date of the calendar, else null."""
    padded = (
        pl.when(cell.str.contains(r"^[0-9]{4}$"))
        .then(cell + "-01-01")
        .when(cell.str.contains(r"^[0-9]{4}-[0-9]{2}$"))
        .then(cell + "-01")
        .otherwise(cell)
    )
    return pl.when(_day(padded).is_not_null()).then(cell)


def _iso(cell: pl.Expr) -> pl.Expr:
    """Return cells with ``20.11.2026`` and a spreadsheet's midnight turned to ISO 8601."""
    return cell.str.replace(MIDNIGHT, "").str.replace(DOTTED_DAY, "${3}-${2}-${1}")


def _say_dotted(raw: RawTable, text: pl.DataFrame, name: str, problems: Problems) -> None:
    dotted = text.filter(pl.col(name).str.contains(DOTTED_DAY))[name]
    if not dotted.is_empty():
        value = str(dotted[0])
        message = f"dates are read as day.month.year, for example {shown(value)}; write ISO 8601"
        problems.add(raw.issue("P095", message, column=name, value=value, is_warning=True))
