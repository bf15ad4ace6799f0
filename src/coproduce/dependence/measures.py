"""The measures, all computed from walks of the mix table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import polars as pl

from coproduce.dependence.graph import Node
from coproduce.dependence.mix import Mix, Shares, country_of
from coproduce.dependence.types import Totals
from coproduce.dependence.walk import Walk

TEXT: type[pl.DataType] = pl.String
NUMBER: type[pl.DataType] = pl.Float64
KEY = {"product_id": TEXT, "stage_id": TEXT}


def hhi(shares: Iterable[float]) -> float:
    """Return the Herfindahl–Hirschman index of shares, between 0 and 1; 0 for no supply.

    Shares that do not add up to 1 are scaled first: the index describes the known part.

    Source: O. C. Herfindahl (1950); A. O. Hirschman (1964).

    Example:
        >>> hhi([0.5, 0.5]), hhi([1.0]), round(hhi([0.6, 0.3, 0.1]), 4)
        (0.5, 1.0, 0.46)
    """
    parts = list(shares)
    total = sum(parts)
    return sum((part / total) ** 2 for part in parts) if total > 0 else 0.0


def top(shares: Mapping[str, float]) -> tuple[str | None, float]:
    """Return the largest key and its share; of equals the first by name.

    Example:
        >>> top({"b": 0.4, "a": 0.4, "c": 0.2})
        ('a', 0.4)
    """
    if not shares:
        return None, 0.0
    key = min(shares, key=lambda name: (-shares[name], name))
    return key, shares[key]


def direct_shares(walk: Walk, mix: Mix, host_id: str, node: Node) -> Shares:
    """Return country → share of what the host's own makers buy of a node; sums to 1 if known.

    The finished good is bought by the host's market itself. Where nobody in the host uses the
    node, the host's own rows are given as they are.
    """
    if node == walk.chain.final:
        return walk.countries(node)
    buyers = {
        (user, maker): share * flow
        for user, flow in walk.chain.users[node]
        for maker, share in walk.makers[user].items()
        if country_of(maker) == host_id
    }
    total = sum(buyers.values())
    if total <= 0:
        return dict(mix.shares.get((host_id, node), {}))
    shares: Shares = defaultdict(float)
    for (_, buyer), weight in buyers.items():
        for maker, share in (mix.shares.get((buyer, node)) or {buyer: 1.0}).items():
            shares[country_of(maker)] += weight / total * share
    return dict(sorted(shares.items()))


def own_nodes(walks: Iterable[Walk]) -> list[tuple[Walk, Node]]:
    """Return each product's nodes, one per stage.

    Where two inputs of a product stand at the same stage, the one whose largest country holds
    more is taken, as the tighter neck; the table `chain` has both.
    """
    chosen: list[tuple[Walk, Node]] = []
    for walk in walks:
        by_stage: dict[str, list[Node]] = defaultdict(list)
        for node in walk.chain.order:
            by_stage[node[1]].append(node)
        for nodes in by_stage.values():
            node = min(nodes, key=lambda item: (-top(walk.countries(item))[1], item))
            chosen.append((walk, node))
    return chosen


def exposures(walks: Iterable[Walk], mix: Mix, host_id: str) -> pl.DataFrame:
    """Return the table `Exposures`: direct and chain share by product, stage and country."""
    rows = []
    for walk, node in own_nodes(walks):
        direct = direct_shares(walk, mix, host_id, node)
        chain = walk.countries(node)
        index = hhi(direct.values())
        for country in sorted(direct.keys() | chain.keys()):
            shares = (min(1.0, part.get(country, 0.0)) for part in (direct, chain))
            rows.append((walk.chain.product_id, node[1], country, *shares, index))
    schema = {**KEY, "country_id": TEXT}
    schema |= dict.fromkeys(("direct_share", "chain_share", "hhi"), NUMBER)
    return pl.DataFrame(rows, schema=schema, orient="row").sort(list(schema)[:3])


def concentration(
    walks: Iterable[Walk], mix: Mix, host_id: str, inside: frozenset[str]
) -> pl.DataFrame:
    """Return the concentration of each stage's supply to the host's market."""
    rows = []
    for walk, node in own_nodes(walks):
        direct = direct_shares(walk, mix, host_id, node)
        outside = {country: part for country, part in direct.items() if country not in inside}
        index = hhi(direct.values())
        rows.append(
            (
                *(walk.chain.product_id, node[1], index, *top(direct)),
                1 / index if index else 0.0,
                sum(outside.values()),
                hhi(outside.values()),
                sum(direct.values()),
            )
        )
    schema = {**KEY, "hhi": NUMBER, "top_country_id": TEXT}
    numbers = ("top_share", "n_effective", "outside_share", "hhi_outside", "known_share")
    schema |= dict.fromkeys(numbers, NUMBER)
    return pl.DataFrame(rows, schema=schema, orient="row").sort("product_id", "stage_id")


def chain_table(walks: Iterable[Walk]) -> pl.DataFrame:
    """Return chain shares by product, input and country, with the part counted by default."""
    rows = [
        (walk.chain.product_id, *node, country, share, walk.by_default[node].get(country, 0.0))
        for walk in walks
        for node in walk.chain.order
        for country, share in walk.countries(node).items()
    ]
    keys = ("product_id", "input_product_id", "stage_id", "country_id")
    schema = dict.fromkeys(keys, TEXT) | dict.fromkeys(("chain_share", "own_by_default"), NUMBER)
    return pl.DataFrame(rows, schema=schema, orient="row").sort(list(schema)[:4])


def bottlenecks(chain: pl.DataFrame, inside: frozenset[str]) -> pl.DataFrame:
    """Return, by product and country, the largest chain share over the stages and where it is.

    The largest share over stages and not a product of shares: one stage stopped stops the chain.
    """
    return (
        chain.sort(
            ["chain_share", "stage_id", "input_product_id"], descending=[True, False, False]
        )
        .group_by("product_id", "country_id", maintain_order=True)
        .first()
        .select(
            "product_id",
            "country_id",
            share="chain_share",
            stage_id="stage_id",
            input_product_id="input_product_id",
            is_inside=pl.col("country_id").is_in(list(inside)),
        )
        .sort(["product_id", "share", "country_id"], descending=[False, True, False])
    )


def self_sufficiency(
    walks: Iterable[Walk], weights: pl.DataFrame, inside: frozenset[str]
) -> pl.DataFrame:
    """Return each product's self-sufficiency at three depths, with its weights."""
    rows = []
    for walk in walks:
        final = walk.countries(walk.chain.final)
        soft = sum(share for country, share in final.items() if country in inside)
        depths = (soft, walk.full_cycle_share, walk.whole_chain_share)
        unknown = (walk.full_unknown_share, walk.unknown_share)
        rows.append((walk.chain.product_id, *(min(1.0, share) for share in depths), *unknown))
    schema = {"product_id": TEXT}
    schema |= dict.fromkeys(("soft_share", "full_cycle_share", "whole_chain_share"), NUMBER)
    schema |= dict.fromkeys(("full_unknown_share", "unknown_share"), NUMBER)
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.join(
        weights.select("product_id", "demand_mn_packs", "value_mn"), on="product_id"
    ).sort("product_id")


def totals(table: pl.DataFrame) -> Totals:
    """Return the weighted means of `self_sufficiency`, by packs and by value."""

    def mean(share: str, weight: str) -> float:
        total = float(table[weight].sum())
        return float((table[share] * table[weight]).sum()) / total if total > 0 else 0.0

    return Totals(
        soft_packs_share=mean("soft_share", "demand_mn_packs"),
        full_packs_share=mean("full_cycle_share", "demand_mn_packs"),
        whole_packs_share=mean("whole_chain_share", "demand_mn_packs"),
        soft_value_share=mean("soft_share", "value_mn"),
        full_value_share=mean("full_cycle_share", "value_mn"),
        whole_value_share=mean("whole_chain_share", "value_mn"),
        full_unknown_packs_share=mean("full_unknown_share", "demand_mn_packs"),
        unknown_packs_share=mean("unknown_share", "demand_mn_packs"),
        demand_mn_packs=float(table["demand_mn_packs"].sum()),
        demand_value_mn=float(table["value_mn"].sum()),
    )


def country_totals(
    necks: pl.DataFrame, walks: Iterable[Walk], weights: pl.DataFrame
) -> pl.DataFrame:
    """Return each country's demand-weighted bottleneck share and last-stage share, by packs."""
    last = pl.DataFrame(
        [
            (walk.chain.product_id, country, share)
            for walk in walks
            for country, share in walk.countries(walk.chain.final).items()
        ],
        schema={"product_id": TEXT, "country_id": TEXT, "last": NUMBER},
        orient="row",
    )
    total = float(weights["demand_mn_packs"].sum())
    packs = pl.col("demand_mn_packs") / total
    return (
        necks.join(last, on=["product_id", "country_id"], how="left")
        .join(weights, on="product_id")
        .group_by("country_id", "is_inside")
        .agg(
            bottleneck_packs_share=(pl.col("share") * packs).sum(),
            last_stage_packs_share=(pl.col("last").fill_null(0.0) * packs).sum(),
        )
        .select("country_id", "bottleneck_packs_share", "last_stage_packs_share", "is_inside")
        .sort(["bottleneck_packs_share", "country_id"], descending=[True, False])
    )


def looks_safe(
    table: pl.DataFrame, necks: pl.DataFrame, safe_share: float, exposed_share: float
) -> pl.DataFrame:
    """Return products whose last stage is mostly local while one outside country holds a stage."""
    return (
        table.filter(pl.col("soft_share") >= safe_share)
        .select("product_id", "soft_share", "demand_mn_packs")
        .join(
            necks.filter(~pl.col("is_inside") & (pl.col("share") >= exposed_share)),
            on="product_id",
        )
        .sort(
            ["demand_mn_packs", "product_id", "share", "country_id"],
            descending=[True, False, True, False],
        )
        .unique("product_id", keep="first", maintain_order=True)
        .select("product_id", "soft_share", "country_id", "stage_id", "input_product_id", "share")
    )
