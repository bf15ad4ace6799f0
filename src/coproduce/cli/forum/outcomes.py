"""`coproduce forum outcomes`: from filled outcome sheets to projects and proposed rules."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def outcomes(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Forum folder.")],
    sheet: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Filled outcomes.csv.")
    ],
    known: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="Day on which the conclusions became public."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("forum-outcomes"),
    gate: Annotated[
        str,
        typer.Option(
            help="Gate at which projects start; left out: the first of the folder's gates.csv, "
            "or of the built-in programme's."
        ),
    ] = "",
) -> None:
    """Start projects from meetings and test rules that policy sessions propose.

    Writes known_projects.csv and origins.csv (rows to append to a programme's tables, same
    columns in the same order) and proposed-rules.yaml (leaves of status proposed).
    """
    from coproduce.forum.large import read_forum
    from coproduce.forum.large.files import write_whole
    from coproduce.forum.large.outcomes import (
        gate_for,
        origin_of,
        projects_of,
        proposed_rules,
    )

    forum = read_forum(folder)
    own = folder / "gates.csv"
    rows = projects_of(forum, sheet, gate_for(own if own.is_file() else _built_in(), gate))
    tables = {"known_projects": rows, "origins": origin_of(forum, known.date())}
    for name, lines in tables.items():
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(lines)
        write_whole(out / f"{name}.csv", buffer.getvalue())
    write_whole(out / "proposed-rules.yaml", proposed_rules(forum, known.date()))
    typer.echo(f"Wrote {len(rows) - 1} projects and the proposed rules to {out}")


def _built_in() -> Path:
    from coproduce.programmes import built_in

    return built_in("") / "gates.csv"
