"""`coproduce trace`: from a printed figure back to rows, rules and origins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def trace(
    out: Annotated[Path, typer.Argument(help="Folder that `coproduce plan` wrote.")],
    figure_id: Annotated[
        str | None,
        typer.Argument(help="Figure to trace; leave it out to list all figures."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    rows: Annotated[int, typer.Option(min=1, help="Most rows to print for each table.")] = 8,
) -> None:
    """Walk from a printed figure to the rows, rules and origins that made it.

    Example: coproduce trace out summary.self_sufficiency.after
    """
    from coproduce.report import trace as tracing

    if figure_id is None:
        found = tracing.figures(out)
        if as_json:
            typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            for figure in found:
                typer.echo(f"{figure['figure_id']:<52} {figure['label_en']}")
        return
    result = tracing.trace(out, figure_id)
    if as_json:
        typer.echo(json.dumps(result.as_dict(), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    Console().print(result.as_tree(max_rows=rows))
