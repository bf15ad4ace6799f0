"""Section: what came of it; known and proposed projects at their gates."""

from __future__ import annotations

from typing import Any

import polars as pl
from markupsafe import Markup

from coproduce.report.context import Context, room_section
from coproduce.report.sections.forms import room_tables
from coproduce.report.view import Section, spoken

_STOPPED = ("frozen", "cancelled", "no_trace", "parked")


def build(ctx: Context) -> Section:
    """Return the projects section."""
    board = ctx.run.projects.board
    return room_section(
        ctx,
        "projects",
        ctx.run.projects,
        figures=ctx.register.of_room("projects"),
        tables=room_tables(ctx, "projects", ctx.run.projects, ("proposals", "kept", "attrition")),
        body=_board(ctx, board),
        is_empty=board.is_empty(),
    )


def _board(ctx: Context, board: pl.DataFrame) -> Markup:
    """Return the gate board: a column per gate that holds a project, cards in it."""
    if board.is_empty():
        return Markup("")
    gates = ctx.programme["gates"].sort("gate_no")
    known = {row["project_id"]: row for row in ctx.programme["known_projects"].to_dicts()}
    by_gate: dict[str, list[dict[str, Any]]] = {}
    for row in board.iter_rows(named=True):
        by_gate.setdefault(str(row["gate_id"]), []).append(
            {**known.get(row["project_id"], {}), **row}
        )
    columns = Markup("").join(
        Markup(
            '<div class="gate" role="listitem"><h4>{} <span class="quiet">{}</span></h4>{}</div>'
        ).format(
            f"{gate['gate_id']} {ctx.names.of('gate', gate['gate_id'])}",
            len(by_gate[gate["gate_id"]]),
            Markup("").join(_card(ctx, card) for card in by_gate[gate["gate_id"]]),
        )
        for gate in gates.iter_rows(named=True)
        if gate["gate_id"] in by_gate
    )
    return Markup(
        '<h3>{0}</h3><div class="board scroll" tabindex="0" role="list" aria-label="{0}">{1}</div>'
    ).format(ctx.texts("table.board"), columns)


def _card(ctx: Context, card: dict[str, Any]) -> Markup:
    state = str(card.get("state") or "")
    word = ctx.names.word("state", state)
    reason = card.get("reason_code")
    why = f" ({ctx.names.word('reason', reason)})" if reason else ""
    css = "stopped" if state in _STOPPED else "going"
    return Markup(
        '<div class="card {}"><strong>{}</strong><br><span class="state">{}{}</span>'
        '<br><span class="quiet">{}: {}</span></div>'
    ).format(
        css,
        spoken(ctx.names.of("project", card["project_id"])),
        word,
        why,
        ctx.texts("evidence_of", date=card.get("evidence_date") or "?"),
        spoken(card.get("evidence")),
    )
