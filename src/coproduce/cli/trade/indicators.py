"""`coproduce trade indicators`: how much a country depends on whom, product by product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from coproduce.dependence.trade.study import Study

SHOWN = 15


def indicators(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder made by `coproduce trade ingest`.")
    ],
    reporter: Annotated[
        str,
        typer.Option(help="The importer, ISO3; without it a --bloc as one, or all (needs --out)."),
    ] = "",
    bloc: Annotated[
        str,
        typer.Option(help="Bloc seen as one for CDI1-CDI3: its id, or codes joined by commas."),
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
    from coproduce.dependence.trade import study as studies
    from coproduce.dependence.trade.write import write_study, write_world
    from coproduce.records.errors import UsageError
    from coproduce.sources.trade.store import Flag

    without_flags = 0 if re_exports else int(Flag.RE_EXPORT)
    if not reporter and not bloc:
        if out is None:
            raise UsageError(
                "name --reporter or --bloc, or --out for the table of all importers", code="TX070"
            )
        rows = write_world(folder, out, years=year, without_flags=without_flags)
        _say({"out": str(out), "rows": rows}, f"{rows:,} rows written to {out}", as_json=as_json)
        return
    request = studies.Request(
        reporter_id=reporter,
        entity_id=bloc,
        members=studies.bloc_members(folder, bloc, reporter, year, blocs) if bloc else (),
        years=year,
        partner_id=partner,
        output=None if production is None else studies.read_output(production),
        bill=None if bom is None else studies.read_bill(bom),
        product_id=product,
        without_flags=without_flags,
    )
    found = (studies.study if reporter else studies.entity_study)(folder, request)
    if out is not None:
        write_study(found, out)
    if as_json:
        typer.echo(json.dumps(_record(found, top, out), ensure_ascii=False, indent=2))
    else:
        _print(found, top, out)


def _say(record: dict[str, Any], text: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(record, ensure_ascii=False, indent=2) if as_json else text)


def _record(found: Study, top: int, out: Path | None) -> dict[str, Any]:
    from coproduce.dependence.trade.study import leading

    record: dict[str, Any] = {**found.summary, "warnings": list(found.warnings)}
    record["products"] = leading(found, top).to_dicts()
    for name, table in found.tables.items():
        if name != "products":
            record[name] = table[:top].to_dicts()
    if out is not None:
        record["out"] = str(out)
    return record


COUNTED = (
    ("c1_c2_c3", "concentrated here and in the world, and imported more than exported"),
    ("c4", "so in at least two of three years"),
    ("c4_open", "for which the years are too few to say so"),
    ("cdi", "above all three indicators of the Commission, {entity} as one"),
)
COLUMNS = {
    "product_id": "product",
    "imports_usd": "USD",
    "hhi": "HHI",
    "top1_id": "top",
    "top1_share": "share",
    "world_hhi": "world HHI",
    "cdi2": "CDI2",
}
MARKS = {"c1": "C1", "c2": "C2", "c3": "C3", "c4": "C4", "cdi_dependent": "CDI"}


def _print(found: Study, top: int, out: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    from coproduce.dependence.trade.study import leading

    said = found.summary
    typer.echo(
        f"{said.get('reporter', said['entity'])} {said['year']}: imports "
        f"{said['imports_usd'] / 1e6:,.1f} mn USD of {said['products_imported']:,} products, "
        f"exports {said['exports_usd'] / 1e6:,.1f} mn USD"
    )
    for name, words in COUNTED:
        if name in said and (part := said[name])["import_share"] is not None:
            text = words.format(entity=said["entity"])
            typer.echo(f"  {part['products']:>6,} products, {part['import_share']:.1%}: {text}")
    first = leading(found, top)
    columns = [name for name in COLUMNS if name in first.columns]
    marks = {name: mark for name, mark in MARKS.items() if name in first.columns}
    shown = Table(*(COLUMNS[name] for name in columns), "criteria")
    for row in first.iter_rows(named=True):
        held = " ".join(
            {True: mark, False: "", None: f"{mark}?"}[row[name]] for name, mark in marks.items()
        )
        shown.add_row(*(_cell(row[name]) for name in columns), " ".join(held.split()))
    Console().print(shown)
    for warning in found.warnings:
        typer.echo(f"noticed {warning}", err=True)
    if out is not None:
        typer.echo(f"written to {out}")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value > 1 else f"{value:.3f}"
    return "–" if value is None else str(value)
