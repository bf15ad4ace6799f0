"""Known projects at their gates, and which of them the plan would keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from coproduce.projects.dates import last_day, months_between
from coproduce.projects.words import STATES
from coproduce.records.programme import Programme
from coproduce.records.words import Words

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


KEPT, SAME_PLACE, DROPPED = "kept", "same_place", "dropped"


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


def fates(programme: Programme, openings: pl.DataFrame) -> pl.DataFrame:
    """Return, for each announced project that does not run yet, whether the plan builds it.

    The same means: an opening at the project's site with a technology that makes the project's
    stage, where no other kind of line could. Where another could, or where the project names only
    its region, it is the same place but not surely the same line. A project without trace is
    never kept, since there is nothing left to keep.
    """
    plan = _Plan(programme, openings)
    schema: dict[str, type[pl.DataType]] = {
        "project_id": pl.String,
        "fate": pl.String,
        "match": pl.String,
        "site_id": pl.String,
        "technology_id": pl.String,
        "first_output_year": pl.Int32,
        "is_line_certain": pl.Boolean,
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
        possible = programme["site_technologies"].select("site_id", "technology_id").iter_rows()
        self.possible = list(possible)
        columns = ("site_id", "technology_id", "first_output_year")
        self.openings = [
            _Found(*row)
            for row in openings.select(columns).sort("first_output_year", "site_id").iter_rows()
        ]
        self.names = {
            key: dict(
                zip(
                    programme[table][f"{key}_id"],
                    programme[table].select("name_en", "name_ru").iter_rows(),
                    strict=True,
                )
            )
            for table, key in (
                ("sites", "site"),
                ("technologies", "technology"),
                ("regions", "region"),
            )
        }

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

    def is_line_certain(self, found: _Found, stage_id: str) -> bool:
        """Return whether no other kind of line at that site could make the stage."""
        lines = {
            technology_id
            for site_id, technology_id in self.possible
            if site_id == found.site_id and stage_id in self.stages.get(technology_id, set())
        }
        return len(lines) <= 1


def _kept(row: dict[str, Any], plan: _Plan) -> tuple[Any, ...]:
    if row["direction"] == "host_in_partner":
        return _not_kept(
            row,
            "it stands in the partner's country, which the plan does not cover",
            "он в стране партнёра, план её не охватывает",
        )
    if row["stage_id"] is None:
        return _not_kept(row, "its stage is not known", "стадия проекта неизвестна")
    match = "site" if row["site_id"] else "region"
    place_id = row[f"{match}_id"]
    if place_id is None:
        return _not_kept(row, "its place is not known", "место проекта неизвестно")
    if row["state"] == "no_trace":
        return _not_kept(row, "no trace of it is left", "следов проекта не осталось")
    found = plan.find(row["stage_id"], **{f"{match}_id": place_id})
    place_en, place_ru = plan.names[match][place_id]
    if found is None:
        return _not_kept(
            row,
            f"the plan opens no line of its stage here: {place_en}",
            f"план не открывает здесь линию той же стадии: {place_ru}",
        )
    certain = match == "site" and plan.is_line_certain(found, row["stage_id"])
    reason = _why_kept(row, plan, found, Words(place_en, place_ru), is_certain=certain)
    where = (found.site_id, found.technology_id, found.first_output_year)
    fate = KEPT if certain else SAME_PLACE
    return (row["project_id"], fate, match, *where, certain, reason.en, reason.ru)


def _why_kept(
    row: dict[str, Any], plan: _Plan, found: _Found, place: Words, *, is_certain: bool
) -> Words:
    line_en, line_ru = plan.names["technology"][found.technology_id]
    said = Words(
        f"the plan makes the same stage here ({place.en}: {line_en}) from "
        f"{found.first_output_year}",
        f"план выпускает здесь ту же стадию ({place.ru}: {line_ru}) с "
        f"{found.first_output_year} года",
    )
    if not is_certain:
        said = Words(
            f"same place, line not stated: {said.en}; compare the lines",
            f"то же место, линия не указана: {said.ru}; сверьте тип линии",
        )
    if row["state"] != "active":
        state = STATES[row["state"]]
        said = Words(
            f"{said.en}; it would be revived (now {state.en})",
            f"{said.ru}; проект пришлось бы возобновить (сейчас {state.ru})",
        )
    return said


def _not_kept(row: dict[str, Any], reason_en: str, reason_ru: str) -> tuple[Any, ...]:
    return (row["project_id"], DROPPED, "none", None, None, None, None, reason_en, reason_ru)


__all__ = ["DROPPED", "KEPT", "SAME_PLACE", "board", "fates"]
