"""`coproduce trade pair`: all trade of two countries, and what of it is unrealised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

SHOWN = 10


def pair(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder made by `coproduce trade ingest`.")
    ],
    first: Annotated[str, typer.Argument(help="A country, ISO3.")],
    second: Annotated[str, typer.Argument(help="The other country, ISO3.")],
    year: Annotated[
        list[int] | None, typer.Option("--year", help="Only this year; may be repeated.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for flows.parquet, products.csv and years.csv.")
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="Products to show each way.")] = SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Show all products two countries trade, years side by side, fit and unrealised potential."""
    from coproduce.dependence.pairs.pair import measure
    from coproduce.dependence.pairs.write import write_tables

    found = measure(folder, first, second, year)
    if out is not None:
        tables = {"flows": found.flows, "products": found.products, "years": found.years}
        write_tables(out, tables)
    if as_json:
        kept = found.products.group_by("exporter_id", "importer_id", maintain_order=True)
        answer = {
            "years": found.years.to_dicts(),
            "products": kept.head(top).to_dicts() if top else [],
        }
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    fit = Table("from", "to", "year", "USD mn", "products", "fit 0–100", "unrealised USD mn")
    for row in found.years.iter_rows(named=True):
        fit.add_row(
            row["exporter_id"],
            row["importer_id"],
            str(row["year"]),
            f"{row['value_usd'] / 1e6:,.1f}",
            str(row["n_products"]),
            "–" if row["complementarity"] is None else f"{row['complementarity']:.1f}",
            f"{row['unrealised_usd'] / 1e6:,.1f}",
        )
    console.print(fit)
    years = [name for name in found.products.columns if name.startswith("usd_")]
    for (exporter, importer), rows in found.products.group_by(
        "exporter_id", "importer_id", maintain_order=True
    ):
        shown = Table(
            "product",
            "what",
            *(f"{name[4:]}, USD mn" for name in years),
            "unrealised",
            title=f"{exporter} → {importer}: most unrealised first ({rows.height} products)",
        )
        for row in rows.head(top).iter_rows(named=True):
            values = [f"{row[name] / 1e6:,.2f}" for name in years]
            what = (row["description"] or "")[:40]
            shown.add_row(row["product_id"], what, *values, f"{row['unrealised_usd'] / 1e6:,.2f}")
        console.print(shown)
