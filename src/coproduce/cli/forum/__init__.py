"""`coproduce forum`: the meetings worth holding and their timetable; one file per command."""

from __future__ import annotations

import typer

from coproduce.cli.forum.explain import explain
from coproduce.cli.forum.generate import generate
from coproduce.cli.forum.outcomes import outcomes
from coproduce.cli.forum.print import print_
from coproduce.cli.forum.replan import replan
from coproduce.cli.forum.requests import requests
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
app.command(epilog="Example: coproduce forum generate forum --participants 3000 --seed 1")(
    generate
)
app.command(
    epilog="Example: coproduce forum replan forum forum.json --drop-out p00012 --out new.json"
)(replan)
app.command(epilog="Example: coproduce forum explain forum forum.json p00012 --lang ru")(explain)
app.command(
    "print", epilog="Example: coproduce forum print forum forum.json --out pages --lang ru"
)(print_)
app.command(epilog="Example: coproduce forum requests forum out --out forum/suggested.csv")(
    requests
)
app.command(
    epilog="Example: coproduce forum outcomes forum outcomes.csv --known 2027-10-08 --out projects"
)(outcomes)
