"""Places and flows of a run for the map, and the tables that say the same in words."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from markupsafe import Markup

from coproduce.report.context import Context
from coproduce.report.mapping import MOST_ARCS, Flow, MapWords, Place, draw_map, draw_panel
from coproduce.report.view import Table


@dataclass(frozen=True, slots=True)
class MapView:
    """The map for screen and print."""

    title: str
    subtitle: str
    svg: Markup
    panels: tuple[tuple[int, Markup], ...]
    years: tuple[int, ...]
    stages: tuple[str, ...]
    tables: tuple[Table, ...]


def build(ctx: Context) -> MapView | None:
    """Return the map, or None where nothing is made and nothing moves."""
    production = ctx.plan("production")
    if production.is_empty():
        return None
    flows = _flows(ctx)
    places = _places(ctx, production)
    years = tuple(sorted(set(production["year"].to_list())))
    words = MapWords(
        title=ctx.texts("map.title", year=years[-1]),
        text=ctx.texts(
            "map.text",
            sites=ctx.texts.n("n.sites", production["site_id"].n_unique()),
            last=years[-1],
        ),
        stage_names=tuple(ctx.names.stage(stage) for stage in ctx.programme.settings.stage_ids),
        tonnes=ctx.texts("map.tonnes"),
    )
    chosen = sorted({years[0], years[len(years) // 2], years[-1]})
    return MapView(
        title=ctx.texts("map.heading"),
        subtitle=ctx.texts("map.sub", most=MOST_ARCS),
        svg=draw_map(places, flows, years, words),
        panels=tuple((year, draw_panel(places, flows, year, words)) for year in chosen),
        years=years,
        stages=words.stage_names,
        tables=(_made(ctx, production), _moved(ctx)),
    )


def _flows(ctx: Context) -> list[Flow]:
    """Sum goods between two places over products and stages."""
    summed = (
        ctx.plan("flows")
        .group_by("from_id", "to_id", "from_kind", "to_kind", "year")
        .agg(pl.col("tonnes").sum())
        .filter(pl.col("tonnes") > 0)
        .sort("year", "tonnes", "from_id", "to_id", descending=[False, True, False, False])
    )
    kinds = {("country", "site"): "inbound", ("site", "site"): "between", ("site", "zone"): "out"}
    return [
        Flow(
            row["from_id"],
            row["to_id"],
            row["year"],
            row["tonnes"],
            kinds.get((row["from_kind"], row["to_kind"]), "inbound"),
        )
        for row in summed.iter_rows(named=True)
    ]


def _places(ctx: Context, production: pl.DataFrame) -> list[Place]:
    programme = ctx.programme
    order = {stage: i for i, stage in enumerate(programme.settings.stage_ids)}
    made: dict[str, dict[int, tuple[int, ...]]] = {}
    by = production.group_by("site_id", "year").agg(pl.col("stage_id").unique())
    for site, year, stages in by.iter_rows():
        made.setdefault(site, {})[year] = tuple(sorted(order.get(s, 0) for s in stages))
    partner = programme["parties"].filter(pl.col("role") == "partner")["country_id"].to_list()
    country = dict(programme["regions"].select("region_id", "country_id").iter_rows())
    capacity = dict(
        ctx.plan("openings").group_by("site_id").agg(pl.col("capex_mn").sum()).iter_rows()
    )
    sites = sorted(
        programme["sites"].iter_rows(named=True),
        key=lambda row: -capacity.get(row["site_id"], 0.0),
    )
    places = [
        Place(
            row["site_id"],
            ctx.names.of("site", row["site_id"]),
            row["lat"],
            row["lon"],
            "partner_site" if country.get(row["region_id"]) in partner else "host_site",
            made.get(row["site_id"], {}),
        )
        for row in sites
    ]
    for table, key, kind in (("zones", "zone_id", "zone"), ("countries", "country_id", "country")):
        places += [
            Place(row[key], ctx.names.of(kind, row[key]), row["lat"], row["lon"], kind, {})
            for row in programme[table].iter_rows(named=True)
        ]
    lanes = programme["lanes"].unique(["gateway_lat", "gateway_lon"], maintain_order=True)
    name = "name_ru" if ctx.texts.lang == "ru" else "name_en"
    places += [
        Place(
            f"gateway:{row['lane_id']}",
            row[name],
            row["gateway_lat"],
            row["gateway_lon"],
            "gateway",
            {},
        )
        for row in lanes.iter_rows(named=True)
        if row["to_country_id"] not in partner
    ]
    return places


def _made(ctx: Context, production: pl.DataFrame) -> Table:
    order = list(ctx.programme.settings.stage_ids)
    region = dict(ctx.programme["sites"].select("site_id", "region_id").iter_rows())
    frame = (
        production.group_by("site_id")
        .agg(first_output_year=pl.col("year").min(), stage_id=pl.col("stage_id").unique())
        .sort("first_output_year", "site_id")
    )
    stages = [
        ", ".join(ctx.names.stage(s) for s in sorted(ids, key=order.index))
        for ids in frame["stage_id"].to_list()
    ]
    regions = [ctx.names.of("region", region.get(site)) for site in frame["site_id"]]
    frame = frame.with_columns(
        stages=pl.Series(stages, dtype=pl.String), region_id=pl.Series(regions, dtype=pl.String)
    )
    return ctx.table(
        "made",
        ctx.names.column(frame, "site_id", "site"),
        [
            ctx.column("site_id"),
            ctx.column("region_id"),
            ctx.column("first_output_year", "year"),
            ctx.column("stages"),
        ],
        export="plan_production",
    )


def _moved(ctx: Context) -> Table:
    frame = (
        ctx.plan("flows")
        .group_by("year", "from_id", "to_id", "from_kind", "to_kind")
        .agg(pl.col("tonnes").sum())
        .sort("year", "tonnes", descending=[False, True])
        .group_by("year", maintain_order=True)
        .head(8)
    )
    rows = [
        {
            **row,
            "from_id": ctx.names.of(row["from_kind"], row["from_id"]),
            "to_id": ctx.names.of(row["to_kind"], row["to_id"]),
        }
        for row in frame.iter_rows(named=True)
    ]
    named = pl.DataFrame(rows, schema=frame.schema)
    return ctx.table(
        "flows",
        named,
        [
            ctx.column("year", "year"),
            ctx.column("from_id"),
            ctx.column("to_id"),
            ctx.column("tonnes", "number"),
        ],
        export="plan_flows",
        most=120,
    )
