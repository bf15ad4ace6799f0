"""`coproduce trade`: from a raw trade file to ranked opportunities; one file per command."""

from __future__ import annotations

import typer

from coproduce.cli.trade.aggregate import aggregate
from coproduce.cli.trade.complexity import complexity
from coproduce.cli.trade.indicators import indicators
from coproduce.cli.trade.ingest import EPILOG as INGEST_EPILOG
from coproduce.cli.trade.ingest import ingest
from coproduce.cli.trade.opportunities import opportunities
from coproduce.cli.trade.pair import pair
from coproduce.cli.trade.picture import picture
from coproduce.cli.trade.reproduce import app as reproduce_app

app = typer.Typer(
    help="Trade files: take them in, measure who depends on whom, find what to make together.",
    no_args_is_help=True,
)
app.command(epilog=INGEST_EPILOG)(ingest)
app.command(epilog="Example: coproduce trade indicators out/baci --reporter IND --out out/ind")(
    indicators
)
app.command(epilog="Example: coproduce trade complexity exports.csv --out out/complexity")(
    complexity
)
app.command(epilog="Example: coproduce trade pair out/baci IND RUS")(pair)
app.command(epilog="Example: coproduce trade opportunities out/baci RUS IND --sector engineering")(
    opportunities
)
app.add_typer(reproduce_app, name="reproduce")
app.command(epilog="Example: coproduce trade picture sankey out/baci RUS --out supply.svg")(
    picture
)
app.command(
    epilog="Example: coproduce trade aggregate suppliers out/baci --out suppliers.parquet"
)(aggregate)
