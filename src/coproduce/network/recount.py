"""Prices, terms and clocks counted again from programme and law, for the checker alone.

Nothing here is shared with the code that builds the model: a slip there must not hide here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

import polars as pl

from coproduce.records.programme import Programme

Row = dict[str, Any]
Method = TypeVar("Method", bound=Callable[..., Any])


def remembered(method: Method) -> Method:
    """Return a method that keeps its answers with its object; arguments must be hashable."""

    @wraps(method)
    def answer(self: Any, *arguments: Any) -> Any:
        name = (method.__name__, *arguments)
        if name not in self.memory:
            self.memory[name] = method(self, *arguments)
        return self.memory[name]

    return answer  # type: ignore[return-value]


class Facts:
    """Look-ups over a programme and its law under a mode, a deal and a scenario."""

    def __init__(
        self,
        programme: Programme,
        law: Mapping[str, pl.DataFrame],
        mode: str,
        deal_id: str,
        scenario_id: str,
    ) -> None:
        self.programme, self.law, self.mode = programme, law, mode
        self.years = programme.settings.years
        self.memory: dict[Any, Any] = {}
        wanted = scenario_id or programme.settings.scenario_id
        self.effects = [
            row for row in _rows(programme["scenario_effects"]) if row["scenario_id"] == wanted
        ]
        parties = _index(programme["parties"], "role")
        self.host, self.partner = parties["host"], parties.get("partner")
        deals = _index(programme["deals"], "deal_id")
        self.deal = deals[deal_id or programme.settings.deal_id]
        self.countries = _index(programme["countries"], "country_id")
        self.sites = _index(programme["sites"], "site_id")
        self.regions = _index(programme["regions"], "region_id")
        self.zones = _index(programme["zones"], "zone_id")
        self.pairs = _index(programme["site_technologies"], "site_id", "technology_id")
        self.technologies = _index(programme["technologies"], "technology_id")
        self.modules = _index(programme["modules"], "technology_id", "module_id")
        self.stages = _index(programme["stages"], "product_id", "stage_id")
        self.sources = _index(programme["sources"], "source_id")
        self.segments = _index(programme["segments"], "segment_id")
        self.prices = _index(programme["prices"], "product_id", "segment_id")
        self.fx = {(r["currency"], r["year"]): r["base_per_unit"] for r in _rows(programme["fx"])}
        self.duties = _index(law["duties"], "product_id", "stage_id", "country_id", "year")
        self.standing = _index(law["standing"], "product_id", "stages_inside", "year")
        self.access = _index(
            law["access"], "segment_id", "year", "own_standing_id", "rival_standing_id"
        )
        self.bom: dict[tuple[str, str], dict[tuple[str, str], float]] = {}
        for row in _rows(programme["bom"]):
            inputs = self.bom.setdefault((row["product_id"], row["stage_id"]), {})
            inputs[row["input_product_id"], row["input_stage_id"]] = row["input_per_unit"]
        self.wanted: dict[tuple[str, str], list[Row]] = {}
        for row in _rows(programme["demand"]):
            self.wanted.setdefault((row["product_id"], row["segment_id"]), []).append(row)
        self.last_stage = {
            row["product_id"]: row["stage_id"]
            for row in _rows(programme["stages"].sort("stage_no"))
        }
        self._tax = _index(law["site_tax"], "site_id", "first_profit_year", "year")
        self._need_today = self._explode_today()

    # --- scenario ---------------------------------------------------------------------------

    def _hits(self, kind: str, year: int | None, scopes: tuple[str, ...]) -> list[Row]:
        return [
            row
            for row in self.effects
            if row["kind"] == kind
            and (row["scope_id"] is None or row["scope_id"] in scopes)
            and (year is None or (row["first_year"] or 0) <= year <= (row["last_year"] or 9999))
        ]

    def factor(self, kind: str, year: int, *scopes: str) -> float:
        """Return all factors of a kind multiplied."""
        return float(math.prod(row["value"] for row in self._hits(kind, year, scopes)))

    def is_down(self, source: Row, year: int) -> bool:
        """The scenario stops a source in a year."""
        scopes = (source["product_id"], source["maker_country_id"], source["source_id"])
        return bool(self._hits("source_down", year, scopes))

    # --- building ---------------------------------------------------------------------------

    def capex_factor(self, technology_id: str, year: int) -> float:
        """Return the factor of mode, deal and scenario on capital cost."""
        own = (
            self.deal["capex_factor"]
            if self.mode == "joint"
            else self.parameter("host_alone_capex_factor")
        )
        return float(own) * self.factor("capex_factor", year, technology_id)

    @remembered
    def lead_years(self, site_id: str, technology_id: str) -> int:
        """Return whole years from order to first output."""
        pair, technology = self.pairs[site_id, technology_id], self.technologies[technology_id]
        own = pair["construction_months"]
        months = float(technology["construction_months"] if own is None else own)
        months += float(sum(self.law["lead_times"]["months"].to_list()))
        months += float(technology["refusal_share"]) * self.parameter("inspection_repeat_months")
        if self.mode == "host_alone":
            months += self.parameter("host_alone_extra_months")
        for row in self._hits("construction_delay_months", None, (technology_id,)):
            months += float(row["value"] or 0.0)
        return math.ceil(months / 12 - 1e-9)

    @remembered
    def first_order(self) -> int:
        """Return the first year in which a module may be ordered."""
        return self.years[0] + math.ceil(self.parameter("preparation_months") / 12 - 1e-9)

    def ramp(self, age_years: int) -> float:
        """Return the share of capacity usable so many years after first output."""
        saved = self.deal["ramp_up_years_saved"] if self.mode == "joint" else 0.0
        curve = [
            self.parameter("ramp_year_1_share"),
            self.parameter("ramp_year_2_share"),
        ]
        if age_years >= 2:
            return 1.0
        at = age_years + saved
        if at >= 2:
            return 1.0
        low = int(at)
        upper = curve[1] if low == 0 else 1.0
        return float(curve[low] + (at - low) * (upper - curve[low]))

    @remembered
    def can_make(self, product_id: str, stage_id: str) -> bool:
        """Some company of the parties that count has shown it."""
        technology = self.stages[product_id, stage_id]["technology_id"]
        countries = {self.host["country_id"]}
        if self.mode == "joint" and self.partner is not None:
            countries.add(self.partner["country_id"])
        companies = _index(self.programme["companies"], "company_id")
        order, settings = list(self.programme.settings.stage_ids), self.programme.settings
        later = order.index(stage_id) > order.index(settings.full_cycle_stage_id)
        learns = (
            later or self.mode == "joint"
        )  # alone, know-how up to the full cycle is its makers
        for row in _rows(self.programme["capabilities"]):
            company = companies[row["company_id"]]
            counts = company["country_id"] in countries and not company["is_screened_out"]
            fits = row["product_id"] == product_id or (
                learns and row["product_id"] is None and row["technology_id"] in (None, technology)
            )
            if counts and row["stage_id"] == stage_id and fits:
                return technology is not None
        return False

    @remembered
    def fixed_cost(self, technology_id: str, module_id: str, site_id: str, year: int) -> float:
        """Return the fixed cost of a module at a site."""
        base = self.modules[technology_id, module_id]["fixed_cost_mn_per_year"]
        share = self.parameter("wage_share_of_fixed_cost")
        used = {self.sites[s]["region_id"] for s in self.sites}
        wages = sorted(
            row["wage_per_month"]
            for name, row in self.regions.items()
            if name in used and row["wage_per_month"] is not None
        )
        middle = len(wages) // 2
        median = (wages[middle] + wages[~middle]) / 2 if wages else 1.0
        own = self.regions[self.sites[site_id]["region_id"]]["wage_per_month"] or median
        rates = [
            (row["site_id"], row["payroll_rate_share"])
            for row in self._tax.values()
            if row["year"] == year
        ]
        general = max(rate for _, rate in rates)
        here = max((rate for name, rate in rates if name == site_id), default=general)
        return float(base * (1 - share + share * own / median * (1 + here) / (1 + general)))

    @remembered
    def tax(self, site_id: str, year: int) -> Row:
        """Return the profit tax of a site; its clock starts with the first possible output."""
        leads = [
            self.lead_years(*pair)
            for pair in self.pairs
            if pair[0] == site_id and self.first_order() + self.lead_years(*pair) <= self.years[-1]
        ]
        return self._tax[site_id, self.first_order() + min(leads), year]

    @remembered
    def trade_rate(self, year: int) -> float:
        """Return the general rate."""
        return float(
            max(row["general_rate_share"] for row in self._tax.values() if row["year"] == year)
        )

    # --- buying -----------------------------------------------------------------------------

    @remembered
    def rate(self, currency: str, year: int) -> float:
        """Return base currency per unit of a currency."""
        if currency == self.programme.settings.currency:
            return 1.0
        return float(self.fx[currency, year] * self.factor("fx_factor", year, currency))

    @remembered
    def lane(self, country_id: str) -> Row | None:
        """Return the lane to the host that counts."""
        found = [
            row
            for row in _rows(self.programme["lanes"])
            if row["from_country_id"] == country_id
            and row["to_country_id"] == self.host["country_id"]
        ]
        return next((row for row in found if row["is_default"]), found[0] if found else None)

    def bought(self, source: Row, year: int) -> tuple[float, float, float]:
        """Return price at the gate, lane freight and duty of one unit, base mn."""
        country, key = source["maker_country_id"], (source["product_id"], source["stage_id"])
        gate = source["price_per_unit"] / 1e6 * self.rate(source["currency"], year)
        scopes = (source["product_id"], country, source["source_id"])
        gate *= self.factor("source_price_factor", year, *scopes)
        lane, freight = self.lane(country), 0.0
        if lane is not None:
            tonnes = self.stages[key]["tonnes_per_unit"]
            freight = lane["cost_per_t"] / 1e6 * self.rate(lane["currency"], year) * tonnes
        if self.countries[country]["is_in_bloc"]:
            return gate, freight, 0.0
        duty = self.duties[(*key, country, year)]["rate_share"]
        return gate, freight, (gate + freight) * duty

    def source_capacity(self, source: Row, year: int) -> float:
        """Return the most that a source can supply."""
        if self.is_down(source, year):
            return 0.0
        if source["capacity_per_year"] is not None:
            return float(source["capacity_per_year"])
        if not self.countries[source["maker_country_id"]]["is_in_bloc"]:
            return math.inf
        key = (source["product_id"], source["stage_id"])
        return float(source["share_today"] * self._need_today.get(key, 0.0))

    @remembered
    def to_host(self, key: tuple[str, str]) -> list[Row]:
        """Return the sources of a stage to the host."""
        return [
            row
            for row in self.sources.values()
            if (row["product_id"], row["stage_id"]) == key
            and row["market_country_id"] == self.host["country_id"]
        ]

    @remembered
    def transfer_price(self, key: tuple[str, str], year: int) -> float:
        """Return the arm's-length price of one unit inside the plan."""
        sources = self.to_host(key)
        abroad = [
            s for s in sources if not self.countries[s["maker_country_id"]]["is_in_bloc"]
        ] or sources
        if abroad:
            price = min(sum(self.bought(source, year)) for source in abroad)
        else:
            price = self._full_cost(key, year)
        if self.last_stage[key[0]] == key[1]:
            asked = [
                row["price_per_pack"] * self.rate(row["currency"], year)
                for (product, segment), row in self.prices.items()
                if product == key[0] and (product, segment) in self._sold_where()
            ]
            price = min([price, *asked])
        return float(price)

    @remembered
    def _sold_where(self) -> set[tuple[str, str]]:
        return set(self.programme["demand"].select("product_id", "segment_id").iter_rows())

    def _full_cost(self, key: tuple[str, str], year: int) -> float:
        stage = self.stages[key]
        costs = [
            row["fixed_cost_mn_per_year"] / row["capacity_per_year"]
            + row["capex_mn"] / row["capacity_per_year"] / self.technologies[tech]["life_years"]
            for (tech, _), row in self.modules.items()
            if tech == stage["technology_id"]
        ]
        use = stage["capacity_use_per_unit"] / stage["yield_share"]
        own = stage["variable_cost_mn_per_unit"] + use * min(costs, default=0.0)
        inputs = self.bom.get(key, {}).items()
        return float(own + sum(q * self.transfer_price(source, year) for source, q in inputs))

    # --- selling ----------------------------------------------------------------------------

    @remembered
    def demand(self, product_id: str, segment_id: str, zone_id: str | None, year: int) -> float:
        """Return packs wanted, of one zone or of all."""
        total = sum(
            row["quantity"] * (1 + row["growth_share_per_year"]) ** (year - row["year"])
            for row in self.wanted.get((product_id, segment_id), ())
            if zone_id in (None, row["zone_id"])
        )
        return float(total * self.factor("demand_factor", year, product_id))

    @remembered
    def rival(self, product_id: str, year: int) -> str:
        """Return the best standing of a rival."""
        changed = self._hits("rival_standing", year, (product_id,))
        if changed:
            return str(changed[-1]["standing_id"])
        rows = [
            (row["first_year"], row["standing_id"])
            for row in _rows(self.programme["rivals"])
            if row["product_id"] == product_id and row["first_year"] <= year
        ]
        if rows:
            return str(max(rows)[1])
        return str(self.law["standing"].sort("standing_rank")["standing_id"][0])

    @remembered
    def others(self, product_id: str, year: int) -> tuple[float, float]:
        """Return what today's makers can supply and the share of it made inside."""
        sources = [
            s
            for s in self.sources.values()
            if s["product_id"] == product_id and s["market_country_id"] == self.host["country_id"]
        ]
        order = {stage: i for i, stage in enumerate(self.chain(product_id).split("+"))}
        last = max((order[s["stage_id"]] for s in sources), default=-1)
        up = [s for s in sources if order[s["stage_id"]] == last and not self.is_down(s, year)]
        capacity = 0.0
        for source in up:
            stated = source["capacity_per_year"] if last == len(order) - 1 else None
            capacity += math.inf if stated is None else stated
        total = sum(s["share_today"] for s in up)
        inside = sum(
            s["share_today"] for s in up if self.countries[s["maker_country_id"]]["is_in_bloc"]
        )
        return capacity, inside / total if total else 0.0

    def full_share(self, product_id: str) -> float:
        """Return the inside share of the weakest stage of today's supply."""
        shares = []
        for stage_id in self.chain(product_id).split("+"):
            own = self.to_host((product_id, stage_id))
            total = sum(s["share_today"] for s in own)
            inside = sum(
                s["share_today"]
                for s in own
                if self.countries[s["maker_country_id"]]["is_in_bloc"]
            )
            if own:
                shares.append(inside / total if total else 0.0)
        return min(shares, default=0.0)

    @remembered
    def origin(self, kind: str, name: str, year: int) -> tuple[tuple[float, float], float]:
        """Return where a flow starts and its lane freight per tonne, base mn."""
        if kind == "site":
            return (self.sites[name]["lat"], self.sites[name]["lon"]), 0.0
        lane = self.lane(name)
        if lane is None:
            return (self.countries[name]["lat"], self.countries[name]["lon"]), 0.0
        cost = lane["cost_per_t"] / 1e6 * self.rate(lane["currency"], year)
        return (lane["gateway_lat"], lane["gateway_lon"]), cost

    @remembered
    def needs(self, product_id: str, stages_inside: str) -> dict[tuple[str, str], float]:
        """Return inside-made units per pack of a route."""
        inside = set(stages_inside.split("+"))
        found: dict[tuple[str, str], float] = {}
        pending = [((product_id, self.last_stage[product_id]), 1.0)]
        while pending:
            key, quantity = pending.pop()
            found[key] = found.get(key, 0.0) + quantity
            for source, per_unit in self.bom.get(key, {}).items():
                if source[1] in inside:
                    pending.append((source, quantity * per_unit))
        return found

    @remembered
    def chain(self, product_id: str) -> str:
        """Return all stages of a product joined in order."""
        rows = [row for row in self.stages.values() if row["product_id"] == product_id]
        return "+".join(row["stage_id"] for row in sorted(rows, key=lambda r: r["stage_no"]))

    @remembered
    def parameter(self, parameter_id: str) -> float:
        """Return a parameter of the programme; asked for every row, so kept."""
        return self.programme.parameter(parameter_id)

    def _explode_today(self) -> dict[tuple[str, str], float]:
        first = self.years[0]
        need: dict[tuple[str, str], float] = {}
        demanded = self.programme["demand"].select("product_id", "segment_id").unique()
        for product_id, segment_id in demanded.iter_rows():
            packs = self.demand(product_id, segment_id, None, first)
            for key, quantity in self.needs(product_id, self.chain(product_id)).items():
                need[key] = need.get(key, 0.0) + quantity * packs
        return need


def kilometres(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the great-circle distance on a sphere of 6371 km by the law of haversines."""
    p, q = math.radians(lat_a), math.radians(lat_b)
    h = math.sin((q - p) / 2) ** 2
    h += math.cos(p) * math.cos(q) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(min(1.0, h)))


def _rows(frame: pl.DataFrame) -> list[Row]:
    return list(frame.iter_rows(named=True))


def _index(frame: pl.DataFrame, *keys: str) -> dict[Any, Row]:
    if len(keys) == 1:
        return {row[keys[0]]: row for row in _rows(frame)}
    return {tuple(row[key] for key in keys): row for row in _rows(frame)}
