"""`coproduce risk balance`: self-sufficiency and import dependency of items in a file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def balance(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV: item_id, production, imports, exports and, if known, re_exports."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Self-sufficiency, import dependency and home-made part of consumption, item by item."""
    from coproduce.resilience.measures.balance_file import read_balances

    found = read_balances(file)
    if as_json:
        typer.echo(json.dumps({item: asdict(one) for item, one in found.items()}, indent=2))
        return
    typer.echo(f"{'item':<32}{'self':>8}{'imports':>9}{'exports':>9}{'home-made':>11}")
    for item, one in found.items():
        typer.echo(
            f"{item[:31]:<32}{one.self_sufficiency_share:>8.1%}{one.import_share:>9.1%}"
            f"{one.export_share:>9.1%}{one.domestic_origin_share:>11.1%}"
        )
