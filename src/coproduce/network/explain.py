"""Why the plan is as it is: what binds, why each site, what was not made and at what price."""

from __future__ import annotations

from collections.abc import Iterator

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
from coproduce.records.words import Words, in_money, in_percent, lower_first

MOST_REJECTED = 5

BASIS = {
    "existing_line": ("an existing line", "действующая линия"),
    "announced_line": ("an announced line", "объявленная линия"),
    "zone_profile": ("the profile of the zone", "профиль зоны"),
    "building_ready": ("a building that stands", "готовое здание"),
}


def assumed_share(cash: pl.DataFrame) -> float:
    """Return the share of cash, by absolute value, that rests on assumed or synthetic facts.

    What plants and trade pay one another is left out: no money comes in or goes out by it.
    """
    cash = cash.filter(pl.col("item") != "transfer")
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
    a line or a market would bring without another building. Lines compare by what another of
    their smallest modules would bring, the rest by one unit. A line without a module has no
    capacity that could bind; what it could make is in `rejected_table`.
    """
    dual, rows = found.row_dual, []

    def put(kind: str, name: str, year: int | None, row: int, unit: str, step: float) -> None:
        if abs(dual[row]) > 1e-6:
            rows.append((kind, name, year, abs(float(dual[row])), unit, step))

    for limit_id, limit_rows in model.limit_rows.items():
        for row in limit_rows:
            put("limit", limit_id, None, row, "unit of the limit", 1.0)
    for number, capacity in model.capacity_rows.items():
        line = case.lines[number]
        name, step = f"{line.site_id}|{line.technology_id}", min(s.capacity for s in line.sizes)
        for offset, row in enumerate(capacity):
            if _is_open(model, found, number, offset):
                year = case.years[line.lead_years + offset]
                put("capacity", name, year, int(row), "capacity unit", step)
    for number, numbers in model.demand_rows.items():
        market = case.markets[number]
        for index, row in enumerate(numbers):
            name = f"{market.product_id}|{market.segment_id}"
            put("demand", name, case.years[index], int(row), "finished unit", 1.0)
    schema = {
        "kind": pl.String,
        "id": pl.String,
        "year": pl.Int32,
        "worth_mn": pl.Float64,
        "unit": pl.String,
        "step": pl.Float64,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    worth = pl.col("worth_mn") * pl.col("step")
    return frame.sort(worth, "id", "year", descending=[True, False, False])


def _is_open(model: Model, found: Found, number: int, offset: int) -> bool:
    """Return whether a line has a module usable so many years after its first possible output."""
    return any(
        found.x[cols[: offset + 1]].sum() > 0.5
        for (line, _), cols in model.columns.build.items()
        if line == number
    )


def rejected_table(case: Case, pooled: Pooled) -> pl.DataFrame:
    """Return stages that could be made and are not, with the price rise that would pay for them.

    Compared in the last year: what a unit earns at the arm's-length price against its part of the
    cheapest line at full load, capital spread over its life at the discount rate. Where the rise
    is not above nil, a full line would pay and something else keeps the stage out.
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
    gap = in_percent(proof.gap_share)
    if openings.is_empty():
        return Words(
            f"No plant pays: the best plan builds nothing (proven to {gap.en}).",
            f"Ни один завод не окупается: лучший план ничего не строит (доказанный разрыв "
            f"{gap.ru}).",
        )
    sites = openings["site_id"].n_unique()
    products = tables["production"]["product_id"].n_unique()
    first = min(openings["first_output_year"].to_list())
    capex = in_money(float(openings["capex_mn"].sum()), currency)
    npv = in_money(proof.objective, currency)
    return Words(
        f"{capex.en} invested in {_counted(sites, 'site')} for {_counted(products, 'product')}, "
        f"with first output in {first}, is worth {npv.en} after tax; no plan is better by more "
        f"than {gap.en}.",
        f"Инвестиции {capex.ru} (площадок — {sites}, продуктов — {products}, первый выпуск в "
        f"{first} году) дают чистую стоимость {npv.ru} после налогов; лучше этого плана не более "
        f"чем на {gap.ru}.",
    )


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def reasons(
    programme: Programme,
    case: Case,
    tables: dict[str, pl.DataFrame],
    rejected: pl.DataFrame,
) -> tuple[Words, ...]:
    """Return why each site was opened and what keeps the nearest rejected stages out."""
    openings = tables["openings"]
    opened = openings.group_by("site_id").agg(pl.col("capex_mn").sum(), pl.col("year").min())
    order = opened.sort("capex_mn", "site_id", descending=[True, False])["site_id"].to_list()
    rank = _freight_rank(case)
    found = [_why_site(programme, case, openings, site_id, rank) for site_id in order]
    return (*found, *_why_not(programme, rejected))


def _names(programme: Programme, table: str, key: str) -> dict[str, Words]:
    rows = programme[table].select(key, "name_en", "name_ru").iter_rows()
    return {name: Words(en, ru or en) for name, en, ru in rows}


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
    programme: Programme,
    case: Case,
    openings: pl.DataFrame,
    site_id: str,
    rank: dict[str, tuple[int, float]],
) -> Words:
    site = case.sites[site_id]
    name = _names(programme, "sites", "site_id")[site_id]
    own = openings.filter(pl.col("site_id") == site_id)
    opened = own["technology_id"].unique().to_list()
    lines = [
        _line_words(programme, line)
        for line in case.lines
        if line.site_id == site_id and line.technology_id in opened
    ]
    first = min(own["first_output_year"].to_list())
    tax = _tax_words(case, site_id, case.years.index(site.first_profit_year))
    place, freight = rank[site_id]
    paid = in_money(freight, programme.settings.currency)
    return Words(
        f"{name.en}, first output in {first}: {'; '.join(line.en for line in lines)}. {tax.en} "
        f"Freight to demand costs {paid.en} a tonne; {_nearer(place, len(rank)).en}.",
        f"{name.ru}, первый выпуск в {first} году: {'; '.join(line.ru for line in lines)}. "
        f"{tax.ru} Перевозка до спроса — {paid.ru} за тонну; {_nearer(place, len(rank)).ru}.",
    )


def _line_words(programme: Programme, line: Line) -> Words:
    """Say what is built and why there, with what it costs against a building of its own."""
    technology = _names(programme, "technologies", "technology_id")[line.technology_id]
    basis_en, basis_ru = BASIS[line.basis]
    share = in_percent(line.capex_factor)
    return Words(
        f"{lower_first(technology.en)} on {basis_en}, at {share.en} of the usual capital cost",
        f"{lower_first(technology.ru)} — {basis_ru}, {share.ru} обычных капитальных затрат",
    )


def _tax_words(case: Case, site_id: str, at: int) -> Words:
    """Compare the profit tax of the first profitable year with the general one."""
    site = case.sites[site_id]
    rate, general = float(site.rate_by_year[at]), float(site.general_by_year[at])
    own, usual = in_percent(rate), in_percent(general)
    if own == usual:
        return Words(
            f"Profit tax is the general {usual.en}.", f"Налог на прибыль общий, {usual.ru}."
        )
    return Words(
        f"Profit tax is {own.en} at first, {usual.en} in general.",
        f"Налог на прибыль вначале {own.ru}, общий — {usual.ru}.",
    )


def _nearer(place: int, sites: int) -> Words:
    """Say how many of the sites lie cheaper to reach demand from."""
    if place == 1:
        return Words(
            f"of {sites} sites none lies nearer", f"ближе не лежит ни одна площадка из {sites}"
        )
    return Words(
        f"{place - 1} of {sites} sites lie nearer", f"ближе лежат {place - 1} из {sites} площадок"
    )


def _why_not(programme: Programme, rejected: pl.DataFrame) -> tuple[Words, ...]:
    """Name the nearest rejected stages: those a price rise would bring in, and those kept out."""
    near = rejected.filter(pl.col("needed_rise_share").is_finite()).head(MOST_REJECTED)
    products = _names(programme, "products", "product_id")
    found: list[Words] = []
    kept_out: dict[str, list[Words]] = {}
    for product_id, stage_id, _, rise in near.iter_rows():
        if rise <= 0:
            kept_out.setdefault(stage_id, []).append(products[product_id])
            continue
        product, stage = products[product_id], programme.settings.stage_name(stage_id)
        needed = in_percent(rise)
        found.append(
            Words(
                f"{product.en}, stage “{stage.en}”: not made; its price would have to rise by "
                f"{needed.en} to pay for its part of a plant.",
                f"{product.ru}, стадия «{stage.ru}»: не производится; чтобы окупить свою долю "
                f"завода, цена должна вырасти на {needed.ru}.",
            )
        )
    return (*_kept_out(programme, kept_out), *found)


def _kept_out(programme: Programme, kept_out: dict[str, list[Words]]) -> Iterator[Words]:
    """Say once for each stage which products would pay on a full line and yet are not made."""
    for stage_id, names in kept_out.items():
        stage = programme.settings.stage_name(stage_id)
        yield Words(
            f"Stage “{stage.en}” is not made for {'; '.join(name.en for name in names)}, although "
            "a full line would pay at today's price: access, volume, transfer cost or lead time "
            "keep it out.",
            f"Стадия «{stage.ru}» не производится для продуктов: "
            f"{'; '.join(name.ru for name in names)}, хотя полная линия окупилась бы при нынешней "
            "цене: мешают доступ, объём, перенос технологии или сроки.",
        )
