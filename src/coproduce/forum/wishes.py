"""Wishes: directed requests and suggested meetings folded into one row per pair."""

from __future__ import annotations

import polars as pl

from coproduce.records.programme import Programme

WEIGHT_STEP = 10_000
"""Weights are taken to the nearest 1/10,000, so that the solver's whole numbers are exact."""

WISHES = {
    "participant_a_id": pl.String,
    "participant_b_id": pl.String,
    "kind": pl.String,
    "value": pl.Float64,
    "is_suggested": pl.Boolean,
    "asked_by": pl.String,
}
PAIR = ["participant_a_id", "participant_b_id"]


def wishes(
    programme: Programme, matches: pl.DataFrame | None, suggested_weight: float
) -> pl.DataFrame:
    """Return one row per pair that somebody wishes, or refuses, to meet; sorted by pair.

    The worth of a pair is the sum of both sides' weights and of its suggestion. ``never`` of one
    side rules the pair out; ``must`` of one side makes it a must. A pair that only a match asks
    for is marked as suggested.

    Args:
        programme: `requests` and `participants`.
        matches: table `Matches`, or None.
        suggested_weight: worth of a suggestion with score 1 (weight).
    """
    asked = _ordered(
        programme["requests"].select("kind", "weight", a="participant_id", b="wanted_id")
    ).with_columns(side=pl.when("is_turned").then(pl.lit("b")).otherwise(pl.lit("a")))
    suggested = _suggestions(programme, matches, suggested_weight)
    every = pl.concat([asked.select(*PAIR, "kind", "weight", "side"), suggested])
    kind = pl.col("kind")
    sides = pl.col("side").filter(kind != "suggested").unique().sort()
    both = pl.when(sides.len() == 2).then(pl.lit("both")).otherwise(sides.first())
    return (
        every.group_by(PAIR)
        .agg(
            kind=pl.when((kind == "never").any())
            .then(pl.lit("never"))
            .when((kind == "must").any())
            .then(pl.lit("must"))
            .otherwise(pl.lit("meet")),
            value=(pl.col("weight").sum() * WEIGHT_STEP).round() / WEIGHT_STEP,
            is_suggested=(kind == "suggested").all(),
            asked_by=pl.when((kind == "suggested").all()).then(pl.lit("match")).otherwise(both),
        )
        .with_columns(
            value=pl.when(pl.col("kind") == "never").then(0.0).otherwise(pl.col("value"))
        )
        .select(*WISHES)
        .sort(PAIR)
    )


def _ordered(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs with the smaller id first, so that both directions are the same pair."""
    turned = pl.col("a") > pl.col("b")
    return pairs.with_columns(
        is_turned=turned,
        participant_a_id=pl.when(turned).then("b").otherwise("a"),
        participant_b_id=pl.when(turned).then("a").otherwise("b"),
    )


def _suggestions(
    programme: Programme, matches: pl.DataFrame | None, suggested_weight: float
) -> pl.DataFrame:
    schema = {**dict.fromkeys([*PAIR, "kind"], pl.String), "weight": pl.Float64, "side": pl.String}
    if matches is None or matches.is_empty() or suggested_weight <= 0:
        return pl.DataFrame(schema=schema)
    speaker = (
        programme["participants"]
        .filter(pl.col("company_id").is_not_null())
        .group_by("company_id")
        .agg(pl.col("participant_id").min())
    )
    host = speaker.select(host_company_id="company_id", a="participant_id")
    partner = speaker.select(partner_company_id="company_id", b="participant_id")
    best = matches.group_by("host_company_id", "partner_company_id").agg(pl.col("score").max())
    joined = best.join(host, on="host_company_id").join(partner, on="partner_company_id")
    return _ordered(joined.filter(pl.col("a") != pl.col("b"))).select(
        *PAIR,
        kind=pl.lit("suggested"),
        weight=pl.col("score") * suggested_weight,
        side=pl.lit("match"),
    )
