"""`coproduce risk simulate`: what a network delivers when things break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from coproduce.resilience.simulate import Network, Outcome, SimulateOptions


def simulate(
    file: Annotated[Path, typer.Argument(help="Network file (JSON).")],
    horizon: Annotated[float, typer.Option(help="Time that counts (days).")] = 3650.0,
    warm_up: Annotated[float, typer.Option(help="Time before it (days).")] = 365.0,
    replications: Annotated[int, typer.Option(help="Independent repetitions.")] = 100,
    seed: Annotated[int, typer.Option(help="Same seed, same fates, whatever the plan.")] = 1,
    intervals: Annotated[int, typer.Option(help="Pieces of the course over time.")] = 1,
    confidence: Annotated[float, typer.Option(help="Of every interval (0-1).")] = 0.95,
    engine: Annotated[str, typer.Option(help="auto, compiled or numpy.")] = "auto",
    against: Annotated[
        Path | None, typer.Option(help="A second network, compared on the same fates.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Simulate a supply network that breaks: shortage, service, stock and cost with intervals.

    Stopped with Ctrl-C it reports what it finished, with its wider interval, and ends with 130.
    """
    from coproduce.resilience.simulate import SimulateOptions, read_network

    networks = [read_network(path) for path in (file, against) if path]
    options = SimulateOptions(horizon, warm_up, replications, seed, intervals, confidence, engine)
    outcomes = [_run(network, options, hidden=as_json) for network in networks]
    record = _record(networks[0], outcomes[0], options)
    if len(outcomes) > 1:
        record["against"] = _record(networks[1], outcomes[1], options)
        record["more_short"] = _paired(outcomes, confidence)
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        _say(record)
    if not all(one.is_complete for one in outcomes):
        raise typer.Exit(130)


def _run(network: Network, options: SimulateOptions, *, hidden: bool) -> Outcome:
    from rich.console import Console
    from rich.progress import Progress

    from coproduce.resilience.simulate import simulate as run

    with Progress(console=Console(stderr=True), disable=hidden, transient=True) as bars:
        task = bars.add_task("replications", total=options.replications)

        def show(done: int, asked: int) -> None:
            bars.update(task, completed=done, total=asked)

        return run(network, options, progress=show)


def _paired(outcomes: list[Outcome], confidence: float) -> dict[str, float]:
    from coproduce.resilience.simulate import compared

    made = compared(outcomes[0], outcomes[1], confidence)
    return {"share": made.mean, "half_width": made.half}


def _record(network: Network, outcome: Outcome, options: SimulateOptions) -> dict[str, Any]:
    return {
        "expected_shortage_share": outcome.shortage.mean,
        "half_width": outcome.shortage.half,
        "confidence": options.confidence,
        "full_service_share": outcome.full_time.mean,
        "cost_per_day": outcome.cost.mean,
        "replications": outcome.replications,
        "asked": outcome.asked,
        "is_complete": outcome.is_complete,
        "clock": network.clock.value,
        "engine": outcome.engine,
        "seed": options.seed,
        "events": outcome.events,
        "cpu_s": outcome.cpu_s,
        "items": [
            {"item": name, "shortage_share": one.mean, "half_width": one.half}
            for name, one in outcome.served.items()
        ],
        "course": [
            {"end": end, "shortage_share": mean, "low": low, "high": high}
            for end, mean, low, high in outcome.course
        ],
        "warnings": list(network.warnings),
    }


def _say(record: dict[str, Any]) -> None:
    for line in record["warnings"]:
        typer.echo(f"noticed {line}")
    for one in record["items"]:
        typer.echo(f"{one['item']:<48}{one['shortage_share']:>9.3%} ± {one['half_width']:.3%}")
    done = f"{record['replications']} of {record['asked']} replications"
    typer.echo(
        f"Expected shortage {record['expected_shortage_share']:.3%} ± "
        f"{record['half_width']:.3%} ({record['confidence']:.0%} interval), full service "
        f"{record['full_service_share']:.2%} of the time; {done}, {record['engine']} engine."
    )
    if "more_short" in record:
        more = record["more_short"]
        typer.echo(
            f"The second network is {more['share']:+.3%} ± {more['half_width']:.3%} shorter of "
            "demand, on the same fates."
        )
    if not record["is_complete"]:
        typer.echo("Stopped: the figures are of what was finished.", err=True)
