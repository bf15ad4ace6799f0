"""Networks of the open tool Days of Cover as they are; what is open is assumed and said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from coproduce.resilience.simulate.network import (
    Clock,
    Demand,
    Disruption,
    Hit,
    Input,
    Item,
    Law,
    Network,
    Node,
    Pause,
    Policy,
    Source,
    Stock,
)

FIELDS = ("nodes", "lanes", "parts", "skus", "customers", "hazard_groups")
SAFETY_DAYS = 14.0
"""Stock beyond lead time and review that is assumed wherever a place reviews its stock."""
CUSTOMER_REVIEW_DAYS = 7
DAYS_OF_WEEK = 7.0
DAYS_OF_MONTH = 365.0 / 12.0
WARNINGS = (
    "Days of Cover files state no stock levels: places that review hold their mean demand over "
    "lead time since the last stock, review and 14 days; customers likewise, reviewing weekly.",
    "The capacity of a place holds for each of its products on its own, at a plant for what it "
    "makes; capacities of lanes are not used.",
    "Hazards strike at their mean monthly rate through the year and stop what they hit wholly; "
    "profile by month and severity are not used.",
    "Where several lanes lead to a place, they stand in for one another in the order of the file.",
)

Key = tuple[str, str]


def is_days_of_cover(record: Any) -> bool:
    """Return whether a record looks like a network of Days of Cover."""
    return isinstance(record, Mapping) and all(name in record for name in FIELDS)


def read_days_of_cover(record: Mapping[str, Any]) -> Network:
    """Return the network of a record, unchecked, with what was assumed as warnings.

    Raises:
        KeyError, TypeError, ValueError: if the record is not what it looks like.
    """
    world = _World(record)
    items = [_item(world, key) for key in world.sources]
    return Network(
        nodes=tuple(Node(one["id"], one["region"], one["name"]) for one in record["nodes"]),
        items=tuple(items),
        disruptions=tuple(_hazard(one) for one in record["hazard_groups"]),
        clock=Clock.DAILY,
        warnings=WARNINGS,
    )


class _World:
    """Where each product passes, who sends it on, and how much of it is needed.

    Attributes:
        sources: place and product → lanes that bring it there (none at its maker).
        needs: place and product → mean need (units a day).
        makers: place and finished product → its parts.
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.nodes = {one["id"]: one for one in record["nodes"]}
        self.lanes = record["lanes"]
        self.customers = {one["id"]: one for one in record["customers"]}
        plants = [name for name, one in self.nodes.items() if one["type"] == "plant"]
        self.sources: dict[Key, list[Mapping[str, Any]]] = {}
        self.makers: dict[Key, list[tuple[str, float]]] = {}
        self.skus = {one["id"]: one for one in record["skus"]}
        used = {part["part_id"] for one in record["skus"] for part in one["bom"]}
        for part in record["parts"]:
            if part["id"] in used:
                self._spread(part["id"], [one["node_id"] for one in part["suppliers"]], plants)
        for sku in record["skus"]:
            buyers = [name for name, one in self.customers.items() if sku["id"] in one["demand"]]
            self._spread(sku["id"], plants, buyers)
            for plant in plants:
                bom = [(one["part_id"], float(one["quantity"])) for one in sku["bom"]]
                self.makers[plant, sku["id"]] = bom
        self.needs: dict[Key, float] = defaultdict(float)
        self._need()

    def _spread(self, product: str, starts: Sequence[str], ends: Sequence[str]) -> None:
        """Lay a product out over every place on a way from its makers to its users."""
        down = _reach(starts, self.lanes, "origin_id", "destination_id")
        up = _reach(ends, self.lanes, "destination_id", "origin_id")
        places = [name for name in self.nodes if name in down & up]
        for place in places:
            self.sources[place, product] = [
                lane
                for lane in self.lanes
                if lane["destination_id"] == place
                and lane["origin_id"] in places
                and place not in starts
            ]

    def _need(self) -> None:
        for name, customer in self.customers.items():
            for product, demand in customer["demand"].items():
                self._add((name, product), float(demand["base_weekly_rate"]) / DAYS_OF_WEEK)

    def _add(self, key: Key, need: float) -> None:
        self.needs[key] += need
        for lane in self.sources[key][:1]:
            self._add((lane["origin_id"], key[1]), need)
        for part, quantity in self.makers.get(key, ()):
            self._add((key[0], part), need * quantity)


def _reach(
    starts: Sequence[str], lanes: Sequence[Mapping[str, Any]], near: str, far: str
) -> set[str]:
    found, fresh = set(starts), set(starts)
    while fresh:
        fresh = {lane[far] for lane in lanes if lane[near] in fresh} - found
        found |= fresh
    return found


def _item(world: _World, key: Key) -> Item:
    place, product = key
    node = world.nodes[place]
    weekly = node["capacity_per_week"]
    customer = world.customers.get(place)
    lanes = world.sources[key]
    inputs = [
        Input(quantity, (Source(place, part, f"{place} {part}"),))
        for part, quantity in world.makers.get(key, ())
    ]
    if lanes:
        inputs.append(Input(1.0, tuple(_source(lane, product) for lane in lanes)))
    is_made = key in world.makers
    return Item(
        place,
        product,
        weekly / DAYS_OF_WEEK if weekly and (is_made or node["type"] != "plant") else None,
        _stock(world, key),
        tuple(inputs),
        _demand(customer, product) if customer else None,
        int(world.skus[product]["production_lead_time_days"]) if is_made else 0,
        is_source=not inputs,
    )


def _source(lane: Mapping[str, Any], product: str) -> Source:
    law = Law(
        "lognormal",
        {
            "median": float(lane["lead_time_days_median"]),
            "sigma": float(lane["lead_time_days_sigma"]),
        },
    )
    return Source(lane["origin_id"], product, lane["id"], law)


def _review(world: _World, key: Key) -> int:
    """Return the days between reviews where a product is held, nil where it only passes."""
    place, _ = key
    if key in world.makers or not world.sources[key]:
        return 0
    own = world.nodes[place]["review_period_days"]
    return CUSTOMER_REVIEW_DAYS if place in world.customers else int(own or 0)


def _lead(world: _World, key: Key) -> float:
    """Return the median time since a product, or its parts, last stood in stock (days)."""
    if key in world.makers:
        days = float(world.skus[key[1]]["production_lead_time_days"])
        parts = [(key[0], part) for part, _ in world.makers[key]]
        return days + max([0.0, *(_lead(world, one) for one in parts if not _review(world, one))])
    for lane in world.sources[key][:1]:
        before = (lane["origin_id"], key[1])
        more = 0.0 if _review(world, before) else _lead(world, before)
        return float(lane["lead_time_days_median"]) + more
    return 0.0


def _stock(world: _World, key: Key) -> Stock:
    review = _review(world, key)
    if not review:
        return Stock()
    cover = _lead(world, key) + review + SAFETY_DAYS
    return Stock(Policy.REVIEW, level=world.needs[key] * cover, review=review)


def _demand(customer: Mapping[str, Any], product: str) -> Demand:
    one = customer["demand"][product]
    law = Law(
        "negative-binomial",
        {
            "mean": float(one["base_weekly_rate"]) / DAYS_OF_WEEK,
            "dispersion": float(one["dispersion"]) / DAYS_OF_WEEK,
        },
    )
    season = tuple(float(factor) for factor in one["weekly_multipliers"])
    return Demand(law, season, int(DAYS_OF_WEEK), waits=True)


def _hazard(one: Mapping[str, Any]) -> Disruption:
    monthly = one["monthly_rate_profile"]
    rate = sum(monthly) / len(monthly) / DAYS_OF_MONTH
    return Disruption(
        one["id"],
        Law("exponential", {"rate": rate}),
        Law(
            "lognormal",
            {
                "median": float(one["duration"]["median_days"]),
                "sigma": float(one["duration"]["sigma"]),
            },
        ),
        tuple(
            Hit(Pause.PRODUCTION, node_id=member["element_id"], chance=float(member["p_hit"]))
            for member in one["members"]
        ),
    )


__all__ = ["is_days_of_cover", "read_days_of_cover"]
