"""Who else supplies a stage, what that costs at the host's gateway, and the price inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from coproduce.network.case import Floats, Key, Others, Supply
from coproduce.network.scenario import Effects
from coproduce.records.errors import ModelError
from coproduce.records.figures import weakest
from coproduce.records.programme import Programme


class Buying:
    """The host as a buyer: exchange rates, lanes and duties."""

    def __init__(
        self, programme: Programme, law: Mapping[str, pl.DataFrame], effects: Effects
    ) -> None:
        self.programme, self.effects = programme, effects
        self.years = programme.settings.years
        self.host_id = host_country(programme)
        self.countries = {row["country_id"]: row for row in _rows(programme["countries"])}
        self.lanes = _default_lanes(programme, self.host_id)
        self._fx = {
            (currency, year): rate
            for currency, year, rate in programme["fx"]
            .select("currency", "year", "base_per_unit")
            .iter_rows()
        }
        self._duty = {
            (product, stage, country, year): rate
            for product, stage, country, year, rate in law["duties"]
            .select("product_id", "stage_id", "country_id", "year", "rate_share")
            .iter_rows()
        }

    def fx_by_year(self, currency: str) -> Floats:
        """Return base currency per unit by year; the scenario moves foreign currencies only."""
        base = self.programme.settings.currency
        if currency == base:
            return np.ones(len(self.years))
        missing = [year for year in self.years if (currency, year) not in self._fx]
        if missing:
            raise ModelError(
                f"fx.csv has no rate of {currency} for {missing[0]}; add a row for each year",
                code="N012",
            )
        rates = np.array([self._fx[currency, year] for year in self.years])
        return np.asarray(rates * self.effects.factor("fx_factor", currency))

    def duty_by_year(self, key: Key, country_id: str) -> Floats:
        """Return the duty share by year; inside the bloc there is none."""
        if self.countries[country_id]["is_in_bloc"]:
            return np.zeros(len(self.years))
        wanted = [(*key, country_id, year) for year in self.years]
        missing = [item for item in wanted if item not in self._duty]
        if missing:
            raise ModelError(f"the law tables have no duty for {missing[0]}", code="N013")
        return np.array([self._duty[item] for item in wanted])


def host_country(programme: Programme) -> str:
    """Return the host's country."""
    return str(programme["parties"].filter(pl.col("role") == "host")["country_id"][0])


def supplies_of(
    market: Buying, key: Key, tonnes_per_unit: float, today_need: float
) -> tuple[Supply, ...]:
    """Return the sources of a stage to the host.

    A source inside the bloc without a stated capacity can spare no more than what it supplies
    today (its share of today's need), since nobody has seen more.
    """
    rows = market.programme["sources"].filter(
        (pl.col("product_id") == key[0])
        & (pl.col("stage_id") == key[1])
        & (pl.col("market_country_id") == market.host_id)
    )
    return tuple(
        _supply(market, row, tonnes_per_unit, today_need) for row in rows.iter_rows(named=True)
    )


def _supply(
    market: Buying, row: dict[str, Any], tonnes_per_unit: float, today_need: float
) -> Supply:
    key, country_id = (row["product_id"], row["stage_id"]), row["maker_country_id"]
    country = market.countries[country_id]
    effects = market.effects
    scopes = (row["product_id"], country_id, row["source_id"])
    gate = row["price_per_unit"] * 1e-6 * market.fx_by_year(row["currency"])
    gate = gate * effects.factor("source_price_factor", *scopes)
    lane = market.lanes.get(country_id)
    freight = np.zeros(len(market.years))
    lat, lon = country["lat"], country["lon"]
    status = row["status"]
    if lane is not None:
        freight = lane["cost_per_t"] * 1e-6 * tonnes_per_unit * market.fx_by_year(lane["currency"])
        lat, lon = lane["gateway_lat"], lane["gateway_lon"]
        status = weakest((status, lane["status"]))
    capacity = row["capacity_per_year"]
    if capacity is None:
        capacity = row["share_today"] * today_need if country["is_in_bloc"] else np.inf
    is_down = effects.is_on("source_down", *scopes)
    return Supply(
        source_id=row["source_id"],
        country_id=country_id,
        is_inside=country["is_in_bloc"],
        gate_by_year=gate,
        freight_by_year=freight,
        duty_by_year=(gate + freight) * market.duty_by_year(key, country_id),
        capacity_by_year=np.where(is_down, 0.0, float(capacity)),
        lat=lat,
        lon=lon,
        status=status,
    )


def import_parity(supplies: tuple[Supply, ...]) -> tuple[Floats, str] | None:
    """Return the delivered price of the cheapest outside source by year, and its status.

    Sources that are down still make the price: what is scarce does not become cheap. Without an
    outside source the cheapest inside one counts; None without any.
    """
    outside = [supply for supply in supplies if not supply.is_inside] or list(supplies)
    if not outside:
        return None
    prices = np.vstack([supply.delivered_by_year for supply in outside])
    first = outside[int(np.argmin(prices[:, 0]))]
    return np.asarray(prices.min(axis=0), dtype=np.float64), first.status


def others_of(programme: Programme, effects: Effects, product_id: str) -> Others:
    """Return who serves a product besides the plan: today's makers, less what is down.

    They are read from the last stage that has sources. Their output is without limit unless all
    of the active ones state a capacity; with none active, nobody serves.
    """
    in_bloc = dict(programme["countries"].select("country_id", "is_in_bloc").iter_rows())
    host_id = host_country(programme)
    order = dict(
        programme["stages"]
        .filter(pl.col("product_id") == product_id)
        .select("stage_id", "stage_no")
        .iter_rows()
    )
    rows = [
        row
        for row in programme["sources"].iter_rows(named=True)
        if row["product_id"] == product_id and row["market_country_id"] == host_id
    ]
    stages = sorted({row["stage_id"] for row in rows}, key=lambda stage: order[stage])
    years = len(effects.years)
    capacity, active, inside = np.zeros(years), np.zeros(years), np.zeros(years)
    is_last = bool(stages) and order[stages[-1]] == max(order.values())
    for row in rows:
        if row["stage_id"] != stages[-1]:
            continue
        down = effects.is_on("source_down", product_id, row["maker_country_id"], row["source_id"])
        limit = row["capacity_per_year"] if is_last else None
        capacity += np.where(down, 0.0, np.inf if limit is None else limit)
        active += np.where(down, 0.0, row["share_today"])
        if in_bloc[row["maker_country_id"]]:
            inside += np.where(down, 0.0, row["share_today"])
    share = np.divide(inside, active, out=np.zeros(years), where=active > 0)
    return Others(capacity, share, _full_share(rows, stages, in_bloc))


def _full_share(rows: list[dict[str, Any]], stages: list[str], in_bloc: dict[str, bool]) -> float:
    shares = []
    for stage in stages:
        own = [row for row in rows if row["stage_id"] == stage]
        total = sum(row["share_today"] for row in own)
        inside = sum(row["share_today"] for row in own if in_bloc[row["maker_country_id"]])
        shares.append(inside / total if total else 0.0)
    return min(shares, default=0.0)


def _default_lanes(programme: Programme, host_id: str) -> dict[str, dict[str, Any]]:
    lanes: dict[str, dict[str, Any]] = {}
    for row in _rows(programme["lanes"]):
        if row["to_country_id"] != host_id:
            continue
        known = lanes.get(row["from_country_id"])
        if known is None or (row["is_default"] and not known["is_default"]):
            lanes[row["from_country_id"]] = row
    return lanes


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return list(frame.iter_rows(named=True))
