"""One country's dependence from a trade data folder: every table that the command writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from coproduce.dependence.trade.criteria import Thresholds, geodep
from coproduce.dependence.trade.entity import cdi, entity_trade
from coproduce.dependence.trade.exposure import bill, exposure, supply
from coproduce.dependence.trade.panel import Panel, build, chosen_years
from coproduce.dependence.trade.potential import export_potential
from coproduce.dependence.trade.tables import (
    entity_indicators,
    indicators,
    pair_flows,
    partners,
    with_cdi,
    with_output,
)
from coproduce.records.errors import SourceError, UsageError
from coproduce.sources.trade import reference, store

WAY = ("year", "exporter_id", "importer_id")
OUTPUT_COLUMNS = ("year", "country_id", "product_id", "output_usd")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        reporter_id: the importer.
        entity_id: name of the bloc seen as one; empty: the reporter alone.
        members: for each year of `years` the countries of that bloc; empty: the reporter alone.
        years: ascending; None: all of the folder.
        partner_id: country whose export potential is worked out both ways; empty: none.
        output: year, country_id, product_id, output_usd, where production is known.
        bill: product_id, input_id[, value_share]: a bill of materials.
        product_id: product of the bill that is followed down; empty: every product that is no
            input of another.
        without_flags: rows with any of these `store.Flag` bits are left out.
        thresholds: from where on a product counts as dependent.
    """

    reporter_id: str
    entity_id: str = ""
    members: Sequence[Sequence[str]] = ()
    years: Sequence[int] | None = None
    partner_id: str = ""
    output: pl.DataFrame | None = None
    bill: pl.DataFrame | None = None
    product_id: str = ""
    without_flags: int = 0
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True)
class Study:
    """What was found.

    Attributes:
        tables: ``products`` (see `indicators`, `with_cdi`, `with_output`), ``partners`` (see
            `partners`), and where asked for ``potential`` and ``exposure``.
        summary: the main numbers of the last year.
        warnings: what a reader must know before trusting a number.
    """

    tables: dict[str, pl.DataFrame]
    summary: dict[str, Any]
    warnings: tuple[str, ...]


def study(folder: Path, request: Request) -> Study:
    """Return a country's indicators, partners and, where asked for, potential and exposure.

    Raises:
        SourceError: no such folder (S101, S102) or unsorted flows (TX021).
        UsageError: a country, year or product is not in the data (TX030).
        ModelError: the folder holds totals with the world only (TX022), or the bill makes no
            sense (TX040, TX041).
    """
    panel = build(folder, years=request.years, without_flags=request.without_flags)
    criteria = geodep(panel, request.thresholds)
    table = indicators(panel, criteria, request.reporter_id)
    members = request.members or [[request.reporter_id]] * len(panel.years)
    trade = entity_trade(folder, members, years=panel.years, without_flags=request.without_flags)
    table = with_cdi(table, trade, cdi(trade))
    if request.output is not None:
        table = with_output(table, request.output)
    last = panel.years[-1]
    tables = {"products": table, "partners": partners(panel, request.reporter_id, last)}
    if request.partner_id:
        tables["potential"] = _both_ways(folder, panel, request, last)
    if request.bill is not None:
        tables["exposure"] = _exposures(folder, request, last)
    return Study(tables, _summary(table, request, last), tuple(_warnings(panel, request)))


def bloc_members(
    folder: Path,
    bloc: str,
    reporter_id: str,
    years: Sequence[int] | None = None,
    own: Path | None = None,
) -> list[list[str]]:
    """Return, for each year, the members of a bloc that have trade in the folder.

    In years in which the reporter is no member it stands alone.

    Args:
        bloc: its name, or country codes joined by commas (the same in all years).
        reporter_id: the member that is looked at; empty for the bloc as one.
        own: the user's table of blocs; None: a table in the folder, or the shipped one.

    Raises:
        UsageError: there is no such bloc (U103), or the reporter is a member in none of the
            years (TX043).
    """
    wanted = chosen_years(store.read_meta(folder), years)
    known = set(store.countries(folder)["country_id"].to_list())
    if "," in bloc:
        listed = [tuple(bloc.split(","))] * len(wanted)
    else:
        # A yearly flow is judged by who was a member in the middle of the year.
        listed = [reference.members(bloc, date(year, 7, 1), own or folder) for year in wanted]
    if not reporter_id:
        return [[member for member in of_year if member in known] for of_year in listed]
    if not any(reporter_id in of_year for of_year in listed):
        raise UsageError(
            f"{reporter_id} is no member of {bloc} in {', '.join(map(str, wanted))}; the "
            "indicators of a bloc are for its members",
            code="TX043",
        )
    return [
        [member for member in of_year if member in known]
        if reporter_id in of_year
        else [reporter_id]
        for of_year in listed
    ]


def entity_study(folder: Path, request: Request) -> Study:
    """Return the indicators of a bloc seen as one buyer.

    Raises:
        SourceError: no such folder (S101, S102).
        UsageError: a year is not in the data (TX030), or members do not go with years (TX031).
    """
    trade = entity_trade(
        folder, request.members, years=request.years, without_flags=request.without_flags
    )
    table = entity_indicators(trade, cdi(trade), request.entity_id)
    last = trade.years[-1]
    of_year = table.filter(pl.col("year") == last)
    dependent = of_year.filter(pl.col("cdi_dependent"))
    bought = float(of_year["imports_usd"].sum())
    value = float(dependent["imports_usd"].sum())
    members = [trade.country_ids[row] for row in np.flatnonzero(trade.is_member[:, -1]).tolist()]
    summary = {
        "entity": request.entity_id,
        "members": members,
        "year": last,
        "products_imported": int((of_year["imports_usd"] > 0).sum()),
        "imports_usd": bought,
        "inside_usd": float(of_year["inside_usd"].sum()),
        "exports_usd": float(of_year["exports_usd"].sum()),
        "cdi": {
            "products": dependent.height,
            "imports_usd": value,
            "import_share": value / bought if bought else None,
        },
    }
    counted = store.scan_flows(folder).filter(pl.col("year") == last)
    sellers, buyers = counted.select(pl.col("exporter", "importer").n_unique()).collect().row(0)
    return Study({"products": table}, summary, tuple(part_of_world(sellers, buyers, last)))


def leading(found: Study, top: int) -> pl.DataFrame:
    """Return the last year's products, those depended on first, then by imports."""
    table = found.tables["products"].filter(
        pl.col("year") == found.summary["year"], pl.col("imports_usd") > 0
    )
    depends: list[pl.Expr] = [pl.col("cdi_dependent").fill_null(value=False)]
    if "c4" in table.columns:
        depends = [
            pl.col("c4").fill_null(value=False),
            pl.col("c1") & pl.col("c2") & pl.col("c3"),
        ]
    return table.sort(*depends, "imports_usd", descending=True)[:top]


def _both_ways(folder: Path, panel: Panel, request: Request, year: int) -> pl.DataFrame:
    """Return export potential by product from the partner to the reporter and back."""
    ways = (
        (request.partner_id, request.reporter_id),
        (request.reporter_id, request.partner_id),
    )
    return pl.concat(potential_table(folder, panel, *way, year=year) for way in ways)


def potential_table(
    folder: Path, panel: Panel, exporter_id: str, importer_id: str, *, year: int
) -> pl.DataFrame:
    """Return the export potential of a pair by product, the largest unrealised first.

    Columns: year, exporter_id, importer_id, product_id, supply_share, demand_usd, ease,
    potential_usd, actual_usd, unrealised_usd. Products that the exporter does not export or the
    importer does not import are left out.

    Raises:
        UsageError: a country or the year is not in the panel (TX030).
    """
    at = panel.year(year)
    exporter, importer = panel.country(exporter_id), panel.country(importer_id)
    flows = pair_flows(folder, exporter_id, importer_id).filter(pl.col("year") == year)
    products = pl.DataFrame({"product_id": panel.product_ids})
    summed = flows.group_by("product_id").agg(pl.col("value_usd").sum())
    actual = products.join(summed, on="product_id", how="left", maintain_order="left")
    found = export_potential(
        panel.exports_usd[exporter, :, at],
        panel.world_usd[:, at],
        panel.imports_usd[importer, :, at],
        actual["value_usd"].fill_null(0.0).to_numpy(),
    )
    return (
        products.with_columns(
            year=pl.lit(year, pl.Int32),
            exporter_id=pl.lit(exporter_id),
            importer_id=pl.lit(importer_id),
            supply_share=found.supply_share,
            demand_usd=found.demand_usd,
            ease=pl.lit(found.ease).fill_nan(None),
            potential_usd=found.potential_usd,
            actual_usd=found.actual_usd,
            unrealised_usd=found.unrealised_usd,
        )
        .filter((pl.col("supply_share") > 0) & (pl.col("demand_usd") > 0))
        .sort("unrealised_usd", "product_id", descending=[True, False])
        .select(
            "year", "exporter_id", "importer_id", pl.exclude("year", "exporter_id", "importer_id")
        )
    )


def _exposures(folder: Path, request: Request, year: int) -> pl.DataFrame:
    """Return the exposure table of each product at the top of the bill."""
    edges = request.bill
    if edges is None:
        return pl.DataFrame()
    materials = bill(edges)
    output = request.output
    if output is not None:
        output = output.filter(pl.col("year") == year)
    supplied = supply(
        folder,
        materials.product_ids,
        year,
        output_usd=output,
        without_flags=request.without_flags,
    )
    inputs = set(edges["input_id"].to_list())
    ends = [request.product_id] if request.product_id else []
    ends = ends or [name for name in materials.product_ids if name not in inputs]
    if not ends:
        raise UsageError(
            "every product of the bill is an input of another; say which one to follow",
            code="TX042",
        )
    tables = [
        exposure(materials, supplied, end, request.reporter_id)
        .table()
        .select(pl.lit(year, pl.Int32).alias("year"), pl.lit(end).alias("product_id"), pl.all())
        for end in ends
    ]
    return pl.concat(tables)


def _summary(table: pl.DataFrame, request: Request, year: int) -> dict[str, Any]:
    of_year = table.filter(pl.col("year") == year)
    bought = float(of_year["imports_usd"].sum())

    def part(chosen: pl.Expr) -> dict[str, Any]:
        rows = of_year.filter(chosen.fill_null(value=False))
        value = float(rows["imports_usd"].sum())
        share = value / bought if bought else None
        return {"products": rows.height, "imports_usd": value, "import_share": share}

    return {
        "reporter": request.reporter_id,
        "entity": request.entity_id or request.reporter_id,
        "year": year,
        "products_imported": int((of_year["imports_usd"] > 0).sum()),
        "imports_usd": bought,
        "exports_usd": float(of_year["exports_usd"].sum()),
        "c1": part(pl.col("c1")),
        "c2": part(pl.col("c2")),
        "c3": part(pl.col("c3")),
        "c1_c2_c3": part(pl.col("c1") & pl.col("c2") & pl.col("c3")),
        "c4": part(pl.col("c4")),
        "c4_open": part(pl.col("c4").is_null()),
        "cdi": part(pl.col("cdi_dependent")),
    }


def _warnings(panel: Panel, request: Request) -> list[str]:
    said = _gaps(panel, panel.country(request.reporter_id))
    if not request.members:
        said.append(
            "no bloc was named: CDI2 is 1 for a country alone, so CDI1 and CDI3 decide; name a "
            "bloc to count what comes from its members as inside"
        )
    if len(panel.years) < request.thresholds.years:
        said.append(
            f"{len(panel.years)} year only: C4 needs {request.thresholds.years} of "
            f"{request.thresholds.of_years} years and stays open where one year could decide it"
        )
    return said


def _gaps(panel: Panel, reporter: int) -> list[str]:
    """Return where the folder holds a part of the world only, in its last year."""
    last = panel.years[-1]
    sellers = int((panel.exports_usd[:, :, -1].sum(axis=1) > 0).sum())
    bought = panel.imports_usd[:, :, -1].sum(axis=1)
    said = part_of_world(sellers, int((bought > 0).sum()), last)
    if not bought[reporter]:
        said.append(f"{panel.country_ids[reporter]} has no imports in {last}")
    return said


def part_of_world(sellers: int, buyers: int, last: int) -> list[str]:
    """Return what is wrong with indicators where one side of trade is missing."""
    said = []
    if 2 * sellers < buyers:
        said.append(
            f"only {sellers} countries sell to {buyers} in {last}: suppliers outside the folder "
            "are missing, so shares, HHI, C1, C2 and CDI1 are too high"
        )
    if 2 * buyers < sellers:
        said.append(
            f"only {buyers} countries buy from {sellers} in {last}: exports to others are "
            "missing, so world shares, C2, C3, CDI3 and complementarity are not the world's"
        )
    return said


def read_output(path: Path) -> pl.DataFrame:
    """Return production: year, country_id, product_id, output_usd, from CSV or Parquet.

    Raises:
        SourceError: a column is missing, a value is no number from 0 on, or a key stands twice
            (TX060); the file cannot be read (TX061).
    """
    frame = _read(path, OUTPUT_COLUMNS)
    read = frame.select(
        pl.col("year").cast(pl.Int32, strict=False),
        pl.col("country_id", "product_id").cast(pl.String),
        pl.col("output_usd").cast(pl.Float64, strict=False),
    )
    bad = read.select(
        (pl.any_horizontal(pl.all().is_null()) | ~(pl.col("output_usd") >= 0)).arg_true()
    ).to_series()
    bad = bad if len(bad) else read.select(pl.exclude("output_usd")).is_duplicated().arg_true()
    if len(bad):
        raise SourceError(
            f"{len(bad)} rows have no year, code or output of 0 or more, or stand twice, first "
            f"row {bad[0] + 2}: {frame.row(bad[0])}",
            code="TX060",
            where=path.name,
        )
    return read


def read_bill(path: Path) -> pl.DataFrame:
    """Return a bill of materials: product_id, input_id and, if there, value_share.

    Raises:
        SourceError: a column is missing (TX060) or the file cannot be read (TX061).
    """
    frame = _read(path, ("product_id", "input_id"))
    names = [name for name in ("product_id", "input_id", "value_share") if name in frame.columns]
    return frame.select(names).with_columns(pl.col("^value_share$").cast(pl.Float64, strict=False))


def _read(path: Path, needed: Sequence[str]) -> pl.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            frame = pl.read_parquet(path)
        else:
            frame = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot be read: {error}", code="TX061", where=str(path)) from None
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise SourceError(
            f"no column {', '.join(missing)}; needed are {', '.join(needed)}",
            code="TX060",
            where=path.name,
        )
    return frame


__all__ = [
    "Request",
    "Study",
    "bloc_members",
    "entity_study",
    "leading",
    "part_of_world",
    "potential_table",
    "read_bill",
    "read_output",
    "study",
]
