"""Part of the resilience section: today, the plan, and the plan with each safeguard."""

from __future__ import annotations

from typing import Any

import polars as pl
from markupsafe import Markup

from coproduce.report import numbers
from coproduce.report.context import Context
from coproduce.report.land import land_rings
from coproduce.report.look import TOKENS
from coproduce.report.view import Chart, Column, Table
from coproduce.resilience.pictures import Look, cost_front, shortage_bands, weakest_map

MOST_PLACES = 25
SAME = 1e-4
"""Shares that differ by less than a hundredth of a per cent are called the same."""
_STATE_FIGURES = {
    "today": "resilience.expected_shortage.before",
    "plan": "resilience.expected_shortage.after",
}


def reasons(ctx: Context) -> list[str]:
    """Return what else the comparison found; its finding and the local stage stand elsewhere."""
    found = ctx.run.safety
    told = found.reasons[1:] if found.local_stage_id else found.reasons
    return [ctx.say(one) for one in told if one != found.finding]


def limits(ctx: Context) -> list[str]:
    """Return what a reader must know before trusting the comparison."""
    return [ctx.say(one) for one in ctx.run.safety.warnings]


def body(ctx: Context) -> Markup:
    """Return what a stage made at home from imported inputs does, and what it does not."""
    stage_id = ctx.run.safety.local_stage_id
    if not stage_id:
        return Markup("")
    stage = ctx.names.stage(stage_id)
    shown = {
        f"{what}_{when}": ctx.register.show(f"resilience.local_stage.{what}.{when}")
        for what in ("home", "bottleneck", "shortage")
        for when in ("before", "after")
    }
    short = [
        ctx.register.value(f"resilience.local_stage.shortage.{when}") or 0.0
        for when in ("before", "after")
    ]
    neck = [
        ctx.register.value(f"resilience.local_stage.bottleneck.{when}") or 0.0
        for when in ("before", "after")
    ]
    moves = "local.bottleneck" if neck[1] > neck[0] + SAME else "local.bottleneck_stays"
    is_no_better = short[1] >= short[0] - SAME
    head = ctx.texts("h.local_stage" if is_no_better else "h.local_stage_does", stage=stage)
    said = (
        ctx.texts.html("local.home", stage=stage, **shown),
        ctx.texts.html(moves, **shown),
        Markup("{}").format(ctx.texts("local.not" if is_no_better else "local.does")),
    )
    return Markup('<h3>{}</h3><p class="prose" id="local-stage">{}</p>').format(
        head, Markup(" ").join(said)
    )


def charts(ctx: Context) -> list[Chart]:
    """Return cost against shortage, shortage by year, and the weakest places."""
    if ctx.run.safety.states.is_empty():
        return []
    found = [_front(ctx), _over_time(ctx), _places(ctx)]
    return [chart for chart in found if chart is not None]


def tables(ctx: Context) -> list[Table]:
    """Return how the supply is built in both states, and the local stage by product."""
    if ctx.run.safety.states.is_empty():
        return []
    found = [_measures(ctx)] if not ctx.run.safety.measures.is_empty() else []
    local = ctx.run.safety.local_stage
    if not local.is_empty():
        named = ctx.names.frame(local, product_id="product", bottleneck_stage_id="stage")
        columns = [ctx.column("product_id")]
        columns += [
            ctx.column(f"{what}_{when}", "percent")
            for what in ("home", "bottleneck", "shortage")
            for when in ("before", "after")
        ]
        columns.append(ctx.column("bottleneck_stage_id"))
        found.append(ctx.table("local_stage", named, columns, export="resilience_local_stage"))
    return found


def _look() -> Look:
    return Look({token: pair[0] for token, pair in TOKENS.items()})


# --- cost against shortage -------------------------------------------------------------------


def _front(ctx: Context) -> Chart:
    states = ctx.run.safety.states.filter(pl.col("state_id") != "today")
    points = states.select("cost_mn", "shortage_share").with_columns(
        name=pl.int_range(pl.len()).cast(pl.String)
    )
    cost = ctx.texts(
        "axis.safety_cost",
        currency=ctx.texts.currency_name(ctx.texts.currency),
        prices=ctx.texts.prices(),
    )
    picture = cost_front(points, _look(), (cost, ctx.texts("axis.shortage")))
    title = ctx.say(ctx.run.safety.finding)
    return Chart(
        "safeguards",
        title,
        f"{ctx.texts('sub.front')}. {ctx.texts('safety.costs')}",
        picture.spec,
        title,
        table=_states(ctx),
    )


def _states(ctx: Context) -> Table:
    """Return a row per state; each number leads to its trace."""
    columns = tuple(
        Column(name, ctx.texts(f"col.{name}"), kind)
        for name, kind in (
            ("no", "quantity"),
            ("safety_state", "text"),
            ("safety_cost", "quantity"),
            ("safety_shortage", "quantity"),
            ("safety_avoided", "quantity"),
            ("safety_cheapest", "text"),
        )
    )
    rows = tuple(
        _state_row(ctx, number, row)
        for number, row in enumerate(ctx.run.safety.states.iter_rows(named=True), start=-1)
    )
    return Table(
        "safeguards",
        ctx.texts("table.safeguards"),
        columns,
        rows,
        export="resilience_states",
        is_open=True,
    )


def _state_row(ctx: Context, number: int, row: dict[str, Any]) -> tuple[Any, ...]:
    name = row["name_ru"] if ctx.texts.lang == "ru" else row["name_en"]
    reached = [ctx.texts.percent(float(one)) for one in row["cheapest_for"].split()]
    plain = _STATE_FIGURES.get(row["state_id"])
    shown: tuple[str | Markup, ...]
    if plain:
        dash = numbers.EN_DASH
        shown = (dash, ctx.register.show(plain), dash)
    else:
        figure = f"resilience.state.{row['state_id']}"
        shown = tuple(
            ctx.register.show(f"{figure}.{what}") for what in ("cost", "shortage", "avoided")
        )
    return (str(number) if number >= 0 else "", name, *shown, ", ".join(reached))


# --- shortage by year ------------------------------------------------------------------------


def _over_time(ctx: Context) -> Chart | None:
    rows = ctx.run.safety.over_time
    then = rows.filter(pl.col("state") == "after").sort("time")
    if then.is_empty():
        return None
    words = {"before": ctx.texts("today"), "after": ctx.texts("with_plan")}
    named = rows.with_columns(state=pl.col("state").replace_strict(words))
    picture = shortage_bands(
        named,
        _look(),
        (ctx.texts("axis.year"), ctx.texts("axis.shortage")),
        [(words["before"], "third"), (words["after"], "host")],
    )
    first, last = then.row(0, named=True), then.row(-1, named=True)
    title = ctx.texts(
        "chart.over_time_up",
        first=ctx.texts.percent(first["mean"]),
        last=ctx.texts.percent(last["mean"]),
        start=first["time"],
        end=last["time"],
    )
    printed = picture.table.rename(
        {"time": "year", "mean": "shortage_mean", "low": "shortage_low"}
    )
    table = ctx.table(
        "over_time",
        printed,
        [
            ctx.column("state"),
            ctx.column("year", "year"),
            ctx.column("shortage_mean", "percent"),
            ctx.column("shortage_low", "percent"),
        ],
        export="resilience_over_time",
    )
    return Chart(
        "shortage-years", title, ctx.texts("sub.over_time"), picture.spec, title, table=table
    )


# --- the weakest places ----------------------------------------------------------------------


def _places(ctx: Context) -> Chart | None:
    where = ctx.programme["countries"].select("country_id", "lat", "lon")
    ranked = (
        ctx.run.safety.places.filter(pl.col("when") == "after")
        .join(where, on="country_id")
        .filter(pl.col("lat").is_not_null() & pl.col("lon").is_not_null())
        .sort("rank")
    )
    if ranked.is_empty():
        return None
    ranked = ranked.with_columns(name=pl.col("country_id"))
    named = ctx.names.frame(ranked, name="country", stage_id="stage")
    picture = weakest_map(named.drop("when"), _look(), ctx.texts("axis.saved"), land=land_rings())
    first = named.row(0, named=True)
    title = ctx.texts(
        "chart.places", country=first["name"], share=ctx.texts.percent(first["saved_share"])
    )
    table = ctx.table(
        "places",
        named.with_columns(country_id=pl.col("name"), place_products=pl.col("products")),
        [
            ctx.column("rank", "number"),
            ctx.column("country_id"),
            ctx.column("saved_share", "percent"),
            ctx.column("stage_id"),
            ctx.column("place_products", "number"),
        ],
        export="resilience_places",
        most=MOST_PLACES,
    )
    return Chart(
        "weakest-places", title, ctx.texts("sub.places"), picture.spec, title, table=table
    )


# --- how the supply is built -----------------------------------------------------------------


def _measures(ctx: Context) -> Table:
    """Return the measures of both states; each number leads to its trace."""
    names = [
        name.removesuffix(".before")
        for name in ctx.register.figures
        if name.startswith("resilience.measure.") and name.endswith(".before")
    ]
    rows = tuple(
        (
            _without_state(ctx, f"{name}.before"),
            ctx.register.show(f"{name}.before"),
            ctx.register.show(f"{name}.after"),
        )
        for name in names
    )
    columns = (
        Column("measure", ctx.texts("col.measure")),
        Column("then_today", ctx.texts("col.then_today"), "quantity"),
        Column("then_plan", ctx.texts("col.then_plan"), "quantity"),
    )
    return Table(
        "safety_measures",
        ctx.texts("table.safety_measures"),
        columns,
        rows,
        export="resilience_measures",
        is_open=True,
    )


def _without_state(ctx: Context, figure_id: str) -> str:
    return ctx.register.label(figure_id).removesuffix(f" {ctx.texts('today')}")


__all__ = ["body", "charts", "limits", "reasons", "tables"]
