"""`coproduce network`: solve public location problems and check what was written."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from coproduce.network.location.types import Answer, Checked

app = typer.Typer(
    help="Location problems: solve them with a certificate, check it without a solver.",
    no_args_is_help=True,
)

FORMATS = "orlib, holmberg, sscflp, ufl, tscflp, mptscflp, smps or scflp-json"


PROBLEMS = {
    "ufl": "facilities without capacity",
    "cfl": "facilities with capacity, customers may be split",
    "sscfl": "facilities with capacity, each customer served by one",
}


@app.command(epilog="Example: coproduce network solve cap41 --format orlib --solution cap41.json")
def solve(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The problem, plain or .gz.")],
    form: Annotated[str, typer.Option("--format", help=f"Layout of the file: {FORMATS}.")],
    is_uncapacitated: Annotated[
        bool, typer.Option("--uncapacitated", help="Leave the capacities out.")
    ] = False,
    is_single_source: Annotated[
        bool,
        typer.Option(
            "--single-source", help="Serve each customer from one facility (sscflp is so)."
        ),
    ] = False,
    is_split: Annotated[
        bool, typer.Option("--split", help="Let customers of an sscflp file be split.")
    ] = False,
    time_limit_s: Annotated[
        float, typer.Option("--time-limit", min=0.0, help="Most seconds to search.")
    ] = 600.0,
    threads: Annotated[int, typer.Option(min=1, help="Cores to use.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same answer.")] = 0,
    gap: Annotated[
        float, typer.Option(min=0.0, help="Stop this close to the bound, as a share.")
    ] = 1e-6,
    solution: Annotated[
        Path | None, typer.Option(help="Write assignment or flows and certificate here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Find the cheapest answer and prove how good it is."""
    from coproduce.network.location import record, registry
    from coproduce.network.location.types import Options, Reading

    reading = Reading(is_uncapacitated, is_single_source, is_split)
    if solution is not None:
        record.check_target(solution)
    problem = registry.read(file, form, reading)
    with _progress(is_quiet=as_json) as progress:
        options = Options(time_limit_s, threads, seed, gap, progress)
        answer = registry.solve(problem, form, options)
    kind = str(getattr(problem, "kind", form))
    if solution is not None:
        record.write_solution(solution, record.solution_record(file, form, reading, answer, kind))
    if as_json:
        typer.echo(json.dumps(record.summary(answer, kind, solution), allow_nan=False))
    else:
        _print_answer(answer, kind, solution)
    raise typer.Exit(0 if answer.objective is not None else 1)


@app.command(epilog="Example: coproduce network verify cap41 cap41.json")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The problem, plain or .gz.")],
    solution: Annotated[Path, typer.Argument(metavar="SOLUTION", help="The solution file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Recount a solution file in exact arithmetic, without a solver; exit 1 if it is wrong."""
    from dataclasses import asdict

    from coproduce.network.location import record, registry

    found = record.read_solution(solution)
    checked = registry.check(file, found, record.format_of(found, solution))
    if as_json:
        typer.echo(json.dumps({"is_right": not checked.errors} | asdict(checked)))
    else:
        _print_checked(checked)
    raise typer.Exit(1 if checked.errors else 0)


def _print_answer(answer: Answer, kind: str, solution: Path | None) -> None:
    objective = "no answer" if answer.objective is None else f"{answer.objective:,.3f}"
    gap = "open" if answer.gap is None else f"{answer.gap:.4%}"
    if kind in PROBLEMS:
        typer.echo(f"Problem: {PROBLEMS[kind]}")
    typer.echo(f"{answer.status}: cost {objective}, bound {answer.bound:,.3f}, gap {gap}")
    typer.echo(
        f"{len(answer.opened)} facilities opened; {answer.seconds:.2f} s, seed {answer.seed},"
        f" {answer.engine}"
    )
    rests = (
        answer.certificate.get("rests_on_solver") or "nothing: the certificate proves the bound"
    )
    typer.echo(f"Rests on the solver: {rests}")
    if solution is not None:
        typer.echo(f"Written: {solution}")


def _print_checked(checked: Checked) -> None:
    typer.echo(f"Checked as {checked.kind}, in exact arithmetic, without a solver:")
    if checked.objective is not None:
        typer.echo(f"  cost  {checked.objective:,.6f}")
    if checked.certified_bound is not None:
        typer.echo(f"  bound {checked.certified_bound:,.6f}")
    if checked.certified_gap is not None:
        typer.echo(f"  gap   {checked.certified_gap:.6%}")
    if checked.rests_on_solver:
        typer.echo(f"  not checked here: {checked.rests_on_solver}")
    for error in checked.errors:
        typer.echo(f"  WRONG: {error}", err=True)
    if not checked.errors:
        typer.echo("Right.")


@contextmanager
def _progress(*, is_quiet: bool) -> Iterator[Callable[[float, str], None] | None]:
    """Show the gap on stderr while the search runs; silent when asked or off a terminal."""
    if is_quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("searching") as status:
        yield lambda _gap, line: status.update(line)
