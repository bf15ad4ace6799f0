"""`coproduce risk measures`: self-sufficiency, concentration, cuts, importance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coproduce.cli.risk.shown import shown
from coproduce.records.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from coproduce.records.programme import Programme
    from coproduce.resilience.measures.lists import Item
    from coproduce.resilience.measures.local_stage import LocalStage
    from coproduce.resilience.measures.study import Measures, Progress

PLAN_TABLES = ("production", "purchases", "supply")


def measures(
    programme: Annotated[
        Path | None,
        typer.Argument(
            help="Programme folder, XLSX or built-in name; the built-in one if left out."
        ),
    ] = None,
    after: Annotated[
        Path | None,
        typer.Option(help="Folder that `coproduce plan` wrote: measure the state after it too."),
    ] = None,
    line: Annotated[
        float, typer.Option(help="From this home share on a stage counts as home-made.")
    ] = 0.5,
    items: Annotated[
        Path | None,
        typer.Option("--list", help="CSV of critical items; the small sourced list if left out."),
    ] = None,
    matrix: Annotated[
        Path | None, typer.Option(help="CSV of classes by both criteria, in place of our own.")
    ] = None,
    least_votes: Annotated[
        float, typer.Option(help="Part of the voters that must call an item critical.")
    ] = 1 / 3,
    local: Annotated[
        str | None,
        typer.Option(
            "--local-stage", help="Say what it would do to make this stage at home in full."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure supply security of every product, today and after a plan."""
    from coproduce.resilience.measures.lists import read_items, read_matrix

    if not 0 <= line <= 1:
        raise UsageError(f"--line is {line}; a share lies between 0 and 1", code="S103")
    listed = read_items(items, read_matrix(matrix), least_votes)
    found = _read(programme)
    plans = {"today": None} if after is None else {"today": None, "after": _plan(after)}
    with shown(hidden=as_json) as show:
        states = {when: _measure(found, plan, line, listed, show) for when, plan in plans.items()}
    moved = None if local is None else _local_stage(found, local)
    if as_json:
        record = _record(found, states)
        if moved is not None:
            record["local_stage"] = {**_plain(moved), "products": moved.products.to_dicts()}
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    _say(states)
    if moved is not None:
        _say_local(moved)


def _read(path: Path | None) -> Programme:
    from coproduce.programmes import located
    from coproduce.rules import load
    from coproduce.rules.regimes import regime_ids
    from coproduce.sources import read_programme

    return read_programme(located(path), known_regimes=regime_ids(load()))


def _plan(folder: Path) -> dict[str, pl.DataFrame]:
    import polars as pl

    found = {}
    for name in PLAN_TABLES:
        file = folder / "tables" / f"plan_{name}.parquet"
        if not file.is_file():
            raise UsageError(
                f"{file} is not there; give --after the folder that `coproduce plan --out` wrote",
                code="S114",
            )
        found[name] = pl.read_parquet(file)
    return found


def _measure(
    programme: Programme,
    plan: dict[str, pl.DataFrame] | None,
    line: float,
    items: dict[str, Item],
    progress: Progress,
) -> Measures:
    from coproduce import dependence
    from coproduce.resilience.measures.study import measure

    inputs = dependence.Inputs(programme=programme, plan=plan)
    exposures = dependence.run(inputs, dependence.Options()).exposures
    return measure(programme, exposures, plan, line=line, items=items, progress=progress)


def _local_stage(programme: Programme, stage_id: str) -> LocalStage:
    from coproduce import dependence
    from coproduce.resilience.measures.local_stage import local_stage

    today = dependence.run(dependence.Inputs(programme=programme), dependence.Options())
    return local_stage(programme, today.exposures, stage_id)


def _plain(moved: LocalStage) -> dict[str, Any]:
    names = ("home", "bottleneck", "shortage")
    return {
        "stage_id": moved.stage_id,
        **{
            f"{name}_{when}": getattr(moved, f"{name}_{when}")
            for name in names
            for when in ("before", "after")
        },
    }


def _say_local(moved: LocalStage) -> None:
    safer = (moved.products["shortage_after"] < moved.products["shortage_before"] - 1e-9).sum()
    typer.echo(
        f"stage {moved.stage_id} made at home in full from today's inputs: home share "
        f"{moved.home_before:.1%} → {moved.home_after:.1%}, bottleneck "
        f"{moved.bottleneck_before:.2%} → {moved.bottleneck_after:.2%}, expected shortage "
        f"{moved.shortage_before:.2%} → {moved.shortage_after:.2%}; less shortage in {safer} of "
        f"{moved.products.height} products"
    )


def _record(programme: Programme, states: dict[str, Measures]) -> dict[str, Any]:
    return {
        "programme_id": programme.settings.programme_id,
        **{
            when: {
                "totals": found.totals,
                "products": found.products.to_dicts(),
                "tiers": found.tiers.to_dicts(),
                "importance": found.importance.to_dicts(),
            }
            for when, found in states.items()
        },
    }


def _say(states: dict[str, Measures]) -> None:
    for when, found in states.items():
        typer.echo(f"{when}:")
        typer.echo(
            f"  {'product':<32}{'self':>6}{'soft':>7}{'narrow':>8} {'at':<14}{'HHI':>6}"
            f"{'halved by':>10}{'cut by':>7}  {'quadrant':<11}list"
        )
        for row in found.products.iter_rows(named=True):
            cut = row["countries_to_cut"]
            typer.echo(
                f"  {row['product_id'][:31]:<32}{row['self_sufficiency_share']:>6.0%}"
                f"{row['soft_full_cycle_share']:>7.1%}{row['bottleneck_share']:>8.1%} "
                f"{row['bottleneck_stage_id'][:13]:<14}{row['largest_hhi'] * 1e4:>6.0f}"
                f"{row['countries_to_halve']:>10}{'–' if cut is None else cut:>7}  "
                f"{row['quadrant']:<11}{'yes' if row['is_on_list'] else ''}"
            )
        totals = found.totals
        typer.echo(
            f"  by packs: self-sufficiency {totals['self_sufficiency_share']:.1%}, full cycle "
            f"{totals['soft_full_cycle_share']:.2%} (soft) or "
            f"{totals['hard_full_cycle_share']:.2%} (hard), never above the bottleneck "
            f"{totals['bottleneck_share']:.2%}; one country halves "
            f"{totals['products_halved_by_one_country']:.0f} of {totals['products']:.0f} products "
            f"and stops {totals['products_cut_by_one_country']:.0f}"
        )
