"""plan.xlsx: a sheet per table with units in the head, and sheets to read them by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from coproduce.records.handover import LAW_TABLES, OTHER_TABLES, PLAN_TABLES
from coproduce.records.tables import TABLES
from coproduce.report.context import Context

LONGEST_NAME = 31
MOST_ROWS = 2000
"""Longer tables of rooms and law stay in Parquet; the readme sheet names them."""
_ALWAYS = ("plan_", "programme_")
WIDEST_COLUMN = 42
PARQUET_FOLDER = "tables/"
_SCHEMAS = {**OTHER_TABLES, **LAW_TABLES, **PLAN_TABLES, **TABLES}
_SUFFIX_UNITS = {"_mn": "base mn", "_share": "share", "_years": "year", "_mn_packs": "mn packs"}


def write_workbook(path: Path, ctx: Context, tables: Mapping[str, pl.DataFrame]) -> Path:
    """Write the workbook and return its path.

    Args:
        path: file to write.
        ctx: run and words.
        tables: exported name → frame; each becomes a sheet of that name.
    """
    import xlsxwriter

    kept = {
        name: frame
        for name, frame in tables.items()
        if frame.height <= MOST_ROWS or name.startswith(_ALWAYS)
    }
    options = {
        "constant_memory": False,
        "nan_inf_to_errors": True,
        "strings_to_urls": False,
        "strings_to_formulas": False,
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_calc_mode("auto")
        formats = {
            "head": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            ),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        names = _sheet_names([*_FIRST, *kept])
        _readme(book, formats, ctx, tables, names)
        figures = _figures(ctx)
        _sheet(book, formats, names["figures"], figures, {})
        for name, frame in _ordered(kept).items():
            _sheet(book, formats, names[name], frame, _units(name))
    return path


_FIRST = ("readme", "figures")


def _ordered(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Put the plan first, then the origins, then the rooms, then the programme and the law."""

    def place(name: str) -> int:
        if name.startswith("plan_"):
            return 0
        if name == "programme_origins":
            return 1
        return 3 if name.startswith(("programme_", "law_", "alone_")) else 2

    return {name: tables[name] for name in sorted(tables, key=lambda n: (place(n), n))}


def _sheet_names(names: list[str]) -> dict[str, str]:
    """Return sheet names within Excel's 31 characters, each different."""
    found: dict[str, str] = {}
    for name in names:
        short = name[:LONGEST_NAME]
        number = 2
        while short in found.values():
            short = f"{name[: LONGEST_NAME - 2]}~{number}"
            number += 1
        found[name] = short
    return found


def _units(name: str) -> dict[str, str]:
    """Return column → unit of a declared table; other tables say it in their column names."""
    schema = _SCHEMAS.get(name.split("_", 1)[-1]) or _SCHEMAS.get(name)
    if schema is None:
        return {}
    return {
        column: str((declared.metadata or {}).get("unit", ""))
        for column, declared in schema.columns().items()
    }


def _unit(column: str, units: Mapping[str, str]) -> str:
    if units.get(column):
        return units[column]
    return next((unit for end, unit in _SUFFIX_UNITS.items() if column.endswith(end)), "")


def _sheet(
    book: Any, formats: Mapping[str, Any], name: str, frame: pl.DataFrame, units: Mapping[str, str]
) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for position, (column, values) in enumerate(frame.to_dict(as_series=False).items()):
        unit = _unit(column, units)
        head = f"{column}, {unit}" if unit else column
        sheet.write_string(0, position, head, formats["head"])
        sheet.set_column(position, position, _width(head, values))
        _write_column(sheet, position, values, formats["date"])
    if frame.height and frame.width:
        sheet.autofilter(0, 0, frame.height, frame.width - 1)


def _write_column(sheet: Any, position: int, values: list[Any], date_format: Any) -> None:
    for row, value in enumerate(values, start=1):
        if value is None:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(row, position, value)
        elif isinstance(value, int | float):
            sheet.write_number(row, position, value)
        elif isinstance(value, date):
            sheet.write_datetime(row, position, value, date_format)
        else:
            sheet.write_string(row, position, str(value))


def _width(head: str, values: list[Any]) -> float:
    longest = max((len(str(value)) for value in values[:200] if value is not None), default=0)
    return min(WIDEST_COLUMN, max(9, min(len(head), 24), longest) + 1)


def _figures(ctx: Context) -> pl.DataFrame:
    figures = ctx.register.figures.values()
    return pl.DataFrame(
        {
            "figure_id": [f.figure_id for f in figures],
            "label_en": [f.label_en for f in figures],
            "label_ru": [f.label_ru for f in figures],
            "value": [f.value for f in figures],
            "low": [f.low for f in figures],
            "high": [f.high for f in figures],
            "unit": [f.unit for f in figures],
            "status": [f.status for f in figures],
            "method": [f.method for f in figures],
            "note": [f.note for f in figures],
            "parts": ["; ".join(f.parts) for f in figures],
            "rows": ["; ".join(f.rows)[:32000] for f in figures],
            "rules": ["; ".join(f.rules) for f in figures],
        },
        schema_overrides={"value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    )


def _readme(
    book: Any,
    formats: Mapping[str, Any],
    ctx: Context,
    tables: Mapping[str, pl.DataFrame],
    names: Mapping[str, str],
) -> None:
    sheet = book.add_worksheet(names["readme"])
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 90)
    settings, texts = ctx.programme.settings, ctx.texts
    title = settings.title.get(texts.lang) or settings.programme_id
    sheet.write_string(0, 0, title, formats["title"])
    lines = (
        texts(
            "instant",
            instant=settings.rule_instant.isoformat(),
            programme=settings.programme_id,
            first=settings.first_year,
            last=settings.last_year,
        ),
        texts("xlsx.money", currency=settings.currency, prices=texts.prices()),
        texts("legend.how"),
        *(
            f"{mark}: {texts(f'legend.{mark}')}"
            for mark in ("observed", "estimated", "assumed", "synthetic")
        ),
    )
    for row, line in enumerate(lines, start=2):
        sheet.write_string(row, 0, line)
    start = len(lines) + 3
    for position, key in enumerate(("xlsx.sheet", "xlsx.rows", "xlsx.holds")):
        sheet.write_string(start, position, texts(key), formats["head"])
    listed = [(names["figures"], len(ctx.register.figures), texts("xlsx.figures"))]
    listed += [
        (names.get(name, f"{PARQUET_FOLDER}{name}.parquet"), frame.height, _holds(name))
        for name, frame in _ordered(tables).items()
    ]
    for row, (name, count, holds) in enumerate(listed, start=start + 1):
        if name.startswith(PARQUET_FOLDER):
            sheet.write_string(row, 0, name)
        else:
            sheet.write_url(row, 0, f"internal:'{name}'!A1", string=name)
        sheet.write_number(row, 1, count)
        sheet.write_string(row, 2, holds)


def _holds(name: str) -> str:
    """Return what a table holds: the first line of its schema, where it is declared."""
    schema = _SCHEMAS.get(name.split("_", 1)[-1]) or _SCHEMAS.get(name)
    return (schema.__doc__ or "").strip().splitlines()[0] if schema and schema.__doc__ else ""
