"""Properties of the measures that hold for any shares."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coproduce.dependence import Inputs, run
from coproduce.dependence.measures import hhi
from tests.worlds import programme

WORLD = programme()
SHARES = st.lists(st.floats(0.001, 1.0), min_size=1, max_size=30)
ROWS = WORLD["sources"].height


@settings(deadline=None)
@given(SHARES)
def test_concentration_lies_between_one_over_n_and_one(shares):
    assert 1 / len(shares) - 1e-12 <= hhi(shares) <= 1 + 1e-12


@settings(deadline=None)
@given(SHARES, st.randoms(use_true_random=False))
def test_concentration_does_not_depend_on_the_order(shares, random):
    turned = random.sample(shares, len(shares))
    assert hhi(turned) == pytest.approx(hhi(shares))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=ROWS, max_size=ROWS), st.booleans())
def test_whatever_the_shares_every_stage_is_counted_once(parts, is_whole):
    """Chain shares of a stage add up to 1, or to the known part of the last stage."""
    keys = ["market_country_id", "product_id", "stage_id"]
    total = pl.col("share_today").sum().over(keys)
    rescale = pl.when(total > (0 if is_whole else 1)).then(pl.col("share_today") / total)
    sources = WORLD["sources"].with_columns(share_today=pl.Series(parts))
    sources = sources.with_columns(share_today=rescale.otherwise(pl.col("share_today")))
    result = run(Inputs(replace(WORLD, tables={**WORLD.tables, "sources": sources})))
    sums = result.exposures.group_by("product_id", "stage_id").agg(pl.col("chain_share").sum())
    assert sums["chain_share"].max() <= 1 + 1e-9
    if is_whole:
        assert sums["chain_share"].min() == pytest.approx(1.0)
        mix = result.supply_mix.group_by("product_id", "stage_id").agg(pl.col("share").sum())
        assert mix["share"].to_list() == pytest.approx([1.0] * mix.height)
    assert result.concentration["hhi"].is_between(0, 1 + 1e-12).all()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.0, 1.0), min_size=ROWS, max_size=ROWS),
    st.sampled_from(WORLD.settings.stage_ids),
    st.sets(st.sampled_from(("PA", "OT", "BL"))),
)
def test_the_whole_chain_is_at_most_the_full_cycle_and_that_at_most_the_last_stage(
    parts, stage_id, members
):
    keys = ["market_country_id", "product_id", "stage_id"]
    total = pl.col("share_today").sum().over(keys)
    sources = WORLD["sources"].with_columns(share_today=pl.Series(parts))
    rescaled = pl.when(total > 1).then(pl.col("share_today") / total)
    sources = sources.with_columns(share_today=rescaled.otherwise(pl.col("share_today")))
    countries = WORLD["countries"].with_columns(
        is_in_bloc=pl.col("is_in_bloc") | pl.col("country_id").is_in(list(members))
    )
    result = run(
        Inputs(
            replace(
                WORLD,
                settings=replace(WORLD.settings, full_cycle_stage_id=stage_id),
                tables={**WORLD.tables, "sources": sources, "countries": countries},
            )
        )
    )
    table, totals = result.self_sufficiency, result.totals
    for less, more in (
        (table["whole_chain_share"], table["full_cycle_share"]),
        (table["full_cycle_share"], table["soft_share"]),
        (table["full_unknown_share"], table["unknown_share"]),
    ):
        assert (less >= 0).all()
        assert (less <= more + 1e-9).all()
    for weight in ("packs", "value"):
        whole, full, soft = (
            getattr(totals, f"{kind}_{weight}_share") for kind in ("whole", "full", "soft")
        )
        assert -1e-9 <= whole <= full + 1e-9 <= soft + 2e-9 <= 1 + 3e-9
