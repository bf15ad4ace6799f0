"""`coproduce forum print`: agendas, calendars, table sheets, grid, badges, workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coproduce.records.errors import UsageError


def print_(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Forum folder.")],
    timetable: Annotated[
        Path, typer.Argument(exists=True, help="What `schedule --solution` wrote.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("forum-out"),
    participant: Annotated[
        list[str] | None, typer.Option(help="Only these participants; all if left out.")
    ] = None,
    lang: Annotated[str, typer.Option(help="en or ru.")] = "en",
) -> None:
    """Print a timetable: HTML, PDF, ICS, XLSX, CSV and badges with QR codes.

    The timetable is checked first; a faulty one is not printed.
    """
    if lang not in ("en", "ru"):
        raise UsageError(f"--lang {lang!r} is not one of en, ru", code="F308")
    from rich.console import Console
    from rich.progress import Progress

    from coproduce.forum.large import read_answer, read_forum, verify_answer
    from coproduce.forum.large.prints import print_all
    from coproduce.records.errors import VerificationFailed

    forum, answer = read_forum(folder), read_answer(timetable)
    unknown = [name for name in participant or () if name not in forum.participants]
    if unknown:
        raise UsageError(f"not participants of {folder}: {', '.join(unknown)}", code="F308")
    faults = verify_answer(forum, answer)
    if faults:
        raise VerificationFailed(
            f"{len(faults)} faults, the first: {faults[0]}; nothing was printed",
            code="F100",
            where=str(timetable),
        )
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("print", total=1.0)

        def show(share: float, doing: str) -> None:
            bars.update(task, completed=share, description=doing)

        written = print_all(forum, answer, out, lang=lang, only=participant or (), tell=show)
    typer.echo(f"Wrote {len(written)} files to {out}; open {out / 'agendas.html'}")
