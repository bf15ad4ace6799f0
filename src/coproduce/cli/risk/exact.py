"""`coproduce risk exact`: expected shortage by formula, without simulation."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coproduce.records.errors import UsageError

if TYPE_CHECKING:
    from coproduce.resilience.exact import Answer


def exact(
    sources: Annotated[int, typer.Option(help="Identical sources that share the stock.")] = 1,
    capacity: Annotated[
        float | None, typer.Option(help="What one source makes a year while up.")
    ] = None,
    demand: Annotated[float, typer.Option(help="Steady demand a year.")] = 1.0,
    stock: Annotated[
        float,
        typer.Option(help="Most stock held, unit of demand (demand 1: years of use)."),
    ] = 0.0,
    failure_rate: Annotated[
        float | None, typer.Option(help="Failures a year of a source that is up.")
    ] = None,
    repair_rate: Annotated[
        float | None, typer.Option(help="Returns a year of a source that is down.")
    ] = None,
    chain: Annotated[
        Path | None,
        typer.Option(
            help="CSV of stages in series: stage, sources, capacity, failure_rate, repair_rate, "
            "stock. Replaces the options on sources."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Expected shortage of on/off sources with a shared stock, or of a chain of stages.

    Exact for one stage, and for a chain with stock at one place at most; else bounds, and said.
    """
    from coproduce.resilience.exact import Group, chain_with_stock, shared_stock_shortage
    from coproduce.resilience.exact.chain_file import read_chain

    if chain is not None:
        if capacity is not None or failure_rate is not None or repair_rate is not None:
            raise UsageError(
                "--chain names all sources; leave out --capacity, --failure-rate, --repair-rate",
                code="S113",
            )
        _say(chain_with_stock(read_chain(chain), demand), as_json=as_json)
        return
    group = Group(
        sources,
        _needed(capacity, "--capacity"),
        _needed(failure_rate, "--failure-rate"),
        _needed(repair_rate, "--repair-rate"),
    )
    _say(shared_stock_shortage([group], demand, stock), as_json=as_json)


def _needed(value: float | None, option: str) -> float:
    if value is None:
        raise UsageError(f"{option} is missing; give it, or a whole --chain file", code="S113")
    return value


def _say(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**asdict(answer), "is_exact": answer.is_exact}, indent=2))
        return
    if answer.is_exact:
        typer.echo(f"expected shortage   {answer.expected_shortage_share:.10g} of demand")
    else:
        typer.echo(
            f"expected shortage   between {answer.low_share:.10g} and {answer.high_share:.10g}"
        )
    typer.echo(f"without any stock   {answer.no_stock_shortage_share:.10g}")
    typer.echo(f"capacity suffices   {answer.availability_share:.10g} of the time")
    typer.echo(f"method              {answer.method}")
