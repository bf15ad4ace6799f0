"""Section: what happens when something breaks."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from coproduce.report import charts
from coproduce.report.context import Context, room_section
from coproduce.report.sections import safety
from coproduce.report.sections.forms import room_table
from coproduce.report.view import Chart, Section, Table

KEY_FIGURES = ("expected_shortage", "availability", "more_stock", "measure.bottleneck_share")
WHEN = ("before", "after")


def build(ctx: Context) -> Section:
    """Return the resilience section."""
    shortages = ctx.run.resilience.shortages
    drawn = [] if shortages.is_empty() else [_chart(ctx, shortages)]
    section = room_section(
        ctx,
        "resilience",
        ctx.run.resilience,
        figures=[f"resilience.{name}.{when}" for name in KEY_FIGURES for when in WHEN],
        charts=[*drawn, *safety.charts(ctx)],
        tables=[*safety.tables(ctx), *_weakest(ctx)],
        body=safety.body(ctx),
        first_reasons=safety.reasons(ctx),
        is_empty=shortages.is_empty(),
    )
    return replace(section, limits=(*safety.limits(ctx), *section.limits))


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
        ctx.names.frame(
            both,
            product_id="product",
            weakest_stage_id="stage",
            weakest_country_id="country",
            weakest_stage_id_after="stage",
            weakest_country_id_after="country",
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
    """Return the weakest points with the plan, the one that costs most first."""
    weakest = getattr(ctx.run.resilience, "weakest", None)
    if not isinstance(weakest, pl.DataFrame) or weakest.is_empty():
        return []
    after = weakest.filter(pl.col("when") == "after").sort(
        "saved_share", "product_id", "stage_id", descending=[True, False, False]
    )
    return [room_table(ctx, "weakest", after, "resilience_weakest", 20)]
