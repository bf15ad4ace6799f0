"""What a page is made of, before it is HTML: tables, charts and sections in one language."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from markupsafe import Markup

from coproduce.report import numbers
from coproduce.report.look import GLYPHS
from coproduce.report.texts import Texts

MOST_ROWS = 60
"""Rows of a table printed in the page; the rest is in the workbook, and the page says so."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a printed table.

    Attributes:
        name: column of the frame.
        label: head, in the report's language, unit included.
        kind: ``text``, ``number``, ``percent``, ``quantity`` (a text with its own
            unit), ``year``, ``status`` or ``code``.
    """

    name: str
    label: str
    kind: str = "text"

    @property
    def is_number(self) -> bool:
        """True if cells stand right."""
        return self.kind in ("number", "percent", "quantity", "year")


@dataclass(frozen=True, slots=True)
class Table:
    """A printed table: its cells are texts or safe HTML.

    Attributes:
        left_out: rows that the page leaves to the workbook.
        export: name of the table among the exported ones, without suffix.
    """

    table_id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    left_out: int = 0
    export: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: its title is its finding, its subtitle names measure, unit, year and source.

    Attributes:
        spec: Vega-Lite; empty where `svg` is drawn by ourselves.
        svg: the drawing.
        text: what a reader who cannot see it should know.
    """

    chart_id: str
    title: str
    subtitle: str
    spec: dict[str, Any]
    text: str = ""
    svg: Markup = field(default=Markup(""), repr=False)
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One link of the chain on the page.

    Attributes:
        question: what the link answers.
        finding: the answer in one sentence; the section's title.
        figures: key figures, each with its status glyph.
        body: HTML of the section's own, for example a board.
        empty: what to do where there is nothing to show; empty where there is.
    """

    section_id: str
    label: str
    question: str
    finding: str
    figures: tuple[Markup, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    body: Markup = field(default=Markup(""), repr=False)
    reasons: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    empty: str = ""


def spoken(text: str | None) -> Markup:
    """Return a text of the data; one without a Cyrillic letter is marked as English."""
    if not text:
        return Markup("")
    has_cyrillic = any("\u0400" <= letter <= "\u04ff" for letter in text)
    form = Markup("{}") if has_cyrillic else Markup('<span lang="en">{}</span>')
    return form.format(text)


_ENGLISH_RUN = re.compile(r"[A-Za-z][\w'’-]*(?:[ ,:;]+(?:[A-Za-z][\w'’-]*|\d[\d.,–-]*)){2,}")
"""Three or more words in Latin letters in a row: a sentence of a source, not a name."""


def marked(text: Any, lang: str) -> Any:
    """Return a text of a page that is not in English, its English parts marked as such.

    Texts that are HTML already, and other values than texts, stay as they are.
    """
    if lang == "en" or not isinstance(text, str) or isinstance(text, Markup):
        return text
    if not any("\u0400" <= letter <= "\u04ff" for letter in text):
        return spoken(text) if re.search("[A-Za-z]{2}", text) else text
    said, last = Markup(""), 0
    for run in _ENGLISH_RUN.finditer(text):
        said += Markup("{}").format(text[last : run.start()]) + spoken(run.group())
        last = run.end()
    return said + Markup("{}").format(text[last:]) if last else text


def glyph(status: str, texts: Texts) -> Markup:
    """Return a status as its glyph, read aloud as a word."""
    word = texts(f"status.{status}")
    return Markup('<span class="st st-{}" role="img" aria-label="{}" title="{}">{}</span>').format(
        status, word, word, GLYPHS[status]
    )


def table(
    texts: Texts,
    table_id: str,
    title: str,
    frame: pl.DataFrame,
    columns: Sequence[Column],
    *,
    export: str = "",
    most: int = MOST_ROWS,
    is_open: bool = False,
) -> Table:
    """Return a frame as a printed table; columns that the frame lacks are left out."""
    kept = tuple(column for column in columns if column.name in frame.columns)
    shown = frame.head(most)
    cells = [_cells(texts, shown[column.name].to_list(), column) for column in kept]
    rows = tuple(zip(*cells, strict=True)) if cells else ()
    left = max(0, frame.height - shown.height)
    return Table(table_id, title, kept, rows, left, export, is_open)


def _cells(texts: Texts, values: Sequence[Any], column: Column) -> list[Any]:
    if column.kind == "status":
        return [glyph(value, texts) if value else "" for value in values]
    if column.kind == "code":
        return [Markup('<code lang="en">{}</code>').format(value) for value in values]
    if column.kind == "year":
        return ["" if value is None else f"{value:d}" for value in values]
    if column.kind == "percent":
        return _aligned(texts, [None if v is None else 100 * v for v in values], " %")
    if column.kind == "number":
        return _aligned(texts, values, "")
    if column.kind == "text":
        return [marked(_plain(texts, value), texts.lang) for value in values]
    return [_plain(texts, value) for value in values]


def _plain(texts: Texts, value: Any) -> Any:
    if isinstance(value, bool):
        return texts("yes") if value else texts("no")
    return "" if value is None else value


def _aligned(texts: Texts, values: Sequence[Any], _unit: str) -> list[str]:
    """Give all numbers of a column the same decimals, enough for three digits in the usual one."""
    sizes = sorted(abs(v) for v in values if v is not None and math.isfinite(v) and v != 0)
    usual = sizes[len(sizes) // 2] if sizes else 1.0
    decimals = min(3, numbers.decimals_for(usual))
    if all(v is None or float(v).is_integer() for v in values):
        decimals = 0
    return [
        numbers.EN_DASH if v is None else numbers.fixed(float(v), decimals, texts.lang)
        for v in values
    ]
