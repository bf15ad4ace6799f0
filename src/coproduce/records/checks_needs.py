"""Checks of what the rooms cannot do without: parameters, and a supply of every stage."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from coproduce.records.errors import Issue
from coproduce.records.validate import ROW, World, check
from coproduce.records.validate_words import close_matches, shown

REQUIRED_PARAMETERS = (
    "export_margin_share",
    "host_alone_capex_factor",
    "host_alone_extra_months",
    "host_distribution_margin_share",
    "inland_freight_per_t_km",
    "inspection_repeat_months",
    "overhead_share",
    "preparation_months",
    "ramp_year_1_share",
    "ramp_year_2_share",
    "shortage_penalty_factor",
    "terminal_years",
    "transfer_cost_per_product_mn",
    "wage_share_of_fixed_cost",
    "working_capital_share",
)
"""Parameters that a room reads; a missing one never counts as 0."""


@check("parameters")
def needed_parameters_are_there(world: World) -> Iterator[Issue]:
    """P097: every parameter that the rooms need has a row."""
    given = world.keys("parameters", "parameter_id")
    if not given:
        return  # a required table without rows is reported itself
    strangers = [name for name in given if name not in REQUIRED_PARAMETERS]
    for name in REQUIRED_PARAMETERS:
        if name in given:
            continue
        near = close_matches(name, strangers, most=1)
        hint = f"; is row {shown(near[0])} a misspelling of it?" if near else ""
        message = f"parameter {shown(name)} is missing and no plan can be made without it{hint}"
        yield world.issue(
            "P097", "parameters", f"{message}; add its row", column="parameter_id", value=name
        )


def _bare(world: World) -> pl.DataFrame:
    """Return the products that no row of `sources` names."""
    return world["products"].join(world["sources"], on="product_id", how="anti")


@check("products", "sources", whole=True)
def products_have_sources(world: World) -> Iterator[Issue]:
    """P098: of each product at least one stage has a source, or its dependence is unknown."""
    for row, product_id in _bare(world).select(ROW, "product_id").iter_rows():
        message = (
            f"product {shown(product_id)} has no row in table sources at any stage, so nothing is "
            "known of its supply today; add who makes it, or remove the product"
        )
        yield world.issue(
            "P098", "products", message, row=row, column="product_id", value=product_id
        )


@check("products", "stages", "sources", whole=True)
def stages_are_made_or_supplied(world: World) -> Iterator[Issue]:
    """P099: a stage has a technology that makes it or a source that supplies it."""
    stages = world["stages"].filter(pl.col("technology_id").is_null())
    bare = stages.join(world["sources"], on=["product_id", "stage_id"], how="anti")
    # a product without any source is reported itself
    bare = bare.join(_bare(world), on="product_id", how="anti")
    for row, product_id, stage_id in bare.select(ROW, "product_id", "stage_id").iter_rows():
        message = (
            f"stage {shown(stage_id)} of product {shown(product_id)} is neither made nor "
            "supplied: it has no technology and no row in table sources; add one of them or "
            "remove the stage"
        )
        yield world.issue("P099", "stages", message, row=row, column="stage_id", value=stage_id)
