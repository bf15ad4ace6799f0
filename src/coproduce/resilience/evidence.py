"""The fact rows behind shortages: who supplies what, and what the products weigh."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from coproduce.records.figures import row_ref, weakest
from coproduce.records.programme import Programme


@dataclass(frozen=True, slots=True)
class Evidence:
    """Fact rows and how well the weakest of them is known."""

    rows: tuple[str, ...]
    status: str

    def __add__(self, other: Evidence) -> Evidence:
        rows = tuple(dict.fromkeys((*self.rows, *other.rows)))
        return Evidence(rows, weakest((self.status, other.status)))


def supply(programme: Programme, product_ids: Collection[str]) -> Evidence:
    """Return who supplies products and their inputs; one reference where a whole table is used."""
    reached = _with_inputs(programme["bom"], product_ids)
    used = programme["sources"].filter(pl.col("product_id").is_in(list(reached)))
    if used.height == programme["sources"].height:
        refs: tuple[str, ...] = (row_ref("sources", "*"),) if used.height else ()
    else:
        refs = tuple(row_ref("sources", one) for one in used["source_id"].sort())
    return Evidence(refs, weakest(used["status"].unique()))


def weight(programme: Programme, product_ids: Iterable[str]) -> Evidence:
    """Return what packs times criticality are made of; a reference to all demand of a product."""
    names = sorted(product_ids)
    demand = programme["demand"].filter(pl.col("product_id").is_in(names))
    asked = sorted(set(demand["product_id"]))
    products = programme["products"].filter(pl.col("product_id").is_in(asked))
    # without zone and segment a reference names every row of demand that begins with the product
    rows = (
        *(row_ref("demand", one) for one in asked),
        *(row_ref("products", one) for one in asked),
    )
    return Evidence(rows, weakest({*demand["status"], *products["status"]}))


def _with_inputs(bom: pl.DataFrame, product_ids: Collection[str]) -> set[str]:
    """Return products and all that goes into them."""
    pairs = set(bom.select("product_id", "input_product_id").iter_rows())
    reached, fresh = set(product_ids), set(product_ids)
    while fresh:
        fresh = {part for whole, part in pairs if whole in fresh} - reached
        reached |= fresh
    return reached


__all__ = ["Evidence", "supply", "weight"]
