"""`coproduce trade indicators`: how much a country depends on whom, product by product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

    from coproduce.dependence.trade.study import Study

SHOWN = 15


def indicators(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder made by `coproduce trade ingest`.")
    ],
    reporter: Annotated[
        str, typer.Option(help="The importer, ISO3; without it every importer (needs --out).")
    ] = "",
    bloc: Annotated[
        str,
        typer.Option(
            help="Bloc seen as one for CDI1-CDI3: its id, or country codes joined by commas."
        ),
    ] = "",
    blocs: Annotated[
        Path | None, typer.Option("--blocs", help="Your own table of blocs, CSV.")
    ] = None,
    year: Annotated[
        list[int] | None, typer.Option("--year", help="Only this year; may be repeated.")
    ] = None,
    partner: Annotated[
        str, typer.Option(help="Also the export potential with this country, both ways.")
    ] = "",
    production: Annotated[
        Path | None,
        typer.Option(help="CSV or Parquet: year, country_id, product_id, output_usd."),
    ] = None,
    bom: Annotated[
        Path | None,
        typer.Option(
            help="Bill of materials, CSV or Parquet: product_id, input_id[, value_share]."
        ),
    ] = None,
    product: Annotated[
        str, typer.Option(help="Product of the bill to follow; default: those no input of others.")
    ] = "",
    re_exports: Annotated[bool, typer.Option(help="Count rows marked as re-exports.")] = True,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for all tables, or one .parquet or .csv of products."),
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="Products to show.")] = SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Measure concentration, dependence criteria, partners' fit, reliance and exposure."""
    from coproduce.dependence.trade.study import (
        Request,
        bloc_members,
        read_bill,
        read_output,
        study,
    )
    from coproduce.dependence.trade.write import write_study, write_world
    from coproduce.records.errors import UsageError
    from coproduce.sources.trade.store import Flag

    without_flags = 0 if re_exports else int(Flag.RE_EXPORT)
    if not reporter:
        if out is None:
            raise UsageError(
                "name --reporter, or --out for the table of all importers", code="TX070"
            )
        rows = write_world(folder, out, years=year, without_flags=without_flags)
        _say({"out": str(out), "rows": rows}, f"{rows:,} rows written to {out}", as_json=as_json)
        return
    found = study(
        folder,
        Request(
            reporter_id=reporter,
            entity_id=bloc,
            members=bloc_members(folder, bloc, reporter, year, blocs) if bloc else (),
            years=year,
            partner_id=partner,
            output=None if production is None else read_output(production),
            bill=None if bom is None else read_bill(bom),
            product_id=product,
            without_flags=without_flags,
        ),
    )
    if out is not None:
        write_study(found, out)
    if as_json:
        typer.echo(json.dumps(_record(found, top, out), ensure_ascii=False, indent=2))
    else:
        _print(found, top, out)


def _say(record: dict[str, Any], text: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(record, ensure_ascii=False, indent=2) if as_json else text)


def _leading(found: Study, top: int) -> pl.DataFrame:
    """Return the last year's products, dependent ones first, then by imports."""
    import polars as pl

    table = found.tables["products"].filter(pl.col("year") == found.summary["year"])
    depends = pl.col("c4").fill_null(value=False)
    return table.filter(pl.col("imports_usd") > 0).sort(
        depends, pl.col("c1") & pl.col("c2") & pl.col("c3"), "imports_usd", descending=True
    )[:top]


def _record(found: Study, top: int, out: Path | None) -> dict[str, Any]:
    record: dict[str, Any] = {**found.summary, "warnings": list(found.warnings)}
    record["products"] = _leading(found, top).to_dicts()
    for name, table in found.tables.items():
        if name != "products":
            record[name] = table[:top].to_dicts()
    if out is not None:
        record["out"] = str(out)
    return record


def _print(found: Study, top: int, out: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    said = found.summary
    typer.echo(
        f"{said['reporter']} {said['year']}: imports {said['imports_usd'] / 1e6:,.1f} mn USD of "
        f"{said['products_imported']:,} products, exports {said['exports_usd'] / 1e6:,.1f} mn USD"
    )
    for name, words in (
        ("c1_c2_c3", "concentrated here and in the world, and imported more than exported"),
        ("c4", "so in at least two of three years"),
        ("c4_open", "for which the years are too few to say so"),
        ("cdi", f"above all three indicators of the Commission, {said['entity']} as one"),
    ):
        part = said[name]
        share = f"{part['import_share']:.1%}" if part["import_share"] is not None else "–"
        typer.echo(f"  {part['products']:>6,} products, {share} of imports: {words}")
    columns = ("product_id", "imports_usd", "hhi", "top1_id", "top1_share", "world_hhi")
    shown = Table(*columns, "c1 c2 c3 c4")
    for row in _leading(found, top).iter_rows(named=True):
        marks = " ".join({True: "x", False: "·", None: "?"}[row[name]] for name in CRITERIA)
        shown.add_row(*(_cell(row[name]) for name in columns), marks)
    Console().print(shown)
    for warning in found.warnings:
        typer.echo(f"noticed {warning}", err=True)
    if out is not None:
        typer.echo(f"written to {out}")


CRITERIA = ("c1", "c2", "c3", "c4")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value > 1 else f"{value:.3f}"
    return "–" if value is None else str(value)
