"""What a network is made of: places, what they make and hold, and what stops them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Policy(StrEnum):
    """How an item orders."""

    BASE_STOCK = "base-stock"
    MIN_MAX = "s-S"
    LOTS = "s-Q"
    REVIEW = "R-S"


class Pause(StrEnum):
    """What a disruption stops."""

    PRODUCTION = "production"
    ORDER = "order"
    RECEIPT = "receipt"
    TRANSIT = "transit"


class Clock(StrEnum):
    """How time runs."""

    CONTINUOUS = "continuous"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Law:
    """A probability law of a time or a quantity.

    Attributes:
        name: never, exponential, weibull, lognormal, gamma, triangular, fixed, empirical,
            geometric, poisson, negative-binomial or listed.
        numbers: its parameters by name, as the file gives them.
        values: observed (empirical) or given (listed) values.
    """

    name: str
    numbers: dict[str, float] = field(default_factory=dict)
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Stock:
    """How an item is held and reordered (units of the item, days).

    Attributes:
        level: base stock, or the S of (s,S) and (R,S).
        low: reorder point s.
        lot: order size Q.
        review: days between reviews.
        initial: at the start; None: full.
    """

    policy: Policy = Policy.BASE_STOCK
    level: float = 0.0
    low: float = 0.0
    lot: float = 0.0
    review: int = 1
    initial: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One supplier of an input; its lane may be named and stopped.

    Attributes:
        transit: time on the way (days).
        share: part of the orders, if the input is split; else sources stand in by their order.
        refusal: chance that an order is refused (0-1); daily engine.
        opens: when it can first deliver (days), after building and approval.
    """

    node_id: str
    product_id: str
    lane_id: str
    transit: Law = field(default_factory=lambda: Law("fixed", {"value": 0.0}))
    share: float | None = None
    refusal: float = 0.0
    opens: float = 0.0


@dataclass(frozen=True, slots=True)
class Input:
    """One line of the bill of materials: all lines are needed, any source of a line will do."""

    quantity: float
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """What customers ask of an item.

    Attributes:
        law: size a day; in continuous time its mean is the rate.
        season: factors in turn, each held for `season_days`.
        waits: unmet demand waits (else it is lost).
    """

    law: Law
    season: tuple[float, ...] = ()
    season_days: int = 7
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One product at one node.

    Attributes:
        capacity: most made in a day (units); None: nothing limits it.
        make_days: days of work before what is made can be sent.
        holds_orders: orders nothing while no source is up (else orders wait at the first source).
        ships_whole: serves an order only when all of it is there.
        is_source: without inputs and without limit, from outside the network.
        holding_cost, order_cost, shortage_cost: per unit and day, per order, per unit unmet.
    """

    node_id: str
    product_id: str
    capacity: float | None
    stock: Stock
    inputs: tuple[Input, ...] = ()
    demand: Demand | None = None
    make_days: int = 0
    holds_orders: bool = False
    ships_whole: bool = False
    holding_cost: float = 0.0
    order_cost: float = 0.0
    shortage_cost: float = 0.0
    is_source: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A place.

    Attributes:
        opens: when it can first make anything (days).
    """

    node_id: str
    country_id: str = ""
    name: str = ""
    opens: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """What a disruption stops: a node, a lane, or all of a country.

    Attributes:
        chance: chance that this target is hit when the disruption strikes (0-1).
    """

    pauses: Pause
    node_id: str = ""
    lane_id: str = ""
    country_id: str = ""
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class Disruption:
    """Something that stops and comes back.

    Attributes:
        learning: exponent b; the k-th recovery takes k^-b of its drawn time.
        floor: least that learning leaves (0-1).
    """

    disruption_id: str
    up: Law
    down: Law
    hits: tuple[Hit, ...]
    learning: float = 0.0
    floor: float = 0.0


@dataclass(frozen=True, slots=True)
class Network:
    """A supply network and what may stop it.

    Attributes:
        warnings: what the reader had to assume.
    """

    nodes: tuple[Node, ...]
    items: tuple[Item, ...]
    disruptions: tuple[Disruption, ...] = ()
    clock: Clock = Clock.DAILY
    warnings: tuple[str, ...] = ()


__all__ = [
    "Clock",
    "Demand",
    "Disruption",
    "Hit",
    "Input",
    "Item",
    "Law",
    "Network",
    "Node",
    "Pause",
    "Policy",
    "Source",
    "Stock",
]
