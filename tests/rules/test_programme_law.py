"""Law compiled for the built-in programme: valid tables, two clocks, effect said in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from coproduce.programmes import built_in
from coproduce.records.errors import RuleError
from coproduce.records.handover import LAW_TABLES
from coproduce.records.programme import Programme
from coproduce.rules import load
from coproduce.rules.programme_law import Law, compile_law
from coproduce.sources import read_programme


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_programme(built_in())


@pytest.fixture(scope="module")
def law(programme: Programme) -> Law:
    return compile_law(programme, load())


def as_known_on(programme: Programme, day: date) -> Programme:
    return replace(programme, settings=replace(programme.settings, rule_instant=day))


def test_every_table_is_valid_and_none_is_empty(law: Law) -> None:
    assert set(law.tables) == set(LAW_TABLES)
    for name, schema in LAW_TABLES.items():
        assert law.tables[name].height > 0, name
        schema.validate(law.tables[name])


def test_every_site_has_a_tax_rate_for_every_year_and_every_first_profit(
    programme: Programme, law: Law
) -> None:
    pairs = len(programme.settings.years) ** 2
    counts = law.tables["site_tax"].group_by("site_id").len()
    assert counts["len"].unique().to_list() == [pairs]
    assert counts.height == programme["sites"].height


def test_a_zone_that_counts_from_first_profit_follows_its_clock(
    programme: Programme, law: Law
) -> None:
    # Law of the zone: 2 % in years 1–5 from first profit, 7 % in years 6–10.
    site = programme["sites"].filter(pl.col("regime_id") == "sez_alabuga")["site_id"][0]
    rates = law.tables["site_tax"].filter(
        (pl.col("site_id") == site) & (pl.col("first_profit_year") == 2028)
    )
    by_year = dict(rates.select("year", "rate_share").iter_rows())
    assert by_year[2028] == pytest.approx(0.02)
    assert by_year[2032] == pytest.approx(0.02)
    assert by_year[2033] == pytest.approx(0.07)


def test_points_make_the_standing_and_packing_alone_earns_none(law: Law) -> None:
    in_2030 = law.tables["standing"].filter(pl.col("year") == 2030)
    earned = {
        stages: (standing, points)
        for stages, standing, points in in_2030.select(
            "stages_inside", "standing_id", "points"
        ).iter_rows()
    }
    assert earned["-"] == ("foreign", 0.0)
    assert earned["pack"] == ("packed", 0.0)
    assert earned["fdf+pack"] == ("local_fdf", 50.0)
    assert earned["api+fdf+pack"] == ("full_cycle", 100.0)


def test_one_full_cycle_bid_shuts_out_the_rest_of_a_strategic_tender(law: Law) -> None:
    row = (
        law.tables["access"]
        .filter(
            (pl.col("segment_id") == "tender_strategic")
            & (pl.col("year") == 2030)
            & (pl.col("own_standing_id") == "local_fdf")
            & (pl.col("rival_standing_id") == "full_cycle")
        )
        .row(0, named=True)
    )
    assert not row["is_accepted"]


def test_before_the_points_were_published_nobody_counts_points(programme: Programme) -> None:
    law = compile_law(as_known_on(programme, date(2025, 6, 1)), load())
    assert law.tables["standing"]["points"].null_count() == law.tables["standing"].height
    assert any("2025-06-01" in note.en for note in law.notes)


@pytest.fixture(scope="module")
def older(programme: Programme) -> Law:
    """The example of the project's front page: law as published up to 30 November 2024."""
    return compile_law(as_known_on(programme, date(2024, 11, 30)), load())


def test_an_older_instant_names_who_is_shut_out_now_and_was_not_then(older: Law) -> None:
    [note] = [note for note in older.notes if "Tenders, strategic list" in note.en]
    assert (
        "bids standing as foreign or packed are rejected now beside a rival standing as "
        "local_fdf or full_cycle; then they were accepted." in note.en
    )
    assert "Bids standing as local_fdf are rejected now beside a rival" in note.en
    assert "заявки со статусом foreign или packed сейчас отклоняются" in note.ru
    assert "если у соперника статус local_fdf или full_cycle; тогда они принимались." in note.ru


def test_an_older_instant_counts_sites_and_not_rows(older: Law) -> None:
    [note] = [note for note in older.notes if note.en.startswith("Tax relief")]
    before = older.tables["site_tax"].filter(pl.col("is_relief_capped"))
    assert before.is_empty()
    assert "at 20 sites may not exceed own spending now, after 3 years of grace" in note.en
    assert "на 20 площадках сейчас ограничены" in note.ru
    assert not any("cases" in note.en for note in older.notes)


def test_a_leaf_that_was_only_published_again_is_no_news(older: Law) -> None:
    # The effective rate is 25.168 % in both Acts; only the Act and its section are new.
    assert not any("effective rate of the 22 percent regime" in note.en for note in older.notes)


def test_a_number_is_told_from_old_to_new_and_an_assumption_is_no_publication(older: Law) -> None:
    [note] = [note for note in older.notes if "Ceiling of the contribution base" in note.en]
    assert "is RUB 2,225,000 per year by assumption" in note.en
    assert "it is RUB 2,979,000 per year by what is assumed by now" in note.en
    assert "published on" not in note.en
    assert "опубликованной" not in note.ru
    assert "2\u00a0979\u00a0000 руб. в год" in note.ru


def test_a_rule_that_only_later_law_knows_is_told_too(older: Law) -> None:
    [note] = [note for note in older.notes if "Points needed for a local product" in note.en]
    assert "is not there as published by 2024-11-30; it is 50 points by a version" in note.en
    assert "50 баллов — по редакции, опубликованной 2026-01-19" in note.ru


def test_the_newest_instant_has_nothing_to_note(law: Law) -> None:
    assert law.notes == ()


def test_every_version_used_can_be_traced_to_a_reference(law: Law) -> None:
    used: set[str] = set()
    for frame in law.tables.values():
        for joined in frame["rules"].drop_nulls().unique():
            used |= set(joined.split(";"))
    records = {record["rule_id"]: record for record in law.values}
    assert used == set(records)
    for record in records.values():
        assert all(ref["href"] or ref["method"] for ref in record["references"])


def test_a_missing_role_says_what_to_add(programme: Programme) -> None:
    settings = replace(programme.settings, rules={"standing": "ru.localisation.rule"})
    with pytest.raises(RuleError, match="maps no leaf to the role 'payroll'"):
        compile_law(replace(programme, settings=settings), load())


@pytest.mark.parametrize("role", ["standing", "access", "payroll"])
def test_a_leaf_of_another_shape_is_named_with_its_role(programme: Programme, role: str) -> None:
    rules = {**programme.settings.rules, role: "ru.tax.profit.total"}
    settings = replace(programme.settings, rules=rules)
    with pytest.raises(RuleError, match=r"\[R1(12|08)\]"):
        compile_law(replace(programme, settings=settings), load())
