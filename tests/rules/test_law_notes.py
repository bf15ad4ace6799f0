"""Differences between two readings of the law, each said as what changes for the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from coproduce.programmes import built_in
from coproduce.records.programme import Programme
from coproduce.rules import load
from coproduce.rules.book import RuleBook
from coproduce.rules.law_changes import table_changes
from coproduce.rules.law_notes import leaf_notes
from coproduce.rules.law_words import plural, value_words
from coproduce.rules.model import Leaf, Reference, RuleValue, Version
from coproduce.rules.programme_law import compile_law
from coproduce.sources import read_programme

BEFORE, AFTER = date(2024, 1, 1), date(2026, 1, 1)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_programme(built_in())


@pytest.fixture(scope="module")
def tables(programme: Programme) -> Mapping[str, pl.DataFrame]:
    return compile_law(programme, load()).tables


def told(
    programme: Programme,
    tables: Mapping[str, pl.DataFrame],
    name: str,
    now: pl.DataFrame,
) -> list[str]:
    """Return the English sentences for one table that reads otherwise now."""
    notes = table_changes(tables, {**tables, name: now}, programme, load())
    assert all(note.ru and note.ru[-1] == "." for note in notes)
    return [note.en for note in notes]


def one_leaf(*versions: Version) -> RuleBook:
    leaf = Leaf(
        leaf_id="xx.rate",
        label_en="Rate",
        label_ru="Ставка",
        unit="percent",
        kind="number",
        versions=versions,
        references={"act": Reference(ref_id="act", title="New act", href="x")},
        checked=BEFORE,
        file="x.yaml",
        line=1,
    )
    return RuleBook({leaf.leaf_id: leaf})


def version(effect: date, value: Any, **more: Any) -> Version:
    given: dict[str, Any] = {"known": effect, "status": "enacted", **more}
    return Version(effect=effect, value=value, refs=("act",), **given)


def note_of(programme: Programme, *versions: Version) -> tuple[str, ...]:
    settings = replace(programme.settings, rule_instant=date(2025, 1, 1))
    notes = leaf_notes(one_leaf(*versions), ["xx.rate"], replace(programme, settings=settings))
    return tuple(note.en for note in notes)


@pytest.mark.parametrize(
    ("later", "expected", "reason"),
    [
        (version(AFTER, 20), (), "the same value published again changes nothing"),
        (
            version(AFTER, 25),
            (
                "From 2027: “Rate” is 20% as published by 2025-01-01; it is 25% by a version "
                "published on 2026-01-01 (New act).",
            ),
            "a publication has its day",
        ),
        (
            version(AFTER, 25, known=None),
            (
                "From 2027: “Rate” is 20% as published by 2025-01-01; it is 25% by a version in "
                "force from 2026-01-01 (New act).",
            ),
            "without a day of publication the day of effect is told as what it is",
        ),
        (
            version(AFTER, None),
            ("From 2027: “Rate” is 20% as published by 2025-01-01; it was withdrawn later.",),
            "a version without a value withdraws the rule",
        ),
        (
            version(date(2029, 1, 1), 25, known=AFTER),
            (
                "From 2029: “Rate” is 20% as published by 2025-01-01; it is 25% by a version "
                "published on 2026-01-01 (New act).",
            ),
            "the year is the first that differs",
        ),
    ],
)
def test_a_leaf_says_old_and_new_value_and_by_which_version(
    programme: Programme, later: Version, expected: tuple[str, ...], reason: str
) -> None:
    assert note_of(programme, version(BEFORE, 20), later) == expected, reason


def test_an_assumption_made_later_is_never_a_publication(programme: Programme) -> None:
    earlier = version(BEFORE, 20, status="assumed")
    later = version(AFTER, 25, status="assumed")
    [note] = note_of(programme, earlier, later)
    assert note.endswith("it is 25% by what is assumed by now (New act).")
    assert "published on" not in note


def test_equal_tables_have_nothing_to_say(
    programme: Programme, tables: Mapping[str, pl.DataFrame]
) -> None:
    assert table_changes(tables, tables, programme, load()) == ()


def test_points_and_leaf_names_are_not_read_by_a_plan(
    programme: Programme, tables: Mapping[str, pl.DataFrame]
) -> None:
    now = tables["standing"].with_columns(points=pl.lit(1.0), rules=pl.lit("another"))
    assert told(programme, tables, "standing", now) == []


def test_standing_says_how_many_products_by_which_stages(
    programme: Programme, tables: Mapping[str, pl.DataFrame]
) -> None:
    chosen = (
        (pl.col("stages_inside") == "fdf+pack")
        & pl.col("product_id").is_in(["metformin", "losartan"])
        & (pl.col("year") >= 2030)
    )
    now = tables["standing"].with_columns(
        standing_id=pl.when(chosen).then(pl.lit("packed")).otherwise("standing_id")
    )
    assert told(programme, tables, "standing", now) == [
        "Standing by stages: with finished form + packing inside, 2 products stood as local_fdf "
        "then and as packed now in 2030–2036."
    ]


def test_site_tax_says_how_many_sites_pay_more_and_less_and_by_how_much(
    programme: Programme, tables: Mapping[str, pl.DataFrame]
) -> None:
    sites = tables["site_tax"]["site_id"].unique().sort()
    more, less = sites[:3].to_list(), sites[3:4].to_list()
    move = (
        pl.when(pl.col("site_id").is_in(more))
        .then(0.02)
        .when(pl.col("site_id").is_in(less))
        .then(-0.01)
        .otherwise(0.0)
    )
    now = tables["site_tax"].with_columns(rate_share=pl.col("rate_share") + move)
    assert told(programme, tables, "site_tax", now) == [
        "Profit tax: higher now at 3 sites, by 2 percentage points on average; "
        "lower now at 1 site, by 1 percentage points on average."
    ]


def test_lead_times_say_months_then_and_now(
    programme: Programme, tables: Mapping[str, pl.DataFrame]
) -> None:
    is_step = pl.col("step_id") == "inspection"
    then = {
        **tables,
        "lead_times": tables["lead_times"].with_columns(
            months=pl.when(is_step).then(8.0).otherwise("months")
        ),
    }
    now = tables["lead_times"].with_columns(months=pl.when(is_step).then(5.5).otherwise("months"))
    [sentence] = told(programme, then, "lead_times", now)
    assert sentence.startswith("Legal lead time, ")
    assert sentence.endswith(": 8 months then, 5.5 now.")


def test_duties_say_shares_goods_and_countries(
    programme: Programme, tables: Mapping[str, pl.DataFrame]
) -> None:
    chosen = (pl.col("product_id") == "metformin") & (pl.col("country_id") == "IN")
    then = tables["duties"].with_columns(
        rate_share=pl.when(chosen).then(0.05).otherwise("rate_share")
    )
    now = tables["duties"].with_columns(
        rate_share=pl.when(chosen).then(0.0).otherwise("rate_share")
    )
    assert told(programme, {**tables, "duties": then}, "duties", now) == [
        "Import duties, then → now: 5% → 0% for 4 goods from 1 country."
    ]


def test_taxes_of_a_side_name_the_side(
    programme: Programme, tables: Mapping[str, pl.DataFrame]
) -> None:
    is_side = pl.col("party_id") == "IN"
    now = tables["party_tax"].with_columns(
        withheld_dividend_share=pl.when(is_side).then(0.15).otherwise("withheld_dividend_share"),
        is_withholding_credited=pl.lit(False),
    )
    first, second = told(programme, tables, "party_tax", now)
    assert first.endswith("tax withheld on dividends: 10% then, 15% now.")
    assert second.endswith("tax withheld is not credited at home now; then it was.")


def test_a_bid_accepted_only_now_is_told_the_other_way_round(
    programme: Programme, tables: Mapping[str, pl.DataFrame]
) -> None:
    chosen = (
        (pl.col("segment_id") == "tender_strategic")
        & (pl.col("own_standing_id") == "local_fdf")
        & (pl.col("rival_standing_id") == "full_cycle")
        & (pl.col("year").is_in([2027, 2028, 2031]))
    )
    now = tables["access"].with_columns(
        is_accepted=pl.when(chosen).then(True).otherwise("is_accepted")
    )
    assert told(programme, tables, "access", now) == [
        "Market access, “Tenders, strategic list”: bids standing as local_fdf are accepted now in "
        "2027–2028, 2031 beside a rival standing as full_cycle; then they were rejected."
    ]


@pytest.mark.parametrize(
    ("value", "unit", "en", "ru"),
    [
        (25.168, "percent", "25.168%", "25,168\u00a0%"),
        (0.1, "share", "10%", "10\u00a0%"),
        (21, "working days", "21 working days", "21 рабочий день"),
        (1.5, "years", "1.5 years", "1,5 года"),
        (10, "RUB mn", "RUB 10 mn", "10 млн руб."),
        (True, "", "yes", "да"),
        ("gen", "", "“gen”", "«gen»"),
    ],
)
def test_a_value_is_written_as_each_language_does(value: Any, unit: str, en: str, ru: str) -> None:
    served = RuleValue("x", value, unit, "number", "enacted", None, None, None, (), BEFORE)
    words = value_words(served)
    assert words is not None
    assert (words.en, words.ru) == (en, ru)


def test_a_table_has_too_many_values_to_be_written() -> None:
    served = RuleValue("x", {"a": 1}, "", "table", "enacted", None, None, None, (), BEFORE)
    assert value_words(served) is None


def test_russian_counts_have_three_forms() -> None:
    forms = [plural(n, "балл", "балла", "баллов") for n in (1, 2, 5, 11, 12, 21, 22, 111)]
    assert forms == ["балл", "балла", *["баллов"] * 3, "балл", "балла", "баллов"]
