"""Section: who meets whom, when, at which table."""

from __future__ import annotations

import polars as pl
from markupsafe import Markup

from coproduce.report.context import Context, room_section
from coproduce.report.sections.forms import room_tables
from coproduce.report.view import Section


def build(ctx: Context) -> Section:
    """Return the forum section."""
    meetings = ctx.run.forum.timetable
    tables = room_tables(ctx, "forum", ctx.run.forum, ("refused",))
    return room_section(
        ctx,
        "forum",
        ctx.run.forum,
        figures=ctx.register.of_room("forum"),
        tables=tables,
        body=_grid(ctx, meetings),
        is_empty=meetings.is_empty(),
    )


def _grid(ctx: Context, meetings: pl.DataFrame) -> Markup:
    """Return the timetable as a table: a row per time, a column per table."""
    if meetings.is_empty():
        return Markup("")
    slots = ctx.programme["slots"].sort("slot_no")
    used = sorted(meetings["table_id"].unique().to_list())
    order = [t for t in ctx.programme["tables"]["table_id"].to_list() if t in used]
    at: dict[tuple[str, str], Markup] = {}
    for row in meetings.iter_rows(named=True):
        at[(row["slot_id"], row["table_id"])] = Markup("{}<br>× {}").format(
            ctx.names.of("participant", row["participant_a_id"]),
            ctx.names.of("participant", row["participant_b_id"]),
        )
    head = Markup("").join(
        Markup('<th scope="col">{}</th>').format(ctx.names.of("table", table)) for table in order
    )
    rows = Markup("").join(_slot(ctx, slot, order, at) for slot in slots.iter_rows(named=True))
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{0}"><table class="grid">'
        '<caption>{0}</caption><thead><tr><th scope="col">{1}</th>{2}</tr></thead>'
        "<tbody>{3}</tbody></table></div>"
    ).format(ctx.texts("table.timetable"), ctx.texts("col.time"), head, rows)


def _slot(
    ctx: Context, slot: dict[str, object], order: list[str], at: dict[tuple[str, str], Markup]
) -> Markup:
    starts, ends = str(slot["starts_at"]), str(slot["ends_at"])
    time = f"{starts[8:10]}.{starts[5:7]} {starts[11:]}\u2013{ends[11:]}"
    if slot["is_blocked"]:
        return Markup(
            '<tr class="blocked"><th scope="row">{}</th><td colspan="{}">{}</td></tr>'
        ).format(time, len(order), ctx.texts("blocked"))
    cells = Markup("").join(
        Markup("<td>{}</td>").format(at.get((str(slot["slot_id"]), table), "")) for table in order
    )
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(time, cells)
