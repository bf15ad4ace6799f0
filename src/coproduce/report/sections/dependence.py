"""Section: who depends on whom, today and with the plan."""

from __future__ import annotations

from typing import Any

import polars as pl

from coproduce.report import charts
from coproduce.report.context import Context, room_section
from coproduce.report.view import Chart, Section, Table

MOST_PARTS = 5
MOST_REASONS_FIT = 0.09


def build(ctx: Context) -> Section:
    """Return the dependence section."""
    exposure = exposures(ctx)
    tables = (_exposure_table(ctx, exposure), _concentration(ctx), _sufficiency(ctx))
    drawn = [] if exposure.is_empty() else [_exposure_chart(ctx, exposure, tables[0])]
    mix = _mix_rows(ctx)
    if mix:
        drawn.insert(0, _mix_chart(ctx, mix))
    return room_section(
        ctx,
        "dependence",
        ctx.run.today,
        figures=_paired(ctx),
        charts=drawn,
        tables=tables[1:],
        first_reasons=(ctx.say(ctx.run.after.finding),),
        is_empty=exposure.is_empty(),
    )


def _paired(ctx: Context) -> list[str]:
    """Return the figures of the whole programme, each of today beside the same after the plan."""
    known = ctx.register.figures
    found = []
    for name in known:
        if name.startswith("today.dependence.") and name.endswith(".today"):
            then = f"after{name.removeprefix('today').removesuffix('.today')}.plan"
            found += [name, then] if then in known else [name]
    return found


def exposures(ctx: Context) -> pl.DataFrame:
    """Return each product's bottleneck outside the bloc: before, after, country and stage."""
    before, after = (
        result.bottlenecks.filter(~pl.col("is_inside"))
        for result in (ctx.run.today, ctx.run.after)
    )
    kept = ["product_id", "share", "country_id", "stage_id"]
    top = [
        frame.sort("share", "country_id", descending=[True, False])
        .unique("product_id", keep="first", maintain_order=True)
        .select(kept)
        for frame in (before, after)
    ]
    return (
        ctx.programme["products"]
        .select("product_id")
        .join(top[0].rename({"share": "before"}), on="product_id", how="left")
        .join(top[1].rename({"share": "after"}), on="product_id", how="left", suffix="_after")
        .with_columns(pl.col("before", "after").fill_null(0.0))
        .sort("before", "product_id", descending=[True, False])
    )


def _exposure_table(ctx: Context, exposure: pl.DataFrame) -> Table:
    named = ctx.names.frame(
        exposure,
        product_id="product",
        country_id="country",
        stage_id="stage",
        country_id_after="country",
        stage_id_after="stage",
    )
    return ctx.table(
        "exposure",
        named,
        [
            ctx.column("product_id"),
            ctx.column("before", "percent"),
            ctx.column("country_id"),
            ctx.column("stage_id"),
            ctx.column("after", "percent"),
            ctx.column("country_id_after"),
            ctx.column("stage_id_after"),
        ],
        export="after_bottlenecks",
    )


def _exposure_chart(ctx: Context, exposure: pl.DataFrame, shown: Table) -> Chart:
    rows = [
        {
            "name": ctx.names.of("product", row["product_id"]),
            "before": row["before"],
            "after": row["after"],
        }
        for row in exposure.iter_rows(named=True)
    ]
    fallen = sum(row["after"] < row["before"] - 0.005 for row in rows)
    risen = sum(row["after"] > row["before"] + 0.005 for row in rows)
    title = ctx.texts(
        "chart.exposure",
        fallen=ctx.texts.n("n.products", fallen),
        all=ctx.texts.whole(len(rows)),
        risen=ctx.texts.whole(risen),
    )
    spec = charts.dumbbell(
        rows, ctx.texts("axis.exposure"), (ctx.texts("today"), ctx.texts("with_plan")), ".0%"
    )
    return Chart("exposure", title, _sub(ctx, "sub.exposure"), spec, title, table=shown)


def _sub(ctx: Context, key: str) -> str:
    return ctx.texts(
        key, today=ctx.programme.settings.base_year, after=ctx.programme.settings.last_year
    )


def _mix_rows(ctx: Context) -> list[dict[str, Any]]:
    """Return the demand-weighted shares of the main countries at each stage, both states."""
    weights = ctx.run.today.self_sufficiency.select("product_id", weight="value_mn")
    frames = []
    for state, result in (("today", ctx.run.today), ("with_plan", ctx.run.after)):
        mix = result.supply_mix.join(weights, on="product_id", how="inner")
        total = pl.col("weight").filter(pl.col("country_id").is_not_null())
        by = mix.group_by("stage_id", "country_id").agg(amount=(pl.col("share") * total).sum())
        share = pl.col("amount") / pl.col("amount").sum().over("stage_id")
        frames.append(by.with_columns(share=share, panel=pl.lit(ctx.texts(state))))
    both = pl.concat(frames).filter(pl.col("share").is_not_nan())
    if both.is_empty():
        return []
    main = (
        both.group_by("country_id")
        .agg(pl.col("share").sum())
        .sort("share", "country_id", descending=[True, False])["country_id"][:MOST_PARTS]
        .to_list()
    )
    return _mix_named(ctx, both, main)


def _mix_named(ctx: Context, both: pl.DataFrame, main: list[str]) -> list[dict[str, Any]]:
    order = {ctx.names.of("country", country): i for i, country in enumerate(main)}
    other = ctx.texts("other_countries")
    amounts: dict[tuple[str, str, str], float] = {}
    for row in both.iter_rows(named=True):
        is_main = row["country_id"] in main
        part = ctx.names.of("country", row["country_id"]) if is_main else other
        key = (row["panel"], row["stage_id"], part)
        amounts[key] = amounts.get(key, 0.0) + row["share"]
    rows = [
        {
            "panel": panel,
            "stage_id": stage,
            "name": ctx.names.stage(stage),
            "part": part,
            "share": share,
            "label": ctx.texts.percent(round(share, 2)) if share > MOST_REASONS_FIT else "",
        }
        for (panel, stage, part), share in amounts.items()
    ]
    return sorted(rows, key=lambda row: order.get(str(row["part"]), len(order)))


def _mix_chart(ctx: Context, rows: list[dict[str, Any]]) -> Chart:
    stages = [s for s in ctx.programme.settings.stage_ids if any(r["stage_id"] == s for r in rows)]
    spec = charts.shares(
        rows,
        (ctx.texts("today"), ctx.texts("with_plan")),
        [ctx.names.stage(stage) for stage in stages],
        ctx.texts("axis.mix"),
    )
    first = max(
        (
            row
            for row in rows
            if row["stage_id"] == stages[0] and row["panel"] == ctx.texts("today")
        ),
        key=lambda row: row["share"],
    )
    title = ctx.texts(
        "chart.mix",
        stage=first["name"],
        country=first["part"],
        share=ctx.texts.percent(first["share"]),
    )
    frame = pl.DataFrame(
        [{key: row[key] for key in ("panel", "name", "part", "share")} for row in rows]
    ).rename({"name": "stage_id", "part": "country_id"})
    shown = ctx.table(
        "mix",
        frame,
        [
            ctx.column("panel"),
            ctx.column("stage_id"),
            ctx.column("country_id"),
            ctx.column("share", "percent"),
        ],
        export="today_supply_mix",
    )
    return Chart("mix", title, _sub(ctx, "sub.mix"), spec, title, table=shown)


def _concentration(ctx: Context) -> Table:
    frame = ctx.run.today.concentration.sort("hhi", descending=True, nulls_last=True)
    named = ctx.names.frame(
        frame, product_id="product", stage_id="stage", top_country_id="country"
    )
    return ctx.table(
        "concentration",
        named,
        [
            ctx.column("product_id"),
            ctx.column("stage_id"),
            ctx.column("hhi", "number"),
            ctx.column("top_country_id"),
            ctx.column("top_share", "percent"),
            ctx.column("n_effective", "number"),
            ctx.column("outside_share", "percent"),
        ],
        export="today_concentration",
    )


def _sufficiency(ctx: Context) -> Table:
    depths = ("soft_share", "full_cycle_share", "whole_chain_share")
    frame = ctx.run.today.self_sufficiency.join(
        ctx.run.after.self_sufficiency.select("product_id", *depths),
        on="product_id",
        how="left",
        suffix="_after",
    ).sort("value_mn", descending=True)
    return ctx.table(
        "sufficiency",
        ctx.names.frame(frame, product_id="product"),
        [
            ctx.column("product_id"),
            ctx.column("demand_mn_packs", "number"),
            ctx.column("value_mn", "number", "money"),
            *(
                ctx.column(f"{depth}{state}", "percent")
                for depth in depths
                for state in ("", "_after")
            ),
        ],
        export="after_self_sufficiency",
    )
