"""`coproduce forum generate`: a synthetic forum folder, marked as such."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def generate(
    folder: Annotated[Path, typer.Argument(help="Folder to make.")],
    participants: Annotated[int, typer.Option(min=2, help="Delegations.")] = 3000,
    slots: Annotated[int, typer.Option(min=1, help="Open slots over all days.")] = 20,
    days: Annotated[int, typer.Option(min=1, help="Days.")] = 2,
    tables: Annotated[int, typer.Option(min=0, help="0: a quarter of the participants.")] = 0,
    requests: Annotated[int, typer.Option(min=0, help="Wishes of each participant.")] = 15,
    cap: Annotated[int, typer.Option(min=0, help="Most meetings of each; 0: the slots.")] = 0,
    any_to_any: Annotated[
        bool, typer.Option("--any-to-any", help="Everybody may ask everybody, not side to side.")
    ] = False,
    always_there: Annotated[
        bool, typer.Option("--always-there", help="Nobody is absent in any slot.")
    ] = False,
    interpreters: Annotated[
        int, typer.Option(min=0, help="Interpreters; from one on they are required.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the random numbers.")] = 1,
) -> None:
    """Make up a forum folder: people of 35 + 22 regions, wishes, absences, tables, slots.

    Every name says that it is synthetic, and so does every page printed from it.
    """
    from coproduce.forum.large.generate import Recipe
    from coproduce.forum.large.generate import generate as write

    recipe = Recipe(
        participants=participants,
        slots=slots,
        days=days,
        tables=tables,
        requests=requests,
        cap=cap,
        is_any_to_any=any_to_any,
        is_free=always_there,
        interpreters=interpreters,
        seed=seed,
    )
    write(folder, recipe)
    typer.echo(f"Wrote the synthetic forum {folder}: {participants} participants, seed {seed}")
    typer.echo(f"Next: coproduce forum schedule {folder} --solution {folder}.json")
