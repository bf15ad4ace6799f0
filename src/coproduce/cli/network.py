"""`coproduce network`: solve public location problems and check what was written."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Location problems: solve them with a certificate, check it without a solver.",
    no_args_is_help=True,
)
