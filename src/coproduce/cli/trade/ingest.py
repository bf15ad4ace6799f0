"""`coproduce trade ingest`: raw trade files → a trade data folder with its quality report."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coproduce.records.errors import Cancelled

if TYPE_CHECKING:
    from coproduce.sources.trade.ingest import Ingested, Options


class SourceKind(StrEnum):
    """Kinds of files."""

    BACI = "baci"
    COMTRADE = "comtrade"
    EIDB = "eidb"
    CUSTOMS = "customs"


class Prefer(StrEnum):
    """Whose report counts."""

    IMPORTER = "importer"
    EXPORTER = "exporter"


class FlowKind(StrEnum):
    """Direction of a page that does not say it."""

    IMPORT = "import"
    EXPORT = "export"


EPILOG = (
    "Examples: coproduce trade ingest baci BACI_HS12_V202501.zip --out trade  ·  "
    "coproduce trade ingest comtrade *.csv --out trade --mirror AAA --cif-fob 1.06  ·  "
    "coproduce trade ingest eidb page.csv --reporter AAA --partner BBB --flow export --out trade"
)


def ingest(
    source: Annotated[SourceKind, typer.Argument(help="Kind of the files.")],
    files: Annotated[list[Path], typer.Argument(help="CSV, JSON (Comtrade) or zips of them.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
    revision: Annotated[
        str, typer.Option(help="Convert products to this revision: HS12, HS17 …")
    ] = "",
    concordance: Annotated[
        list[Path] | None, typer.Option(help="File of a concordance; may be repeated.")
    ] = None,
    mirror: Annotated[
        list[str] | None,
        typer.Option(help="Use partners' reports of a country (AAA or AAA:2022); repeatable."),
    ] = None,
    cif_fob: Annotated[
        float, typer.Option(help="Divide partners' imports by this factor for --mirror.")
    ] = 1.0,
    blocs: Annotated[Path | None, typer.Option(help="Your own table of blocs.")] = None,
    products: Annotated[
        Path | None, typer.Option(help="Table of the valid products of the revision.")
    ] = None,
    level: Annotated[
        int | None, typer.Option(help="Digits of the products: 0, 2, 4, 6; else the finest.")
    ] = None,
    world: Annotated[
        bool, typer.Option("--world", help="Take totals with the world, not partners.")
    ] = False,
    re_exports: Annotated[
        bool, typer.Option("--re-exports", help="Keep re-exports as rows of their own.")
    ] = False,
    prefer: Annotated[
        Prefer, typer.Option(help="Whose report counts if both report.")
    ] = Prefer.IMPORTER,
    reporter: Annotated[
        str | None, typer.Option(help="Country whose statistics the file holds (eidb, customs).")
    ] = None,
    partner: Annotated[str | None, typer.Option(help="Partner of the page (eidb).")] = None,
    flow: Annotated[
        FlowKind | None, typer.Option(help="Direction, if the file does not say (eidb).")
    ] = None,
    usd_per_unit: Annotated[
        float, typer.Option(min=0.000001, help="USD in one unit of value (customs).")
    ] = 1.0,
    threads: Annotated[int, typer.Option(min=1, max=64)] = 1,
    memory_mb: Annotated[int, typer.Option(min=256, help="Most memory of the engine.")] = 1024,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the quality report as JSON.")
    ] = False,
) -> None:
    """Take trade files in: every row is kept, or rejected with a reason, and all adds up.

    Writes flows, countries, products and rejected rows (Parquet), meta.json, quality.json and
    quality.md to the folder, all or nothing.
    """
    from coproduce.sources.trade.ingest import Options

    options = Options(
        revision=revision,
        concordances=tuple(concordance or ()),
        mirrors=tuple(mirror or ()),
        cif_fob=cif_fob,
        blocs=blocs,
        products=products,
        level=level,
        wants_world=world,
        keeps_re_exports=re_exports,
        prefer=prefer.value,
        reporter=reporter,
        partner=partner,
        flow=flow.value if flow else "",
        usd_per_unit=usd_per_unit,
        threads=threads,
        memory_mb=memory_mb,
    )
    done = _run(source, files, out, options)
    if as_json:
        typer.echo(json.dumps(done.quality, ensure_ascii=False, indent=2))
    else:
        _print(done)


def _run(source: SourceKind, files: list[Path], out: Path, options: Options) -> Ingested:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from coproduce.sources.trade.ingest import ingest as run

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task("opening", total=None)

        def tell(what: str, finished: int, total: int) -> None:
            progress.update(task, description=what, completed=finished, total=total)

        try:
            return run(source.value, files, out, options, tell)
        except KeyboardInterrupt:
            message = "stopped; nothing was written, the folder is as it was before"
            raise Cancelled(message, code="X001", where=str(out)) from None


def _print(done: Ingested) -> None:
    told, meta = done.quality, done.meta
    years = f"{meta.years[0]}–{meta.years[-1]}" if len(meta.years) > 1 else str(meta.years[0])
    typer.echo(
        f"{done.folder}: {told['flows_written']:,} flows, {meta.source} {meta.revision} {years}"
    )
    typer.echo(
        f"rows  {told['rows_in']:,} in = {told['rows_kept']:,} kept + "
        f"{told['rows_rejected']:,} rejected"
    )
    off = "".join(f" + {value:,.0f} {name}" for name, value in told["adjustments_usd"].items())
    typer.echo(
        f"value {told['value_in_usd']:,.0f} USD in = {told['value_kept_usd']:,.0f} kept + "
        f"{told['value_rejected_usd']:,.0f} rejected{off}"
    )
    for each in told["rejected"]:
        typer.echo(f"  {each['rows']:,} rows: {each['reason']} (first: {each['first']})")
    for note in told["notes"]:
        typer.echo(f"note: {note}")
    typer.echo(f"report: {done.folder / 'quality.md'}")
