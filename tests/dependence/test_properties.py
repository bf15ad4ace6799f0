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
    sufficiency = result.self_sufficiency
    assert (sufficiency["full_cycle_share"] <= sufficiency["soft_share"] + 1e-9).all()
