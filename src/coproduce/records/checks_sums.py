"""Checks of amounts: ranges in order, shares and probabilities that add up, prices, currencies."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from coproduce.records.errors import Issue
from coproduce.records.validate import ROW, World, check
from coproduce.records.validate_words import listed, shown

TOLERANCE = 1e-6

RANGES = (
    ("parameters", "low", "value", "high"),
    ("modules", "capex_low_mn", "capex_mn", "capex_high_mn"),
    ("demand", "quantity_low", "quantity", "quantity_high"),
    ("prices", "price_low", "price_per_pack", "price_high"),
    ("sources", "price_low", "price_per_unit", "price_high"),
    ("gates", "months_low", "months_mode", "months_high"),
)


@check()
def ranges_stand_in_order(world: World) -> Iterator[Issue]:
    """P062: low ≤ value ≤ high."""
    for table, low, middle, high in RANGES:
        if table not in world.tables:
            continue
        for lower, upper in ((low, middle), (middle, high), (low, high)):
            rows = world[table].filter(pl.col(lower) > pl.col(upper))
            if (lower, upper) == (low, high):
                rows = rows.filter(pl.col(middle).is_null())
            for row, least, most in rows.select(ROW, lower, upper).iter_rows():
                message = f"{lower} {least:g} is above {upper} {most:g}; {low} ≤ {middle} ≤ {high}"
                yield world.issue("P062", table, message, row=row, column=lower, value=least)


SHARE_LIMITS = ("min_self_sufficiency", "max_country_share", "min_region_capex_share")
AMOUNT_LIMITS = ("max_capex_per_year", "max_capex_total")
COUNT_LIMITS = ("min_regions",)


@check("limits")
def limits_lie_in_their_range(world: World) -> Iterator[Issue]:
    """P100: a limit's number lies in the range of its kind."""
    value = pl.col("value")
    # not the opposite comparison: a value that is no number must not pass
    in_range = {
        "a share from 0 to 1, for example 0.4 for 40 %": (SHARE_LIMITS, value.is_between(0, 1)),
        "an amount of 0 or more, in mn of the base currency": (
            AMOUNT_LIMITS,
            value.is_finite() & (value >= 0),
        ),
        "a whole number of 0 or more": (
            COUNT_LIMITS,
            value.is_finite() & (value >= 0) & (value == value.floor()),
        ),
    }
    for allowed, (kinds, is_right) in in_range.items():
        rows = world["limits"].filter(pl.col("kind").is_in(kinds) & ~is_right)
        for row, kind, found in rows.select(ROW, "kind", "value").iter_rows():
            message = f"a limit of kind {kind} cannot be {found:g}; it must be {allowed}"
            yield world.issue("P100", "limits", message, row=row, column="value", value=found)


@check("scenarios", whole=True)
def probabilities_add_up(world: World) -> Iterator[Issue]:
    """P057: the probabilities of all scenarios add up to 1."""
    total = float(world["scenarios"]["probability"].sum())
    if abs(total - 1.0) > TOLERANCE:
        message = (
            f"the probabilities of all scenarios add up to {total:.6g}; they must add up to 1"
        )
        yield world.issue("P057", "scenarios", message, column="probability", value=f"{total:.6g}")


@check("scenarios", whole=True)
def one_scenario_is_base(world: World) -> Iterator[Issue]:
    """P058: exactly one scenario is the base."""
    base = world["scenarios"].filter("is_base")["scenario_id"].to_list()
    if len(base) != 1:
        named = f" ({listed(base)})" if base else ""
        message = f"{len(base)} scenarios have is_base true{named}; exactly one must"
        yield world.issue("P058", "scenarios", message, column="is_base", value=len(base))


@check("sources", whole=True)
def source_shares_add_up(world: World) -> Iterator[Issue]:
    """P060, P061 (warning): shares of one market's supply are at most 1, and explain all of it."""
    keys = ["product_id", "stage_id", "market_country_id"]
    sums = (
        world["sources"]
        .group_by(keys, maintain_order=True)
        .agg(pl.col("share_today").sum(), pl.col(ROW).last())
    )
    for product, stage, market, total, row in sums.iter_rows():
        what = f"share_today of {product}, {stage}, market {market} adds up to {total:.6g}"
        place = {"row": row, "column": "share_today", "value": f"{total:.6g}"}
        if total > 1.0 + TOLERANCE:
            message = f"{what}; it may not pass 1: lower some of its rows"
            yield world.issue("P060", "sources", message, **place)
        elif total < 1.0 - TOLERANCE:
            message = f"{what}, so {1 - total:.2%} of this supply is of unknown origin"
            yield world.issue("P061", "sources", message, **place, is_warning=True)


@check("demand", "prices", "products", whole=True)
def demand_has_prices(world: World) -> Iterator[Issue]:
    """P064: what is asked for in a segment has a price there."""
    pairs = ["product_id", "segment_id"]
    asked = world["demand"].filter(pl.col("quantity") > 0)
    bare = asked.join(world["prices"], on=pairs, how="anti").unique(
        pairs, keep="first", maintain_order=True
    )
    for row, product, segment in bare.select(ROW, *pairs).iter_rows():
        message = (
            f"product {shown(product)} is asked for in segment {shown(segment)} but table prices "
            "has no row for this pair; add it"
        )
        yield world.issue("P064", "demand", message, row=row, column="segment_id", value=segment)


@check("prices")
def prices_keep_their_caps(world: World) -> Iterator[Issue]:
    """P083 (warning): a price does not pass its registered maximum."""
    rows = world["prices"].filter(pl.col("price_per_pack") > pl.col("cap_per_pack"))
    for row, price, cap in rows.select(ROW, "price_per_pack", "cap_per_pack").iter_rows():
        message = f"price_per_pack {price:g} is above cap_per_pack {cap:g}"
        yield world.issue(
            "P083",
            "prices",
            message,
            row=row,
            column="price_per_pack",
            value=price,
            is_warning=True,
        )


CURRENCY_USERS = ("prices", "sources", "lanes", "parties")


@check("fx", whole=True, settings=True)
def currencies_have_rates(world: World) -> Iterator[Issue]:
    """P056: every currency that plans count in has a rate from the base year to the last."""
    settings = world.settings
    assert settings is not None  # noqa: S101  the registration says so
    wanted = set(range(settings.base_year, settings.last_year + 1))
    rates: dict[str, set[int]] = {}
    for currency, year in world["fx"].select("currency", "year").iter_rows():
        rates.setdefault(currency, set()).add(year)
    for table in CURRENCY_USERS:
        if table not in world.tables:
            continue
        users = world[table].unique("currency", keep="first", maintain_order=True)
        for row, currency in users.select(ROW, "currency").iter_rows():
            missing = sorted(wanted - rates.get(currency, set()))
            if currency == settings.currency or not missing:
                continue
            message = (
                f"currency {shown(currency)} has no rate in table fx for {listed(missing)}; "
                f"rates are needed for each year from {settings.base_year} to {settings.last_year}"
            )
            yield world.issue("P056", table, message, row=row, column="currency", value=currency)
    own = world["fx"].filter(
        (pl.col("currency") == settings.currency) & (pl.col("base_per_unit") != 1.0)
    )
    for row, rate in own.select(ROW, "base_per_unit").iter_rows():
        message = f"the base currency costs {rate:g} of itself; write 1 or leave the row out"
        yield world.issue("P056", "fx", message, row=row, column="base_per_unit", value=rate)


@check("deals")
def equity_adds_up(world: World) -> Iterator[Issue]:
    """P082: both sides' equity adds up to 1."""
    total = pl.col("host_equity_share") + pl.col("partner_equity_share")
    rows = world["deals"].with_columns(total=total).filter((total - 1.0).abs() > TOLERANCE)
    for row, found in rows.select(ROW, "total").iter_rows():
        message = (
            f"host_equity_share and partner_equity_share add up to {found:.6g}; "
            "they must add up to 1 (a licence: host 1, partner 0)"
        )
        yield world.issue(
            "P082", "deals", message, row=row, column="partner_equity_share", value=f"{found:.6g}"
        )


UNITS_OF = (
    ("companies", "revenue_mn", "revenue_currency"),
    ("companies", "revenue_mn", "revenue_year"),
    ("regions", "wage_per_month", "wage_year"),
    ("known_projects", "capex_mn", "capex_currency"),
    ("known_projects", "capacity", "capacity_unit"),
)


@check()
def numbers_have_units(world: World) -> Iterator[Issue]:
    """P088: an optional number comes with its currency, unit or year."""
    for table, number, unit in UNITS_OF:
        if table not in world.tables:
            continue
        rows = world[table].filter(pl.col(number).is_not_null() & pl.col(unit).is_null())
        for row, value in rows.select(ROW, number).iter_rows():
            message = f"{number} {value:g} stands without {unit}; fill in {unit}"
            yield world.issue("P088", table, message, row=row, column=unit)
