"""All measures of a programme in one state, as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from coproduce.records.errors import ModelError
from coproduce.records.programme import Programme
from coproduce.resilience.measures.balance import concentration, full_cycle
from coproduce.resilience.measures.cuts import smallest_cut
from coproduce.resilience.measures.importance import Importance, importance
from coproduce.resilience.measures.lists import Item, kraljic
from coproduce.resilience.measures.programme_graph import Graphs, graphs

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured in one state.

    Attributes:
        products: a row per product; columns are described on the method page.
        tiers: product_id, stage_id, hhi, normalised_hhi, effective_sources, least_sources,
            sources, level, to_halve, home_share, home_direct_share.
        importance: product_id, event_id, country_id, birnbaum, fussell_vesely; most first.
        totals: weighted by packs: soft_share, hard_share, bottleneck_share,
            self_sufficiency_share, import_share; plain: products_cut_by_one_source,
            products_cut_by_one_country, products_halved_by_one_country, products.
    """

    products: pl.DataFrame
    tiers: pl.DataFrame
    importance: pl.DataFrame
    totals: dict[str, float]


def measure(
    programme: Programme,
    exposures: pl.DataFrame,
    plan: Mapping[str, pl.DataFrame] | None = None,
    *,
    line: float = 0.5,
    items: Mapping[str, Item] | None = None,
    progress: Progress | None = None,
) -> Measures:
    """Return the measures of every product of a table `Exposures`.

    Args:
        programme: the programme.
        exposures: of the same state: who makes which stage of what reaches the host.
        plan: tables of the plan for the state after it; None for today.
        line: from this home share on a stage counts as home-made in the hard sense.
        items: a list by item; matched with a product's register code or its id.
        progress: called with the share done and the product at work.

    Raises:
        ModelError: S120 for a cycle, S124 for a supply too tangled, S132 without one host.
    """
    found = graphs(programme, plan)
    packs = dict(programme["demand"].group_by("product_id").agg(pl.col("quantity").sum()).rows())
    inside = set(programme["countries"].filter("is_in_bloc")["country_id"])
    stage_no = {
        (product, stage): number
        for product, stage, number in programme["stages"]
        .select("product_id", "stage_id", "stage_no")
        .iter_rows()
    }
    parts = exposures.partition_by("product_id", as_dict=True, maintain_order=True)
    products, tiers, important = [], [], []
    for done, ((product,), part) in enumerate(sorted(parts.items())):
        if progress:
            progress(done / len(parts), str(product))
        own = _tiers(str(product), part, inside, stage_no)
        tiers += own
        what = _importance(found, str(product))
        important += _important_rows(found, str(product), what)
        row = _product(found, str(product), own, what, line)
        row["weight_packs_mn"] = packs.get(product, 0.0)
        products.append(row)
    _put_list(products, programme, items or {})
    _put_quadrants(products)
    frame = pl.DataFrame(products, infer_schema_length=None)
    return Measures(
        products=frame,
        tiers=pl.DataFrame(tiers, infer_schema_length=None),
        importance=pl.DataFrame(important, infer_schema_length=None),
        totals=_totals(products),
    )


def _tiers(
    product: str, part: pl.DataFrame, inside: set[str], stage_no: Mapping[tuple[str, str], int]
) -> list[dict[str, Any]]:
    rows = []
    for (stage,), suppliers in part.partition_by("stage_id", as_dict=True).items():
        known = suppliers.filter(pl.col("chain_share") > 0)
        if known.is_empty():
            continue
        one = concentration(known["chain_share"].to_list())
        home = known.filter(pl.col("country_id").is_in(list(inside)))
        direct = suppliers.filter(pl.col("country_id").is_in(list(inside)))["direct_share"].sum()
        rows.append(
            {
                "product_id": product,
                "stage_id": stage,
                "stage_no": stage_no.get((product, str(stage)), 0),
                "hhi": one.hhi,
                "normalised_hhi": one.normalised_hhi,
                "effective_sources": one.effective_sources,
                "least_sources": one.least_sources,
                "sources": one.sources,
                "level": one.level,
                "to_halve": _to_halve(known["chain_share"].to_list()),
                "home_share": min(1.0, home["chain_share"].sum()),
                "home_direct_share": min(1.0, direct),
            }
        )
    return sorted(rows, key=lambda row: (row["stage_no"], row["stage_id"]))


def _to_halve(shares: list[float]) -> int:
    """Return how few countries hold half of a stage or more."""
    total, held = sum(shares), 0.0
    for number, share in enumerate(sorted(shares, reverse=True), start=1):
        held += share
        if held >= total / 2 * (1 - 1e-9):
            return number
    return len(shares)


def _importance(found: Graphs, product: str) -> Importance | None:
    if product not in found.by_product:
        return None
    return importance(found.by_product[product], found.unavailability)


def _important_rows(found: Graphs, product: str, what: Importance | None) -> list[dict[str, Any]]:
    if what is None:
        return []
    rows = [
        {
            "product_id": product,
            "event_id": event,
            "country_id": found.countries[event],
            "birnbaum": value,
            "fussell_vesely": what.fussell_vesely[event],
        }
        for event, value in what.birnbaum.items()
    ]
    return sorted(rows, key=lambda row: (-float(str(row["fussell_vesely"])), row["event_id"]))


def _product(
    found: Graphs,
    product: str,
    tiers: list[dict[str, Any]],
    what: Importance | None,
    line: float,
) -> dict[str, Any]:
    cycle = full_cycle({row["stage_id"]: row["home_share"] for row in tiers}, line)
    last = tiers[-1]
    row: dict[str, Any] = {
        "product_id": product,
        "self_sufficiency_share": last["home_direct_share"],
        "import_share": 1.0 - last["home_direct_share"],
        "soft_full_cycle_share": cycle.soft_share,
        "is_full_cycle": cycle.is_hard,
        "bottleneck_share": cycle.bottleneck_share,
        "bottleneck_stage_id": cycle.bottleneck_stage,
        "least_full_cycle_share": cycle.least_share,
        "largest_hhi": max(tier["hhi"] for tier in tiers),
        "countries_to_halve": min(tier["to_halve"] for tier in tiers),
        "sources_to_cut": None,
        "cut_sources": "",
        "countries_to_cut": None,
        "cut_countries": "",
        "some_supply_share": None,
        "most_important": "",
        "unknown_needs": found.unknown.get(product, 0),
    }
    graph = found.by_product.get(product)
    if graph is None or what is None:
        return row
    by_source, by_country = smallest_cut(graph), smallest_cut(graph.by_country())
    if not (by_source.is_proven and by_country.is_proven):
        raise ModelError(f"the smallest cut of {product} was not proven", code="S123")
    row |= {
        "sources_to_cut": by_source.size,
        "cut_sources": "; ".join(by_source.events),
        "countries_to_cut": by_country.size,
        "cut_countries": "; ".join(by_country.events),
        "some_supply_share": what.availability_share,
        "most_important": max(what.fussell_vesely, key=lambda one: what.fussell_vesely[one]),
    }
    return row


def _put_list(
    products: list[dict[str, Any]], programme: Programme, items: Mapping[str, Item]
) -> None:
    codes = dict(programme["products"].select("product_id", "atc").iter_rows())
    for row in products:
        item = items.get(row["product_id"]) or items.get(codes.get(row["product_id"]) or "")
        row["is_on_list"] = item is not None and item.is_listed
        row["list_class"] = item.class_id if item else ""


def _put_quadrants(products: list[dict[str, Any]]) -> None:
    """Put each product into its quadrant: risk is the largest HHI, impact its packs; medians."""
    from statistics import median

    if not products:
        return
    risk_line = median(row["largest_hhi"] for row in products)
    impact_line = median(row["weight_packs_mn"] for row in products)
    for row in products:
        row["quadrant"] = kraljic(
            row["largest_hhi"], row["weight_packs_mn"], risk_line, impact_line
        )


def _totals(products: list[dict[str, Any]]) -> dict[str, float]:
    weight = sum(row["weight_packs_mn"] for row in products)

    def mean(name: str) -> float:
        parts = (row["weight_packs_mn"] * float(row[name]) for row in products)
        return sum(parts) / weight if weight > 0 else 0.0

    return {
        "products": len(products),
        "soft_full_cycle_share": mean("soft_full_cycle_share"),
        "hard_full_cycle_share": mean("is_full_cycle"),
        "bottleneck_share": mean("bottleneck_share"),
        "self_sufficiency_share": mean("self_sufficiency_share"),
        "import_share": mean("import_share"),
        "products_cut_by_one_source": sum(row["sources_to_cut"] == 1 for row in products),
        "products_halved_by_one_country": sum(row["countries_to_halve"] == 1 for row in products),
        "products_cut_by_one_country": sum(row["countries_to_cut"] == 1 for row in products),
    }


__all__ = ["Measures", "measure"]
