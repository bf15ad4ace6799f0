"""Partners on the world two_regions: who is proposed, why, and who never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from coproduce.partners import Inputs, Options, Result, run
from coproduce.partners.score import WEIGHTS, scored
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.handover import Exposures
from coproduce.records.programme import Programme
from tests.worlds import programme, rows, settings

WORLD = programme()
EXPOSURES = Exposures.validate(
    pl.DataFrame(
        [
            ("alpha", "api", "PA", 0.6, 0.77, 0.46),
            ("alpha", "api", "HO", 0.1, 0.95, 0.46),
            ("beta", "api", "PA", 0.8, 0.9, 0.68),
        ],
        schema=Exposures.column_names(),
        orient="row",
    )
)


def world_with(**changes) -> Programme:
    """Return the world with some tables changed, each by a function."""
    changed = {name: change(WORLD[name]) for name, change in changes.items()}
    return replace(WORLD, tables={**WORLD.tables, **changed})


def match(world=WORLD, exposures=EXPOSURES, **options) -> Result:
    return run(Inputs(world, exposures), Options(**options))


def term(result: Result, match_id: str, name: str) -> float:
    return result.terms.filter(match_id=match_id, term=name)["value"][0]


def test_the_maker_of_the_missing_substance_comes_first():
    best = match().matches.row(0, named=True)
    assert (best["host_company_id"], best["partner_company_id"]) == ("ho_maker", "pa_api")
    assert (best["product_id"], best["stage_id"]) == ("alpha", "api")


def test_a_score_is_the_harmonic_mean_and_each_side_the_sum_of_its_terms():
    result = match()
    sides = result.terms.group_by("match_id", "side").agg(pl.col("contribution").sum())
    for row in result.matches.iter_rows(named=True):
        mine = dict(
            sides.filter(match_id=row["match_id"]).select("side", "contribution").iter_rows()
        )
        assert mine["host"] == pytest.approx(row["host_score"])
        assert mine["partner"] == pytest.approx(row["partner_score"])
        harmonic = 2 / (1 / mine["host"] + 1 / mine["partner"])
        assert row["score"] == pytest.approx(harmonic, abs=1e-8)


def test_weights_of_a_side_add_up_to_one():
    for side, weights in WEIGHTS.items():
        assert sum(weights.values()) == pytest.approx(1.0), side


def test_a_screened_company_is_shown_and_never_proposed():
    result = match()
    assert "pa_listed" not in result.matches["partner_company_id"]
    flagged = result.withheld.filter(company_id="pa_listed").row(0, named=True)
    assert flagged["matches_withheld"] == 2
    assert flagged["best_score"] > 0
    assert any("Partner Screened is on a screening list" in words.en for words in result.warnings)
    freed = world_with(companies=lambda t: t.with_columns(is_screened_out=pl.lit(False)))
    assert "pa_listed" in match(freed).matches["partner_company_id"], "only the list held it back"


GRANTED = "certificate_id|company_id|kind|scope|valid_from|valid_to|result"


@pytest.mark.parametrize(
    ("lines", "value", "reason"),
    [
        (["x|pa_api|GMP|api|2024-03-01|2027-03-01|granted"], 1.0, "covers the stage, in force"),
        (["x|pa_api|GMP|api|2024-03-01|2026-11-20|granted"], 1.0, "the last day counts"),
        (["x|pa_api|GMP|api|2026-11-20||granted"], 1.0, "the first day counts"),
        (["x|pa_api|GMP|||| granted"], 1.0, "no scope and no dates: everything, always"),
        (["x|pa_api|GMP|chem||| granted"], 1.0, "scope names the technology"),
        (["x|pa_api|GMP|fdf|||granted"], 0.7, "valid, for another stage"),
        (["x|pa_api|GMP|api|2023-01-01|2026-11-19|granted"], 0.2, "ran out the day before"),
        (["x|pa_api|GMP|api|2026-11-21||granted"], 0.2, "not yet in force"),
        (["x|pa_api|GMP|api|||unknown"], 0.4, "nothing is known"),
        (["x|pa_fdf|GMP|api|||granted"], 0.4, "somebody else's"),
        (["x|pa_api|GMP|api|||refused"], 0.0, "refused"),
        (
            ["x|pa_api|GMP|api|||granted", "y|pa_api|GMP|api|2026-01-01||suspended"],
            0.0,
            "a suspension outweighs a grant",
        ),
        (
            ["x|pa_api|GMP|api|||granted", "y|pa_api|GMP|api|2019-01-01|2020-01-01|refused"],
            1.0,
            "an old refusal that ended does not",
        ),
    ],
)
def test_a_certificate_counts_by_its_dates_on_the_rule_instant(lines, value, reason):
    world = replace(
        WORLD,
        tables={
            **WORLD.tables,
            "certificates": rows("certificates", "\n".join([GRANTED, *lines])),
        },
    )
    found = term(match(world), "ho_maker__pa_api__alpha__api", "certificate")
    assert found == value, reason


def test_another_rule_instant_gives_another_certificate():
    early = replace(WORLD, settings=settings(rule_instant=date(2026, 4, 1)))
    key = "ho_maker__pa_fdf__beta__fdf"
    assert (term(match(early), key, "certificate"), term(match(), key, "certificate")) == (
        1.0,
        0.2,
    )


def test_what_is_exposed_ranks_higher_and_exposure_to_the_bloc_does_not_count():
    key = "ho_maker__pa_api__alpha__api"
    assert term(match(), key, "security") == pytest.approx(0.77)
    calm = match(exposures=EXPOSURES.with_columns(chain_share=pl.lit(0.1)))
    score = {
        name: r.matches.filter(match_id=key)["score"][0]
        for name, r in {"exposed": match(), "calm": calm}.items()
    }
    assert score["exposed"] > score["calm"]


def test_evidence_on_the_product_in_a_register_beats_belief_about_a_technology():
    register = world_with(
        capabilities=lambda t: t.with_columns(
            status=pl.when(pl.col("capability_id") == "c1")
            .then(pl.lit("observed"))
            .otherwise("status")
        )
    )
    belief = world_with(
        capabilities=lambda t: t.with_columns(
            product_id=pl.when(pl.col("capability_id") != "c1").then("product_id"),
            status=pl.lit("assumed"),
        )
    )
    key = "ho_maker__pa_api__alpha__api"
    assert term(match(register), key, "evidence") == 1.0
    assert term(match(belief), key, "evidence") == pytest.approx(0.3 * 0.3)


def test_evidence_about_a_technology_is_not_told_as_making_the_product():
    vague = world_with(
        capabilities=lambda t: t.with_columns(
            product_id=pl.when(pl.col("company_id") == "ho_maker").then("product_id")
        )
    )
    key = "ho_maker__pa_api__alpha__api"
    row = match(vague).matches.filter(match_id=key).row(0, named=True)
    assert "runs the technology for “Substance” of Alpha" in row["reasons_en"]
    assert "makes “Substance”" not in row["reasons_en"]


def test_every_match_says_why_in_both_languages_and_warns_of_a_missing_certificate():
    matches = match().matches
    row = matches.filter(match_id="ho_maker__pa_fdf__beta__fdf").row(0, named=True)
    assert "Host Maker looks for this" in row["reasons_en"]
    assert "no certificate valid on 2026-11-20" in row["reasons_en"]
    assert "Хозяйский завод ищет именно это" in row["reasons_ru"]
    assert "сертификат на эту стадию не найден" in row["reasons_ru"]


@pytest.mark.parametrize(
    ("options", "count", "reason"),
    [
        ({}, 7, "all"),
        ({"top_n": 3}, 3, "in all"),
        ({"per_pair_n": 1}, 4, "one for each of four pairs of companies"),
        ({"per_product_n": 1}, 2, "one for each of two products"),
        ({"per_want_n": 1}, 7, "nobody here has two partners for one stage"),
    ],
)
def test_only_the_best_are_kept(options, count, reason):
    kept = match(**options).matches
    assert kept.height == count, reason
    assert kept["score"].is_sorted(descending=True)


def test_row_order_changes_nothing_even_among_equals():
    turned = replace(WORLD, tables={name: t.reverse() for name, t in WORLD.tables.items()})
    assert_frame_equal(match(turned).matches, match().matches)


def test_without_capabilities_nothing_is_proposed_and_the_finding_says_so():
    world = replace(WORLD, tables={**WORLD.tables, "capabilities": WORLD["capabilities"].clear()})
    result = match(world)
    assert result.matches.is_empty()
    assert result.finding.en.startswith("No pair of companies fits")


def test_a_figure_names_the_rows_behind_a_score():
    figure = next(
        f for f in match().figures if f.figure_id == "partners.score.ho_maker__pa_api__alpha__api"
    )
    assert set(figure.rows) == {
        "capabilities:c1",
        "needs:n1",
        "needs:n4",
        "certificates:g1",
    }


@settings_of_hypothesis(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=11, max_size=11))
def test_no_score_exceeds_either_side_twice_over_or_leaves_its_range(values):
    names = [name for weights in WEIGHTS.values() for name in weights]
    keys = dict.fromkeys(["host_company_id", "partner_company_id", "product_id", "stage_id"], "x")
    row = scored(pl.DataFrame([{**dict(zip(names, values, strict=True)), **keys}])).row(
        0, named=True
    )
    least = min(row["host_score"], row["partner_score"])
    assert least - 1e-8 <= row["score"] <= min(1.0, 2 * least) + 1e-8


def test_calls_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="top_n must be 1 or more"):
        match(top_n=0)
    foreign = EXPOSURES.with_columns(product_id=pl.lit("gamma"), country_id=pl.col("country_id"))
    with pytest.raises(UsageError, match="gamma"):
        match(exposures=foreign)
    with pytest.raises(ModelError, match="role partner"):
        match(world_with(parties=lambda t: t.filter(pl.col("role") == "host")))
