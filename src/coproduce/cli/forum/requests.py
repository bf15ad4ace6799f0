"""`coproduce forum requests`: suggested requests from a plan's matches, marked as suggestions."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from coproduce.records.errors import UsageError


def requests(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Forum folder.")],
    plan: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="OUT of `coproduce plan`.")
    ],
    out: Annotated[Path, typer.Option(help="CSV file to write.")] = Path("suggested.csv"),
    points: Annotated[int, typer.Option(min=1, help="Weight of a match with score 1.")] = 5,
    most_each: Annotated[int, typer.Option(min=1, help="Most for one participant.")] = 5,
) -> None:
    """Suggest meetings that nobody asked for, from the matches of a plan.

    A match that the plan builds (an opening of the joint plan) comes before the others. Append the
    rows to requests.csv; they stay marked as suggestions on every page.
    """
    import polars as pl

    from coproduce.forum.large import read_forum
    from coproduce.forum.large.files import write_whole
    from coproduce.forum.large.suggest import suggestions

    source = plan / "tables" / "partners_matches.parquet"
    if not source.is_file():
        raise UsageError(f"{source} is missing; run `coproduce plan` first", code="F309")
    matches = pl.read_parquet(source)
    built = plan / "tables" / "after_openings.parquet"
    stages = set(pl.read_parquet(built)["stage_id"]) if built.is_file() else set()
    is_needed = pl.col("stage_id").is_in(list(stages)).fill_null(False)
    rows = suggestions(
        read_forum(folder),
        matches.filter(~is_needed).to_dicts(),
        points=points,
        most_each=most_each,
        needs=matches.filter(is_needed).to_dicts(),
    )
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    write_whole(out, buffer.getvalue())
    typer.echo(f"Wrote {len(rows) - 1} suggested requests to {out}")
