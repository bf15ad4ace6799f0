"""Demand, routes to market, legal standing and access, product by product and segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from coproduce.network.case import Bid, Floats, Key, Market, Route
from coproduce.network.scenario import Effects
from coproduce.network.supplies import Buying
from coproduce.records.errors import ModelError
from coproduce.records.figures import weakest
from coproduce.records.programme import Programme


class Law:
    """Standing and access, looked up by key.

    Raises:
        ModelError: a standing or an access that the plan needs is not in the law tables
            (code ``N014``).
    """

    def __init__(self, programme: Programme, law: Mapping[str, pl.DataFrame]) -> None:
        self.years = programme.settings.years
        self.standings = {
            (row["product_id"], row["stages_inside"], row["year"]): row["standing_id"]
            for row in law["standing"].iter_rows(named=True)
        }
        ranks = law["standing"].select("standing_id", "standing_rank").unique()
        ranked = dict(ranks.iter_rows())
        self.lowest = min(ranked, key=lambda standing: ranked[standing])
        self.accesses = {
            (
                row["segment_id"],
                row["year"],
                row["own_standing_id"],
                row["rival_standing_id"],
            ): row
            for row in law["access"].iter_rows(named=True)
        }

    def standing(self, product_id: str, stages_inside: str, year: int) -> str:
        """Return the standing that a run of stages earns."""
        found = self.standings.get((product_id, stages_inside, year))
        if found is None:
            raise ModelError(
                f"the law tables give no standing for {product_id} with {stages_inside} in {year}",
                code="N014",
            )
        return str(found)

    def access(self, segment_id: str, year: int, own: str, rival: str) -> dict[str, Any]:
        """Return what a standing may do in a segment against a rival's."""
        found = self.accesses.get((segment_id, year, own, rival))
        if found is None:
            raise ModelError(
                f"the law tables give no access to {segment_id} in {year} for {own} against "
                f"{rival}",
                code="N014",
            )
        return found


def routes_of(
    product_id: str, chain: list[str], inputs: Mapping[Key, Mapping[Key, float]], law: Law
) -> list[Route]:
    """Return every run of last stages with what one pack needs of each, in chain order."""
    routes = []
    for first in range(len(chain) - 1, -1, -1):
        inside = chain[first:]
        name = "+".join(inside)
        standing = tuple(law.standing(product_id, name, year) for year in law.years)
        needs = _needs((product_id, chain[-1]), set(inside), inputs)
        routes.append(Route(name, needs, standing))
    return routes


def _needs(
    final: Key, inside: set[str], inputs: Mapping[Key, Mapping[Key, float]]
) -> dict[Key, float]:
    needs: dict[Key, float] = {}

    def walk(key: Key, quantity: float) -> None:
        needs[key] = needs.get(key, 0.0) + quantity
        for source, per_unit in inputs.get(key, {}).items():
            if source[1] in inside:
                walk(source, quantity * per_unit)

    walk(final, 1.0)
    return needs


def rivals_by_year(
    programme: Programme, effects: Effects, law: Law, product_id: str
) -> tuple[str, ...]:
    """Return the best standing of a rival by year: the scenario's, else the table's."""
    rows = sorted(
        (row["first_year"], row["standing_id"])
        for row in programme["rivals"].iter_rows(named=True)
        if row["product_id"] == product_id
    )
    changed = effects.rival(product_id)
    out = []
    for index, year in enumerate(law.years):
        known = [standing for first, standing in rows if first <= year]
        out.append(changed[index] or (known[-1] if known else law.lowest))
    return tuple(out)


def markets_of(
    programme: Programme,
    law: Law,
    buying: Buying,
    effects: Effects,
    routes: Mapping[str, list[Route]],
) -> tuple[Market, ...]:
    """Return every product and segment with demand.

    Raises:
        ModelError: a product with demand in a segment has no price there (code ``N015``).
    """
    zones = programme["zones"]["zone_id"].to_list()
    prices = {
        (row["product_id"], row["segment_id"]): row
        for row in programme["prices"].iter_rows(named=True)
    }
    segments = {row["segment_id"]: row for row in programme["segments"].iter_rows(named=True)}
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in programme["demand"].iter_rows(named=True):
        grouped.setdefault((row["product_id"], row["segment_id"]), []).append(row)
    markets = []
    for (product_id, segment_id), rows in grouped.items():
        price = prices.get((product_id, segment_id))
        if price is None:
            raise ModelError(
                f"prices.csv has no price of {product_id} in {segment_id}, where demand is "
                "stated; add one",
                code="N015",
            )
        demand = _demand(rows, zones, effects, product_id)
        fx = buying.fx_by_year(price["currency"])
        rivals = rivals_by_year(programme, effects, law, product_id)
        segment = segments[segment_id]
        total = demand.sum(axis=1)
        shared = segment["contestable_share"]
        markets.append(
            Market(
                product_id=product_id,
                segment_id=segment_id,
                demand=demand,
                shared_cap_by_year=total * shared,
                exclusive_cap_by_year=total * max(shared, segment["exclusive_share"]),
                list_price_by_year=price["price_per_pack"] * fx,
                bids=tuple(
                    _bid(law, segment_id, route, rivals, price, fx) for route in routes[product_id]
                ),
                status=weakest([price["status"], segment["status"], *(r["status"] for r in rows)]),
            )
        )
    return tuple(markets)


def _demand(
    rows: list[dict[str, Any]], zones: list[str], effects: Effects, product_id: str
) -> Floats:
    years = np.asarray(effects.years)
    out = np.zeros((len(years), len(zones)))
    for row in rows:
        growth = (1.0 + row["growth_share_per_year"]) ** (years - row["year"])
        out[:, zones.index(row["zone_id"])] += row["quantity"] * growth
    return np.asarray(out * effects.factor("demand_factor", product_id)[:, None])


def _bid(
    law: Law,
    segment_id: str,
    route: Route,
    rivals: tuple[str, ...],
    price: dict[str, Any],
    fx: Floats,
) -> Bid:
    accesses = [
        law.access(segment_id, year, own, rival)
        for year, own, rival in zip(law.years, route.standing_by_year, rivals, strict=True)
    ]
    paid = price["price_per_pack"] * np.array([access["price_factor"] for access in accesses])
    if price["cap_per_pack"] is not None:
        # A cap binds a preference; a price already seen above it is a fact and stands.
        paid = np.minimum(paid, max(price["cap_per_pack"], price["price_per_pack"]))
    return Bid(
        route=route,
        is_open_by_year=np.array([access["is_accepted"] for access in accesses]),
        is_exclusive_by_year=np.array([access["is_exclusive"] for access in accesses]),
        price_by_year=paid * fx,
    )
