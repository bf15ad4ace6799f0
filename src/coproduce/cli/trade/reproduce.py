"""`coproduce trade reproduce`: published indicators against ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Published indicators against ours, each difference with its cause.",
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Keep the name of the data set a command of its own."""


@app.command(
    epilog="Example: coproduce trade reproduce geodep --baci out/baci --published geodep.dta"
)
def geodep(
    baci: Annotated[Path, typer.Option(help="Trade data folder made from BACI.")],
    published: Annotated[Path, typer.Option(help="The published file: CSV, Parquet or Stata.")],
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns", help="importer=NAME, product=NAME, year=NAME or dependent=NAME."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Compare published dependence flags of GeoDep with ours."""
    from coproduce.dependence.pairs.reproduce import NAMES, compare, read_published
    from coproduce.dependence.pairs.write import write_tables
    from coproduce.records.errors import UsageError

    given = {}
    for text in columns or []:
        role, equals, name = text.partition("=")
        if role not in NAMES or not equals or not name:
            raise UsageError(
                f"--columns {text!r}: write ROLE=NAME with one of {', '.join(NAMES)}", code="U114"
            )
        given[role] = name
    found = compare(baci, read_published(published, given))
    if out is not None:
        write_tables(
            out,
            {
                "summary": found.summary,
                "disagreements": found.disagreements,
                "not_in_data": found.not_in_data,
            },
        )
    causes = found.disagreements.group_by("cause").len().sort("len", "cause", descending=True)
    summary = found.summary.row(0, named=True)
    if as_json:
        typer.echo(json.dumps(summary | {"causes": dict(causes.rows())}, ensure_ascii=False))
        return
    for name, value in summary.items():
        typer.echo(f"{name:16} {value:.4f}" if isinstance(value, float) else f"{name:16} {value}")
    for cause, count in causes.rows():
        typer.echo(f"{count:>8} {cause}")
    missing = found.not_in_data.group_by("cause").len().sort("len", "cause", descending=True)
    for cause, count in missing.rows():
        typer.echo(f"{count:>8} not compared: {cause}")
