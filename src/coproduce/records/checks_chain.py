"""Checks of chains: stages in order, bills of materials without cycles, a way to be supplied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import polars as pl

from coproduce.records.errors import Issue
from coproduce.records.validate import ROW, World, check
from coproduce.records.validate_words import listed, shown

Node = tuple[str, str]


def _inputs(world: World) -> dict[Node, list[Node]]:
    inputs: dict[Node, list[Node]] = {}
    columns = ("product_id", "stage_id", "input_product_id", "input_stage_id")
    for product, stage, input_product, input_stage in world["bom"].select(columns).iter_rows():
        inputs.setdefault((product, stage), []).append((input_product, input_stage))
    return inputs


@check("bom")
def bom_has_no_cycle(world: World) -> Iterator[Issue]:
    """P052: nothing is, through its inputs, an input of itself."""
    try:
        TopologicalSorter(_inputs(world)).prepare()
    except CycleError as error:
        cycle: list[Node] = error.args[1]
        way = " ← ".join("/".join(node) for node in reversed(cycle))
        product, stage = cycle[1]
        rows = world["bom"].filter(
            (pl.col("product_id") == product) & (pl.col("stage_id") == stage)
        )
        message = f"inputs run in a circle: {way}; remove one of these rows"
        yield world.issue(
            "P052", "bom", message, row=rows[ROW][0], column="input_stage_id", value=cycle[0][1]
        )


@check("bom", "stages", whole=True)
def bom_inputs_are_upstream(world: World) -> Iterator[Issue]:
    """P053: an input from the same product comes from an earlier stage."""
    numbers = world["stages"].select("product_id", "stage_id", "stage_no")
    same = world["bom"].filter(pl.col("product_id") == pl.col("input_product_id"))
    joined = same.join(numbers, on=["product_id", "stage_id"]).join(
        numbers.rename({"stage_id": "input_stage_id", "stage_no": "input_no"}),
        on=["product_id", "input_stage_id"],
    )
    wrong = joined.filter(pl.col("input_no") > pl.col("stage_no")).sort(ROW)
    for row, stage, given in wrong.select(ROW, "stage_id", "input_stage_id").iter_rows():
        message = (
            f"stage {shown(stage)} cannot take stage {shown(given)} as input, since that is not "
            "an earlier stage; swap them or correct stage_no in table stages"
        )
        yield world.issue("P053", "bom", message, row=row, column="input_stage_id", value=given)


@check("stages", "products", whole=True)
def every_product_has_stages(world: World) -> Iterator[Issue]:
    """P055: a product has stages."""
    bare = world["products"].join(world["stages"], on="product_id", how="anti")
    for row, product_id in bare.select(ROW, "product_id").iter_rows():
        message = f"product {shown(product_id)} has no row in table stages; add its chain"
        yield world.issue(
            "P055", "products", message, row=row, column="product_id", value=product_id
        )


@check("stages", whole=True, settings=True)
def stages_stand_in_order(world: World) -> Iterator[Issue]:
    """P055: stage numbers differ within a product and follow the order of the settings."""
    settings = world.settings
    assert settings is not None  # noqa: S101  the registration says so
    stages = world["stages"]
    twice = stages.filter(pl.struct("product_id", "stage_no").is_duplicated())
    for row, product_id, number in twice.select(ROW, "product_id", "stage_no").iter_rows():
        message = f"product {shown(product_id)} has two stages with number {number}; renumber them"
        yield world.issue("P055", "stages", message, row=row, column="stage_no", value=number)
    place = {stage_id: number for number, stage_id in enumerate(settings.stage_ids)}
    ordered = (
        stages.filter(pl.col("stage_id").is_in(list(place)))
        .with_columns(place=pl.col("stage_id").replace_strict(place, return_dtype=pl.Int32))
        .sort("product_id", "stage_no")
        .with_columns(before=pl.col("place").shift(1).over("product_id"))
    )
    wrong = ordered.filter(pl.col("place") < pl.col("before"))
    for row, stage_id, number in wrong.select(ROW, "stage_id", "stage_no").iter_rows():
        message = (
            f"stage {shown(stage_id)} comes after a stage that follows it in programme.yaml "
            f"({' → '.join(settings.stage_ids)}); correct stage_no"
        )
        yield world.issue("P055", "stages", message, row=row, column="stage_no", value=number)


@check("stages", "sources", "bom", "parties", "products", whole=True)
def finished_goods_can_be_supplied(world: World) -> Iterator[Issue]:
    """P054: there is some way to get each product: a source, or lines with all their inputs."""
    hosts = world["parties"].filter(pl.col("role") == "host")["country_id"].to_list()
    bought = set(
        world["sources"]
        .filter(pl.col("market_country_id").is_in(hosts))
        .select("product_id", "stage_id")
        .iter_rows()
    )
    made = set(
        world["stages"]
        .filter(pl.col("technology_id").is_not_null())
        .select("product_id", "stage_id")
        .iter_rows()
    )
    can_get = _can_get(bought, made, _inputs(world))
    last = world["stages"].sort("stage_no").group_by("product_id", maintain_order=True).last()
    finished = dict(last.select("product_id", "stage_id").iter_rows())
    for row, product_id in world["products"].select(ROW, "product_id").iter_rows():
        stage_id = finished.get(product_id)
        if stage_id is None or (product_id, stage_id) in can_get:
            continue
        missing = [stage for product, stage in sorted(made | bought) if product == product_id]
        message = (
            f"product {shown(product_id)} can reach the host in no way: no source supplies its "
            f"finished stage {shown(stage_id)} to the host and no chain of technologies with "
            "bought or made inputs leads to it; add a row to sources or a technology to stages "
            f"(stages with either: {listed(missing) or 'none'})"
        )
        yield world.issue(
            "P054", "products", message, row=row, column="product_id", value=product_id
        )


def _can_get(bought: set[Node], made: set[Node], inputs: Mapping[Node, list[Node]]) -> set[Node]:
    """Return everything that can be bought, or made from what can be had."""
    can_get = set(bought)
    waiting = made - can_get
    while True:
        fresh = {node for node in waiting if all(part in can_get for part in inputs.get(node, []))}
        if not fresh:
            return can_get
        can_get |= fresh
        waiting -= fresh


@check("stages", "technologies", whole=True)
def stage_units_fit_technologies(world: World) -> Iterator[Issue]:
    """P065 (warning): one unit of output takes one unit of capacity only if the units agree."""
    joined = world["stages"].join(
        world["technologies"].select("technology_id", capacity_unit="unit"), on="technology_id"
    )
    odd = joined.filter(
        (pl.col("capacity_use_per_unit") == 1.0) & (pl.col("unit") != pl.col("capacity_unit"))
    ).sort(ROW)
    for row, unit, capacity_unit in odd.select(ROW, "unit", "capacity_unit").iter_rows():
        message = (
            f"output is counted in {shown(unit)} but the technology's capacity in "
            f"{shown(capacity_unit)}; capacity_use_per_unit 1 is right only if these are the same"
        )
        yield world.issue(
            "P065", "stages", message, row=row, column="unit", value=unit, is_warning=True
        )
