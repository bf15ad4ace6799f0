"""`coproduce risk history`: how long shortages last, from lists with censoring respected."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coproduce.records.errors import UsageError

if TYPE_CHECKING:
    from coproduce.resilience.history.spells import Spells
    from coproduce.resilience.history.survival import Curve, Fit

PLAIN = "spells"


def history(
    files: Annotated[list[Path], typer.Argument(help="Copies of a list, or one file of spells.")],
    layout: Annotated[
        str,
        typer.Option(
            help="How the files say it: a layout by name, or 'spells' for the plain form."
        ),
    ] = "yearly_snapshots",
    layouts_file: Annotated[
        Path | None, typer.Option("--layouts", help="CSV of further layouts in place of ours.")
    ] = None,
    curve: Annotated[
        bool, typer.Option("--curve", help="Add the survival curve to --json.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Fit how long shortages last: Kaplan–Meier, exponential, Weibull and lognormal.

    The dates of a list are administrative: when an entry was posted and closed, not when a plant
    stopped and came back.
    """
    from coproduce.resilience.history.survival import best_fit, kaplan_meier

    found = _read(files, layout, layouts_file)
    drawn, laws = kaplan_meier(found.spells), best_fit(found.spells)
    if as_json:
        typer.echo(json.dumps(_record(found, drawn, laws, has_curve=curve), indent=2))
        return
    _say(found, drawn, laws)


def _read(files: list[Path], layout: str, layouts_file: Path | None) -> Spells:
    from coproduce.resilience.history.spells import layouts, read_snapshots, read_spells

    if layout == PLAIN:
        if len(files) != 1:
            raise UsageError("give one file of spells", code="S113")
        return read_spells(files[0])
    known = layouts(layouts_file)
    if layout not in known:
        raise UsageError(
            f"there is no layout {layout!r}; there are: {', '.join([PLAIN, *known])}", code="S113"
        )
    return read_snapshots(files, known[layout])


def _record(
    found: Spells, drawn: Curve, laws: tuple[Fit, ...], *, has_curve: bool
) -> dict[str, Any]:
    record: dict[str, Any] = {
        "rows": found.rows,
        "spells": len(found.spells),
        "kinds": dict(Counter(spell.kind for spell in found.spells)),
        "began_before_first_copy": found.began_before,
        "rows_without_item": found.unnamed,
        "median_days": drawn.median_days,
        "laws": [{**asdict(one), "mean_years": one.mean_years} for one in laws],
        "recovery_years": laws[0].mean_years,
    }
    if has_curve:
        record["curve"] = {
            name: [float(one) for one in getattr(drawn, name)]
            for name in ("days", "survival", "low", "high")
        }
    return record


def _say(found: Spells, drawn: Curve, laws: tuple[Fit, ...]) -> None:
    kinds = Counter(spell.kind for spell in found.spells)
    counted = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    typer.echo(
        f"{found.rows:,} rows, {len(found.spells):,} spells ({counted}); left out: "
        f"{found.began_before:,} that began before the first copy, {found.unnamed:,} rows "
        "without an item"
    )
    median = "not reached" if drawn.median_days is None else f"{drawn.median_days:,.0f} days"
    typer.echo(f"median (Kaplan–Meier): {median}")
    for one in laws:
        typer.echo(
            f"{one.law:<12} mean {one.mean_years:.2f} years "
            f"({one.mean_low_days / 365.25:.2f}–{one.mean_high_days / 365.25:.2f}), shape "
            f"{one.shape:.3f}, median {one.median_days:,.0f} days, AIC {one.aic:,.1f}"
        )
    typer.echo("Dates of a list are administrative, not the time a plant needs to come back.")
