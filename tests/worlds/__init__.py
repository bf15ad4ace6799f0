"""Tiny named worlds shared by all tests: programmes and law tables made by functions.

Nothing here is real and nothing is random, so that a result can be checked by hand.

Example:
    >>> from tests.worlds import law, programme
    >>> world = programme()
    >>> world = programme(demand=lambda rows: rows.with_columns(quantity=0.0))
    >>> tables = law(world)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise, product
from pathlib import Path

import dataframely as dy
import polars as pl

from coproduce.records.handover import LAW_TABLES
from coproduce.records.programme import Programme, Settings
from coproduce.records.tables import TABLES
from tests.worlds import two_regions

Change = pl.DataFrame | Callable[[pl.DataFrame], pl.DataFrame]

STANDINGS = ("foreign", "packed", "local_fdf", "full_cycle")
RELIEF_SITE_RATE_SHARE = 0.05
GENERAL_RATE_SHARE = 0.25


def settings(**changes: object) -> Settings:
    """Return the settings of `two_regions` with fields replaced."""
    return replace(
        Settings(
            programme_id="two_regions",
            title={"en": "Two regions", "ru": "Два региона"},
            summary={"en": "A world made up for tests.", "ru": "Мир, придуманный для проверок."},
            sector="medicines",
            first_year=2027,
            last_year=2032,
            base_year=2026,
            currency="HOC",
            price_base="real HOC of 2026",
            rule_instant=date(2026, 11, 20),
            rules={},
            stage_ids=("intermediate", "api", "fdf", "pack"),
            full_cycle_stage_id="api",
            scenario_id="base",
            deal_id="jv_50_50",
        ),
        **changes,  # type: ignore[arg-type]
    )


def programme(
    name: str = "two_regions", *, changed_settings: Settings | None = None, **overrides: Change
) -> Programme:
    """Return a named world as a valid programme.

    Args:
        name: which world; only ``two_regions`` so far.
        changed_settings: settings to use instead of `settings()`.
        overrides: table name → frame, or a function from the world's frame to the frame to use.
            The result is valid against the table's schema or the call raises.
    """
    if name != "two_regions":
        raise ValueError(f"no world {name!r}; there is two_regions")
    tables = {table: _frame(table, _text(table)) for table in TABLES}
    for table, change in overrides.items():
        frame = change(tables[table]) if callable(change) else change
        tables[table] = TABLES[table].validate(frame, cast=True)
    return Programme(settings=changed_settings or settings(), tables=tables)


def rows(table: str, text: str) -> pl.DataFrame:
    """Return rows of a table from text in the world's notation; status is synthetic.

    Example:
        >>> rows("tables", "table_id|name_en|name_ru\\nt9|Table 9|Стол 9").height
        1
    """
    return _frame(table, text)


def write(folder: Path, world: Programme | None = None) -> Path:
    """Write a world as a programme folder and return the folder."""
    from coproduce.sources import write_folder

    write_folder(world or programme(), folder)
    return folder


def law(world: Programme | None = None) -> dict[str, pl.DataFrame]:
    """Return law tables for a world, each valid against `LAW_TABLES`.

    The rules in words: any site whose regime is not ``gen`` pays 5 % for five years from its first
    profit, everything else 25 %; an open segment takes everyone; a listed one looks at a bid that
    is not foreign and shuts out foreign rivals; a strategic one does the same one step higher;
    imports of packs and tablets pay 5 %, substances nothing; the partner pays 25 % at home.
    """
    world = world or programme()
    made = {
        "site_tax": _site_tax(world),
        "standing": _standing(world),
        "access": _access(world),
        "duties": _duties(world),
        "lead_times": pl.DataFrame(
            {"step_id": ["licence", "inspection", "registration"], "months": [1.5, 4.0, 6.5]}
        ).with_columns(rules=pl.lit(None, dtype=pl.String)),
        "party_tax": _party_tax(world),
    }
    return {table: LAW_TABLES[table].validate(frame, cast=True) for table, frame in made.items()}


def _text(table: str) -> str:
    if table != "fx":
        return two_regions.TEXT[table]
    lines = [
        f"{currency}|{year}|{rate}"
        for currency, rate in two_regions.FX_BASE_PER_UNIT.items()
        for year in range(2025, 2033)
    ]
    return "\n".join(["currency|year|base_per_unit", *lines])


def _frame(table: str, text: str) -> pl.DataFrame:
    schema = TABLES[table]
    header, *lines = text.strip().splitlines()
    names = header.split("|")
    cells = [[cell.strip() or None for cell in line.split("|")] for line in lines]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")
    added = {"status": "synthetic", "origin_id": "made_up", "note": None}
    columns = schema.columns()
    frame = frame.with_columns(
        pl.lit(added.get(name), dtype=pl.String).alias(name)
        for name in schema.column_names()
        if name not in names
    )
    typed = frame.select(_typed(name, column) for name, column in columns.items())
    return schema.validate(typed)


def _typed(name: str, column: dy.Column) -> pl.Expr:
    if column.dtype == pl.Boolean:
        return pl.col(name).replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
    if column.dtype == pl.Date:
        return pl.col(name).str.to_date("%Y-%m-%d")
    return pl.col(name).cast(column.dtype)


def _site_tax(world: Programme) -> pl.DataFrame:
    made = []
    for (site_id, regime_id), year, first in product(
        world["sites"].select("site_id", "regime_id").iter_rows(),
        world.settings.years,
        world.settings.years,
    ):
        has_relief = regime_id != "gen" and first <= year < first + 5
        made.append(
            {
                "site_id": site_id,
                "year": year,
                "first_profit_year": first,
                "rate_share": RELIEF_SITE_RATE_SHARE if has_relief else GENERAL_RATE_SHARE,
                "general_rate_share": GENERAL_RATE_SHARE,
                "is_relief_capped": regime_id != "gen",
                "relief_grace_years": 3,
                "payroll_rate_share": 0.3,
                "rules": f"test.tax.{regime_id}@2025-01-01",
            }
        )
    return pl.DataFrame(made)


def routes(world: Programme, product_id: str) -> tuple[str, ...]:
    """Return every run of last stages of a product, joined by ``+``; first the empty one, ``-``.

    Example:
        >>> routes(programme(), "alpha")[:3]
        ('-', 'pack', 'fdf+pack')
    """
    stages = world["stages"].filter(pl.col("product_id") == product_id).sort("stage_no")
    stage_ids = stages["stage_id"].to_list()
    runs = ("+".join(stage_ids[start:]) for start in reversed(range(len(stage_ids))))
    return ("-", *runs)


def _standing(world: Programme) -> pl.DataFrame:
    made = []
    for product_id in world["products"]["product_id"]:
        for year, route in product(world.settings.years, routes(world, product_id)):
            inside = set(route.split("+"))
            rank = 3 if "api" in inside else 2 if "fdf" in inside else 1 if "pack" in inside else 0
            made.append(
                {
                    "product_id": product_id,
                    "year": year,
                    "stages_inside": route,
                    "points": 25.0 * rank,
                    "standing_id": STANDINGS[rank],
                    "standing_rank": rank,
                    "rules": "test.points@2026-07-01",
                }
            )
    return pl.DataFrame(made)


def _access(world: Programme) -> pl.DataFrame:
    least = {"open": 0, "listed": 1, "strategic": 2}
    made = []
    for (segment_id, kind), year, own, rival in product(
        world["segments"].select("segment_id", "access_kind").iter_rows(),
        world.settings.years,
        range(len(STANDINGS)),
        range(len(STANDINGS)),
    ):
        is_open = kind == "open"
        made.append(
            {
                "segment_id": segment_id,
                "year": year,
                "own_rank": own,
                "rival_rank": rival,
                "own_standing_id": STANDINGS[own],
                "rival_standing_id": STANDINGS[rival],
                "is_accepted": is_open or own >= min(least[kind], 3) or own >= rival,
                "is_exclusive": not is_open and own > rival and own >= least[kind],
                "price_factor": 1.0,
                "rules": "test.access@2026-01-01",
            }
        )
    return pl.DataFrame(made)


def _duties(world: Programme) -> pl.DataFrame:
    in_bloc = dict(world["countries"].select("country_id", "is_in_bloc").iter_rows())
    made = []
    for (product_id, stage_id), country_id, year in product(
        world["stages"].select("product_id", "stage_id").iter_rows(),
        in_bloc,
        world.settings.years,
    ):
        is_charged = stage_id in ("fdf", "pack") and not in_bloc[country_id]
        made.append(
            {
                "product_id": product_id,
                "stage_id": stage_id,
                "country_id": country_id,
                "year": year,
                "rate_share": 0.05 if is_charged else 0.0,
                "rules": "test.duty@2022-01-01",
            }
        )
    return pl.DataFrame(made)


def _party_tax(world: Programme) -> pl.DataFrame:
    made = []
    for (party_id, role), year in product(
        world["parties"].select("party_id", "role").iter_rows(), world.settings.years
    ):
        is_host = role == "host"
        made.append(
            {
                "party_id": party_id,
                "year": year,
                "profit_rate_share": GENERAL_RATE_SHARE,
                "withheld_dividend_share": 0.0 if is_host else 0.1,
                "withheld_royalty_share": 0.0 if is_host else 0.1,
                "is_withholding_credited": not is_host,
                "rules": "test.party@2025-01-01",
            }
        )
    return pl.DataFrame(made)


def upstream_of(world: Programme, product_id: str) -> dict[str, str]:
    """Return stage → the stage before it, for a product."""
    last_first = routes(world, product_id)[-1].split("+")
    return {later: earlier for earlier, later in pairwise(last_first)}
