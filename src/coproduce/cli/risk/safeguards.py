"""`coproduce risk safeguards`: which safeguard buys most."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

    from coproduce.resilience.safeguards.comparison import Comparison, Option

PLAN_TABLES = ("supply", "production", "purchases")


def safeguards(
    source: Annotated[
        str,
        typer.Argument(help="Network file (JSON), programme folder, XLSX or built-in name."),
    ] = "",
    after: Annotated[
        Path | None,
        typer.Option(help="Folder that `coproduce plan` wrote: compare after the plan too."),
    ] = None,
    book: Annotated[
        Path | None, typer.Option("--list", help="CSV of safeguards, in place of our own.")
    ] = None,
    target: Annotated[
        list[float] | None, typer.Option(help="Shortage to reach; may be given again.")
    ] = None,
    horizon: Annotated[float, typer.Option(help="Simulated time of a network (days).")] = 3650.0,
    warm_up: Annotated[float, typer.Option(help="Time before it (days).")] = 365.0,
    replications: Annotated[int, typer.Option(help="Of a network.")] = 100,
    seed: Annotated[int, typer.Option(help="Same seed, same fates in every plan.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare safeguards: cost against shortage avoided, cheapest to reach each target.

    A programme is reckoned by formula, a network file with a list `safeguards` by simulation.
    """
    targets = tuple(target or (0.02, 0.05))
    if source.endswith(".json"):
        from coproduce.resilience.simulate import SimulateOptions

        record = _network(
            Path(source),
            SimulateOptions(horizon, warm_up, replications, seed),
            targets,
            hidden=as_json,
        )
    else:
        record = _programme(source, after, book, targets)
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        _say(record)


def _programme(
    source: str, after: Path | None, book: Path | None, targets: tuple[float, ...]
) -> dict[str, Any]:
    from coproduce import dependence
    from coproduce.programmes import built_in
    from coproduce.resilience.safeguards import compare, read_safeguards, scenario_rows
    from coproduce.rules import load
    from coproduce.rules.regimes import regime_ids
    from coproduce.sources import read_programme

    folder = Path(source) if source and Path(source).exists() else built_in(source)
    programme = read_programme(folder, known_regimes=regime_ids(load()))
    offered = read_safeguards(book)
    plans: dict[str, dict[str, pl.DataFrame] | None] = {"before": None}
    if after:
        plans["after"] = _plan(after)
    states: dict[str, Any] = {}
    rows: dict[str, Any] = {}
    for when, plan in plans.items():
        inputs = dependence.Inputs(programme=programme, plan=plan)
        found = dependence.run(inputs, dependence.Options()).exposures
        made = compare(programme, found, safeguards=offered, targets=targets)
        states[when] = _state(made)
        rows = rows or scenario_rows(programme, found)
    return {"programme_id": programme.settings.programme_id, "states": states, **rows}


def _plan(folder: Path) -> dict[str, pl.DataFrame]:
    import polars as pl

    from coproduce.records.errors import UsageError

    found = {}
    for name in PLAN_TABLES:
        file = folder / "tables" / f"plan_{name}.parquet"
        if not file.is_file():
            raise UsageError(
                f"{file} is not there; give --after the folder that `coproduce plan --out` wrote",
                code="S234",
            )
        found[name] = pl.read_parquet(file)
    return found


def _state(made: Comparison) -> dict[str, Any]:
    return {
        "expected_shortage_share": made.shortage_share,
        "lower_bound_share": made.shortage_low_share,
        "options": [_option(one) for one in made.options],
        "local_stages": [_option(one) for one in made.local_stages],
        "cheapest": [
            {"target_share": target, "option": _option(one) if one else None}
            for target, one in made.cheapest.items()
        ],
    }


def _option(one: Option) -> dict[str, Any]:
    return {
        "option_id": one.option_id,
        "name": (
            " + ".join(f"{part.name_en}, {part.level_name_en}" for part in one.safeguards)
            + (f": {one.stage_id}" if one.stage_id else "")
        )
        or "as it is",
        "cost_share": one.cost_share,
        "expected_shortage_share": one.shortage_share,
        "lower_bound_share": one.shortage_low_share,
        "avoided_share": one.avoided_share,
        "cost_per_point": one.cost_per_point,
        "products": one.products,
        "status": "assumed" if any(p.status == "assumed" for p in one.safeguards) else "given",
    }


def _network(
    path: Path, options: Any, targets: tuple[float, ...], *, hidden: bool
) -> dict[str, Any]:
    from rich.console import Console
    from rich.progress import Progress

    from coproduce.records.errors import SourceError
    from coproduce.resilience.safeguards import compare_network

    try:
        record = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SourceError(
            f"the file cannot be read as JSON: {error}", code="S201", where=path.name
        ) from None
    if not isinstance(record, dict):
        raise SourceError("the file must be a JSON object", code="S201", where=path.name)
    with Progress(console=Console(stderr=True), disable=hidden, transient=True) as bars:
        task = bars.add_task("safeguards")
        made = compare_network(
            record,
            options,
            targets=targets,
            progress=lambda done, asked: bars.update(task, completed=done, total=asked),
        )

    def plain(one: Any) -> dict[str, Any]:
        return {
            "option_id": " + ".join(one.safeguard_ids) or "as it is",
            "name": " + ".join(one.safeguard_ids) or "as it is",
            "kinds": list(one.kinds),
            "cost": one.cost,
            "expected_shortage_share": one.shortage.mean,
            "half_width": one.shortage.half,
            "avoided_share": one.avoided.mean,
            "avoided_half_width": one.avoided.half,
        }

    state = {
        "expected_shortage_share": made.base.mean,
        "half_width": made.base.half,
        "options": [plain(one) for one in made.tried],
        "cheapest": [
            {"target_share": target, "option": plain(one) if one else None}
            for target, one in made.cheapest.items()
        ],
    }
    return {"network": path.name, "is_complete": made.is_complete, "states": {"today": state}}


def _say(record: dict[str, Any]) -> None:
    for when, state in record["states"].items():
        typer.echo(f"{when}: expected shortage {state['expected_shortage_share']:.2%}")
        for one in [*state["options"], *state.get("local_stages", [])]:
            cost = (
                f"{one['cost_share']:>8.2%}" if "cost_share" in one else f"{one['cost']:>12,.0f}"
            )
            typer.echo(
                f"  {one['name']:<62}{cost}  shortage {one['expected_shortage_share']:>7.2%}"
                f"  avoided {one['avoided_share']:>+7.2%}"
            )
        for one in state["cheapest"]:
            best = one["option"]["name"] if one["option"] else "nothing offered reaches it"
            typer.echo(f"  cheapest to reach {one['target_share']:.0%}: {best}")
    if "network" not in record:
        typer.echo("Cost: share of the yearly value of what is bought, assumed unless --list.")
