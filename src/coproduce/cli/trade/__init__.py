"""`coproduce trade`: from a raw trade file to ranked opportunities; one file per command."""

from __future__ import annotations

import typer

from coproduce.cli.trade.complexity import complexity
from coproduce.cli.trade.indicators import indicators

app = typer.Typer(
    help="Trade files: take them in, measure who depends on whom, find what to make together.",
    no_args_is_help=True,
)
app.command(epilog="Example: coproduce trade indicators out/baci --reporter IND --out out/ind")(
    indicators
)
app.command(epilog="Example: coproduce trade complexity exports.csv --out out/complexity")(
    complexity
)
