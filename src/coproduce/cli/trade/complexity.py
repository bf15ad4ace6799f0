"""`coproduce trade complexity`: ECI, PCI, density and outlook from a table of exports."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer


def complexity(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|DIR",
            help="CSV or Parquet with year, country_id, product_id, value_usd; or a folder made "
            "by `coproduce trade ingest`.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder to write the tables to.")],
    proximity: Annotated[
        bool, typer.Option("--proximity", help="Also write the proximity of each two products.")
    ] = False,
    year: Annotated[
        list[int] | None, typer.Option("--year", help="Only this year; may be repeated.")
    ] = None,
    presence: Annotated[
        str,
        typer.Option(
            help="rca: present from an RCA on; given: value_usd is the presence, 0 or 1."
        ),
    ] = "rca",
    rca_threshold: Annotated[
        float, typer.Option(help="RCA from which on a product is present.")
    ] = 1.0,
    diagonal: Annotated[
        int, typer.Option(help="Proximity of a product to itself in density and COG: 1 or 0.")
    ] = 1,
    pci_scale: Annotated[
        str, typer.Option(help="eci: PCI on the scale of the ECI; own: mean 0, deviation 1.")
    ] = "eci",
    ddof: Annotated[int, typer.Option(help="Deviations are divided by n less this: 0 or 1.")] = 0,
    min_country_usd: Annotated[
        float, typer.Option(help="Leave out countries that export less in a year (USD).")
    ] = 0.0,
    min_product_usd: Annotated[
        float, typer.Option(help="Leave out products traded less in a year (USD).")
    ] = 0.0,
    re_exports: Annotated[
        bool, typer.Option(help="Count rows marked as re-exports (folders only).")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Measure economic complexity; by default as the Python package ecomplexity 0.5.3 does."""
    # Matrices of some hundred rows are multiplied: a second thread waits more than it works, and
    # on a busy machine its waiting costs three times the work. Must be set before numpy loads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import polars as pl

    from coproduce.dependence.complexity import Conventions, measure_table
    from coproduce.dependence.complexity.files import read_exports, write
    from coproduce.records.errors import UsageError
    from coproduce.sources.trade.store import Flag

    conventions = Conventions(
        presence=presence,  # type: ignore[arg-type]  # checked by the class itself
        rca_threshold=rca_threshold,
        diagonal=diagonal,  # type: ignore[arg-type]
        pci_scale=pci_scale,  # type: ignore[arg-type]
        ddof=ddof,  # type: ignore[arg-type]
        min_country_usd=min_country_usd,
        min_product_usd=min_product_usd,
    )
    exports = read_exports(source, without_flags=0 if re_exports else int(Flag.RE_EXPORT))
    if year:
        exports = exports.filter(pl.col("year").is_in(year))
        missing = sorted(set(year) - set(exports["year"].unique().to_list()))
        if missing:
            raise UsageError(f"no exports of {', '.join(map(str, missing))}", code="TX030")
    done = write(
        out,
        measure_table(exports, conventions),
        conventions=conventions,
        with_proximity=proximity,
    )
    if as_json:
        typer.echo(json.dumps(done, ensure_ascii=False, indent=2))
        return
    for line in done["years"]:
        typer.echo(
            f"{line['year']}: {line['countries']:,} countries, {line['products']:,} products"
        )
    for warning in done["warnings"]:
        typer.echo(f"noticed {warning}", err=True)
    typer.echo(f"written to {out}")
