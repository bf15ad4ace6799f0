"""The partners room's one call."""

from __future__ import annotations

import polars as pl

from coproduce.partners import checks, explain
from coproduce.partners.score import KEY, WEIGHTS, candidates
from coproduce.partners.types import Inputs, Options, Result
from coproduce.records.handover import Matches

TERMS = ["match_id", "side", "term", "value", "weight", "contribution"]


def run(inputs: Inputs, options: Options | None = None) -> Result:
    """Return pairs of companies that could make something together, best first, with reasons.

    Args:
        inputs: the programme and today's exposures.
        options: how many matches to keep.

    Raises:
        ModelError: M001 if the sides are not clear.
        UsageError: M002, M003, see `checks`.
    """
    options = options or Options()
    checks.options_make_sense(options)
    checks.exposures_are_of_this_programme(inputs)
    programme = inputs.programme
    pairs = candidates(
        programme,
        inputs.exposures,
        checks.side_country(programme, "host"),
        checks.side_country(programme, "partner"),
    ).filter(pl.col("score") > 0)
    is_screened = pl.col("is_host_screened") | pl.col("is_partner_screened")
    chosen = best(pairs.filter(~is_screened), options).with_columns(
        match_id=pl.concat_str(KEY, separator="__")
    )
    found = explain.Found(
        programme=programme,
        chosen=chosen,
        withheld=withheld(pairs.filter(is_screened)),
        considered=pairs.height,
    )
    return Result(
        matches=Matches.validate(explain.with_reasons(found).select(Matches.column_names())),
        terms=terms(chosen),
        withheld=found.withheld,
        considered=found.considered,
        finding=explain.finding(found),
        reasons=explain.reasons(found),
        warnings=explain.warnings(found),
        figures=explain.figures(found),
    )


def best(pairs: pl.DataFrame, options: Options) -> pl.DataFrame:
    """Return the best of pairs sorted best first, at most as many as the options allow."""
    for key, most in (
        (["host_company_id", "product_id", "stage_id"], options.per_want_n),
        (["host_company_id", "partner_company_id"], options.per_pair_n),
        (["product_id"], options.per_product_n),
    ):
        pairs = pairs.filter(pl.int_range(pl.len()).over(key) < most)
    return pairs.head(options.top_n)


def terms(chosen: pl.DataFrame) -> pl.DataFrame:
    """Return what each term gives to each match; a side's contributions add up to its score."""
    parts = [
        chosen.select(
            "match_id",
            side=pl.lit(side),
            term=pl.lit(term),
            value=pl.col(term),
            weight=pl.lit(weight),
            contribution=pl.col(term) * weight,
        )
        for side, weights in WEIGHTS.items()
        for term, weight in weights.items()
    ]
    return pl.concat(parts).select(TERMS).sort("match_id", "side", "term")


def withheld(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the screened companies with what was withheld because of them."""
    parts = [
        pairs.filter(f"is_{side}_screened").select(
            "score", company_id=f"{side}_company_id", side=pl.lit(side)
        )
        for side in ("host", "partner")
    ]
    return (
        pl.concat(parts)
        .group_by("company_id", "side")
        .agg(matches_withheld=pl.len(), best_score=pl.col("score").max())
        .sort(["best_score", "company_id"], descending=[True, False])
    )
