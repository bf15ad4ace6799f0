"""Exposure through a bill of materials: where the inputs of the inputs come from, at any depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.dependence.trade.panel import chosen_years, position
from coproduce.records.errors import ModelError
from coproduce.sources.trade import store

Floats = NDArray[np.float64]
SETTLED = 1e-13
MOST_ROUNDS = 100_000


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill of materials; K products, ends and inputs alike.

    Attributes:
        product_ids: every product that occurs, sorted (K).
        value_share: share of a product's value (row) that an input (column) is (K x K).
    """

    product_ids: tuple[str, ...]
    value_share: Floats


@dataclass(frozen=True, slots=True)
class Supply:
    """Who supplies whom with the products of a bill, in one year; C countries, K products.

    Attributes:
        country_ids: of the axes.
        share: of a country's supply of a product, by country of origin, itself included
            (user C x K x origin C); each adds up to 1.
        is_assumed: the country neither imports the product nor is its output known: it is taken
            to make it itself (C x K).
    """

    country_ids: tuple[str, ...]
    share: Floats
    is_assumed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one product rests on, seen from one country; K products of the bill, C countries.

    Attributes:
        value_share: value of each input in one unit of value of the product, along all paths
            (K); 1 or more for the product itself.
        depth: steps from the product, the shortest way; -1 where it is no input (K).
        share: origin of the input, made along the chain (K x C); rows add up to 1.
        own_share: origin of the country's own supply of it (K x C).
        assumed_share: part of the input that rests on makers taken to make it themselves (K).
    """

    product_ids: tuple[str, ...]
    country_ids: tuple[str, ...]
    value_share: Floats
    depth: NDArray[np.int64]
    share: Floats
    own_share: Floats
    assumed_share: Floats

    def table(self) -> pl.DataFrame:
        """Return one row per input with the largest foreign or own origin, here and in chain."""
        reached = np.flatnonzero(self.depth >= 0)
        top, own = self.share.argmax(axis=1), self.own_share.argmax(axis=1)
        names = np.asarray(self.country_ids, dtype=object)
        rows = reached[np.lexsort((reached, self.depth[reached]))]
        return pl.DataFrame(
            {
                "input_id": [self.product_ids[row] for row in rows],
                "depth": self.depth[rows],
                "value_share": self.value_share[rows],
                "own_top_id": names[own[rows]].tolist(),
                "own_top_share": self.own_share[rows, own[rows]],
                "chain_top_id": names[top[rows]].tolist(),
                "chain_top_share": self.share[rows, top[rows]],
                "assumed_share": self.assumed_share[rows],
            },
            schema_overrides=dict.fromkeys(("input_id", "own_top_id", "chain_top_id"), pl.String),
        )


def bill(edges: pl.DataFrame) -> Bill:
    """Return a bill of materials from its rows.

    Args:
        edges: product_id, input_id and, if known, value_share (0–1, share of the product's value
            that the input is). Without it the inputs of a product and the work on it count alike.

    Raises:
        ModelError: a product or input is missing, a share is not above 0, the shares of a
            product pass 1, or a pair stands twice (TX040).
    """
    if "value_share" not in edges.columns:
        edges = edges.with_columns(value_share=1.0 / (pl.len().over("product_id") + 1))
    names = sorted({*edges["product_id"].to_list(), *edges["input_id"].to_list()} - {None})
    rows = edges.select("product_id", "input_id", pl.col("value_share").cast(pl.Float64))
    share = np.zeros((len(names), len(names)))
    place = {name: at for at, name in enumerate(names)}
    for product, item, value in rows.iter_rows():
        if product is None or item is None or not (value or 0) > 0:
            raise ModelError(
                f"product {product}, input {item}, value_share {value}: both must be named and "
                "the share above 0",
                code="TX040",
            )
        if share[place[product], place[item]]:
            raise ModelError(f"{item} stands twice as an input of {product}", code="TX040")
        share[place[product], place[item]] = value
    sums = share.sum(axis=1)
    if (sums > 1 + 1e-9).any():
        worst = names[int(sums.argmax())]
        raise ModelError(
            f"inputs of {worst} make up {sums.max():.3f} of its value; at most 1 is possible",
            code="TX040",
        )
    return Bill(tuple(names), share)


def supply(
    folder: Path,
    product_ids: Sequence[str],
    year: int,
    *,
    output_usd: pl.DataFrame | None = None,
    without_flags: int = 0,
) -> Supply:
    """Return who supplies whom with some products in one year.

    A country's own part is `(output - exports) / (output - exports + imports)` where its output
    is known, 0 where it is not and it imports, 1 where it is not and it imports nothing.

    Args:
        folder: written by ``coproduce trade ingest``.
        product_ids: of a bill; those that nobody trades are made at home everywhere.
        year: of the folder.
        output_usd: country_id, product_id, output_usd of that year, where known.
        without_flags: rows with any of these `store.Flag` bits are left out.

    Raises:
        SourceError: no such folder (S101, S102).
        UsageError: the folder has no such year (TX030).
    """
    chosen_years(store.read_meta(folder), [year])
    country_ids = tuple(store.countries(folder)["country_id"].to_list())
    known = store.products(folder)
    codes = known.filter(pl.col("product_id").is_in(list(product_ids)))
    place = {name: at for at, name in enumerate(product_ids)}
    to_place = {i: place[name] for i, name in codes.select("index", "product_id").iter_rows()}
    flows = store.scan_flows(folder).filter(
        pl.col("year") == year,
        pl.col("product").is_in(list(to_place)),
        pl.col("exporter") != pl.col("importer"),
    )
    if without_flags:
        flows = flows.filter((pl.col("flags") & without_flags) == 0)
    rows = flows.select("exporter", "importer", "product", "value_usd").collect()
    shape = (len(country_ids), len(product_ids), len(country_ids))
    flow = np.zeros(shape)
    at = rows["product"].replace_strict(to_place, return_dtype=pl.Int64).to_numpy()
    cell = rows["importer"].to_numpy(), at, rows["exporter"].to_numpy()
    np.add.at(flow, cell, rows["value_usd"].to_numpy())
    output = np.full(shape[:2], np.nan)
    if output_usd is not None:
        for country, product, value in output_usd.select(
            "country_id", "product_id", "output_usd"
        ).iter_rows():
            if product in place:
                output[position(country_ids, country, "country"), place[product]] = value
    return Supply(country_ids, *_with_home(flow, output))


def _with_home(flow: Floats, output: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return supply shares with each country's own part, and where that part is assumed."""
    imports, exports = flow.sum(axis=2), flow.sum(axis=0).T
    home = np.maximum(np.nan_to_num(output) - exports, 0.0)
    is_assumed = (imports == 0) & (home == 0)
    home[is_assumed] = 1.0
    users = np.arange(len(flow))
    flow[users, :, users] += home
    return flow / flow.sum(axis=2, keepdims=True), is_assumed


def exposure(materials: Bill, supplied: Supply, product_id: str, country_id: str) -> Exposure:
    """Return where a country's supply of a product and of all its inputs comes from.

    The country buys the product from its suppliers; the makers in each of these buy the inputs
    as their own country does; and so on. With `F[p, m]` the value of product `p` made in `m` per
    unit of value of the end product,

        F[q, n] = [q is the end product] s[country, q, n]
                  + sum over p, m of F[p, m] value_share[p, q] s[m, q, n]

    Rings, of countries or in the bill, are followed round and round: each turn is worth less,
    and the sum is finite as long as some value is added somewhere on the ring.

    Raises:
        UsageError: the bill lacks the product, or the trade data the country (TX030).
        ModelError: a ring of products adds no value (TX041).
    """
    root = position(materials.product_ids, product_id, "product of the bill")
    reporter = position(supplied.country_ids, country_id, "country")
    _refuse_endless(materials)
    turn = np.zeros((len(materials.product_ids), len(supplied.country_ids)))
    turn[root] = supplied.share[reporter, root]
    total = turn.copy()
    assumed = np.zeros(len(turn))
    assumed[root] = supplied.is_assumed[reporter, root]
    for _ in range(MOST_ROUNDS):
        needed = materials.value_share.T @ turn
        assumed += (needed * supplied.is_assumed.T).sum(axis=1)
        turn = np.einsum("km,mkn->kn", needed, supplied.share)
        total += turn
        if turn.sum() < SETTLED:
            break
    value = total.sum(axis=1)
    with np.errstate(invalid="ignore"):
        share, assumed = total / value[:, None], assumed / value
    return Exposure(
        product_ids=materials.product_ids,
        country_ids=supplied.country_ids,
        value_share=value,
        depth=_depths(materials, root),
        share=np.nan_to_num(share),
        own_share=supplied.share[reporter],
        assumed_share=np.nan_to_num(assumed),
    )


def _refuse_endless(materials: Bill) -> None:
    """Raise where a ring of products passes all of its value on."""
    largest = np.abs(np.linalg.eigvals(materials.value_share)).max(initial=0.0)
    if largest > 1 - 1e-9:
        full = materials.value_share.sum(axis=1) > 1 - 1e-9
        named = ", ".join(np.asarray(materials.product_ids)[full][:6].tolist())
        raise ModelError(
            f"a ring of inputs adds no value ({named} consist of inputs alone); lower a "
            "value_share on it or take the ring apart",
            code="TX041",
        )


def _depths(materials: Bill, root: int) -> NDArray[np.int64]:
    """Return steps from the product to each input, the shortest way; -1 where there is none."""
    depth = np.full(len(materials.product_ids), -1, np.int64)
    depth[root], front, steps = 0, np.array([root]), 0
    while len(front):
        steps += 1
        reached = materials.value_share[front].any(axis=0)
        front = np.flatnonzero(reached & (depth < 0))
        depth[front] = steps
    return depth


__all__ = ["Bill", "Exposure", "Supply", "bill", "exposure", "supply"]
