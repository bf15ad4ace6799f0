"""`coproduce risk survive`: how long demand is met when something breaks, and what it costs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coproduce.cli.risk.shown import shown

if TYPE_CHECKING:
    from coproduce.resilience.time_to_survive import Study, SurviveNetwork


def survive(
    network: Annotated[
        Path, typer.Argument(help="JSON file or folder of CSV files: nodes, products, makes …")
    ],
    longest: Annotated[
        float, typer.Option(help="Times to survive are looked for up to here (periods).")
    ] = 999.0,
    table: Annotated[
        bool, typer.Option("--table", help="Print what time is worth in each scenario.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Find each time to survive again by halving.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Time to survive, least loss until recovery and risk exposure index of every scenario.

    The format of the file is on the page docs/method/resilience-measures.md.
    """
    from coproduce.resilience.time_to_survive import read_network, study

    found = read_network(network)
    with shown(hidden=as_json) as show:
        answer = study(found, longest=longest, progress=show)
    distance = _halved(found, answer, longest) if check else None
    if as_json:
        record = asdict(answer)
        if distance is not None:
            record["largest_distance_by_halving"] = distance
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    _say(answer, has_table=table)
    if distance is not None:
        typer.echo(f"by halving: largest relative distance {distance:.2g}")


def _halved(network: SurviveNetwork, answer: Study, longest: float) -> float:
    from coproduce.resilience.time_to_survive.exposure import survived_by_halving
    from coproduce.resilience.time_to_survive.model import build

    scale = sum(one.demand * one.loss_per_unit for one in network.products.values())
    distance = 0.0
    for one in answer.scenarios:
        model = build(network, network.scenarios[one.scenario_id])
        other = survived_by_halving(model, longest, loss_scale=scale)
        distance = max(distance, abs(other - one.tts) / max(1.0, one.tts))
    return distance


def _say(answer: Study, *, has_table: bool) -> None:
    width = max((len(one.scenario_id) for one in answer.scenarios), default=8)
    typer.echo(f"{'scenario':<{width}}  {'recover':>9} {'survive':>9} {'cost':>15} {'REI':>6}")
    for one in answer.scenarios:
        tts = f"{one.tts:.4f}" if not one.is_capped else f"≥{one.tts:g}"
        mark = "  exposed" if one.is_exposed else ""
        typer.echo(
            f"{one.scenario_id:<{width}}  {one.ttr:>9g} {tts:>9} {one.cost:>15,.2f} "
            f"{one.rei:>6.3f}{mark}"
        )
        for span in one.spans if has_table else ():
            typer.echo(
                f"{'':<{width}}    from {span.from_periods:.4g} to {span.to_periods:.4g}: "
                f"a period costs {span.cost_per_period:,.2f}"
            )
    typer.echo(
        f"{answer.exposed} of {len(answer.scenarios)} scenarios exposed, mean cost "
        f"{answer.mean_cost:,.2f}, largest {answer.largest_cost:,.2f}"
    )
