"""What a run leaves behind besides the page: plan.json, figures.json, manifest.json, tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from coproduce.records.columns import STATUSES
from coproduce.report import proven
from coproduce.report.context import Context
from coproduce.report.summary import assumed_share
from coproduce.report.trace import PLAN_PREFIX, PROGRAMME_PREFIX

if TYPE_CHECKING:
    from coproduce.chain import PlanRun

ROOMS = ("today", "partners", "alone", "after", "appraisal", "resilience", "forum", "projects")


def tables(run: PlanRun) -> dict[str, pl.DataFrame]:
    """Return every table of a run by its exported name.

    Names say where a table comes from: ``programme_sites``, ``law_access``, ``plan_openings``,
    ``alone_openings``, ``today_exposures``, ``appraisal_parties`` …
    """
    found = {f"{PROGRAMME_PREFIX}{name}": run.programme[name] for name in run.programme.tables}
    found |= {f"law_{name}": frame for name, frame in run.law.items()}
    found |= {f"{PLAN_PREFIX}{name}": frame for name, frame in run.network.tables.items()}
    found |= {f"alone_{name}": frame for name, frame in run.alone.tables.items()}
    found |= _of_room("network", run.network)
    for room in ROOMS:
        found |= _of_room(room, getattr(run, room))
    found |= _of_room("resilience", run.safety)
    return found


def _of_room(room: str, result: Any) -> dict[str, pl.DataFrame]:
    return {
        f"{room}_{field.name}": value
        for field in fields(result)
        if isinstance(value := getattr(result, field.name), pl.DataFrame)
    }


def write_tables(found: Mapping[str, pl.DataFrame], folder: Path) -> list[Path]:
    """Write each table as Parquet and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, frame in found.items():
        path = folder / f"{name}.parquet"
        frame.write_parquet(path, compression="zstd")
        paths.append(path)
    return paths


def write_json(path: Path, content: Any) -> Path:
    """Write a value as readable JSON and return the path."""
    text = json.dumps(content, ensure_ascii=False, indent=2, default=_plain, allow_nan=False)
    path.write_text(text + "\n", "utf-8")
    return path


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def figures_record(ctx: Context) -> dict[str, Any]:
    """Return all figures and the rule versions they name, enough to trace each of them."""
    return {
        "rule_instant": ctx.programme.settings.rule_instant.isoformat(),
        "statuses": list(STATUSES),
        "figures": [_finite(asdict(figure)) for figure in ctx.register.figures.values()],
        "rules": [dict(rule) for rule in ctx.run.rule_values],
    }


def _finite(record: dict[str, Any]) -> dict[str, Any]:
    """Numbers that JSON does not know are left out rather than written as something else."""
    return {name: None if isinstance(v, float) and v - v != 0 else v for name, v in record.items()}


def plan_record(ctx: Context) -> dict[str, Any]:
    """Return plan.json: the answer for machines. Money is in whole units of its currency."""
    run, settings = ctx.run, ctx.programme.settings
    proof = run.network.proof
    value = ctx.register.value
    return {
        "programme": settings.programme_id,
        "title": dict(settings.title),
        "rule_instant": settings.rule_instant.isoformat(),
        "scenario_id": settings.scenario_id,
        "deal_id": settings.deal_id,
        "first_year": settings.first_year,
        "last_year": settings.last_year,
        "status": proof.status,
        "objective": proof.objective,
        "bound": proof.bound,
        "gap": proof.gap_share,
        "alternative_proof": proven.proof_record(run.alone.proof),
        "objective_unit": f"{settings.currency} mn, {settings.price_base}",
        "seconds": sum(run.seconds.values()),
        "seconds_by_room": dict(run.seconds),
        "openings": _openings(ctx),
        "parties": _parties(ctx),
        "self_sufficiency": _pair(value, "self_sufficiency"),
        "self_sufficiency_last_stage": _pair(value, "self_sufficiency_soft"),
        "exposure": _pair(value, "exposure"),
        "expected_shortage": _pair(value, "expected_shortage"),
        "assumed_share": assumed_share(run.network.tables["cash"]),
        "gaps": _whole(proven.gaps_mn(ctx)),
        "parties_untold_within_gaps": list(proven.untold(ctx)),
        "deal_forms_for_both": proven.forms_for_both(ctx),
        "beyond_horizon_share": proven.beyond_horizon_share(ctx),
        "warnings": proven.warnings(run),
        "rule_notes": [{"en": note.en, "ru": note.ru} for note in run.rule_notes],
    }


def manifest_record(run: PlanRun) -> dict[str, Any]:
    """Return manifest.json: what was run, its proofs and every warning that the run gave."""
    return {
        **run.manifest,
        "alternative_proof": run.alone.proof.as_dict(),
        "warnings": [f"{found['room']}: {found['en']}" for found in proven.warnings(run)],
    }


def _pair(value: Any, name: str) -> dict[str, float | None]:
    return {when: value(f"summary.{name}.{when}") for when in ("before", "after")}


def _openings(ctx: Context) -> list[dict[str, Any]]:
    sites = ctx.programme["sites"].select("site_id", site="name_en", lat="lat", lon="lon")
    openings = ctx.plan("openings").join(sites, on="site_id", how="left")
    return openings.sort("year", "site_id", "technology_id", "module_id").to_dicts()


def _parties(ctx: Context) -> list[dict[str, Any]]:
    settings = ctx.programme.settings
    found = []
    for row in ctx.run.appraisal.parties.iter_rows(named=True):
        found.append(
            {
                "party_id": row["party_id"],
                "npv": _whole(row["npv_mn"]),
                "best_alternative_id": row["best_alternative_id"],
                "best_alternative_npv": _whole(row["best_alternative_npv_mn"]),
                "gain": _whole(row["gain_mn"]),
                "irr_share": row["irr_share"],
                "payback_years": row["payback_years"],
                "currency": settings.currency,
                "price_base": settings.price_base,
            }
        )
    return found


def _whole(value_mn: float | None) -> float | None:
    return None if value_mn is None else value_mn * 1e6
