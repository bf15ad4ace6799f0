"""Typed frames against their schemas: each broken rule of each row as a problem in words."""

from __future__ import annotations

import re
from functools import cache

import dataframely as dy
import polars as pl

from coproduce.records.validate import ROW
from coproduce.records.validate_words import shown, suggestion
from coproduce.sources.problems import Problems
from coproduce.sources.raw import RawTable

_CYRILLIC = re.compile("[А-Яа-яЁё]")


@cache
def _numbered(schema: type[dy.Schema]) -> type[dy.Schema]:
    """Return the schema with the row number as one more column."""
    return type(f"Numbered{schema.__name__}", (schema,), {ROW: dy.UInt32(nullable=True)})


def good_rows(
    raw: RawTable, frame: pl.DataFrame, schema: type[dy.Schema], problems: Problems
) -> pl.DataFrame:
    """Return the rows that keep every rule of the schema; each broken rule is a problem.

    A cell that the step before could not read is null by now and has been reported already, so a
    null is reported here only where the file's cell was empty.
    """
    good, failure = _numbered(schema).filter(frame)
    if good.height == frame.height:
        return good
    details = failure.details()
    rules = [name for name in details.columns if name not in frame.columns]
    for rule in rules:
        broken = details.filter(pl.col(rule) == "invalid")
        if not broken.is_empty():
            _report(raw, schema, rule, broken, problems)
    return good


def _report(
    raw: RawTable, schema: type[dy.Schema], rule: str, broken: pl.DataFrame, problems: Problems
) -> None:
    if rule == "primary_key":
        _report_keys(raw, schema, broken, problems)
        return
    name, _, kind = rule.partition("|")
    column = schema.columns()[name]
    for row, value in broken.select(ROW, name).iter_rows():
        if kind == "nullability" and _had_text(raw, name, row):
            continue
        code, message = _message(kind, value, column)
        cell = "" if value is None else _plain(value)
        problems.add(raw.issue(code, message, row=row, column=name, value=cell))


def _had_text(raw: RawTable, name: str, row: int) -> bool:
    if name not in raw.header:
        return False
    cells = raw.cells[str(raw.header.index(name))]
    return cells.filter(raw.row_numbers == row).is_not_null().any()


def _plain(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _message(kind: str, value: object, column: dy.Column) -> tuple[str, str]:
    facts = column.metadata or {}
    meaning = facts.get("meaning", "")
    cell = "" if value is None else _plain(value)
    if kind == "nullability":
        return "P035", f"the cell is empty but must be filled in ({meaning})"
    if kind in ("min", "max", "min_exclusive", "max_exclusive"):
        return "P036", _range_message(cell, column)
    if kind in ("inf", "nan"):
        return "P036", f"{shown(cell)} is not a finite number"
    if facts.get("kind") == "choice":
        words = facts["values"]
        listed = ", ".join(words)
        return "P037", f"{shown(cell)} is not one of {listed}.{suggestion(cell, words)}"
    return "P038", _pattern_message(cell, column)


def _range_message(cell: str, column: dy.Column) -> str:
    facts = column.metadata or {}
    low, high, above = facts.get("low"), facts.get("high"), facts.get("above")
    if facts.get("kind") == "year":
        low, high = 1990, 2100
    bounds = []
    if low is not None:
        bounds.append(f"at least {low:g}")
    if above is not None:
        bounds.append(f"above {above:g}")
    if high is not None:
        bounds.append(f"at most {high:g}")
    percent = " Write a share, 0.05 for 5 %." if facts.get("unit") == "share" else ""
    return (
        f"{cell} is out of range; allowed: {' and '.join(bounds)} "
        f"(unit: {facts.get('unit', '')}).{percent}"
    )


def _pattern_message(cell: str, column: dy.Column) -> str:
    facts = column.metadata or {}
    if facts.get("kind") == "identifier":
        strange = "".join(dict.fromkeys(_CYRILLIC.findall(cell)))
        cyrillic = f" It holds Cyrillic {strange}: type it with Latin letters." if strange else ""
        return (
            f"{shown(cell)} is not a short name: letters A–Z, digits and _ . + - are allowed, "
            f"the first one a letter or digit.{cyrillic}"
        )
    pattern = str(facts.get("pattern", ""))
    digits = re.fullmatch(r"\^\\d\{(\d+)\}\$", pattern)
    if digits:
        return (
            f"{shown(cell)} must have {digits[1]} digits, leading zeros included; "
            "format the column as text, spreadsheets cut the zeros"
        )
    return f"{shown(cell)} does not have the form {pattern} ({facts.get('meaning', '')})"


def _report_keys(
    raw: RawTable, schema: type[dy.Schema], broken: pl.DataFrame, problems: Problems
) -> None:
    """Report each repeated key once per later row, naming the row that has it first."""
    keys = schema.primary_key()
    filled = broken.drop_nulls(keys)
    repeated = filled.with_columns(first=pl.col(ROW).min().over(keys)).filter(
        pl.col(ROW) > pl.col("first")
    )
    for line in repeated.select(*keys, ROW, "first").iter_rows(named=True):
        key = " | ".join(str(line[name]) for name in keys)
        message = (
            f"the key {shown(key)} stands in row {line['first']} already; "
            f"{', '.join(keys)} must be different in every row"
        )
        problems.add(raw.issue("P039", message, row=line[ROW], column=", ".join(keys), value=key))
