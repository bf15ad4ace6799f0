"""Small networks with known answers; one year is the unit of time."""

from __future__ import annotations

from typing import Any

UP, DOWN = 2.0, 0.4


def law(name: str, **numbers: float) -> dict[str, Any]:
    return {"law": name, **numbers}


def single(capacity: float = 1.0, stock: float = 0.0, clock: str = "continuous") -> dict[str, Any]:
    """One maker with its own stock."""
    return {
        "format": "coproduce-network-1",
        "clock": clock,
        "nodes": [{"node_id": "a", "country_id": "X"}],
        "items": [
            {
                "node_id": "a",
                "product_id": "p",
                "capacity": capacity,
                "stock": {"policy": "base-stock", "level": stock},
                "demand": {"size": 1.0},
            }
        ],
        "disruptions": [
            {
                "disruption_id": "a",
                "up": law("exponential", mean=UP),
                "down": law("exponential", mean=DOWN),
                "hits": [{"node_id": "a", "pauses": "production"}],
            }
        ],
    }


def star(count: int, capacity: float, stock: float) -> dict[str, Any]:
    """Sources that fail on their own before one stock."""
    record = single()
    record["nodes"] = [{"node_id": f"s{k}", "country_id": "X"} for k in range(count)]
    record["nodes"].append({"node_id": "hub", "country_id": "Y"})
    record["items"] = [
        {"node_id": f"s{k}", "product_id": "p", "capacity": capacity} for k in range(count)
    ]
    sources = [{"node_id": f"s{k}", "product_id": "p"} for k in range(count)]
    record["items"].append(
        {
            "node_id": "hub",
            "product_id": "p",
            "stock": {"level": stock},
            "inputs": [{"sources": sources}],
            "demand": {"size": 1.0},
        }
    )
    record["disruptions"] = [
        {
            "disruption_id": f"s{k}",
            "up": law("exponential", mean=UP),
            "down": law("exponential", mean=DOWN),
            "hits": [{"node_id": f"s{k}", "pauses": "production"}],
        }
        for k in range(count)
    ]
    return record


def assembly() -> dict[str, Any]:
    """Two parts, both needed; a shared source sells to two buyers."""
    record = star(2, 4.0, 0.0)
    record["items"] = record["items"][:2] + [
        {
            "node_id": "hub",
            "product_id": name,
            "inputs": [
                {"quantity": 1.0, "sources": [{"node_id": "s0", "product_id": "p"}]},
                {"quantity": 2.0, "sources": [{"node_id": "s1", "product_id": "p"}]},
            ],
            "demand": {"size": 1.0},
        }
        for name in ("q", "r")
    ]
    return record


def serial(policy: dict[str, Any], pause: str = "order") -> dict[str, Any]:
    """A supplier without limit, a shop with Poisson demand that waits, days of transit."""
    return {
        "format": "coproduce-network-1",
        "clock": "daily",
        "nodes": [{"node_id": "s", "country_id": "X"}, {"node_id": "b", "country_id": "Y"}],
        "items": [
            {"node_id": "s", "product_id": "p", "capacity": "unlimited"},
            {
                "node_id": "b",
                "product_id": "p",
                "stock": policy,
                "inputs": [{"sources": [{"node_id": "s", "product_id": "p", "transit": 1}]}],
                "demand": {"size": law("poisson", mean=6.0), "waits": True},
                "holding_cost": 1.0,
                "shortage_cost": 4.0,
                "order_cost": 5.0,
            },
        ],
        "disruptions": [
            {
                "disruption_id": "b",
                "up": law("geometric", probability=0.04),
                "down": law("geometric", probability=0.25),
                "hits": [{"node_id": "b", "pauses": pause}],
            }
        ],
    }
