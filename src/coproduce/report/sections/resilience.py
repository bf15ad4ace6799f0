"""Section: what happens when something breaks."""

from __future__ import annotations

import polars as pl

from coproduce.report import charts
from coproduce.report.context import Context, room_section
from coproduce.report.sections.network import kinds, plain
from coproduce.report.view import Chart, Section, Table


def build(ctx: Context) -> Section:
    """Return the resilience section."""
    shortages = ctx.run.resilience.shortages
    drawn = [] if shortages.is_empty() else [_chart(ctx, shortages)]
    return room_section(
        ctx,
        "resilience",
        ctx.run.resilience,
        figures=[
            n for n in ctx.register.of_room("resilience") if n.endswith((".before", ".after"))
        ],
        charts=drawn,
        tables=_weakest(ctx),
        is_empty=shortages.is_empty(),
    )


def _chart(ctx: Context, shortages: pl.DataFrame) -> Chart:
    states = {
        when: shortages.filter(pl.col("when") == when).drop("when") for when in ("before", "after")
    }
    both = (
        states["before"]
        .join(states["after"], on="product_id", suffix="_after")
        .sort("shortage_share", descending=True)
    )
    rows = [
        {
            "name": ctx.names.of("product", row["product_id"]),
            "before": row["shortage_share"],
            "after": row["shortage_share_after"],
        }
        for row in both.iter_rows(named=True)
    ]
    fallen = sum(row["after"] < row["before"] - 1e-6 for row in rows)
    risen = sum(row["after"] > row["before"] + 1e-6 for row in rows)
    title = ctx.texts(
        "chart.shortage",
        fallen=ctx.texts.n("n.products", fallen),
        all=ctx.texts.whole(len(rows)),
        risen=ctx.texts.whole(risen),
    )
    spec = charts.dumbbell(
        rows, ctx.texts("axis.shortage"), (ctx.texts("today"), ctx.texts("with_plan")), ".1%"
    )
    shown = ctx.table(
        "shortages",
        plain(
            ctx,
            ctx.names.frame(
                both, weakest_stage_id_after="stage", weakest_country_id_after="country"
            ),
        ),
        [
            ctx.column("product_id"),
            ctx.column("shortage_share", "percent"),
            ctx.column("weakest_stage_id"),
            ctx.column("weakest_country_id"),
            ctx.column("shortage_share_after", "percent"),
            ctx.column("weakest_stage_id_after"),
            ctx.column("weakest_country_id_after"),
        ],
        export="resilience_shortages",
    )
    return Chart("shortage", title, ctx.texts("sub.shortage"), spec, title, table=shown)


def _weakest(ctx: Context) -> list[Table]:
    found = []
    for name in ("weakest", "weakest_points"):
        frame = getattr(ctx.run.resilience, name, None)
        if isinstance(frame, pl.DataFrame) and frame.height:
            columns = [ctx.column(column, kind) for column, kind in kinds(frame, ctx.texts.lang)]
            found.append(
                ctx.table(
                    "weakest", plain(ctx, frame), columns, export=f"resilience_{name}", most=15
                )
            )
    return found
