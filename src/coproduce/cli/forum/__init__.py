"""`coproduce forum`: the meetings worth holding and their timetable; one file per command."""

from __future__ import annotations

import typer

from coproduce.cli.forum.schedule import schedule
from coproduce.cli.forum.verify import verify

app = typer.Typer(
    help="Forums: choose meetings, place them, check them, re-plan them, print them.",
    no_args_is_help=True,
)
app.command(epilog="Example: coproduce forum schedule tic-12.dzn --json --solution tic-12.json")(
    schedule
)
app.command(epilog="Example: coproduce forum verify tic-12.dzn tic-12.json")(verify)
