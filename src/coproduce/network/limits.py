"""Limits that a user sets on the plan, as rows; and which of them cannot hold together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import polars as pl

from coproduce.engines import lp
from coproduce.network.case import Key
from coproduce.network.model import Assembly, Ints, Model
from coproduce.records.errors import InfeasiblePlan, ModelError


def add_limits(assembly: Assembly, limits: pl.DataFrame) -> None:
    """Add the rows of every limit; each limit's rows are known by its id.

    Raises:
        ModelError: a limit lacks its value or its scope, or its scope is unknown (``N018``).
    """
    makers: dict[str, Callable[[Assembly, dict[str, Any]], list[Ints]]] = {
        "max_capex_per_year": _max_capex_per_year,
        "max_capex_total": _max_capex_total,
        "min_self_sufficiency": _min_self_sufficiency,
        "max_country_share": _max_country_share,
        "min_region_capex_share": _min_region_capex_share,
        "min_regions": _min_regions,
        "fixed_site": _fixed_site,
        "forbidden_site": _forbidden_site,
    }
    for row in limits.iter_rows(named=True):
        _check(assembly, row)
        rows = makers[row["kind"]](assembly, row)
        assembly.limit_rows[row["limit_id"]] = [int(n) for block in rows for n in block]


def _check(assembly: Assembly, row: dict[str, Any]) -> None:
    needs_value = row["kind"] not in ("fixed_site", "forbidden_site")
    if needs_value and row["value"] is None:
        raise ModelError(f"limit {row['limit_id']}: {row['kind']} needs a value", code="N018")
    case = assembly.case
    regions = {site.region_id for site in case.sites.values()}
    countries = {s.country_id for part in case.parts.values() for s in part.supplies}
    known: dict[str, Iterable[str]] = {
        "max_country_share": countries,
        "min_region_capex_share": regions,
    }
    scopes = known.get(row["kind"])
    if scopes is not None and row["scope_id"] not in scopes:
        raise ModelError(
            f"limit {row['limit_id']}: {row['scope_id']!r} is not one of "
            f"{', '.join(sorted(scopes))}",
            code="N018",
        )
    if row["kind"] in ("fixed_site", "forbidden_site") and row["scope_id"] is None:
        raise ModelError(f"limit {row['limit_id']}: name a site in scope_id", code="N018")


def _window(assembly: Assembly, row: dict[str, Any]) -> Ints:
    years = np.asarray(assembly.case.years)
    first, last = row["first_year"] or years[0], row["last_year"] or years[-1]
    return np.flatnonzero((years >= first) & (years <= last)).astype(np.int32)


def _orders(assembly: Assembly) -> Iterable[tuple[int, int, int, int]]:
    """Yield line, size, order year number and column of every module that may be ordered."""
    for (number, index), cols in assembly.columns.build.items():
        for order, col in enumerate(cols):
            yield number, index, order, int(col)


def _capex(assembly: Assembly, number: int, index: int, order: int) -> float:
    return float(assembly.case.lines[number].sizes[index].capex_by_year[order])


def _max_capex_per_year(assembly: Assembly, row: dict[str, Any]) -> list[Ints]:
    window = _window(assembly, row)
    rows = assembly.build.add_rows(len(window), upper=row["value"])
    place = {int(year): rows[i] for i, year in enumerate(window)}
    for number, index, order, col in _orders(assembly):
        if order in place:
            capex = _capex(assembly, number, index, order)
            assembly.build.add_entries(place[order], col, capex)
    return [rows]


def _max_capex_total(assembly: Assembly, row: dict[str, Any]) -> list[Ints]:
    window = set(_window(assembly, row).tolist())
    rows = assembly.build.add_rows(1, upper=row["value"])
    for number, index, order, col in _orders(assembly):
        if order in window:
            assembly.build.add_entries(rows, col, _capex(assembly, number, index, order))
    return [rows]


def _min_self_sufficiency(assembly: Assembly, row: dict[str, Any]) -> list[Ints]:
    """Packs whose whole chain is inside, the plan's and today's makers', against all demand.

    What others sell shrinks by what the plan sells; their full-cycle part is today's.
    """
    case, window = assembly.case, _window(assembly, row)
    rows = assembly.build.add_rows(len(window), lower=0.0)
    floor = np.zeros(len(case.years))
    for number, market in enumerate(case.markets):
        if row["scope_id"] not in (None, market.product_id):
            continue
        today = case.others[market.product_id].full_share
        floor += (row["value"] - today) * market.demand_by_year
        for index, bid in enumerate(market.bids):
            found = assembly.columns.sell.get((number, index))
            if found is None:
                continue
            is_full = bid.route.stages_inside == market.bids[-1].route.stages_inside
            when, cols = found
            for year, col in zip(when, cols, strict=True):
                at = np.flatnonzero(window == year)
                assembly.build.add_entries(rows[at], col, float(is_full) - today)
    more = assembly.build.add_columns(1, lower=1.0, upper=1.0)  # carries the constant
    assembly.build.add_entries(rows, more, -floor[window])
    return [rows]


def _max_country_share(assembly: Assembly, row: dict[str, Any]) -> list[Ints]:
    case, window = assembly.case, _window(assembly, row)
    blocks: dict[Key, Ints] = {}
    for (key, source_id), cols in assembly.columns.buy.items():
        part = case.parts[key]
        if key not in blocks:
            blocks[key] = assembly.build.add_rows(len(window), upper=0.0)
        country = next(s.country_id for s in part.supplies if s.source_id == source_id)
        share = float(country == row["scope_id"]) - row["value"]
        assembly.build.add_entries(blocks[key], cols[window], share)
    for (key, number), cols in assembly.columns.make.items():
        first = case.lines[number].lead_years
        if key in blocks:
            late = window[window >= first]
            rows = blocks[key][window >= first]
            assembly.build.add_entries(rows, cols[late - first], -row["value"])
    return list(blocks.values())


def _min_region_capex_share(assembly: Assembly, row: dict[str, Any]) -> list[Ints]:
    window = set(_window(assembly, row).tolist())
    rows = assembly.build.add_rows(1, lower=0.0)
    for number, index, order, col in _orders(assembly):
        if order in window:
            site = assembly.case.sites[assembly.case.lines[number].site_id]
            share = float(site.region_id == row["scope_id"]) - row["value"]
            capex = _capex(assembly, number, index, order)
            assembly.build.add_entries(rows, col, capex * share)
    return [rows]


def _min_regions(assembly: Assembly, row: dict[str, Any]) -> list[Ints]:
    window = set(_window(assembly, row).tolist())
    by_region: dict[str, list[int]] = {}
    for number, _, order, col in _orders(assembly):
        if order in window:
            site = assembly.case.sites[assembly.case.lines[number].site_id]
            by_region.setdefault(site.region_id, []).append(col)
    count = assembly.build.add_rows(1, lower=row["value"])
    rows = assembly.build.add_rows(len(by_region), upper=0.0)
    used = assembly.build.add_columns(len(by_region), upper=1.0, is_integer=True)
    assembly.build.add_entries(count, used, 1.0)
    assembly.build.add_entries(rows, used, 1.0)
    for index, cols in enumerate(by_region.values()):
        assembly.build.add_entries(rows[index], cols, -1.0)
    return [count]


def _site_orders(assembly: Assembly, row: dict[str, Any]) -> list[int]:
    window = set(_window(assembly, row).tolist())
    return [
        col
        for number, _, order, col in _orders(assembly)
        if order in window and assembly.case.lines[number].site_id == row["scope_id"]
    ]


def _fixed_site(assembly: Assembly, row: dict[str, Any]) -> list[Ints]:
    rows = assembly.build.add_rows(1, lower=1.0)
    assembly.build.add_entries(rows, _site_orders(assembly, row), 1.0)
    return [rows]


def _forbidden_site(assembly: Assembly, row: dict[str, Any]) -> list[Ints]:
    rows = assembly.build.add_rows(1, upper=0.0)
    assembly.build.add_entries(rows, _site_orders(assembly, row), 1.0)
    return [rows]


def raise_conflict(model: Model, limits: pl.DataFrame, *, seed: int, threads: int) -> None:
    """Raise with a smallest set of limits that cannot hold together.

    A deletion filter: a limit whose removal leaves the rest in conflict is not needed and stays
    out; what remains conflicts, and no limit of it can be left out. Smallest therefore means
    that no part of the set conflicts, not that no other set is smaller.

    Source: Chinneck and Dravnieks 1991, ORSA Journal on Computing 3(2), deletion filtering.

    Raises:
        InfeasiblePlan: always; names each limit by id and words.
    """
    kept = limits["limit_id"].to_list()
    for limit_id in list(kept):
        without = [name for name in kept if name != limit_id]
        if _conflicts(model, without, seed, threads):
            kept = without
    words = {row["limit_id"]: row for row in limits.iter_rows(named=True)}
    raise InfeasiblePlan([f"{name}: {words[name]['text_en']}" for name in kept], where="limits")


def _conflicts(model: Model, kept: list[str], seed: int, threads: int) -> bool:
    problem = model.problem
    lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
    for name, rows in model.limit_rows.items():
        if name not in kept:
            lower[rows], upper[rows] = -np.inf, np.inf
    trial = problem.with_rows(lower, upper).with_cost(np.zeros(problem.columns))
    if lp.solve(trial.relaxed(), threads=threads).status == "infeasible":
        return True
    found = lp.solve(trial, seed=seed, threads=threads, time_limit_s=60.0)
    return found.status == "infeasible"
