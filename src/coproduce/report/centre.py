"""Where an early stage pays on cost alone: a screen per product and stage, outside the model.

It compares the cheapest delivered price of a stage's output with what it costs to make it in the
technology's largest module at full load, inputs bought at their own cheapest price, capital
charged as an annuity. Freight inside the host, taxes and market access are left out on purpose:
what pays here pays without any help of the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from coproduce.records.figures import weakest

if TYPE_CHECKING:
    from coproduce.records.programme import Programme

PAYS_ALONE, ONLY_SHARED = "pays_alone", "only_shared"
ONLY_ACCESS, NEVER = "only_access", "does_not_pay"
LEAST_FILL_SHARE = 0.5
"""Need over the smallest module's capacity below which full load is out of reach alone."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the screen says of a stage of a product.

    Attributes:
        verdict: ``pays_alone``, ``only_shared`` (cost carries it at full load, but the need fills
            less than half of the smallest module, so only on a line shared with other products),
            ``only_access`` (the plan makes it though cost alone does not carry it) or
            ``does_not_pay``.
        import_mn_per_unit: cheapest delivered price, base currency mn per unit.
        own_mn_per_unit: full cost of making it, base currency mn per unit.
        is_made: the plan makes it.
        module_capacity: capacity of the smallest module, in units of the output a year.
        need_per_year: what the host needs of it, in units of the output a year.
        price_status: weakest status among the prices compared: of the output and of its inputs.
        status: weakest status among the prices and costs compared.
    """

    product_id: str
    stage_id: str
    verdict: str
    import_mn_per_unit: float
    own_mn_per_unit: float
    is_made: bool
    module_capacity: float
    need_per_year: float
    price_status: str
    status: str

    @property
    def margin_share(self) -> float:
        """What making saves against buying, as a share of the price paid for buying."""
        return 1 - self.own_mn_per_unit / self.import_mn_per_unit

    @property
    def fill_share(self) -> float:
        """What the need fills of the smallest module."""
        return self.need_per_year / self.module_capacity


@dataclass(frozen=True, slots=True)
class _Line:
    """Yearly cost per unit of capacity in the largest module; capacity of the smallest."""

    cost_mn_per_capacity: float
    smallest_capacity: float
    status: str


@dataclass(frozen=True, slots=True)
class _Cost:
    """Full cost of a unit, the statuses of its inputs' prices and that of the making itself."""

    mn_per_unit: float
    input_statuses: tuple[str, ...]
    making_status: str


@dataclass(frozen=True, slots=True)
class _Room:
    """Need and smallest module, both in units of the output a year."""

    need_per_year: float
    smallest_module: float


def screen(
    programme: Programme,
    duties: pl.DataFrame,
    production: pl.DataFrame,
    needs: Mapping[tuple[str, str], float],
) -> tuple[Verdict, ...]:
    """Return a verdict for every early stage of every product that has a price to compare with.

    Args:
        programme: sources, stages, bom, modules and fx are used.
        duties: law table `duties`.
        production: plan table `production`.
        needs: (product, stage) → what the host needs a year, in units of the output.
    """
    prices = delivered_prices(programme, duties)
    lines = _line_costs(programme)
    made = set(production.select("product_id", "stage_id").unique().iter_rows())
    inputs = (
        programme["bom"]
        .group_by("product_id", "stage_id", maintain_order=True)
        .agg(pl.struct("input_product_id", "input_stage_id", "input_per_unit").alias("inputs"))
    )
    recipes = {(row[0], row[1]): row[2] for row in inputs.iter_rows()}
    early = set(early_stages(programme))
    found = []
    for stage in programme["stages"].iter_rows(named=True):
        key = (stage["product_id"], stage["stage_id"])
        if stage["stage_id"] not in early or stage["technology_id"] not in lines:
            continue
        line = lines[stage["technology_id"]]
        cost = _own_cost(stage, recipes.get(key, []), prices, line)
        if key in prices and cost is not None:
            room = _Room(
                needs.get(key, 0.0), line.smallest_capacity / stage["capacity_use_per_unit"]
            )
            found.append(_verdict(key, prices[key], cost, room, is_made=key in made))
    return tuple(found)


def early_stages(programme: Programme) -> tuple[str, ...]:
    """Return the stages that a centre would add: all but the last two, or all but the last."""
    stages = programme.settings.stage_ids
    return stages[:-2] if len(stages) > 2 else stages[:-1]


def delivered_prices(
    programme: Programme, duties: pl.DataFrame
) -> Mapping[tuple[str, str], tuple[float, str]]:
    """Return the cheapest price with duty of each stage for the host, and its status.

    Base currency mn per unit, in the programme's first year.
    """
    host = programme["parties"].filter(pl.col("role") == "host")["country_id"][0]
    year = programme.settings.first_year
    fx = programme["fx"].filter(pl.col("year") == year).select("currency", "base_per_unit")
    rates = duties.filter(pl.col("year") == year).select(
        "product_id", "stage_id", "rate_share", maker_country_id="country_id"
    )
    priced = (
        programme["sources"]
        .filter(pl.col("market_country_id") == host, pl.col("maker_country_id") != host)
        .join(fx, on="currency")
        .join(rates, on=["product_id", "stage_id", "maker_country_id"], how="left")
        .with_columns(
            price=pl.col("price_per_unit")
            * pl.col("base_per_unit")
            / 1e6
            * (1 + pl.col("rate_share").fill_null(0.0))
        )
        .sort("price", "source_id")
        .unique(["product_id", "stage_id"], keep="first", maintain_order=True)
    )
    columns = ("product_id", "stage_id", "price", "status")
    return {(p, k): (price, status) for p, k, price, status in priced.select(columns).iter_rows()}


def _line_costs(programme: Programme) -> dict[str, _Line]:
    """Return what the largest module of each technology costs a year, and the smallest's size."""
    host = programme["parties"].filter(pl.col("role") == "host")
    rate = float(host["discount_rate_share"][0])
    lives = dict(programme["technologies"].select("technology_id", "life_years").iter_rows())
    found: dict[str, _Line] = {}
    for row in programme["modules"].sort("capacity_per_year").iter_rows(named=True):
        life = lives[row["technology_id"]]
        annuity = (1 - (1 + rate) ** -life) / rate if rate else life
        yearly = row["capex_mn"] / annuity + row["fixed_cost_mn_per_year"]
        capacity, known = row["capacity_per_year"], found.get(row["technology_id"])
        smallest = known.smallest_capacity if known else capacity
        found[row["technology_id"]] = _Line(yearly / capacity, smallest, row["status"])
    return found


def _own_cost(
    stage: Mapping[str, Any],
    recipe: list[dict[str, Any]],
    prices: Mapping[tuple[str, str], tuple[float, str]],
    line: _Line,
) -> _Cost | None:
    cost = (
        stage["variable_cost_mn_per_unit"]
        + line.cost_mn_per_capacity * stage["capacity_use_per_unit"]
    )
    statuses = []
    for item in recipe:
        price = prices.get((item["input_product_id"], item["input_stage_id"]))
        if price is None:
            return None
        cost += item["input_per_unit"] * price[0]
        statuses.append(price[1])
    return _Cost(cost, tuple(statuses), weakest([stage["status"], line.status]))


def _verdict(
    key: tuple[str, str], price: tuple[float, str], cost: _Cost, room: _Room, *, is_made: bool
) -> Verdict:
    if cost.mn_per_unit <= price[0]:
        fills = room.need_per_year >= LEAST_FILL_SHARE * room.smallest_module
        verdict = PAYS_ALONE if fills else ONLY_SHARED
    else:
        verdict = ONLY_ACCESS if is_made else NEVER
    price_status = weakest([price[1], *cost.input_statuses])
    return Verdict(
        product_id=key[0],
        stage_id=key[1],
        verdict=verdict,
        import_mn_per_unit=price[0],
        own_mn_per_unit=cost.mn_per_unit,
        is_made=is_made,
        module_capacity=room.smallest_module,
        need_per_year=room.need_per_year,
        price_status=price_status,
        status=weakest([price_status, cost.making_status]),
    )
