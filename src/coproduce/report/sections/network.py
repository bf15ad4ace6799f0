"""Section: what to make where, at which stage, how big, from which year."""

from __future__ import annotations

from typing import Any

import polars as pl

from coproduce.report import charts
from coproduce.report.context import Context, room_section
from coproduce.report.sections.forms import room_table, room_tables
from coproduce.report.view import Chart, Section, Table

_SUPPLY_PARTS = (
    ("own", "host"),
    ("others_inside", "pale"),
    ("others_outside", "third"),
    ("unmet", "warn"),
)
MOST_BARS = 40
MOST_BINDING = 25


def build(ctx: Context) -> Section:
    """Return the network section."""
    openings = ctx.plan("openings")
    shown = _openings(ctx)
    drawn = [] if openings.is_empty() else [_timeline(ctx, openings, shown)]
    if ctx.plan("supply").height:
        drawn.append(_supply(ctx))
    return room_section(
        ctx,
        "network",
        ctx.run.network,
        figures=ctx.register.of_room("network"),
        charts=drawn,
        tables=(
            *(() if drawn else (shown,)),
            _production(ctx),
            *_what_holds(ctx),
            *room_tables(ctx, "network", ctx.run.network, ("left_out",)),
        ),
        is_empty=openings.is_empty(),
    )


def _what_holds(ctx: Context) -> list[Table]:
    """Return the worth of one more of what binds, best first, and what a price rise would open."""
    found = []
    binding = ctx.run.network.binding
    if binding.height:
        units = dict(ctx.programme["technologies"].select("technology_id", "unit").iter_rows())
        named = [
            _unit_of(row["id"], units) if row["unit"] == "capacity unit" else row["unit"]
            for row in binding.iter_rows(named=True)
        ]
        # A tonne of one line is not a tonne of another: rows compare by a step, a whole module.
        step = pl.col("step") if "step" in binding.columns else pl.lit(1.0)
        frame = binding.with_columns(unit=pl.Series(named, dtype=pl.String)).sort(
            pl.col("worth_mn") * step,
            "id",
            "year",
            descending=[True, False, False],
            nulls_last=True,
        )
        found.append(room_table(ctx, "binding", frame, "network_binding", MOST_BINDING))
    rejected = ctx.run.network.rejected
    if rejected.height:
        # A price that already pays is no price rise: what holds it back is another thing.
        frame = rejected.filter(pl.col("needed_rise_share") > 0).sort("needed_rise_share")
        if frame.height:
            found.append(room_table(ctx, "rejected", frame, "network_rejected", MOST_BINDING))
    return found


def _unit_of(identifier: str, units: dict[str, str]) -> str:
    """Return the unit in which the technology of a ``site|technology`` counts its capacity."""
    unit = units.get(identifier.split("|")[-1], "capacity unit")
    return unit if "/" in unit or unit == "capacity unit" else f"{unit}/year"


def _openings(ctx: Context) -> Table:
    frame = ctx.plan("openings").sort("year", "first_output_year", "site_id", "technology_id")
    units = dict(ctx.programme["technologies"].select("technology_id", "unit").iter_rows())
    frame = frame.with_columns(
        unit=pl.Series(
            [ctx.texts.unit(units.get(i, "")) for i in frame["technology_id"]], dtype=pl.String
        )
    )
    named = ctx.names.frame(frame, site_id="site", technology_id="technology", module_id="module")
    return ctx.table(
        "openings",
        named,
        [
            ctx.column("site_id"),
            ctx.column("technology_id"),
            ctx.column("module_id"),
            ctx.column("modules", "number"),
            ctx.column("year", "year"),
            ctx.column("first_output_year", "year"),
            ctx.column("capacity_per_year", "number"),
            ctx.column("unit"),
            ctx.column("capex_mn", "number", "money"),
        ],
        export="plan_openings",
    )


def _timeline(ctx: Context, openings: pl.DataFrame, shown: Table) -> Chart:
    grouped = (
        openings.group_by("site_id", "technology_id")
        .agg(
            order=pl.col("year").min(),
            output=pl.col("first_output_year").min(),
            capex_mn=pl.col("capex_mn").sum(),
        )
        .sort("order", "output", "capex_mn", descending=[False, False, True])
    )
    rows = [
        {
            "name": f"{ctx.names.of('site', row['site_id'])}: "
            f"{ctx.names.of('technology', row['technology_id'])}",
            "order": row["order"],
            "output": row["output"],
            "label": ctx.texts.money(row["capex_mn"]),
        }
        for row in grouped.head(MOST_BARS).iter_rows(named=True)
    ]
    span = (ctx.years[0], ctx.years[-1])
    spec = charts.timeline(rows, span, (ctx.texts("building"), ctx.texts("running")))
    sites = openings["site_id"].n_unique()
    first = int(openings["first_output_year"].to_numpy().min())
    title = ctx.texts("chart.timeline", sites=ctx.texts.n("n.sites", sites), year=first)
    sub = ctx.texts("sub.timeline", prices=ctx.texts.prices())
    return Chart("timeline", title, sub, spec, title, table=shown)


def _supply(ctx: Context) -> Chart:
    names = [name for name, _ in _SUPPLY_PARTS]
    by_year = ctx.plan("supply").group_by("year").agg(pl.col("demand", *names).sum()).sort("year")
    rows: list[dict[str, Any]] = [
        {"year": row["year"], "part": ctx.texts(f"part.{name}"), "value": row[name]}
        for row in by_year.iter_rows(named=True)
        for name in names
    ]
    parts = [(ctx.texts(f"part.{name}"), tone) for name, tone in _SUPPLY_PARTS]
    spec = charts.yearly(rows, parts, ctx.texts("axis.packs"))
    last = by_year.row(-1, named=True)
    share = last["own"] / last["demand"] if last["demand"] else 0.0
    title = ctx.texts("chart.supply", share=ctx.texts.percent(share), year=last["year"])
    columns = [ctx.column("year", "year"), ctx.column("demand", "number")]
    columns += [ctx.column(name, "number") for name in names]
    shown = ctx.table("supply", by_year, columns, export="plan_supply")
    return Chart("supply", title, ctx.texts("sub.supply"), spec, title, table=shown)


def _production(ctx: Context) -> Table:
    production = ctx.plan("production")
    last = production.filter(pl.col("year") == ctx.years[-1])
    units = ctx.programme["stages"].select("product_id", "stage_id", "unit")
    frame = (
        last.join(units, on=["product_id", "stage_id"], how="left")
        .sort("site_id", "technology_id", "product_id")
        .with_columns(pl.col("unit").map_elements(ctx.texts.unit, return_dtype=pl.String))
    )
    named = ctx.names.frame(
        frame, site_id="site", technology_id="technology", product_id="product", stage_id="stage"
    )
    return ctx.table(
        "production",
        named,
        [
            ctx.column("site_id"),
            ctx.column("product_id"),
            ctx.column("stage_id"),
            ctx.column("technology_id"),
            ctx.column("quantity", "number"),
            ctx.column("unit"),
        ],
        export="plan_production",
        most=120,
    )
