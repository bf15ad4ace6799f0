"""From programme and law to the case: one pass over the tables, nothing decided yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from coproduce.network.case import Case, Floats, Key, Line, Market, Part, Route, Site
from coproduce.network.evidence import (
    Cuts,
    lines_of,
    makeable_stages,
    terms_of,
)
from coproduce.network.markets import Law, markets_of, routes_of
from coproduce.network.scenario import effects_of
from coproduce.network.supplies import Buying, import_parity, others_of, supplies_of
from coproduce.network.types import Inputs, Options
from coproduce.records.errors import ModelError
from coproduce.records.figures import weakest
from coproduce.records.programme import Programme


def prepare(inputs: Inputs, options: Options) -> Case:
    """Return the case of a programme under a mode, a deal and a scenario."""
    programme, law = inputs.programme, inputs.law
    effects = effects_of(programme, options.scenario_id or programme.settings.scenario_id)
    terms, cuts = terms_of(programme, options), Cuts()
    makeable = makeable_stages(programme, terms, cuts)
    places = _sites(programme, cuts)
    lines = lines_of(programme, law, places, terms, effects, cuts)
    sites = _taxed(programme, law, places, lines)
    buying, rules = Buying(programme, law, effects), Law(programme, law)
    chains, bom = _chains(programme), _bom(programme)
    routes = {product: routes_of(product, chain, bom, rules) for product, chain in chains.items()}
    markets = markets_of(programme, rules, buying, effects, routes)
    full = {product: found[-1] for product, found in routes.items()}
    is_possible = _possible(programme, makeable, lines)
    most = {product: _most_sold(markets, product, is_possible) for product in chains}
    parts = _parts(programme, buying, makeable, lines, full, most, bom)
    parts = _capped_at_market(parts, markets)
    host = programme["parties"].filter(pl.col("role") == "host").row(0, named=True)
    years = programme.settings.years
    rate = host["discount_rate_share"]
    age = np.asarray(years) - programme.settings.base_year
    general = law["site_tax"].group_by("year").agg(pl.col("general_rate_share").max())
    general_by_year = dict(general.iter_rows())
    parameter_status = dict(programme["parameters"].select("parameter_id", "status").iter_rows())
    return Case(
        years=years,
        discount_by_year=np.asarray((1.0 + rate) ** -age.astype(np.float64)),
        annuity=annuity(programme.parameter("terminal_years"), rate),
        trade_rate_by_year=np.array([general_by_year[year] for year in years]),
        inland_mn_per_t_km=programme.parameter("inland_freight_per_t_km") * 1e-6,
        start_cost_mn=programme.parameter("transfer_cost_per_product_mn"),
        overhead_share=programme.parameter("overhead_share"),
        working_share=programme.parameter("working_capital_share"),
        returned=(1.0 + rate) ** -programme.parameter("terminal_years"),
        shortage_factor=programme.parameter("shortage_penalty_factor"),
        zones=tuple(programme["zones"].select("zone_id", "lat", "lon").iter_rows()),
        sites=sites,
        lines=lines,
        parts=parts,
        markets=markets,
        others={product: others_of(programme, effects, product) for product in chains},
        cuts=tuple(cuts.rows),
        start_status=parameter_status.get("transfer_cost_per_product_mn", "observed"),
        selling_status=weakest(
            parameter_status.get(name, "observed")
            for name in ("overhead_share", "working_capital_share")
        ),
    )


def annuity(years: float, rate_share: float) -> float:
    """Return the worth, at the end of a year, of one unit in each of the following years.

    Example:
        >>> round(annuity(2, 0.1), 4)
        1.7355
    """
    if rate_share == 0.0:
        return float(years)
    return float((1.0 - (1.0 + rate_share) ** -years) / rate_share)


def _chains(programme: Programme) -> dict[str, list[str]]:
    demanded = set(programme["demand"]["product_id"].to_list())
    chains: dict[str, list[str]] = {}
    for row in programme["stages"].sort("product_id", "stage_no").iter_rows(named=True):
        if row["product_id"] in demanded:
            chains.setdefault(row["product_id"], []).append(row["stage_id"])
    return chains


def _bom(programme: Programme) -> dict[Key, dict[Key, float]]:
    bom: dict[Key, dict[Key, float]] = {}
    for row in programme["bom"].iter_rows(named=True):
        key = (row["product_id"], row["stage_id"])
        source = (row["input_product_id"], row["input_stage_id"])
        bom.setdefault(key, {})[source] = row["input_per_unit"]
    return bom


def _most_sold(
    markets: tuple[Market, ...], product_id: str, is_possible: Callable[[Route], bool]
) -> tuple[Floats, float]:
    """Return the most that the plan can sell by year, and the whole demand of the first year.

    What no accepted bid can win is not counted: this bound is what makes the problem close.
    """
    own = [market for market in markets if market.product_id == product_id]
    cap = np.zeros(len(own[0].demand))
    for market in own:
        cap += market.room_by_year(bid for bid in market.bids if is_possible(bid.route))
    return cap, float(sum(market.demand_by_year[0] for market in own))


def _possible(
    programme: Programme, makeable: set[Key], lines: tuple[Line, ...]
) -> Callable[[Route], bool]:
    """Return whether every stage of a route can be made, or bought inside the bloc."""
    technology = {
        (row["product_id"], row["stage_id"]): row["technology_id"]
        for row in programme["stages"].iter_rows(named=True)
    }
    running = {line.technology_id for line in lines}
    in_bloc = dict(programme["countries"].select("country_id", "is_in_bloc").iter_rows())
    inside = {
        (row["product_id"], row["stage_id"])
        for row in programme["sources"].iter_rows(named=True)
        if in_bloc[row["maker_country_id"]]
    }

    def is_possible(route: Route) -> bool:
        return all(
            key in inside or (key in makeable and technology[key] in running)
            for key in route.needs
        )

    return is_possible


def _parts(
    programme: Programme,
    buying: Buying,
    makeable: set[Key],
    lines: tuple[Line, ...],
    full: Mapping[str, Route],
    most: Mapping[str, tuple[Floats, float]],
    bom: Mapping[Key, Mapping[Key, float]],
) -> dict[Key, Part]:
    years = len(programme.settings.years)
    need: dict[Key, Floats] = {}
    today: dict[Key, float] = {}
    for product_id, route in full.items():
        cap, demand = most[product_id]
        for key, quantity in route.needs.items():
            need[key] = need.get(key, np.zeros(years)) + quantity * cap
            today[key] = today.get(key, 0.0) + quantity * demand
    hosts: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        hosts.setdefault(line.technology_id, []).append(number)
    last = {product: route.stages_inside.split("+")[-1] for product, route in full.items()}
    parts: dict[Key, Part] = {}
    ordered = programme["stages"].sort("stage_no", "product_id")
    for row in ordered.iter_rows(named=True):
        key = (row["product_id"], row["stage_id"])
        if key not in need:
            continue
        supplies = supplies_of(buying, key, row["tonnes_per_unit"], today[key])
        parity = import_parity(supplies)
        inputs = dict(bom.get(key, {}))
        if parity is None:
            parity = _cost_plus(programme, row, inputs, parts)
        parts[key] = Part(
            key=key,
            is_final=last.get(key[0]) == key[1],
            unit=row["unit"],
            technology_id=row["technology_id"],
            use_per_unit=row["capacity_use_per_unit"] / row["yield_share"],
            variable_mn=row["variable_cost_mn_per_unit"],
            tonnes_per_unit=row["tonnes_per_unit"],
            inputs=inputs,
            lines=tuple(hosts.get(row["technology_id"], ())) if key in makeable else (),
            supplies=() if last.get(key[0]) == key[1] else supplies,
            transfer_by_year=parity[0],
            need_by_year=need[key],
            status=row["status"],
            transfer_status=parity[1],
        )
    return parts


def _cost_plus(
    programme: Programme,
    row: Mapping[str, Any],
    inputs: Mapping[Key, float],
    parts: Mapping[Key, Part],
) -> tuple[Floats, str]:
    """Return the full cost per unit at the cheapest module run at full load: nobody imports it."""
    missing = [key for key in inputs if key not in parts]
    if missing:
        raise ModelError(
            f"bom.csv: {row['product_id']}|{row['stage_id']} needs {missing[0]}, which is not an "
            "earlier stage",
            code="N016",
        )
    technology = row["technology_id"]
    life = dict(programme["technologies"].select("technology_id", "life_years").iter_rows())
    costs = [
        module["fixed_cost_mn_per_year"] / module["capacity_per_year"]
        + module["capex_mn"] / module["capacity_per_year"] / life[technology]
        for module in programme["modules"].iter_rows(named=True)
        if module["technology_id"] == technology
    ]
    use = float(row["capacity_use_per_unit"]) / float(row["yield_share"])
    own = float(row["variable_cost_mn_per_unit"]) + use * min(costs, default=0.0)
    price = np.full(len(programme.settings.years), own)
    for key, quantity in inputs.items():
        price = price + quantity * parts[key].transfer_by_year
    return price, weakest([str(row["status"]), *(parts[key].transfer_status for key in inputs)])


def _capped_at_market(parts: dict[Key, Part], markets: tuple[Market, ...]) -> dict[Key, Part]:
    """Nobody pays a plant more for a pack than customers pay: cap the price at the gate."""
    for key, part in parts.items():
        if part.is_final:
            prices = [m.list_price_by_year for m in markets if m.product_id == key[0]]
            cheapest = np.min(np.vstack([part.transfer_by_year, *prices]), axis=0)
            parts[key] = replace(part, transfer_by_year=cheapest)
    return parts


def _taxed(
    programme: Programme,
    law: Mapping[str, pl.DataFrame],
    places: Mapping[str, Site],
    lines: tuple[Line, ...],
) -> dict[str, Site]:
    """Return the sites that have lines, taxed by years since their first possible output."""
    first: dict[str, int] = {}
    for line in lines:
        year = programme.settings.first_year + line.first_order + line.lead_years
        first[line.site_id] = min(first.get(line.site_id, year), year)
    tax = {
        (row["site_id"], row["first_profit_year"], row["year"]): row
        for row in law["site_tax"].iter_rows(named=True)
    }
    taxed = {}
    for site_id, start in first.items():
        keys = [(site_id, start, year) for year in programme.settings.years]
        missing = [key for key in keys if key not in tax]
        if missing:
            raise ModelError(
                f"the law tables have no profit tax for site {site_id} in {missing[0][2]} with "
                f"first profit in {start}",
                code="N017",
            )
        rows = [tax[key] for key in keys]
        taxed[site_id] = replace(
            places[site_id],
            first_profit_year=start,
            rate_by_year=np.array([row["rate_share"] for row in rows]),
            general_by_year=np.array([row["general_rate_share"] for row in rows]),
            is_relief_capped=any(row["is_relief_capped"] for row in rows),
            rules=tuple(sorted({r for row in rows for r in (row["rules"] or "").split(";") if r})),
        )
    return taxed


def _sites(programme: Programme, cuts: Cuts) -> dict[str, Site]:
    country = dict(programme["regions"].select("region_id", "country_id").iter_rows())
    in_bloc = dict(programme["countries"].select("country_id", "is_in_bloc").iter_rows())
    nothing = np.zeros(len(programme.settings.years))
    sites = {}
    for row in programme["sites"].iter_rows(named=True):
        if not in_bloc[country[row["region_id"]]]:
            cuts.add(
                "site",
                row["site_id"],
                "outside the customs union: its output would be an import",
                "вне таможенного союза: его продукция была бы импортом",
            )
            continue
        if row["state"] == "stalled":
            cuts.add("site", row["site_id"], "the site is stalled", "площадка заморожена")
            continue
        sites[row["site_id"]] = Site(
            site_id=row["site_id"],
            region_id=row["region_id"],
            lat=row["lat"],
            lon=row["lon"],
            first_profit_year=0,
            rate_by_year=nothing,
            general_by_year=nothing,
            is_relief_capped=False,
            status=row["status"],
            rules=(),
        )
    return sites
