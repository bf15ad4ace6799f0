"""An independent check of a plan: from its tables, the programme and the law alone.

Knows neither the model nor the solver. Every rule is counted again from the declared tables;
what is violated is listed in full, so that a planted or accidental error is named, not guessed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from coproduce.network.recount import Facts, kilometres
from coproduce.network.recount_cash import check_cash, check_proof
from coproduce.network.recount_limits import check_limits
from coproduce.records.errors import VerificationFailed
from coproduce.records.handover import PLAN_TABLES
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof

TOLERANCE_SHARE = 1e-6
Key = tuple[str, str]


def verify_plan(
    programme: Programme,
    law: Mapping[str, pl.DataFrame],
    tables: Mapping[str, pl.DataFrame],
    proof: Proof,
    *,
    mode: str = "joint",
    deal_id: str = "",
    scenario_id: str = "",
) -> None:
    """Return nothing if the plan keeps every rule and is worth what its proof says.

    Args:
        programme: the programme that was planned.
        law: the law tables it was planned under.
        tables: the plan tables.
        proof: objective and bound, base currency mn.
        mode, deal_id, scenario_id: as in `Options`.

    Raises:
        VerificationFailed: lists every violation found (code ``N040``).
    """
    found: list[str] = []
    for name, schema in PLAN_TABLES.items():
        if name not in tables:
            found.append(f"{name}: the table is missing")
        elif not schema.is_valid(tables[name]):
            found.append(f"{name}: not valid against its schema")
    if not found:
        facts = Facts(programme, law, mode, deal_id, scenario_id)
        found = _violations(facts, tables, proof)
    if found:
        listed = "\n".join(f"  - {line}" for line in found)
        raise VerificationFailed(f"{len(found)} violations:\n{listed}", code="N040")


def _violations(facts: Facts, tables: Mapping[str, pl.DataFrame], proof: Proof) -> list[str]:
    found: list[str] = []
    for check in (
        _check_openings,
        _check_capacity,
        _check_balances,
        _check_purchases,
        _check_sales,
        _check_inside,
        _check_supply,
        _check_flows,
        check_limits,
        check_cash,
    ):
        try:
            found.extend(check(facts, tables))
        except KeyError as error:
            found.append(f"{check.__name__[7:]}: names what the programme lacks: {error}")
    return [*found, *check_proof(facts, tables, proof)]


def differs(left: float, right: float) -> bool:
    """Return whether two amounts differ by more than the tolerance."""
    return abs(left - right) > TOLERANCE_SHARE * max(1.0, abs(left), abs(right))


def exceeds(amount: float, limit: float) -> bool:
    """Return whether an amount is above its limit by more than the tolerance."""
    return amount > limit + TOLERANCE_SHARE * max(1.0, abs(limit))


def _check_openings(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    found: list[str] = []
    fitted: dict[Key, int] = defaultdict(int)
    for row in tables["openings"].iter_rows(named=True):
        site_id, technology_id = row["site_id"], row["technology_id"]
        name = f"openings {site_id}|{technology_id}|{row['module_id']}|{row['year']}"
        if (site_id, technology_id) not in facts.pairs:
            found.append(f"{name}: no evidence that this technology can be put there")
            continue
        site, module = facts.sites[site_id], facts.modules[technology_id, row["module_id"]]
        country = facts.regions[site["region_id"]]["country_id"]
        if site["state"] == "stalled" or not facts.countries[country]["is_in_bloc"]:
            found.append(f"{name}: the site is stalled or outside the customs union")
        found += [f"{name}: {text}" for text in _clock(facts, row)]
        if differs(row["capacity_per_year"], row["modules"] * module["capacity_per_year"]):
            found.append(f"{name}: capacity is not that of its modules")
        factor = facts.pairs[site_id, technology_id]["capex_factor"]
        factor *= facts.capex_factor(technology_id, row["year"])
        capex = row["modules"] * module["capex_mn"] * factor
        if differs(row["capex_mn"], capex):
            found.append(f"{name}: capital cost should be {capex:.6g}")
        fitted[site_id, technology_id] += row["modules"]
    for pair, modules in fitted.items():
        if modules > facts.pairs[pair]["max_modules"]:
            found.append(f"openings {'|'.join(pair)}: more modules than fit")
    if facts.mode == "joint" and facts.deal["form"] == "supply_only" and fitted:
        found.append("openings: the deal builds nothing")
    return found


def _clock(facts: Facts, row: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the years of an order and of its first output."""
    if row["year"] < facts.first_order():
        yield f"nothing may be ordered before {facts.first_order()}"
    first = row["year"] + facts.lead_years(row["site_id"], row["technology_id"])
    if row["first_output_year"] != first or first > facts.years[-1]:
        yield f"output can start in {first}"


def _check_capacity(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    found: list[str] = []
    used: dict[tuple[str, str, int], float] = defaultdict(float)
    for row in tables["production"].iter_rows(named=True):
        key = (row["product_id"], row["stage_id"])
        name = f"production {'|'.join(key)}|{row['site_id']}|{row['year']}"
        stage = facts.stages[key]
        if stage["technology_id"] != row["technology_id"] or not facts.can_make(*key):
            found.append(f"{name}: nobody of the parties has shown that it makes this there")
        per_unit = stage["capacity_use_per_unit"] / stage["yield_share"]
        if differs(row["capacity_used"], row["quantity"] * per_unit):
            found.append(f"{name}: capacity used should be {row['quantity'] * per_unit:.6g}")
        used[row["site_id"], row["technology_id"], row["year"]] += row["quantity"] * per_unit
    for (site_id, technology_id, year), amount in used.items():
        room = sum(
            row["capacity_per_year"] * facts.ramp(year - row["first_output_year"])
            for row in tables["openings"].iter_rows(named=True)
            if (row["site_id"], row["technology_id"]) == (site_id, technology_id)
            and row["first_output_year"] <= year
        )
        if exceeds(amount, room):
            found.append(
                f"production {site_id}|{technology_id}|{year}: {amount:.6g} used of {room:.6g}"
            )
    return found


def _made(tables: Mapping[str, pl.DataFrame]) -> dict[tuple[Key, int], float]:
    out: dict[tuple[Key, int], float] = defaultdict(float)
    for row in tables["production"].iter_rows(named=True):
        out[(row["product_id"], row["stage_id"]), row["year"]] += row["quantity"]
    return out


def _bought(
    facts: Facts, tables: Mapping[str, pl.DataFrame], only_inside: bool = False
) -> dict[tuple[Key, int], float]:
    out: dict[tuple[Key, int], float] = defaultdict(float)
    for row in tables["purchases"].iter_rows(named=True):
        country = facts.sources[row["source_id"]]["maker_country_id"]
        if not only_inside or facts.countries[country]["is_in_bloc"]:
            out[(row["product_id"], row["stage_id"]), row["year"]] += row["quantity"]
    return out


def _check_balances(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    made, given = _made(tables), _made(tables)
    for name, quantity in _bought(facts, tables).items():
        given[name] += quantity
    used: dict[tuple[Key, int], float] = defaultdict(float)
    for (key, year), quantity in made.items():
        for source, per_unit in facts.bom.get(key, {}).items():
            used[source, year] += per_unit * quantity
    for row in tables["sales"].iter_rows(named=True):
        final = (row["product_id"], facts.last_stage[row["product_id"]])
        used[final, row["year"]] += row["quantity"]
    return [
        f"balance {'|'.join(key)}|{year}: {given.get((key, year), 0.0):.6g} made or bought, "
        f"{used.get((key, year), 0.0):.6g} used or sold"
        for key, year in sorted({*given, *used})
        if differs(given.get((key, year), 0.0), used.get((key, year), 0.0))
    ]


def _check_purchases(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    found = []
    for row in tables["purchases"].iter_rows(named=True):
        name = f"purchases {row['source_id']}|{row['year']}"
        source = facts.sources[row["source_id"]]
        stage = (source["product_id"], source["stage_id"])
        if stage != (row["product_id"], row["stage_id"]):
            found.append(f"{name}: the source supplies {'|'.join(stage)}")
        if source["market_country_id"] != facts.host["country_id"]:
            found.append(f"{name}: the source does not supply the host")
        if exceeds(row["quantity"], facts.source_capacity(source, row["year"])):
            found.append(f"{name}: more than the source can supply")
        cost = row["quantity"] * sum(facts.bought(source, row["year"]))
        if differs(row["cost_mn"], cost):
            found.append(f"{name}: price, freight and duty come to {cost:.6g}")
    return found


def _check_sales(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    found: list[str] = []
    won: dict[tuple[str, str, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    by_zone: dict[tuple[str, str, int, str], float] = defaultdict(float)
    for row in tables["sales"].iter_rows(named=True):
        product_id, segment_id, year = row["product_id"], row["segment_id"], row["year"]
        name = f"sales {product_id}|{row['zone_id']}|{segment_id}|{row['stages_inside']}|{year}"
        law = facts.standing[product_id, row["stages_inside"], year]
        if law["standing_id"] != row["standing_id"]:
            found.append(f"{name}: the law gives it the standing {law['standing_id']}")
        rival = facts.rival(product_id, year)
        access = facts.access[segment_id, year, law["standing_id"], rival]
        if not access["is_accepted"]:
            found.append(f"{name}: the bid is not accepted against {rival}")
        price = facts.prices[product_id, segment_id]
        paid = price["price_per_pack"] * access["price_factor"]
        if price["cap_per_pack"] is not None:
            paid = min(paid, max(price["cap_per_pack"], price["price_per_pack"]))
        earned = row["quantity"] * paid * facts.rate(price["currency"], year)
        if differs(row["revenue_mn"], earned):
            found.append(f"{name}: revenue should be {earned:.6g}")
        won[product_id, segment_id, year][int(access["is_exclusive"])] += row["quantity"]
        by_zone[product_id, segment_id, year, row["zone_id"]] += row["quantity"]
    return [*found, *_check_won(facts, won), *_check_zones(facts, won, by_zone)]


def _check_won(facts: Facts, won: Mapping[tuple[str, str, int], list[float]]) -> list[str]:
    found = []
    for (product_id, segment_id, year), (shared, alone) in won.items():
        demand = facts.demand(product_id, segment_id, None, year)
        segment = facts.segments[segment_id]
        contested = segment["contestable_share"] * demand
        most = max(contested, segment["exclusive_share"] * demand)
        # A lot is fought by one bid: what both kinds take of the lots is together at most all.
        taken = 0.0
        for sold, cap in ((shared, contested), (alone, most)):
            if sold > TOLERANCE_SHARE * max(1.0, demand) and cap <= 0.0:
                taken = math.inf
            elif cap > 0.0:
                taken += sold / cap
        if exceeds(taken, 1.0):
            found.append(
                f"sales {product_id}|{segment_id}|{year}: bids that shut rivals out sell "
                f"{alone:.6g} of {most:.6g}, others {shared:.6g} of {contested:.6g}: together "
                "more than all lots"
            )
    return found


def _check_zones(
    facts: Facts,
    won: Mapping[tuple[str, str, int], list[float]],
    by_zone: Mapping[tuple[str, str, int, str], float],
) -> list[str]:
    found = []
    for product_id, segment_id, year in won:
        total = sum(won[product_id, segment_id, year])
        demand = facts.demand(product_id, segment_id, None, year)
        for zone_id in facts.zones:
            share = facts.demand(product_id, segment_id, zone_id, year) / demand if demand else 0.0
            sold = by_zone.get((product_id, segment_id, year, zone_id), 0.0)
            if differs(sold, total * share):
                found.append(
                    f"sales {product_id}|{segment_id}|{year}: zone {zone_id} gets {sold:.6g}, its "
                    f"share is {total * share:.6g}"
                )
    return found


def _check_inside(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    have = _made(tables)
    for name, quantity in _bought(facts, tables, only_inside=True).items():
        have[name] += quantity
    asked: dict[tuple[Key, int], float] = defaultdict(float)
    for row in tables["sales"].iter_rows(named=True):
        for key, per_pack in facts.needs(row["product_id"], row["stages_inside"]).items():
            asked[key, row["year"]] += per_pack * row["quantity"]
    return [
        f"inside {'|'.join(key)}|{year}: the routes sold need {quantity:.6g} made inside, there "
        f"is {have.get((key, year), 0.0):.6g}"
        for (key, year), quantity in asked.items()
        if exceeds(quantity, have.get((key, year), 0.0))
    ]


def _check_supply(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    sold: dict[tuple[str, str, int], float] = defaultdict(float)
    for row in tables["sales"].iter_rows(named=True):
        sold[row["product_id"], row["segment_id"], row["year"]] += row["quantity"]
    found: list[str] = []
    seen: set[tuple[str, str, int]] = set()
    others: dict[tuple[str, int], float] = defaultdict(float)
    for row in tables["supply"].iter_rows(named=True):
        place = (row["product_id"], row["segment_id"], row["year"])
        seen.add(place)
        name = "supply " + "|".join(map(str, place))
        parts = ("own", "others_inside", "others_outside", "unmet")
        if differs(row["demand"], facts.demand(*place[:2], None, place[2])):
            found.append(f"{name}: demand is {facts.demand(*place[:2], None, place[2]):.6g}")
        if differs(sum(row[part] for part in parts), row["demand"]):
            found.append(f"{name}: the parts do not add up to demand")
        if differs(row["own"], sold.get(place, 0.0)):
            found.append(f"{name}: the sales table has {sold.get(place, 0.0):.6g}")
        rest = row["others_inside"] + row["others_outside"]
        others[place[0], place[2]] += rest
        share = facts.others(place[0], place[2])[1]
        if differs(row["others_inside"], share * rest):
            found.append(f"{name}: today's makers inside serve {share:.3g} of the rest")
    wanted = {(p, g, y) for p, g in facts.wanted for y in facts.years}
    found += [f"supply {p}|{g}|{y}: the row is missing" for p, g, y in sorted(wanted - seen)]
    for (product_id, year), amount in others.items():
        if exceeds(amount, facts.others(product_id, year)[0]):
            found.append(f"supply {product_id}|{year}: more than today's makers can supply")
    return found


def _check_flows(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    found: list[str] = []
    moved: dict[tuple[str, str, Key, int], float] = defaultdict(float)
    for row in tables["flows"].iter_rows(named=True):
        key, year = (row["product_id"], row["stage_id"]), row["year"]
        name = f"flows {row['from_id']}>{row['to_id']}|{'|'.join(key)}|{year}"
        moved["from " + row["from_kind"], row["from_id"], key, year] += row["quantity"]
        moved["to " + row["to_kind"], row["to_id"], key, year] += row["quantity"]
        tonnes = row["quantity"] * facts.stages[key]["tonnes_per_unit"]
        if differs(row["tonnes"], tonnes):
            found.append(f"{name}: weighs {tonnes:.6g}")
        rate = facts.parameter("inland_freight_per_t_km") / 1e6
        start, lane = facts.origin(row["from_kind"], row["from_id"], year)
        ends = facts.sites if row["to_kind"] == "site" else facts.zones
        end = ends[row["to_id"]]
        paid = tonnes * (rate * kilometres(*start, end["lat"], end["lon"]) + lane)
        if differs(row["freight_mn"], paid):
            found.append(f"{name}: freight should be {paid:.6g}")
    want = _moves(facts, tables)
    for place in sorted({*moved, *want}):
        if differs(moved.get(place, 0.0), want.get(place, 0.0)):
            found.append(
                f"flows {place[0]} {place[1]} {'|'.join(place[2])}|{place[3]}: "
                f"{moved.get(place, 0.0):.6g} moves, {want.get(place, 0.0):.6g} is there to move"
            )
    return found


def _moves(
    facts: Facts, tables: Mapping[str, pl.DataFrame]
) -> dict[tuple[str, str, Key, int], float]:
    want: dict[tuple[str, str, Key, int], float] = defaultdict(float)
    for row in tables["production"].iter_rows(named=True):
        key, site_id, year = (row["product_id"], row["stage_id"]), row["site_id"], row["year"]
        want["from site", site_id, key, year] += row["quantity"]
        for source, per_unit in facts.bom.get(key, {}).items():
            want["to site", site_id, source, year] += per_unit * row["quantity"]
    for row in tables["purchases"].iter_rows(named=True):
        country = facts.sources[row["source_id"]]["maker_country_id"]
        key = (row["product_id"], row["stage_id"])
        want["from country", country, key, row["year"]] += row["quantity"]
    for row in tables["sales"].iter_rows(named=True):
        key = (row["product_id"], facts.last_stage[row["product_id"]])
        want["to zone", row["zone_id"], key, row["year"]] += row["quantity"]
    return want
