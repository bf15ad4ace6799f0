"""`coproduce forum verify`: an independent check of a timetable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, help="The .dzn file or forum folder.")
    ],
    solution: Annotated[
        Path,
        typer.Argument(metavar="SOLUTION", exists=True, help="What `schedule --solution` wrote."),
    ],
) -> None:
    """Check a timetable against its forum; shares no code with what made it.

    Exit code 1 if a rule is broken; every broken rule is printed.
    """
    found = _folder(file, solution) if file.is_dir() else _published(file, solution)
    for line in found:
        typer.echo(line)
    if found:
        typer.echo(f"{len(found)} broken rules", err=True)
        raise typer.Exit(1)
    typer.echo("valid: no rule is broken and the claimed figures are right")


def _published(file: Path, solution: Path) -> list[str]:
    from coproduce.forum.b2b import verify_files

    return [str(violation) for violation in verify_files(file, solution)]


def _folder(folder: Path, solution: Path) -> list[str]:
    from coproduce.forum.large import read_answer, read_forum, verify_answer

    forum = read_forum(folder)
    return [str(violation) for violation in verify_answer(forum, read_answer(solution))]
