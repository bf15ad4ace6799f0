"""Forms of the rooms' own tables: which columns are printed, as what, and what their ids name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from coproduce.report import numbers
from coproduce.report.context import Context
from coproduce.report.view import Column, Table


@dataclass(frozen=True, slots=True)
class Cell:
    """A printed column.

    Attributes:
        name: column of the room's table; ``name`` and ``reason`` stand for the column of that
            name in the report's language.
        kind: as in `view.Column`; a ``quantity`` is printed with the unit that its row names.
        unit: ``money`` or a unit; empty for none.
        names: what its ids name: a kind of `names.Names`, a group of words, ``any`` for ids
            joined by ``|``, or ``unit``; empty: printed as it is.
        head: column whose head in the catalogue stands over it; empty: its own.
    """

    name: str
    kind: str = "text"
    unit: str = ""
    names: str = ""
    head: str = ""


_PARTY = Cell("party_id", names="party")
_PRODUCT = Cell("product_id", names="product")
_STAGE = Cell("stage_id", names="stage")
_SITE = Cell("site_id", names="site")
_TECHNOLOGY = Cell("technology_id", names="technology")
_UNIT = Cell("unit", names="unit")


def _numbers(*names: str) -> tuple[Cell, ...]:
    return tuple(Cell(name, "number", "money" if name.endswith("_mn") else "") for name in names)


def _quantities(*names: str) -> tuple[Cell, ...]:
    return tuple(Cell(name, "quantity") for name in names)


FORMS: dict[str, tuple[Cell, ...]] = {
    "binding": (
        Cell("kind", names="kind"),
        Cell("id", names="any"),
        Cell("year", "year"),
        *_numbers("worth_mn"),
        _UNIT,
    ),
    "left_out": (Cell("id", names="any"), Cell("reason")),
    "rejected": (
        _PRODUCT,
        _STAGE,
        *_numbers("margin_mn_per_unit"),
        Cell("needed_rise_share", "percent"),
    ),
    "alternatives": (
        _PARTY,
        Cell("name", head="alternative_id"),
        *_numbers("npv_mn"),
        Cell("is_best"),
    ),
    "zone": (
        Cell("name", head="term_id"),
        *_quantities("low", "high", "now"),
        Cell("is_open"),
    ),
    "levers": (Cell("name", head="lever_id"), *_quantities("value"), Cell("is_enough")),
    "deals": (
        Cell("name", head="deal_id"),
        _PARTY,
        *_numbers("npv_mn", "best_alternative_npv_mn", "gain_mn"),
        Cell("is_mutual"),
        Cell("is_zone_open"),
    ),
    "statement": (
        Cell("year", "year"),
        *_numbers(
            "sales_mn",
            "operating_cost_mn",
            "depreciation_mn",
            "profit_before_tax_mn",
            "relief_mn",
            "tax_mn",
            "profit_after_tax_mn",
            "capex_mn",
            "dividends_mn",
        ),
    ),
    "weakest": (
        _PRODUCT,
        Cell("when", names="when"),
        _STAGE,
        Cell("country_id", names="country"),
        Cell("shortage_share", "percent"),
        Cell("saved_share", "percent"),
    ),
    "refused": (
        Cell("participant_a_id", names="participant"),
        Cell("participant_b_id", names="participant"),
        *_numbers("value"),
        Cell("reason"),
    ),
    "proposals": (
        _SITE,
        _TECHNOLOGY,
        Cell("host_company_id", names="company"),
        Cell("partner_company_id", names="company"),
        _PRODUCT,
        Cell("order_year", "year"),
        Cell("first_output_year", "year"),
        *_numbers("capex_mn", "score"),
        Cell("next_gate_id", names="gate"),
    ),
    "kept": (
        Cell("project_id", names="project"),
        _SITE,
        _TECHNOLOGY,
        Cell("first_output_year", "year"),
        Cell("reason"),
    ),
    "attrition": (
        Cell("direction", names="direction"),
        _STAGE,
        *_numbers("announced", "operating", "stopped", "open", "due"),
        Cell("operate_share", "percent"),
        Cell("due_share", "percent"),
    ),
}
"""Table of a room → its printed columns; a column that the table lacks is left out."""

_SPOKEN = ("name", "reason")


def room_tables(
    ctx: Context, room: str, result: object, names: Iterable[str], most: int = 25
) -> list[Table]:
    """Return the printed tables of a room that have rows, in the order of `names`."""
    found = []
    for name in names:
        frame = getattr(result, name, None)
        if isinstance(frame, pl.DataFrame) and frame.height:
            found.append(room_table(ctx, name, frame, f"{room}_{name}", most))
    return found


def room_table(ctx: Context, name: str, frame: pl.DataFrame, export: str, most: int) -> Table:
    """Return one table in its form."""
    for spoken in _SPOKEN:
        own = f"{spoken}_{ctx.texts.lang}"
        if own in frame.columns:
            frame = frame.with_columns(pl.col(own).alias(spoken))
    cells = [cell for cell in FORMS[name] if cell.name in frame.columns]
    for cell in cells:
        frame = _named(ctx, frame, cell)
    return ctx.table(name, frame, [_column(ctx, cell) for cell in cells], export=export, most=most)


def _column(ctx: Context, cell: Cell) -> Column:
    column = ctx.column(cell.name, cell.kind, cell.unit)
    return replace(column, label=ctx.texts(f"col.{cell.head}")) if cell.head else column


def _named(ctx: Context, frame: pl.DataFrame, cell: Cell) -> pl.DataFrame:
    if cell.kind == "quantity":
        said = [
            _quantity(ctx, value, unit)
            for value, unit in frame.select(cell.name, "unit").iter_rows()
        ]
        return frame.with_columns(pl.Series(cell.name, said, dtype=pl.String))
    if cell.names == "any":
        named = [ctx.names.joined(value) for value in frame[cell.name]]
        return frame.with_columns(pl.Series(cell.name, named, dtype=pl.String))
    if cell.names == "unit":
        named = [ctx.texts.unit(value or "") for value in frame[cell.name]]
        return frame.with_columns(pl.Series(cell.name, named, dtype=pl.String))
    return ctx.names.column(frame, cell.name, cell.names) if cell.names else frame


def _quantity(ctx: Context, value: float | None, unit: str) -> str:
    """Return a value with its unit: money by its scale, a share in per cent."""
    if value is None:
        return numbers.EN_DASH
    if unit == "base mn":
        return ctx.texts.money(value)
    return ctx.texts.quantity(value, unit)
