"""`coproduce risk`: what happens when something breaks; one file per command."""

from __future__ import annotations

import typer

from coproduce.cli.risk.balance import balance
from coproduce.cli.risk.exact import exact
from coproduce.cli.risk.history import history
from coproduce.cli.risk.measures import measures
from coproduce.cli.risk.safeguards import safeguards
from coproduce.cli.risk.simulate import simulate
from coproduce.cli.risk.survive import survive

app = typer.Typer(
    help="Shortages: exact where a formula exists, simulated where none does.",
    no_args_is_help=True,
)
app.command(
    epilog="Example: coproduce risk exact --sources 2 --capacity 0.75 --stock 0.35 "
    "--failure-rate 0.5 --repair-rate 2.5"
)(exact)
app.command(epilog="Example: coproduce risk survive network.json --table")(survive)
app.command(epilog="Example: coproduce risk measures my-programme --after out")(measures)
app.command(epilog="Example: coproduce risk history 2023.csv 2024.csv 2025.csv")(history)
app.command(epilog="Example: coproduce risk simulate network.json --replications 200")(simulate)
app.command(epilog="Example: coproduce risk balance balances.csv")(balance)
app.command(epilog="Example: coproduce risk safeguards my-programme --after out --target 0.02")(
    safeguards
)
