"""Known projects at their gates, and which of them the plan would keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from coproduce.projects.dates import last_day, months_between
from coproduce.records.programme import Programme

BOARD_COLUMNS = (
    "project_id",
    "name_en",
    "name_ru",
    "direction",
    "sector",
    "stage_id",
    "region_id",
    "site_id",
    "company_id",
    "partner_company_id",
    "gate_id",
    "gate_no",
    "state",
    "reason_code",
    "announced",
    "planned_launch",
    "actual_launch",
    "evidence_date",
    "evidence",
    "evidence_age_months",
    "is_stale",
    "status",
    "origin_id",
)


def board(programme: Programme, as_of: date, stale_months: float) -> pl.DataFrame:
    """Return known projects by gate; evidence is as old as its date says at least."""
    gates = programme["gates"].select("gate_id", "gate_no")
    rows = programme["known_projects"].join(gates, on="gate_id", how="left")
    ages = [months_between(last_day(when), as_of) for when in rows["evidence_date"]]
    return (
        rows.with_columns(
            evidence_age_months=pl.Series(ages, dtype=pl.Float64).clip(lower_bound=0.0)
        )
        .with_columns(is_stale=pl.col("evidence_age_months") > stale_months)
        .sort("gate_no", "project_id")
        .select(BOARD_COLUMNS)
    )


def kept(programme: Programme, openings: pl.DataFrame) -> pl.DataFrame:
    """Return, for each announced project that does not run yet, whether the plan builds the same.

    The same means: an opening at the project's site, or in its region where it names no site,
    with a technology that makes the project's stage.
    """
    plan = _Plan(programme, openings)
    schema: dict[str, type[pl.DataType]] = {
        "project_id": pl.String,
        "is_kept": pl.Boolean,
        "match": pl.String,
        "site_id": pl.String,
        "technology_id": pl.String,
        "first_output_year": pl.Int32,
        "reason_en": pl.String,
        "reason_ru": pl.String,
    }
    waiting = programme["known_projects"].filter(pl.col("state") != "operating")
    rows = [_kept(row, plan) for row in waiting.sort("project_id").iter_rows(named=True)]
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True, slots=True)
class _Found:
    site_id: str
    technology_id: str
    first_output_year: int


class _Plan:
    """The openings of a plan by place and by the stages they make."""

    def __init__(self, programme: Programme, openings: pl.DataFrame) -> None:
        self.region = dict(programme["sites"].select("site_id", "region_id").iter_rows())
        made = programme["stages"].filter(pl.col("technology_id").is_not_null())
        self.stages: dict[str, set[str]] = {}
        for technology_id, stage_id in made.select("technology_id", "stage_id").iter_rows():
            self.stages.setdefault(technology_id, set()).add(stage_id)
        columns = ("site_id", "technology_id", "first_output_year")
        self.openings = [
            _Found(*row)
            for row in openings.select(columns).sort("first_output_year", "site_id").iter_rows()
        ]

    def find(
        self, stage_id: str | None, *, site_id: str | None = None, region_id: str | None = None
    ) -> _Found | None:
        """Return the first opening of a stage at a site or in a region."""
        for one in self.openings:
            is_here = (
                one.site_id == site_id if site_id else self.region.get(one.site_id) == region_id
            )
            if is_here and stage_id in self.stages.get(one.technology_id, set()):
                return one
        return None


def _kept(row: dict[str, Any], plan: _Plan) -> tuple[Any, ...]:
    if row["direction"] == "host_in_partner":
        return _not_kept(
            row,
            "it stands in the partner's country, which the plan does not cover",
            "он в стране партнёра, план её не охватывает",
        )
    if row["stage_id"] is None:
        return _not_kept(row, "its stage is not known", "стадия проекта неизвестна")
    if row["site_id"]:
        found, match = plan.find(row["stage_id"], site_id=row["site_id"]), "site"
        place_en, place_ru = f"at {row['site_id']}", f"на площадке {row['site_id']}"
    elif row["region_id"]:
        found, match = plan.find(row["stage_id"], region_id=row["region_id"]), "region"
        place_en, place_ru = f"in {row['region_id']}", f"в регионе {row['region_id']}"
    else:
        return _not_kept(row, "its place is not known", "место проекта неизвестно")
    stage = row["stage_id"]
    if found is None:
        return _not_kept(
            row,
            f"the plan opens nothing that makes {stage} {place_en}",
            f"план не открывает производства стадии {stage} {place_ru}",
        )
    state_en = "" if row["state"] == "active" else f"; it would be revived ({row['state']} now)"
    state_ru = (
        "" if row["state"] == "active" else f"; его нужно возобновить (сейчас {row['state']})"
    )
    return (
        row["project_id"],
        True,
        match,
        found.site_id,
        found.technology_id,
        found.first_output_year,
        f"the plan makes {stage} {place_en} from {found.first_output_year}{state_en}",
        f"план выпускает стадию {stage} {place_ru} с {found.first_output_year} года{state_ru}",
    )


def _not_kept(row: dict[str, Any], reason_en: str, reason_ru: str) -> tuple[Any, ...]:
    return (row["project_id"], False, "none", None, None, None, reason_en, reason_ru)


__all__ = ["board", "kept"]
