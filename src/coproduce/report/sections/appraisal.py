"""Section: what it is worth, to each party, against its best alternative."""

from __future__ import annotations

from typing import Any

import polars as pl
from markupsafe import Markup

from coproduce.records.words import lower_first
from coproduce.report import charts
from coproduce.report.context import Context, room_section
from coproduce.report.proven import gaps_mn, untold
from coproduce.report.sections.forms import room_tables
from coproduce.report.view import Chart, Section, Table


def build(ctx: Context) -> Section:
    """Return the appraisal section."""
    parties = ctx.run.appraisal.parties
    drawn = [_gains(ctx, parties), *_deals(ctx), _cash(ctx)] if parties.height else []
    more = room_tables(
        ctx,
        "appraisal",
        ctx.run.appraisal,
        ("alternatives", "zone", "levers", "statement"),
    )
    return room_section(
        ctx,
        "appraisal",
        ctx.run.appraisal,
        figures=[
            f"appraisal.{what}.{party}"
            for party in parties["party_id"]
            for what in ("npv", "best_alternative", "gain", "irr")
        ],
        charts=drawn,
        tables=more,
        body=_bargain(ctx, parties["party_id"].to_list()),
        is_empty=parties.is_empty(),
    )


def alternative_name(ctx: Context, row: dict[str, Any]) -> str:
    """Return the name of a party's best alternative, as the room calls it."""
    alternatives = ctx.run.appraisal.alternatives
    name = "name_ru" if ctx.texts.lang == "ru" else "name_en"
    wanted = row["best_alternative_id"]
    found = alternatives.filter(pl.col("alternative_id") == wanted)
    if found.is_empty() or name not in found.columns:
        return ctx.names.word("alternative", wanted)
    text = str(found[name][0])
    return text[:1].lower() + text[1:]


def _gains(ctx: Context, parties: pl.DataFrame) -> Chart:
    rows: list[dict[str, Any]] = []
    for row in parties.iter_rows(named=True):
        name = ctx.names.of("party", row["party_id"])
        best = alternative_name(ctx, row)
        for label, value, tone in (
            (ctx.texts("joint_plan"), row["npv_mn"], "host"),
            (ctx.texts("best_alternative", name=best), row["best_alternative_npv_mn"], "third"),
        ):
            if value is None:
                continue
            rows.append(
                {
                    "name": f"{name}: {label}",
                    "value": value,
                    "tone": tone,
                    "label": ctx.texts.money(value),
                }
            )
    title = _gains_title(ctx, parties)
    spec = charts.bars(rows, ctx.texts("axis.money", **_money(ctx)), ",.0f")
    best_names = [alternative_name(ctx, row) for row in parties.iter_rows(named=True)]
    named = ctx.names.column(parties, "party_id", "party").with_columns(
        best_alternative_id=pl.Series(best_names, dtype=pl.String)
    )
    shown = ctx.table(
        "parties",
        named,
        [
            ctx.column("party_id"),
            ctx.column("npv_mn", "number", "money"),
            ctx.column("best_alternative_id"),
            ctx.column("best_alternative_npv_mn", "number", "money"),
            ctx.column("gain_mn", "number", "money"),
            ctx.column("irr_share", "percent"),
            ctx.column("payback_years", "number"),
        ],
        export="appraisal_parties",
        is_open=True,
    )
    sub = ctx.texts("sub.gains", prices=ctx.texts.prices())
    return Chart("gains", title, sub, spec, title, table=shown)


def _gains_title(ctx: Context, parties: pl.DataFrame) -> str:
    """Say how many sides gain, where the proofs of the plans let it be told."""
    gains = [row["gain_mn"] or 0.0 for row in parties.iter_rows(named=True)]
    gaining, every = sum(gain > 0 for gain in gains), len(gains)
    if untold(ctx):
        return ctx.texts("chart.gains_untold", gaps=ctx.texts.money(gaps_mn(ctx)))
    if gaining == every:
        return ctx.texts("chart.gains_all")
    key = "chart.gains_one" if gaining == 1 else "chart.gains_some"
    return ctx.texts(key, n=ctx.texts.whole(gaining), all=ctx.texts.whole(every))


def _deals(ctx: Context) -> list[Chart]:
    """Return what each side gains under each form of deal: under which form both gain."""
    deals = getattr(ctx.run.appraisal, "deals", None)
    if not isinstance(deals, pl.DataFrame) or deals.is_empty():
        return []
    least = (
        deals.group_by("deal_id", maintain_order=True)
        .agg(pl.col("is_mutual").first(), pl.col("gain_mn").min())
        .sort("is_mutual", "gain_mn", "deal_id", descending=[True, True, False])
    )
    mutual = least.filter("is_mutual")["deal_id"].to_list()
    open_zone = (
        deals.filter(pl.col("is_zone_open"))["deal_id"].to_list()
        if "is_zone_open" in deals.columns
        else []
    )
    called = {
        deal: f"{'✓ ' if deal in mutual else '⇄ ' if deal in open_zone else ''}"
        f"{ctx.names.of('deal', deal)}"
        for deal in least["deal_id"]
    }
    sides = dict(zip(ctx.run.appraisal.parties["party_id"], ("host", "partner"), strict=False))
    rows = [
        {
            "name": called[row["deal_id"]],
            "part": ctx.names.of("party", row["party_id"]),
            "value": row["gain_mn"],
            "label": ctx.texts.money(row["gain_mn"]),
        }
        for row in deals.iter_rows(named=True)
    ]
    title = _deals_title(ctx, mutual, least.height)
    parts = [(ctx.names.of("party", party), tone) for party, tone in sides.items()]
    spec = charts.paired(rows, list(called.values()), parts, ctx.texts("axis.gain", **_money(ctx)))
    shown = room_tables(ctx, "appraisal", ctx.run.appraisal, ("deals",))[0]
    sub = ctx.texts("sub.deals", prices=ctx.texts.prices())
    return [Chart("deals", title, sub, spec, title, table=shown)]


def _deals_title(ctx: Context, mutual: list[str], forms: int) -> str:
    if not mutual:
        return ctx.texts("chart.deals_none")
    name = lower_first(ctx.names.of("deal", mutual[0]))
    if len(mutual) == 1:
        return ctx.texts("chart.deals_one", name=name)
    return ctx.texts("chart.deals_some", n=len(mutual), all=forms, name=name)


def _bargain(ctx: Context, parties: list[str]) -> Markup:
    """Return the zone of agreement in plain figures: who may pay how much, and what is fair."""
    rows = []
    for party in parties:
        name = f"summary.payment_most.{party}"
        if name in ctx.register.figures:
            rows.append((ctx.register.label(name), name))
    fair = ctx.register.value("appraisal.fair_payment")
    if fair is not None:
        rows.append((ctx.register.label("summary.fair_payment"), "summary.fair_payment"))
        for party in parties:
            label = ctx.texts("bargain.after", party=ctx.names.of("party", party))
            rows.append((label, f"appraisal.fair_gain.{party}"))
    if not rows:
        return Markup("")
    items = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(label, ctx.register.show(name))
        for label, name in rows
    )
    return Markup('<h3>{}</h3><dl class="figures">{}</dl>').format(
        ctx.texts("bargain.title"), items
    )


def _money(ctx: Context) -> dict[str, str]:
    return {"currency": ctx.texts.currency_name(ctx.texts.currency)}


def _cash(ctx: Context) -> Chart:
    rates = dict(ctx.programme["parties"].select("party_id", "discount_rate_share").iter_rows())
    base = ctx.programme.settings.base_year
    net = (
        ctx.run.appraisal.party_cash.group_by("party_id", "year")
        .agg(pl.col("value_mn").sum())
        .sort("party_id", "year")
    )
    order = ctx.run.appraisal.parties["party_id"].to_list()
    net = net.sort(pl.col("party_id").map_elements(order.index, return_dtype=pl.Int64), "year")
    running: dict[str, float] = {}
    rows = []
    for party, year, value in net.iter_rows():
        worth = value / (1 + rates.get(party, 0.0)) ** (year - base)
        running[party] = running.get(party, 0.0) + worth
        rows.append(
            {
                "panel": ctx.names.of("party", party),
                "year": year,
                "value": value,
                "running": running[party],
            }
        )
    panels = list(dict.fromkeys(str(row["panel"]) for row in rows))
    words = (ctx.texts("net_cash"), ctx.texts("running_worth"))
    spec = charts.cash(rows, panels, ctx.texts("axis.money", **_money(ctx)), words)
    title = ctx.texts("chart.cash", when=_turns(ctx, rows))
    pivot = _pivot(ctx)
    sub = ctx.texts("sub.cash", prices=ctx.texts.prices())
    return Chart("cash", title, sub, spec, title, table=pivot)


def _turns(ctx: Context, rows: list[dict[str, Any]]) -> str:
    """Say in which year each party's running worth turns for good, party by party."""
    said = []
    for party in dict.fromkeys(row["panel"] for row in rows):
        own = [row for row in rows if row["panel"] == party]
        below = [row["year"] for row in own if row["running"] < 0]
        if own[-1]["running"] < 0:
            said.append(ctx.texts("turns_never", party=party))
        elif not below:
            said.append(ctx.texts("turns_at_once", party=party))
        else:
            said.append(ctx.texts("turns_in", party=party, year=max(below) + 1))
    return "; ".join(said)


def _pivot(ctx: Context) -> Table:
    cash = ctx.run.appraisal.party_cash.group_by("party_id", "item", "year").agg(
        pl.col("value_mn").sum()
    )
    years = sorted(cash["year"].unique().to_list())
    wide = cash.pivot("year", index=["party_id", "item"], values="value_mn").sort(
        "party_id", "item"
    )
    named = ctx.names.frame(wide, party_id="party", item="item")
    columns = [ctx.column("party_id"), ctx.column("item")]
    columns += [ctx.column(str(year), "number") for year in years]
    return ctx.table("cash", named, columns, export="appraisal_party_cash")
