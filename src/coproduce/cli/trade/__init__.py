"""`coproduce trade`: from a raw trade file to ranked opportunities; one file per command."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Trade files: take them in, measure who depends on whom, find what to make together.",
    no_args_is_help=True,
)
