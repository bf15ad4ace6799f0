"""Section: who could make it together."""

from __future__ import annotations

import polars as pl

from coproduce.report import charts
from coproduce.report.context import Context, room_section
from coproduce.report.view import Chart, Section, Table

MOST_BARS = 15


def build(ctx: Context) -> Section:
    """Return the partners section."""
    matches = ctx.run.partners.matches.sort("score", descending=True)
    shown = _matches(ctx, matches)
    drawn = [] if matches.is_empty() else [_chart(ctx, matches, shown)]
    return room_section(
        ctx,
        "partners",
        ctx.run.partners,
        figures=ctx.register.of_room("partners"),
        charts=drawn,
        tables=() if drawn else (shown,),
        is_empty=matches.is_empty(),
    )


def named_pair(ctx: Context, row: dict[str, object]) -> str:
    """Return a match in words: host × partner, product."""
    pair = " × ".join(
        ctx.names.of("company", str(row[key])) for key in ("host_company_id", "partner_company_id")
    )
    product = row.get("product_id")
    return f"{pair}: {ctx.names.of('product', str(product))}" if product else pair


def _matches(ctx: Context, matches: pl.DataFrame) -> Table:
    reason = "reasons_ru" if ctx.texts.lang == "ru" else "reasons_en"
    named = ctx.names.frame(
        matches.rename({reason: "why"}),
        host_company_id="company",
        partner_company_id="company",
        product_id="product",
        stage_id="stage",
    )
    return ctx.table(
        "matches",
        named,
        [
            ctx.column("host_company_id"),
            ctx.column("partner_company_id"),
            ctx.column("product_id"),
            ctx.column("stage_id"),
            ctx.column("score", "number"),
            ctx.column("host_score", "number"),
            ctx.column("partner_score", "number"),
            ctx.column("why"),
        ],
        export="partners_matches",
        most=25,
    )


def _chart(ctx: Context, matches: pl.DataFrame, shown: Table) -> Chart:
    best = matches.with_row_index().head(MOST_BARS)
    rows = [
        {
            "name": f"{row['index'] + 1}. {named_pair(ctx, row)}",
            "value": row["score"],
            "label": ctx.texts.number(row["score"]),
        }
        for row in best.iter_rows(named=True)
    ]
    first = named_pair(ctx, best.row(0, named=True))
    title = ctx.texts("chart.matches", pair=first, score=rows[0]["label"])
    spec = charts.bars(rows, ctx.texts("axis.score"), ".1f")
    text = ctx.texts("text.matches", n=ctx.texts.whole(matches.height))
    return Chart("matches", title, ctx.texts("sub.matches"), spec, text, table=shown)
