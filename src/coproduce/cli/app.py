"""Mounts the commands and turns errors into exit codes: 0 done, 1 no or invalid, 2 usage."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from coproduce import __version__
from coproduce.cli.check import check
from coproduce.cli.forum import app as forum_app
from coproduce.cli.network import app as network_app
from coproduce.cli.new import new
from coproduce.cli.plan import plan
from coproduce.cli.risk import app as risk_app
from coproduce.cli.rules import app as rules_app
from coproduce.cli.serve import serve
from coproduce.cli.trace import trace
from coproduce.cli.trade import app as trade_app
from coproduce.records.errors import CoproduceError

app = typer.Typer(
    name="coproduce",
    help=(
        "Plans joint production across borders, from trade dependence to running plants, and "
        "proves that the plan is good for both sides."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command()(new)
app.command()(check)
app.command()(plan)
app.command()(trace)
app.command()(serve)
app.add_typer(trade_app, name="trade")
app.add_typer(network_app, name="network")
app.add_typer(risk_app, name="risk")
app.add_typer(forum_app, name="forum")
app.add_typer(rules_app, name="rules", help="Look up dated law: what held when, as known when.")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"coproduce {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Coproduce."""


def run() -> None:
    """Run the application; an error of ours prints its message to stderr and sets the code."""
    try:
        app()
    except CoproduceError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except KeyboardInterrupt:
        typer.echo("Stopped; nothing was written.", err=True)
        sys.exit(130)
