"""Why the plan is as it is: what binds, why each site, what was not made and at what price."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from coproduce.network.case import Case, Line, Part
from coproduce.network.freight import km_cost
from coproduce.network.model import Model
from coproduce.network.pooled import Pooled
from coproduce.network.prepare import annuity
from coproduce.network.search import Found
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof
from coproduce.records.words import Words

BASIS = {
    "existing_line": ("an existing line", "действующая линия"),
    "announced_line": ("an announced line", "объявленная линия"),
    "zone_profile": ("the profile of the zone", "профиль зоны"),
    "building_ready": ("a building that stands", "готовое здание"),
}


def assumed_share(cash: pl.DataFrame) -> float:
    """Return the share of cash, by absolute value, that rests on assumed or synthetic facts."""
    total = float(cash["value_mn"].abs().sum())
    weak = cash.filter(pl.col("status").is_in(["assumed", "synthetic"]))["value_mn"].abs().sum()
    return float(weak) / total if total else 0.0


def cuts_table(case: Case) -> pl.DataFrame:
    """Return what was left out before the model, with the reason."""
    names = ("kind", "id", "reason_en", "reason_ru")
    rows = [[getattr(cut, name) for name in names] for cut in case.cuts]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def binding_table(case: Case, model: Model, found: Found, limits: pl.DataFrame) -> pl.DataFrame:
    """Return what holds the plan back, with the worth of one more unit, best first.

    The worth is the shadow price with the plan's modules held: it says what more room in a limit,
    a line or a market would bring without another building.
    """
    dual, rows = found.row_dual, []

    def put(kind: str, name: str, year: int | None, row: int, unit: str) -> None:
        if abs(dual[row]) > 1e-6:
            rows.append((kind, name, year, abs(float(dual[row])), unit))

    for limit_id, limit_rows in model.limit_rows.items():
        for row in limit_rows:
            put("limit", limit_id, None, row, "unit of the limit")
    for number, capacity in model.capacity_rows.items():
        line = case.lines[number]
        for offset, row in enumerate(capacity):
            year = case.years[line.lead_years + offset]
            put(
                "capacity", f"{line.site_id}|{line.technology_id}", year, int(row), "capacity unit"
            )
    for (number, kind), numbers in model.demand_rows.items():
        market = case.markets[number]
        for index, row in enumerate(numbers):
            name = f"{market.product_id}|{market.segment_id}|{kind}"
            put("demand", name, case.years[index], int(row), "mn packs")
    schema = {
        "kind": pl.String,
        "id": pl.String,
        "year": pl.Int32,
        "worth_mn": pl.Float64,
        "unit": pl.String,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.sort("worth_mn", "id", "year", descending=[True, False, False])


def rejected_table(case: Case, pooled: Pooled) -> pl.DataFrame:
    """Return stages that could be made and are not, with the price rise that would pay for them.

    Compared in the last year: what a unit earns at the arm's-length price against its part of the
    cheapest line at full load, capital spread over its life at the discount rate.
    """
    made = {key for (key, _), amounts in pooled.make.items() if amounts.any()}
    rows = []
    for key, part in case.parts.items():
        if not part.lines or key in made:
            continue
        price = float(part.transfer_by_year[-1])
        margin = price - part.variable_mn
        for source, quantity in part.inputs.items():
            margin -= quantity * float(case.parts[source].transfer_by_year[-1])
        plant = min(_plant_cost(case, case.lines[number], part) for number in part.lines)
        rise = (plant - margin) / price if price > 0 else float("nan")
        rows.append((key[0], key[1], margin, rise))
    schema = {
        "product_id": pl.String,
        "stage_id": pl.String,
        "margin_mn_per_unit": pl.Float64,
        "needed_rise_share": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").sort("needed_rise_share")


def _plant_cost(case: Case, line: Line, part: Part) -> float:
    """Return a unit's part of fixed and capital cost on the line's cheapest module."""
    rate = case.discount_by_year[0] / case.discount_by_year[1] - 1.0 if len(case.years) > 1 else 0
    spread = annuity(line.life_years, float(rate))
    return min(
        (
            part.use_per_unit
            * (size.fixed_by_year[-1] + size.capex_by_year[0] / spread)
            / size.capacity
            for size in line.sizes
        ),
        default=float("inf"),
    )


def finding(programme: Programme, tables: dict[str, pl.DataFrame], proof: Proof) -> Words:
    """Return the plan in one sentence."""
    openings = tables["openings"]
    currency = programme.settings.currency
    if openings.is_empty():
        return Words(
            f"No plant pays: the best plan builds nothing (proven to {proof.gap_share:.2%}).",
            "Ни один завод не окупается: лучший план ничего не строит "
            f"(доказано с точностью {proof.gap_share:.2%}).",
        )
    sites = openings["site_id"].n_unique()
    products = tables["production"]["product_id"].n_unique()
    first = min(openings["first_output_year"].to_list())
    capex, npv = float(openings["capex_mn"].sum()) / 1e3, proof.objective / 1e3
    return Words(
        f"{products} products at {sites} sites, first output in {first}, {currency} {capex:,.1f} "
        f"bn of capital, are worth {currency} {npv:,.1f} bn after tax "
        f"(no plan is better by more than {proof.gap_share:.2%}).",
        f"Продуктов: {products}, площадок: {sites}, первый выпуск в {first} г., вложения "
        f"{capex:,.1f} млрд {currency}; чистая стоимость после налогов {npv:,.1f} млрд {currency} "
        f"(лучше не более чем на {proof.gap_share:.2%}).",
    )


def reasons(
    programme: Programme,
    case: Case,
    tables: dict[str, pl.DataFrame],
    rejected: pl.DataFrame,
) -> tuple[Words, ...]:
    """Return why each site was opened and what keeps the nearest rejected stages out."""
    names = {row["site_id"]: row for row in programme["sites"].iter_rows(named=True)}
    openings = tables["openings"]
    opened = openings.group_by("site_id").agg(pl.col("capex_mn").sum(), pl.col("year").min())
    order = opened.sort("capex_mn", "site_id", descending=[True, False])["site_id"].to_list()
    rank = _freight_rank(case)
    found = [_why_site(case, openings, names[site_id], rank) for site_id in order]
    return (*found, *_why_not(programme, rejected))


def _freight_rank(case: Case) -> dict[str, tuple[int, float]]:
    weights = np.zeros(len(case.zones))
    for market in case.markets:
        weights += market.demand[0] * case.parts[case.final_of[market.product_id]].tonnes_per_unit
    weights = weights / weights.sum() if weights.sum() else weights
    mean = {
        site_id: float(
            sum(
                weight * km_cost(case, site.lat, site.lon, lat, lon)
                for weight, (_, lat, lon) in zip(weights, case.zones, strict=True)
            )
        )
        for site_id, site in case.sites.items()
    }
    ordered = sorted(mean, key=lambda site_id: (mean[site_id], site_id))
    return {site_id: (place + 1, mean[site_id]) for place, site_id in enumerate(ordered)}


def _why_site(
    case: Case, openings: pl.DataFrame, name: dict[str, Any], rank: dict[str, tuple[int, float]]
) -> Words:
    site = case.sites[name["site_id"]]
    own = openings.filter(pl.col("site_id") == site.site_id)
    lines = [
        line
        for line in case.lines
        if line.site_id == site.site_id
        and line.technology_id in own["technology_id"].unique().to_list()
    ]
    at = case.years.index(site.first_profit_year)
    rate, general = float(site.rate_by_year[at]), float(site.general_by_year[at])
    place, freight = rank[site.site_id]
    built = ", ".join(
        f"{line.technology_id} ({BASIS[line.basis][0]}, ×{line.capex_factor:.2f})"
        for line in lines
    )
    built_ru = ", ".join(
        f"{line.technology_id} ({BASIS[line.basis][1]}, ×{line.capex_factor:.2f})"
        for line in lines
    )
    first = min(own["first_output_year"].to_list())
    return Words(
        f"{name['name_en']}: {built} from {first}; profit tax {rate:.1%} at first against "
        f"{general:.1%} in general; freight to demand {freight * 1e6:,.0f} per tonne, place "
        f"{place} of {len(rank)}.",
        f"{name['name_ru']}: {built_ru} с {first} г.; налог на прибыль вначале {rate:.1%} против "
        f"общих {general:.1%}; перевозка до спроса {freight * 1e6:,.0f} за тонну, место "
        f"{place} из {len(rank)}.",
    )


def _why_not(programme: Programme, rejected: pl.DataFrame) -> tuple[Words, ...]:
    names = {row["product_id"]: row for row in programme["products"].iter_rows(named=True)}
    found = []
    near = rejected.filter(pl.col("needed_rise_share").is_finite()).head(5)
    for product_id, stage_id, _, rise in near.iter_rows():
        name = names[product_id]
        if rise > 0:
            found.append(
                Words(
                    f"{name['name_en']}, {stage_id}: not made; its price would have to rise by "
                    f"{rise:.0%} to pay for its part of a plant.",
                    f"{name['name_ru']}, {stage_id}: не производится; цена должна вырасти на "
                    f"{rise:.0%}, чтобы окупить свою долю завода.",
                )
            )
        else:
            found.append(
                Words(
                    f"{name['name_en']}, {stage_id}: not made although a full line would pay at "
                    "today's price; access, volume, transfer cost or lead time keep it out.",
                    f"{name['name_ru']}, {stage_id}: не производится, хотя полная линия окупилась "
                    "бы при нынешней цене; мешают доступ, объём, перенос технологии или сроки.",
                )
            )
    return tuple(found)
