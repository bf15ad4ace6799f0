"""What every part of the page is built from: the run, the words, the names, the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from coproduce.records.words import NO_BREAK_SPACE, Words
from coproduce.report.names import Names
from coproduce.report.register import Register
from coproduce.report.texts import Texts
from coproduce.report.view import Chart, Column, Section, Table, table

if TYPE_CHECKING:
    from coproduce.chain import PlanRun
    from coproduce.records.programme import Programme

MOST_FIGURES = 8


@dataclass(frozen=True, slots=True)
class Context:
    """The run and everything needed to speak of it in one language."""

    run: PlanRun
    texts: Texts
    names: Names
    register: Register

    @property
    def programme(self) -> Programme:
        """The programme that was planned."""
        return self.run.programme

    @property
    def years(self) -> tuple[int, ...]:
        """The planning horizon."""
        return self.programme.settings.years

    def say(self, words: Words) -> str:
        """Return a room's sentence in the report's language, signs kept with what they go with."""
        said = words.in_language(self.texts.lang)
        for sign in ("№ ", "× "):
            said = said.replace(sign, f"{sign[0]}{NO_BREAK_SPACE}")
        return said.replace(" — ", f"{NO_BREAK_SPACE}— ")

    def plan(self, name: str) -> pl.DataFrame:
        """Return a table of the plan."""
        found: pl.DataFrame = self.run.network.tables[name]
        return found

    def column(self, name: str, kind: str = "text", unit: str = "") -> Column:
        """Return a column with its head from the catalogue; money heads name the price base."""
        label = self.texts(f"col.{name}") if self.texts.has(f"col.{name}") else name
        if unit == "money":
            unit = self.texts("unit_money", currency=self.texts.currency_name(self.texts.currency))
        elif unit:
            unit = self.texts.unit(unit)
        if kind == "percent" and not unit:
            unit = "%"
        return Column(name, f"{label}, {unit}" if unit else label, kind)

    def table(
        self, table_id: str, frame: pl.DataFrame, columns: Sequence[Column], **more: Any
    ) -> Table:
        """Return a printed table; its title is in the catalogue under ``table.<id>``."""
        return table(self.texts, table_id, self.texts(f"table.{table_id}"), frame, columns, **more)


def has_rows(frame: pl.DataFrame) -> bool:
    """True if there is something to show."""
    return frame.height > 0


def room_section(
    ctx: Context,
    section_id: str,
    result: Any,
    *,
    figures: Sequence[str] = (),
    charts: Sequence[Chart] = (),
    tables: Sequence[Table] = (),
    body: Markup = Markup(""),  # noqa: B008
    first_reasons: Sequence[str] = (),
    is_empty: bool = False,
) -> Section:
    """Return the section of a room: its finding, reasons and warnings are the room's own words.

    Args:
        ctx: run and words.
        section_id: name of the section; ``q.``, ``label.``, ``limits.`` and ``empty.`` texts of
            that name are in the catalogue.
        result: what the room found.
        figures: ids of key figures; those that the run lacks are left out.
        charts, tables, body: what is shown.
        first_reasons: sentences before the room's own.
        is_empty: there was nothing to work on; the page says what to do.
    """
    shown = [name for name in figures if name in ctx.register.figures][:MOST_FIGURES]
    return Section(
        section_id=section_id,
        label=ctx.texts(f"label.{section_id}"),
        question=ctx.texts(f"q.{section_id}"),
        finding=ctx.say(result.finding),
        figures=tuple(ctx.register.chip(name) for name in shown),
        charts=tuple(charts),
        tables=tuple(tables),
        body=body,
        reasons=(*first_reasons, *(ctx.say(reason) for reason in result.reasons)),
        limits=(
            *(ctx.say(warning) for warning in result.warnings),
            ctx.texts(f"limits.{section_id}"),
        ),
        empty=ctx.texts(f"empty.{section_id}") if is_empty else "",
    )
