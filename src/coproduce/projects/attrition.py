"""How announced projects fared: what share operates, how late they launched."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from coproduce.projects.dates import last_day, middle, years_between

STOPPED = ("parked", "frozen", "cancelled", "no_trace")
Row = dict[str, Any]


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval of a share.

    Args:
        successes, trials: counts; without trials nothing is known: (0, 1).
        z: standard deviations, 1.96 for 95 %.

    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927).

    Example:
        >>> low, high = wilson(1, 10)
        >>> round(low, 4), round(high, 4)
        (0.0179, 0.4042)
    """
    if trials == 0:
        return 0.0, 1.0
    share, spread = successes / trials, z * z / trials
    centre = share + spread / 2.0
    half = z * math.sqrt(share * (1.0 - share) / trials + spread / (4.0 * trials))
    low, high = (centre - half) / (1.0 + spread), (centre + half) / (1.0 + spread)
    return max(0.0, min(low, share)), min(1.0, max(high, share))


def attrition(projects: pl.DataFrame, as_of: date, z: float) -> pl.DataFrame:
    """Return counts and shares of announced projects: all, by direction, by stage."""
    rows = projects.to_dicts()
    groups: list[tuple[str, str | None, str | None, list[Row]]] = [("all", None, None, rows)]
    for direction in sorted({row["direction"] for row in rows}):
        mine = [row for row in rows if row["direction"] == direction]
        groups.append(("direction", direction, None, mine))
    for stage_id in sorted({row["stage_id"] for row in rows if row["stage_id"]}):
        mine = [row for row in rows if row["stage_id"] == stage_id]
        groups.append(("stage", None, stage_id, mine))
    made = [
        {"scope": scope, "direction": direction, "stage_id": stage_id, **_counts(mine, as_of, z)}
        for scope, direction, stage_id, mine in groups
    ]
    return pl.DataFrame(made, schema_overrides={"direction": pl.String, "stage_id": pl.String})


def delays(projects: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return how late each project launched, or how late it is already."""
    schema = {
        "project_id": pl.String,
        "planned_launch": pl.String,
        "actual_launch": pl.String,
        "delay_years": pl.Float64,
        "is_still_open": pl.Boolean,
    }
    return pl.DataFrame(list(_delays(projects, as_of)), schema=schema, orient="row")


def median_delays(table: pl.DataFrame) -> tuple[float | None, float | None]:
    """Return the median delay of launched projects, and that of all with a due date, at least.

    In the second, a project that has not launched counts with its delay so far, so the true
    median is no smaller.
    """
    launched = table.filter(~pl.col("is_still_open"))["delay_years"].median()
    everyone = table["delay_years"].median()
    return _number(launched), _number(everyone)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _counts(rows: list[Row], as_of: date, z: float) -> dict[str, int | float]:
    operating = sum(row["state"] == "operating" for row in rows)
    stopped = sum(row["state"] in STOPPED for row in rows)
    due = sum(_is_due(row, as_of) for row in rows)
    low, high = wilson(operating, len(rows), z)
    due_low, due_high = wilson(operating, due, z)
    return {
        "announced": len(rows),
        "operating": operating,
        "stopped": stopped,
        "open": len(rows) - operating - stopped,
        "due": due,
        "operate_share": operating / len(rows) if rows else 0.0,
        "low": low,
        "high": high,
        "due_share": operating / due if due else 0.0,
        "due_low": due_low,
        "due_high": due_high,
    }


def _is_due(row: Row, as_of: date) -> bool:
    """Return whether it should be known by now what became of the project."""
    if row["state"] == "operating" or row["state"] in STOPPED:
        return True
    planned = row["planned_launch"]
    return planned is not None and last_day(planned) < as_of


def _delays(projects: pl.DataFrame, as_of: date) -> Iterator[tuple[Any, ...]]:
    for row in projects.sort("project_id").iter_rows(named=True):
        planned, actual = row["planned_launch"], row["actual_launch"]
        if planned is None:
            continue
        if actual is not None:
            late = years_between(middle(planned), middle(actual))
            yield row["project_id"], planned, actual, late, False
        elif row["state"] != "operating" and last_day(planned) < as_of:
            # The least that is sure: from the last day that was meant.
            late = years_between(last_day(planned), as_of)
            yield row["project_id"], planned, None, late, True


__all__ = ["STOPPED", "attrition", "delays", "median_delays", "wilson"]
