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

    A match at a stage of a product that the joint plan makes comes before the others. Put
    the file into the folder as suggested.csv; its rows stay marked as suggestions on every page.
    """
    import polars as pl

    from coproduce.forum.large import read_forum
    from coproduce.forum.large.files import write_whole
    from coproduce.forum.large.suggest import suggestions

    source = plan / "tables" / "partners_matches.parquet"
    if not source.is_file():
        raise UsageError(f"{source} is missing; run `coproduce plan` first", code="F309")
    matches = pl.read_parquet(source)
    made = plan / "tables" / "plan_production.parquet"
    stage = ["product_id", "stage_id"]
    planned = pl.read_parquet(made).select(stage) if made.is_file() else matches.select(stage)[:0]
    rows = suggestions(
        read_forum(folder),
        matches.join(planned, on=stage, how="anti").to_dicts(),
        points=points,
        most_each=most_each,
        needs=matches.join(planned, on=stage, how="semi").to_dicts(),
    )
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    write_whole(out, buffer.getvalue())
    typer.echo(f"Wrote {len(rows) - 1} suggested requests to {out}")
