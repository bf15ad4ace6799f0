"""What the proofs of the joint plan and of the host alone allow to be said of the gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from coproduce.report.context import Context

if TYPE_CHECKING:
    from coproduce.chain import PlanRun
    from coproduce.records.proof import Proof


def gaps_mn(ctx: Context) -> float:
    """Return what both plans may yet be better by: the sum of their bounds less their worths."""
    return sum(abs(proof.bound - proof.objective) for proof in _proofs(ctx.run))


def untold(ctx: Context) -> tuple[str, ...]:
    """Return the sides whose gain or loss is smaller than the proven gaps together."""
    gaps = gaps_mn(ctx)
    parties = ctx.run.appraisal.parties
    small = parties.filter(pl.col("gain_mn").abs() < gaps)["party_id"]
    return tuple(small.to_list())


def forms_for_both(ctx: Context) -> tuple[int, int] | None:
    """Return under how many forms of deal both sides gain, and of how many; None if unknown."""
    deals = getattr(ctx.run.appraisal, "deals", None)
    if not isinstance(deals, pl.DataFrame) or deals.is_empty():
        return None
    mutual = deals.filter("is_mutual")["deal_id"].n_unique()
    return mutual, deals["deal_id"].n_unique()


def beyond_horizon_share(ctx: Context) -> float | None:
    """Return the part of the plan's worth that lies after the last planned year.

    None where the plan is worth nothing. The rate is the host's, as in the plan's own worth.
    """
    settings, worth = ctx.programme.settings, ctx.run.network.proof.objective
    if worth <= 0:
        return None
    host = ctx.programme["parties"].filter(pl.col("role") == "host")
    rate = float(host["discount_rate_share"][0])
    after = ctx.plan("cash").filter(pl.col("item") == "residual_value")
    age = after["year"].cast(pl.Int64) - settings.base_year
    return float((after["value_mn"] * (1.0 + rate) ** (-age.cast(pl.Float64))).sum()) / worth


def proof_record(proof: Proof) -> dict[str, Any]:
    """Return a proof as plan.json carries it."""
    return {
        "objective": proof.objective,
        "bound": proof.bound,
        "gap": proof.gap_share,
        "status": proof.status,
    }


def warnings(run: PlanRun) -> list[dict[str, str]]:
    """Return every warning of a run with the room that gave it, in both languages."""
    found = [
        {"room": "programme", "en": str(issue), "ru": str(issue)}
        for issue in run.programme.warnings
    ]
    for room in ROOMS:
        for warning in getattr(run, room).warnings:
            found.append({"room": room, "en": warning.en, "ru": warning.ru})
    return found


ROOMS = (
    "today",
    "partners",
    "network",
    "alone",
    "after",
    "appraisal",
    "resilience",
    "safety",
    "forum",
    "projects",
)


def _proofs(run: PlanRun) -> list[Proof]:
    proofs = (run.network.proof, getattr(run.alone, "proof", None))
    return [proof for proof in proofs if proof is not None]


__all__ = [
    "beyond_horizon_share",
    "forms_for_both",
    "gaps_mn",
    "proof_record",
    "untold",
    "warnings",
]
