"""What the projects room is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from coproduce.records.figures import Figure
from coproduce.records.programme import Programme
from coproduce.records.words import Words


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the room reads.

    Attributes:
        programme: the programme; `gates`, `known_projects`, `stages`, `sites` and
            `site_technologies` are used.
        matches: table `Matches`, best pairs of companies.
        openings: table `Openings` of the joint plan.
        as_of: the day on which the board is looked at; new projects start on it.
    """

    programme: Programme
    matches: pl.DataFrame
    openings: pl.DataFrame
    as_of: date


@dataclass(frozen=True, slots=True)
class Options:
    """How to look.

    Attributes:
        stale_months: evidence older than this is warned about (months).
        z: standard deviations of the interval around a share; 1.96 is 95 %.
    """

    stale_months: float = 18.0
    z: float = 1.96


@dataclass(frozen=True, slots=True)
class Result:
    """What the room found.

    Attributes:
        board: a row per known project: project_id, name_en, name_ru, direction, sector, stage_id,
            region_id, site_id, company_id, partner_company_id, gate_id, gate_no, state,
            reason_code, announced, planned_launch, actual_launch, evidence_date, evidence,
            evidence_age_months (at least), is_stale, status, origin_id.
        attrition: scope (all, direction, stage), direction, stage_id, announced, operating,
            stopped, open, due (launched, stopped or past the planned launch), operate_share with
            low and high (Wilson), due_share with due_low and due_high.
        delays: project_id, planned_launch, actual_launch, delay_years, is_still_open (then the
            delay is at least this).
        kept: project_id, match (site, region), site_id, technology_id, first_output_year,
            is_line_certain (only one kind of line there makes the stage), reason_en, reason_ru:
            announced projects that do not run yet and that the plan builds for certain.
        same_place: the same columns: projects in whose place the plan builds a line of the same
            stage, but whose own line or site is not stated; never counted as kept.
        dropped: project_id, reason_en, reason_ru: those that it does not build.
        proposals: proposal_id, site_id, technology_id, order_year, first_output_year, capex_mn,
            match_id, host_company_id, partner_company_id, owner_company_id (of the line, else of
            the site), is_owner_to_be_won (the owner is not in the proposal; match_id,
            host_company_id and score are null where no pair has the owner as host company),
            stopped_project_ids (given up by this very pair; joined by ;), product_id, stage_id,
            score, gate_id, next_gate_id, entry_criteria (of the next gate), responsible_role,
            approver_role (of the first gate), host_approval, partner_approval, launch_low,
            launch_mode, launch_high, is_in_time (usual launch not after the plan's first output).
        unmatched: site_id, technology_id, order_year: openings for which no pair was found.
        path: gate_id, gate_no, name_en, name_ru, low, mode, high (day on which a project that
            starts at `as_of` leaves the gate), is_before_launch.
        finding: the main numbers in one sentence.
        reasons: sentences, most important first.
        warnings: what a reader must know before trusting a number.
        figures: every number that may be printed.
    """

    board: pl.DataFrame
    attrition: pl.DataFrame
    delays: pl.DataFrame
    kept: pl.DataFrame
    same_place: pl.DataFrame
    dropped: pl.DataFrame
    proposals: pl.DataFrame
    unmatched: pl.DataFrame
    path: pl.DataFrame
    finding: Words
    reasons: tuple[Words, ...]
    warnings: tuple[Words, ...]
    figures: tuple[Figure, ...]


__all__ = ["Inputs", "Options", "Result"]
