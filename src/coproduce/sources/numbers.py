"""Text cells → numbers, with decimal commas and thousands spaces found out, never guessed.

A cell such as ``1,234`` can mean 1.234 or 1234. It is taken as 1.234 only where other cells of the
same table use the comma as decimal sign beyond doubt and none uses the point; otherwise it is
refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
SPACED = r"^[+-]?[0-9]{1,3}([ \x{00a0}\x{202f}][0-9]{3})+([.,][0-9]+)?$"
COMMA = r"^[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?$"
DOUBTFUL_COMMA = r"^[+-]?[1-9][0-9]{0,2},[0-9]{3}$"
DOUBTFUL_POINT = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$"
SPACES = r"[ \x{00a0}\x{202f}]"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How the numbers of one table are written.

    Attributes:
        decimal_comma: a cell that uses the comma as decimal sign beyond doubt; None if none does.
        decimal_point: the same for the point.
        thousands_spaces: a cell that splits thousands by spaces.
        long_minus: a cell that uses U+2212 for minus.
    """

    decimal_comma: str | None = None
    decimal_point: str | None = None
    thousands_spaces: str | None = None
    long_minus: str | None = None


def straight(cells: pl.Expr) -> pl.Expr:
    """Return cells with U+2212 turned to a plain minus."""
    return cells.str.replace("−", "-", literal=True)


def style_of(columns: Iterable[pl.Series]) -> NumberStyle:
    """Return how a table's numbers are written, from all its number columns together."""
    frames = [column.alias("cell").drop_nulls().to_frame() for column in columns]
    if not frames:
        return NumberStyle()
    cell = straight(pl.col("cell"))
    is_spaced = cell.str.contains(SPACED)
    by_comma = (cell.str.contains(COMMA) & ~cell.str.contains(DOUBTFUL_COMMA)) | (
        is_spaced & cell.str.contains(",", literal=True)
    )
    has_point = cell.str.contains(".", literal=True)
    by_point = has_point & (
        is_spaced | (cell.str.contains(PLAIN) & ~cell.str.contains(DOUBTFUL_POINT))
    )
    has_minus = pl.col("cell").str.contains("−", literal=True)
    found = pl.concat(frames).select(
        pl.col("cell").filter(is_so).first().alias(name)
        for name, is_so in (
            ("comma", by_comma),
            ("point", by_point),
            ("spaces", is_spaced),
            ("minus", has_minus),
        )
    )
    return NumberStyle(*found.row(0))


def parsed(cells: pl.Expr) -> pl.Expr:
    """Return cells as Float64 in any understood style; null where a cell is no number."""
    plain = straight(cells)
    is_number = plain.str.contains(PLAIN) | plain.str.contains(SPACED) | plain.str.contains(COMMA)
    bare = plain.str.replace_all(SPACES, "").str.replace(",", ".", literal=True)
    return pl.when(is_number).then(bare).cast(pl.Float64, strict=False)


def is_doubtful(cells: pl.Expr, style: NumberStyle) -> pl.Expr:
    """Return whether a cell can be read in two ways, given how the table writes numbers."""
    plain = straight(cells)
    doubtful = pl.lit(value=False)
    if style.decimal_comma is None or style.decimal_point is not None:
        doubtful = doubtful | plain.str.contains(DOUBTFUL_COMMA)
    if style.decimal_comma is not None:
        doubtful = doubtful | plain.str.contains(DOUBTFUL_POINT)
    return doubtful.fill_null(value=False)
