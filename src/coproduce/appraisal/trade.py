"""Trade as today: what is sold to the host now, what law leaves of it, what a plan pushes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from coproduce.appraisal.scenario import Scenario
from coproduce.records.errors import ModelError
from coproduce.records.programme import Programme

Node = tuple[str, str]
Array = np.ndarray
NO_STAGE_INSIDE = "-"


@dataclass(frozen=True, slots=True)
class Trade:
    """Value of what is sold to the host by year, base mn at the maker's price.

    Attributes:
        partner_today, partner_kept: the partner's exports at all stages, without and with the
            plan's sales.
        imports_today, imports_kept: finished goods from every other country than the host.
        lost_to_law: the partner's exports of today that law closes in that year, plan or not.
        rows: facts used, as references.
        statuses: how well these facts are known.
    """

    partner_today: Array
    partner_kept: Array
    imports_today: Array
    imports_kept: Array
    lost_to_law: Array
    rows: tuple[str, ...]
    statuses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """What one pack of a product draws from one source, with the stages made after it."""

    source_id: str
    country_id: str
    status: str
    is_final: bool
    route: str
    mn_per_pack: Array


def trade_today(
    programme: Programme,
    law: Mapping[str, pl.DataFrame],
    supply: pl.DataFrame,
    host_id: str,
    partner_id: str,
    scenario: Scenario,
) -> Trade:
    """Return the trade with the host as it is today, year by year, and what a plan leaves of it.

    Need per pack runs up the bill of materials; at each stage only the part made in the host
    itself asks for the stage before. Each country holds its share of today. A segment in which
    goods of that standing are no longer accepted against the best rival is lost with or without
    the plan. What the plan sells takes the place of today's suppliers in proportion.

    Args:
        programme: the programme.
        law: law tables; `standing` and `access` are used.
        supply: plan table: demand and the plan's own sales.
        host_id, partner_id: countries of the two sides.
        scenario: prices and rivals of the chosen future.
    """
    access = _Access(law, scenario)
    own = _own_share(supply)
    sums = {name: np.zeros(len(scenario.years)) for name in ("pt", "pk", "it", "ik", "lost")}
    used: dict[str, str] = {}
    lines = {
        product_id: [
            line
            for line in _lines(programme, product_id, host_id, scenario)
            if line.country_id == partner_id or (line.is_final and line.country_id != host_id)
        ]
        for product_id in programme["products"]["product_id"]
    }
    for (product_id, segment_id), packs in _demand(programme, scenario).items():
        kept = np.array([1.0 - own.get((product_id, segment_id, y), 0.0) for y in scenario.years])
        for line in lines[product_id]:
            is_open = access.open_years(product_id, segment_id, line.route)
            value = packs * line.mn_per_pack
            used[f"sources:{line.source_id}"] = line.status
            if line.country_id == partner_id:
                sums["pt"] += value * is_open
                sums["pk"] += value * is_open * kept
                sums["lost"] += value * (1.0 - is_open)
            if line.is_final:
                sums["it"] += value * is_open
                sums["ik"] += value * is_open * kept
    return Trade(
        partner_today=sums["pt"],
        partner_kept=sums["pk"],
        imports_today=sums["it"],
        imports_kept=sums["ik"],
        lost_to_law=sums["lost"],
        rows=tuple(sorted(used)),
        statuses=tuple(used.values()),
    )


def input_purchases(
    programme: Programme, purchases: pl.DataFrame, country_id: str, scenario: Scenario
) -> Array:
    """Return what a plan pays makers of one country for inputs by year, at the maker's gate."""
    sources = {
        row["source_id"]: row
        for row in programme["sources"].iter_rows(named=True)
        if row["maker_country_id"] == country_id
    }
    prices: dict[str, Array] = {}
    made = np.zeros(len(scenario.years))
    for row in purchases.iter_rows(named=True):
        source_id = row["source_id"]
        if source_id in sources:
            if source_id not in prices:
                prices[source_id] = scenario.price(sources[source_id])
            column = scenario.years.index(row["year"])
            made[column] += row["quantity"] * prices[source_id][column]
    return made


class _Access:
    """Whether goods of a route are still bought in a segment, by year."""

    def __init__(self, law: Mapping[str, pl.DataFrame], scenario: Scenario) -> None:
        self.scenario = scenario
        self.standing = {
            (row["product_id"], row["year"], row["stages_inside"]): row["standing_id"]
            for row in law["standing"].iter_rows(named=True)
        }
        access = law["access"]
        keys = ("segment_id", "year", "own_standing_id", "rival_standing_id")
        self.accepted = {
            row[:4]: bool(row[4]) for row in access.select(*keys, "is_accepted").iter_rows()
        }
        self.rank = dict(access.select("own_standing_id", "own_rank").iter_rows())
        self.lowest = min(self.rank, key=lambda standing: self.rank[standing], default="")
        self._known: dict[tuple[str, str, str], Array] = {}

    def open_years(self, product_id: str, segment_id: str, route: str) -> Array:
        """Return 1 for years in which the route's goods are accepted, else 0."""
        key = (product_id, segment_id, route)
        if key not in self._known:
            years = self.scenario.years
            self._known[key] = np.array([float(self._is_open(*key, year)) for year in years])
        return self._known[key]

    def _is_open(self, product_id: str, segment_id: str, route: str, year: int) -> bool:
        own = self.standing.get((product_id, year, route), self.lowest)
        rival = self.scenario.rival(product_id, year, self.rank, self.lowest)
        try:
            return self.accepted[segment_id, year, own, rival]
        except KeyError:
            raise ModelError(
                f"access has no row for segment {segment_id} in {year}, own standing {own!r} "
                f"against {rival!r}; compile the law for all standings",
                code="A104",
                where="access",
            ) from None


def _own_share(supply: pl.DataFrame) -> dict[tuple[str, str, int], float]:
    return {
        (row["product_id"], row["segment_id"], row["year"]): min(1.0, row["own"] / row["demand"])
        for row in supply.iter_rows(named=True)
        if row["demand"] > 0
    }


def _demand(programme: Programme, scenario: Scenario) -> dict[tuple[str, str], Array]:
    """Return packs by product, segment and year (mn packs)."""
    years = scenario.years
    made: dict[tuple[str, str], Array] = defaultdict(lambda: np.zeros(len(years)))
    for row in programme["demand"].iter_rows(named=True):
        growth = 1.0 + row["growth_share_per_year"]
        made[row["product_id"], row["segment_id"]] += np.array(
            [row["quantity"] * growth ** (year - row["year"]) for year in years]
        )
    for (product_id, segment_id), packs in made.items():
        scope = (product_id, segment_id)
        packs *= [scenario.factor("demand_factor", scope, year) for year in years]
    return dict(made)


def _lines(programme: Programme, product_id: str, host_id: str, scenario: Scenario) -> list[_Line]:
    """Return what one pack of a product draws from each source of the host's market today."""
    stages = programme["stages"].filter(pl.col("product_id") == product_id).sort("stage_no")
    stage_ids: list[str] = stages["stage_id"].to_list()
    market = programme["sources"].filter(pl.col("market_country_id") == host_id)
    final: Node = (product_id, stage_ids[-1])
    need: dict[Node, float] = defaultdict(float, {final: 1.0})
    route: dict[Node, str] = {final: NO_STAGE_INSIDE}
    lines: list[_Line] = []
    for position in reversed(range(len(stage_ids))):
        for node in sorted(n for n in need if n[1] == stage_ids[position]):
            inside = 0.0
            for source in _of(market, node).iter_rows(named=True):
                inside += source["share_today"] * (source["maker_country_id"] == host_id)
                lines.append(
                    _Line(
                        source_id=source["source_id"],
                        country_id=source["maker_country_id"],
                        status=source["status"],
                        is_final=node == final,
                        route=route[node],
                        mn_per_pack=need[node] * source["share_today"] * scenario.price(source),
                    )
                )
            for row in _of(programme["bom"], node).iter_rows(named=True):
                used = (row["input_product_id"], row["input_stage_id"])
                need[used] += need[node] * inside * row["input_per_unit"]
                route.setdefault(used, "+".join(stage_ids[position:]))
    return lines


def _of(frame: pl.DataFrame, node: Node) -> pl.DataFrame:
    return frame.filter((pl.col("product_id") == node[0]) & (pl.col("stage_id") == node[1]))


__all__ = ["Trade", "input_purchases", "trade_today"]
