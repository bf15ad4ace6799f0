"""`coproduce plan`: the main job, the whole chain."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coproduce.records.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import Progress

    from coproduce.chain import PlanRun
    from coproduce.records.programme import Programme


class Language(StrEnum):
    """Languages of a report."""

    EN = "en"
    RU = "ru"


def plan(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Programme folder, XLSX or built-in name; else the default."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("out"),
    lang: Annotated[
        Language, typer.Option("--lang", help="Language of the report.")
    ] = Language.EN,
    scenario: Annotated[str | None, typer.Option(help="Future to plan for.")] = None,
    deal: Annotated[str | None, typer.Option(help="Deal form to plan for.")] = None,
    rule_instant: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Take law as published up to this day."),
    ] = None,
    gap: Annotated[float, typer.Option(min=0.0, max=1.0, help="Gap that is good enough.")] = 0.01,
    time_limit: Annotated[
        float, typer.Option(min=1.0, help="Most seconds for one optimisation.")
    ] = 120.0,
    threads: Annotated[int, typer.Option(min=1, max=64)] = 2,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print plan.json to stdout.")] = False,
) -> None:
    """Plan a programme: dependence, partners, network, appraisal, resilience, forum, projects.

    Writes report.html, plan.xlsx, plan.json, figures.json, manifest.json and tables/*.parquet.

    Example: coproduce plan my-programme --out out --lang ru --rule-instant 2025-06-01
    """
    _refuse_bad_out(out)
    from coproduce.chain import PlanOptions
    from coproduce.chain import plan as run_plan
    from coproduce.report import write_outputs

    programme = _read(folder)
    options = PlanOptions(
        scenario_id=scenario,
        deal_id=deal,
        rule_instant=_as_date(rule_instant),
        gap_share=gap,
        time_limit_s=time_limit,
        threads=threads,
        seed=seed,
    )
    with _progress(hidden=as_json) as bars:
        task = bars.add_task("starting", total=1.0)

        def show(share_done: float, doing: str) -> None:
            bars.update(task, completed=share_done, description=doing)

        run = run_plan(programme, options, progress=show)
        show(0.97, "report")
        write_outputs(run, out, lang.value)
        show(1.0, "done")
    _say(run, out, lang.value, as_json=as_json)


def _as_date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _refuse_bad_out(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(
            f"{out} is a file; give --out a folder that is empty or holds an earlier plan",
            code="U001",
        )
    if out.is_dir() and any(out.iterdir()) and not (out / "manifest.json").exists():
        raise UsageError(
            f"{out} holds files that no plan wrote; give --out an empty or new folder",
            code="U002",
        )


def _read(folder: Path | None) -> Programme:
    from coproduce.programmes import located
    from coproduce.rules import load
    from coproduce.rules.regimes import regime_ids
    from coproduce.sources import read_programme

    return read_programme(located(folder), known_regimes=regime_ids(load()))


def _progress(*, hidden: bool) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<48}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=hidden,
    )


def _say(run: PlanRun, out: Path, lang: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo((out / "plan.json").read_text(encoding="utf-8"))
        return
    proof = run.network.proof
    for room in (run.network, run.after, run.appraisal, run.resilience):
        typer.echo(room.finding.in_language(lang))
    typer.echo(
        f"Plan value {proof.objective:,.0f} {proof.unit}, bound {proof.bound:,.0f}, "
        f"gap {proof.gap_share:.2%}, {proof.engine}, {sum(run.seconds.values()):.1f} s in all."
    )
    typer.echo(f"Open {out / 'report.html'}")
