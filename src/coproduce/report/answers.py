"""The five closing answers of a programme, each in a few sentences with its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from coproduce.report import centre, charts
from coproduce.report.context import Context
from coproduce.report.hangs import Hanger
from coproduce.report.look import UNSURE
from coproduce.report.proven import untold
from coproduce.report.sections.appraisal import alternative_name
from coproduce.report.sections.dependence import exposures
from coproduce.report.sections.partners import named_pair
from coproduce.report.view import Chart, Table, glyph

EXPOSED_SHARE = 0.5
MOST_HANGERS = 15
MOST_SITES = 12
MOST_REASONS = 6
_VERDICTS = (centre.PAYS_ALONE, centre.ONLY_SHARED, centre.ONLY_ACCESS, centre.NEVER)


@dataclass(frozen=True, slots=True)
class Answer:
    """One closing answer."""

    answer_id: str
    question: str
    says: tuple[Markup, ...]
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


def build(ctx: Context, hangers: Sequence[Hanger]) -> tuple[Answer, ...]:
    """Return the five answers in order.

    Args:
        ctx: run and words.
        hangers: uncertain facts, the one that matters most first.
    """
    return (
        _exposed(ctx),
        _centres(ctx),
        _order(ctx),
        _gains(ctx),
        _hangs(ctx, hangers),
    )


def _say(ctx: Context, key: str, **values: Any) -> Markup:
    return ctx.texts.html(key, **values)


def _exposed(ctx: Context) -> Answer:
    exposed = exposures(ctx).filter(pl.col("before") >= EXPOSED_SHARE)
    says = [
        _say(
            ctx,
            "a1.count",
            n=ctx.texts.n("n.products", exposed.height),
            all=ctx.programme["products"].height,
            share=ctx.texts.percent(EXPOSED_SHARE),
        )
    ]
    by = (
        exposed.group_by("country_id", "stage_id")
        .agg(pl.col("product_id"), n=pl.len())
        .sort("n", "country_id", "stage_id", descending=[True, False, False])
    )
    for row in by.head(4).iter_rows(named=True):
        says.append(
            _say(
                ctx,
                "a1.line",
                country=ctx.names.of("country", row["country_id"]),
                stage=ctx.names.stage(row["stage_id"]),
                n=ctx.texts.n("n.products", row["n"]),
                names=ctx.names.listed("product", row["product_id"], 8),
            )
        )
    safe = ctx.run.today.looks_safe
    if safe.height:
        says.append(
            _say(
                ctx,
                "a1.safe",
                n=ctx.texts.n("n.products", safe["product_id"].n_unique()),
                names=ctx.names.listed(
                    "product", safe["product_id"].unique(maintain_order=True), 8
                ),
            )
        )
    else:
        says.append(_say(ctx, "a1.safe_none"))
    shown = ctx.table(
        "looks_safe",
        ctx.names.frame(safe, product_id="product", country_id="country", stage_id="stage"),
        [
            ctx.column("product_id"),
            ctx.column("soft_share", "percent"),
            ctx.column("country_id"),
            ctx.column("stage_id"),
            ctx.column("share", "percent"),
        ],
        export="today_looks_safe",
    )
    return Answer("a1", ctx.texts("a1.q"), tuple(says), tables=(shown,) if safe.height else ())


def verdicts(ctx: Context) -> pl.DataFrame:
    """Return the screen of early stages as a table, exported beside the plan's own."""
    routes = dict(ctx.programme["products"].select("product_id", "route").iter_rows())
    consumption = ctx.run.today.consumption.select("product_id", "stage_id", "need_per_year")
    needs = {(product, stage): need or 0.0 for product, stage, need in consumption.iter_rows()}
    found = centre.screen(ctx.programme, ctx.run.law["duties"], ctx.plan("production"), needs)
    order = {verdict: place for place, verdict in enumerate(_VERDICTS)}
    rows = [
        {
            "product_id": v.product_id,
            "stage_id": v.stage_id,
            "route": routes[v.product_id],
            "verdict": v.verdict,
            "import_mn_per_unit": v.import_mn_per_unit,
            "own_mn_per_unit": v.own_mn_per_unit,
            "margin_share": v.margin_share,
            "fill_share": v.fill_share,
            "is_made": v.is_made,
            "price_status": v.price_status,
            "status": v.status,
        }
        for v in sorted(found, key=lambda v: (order[v.verdict], -v.margin_share, v.product_id))
    ]
    schema = {
        "product_id": pl.String,
        "stage_id": pl.String,
        "route": pl.String,
        "verdict": pl.String,
        "import_mn_per_unit": pl.Float64,
        "own_mn_per_unit": pl.Float64,
        "margin_share": pl.Float64,
        "fill_share": pl.Float64,
        "is_made": pl.Boolean,
        "price_status": pl.String,
        "status": pl.String,
    }
    return pl.DataFrame(rows, schema=schema)


def _centres(ctx: Context) -> Answer:
    table = verdicts(ctx)
    stages = centre.early_stages(ctx.programme)
    says = [
        said
        for stage in reversed(stages)
        for verdict in _VERDICTS
        for said in _verdict_said(
            ctx, stage, verdict, table.filter(stage_id=stage, verdict=verdict)
        )
    ]
    if not says:
        says.append(_say(ctx, "a2.nothing"))
    else:
        says.append(_say(ctx, "a2.method"))
    says.append(_security(ctx))
    named = ctx.names.frame(
        table, product_id="product", stage_id="stage", route="route", verdict="verdict"
    ).with_columns(
        is_made=pl.Series(
            [ctx.texts("yes") if made else ctx.texts("no") for made in table["is_made"]],
            dtype=pl.String,
        )
    )
    shown = ctx.table(
        "centres",
        named,
        [
            ctx.column("product_id"),
            ctx.column("stage_id"),
            ctx.column("route"),
            ctx.column("verdict"),
            ctx.column("import_mn_per_unit", "number", "money"),
            ctx.column("own_mn_per_unit", "number", "money"),
            ctx.column("margin_share", "percent"),
            ctx.column("fill_share", "percent"),
            ctx.column("is_made"),
            ctx.column("price_status", "status"),
            ctx.column("status", "status"),
        ],
        export="report_centres",
        most=100,
    )
    return Answer("a2", ctx.texts("a2.q"), tuple(says), tables=(shown,) if table.height else ())


def _verdict_said(ctx: Context, stage: str, verdict: str, of: pl.DataFrame) -> list[Markup]:
    """Name the products of a verdict; those that rest on an assumed price are only counted."""
    is_firm = ~pl.col("price_status").is_in(UNSURE)
    ids = of.filter(is_firm)["product_id"].to_list()
    unsure = of.height - len(ids)
    stage_name, texts = ctx.names.stage(stage), ctx.texts
    said = []
    if ids:
        said.append(
            _say(
                ctx,
                f"a2.{verdict}",
                stage=stage_name,
                n=texts.n("n.products", len(ids)),
                names=ctx.names.listed("product", ids, 10),
            )
        )
    if unsure:
        said.append(
            _say(
                ctx,
                "a2.unsure",
                stage=stage_name,
                verdict=ctx.names.word("verdict", verdict),
                n=texts.n("n.products", unsure),
                glyph=glyph("assumed", texts),
            )
        )
    return said


def _security(ctx: Context) -> Markup:
    """Say what the plan's security costs: capital for each point of expected shortage."""
    value = ctx.register.value
    capex = value("summary.capex") or 0.0
    saved = (value("summary.expected_shortage.before") or 0.0) - (
        value("summary.expected_shortage.after") or 0.0
    )
    per_point = ctx.texts.money(capex / (saved * 100)) if saved > 1e-6 else ""
    return _say(
        ctx,
        "a2.security" if per_point else "a2.security_none",
        before=ctx.register.show("summary.expected_shortage.before"),
        after=ctx.register.show("summary.expected_shortage.after"),
        capex=ctx.register.show("summary.capex"),
        per_point=per_point,
        prices=ctx.texts.prices(),
    )


def _order(ctx: Context) -> Answer:
    openings = ctx.plan("openings")
    by_site = (
        openings.group_by("site_id")
        .agg(
            order=pl.col("year").min(),
            first_output_year=pl.col("first_output_year").min(),
            capex_mn=pl.col("capex_mn").sum(),
            technology_id=pl.col("technology_id").unique(),
        )
        .sort("order", "first_output_year", "capex_mn", descending=[False, False, True])
    )
    says = (
        [_say(ctx, "a3.none")]
        if by_site.is_empty()
        else [
            _say(
                ctx,
                "a3.sites",
                names=", ".join(
                    f"{ctx.names.of('site', row['site_id'])} ({row['order']})"
                    for row in by_site.head(MOST_SITES).iter_rows(named=True)
                ),
            )
        ]
    )
    matches = ctx.run.partners.matches.sort("score", descending=True)
    if matches.height:
        best = [named_pair(ctx, row) for row in matches.head(5).iter_rows(named=True)]
        says.append(_say(ctx, "a3.partners", names="; ".join(best)))
    kept = getattr(ctx.run.projects, "kept", None)
    if isinstance(kept, pl.DataFrame):
        names = ctx.names.listed("project", kept["project_id"].to_list(), 8) if kept.height else ""
        says.append(
            _say(
                ctx,
                "a3.kept" if kept.height else "a3.kept_none",
                names=names,
                n=ctx.texts.n("n.projects", kept.height),
            )
        )
    says.append(_record(ctx))
    return Answer("a3", ctx.texts("a3.q"), tuple(says))


def _record(ctx: Context) -> Markup:
    """Say how often such projects came true so far, from the programme's own records."""
    known = ctx.programme["known_projects"]
    running = known.filter(pl.col("state") == "operating").height
    stopped = known.filter(pl.col("state").is_in(["frozen", "cancelled", "no_trace"])).height
    return _say(
        ctx,
        "a3.record",
        n=ctx.texts.n("n.projects", known.height),
        running=running,
        stopped=stopped,
    )


def _gains(ctx: Context) -> Answer:
    says: list[Markup] = []
    unsure = untold(ctx)
    for row in ctx.run.appraisal.parties.iter_rows(named=True):
        party = row["party_id"]
        key = "a4.gains" if (row["gain_mn"] or 0) > 0 else "a4.loses"
        if party in unsure:
            key = "a4.untold"
        says.append(
            _say(
                ctx,
                key,
                party=ctx.names.of("party", party),
                npv=ctx.register.show(f"summary.npv.{party}"),
                best=ctx.register.show(f"summary.best_alternative.{party}"),
                name=alternative_name(ctx, row),
                gain=ctx.register.show(f"summary.gain.{party}"),
                gaps=ctx.register.show("summary.gaps") if party in unsure else "",
            )
        )
    says += _mutual_deals(ctx)
    # The room's reasons begin with a line for each party, which stands above with its glyphs.
    own = tuple(f"{name}: " for name in ctx.names.all("party").values())
    reasons = [ctx.say(reason) for reason in ctx.run.appraisal.reasons]
    others = [reason for reason in reasons if not reason.startswith(own)]
    says += [Markup("{}").format(reason) for reason in others[:MOST_REASONS]]
    return Answer("a4", ctx.texts("a4.q"), tuple(says))


def _mutual_deals(ctx: Context) -> list[Markup]:
    """Say under which forms of deal the same plan leaves every side better off as written."""
    deals = getattr(ctx.run.appraisal, "deals", None)
    if not isinstance(deals, pl.DataFrame) or deals.is_empty():
        return []
    mutual = deals.filter(pl.col("is_mutual"))["deal_id"].unique(maintain_order=True).to_list()
    key = "a4.mutual" if mutual else "a4.mutual_none"
    return [
        _say(ctx, key, names=ctx.names.listed("deal", mutual), all=deals["deal_id"].n_unique())
    ]


def hanger_name(ctx: Context, hanger: Hanger) -> str:
    """Return what a fact is about, in words."""
    said = []
    for kind, identifier in hanger.ids.items():
        if kind in ("stage", "parameter", "module"):
            said.append(ctx.names.word(kind, identifier))
        else:
            said.append(ctx.names.of(kind, identifier))
    return f"{ctx.texts(f'hanger.{hanger.kind}')} ({', '.join(said)})"


def hangers_frame(ctx: Context, hangers: Sequence[Hanger]) -> pl.DataFrame:
    """Return the ranking as a table, exported beside the plan's own."""
    schema = {
        "rank": pl.Int64,
        "row": pl.String,
        "what": pl.String,
        "status": pl.String,
        "range_share": pl.Float64,
        "is_range_known": pl.Boolean,
        "swing_mn": pl.Float64,
        "origin_id": pl.String,
    }
    rows = [
        {
            "rank": i + 1,
            "row": h.row,
            "what": hanger_name(ctx, h),
            "status": h.status,
            "range_share": h.range_share,
            "is_range_known": h.is_range_known,
            "swing_mn": h.swing_mn,
            "origin_id": h.origin_id,
        }
        for i, h in enumerate(hangers)
    ]
    return pl.DataFrame(rows, schema=schema)


def _hangs(ctx: Context, hangers: Sequence[Hanger]) -> Answer:
    if not hangers:
        return Answer("a5", ctx.texts("a5.q"), (_say(ctx, "a5.none"),))
    rows = [
        {
            "name": f"{i + 1}. {hanger_name(ctx, h)}",
            "value": h.swing_mn,
            "label": ctx.texts.money(h.swing_mn),
        }
        for i, h in enumerate(hangers[:MOST_HANGERS])
    ]
    total = sum(h.swing_mn for h in hangers)
    top = sum(h.swing_mn for h in hangers[:5])
    says = [
        _say(
            ctx,
            "a5.top",
            what=hanger_name(ctx, hangers[0]),
            swing=ctx.texts.money(hangers[0].swing_mn),
            share=ctx.texts.percent(top / total),
        ),
        _say(ctx, "a5.method"),
    ]
    frame = hangers_frame(ctx, hangers)
    shown = ctx.table(
        "hangers",
        frame,
        [
            ctx.column("rank", "number"),
            ctx.column("what"),
            ctx.column("status", "status"),
            ctx.column("range_share", "percent"),
            ctx.column("swing_mn", "number", "money"),
            ctx.column("row", "code"),
        ],
        export="report_hangs_on",
        most=40,
    )
    title = ctx.texts("chart.hangers", what=hanger_name(ctx, hangers[0]))
    axis = ctx.texts("axis.money", currency=ctx.texts.currency_name(ctx.texts.currency))
    spec = charts.bars(rows, axis, ",.0f", "partner")
    sub = ctx.texts("sub.hangers", prices=ctx.texts.prices())
    chart = Chart("hangers", title, sub, spec, title, table=shown)
    return Answer("a5", ctx.texts("a5.q"), tuple(says), charts=(chart,))
