"""`coproduce forum schedule`: a timetable with its proof, of a .dzn file or a forum folder."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.progress import Progress


class Definition(StrEnum):
    """What counts as a break."""

    JAIR = "jair"
    AVOIDABLE = "avoidable"


def schedule(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, help="A .dzn file, or a forum folder of CSV tables."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    definition: Annotated[
        Definition,
        typer.Option(help="What a break is: any gap, or only one the participant was free in."),
    ] = Definition.JAIR,
    fairness: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Most by which breaks of two people may differ; left out: 2 for a .dzn file, as "
            "published, any for a folder.",
        ),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=0.1, help="Most seconds; left out: 300 for a .dzn file, 60 for a folder."
        ),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Engines at the same time.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Of the search.")] = 1,
    solution: Annotated[
        Path | None, typer.Option(help="Write the timetable to this JSON file.")
    ] = None,
) -> None:
    """Schedule a forum and prove the timetable as good as can be.

    Of a .dzn file all meetings are held and the objective is the number of breaks. If there is no
    timetable, the proof is printed and the exit code is 1.
    """
    wanted: dict[str, Any] = {
        "definition": definition.value,
        "threads": threads,
        "seed": seed,
    }
    if time_limit is not None:
        wanted["time_limit_s"] = time_limit
    if fairness is not None:
        wanted["fairness"] = fairness
    run = _folder if file.is_dir() else _published
    summary = run(file, wanted, solution, hidden=as_json)
    if as_json:
        typer.echo(json.dumps(summary))
    else:
        for key, value in summary.items():
            if key != "conflict":
                typer.echo(f"{key:<14} {'–' if value is None else value}")
    if summary["status"] == "infeasible":
        typer.echo("No timetable exists:", err=True)
        for line in summary.get("conflict", ()):
            typer.echo(f"  {line}", err=True)
        raise typer.Exit(1)


def _published(
    file: Path, wanted: dict[str, Any], solution: Path | None, *, hidden: bool
) -> dict[str, Any]:
    from coproduce.forum.b2b import Options, read_dzn, write_solution
    from coproduce.forum.b2b import schedule as solve

    problem = read_dzn(file)
    with _progress(hidden) as bars:
        task = bars.add_task("schedule", total=1.0)

        def show(share: float, doing: str) -> None:
            bars.update(task, completed=share, description=doing)

        answer = solve(problem, Options(**wanted, progress=show))
    if solution is not None:
        write_solution(solution, problem, answer)
    return answer.summary()


def _folder(
    folder: Path, wanted: dict[str, Any], solution: Path | None, *, hidden: bool
) -> dict[str, Any]:
    from coproduce.forum.large import Options, schedule_folder, write_answer

    with _progress(hidden) as bars:
        task = bars.add_task("schedule", total=1.0)

        def show(share: float, doing: str) -> None:
            bars.update(task, completed=share, description=doing)

        answer = schedule_folder(folder, Options(**wanted, progress=show))
    if solution is not None:
        write_answer(answer, solution)
    return answer.summary()


def _progress(hidden: bool) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True, disable=hidden)
