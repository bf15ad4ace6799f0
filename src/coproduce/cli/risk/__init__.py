"""`coproduce risk`: what happens when something breaks; one file per command."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Shortages: exact where a formula exists, simulated where none does.",
    no_args_is_help=True,
)
