"""Every item of cash, every tax and the value counted again, for the checker alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import polars as pl

from coproduce.network.recount import Facts
from coproduce.records.proof import Proof

Place = tuple[str, str, int, str]
"""Site, product, year and item."""

OPERATING = (
    "revenue",
    "inputs",
    "transfer",
    "duties",
    "freight",
    "variable_cost",
    "fixed_cost",
    "overhead",
)


def check_cash(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Return every row of cash that the other tables do not explain."""
    stated: dict[Place, float] = defaultdict(float)
    for row in tables["cash"].iter_rows(named=True):
        place = (row["site_id"], row["product_id"], row["year"], row["item"])
        stated[place] += row["value_mn"]
    counted = _counted(facts, tables)
    written = _written_off(facts, tables)
    for place, amount in _taxed(facts, counted, written).items():
        counted[place] += amount
    found = []
    for place in sorted({*stated, *counted}):
        if place[3] == "tax_relief" and _is_capped(facts, place[0]):
            continue  # less relief than allowed is no error; too much is found below
        left, right = stated.get(place, 0.0), counted.get(place, 0.0)
        if abs(left - right) > 1e-6 * max(1.0, abs(left), abs(right)):
            found.append(f"cash {'|'.join(map(str, place))}: {left:.9g}, counted {right:.9g}")
    return [*found, *_check_capped(facts, stated, counted)]


def check_proof(facts: Facts, tables: Mapping[str, pl.DataFrame], proof: Proof) -> list[str]:
    """Return what is wrong with the value, the bound or the gap."""
    rate, base = facts.host["discount_rate_share"], facts.programme.settings.base_year
    value = sum(
        amount * (1 + rate) ** (base - year)
        for year, amount in tables["cash"].select("year", "value_mn").iter_rows()
    )
    found = []
    slack = 1e-6 * max(1.0, abs(value))
    if abs(value - proof.objective) > slack:
        found.append(f"proof: the cash is worth {value:.9g}, stated {proof.objective:.9g}")
    if proof.bound < proof.objective - slack:
        found.append("proof: the bound is below the value")
    gap = abs(proof.bound - proof.objective) / max(1e-9, abs(proof.objective))
    if abs(gap - proof.gap_share) > 1e-9 + 1e-6 * gap:
        found.append(f"proof: the gap is {gap:.6g}, stated {proof.gap_share:.6g}")
    return found


def _counted(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> dict[Place, float]:
    out: dict[Place, float] = defaultdict(float)
    first: dict[tuple[str, str], int] = {}
    for row in tables["production"].iter_rows(named=True):
        key, year = (row["product_id"], row["stage_id"]), row["year"]
        site_id, product_id, quantity = row["site_id"], row["product_id"], row["quantity"]
        first[key] = min(first.get(key, year), year)
        sold = quantity * facts.transfer_price(key, year)
        out[site_id, product_id, year, "transfer"] += sold
        out["trade", product_id, year, "transfer"] -= sold
        cost = quantity * facts.stages[key]["variable_cost_mn_per_unit"]
        out[site_id, product_id, year, "variable_cost"] -= cost
        for source, per_unit in facts.bom.get(key, {}).items():
            paid = quantity * per_unit * facts.transfer_price(source, year)
            out[site_id, product_id, year, "transfer"] -= paid
            out["trade", product_id, year, "transfer"] += paid
    for (product_id, _), year in first.items():
        fee = facts.parameter("transfer_cost_per_product_mn")
        out["trade", product_id, year, "transfer_fee"] -= fee
    for row in tables["purchases"].iter_rows(named=True):
        seller, year = facts.sources[row["source_id"]], row["year"]
        gate, _, duty = facts.bought(seller, year)
        out["trade", row["product_id"], year, "inputs"] -= row["quantity"] * gate
        out["trade", row["product_id"], year, "duties"] -= row["quantity"] * duty
    for row in tables["flows"].iter_rows(named=True):
        out["trade", row["product_id"], row["year"], "freight"] -= row["freight_mn"]
    for row in tables["sales"].iter_rows(named=True):
        out["trade", row["product_id"], row["year"], "revenue"] += row["revenue_mn"]
        overhead = row["revenue_mn"] * facts.parameter("overhead_share")
        out["trade", row["product_id"], row["year"], "overhead"] -= overhead
        _tie_up(facts, out, row["product_id"], row["year"], row["revenue_mn"])
    for row in tables["supply"].iter_rows(named=True):
        price = facts.prices[row["product_id"], row["segment_id"]]
        worth = price["price_per_pack"] * facts.rate(price["currency"], row["year"])
        lost = row["unmet"] * worth * facts.parameter("shortage_penalty_factor")
        out["trade", row["product_id"], row["year"], "shortage_penalty"] -= lost
    for row in tables["openings"].iter_rows(named=True):
        out[row["site_id"], "all", row["year"], "capex"] -= row["capex_mn"]
        for year in range(row["first_output_year"], facts.years[-1] + 1):
            cost = facts.fixed_cost(row["technology_id"], row["module_id"], row["site_id"], year)
            out[row["site_id"], "all", year, "fixed_cost"] -= row["modules"] * cost
    return out


def _tie_up(
    facts: Facts, out: dict[Place, float], product_id: str, year: int, revenue: float
) -> None:
    """Money tied up by a year's sales: out in that year, back in the next or after the horizon."""
    tied = revenue * facts.parameter("working_capital_share")
    out["trade", product_id, year, "working_capital"] -= tied
    if year < facts.years[-1]:
        out["trade", product_id, year + 1, "working_capital"] += tied
    else:
        rate = facts.host["discount_rate_share"]
        free = tied * (1 + rate) ** -facts.parameter("terminal_years")
        out["trade", product_id, year, "residual_value"] += free


def _written_off(facts: Facts, tables: Mapping[str, pl.DataFrame]) -> dict[tuple[str, int], float]:
    out: dict[tuple[str, int], float] = defaultdict(float)
    for row in tables["openings"].iter_rows(named=True):
        life = facts.technologies[row["technology_id"]]["life_years"]
        for year in range(row["first_output_year"], facts.years[-1] + 1):
            left = life - (year - row["first_output_year"])
            out[row["site_id"], year] += row["capex_mn"] / life * min(1.0, max(0.0, left))
    return out


def _taxed(
    facts: Facts, counted: Mapping[Place, float], written: Mapping[tuple[str, int], float]
) -> dict[Place, float]:
    """Return profit tax, relief and the worth after the horizon."""
    operating: dict[tuple[str, int], float] = defaultdict(float)
    fees: dict[tuple[str, int], float] = defaultdict(float)
    for (site_id, _, year, item), amount in counted.items():
        if item in OPERATING:
            operating[site_id, year] += amount
        elif item == "transfer_fee":
            fees[site_id, year] += amount
    last = facts.years[-1]
    years, rate = facts.parameter("terminal_years"), facts.host["discount_rate_share"]
    annuity = years if rate == 0 else (1 - (1 + rate) ** -years) / rate
    out: dict[Place, float] = defaultdict(float)
    for site_id, year in {*operating, *written, *fees}:
        earned = operating.get((site_id, year), 0.0)
        profit = earned - written.get((site_id, year), 0.0) + fees.get((site_id, year), 0.0)
        if site_id == "trade":
            general = relieved = facts.trade_rate(year)
        else:
            law = facts.tax(site_id, year)
            general, relieved = law["general_rate_share"], law["rate_share"]
        out[site_id, "all", year, "profit_tax"] -= general * profit
        out[site_id, "all", year, "tax_relief"] += (general - relieved) * profit
        if year == last:
            out[site_id, "all", year, "residual_value"] += annuity * earned * (1 - general)
    return out


def _is_capped(facts: Facts, site_id: str) -> bool:
    if site_id == "trade":
        return False
    return any(facts.tax(site_id, year)["is_relief_capped"] for year in facts.years)


def _check_capped(
    facts: Facts, stated: Mapping[Place, float], counted: Mapping[Place, float]
) -> list[str]:
    found = []
    for site_id in sorted({place[0] for place in stated if place[0] != "trade"}):
        if site_id not in facts.sites or not _is_capped(facts, site_id):
            continue
        taken = {p[2]: v for p, v in stated.items() if p[0] == site_id and p[3] == "tax_relief"}
        spent = -sum(v for p, v in stated.items() if p[0] == site_id and p[3] == "capex")
        if sum(taken.values()) > spent + 1e-6 * max(1.0, spent):
            found.append(
                f"cash {site_id}: relief {sum(taken.values()):.9g} above capital {spent:.9g}"
            )
        for year in facts.years:
            allowed = counted.get((site_id, "all", year, "tax_relief"), 0.0)
            if taken.get(year, 0.0) > allowed + 1e-6 * max(1.0, abs(allowed)):
                found.append(f"cash {site_id}|{year}: more relief than the law gives")
    return found
