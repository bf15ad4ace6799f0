"""The mix table: which makers supply each stage to each market, today or under a plan.

Every measure of the room is computed from this one table, so today and a plan are comparable.
A market is a country, or the makers of the plan in a country (``plan@<country>``): they buy their
own inputs, not the average of the country, so they are kept apart from the other makers there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from coproduce.dependence.checks import ROUNDING
from coproduce.dependence.graph import Node, ProductChain
from coproduce.records.programme import Programme
from coproduce.records.words import Words

PLAN = "plan@"
Shares = dict[str, float]
MIX_SCHEMA = {
    "market_id": pl.String,
    "product_id": pl.String,
    "stage_id": pl.String,
    "maker_id": pl.String,
    "country_id": pl.String,
    "share": pl.Float64,
}


def country_of(maker_id: str) -> str:
    """Return the country of a maker.

    Example:
        >>> country_of("plan@XX"), country_of("YY")
        ('XX', 'YY')
    """
    return maker_id.removeprefix(PLAN)


@dataclass(slots=True)
class Mix:
    """Shares of makers by market and node.

    Attributes:
        shares: (market_id, node) → maker_id → share of that market's supply, summing to 1 or,
            where part of the supply is unknown or unmet, to less.
        unmet: product_id → share of its demand that nobody meets.
        warnings: what was found odd while the table was made.
    """

    shares: dict[tuple[str, Node], Shares] = field(default_factory=dict)
    unmet: dict[str, float] = field(default_factory=dict)
    warnings: list[Words] = field(default_factory=list)

    def table(self) -> pl.DataFrame:
        """Return the table, sorted by its key."""
        rows = [
            (market, *node, maker, country_of(maker), share)
            for (market, node), makers in self.shares.items()
            for maker, share in makers.items()
        ]
        return pl.DataFrame(rows, schema=MIX_SCHEMA, orient="row").sort(
            "market_id", "product_id", "stage_id", "maker_id"
        )


def today(programme: Programme) -> Mix:
    """Return who supplies whom today, from the table `sources`.

    Shares of a market that miss 1 by rounding are rescaled; a larger rest stays unknown and is
    warned of. A market with no positive share counts as having no row.
    """
    keys = ["market_country_id", "product_id", "stage_id"]
    grouped = (
        programme["sources"]
        .group_by([*keys, "maker_country_id"])
        .agg(pl.col("share_today").sum())
        .filter(pl.col("share_today") > 0)
        .sort([*keys, "maker_country_id"])
    )
    mix = Mix()
    for market, product, stage, maker, share in grouped.iter_rows():
        mix.shares.setdefault((market, (product, stage)), {})[maker] = share
    for (market, node), makers in mix.shares.items():
        total = sum(makers.values())
        if abs(total - 1) <= ROUNDING:
            mix.shares[market, node] = {maker: part / total for maker, part in makers.items()}
        else:
            mix.warnings.append(_unknown(market, node, 1 - total))
    return mix


def _unknown(market: str, node: Node, rest: float) -> Words:
    product, stage = node
    percent = f"{100 * rest:.1f}"
    return Words(
        f"{product}, stage {stage}, market {market}: {percent}% of supply has no source row; it "
        "is counted as unknown.",
        f"{product}, стадия {stage}, рынок {market}: для {percent.replace('.', ',')} % поставок "
        "нет строки в таблице источников; эта часть считается неизвестной.",
    )


@dataclass(frozen=True, slots=True)
class PlanYear:
    """A plan's quantities in one year.

    Attributes:
        demand, own, others_inside, others_outside, unmet: product → mn packs in the year.
        made: node → country of the site → quantity in stage units.
        bought: node → country of the source → quantity in stage units.
    """

    demand: Mapping[str, float]
    own: Mapping[str, float]
    others_inside: Mapping[str, float]
    others_outside: Mapping[str, float]
    unmet: Mapping[str, float]
    made: Mapping[Node, Shares]
    bought: Mapping[Node, Shares]


def plan_year(programme: Programme, plan: Mapping[str, pl.DataFrame], year: int) -> PlanYear:
    """Return the quantities of one calendar year of a plan."""
    supply = plan["supply"].filter(pl.col("year") == year).group_by("product_id")
    columns = ["demand", "own", "others_inside", "others_outside", "unmet"]
    totals = supply.agg(pl.col(columns).sum())
    by_product = {
        column: dict(totals.select("product_id", column).iter_rows()) for column in columns
    }
    places = programme["sites"].join(
        programme["regions"].select("region_id", "country_id"), on="region_id"
    )
    made = (
        plan["production"]
        .filter(pl.col("year") == year)
        .join(places.select("site_id", "country_id"), on="site_id", how="left")
    )
    makers = programme["sources"].select("source_id", country_id="maker_country_id")
    bought = plan["purchases"].filter(pl.col("year") == year).join(makers, on="source_id")
    return PlanYear(**by_product, made=_by_country(made), bought=_by_country(bought))


def _by_country(table: pl.DataFrame) -> dict[Node, Shares]:
    sums = table.group_by("product_id", "stage_id", "country_id").agg(pl.col("quantity").sum())
    nodes: dict[Node, Shares] = defaultdict(dict)
    for product, stage, country, quantity in sums.sort(sums.columns[:3]).iter_rows():
        nodes[product, stage][country] = quantity
    return dict(nodes)


def with_plan(
    base: Mix,
    year: PlanYear,
    chains: Mapping[str, ProductChain],
    host_id: str,
    inside: frozenset[str],
) -> Mix:
    """Return the mix of a plan's year.

    The finished good: the plan's own part, other makers inside and others outside, the last two
    split as today; what is unmet is nobody's. The plan's makers get their inputs from the plan's
    own lines and purchases in that year, all other makers as today.
    """
    mix = Mix({**base.shares}, warnings=[*base.warnings])
    for product, chain in chains.items():
        demand = year.demand.get(product, 0.0)
        if demand > 0:
            mix.shares[host_id, chain.final] = _final_mix(
                mix, base, year, chain.final, demand, host_id, inside
            )
            mix.unmet[product] = year.unmet.get(product, 0.0) / demand
    needed = {source for chain in chains.values() for source in chain.order[1:]}
    markets = {country for made in year.made.values() for country in made} | {host_id}
    for node in sorted(needed):
        makers = _plan_makers(year, node)
        for country in sorted(markets):
            if makers:
                mix.shares[PLAN + country, node] = makers
            elif (host_id, node) in base.shares:
                mix.shares[PLAN + country, node] = base.shares[host_id, node]
    return mix


def _plan_makers(year: PlanYear, node: Node) -> Shares:
    makers = {PLAN + country: part for country, part in year.made.get(node, {}).items()}
    makers |= year.bought.get(node, {})
    total = sum(makers.values())
    return {maker: part / total for maker, part in makers.items()} if total > 0 else {}


def _final_mix(
    mix: Mix,
    base: Mix,
    year: PlanYear,
    final: Node,
    demand: float,
    host_id: str,
    inside: frozenset[str],
) -> Shares:
    product = final[0]
    own = _plan_makers(year, final) or {PLAN + host_id: 1.0}
    before = base.shares.get((host_id, final), {})
    groups = [
        (year.own.get(product, 0.0), own, "own"),
        (
            year.others_inside.get(product, 0.0),
            {maker: part for maker, part in before.items() if maker in inside},
            "inside",
        ),
        (
            year.others_outside.get(product, 0.0),
            {maker: part for maker, part in before.items() if maker not in inside},
            "outside",
        ),
    ]
    shares: Shares = defaultdict(float)
    for quantity, makers, name in groups:
        total = sum(makers.values())
        if quantity > 0 and total == 0:
            mix.warnings.append(_no_maker(product, name, quantity / demand))
            if name == "inside":
                makers, total = {host_id: 1.0}, 1.0
        for maker, part in makers.items():
            shares[maker] += quantity / demand * part / total
    return {maker: share for maker, share in shares.items() if share > 0}


def _no_maker(product: str, group: str, share: float) -> Words:
    where_en = {"inside": "inside the bloc", "outside": "outside the bloc"}.get(group, group)
    where_ru = {"inside": "внутри союза", "outside": "вне союза"}.get(group, group)
    return Words(
        f"{product}: the plan lets other makers {where_en} meet {100 * share:.0f} % of demand, "
        "but no source row names one; that part has no known country of make"
        + (", the host is taken." if group == "inside" else "."),
        f"{product}: по плану {100 * share:.0f} % спроса покрывают другие производители "
        f"{where_ru}, но в таблице источников их нет; страна этой части неизвестна"
        + (", принята принимающая страна." if group == "inside" else "."),
    )
