"""`coproduce forum`: the meetings worth holding and their timetable; one file per command."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Forums: choose meetings, place them, check them, re-plan them, print them.",
    no_args_is_help=True,
)
