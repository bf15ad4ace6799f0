"""Named checks before the work: what is wrong raises, what is doubtful warns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from coproduce.appraisal.types import Inputs, Options
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.words import Words, in_full, in_percent

NEEDED_TABLES = ("openings", "production", "purchases", "sales", "supply", "cash")
TOLERANCE_SHARE = 0.01


def check(inputs: Inputs, options: Options) -> tuple[Words, ...]:
    """Return warnings.

    Raises:
        UsageError: for an unknown deal or a share out of range.
        ModelError: if a plan table is missing or reaches outside the horizon.
    """
    deal_is_known(inputs, options)
    plans_are_whole(inputs)
    warnings = [
        *capital_cost_agrees(inputs.joint),
        *alone_owes_nothing(inputs.alone),
        *gaps_are_small(inputs),
    ]
    return tuple(warnings)


def deal_is_known(inputs: Inputs, options: Options) -> None:
    """Raise unless the deal is in `deals` and the options are in range."""
    deal_id = options.deal_id or inputs.programme.settings.deal_id
    known = inputs.programme["deals"]["deal_id"].to_list()
    if deal_id not in known:
        raise UsageError(
            f"there is no deal {deal_id!r}; there are: {', '.join(known)}", code="A001"
        )
    if not 0.0 <= options.loss_use_limit_share <= 1.0:
        raise UsageError(
            f"loss_use_limit_share is {options.loss_use_limit_share}; it must lie in 0-1",
            code="A002",
        )


def plans_are_whole(inputs: Inputs) -> None:
    """Raise if a plan lacks a table or has years outside the horizon."""
    years = inputs.programme.settings.years
    for name, plan in (("joint", inputs.joint), ("alone", inputs.alone)):
        missing = [table for table in NEEDED_TABLES if table not in plan]
        if missing:
            raise ModelError(
                f"the {name} plan lacks the tables {', '.join(missing)}", code="A107", where=name
            )
        for table in ("cash", "sales", "purchases"):
            outside = sorted(set(plan[table]["year"]) - set(years))
            if outside:
                raise ModelError(
                    f"{table} of the {name} plan has the year {outside[0]}, outside the horizon "
                    f"{years[0]}-{years[-1]}",
                    code="A108",
                    where=f"{name}.{table}",
                )


def capital_cost_agrees(joint: Mapping[str, pl.DataFrame]) -> Iterator[Words]:
    """Warn if the plan's cash and its openings differ on capital cost."""
    booked = -float(joint["cash"].filter(pl.col("item") == "capex")["value_mn"].sum())
    ordered = float(joint["openings"]["capex_mn"].sum())
    if abs(booked - ordered) > TOLERANCE_SHARE * max(abs(booked), abs(ordered), 1e-9):
        cash, list_of = in_full(booked, 1), in_full(ordered, 1)
        yield Words(
            f"Capital cost is {cash.en} mn in the plan's cash and {list_of.en} mn in its "
            "openings; depreciation follows the openings.",
            f"Капитальные затраты в денежном потоке плана — {cash.ru} млн, а по списку "
            f"объектов — {list_of.ru} млн; амортизация считается по списку объектов.",
        )


def alone_owes_nothing(alone: Mapping[str, pl.DataFrame]) -> Iterator[Words]:
    """Warn if the plan of the host alone books a royalty: it is left out."""
    royalty = float(alone["cash"].filter(pl.col("item") == "royalty")["value_mn"].sum())
    if abs(royalty) > 1e-9:
        booked = in_full(-royalty, 1)
        yield Words(
            f"The plan of the host alone books a royalty of {booked.en} mn; it is left out, "
            "because there is no partner to receive it.",
            f"В плане принимающей стороны без партнёра учтено роялти {booked.ru} млн; оно "
            "исключено: получать его некому.",
        )


def proven_gaps_mn(inputs: Inputs) -> float:
    """Return what both plans may yet be better by (base mn): a smaller gain proves nothing."""
    proofs = (inputs.joint_proof, inputs.alone_proof)
    return sum(abs(proof.bound - proof.objective) for proof in proofs if proof is not None)


def gaps_are_small(inputs: Inputs) -> Iterator[Words]:
    """Warn if a plan is not proven within one percent: gains smaller than its gap mean little."""
    for proof, en, ru in (
        (inputs.joint_proof, "joint plan", "Совместный план"),
        (inputs.alone_proof, "plan of the host alone", "План принимающей стороны без партнёра"),
    ):
        if proof is not None and proof.gap_share > TOLERANCE_SHARE + 1e-9:
            gap = in_percent(proof.gap_share)
            yield Words(
                f"The {en} is proven only within {gap.en}; gains smaller than that "
                "may belong to the search and not to the deal.",
                f"{ru} доказан лишь с разрывом {gap.ru}; меньший выигрыш "
                "может быть следствием неполного поиска, а не сделки.",
            )


__all__ = ["check", "proven_gaps_mn"]
