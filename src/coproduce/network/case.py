"""The case: everything the model needs, as plain records and arrays over the years.

Quantities are in the stage's own unit a year, money in base currency mn, both unless said
otherwise. Arrays named ``…_by_year`` have one entry per year of the horizon.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Key = tuple[str, str]
"""Product and stage."""


@dataclass(frozen=True, slots=True)
class Size:
    """A module as it would be built on a line.

    Attributes:
        module_id: size.
        capacity: capacity units a year at full rate.
        capex_by_year: capital cost of one module ordered in that year.
        fixed_by_year: people, upkeep and overheads of one module.
        status: weakest status of the facts behind it.
    """

    module_id: str
    capacity: float
    capex_by_year: Floats
    fixed_by_year: Floats
    status: str


@dataclass(frozen=True, slots=True)
class Line:
    """A technology at a site.

    Attributes:
        first_order: number of the first year in which a module may be ordered.
        lead_years: whole years from order to first output.
        ramp: share of capacity usable by years since first output; 1 beyond its end.
        life_years: years over which capital cost is written off.
        evidence: row of `site_technologies` behind the pair.
    """

    site_id: str
    technology_id: str
    first_order: int
    lead_years: int
    ramp: tuple[float, ...]
    life_years: float
    max_modules: int
    sizes: tuple[Size, ...]
    basis: str
    capex_factor: float

    def usable(self, age_years: int) -> float:
        """Return the share of capacity usable so many years after first output."""
        return self.ramp[age_years] if age_years < len(self.ramp) else 1.0


@dataclass(frozen=True, slots=True)
class Supply:
    """An outside or inside source of a stage's output.

    Attributes:
        gate_by_year: price at the maker's gate per unit.
        freight_by_year: freight to the gateway per unit.
        duty_by_year: duty per unit.
        capacity_by_year: most it can supply; inf where unlimited, 0 while down.
        lat, lon: where its goods reach the host.
    """

    source_id: str
    country_id: str
    is_inside: bool
    gate_by_year: Floats
    freight_by_year: Floats
    duty_by_year: Floats
    capacity_by_year: Floats
    lat: float
    lon: float
    status: str

    @property
    def delivered_by_year(self) -> Floats:
        """Price, freight to the gateway and duty per unit."""
        return self.gate_by_year + self.freight_by_year + self.duty_by_year


@dataclass(frozen=True, slots=True)
class Part:
    """The output of a stage of a product.

    Attributes:
        use_per_unit: capacity units per unit of good output, losses included.
        inputs: per unit of good output, by key.
        lines: numbers of the lines that may make it; empty if nobody may.
        transfer_by_year: arm's-length price inside the plan.
        need_by_year: most that the plan could ever use.
    """

    key: Key
    is_final: bool
    unit: str
    technology_id: str | None
    use_per_unit: float
    variable_mn: float
    tonnes_per_unit: float
    inputs: dict[Key, float]
    lines: tuple[int, ...]
    supplies: tuple[Supply, ...]
    transfer_by_year: Floats
    need_by_year: Floats
    status: str
    transfer_status: str


@dataclass(frozen=True, slots=True)
class Route:
    """A way to sell a product: which last stages are made inside.

    Attributes:
        stages_inside: stages joined by ``+``, as in the law tables.
        needs: inside-made units per pack, by key.
        standing_by_year: legal standing that it earns.
    """

    stages_inside: str
    needs: dict[Key, float]
    standing_by_year: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bid:
    """A route in a segment: may it sell, at what price.

    Attributes:
        is_open_by_year: the bid is accepted against the best rival.
        is_exclusive_by_year: rivals are shut out by it.
        price_by_year: base mn per mn packs.
    """

    route: Route
    is_open_by_year: Flags
    is_exclusive_by_year: Flags
    price_by_year: Floats


@dataclass(frozen=True, slots=True)
class Market:
    """A product in a segment.

    Attributes:
        demand: mn packs by year and zone, shape (years, zones).
        shared_cap_by_year: most that bids which do not shut rivals out may win by themselves.
        exclusive_cap_by_year: most that bids which do may win by themselves; at least the
            shared cap. Bids of both kinds share the lots, so they do not add up.
        list_price_by_year: price without preference, for the worth of a missing pack.
    """

    product_id: str
    segment_id: str
    demand: Floats
    shared_cap_by_year: Floats
    exclusive_cap_by_year: Floats
    list_price_by_year: Floats
    bids: tuple[Bid, ...]
    status: str

    @property
    def demand_by_year(self) -> Floats:
        """Demand of all zones."""
        return np.asarray(self.demand.sum(axis=1), dtype=np.float64)

    def cap_by_year(self, bid: Bid) -> Floats:
        """Return the most that a bid may win if it fights every lot; 0 while not accepted."""
        cap = np.where(
            bid.is_exclusive_by_year, self.exclusive_cap_by_year, self.shared_cap_by_year
        )
        return np.where(bid.is_open_by_year, cap, 0.0)

    def room_by_year(self, bids: Iterable[Bid]) -> Floats:
        """Return the most that any mix of these bids may win: all lots fought by the best."""
        room = np.zeros(len(self.demand))
        for bid in bids:
            room = np.maximum(room, self.cap_by_year(bid))
        return room

    @property
    def zone_shares(self) -> Floats:
        """Share of each zone by year; equal shares where there is no demand."""
        total = self.demand_by_year[:, None]
        even = 1.0 / self.demand.shape[1]
        return np.asarray(
            np.divide(self.demand, total, out=np.full_like(self.demand, even), where=total > 0)
        )


@dataclass(frozen=True, slots=True)
class Others:
    """Who serves a product besides the plan, as today.

    Attributes:
        capacity_by_year: most they can supply; inf where unlimited.
        inside_share_by_year: part of it made inside the bloc.
        full_share: part of today's supply whose whole chain is inside, as the weakest stage.
    """

    capacity_by_year: Floats
    inside_share_by_year: Floats
    full_share: float


@dataclass(frozen=True, slots=True)
class Site:
    """A site with its taxes.

    Attributes:
        rate_by_year: profit tax with relief, years counted from the first possible output.
        general_by_year: profit tax without relief.
        is_relief_capped: relief may not exceed capital cost.
    """

    site_id: str
    region_id: str
    lat: float
    lon: float
    first_profit_year: int
    rate_by_year: Floats
    general_by_year: Floats
    is_relief_capped: bool
    status: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A pair left out before the model, and why."""

    kind: str
    id: str
    reason_en: str
    reason_ru: str


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that the model needs.

    Attributes:
        discount_by_year: worth in the base year of one unit of a year's cash.
        annuity: years of the last year's cash counted after the horizon, discounted to it.
        trade_rate_by_year: profit tax on the margin between plant gate and customer.
        inland_mn_per_t_km: freight inside the host.
        start_cost_mn: technology transfer and registration of one stage of a product.
        overhead_share: selling and administration, of sales to customers.
        working_share: stock and credit tied up, of a year's sales to customers.
        returned: worth, at the end of the horizon, of one unit tied up until the years counted
            after it have passed.
        selling_status: weakest status of the two shares.
        shortage_factor: worth of a missing pack against its price.
        zones: (zone_id, lat, lon).
    """

    years: tuple[int, ...]
    discount_by_year: Floats
    annuity: float
    trade_rate_by_year: Floats
    inland_mn_per_t_km: float
    start_cost_mn: float
    overhead_share: float
    working_share: float
    returned: float
    selling_status: str
    shortage_factor: float
    zones: tuple[tuple[str, float, float], ...]
    sites: dict[str, Site]
    lines: tuple[Line, ...]
    parts: dict[Key, Part]
    markets: tuple[Market, ...]
    others: dict[str, Others]
    cuts: tuple[Cut, ...]
    start_status: str

    @property
    def final_of(self) -> dict[str, Key]:
        """Product → the key of its finished good."""
        return {key[0]: key for key, part in self.parts.items() if part.is_final}


def great_circle_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the distance over the sphere of radius 6371 km.

    Example:
        >>> round(great_circle_km(0.0, 0.0, 0.0, 90.0))
        10008
    """
    a, b = np.radians([lat_a, lon_a]), np.radians([lat_b, lon_b])
    half = np.sin((b[0] - a[0]) / 2) ** 2
    half += np.cos(a[0]) * np.cos(b[0]) * np.sin((b[1] - a[1]) / 2) ** 2
    return float(2 * 6371.0 * np.arcsin(np.sqrt(min(1.0, half))))
