"""Checks of names: what a row names must exist, and be of the right kind."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from coproduce.records.errors import Issue
from coproduce.records.tables import OPTIONAL_TABLES, TABLES
from coproduce.records.validate import ROW, SETTINGS_FILE, World, check
from coproduce.records.validate_words import listed, shown, suggestion

MOST_LISTED = 12


def _unknown(
    world: World,
    code: str,
    table: str,
    rows: pl.DataFrame,
    column: str,
    allowed: Collection[str],
    what: str,
) -> Iterator[Issue]:
    """Yield a problem for each unknown value, saying where it stands and what is allowed."""
    for value, found in rows.group_by(column, maintain_order=True).agg(ROW).iter_rows():
        hint = suggestion(value, allowed)
        if not hint and len(allowed) <= MOST_LISTED:
            hint = f" There are: {listed(sorted(allowed), most=MOST_LISTED)}."
        also = f" (rows {listed(found)})" if len(found) > 1 else ""
        message = (
            f"{shown(value)}{also} is not {what}.{hint} Correct it or add the row that it names"
        )
        yield world.issue(code, table, message, row=found[0], column=column, value=value)


def foreign_keys_exist(world: World) -> Iterator[Issue]:
    """P050: a value that names a row of another table names one that is there."""
    allowed: dict[str, list[str]] = {}
    for table in world.tables:
        frame = world.all_rows(table)
        dangling = {}
        for column, declared in TABLES[table].columns().items():
            ref = (declared.metadata or {}).get("ref", "")
            target, _, key = ref.partition(".")
            if not ref or target not in world.tables:
                continue
            if ref not in allowed:
                allowed[ref] = world.keys(target, key)
            # a required table without rows is reported itself
            if allowed[ref] or target in OPTIONAL_TABLES:
                dangling[column] = ref
        yield from _dangling(world, table, frame, dangling, allowed)


def _dangling(
    world: World,
    table: str,
    frame: pl.DataFrame,
    refs: dict[str, str],
    allowed: dict[str, list[str]],
) -> Iterator[Issue]:
    if not refs or frame.is_empty():
        return
    strays = {
        column: pl.col(column).is_not_null() & ~pl.col(column).is_in(allowed[ref])
        for column, ref in refs.items()
    }
    found = frame.select(stray.any().alias(column) for column, stray in strays.items()).row(0)
    for (column, stray), has_any in zip(strays.items(), found, strict=True):
        if has_any:
            target, _, key = refs[column].partition(".")
            what = f"in column {key} of table {target}"
            rows = frame.filter(stray)
            yield from _unknown(world, "P050", table, rows, column, allowed[refs[column]], what)


def _pairs(world: World) -> pl.DataFrame:
    return world["stages"].select("product_id", "stage_id")


@check("stages", "products", whole=True)
def stages_belong_to_their_product(world: World) -> Iterator[Issue]:
    """P051: a stage named with a product is a stage of that product."""
    pairs = _pairs(world)
    for table, product, stage in (
        ("bom", "product_id", "stage_id"),
        ("bom", "input_product_id", "input_stage_id"),
        ("sources", "product_id", "stage_id"),
        ("capabilities", "product_id", "stage_id"),
        ("needs", "product_id", "stage_id"),
    ):
        if table not in world.tables:
            continue
        rows = world[table].filter(
            pl.col(product).is_in(pairs["product_id"].implode()) & pl.col(stage).is_not_null()
        )
        stray = rows.join(
            pairs, left_on=[product, stage], right_on=["product_id", "stage_id"], how="anti"
        )
        for row, product_id, stage_id in stray.select(ROW, product, stage).iter_rows():
            there = pairs.filter(pl.col("product_id") == product_id)["stage_id"].to_list()
            message = (
                f"product {shown(product_id)} has no stage {shown(stage_id)}; "
                f"its stages are {listed(there)}"
            )
            yield world.issue("P051", table, message, row=row, column=stage, value=stage_id)


@check("stages", whole=True)
def stages_without_product_exist(world: World) -> Iterator[Issue]:
    """P051: a stage named without a product is a stage of some product."""
    allowed = world["stages"]["stage_id"].unique().to_list()
    for table in ("disruptions", "known_projects", "capabilities", "needs"):
        if table not in world.tables:
            continue
        frame = world[table]
        is_stray = pl.col("stage_id").is_not_null() & ~pl.col("stage_id").is_in(allowed)
        if "product_id" in frame.columns:
            is_stray = is_stray & pl.col("product_id").is_null()
        what = "a stage of any product"
        yield from _unknown(
            world, "P051", table, frame.filter(is_stray), "stage_id", allowed, what
        )


@check("sites")
def regimes_are_known(world: World) -> Iterator[Issue]:
    """P059: the tax regime of a site is one that the dated rules know."""
    if world.known_regimes is None:
        return
    allowed = list(world.known_regimes)
    rows = world["sites"].filter(~pl.col("regime_id").is_in(allowed))
    what = "a tax regime that the rules know"
    yield from _unknown(world, "P059", "sites", rows, "regime_id", allowed, what)


@check("scenarios", "deals", "stages", whole=True, settings=True)
def settings_name_what_is_there(world: World) -> Iterator[Issue]:
    """P075: the settings name a scenario, a deal and stages that the tables have."""
    settings = world.settings
    assert settings is not None  # noqa: S101  the registration says so
    for column, value, table in (
        ("scenario_id", settings.scenario_id, "scenarios"),
        ("deal_id", settings.deal_id, "deals"),
    ):
        allowed = world[table][column].to_list()
        if value not in allowed:
            hint = suggestion(value, allowed) or f" There are: {listed(allowed)}."
            message = f"{shown(value)} is not a {column} of table {table}.{hint}"
            yield world.issue("P075", SETTINGS_FILE, message, column=column, value=value)
    used = world["stages"]["stage_id"].unique(maintain_order=True).to_list()
    for stage_id in settings.stage_ids:
        if stage_id not in used:
            message = f"no product has a stage {shown(stage_id)}; remove it or add its stages"
            yield world.issue("P075", SETTINGS_FILE, message, column="stage_ids", value=stage_id)
    for stage_id in used:
        if stage_id not in settings.stage_ids:
            message = f"stage {shown(stage_id)} of table stages is missing; add it in chain order"
            yield world.issue("P075", SETTINGS_FILE, message, column="stage_ids", value=stage_id)


@check("modules", "stages", whole=True)
def used_technologies_have_modules(world: World) -> Iterator[Issue]:
    """P076: a technology that a stage or a site uses can be bought in some size."""
    sized = world["modules"]["technology_id"].unique().to_list()
    for table in ("stages", "site_technologies"):
        if table not in world.tables:
            continue
        column = pl.col("technology_id")
        rows = world[table].filter(column.is_not_null() & ~column.is_in(sized))
        for row, technology_id in rows.select(ROW, "technology_id").iter_rows():
            message = (
                f"technology {shown(technology_id)} has no size in table modules, so it can "
                "never be built; add a module"
            )
            yield world.issue(
                "P076", table, message, row=row, column="technology_id", value=technology_id
            )


@check("capabilities")
def capabilities_say_of_what(world: World) -> Iterator[Issue]:
    """P074: a capability names a product, a technology or both."""
    rows = world["capabilities"].filter(
        pl.col("product_id").is_null() & pl.col("technology_id").is_null()
    )
    for row in rows[ROW]:
        message = "neither product_id nor technology_id is filled in; name at least one"
        yield world.issue("P074", "capabilities", message, row=row, column="product_id")


@check()
def rows_name_company_or_region(world: World) -> Iterator[Issue]:
    """P080: who looks for a partner, and who comes to the forum, is a company or a region."""
    for table in ("needs", "participants"):
        if table not in world.tables:
            continue
        rows = world[table].filter(pl.col("company_id").is_null() & pl.col("region_id").is_null())
        for row in rows[ROW]:
            message = "neither company_id nor region_id is filled in; name the one it speaks for"
            yield world.issue("P080", table, message, row=row, column="company_id")


@check("requests")
def requests_are_to_others(world: World) -> Iterator[Issue]:
    """P069: nobody asks to meet itself."""
    rows = world["requests"].filter(pl.col("participant_id") == pl.col("wanted_id"))
    for row, who in rows.select(ROW, "wanted_id").iter_rows():
        message = f"{shown(who)} asks to meet itself; name another participant"
        yield world.issue("P069", "requests", message, row=row, column="wanted_id", value=who)


LIMIT_SCOPES = {
    "max_capex_per_year": (),
    "max_capex_total": (),
    "min_self_sufficiency": ("products.product_id",),
    "max_country_share": ("countries.country_id",),
    "min_region_capex_share": ("regions.region_id",),
    "min_regions": (),
    "fixed_site": ("sites.site_id",),
    "forbidden_site": ("sites.site_id",),
}
SCOPE_NEEDED = ("max_country_share", "min_region_capex_share", "fixed_site", "forbidden_site")
VALUE_NEEDED = tuple(kind for kind in LIMIT_SCOPES if not kind.endswith("_site"))

EFFECT_SCOPES = {
    "demand_factor": ("products.product_id",),
    "source_price_factor": ("countries.country_id", "products.product_id", "sources.source_id"),
    "fx_factor": ("fx.currency",),
    "capex_factor": ("technologies.technology_id",),
    "construction_delay_months": ("technologies.technology_id",),
    "source_down": ("countries.country_id", "sources.source_id"),
    "rival_standing": ("products.product_id",),
}


def _scopes(
    world: World, table: str, scopes: dict[str, tuple[str, ...]], code: str
) -> Iterator[Issue]:
    for kind, refs in scopes.items():
        rows = world[table].filter((pl.col("kind") == kind) & pl.col("scope_id").is_not_null())
        readable = [ref.split(".") for ref in refs if ref.split(".")[0] in world.tables]
        if not rows.is_empty() and not refs:
            for row, value in rows.select(ROW, "scope_id").iter_rows():
                message = f"kind {kind} holds for the whole plan; leave scope_id empty"
                yield world.issue(code, table, message, row=row, column="scope_id", value=value)
        elif len(readable) == len(refs):
            allowed = [key for target, name in readable for key in world.keys(target, name)]
            stray = rows.filter(~pl.col("scope_id").is_in(allowed))
            what = f"a {' or '.join(ref.split('.')[1] for ref in refs)} (kind {kind})"
            yield from _unknown(world, code, table, stray, "scope_id", allowed, what)


@check("limits")
def limits_have_scope_and_value(world: World) -> Iterator[Issue]:
    """P068: a limit names what it holds for and its number, as its kind asks."""
    yield from _scopes(world, "limits", LIMIT_SCOPES, "P068")
    for kinds, column in ((SCOPE_NEEDED, "scope_id"), (VALUE_NEEDED, "value")):
        rows = world["limits"].filter(pl.col("kind").is_in(kinds) & pl.col(column).is_null())
        for row, kind in rows.select(ROW, "kind").iter_rows():
            message = f"a limit of kind {kind} needs {column}; fill it in"
            yield world.issue("P068", "limits", message, row=row, column=column)
    idle = ~pl.col("kind").is_in(VALUE_NEEDED) & pl.col("value").is_not_null()
    rows = world["limits"].filter(idle)
    for row, kind, value in rows.select(ROW, "kind", "value").iter_rows():
        message = f"a limit of kind {kind} has no number; leave value empty"
        yield world.issue("P068", "limits", message, row=row, column="value", value=value)


@check("scenario_effects")
def effects_have_scope_and_value(world: World) -> Iterator[Issue]:
    """P078: an effect names what it changes and by how much, as its kind asks."""
    yield from _scopes(world, "scenario_effects", EFFECT_SCOPES, "P078")
    kind, value = pl.col("kind"), pl.col("value")
    for is_wrong, column, message in (
        (
            kind.str.ends_with("_factor") & ~(value.fill_null(0.0) > 0),
            "value",
            "a factor above 0 is needed here, for example 1.2 for 20 % more",
        ),
        (
            (kind == "construction_delay_months") & value.is_null(),
            "value",
            "the number of months is needed here",
        ),
        (
            (kind == "source_down") & pl.col("scope_id").is_null(),
            "scope_id",
            "the country or source that fails is needed here",
        ),
        (
            (kind == "rival_standing") & pl.col("standing_id").is_null(),
            "standing_id",
            "the rivals' new standing is needed here",
        ),
    ):
        for row in world["scenario_effects"].filter(is_wrong)[ROW]:
            yield world.issue("P078", "scenario_effects", message, row=row, column=column)
