"""Three depths of self-sufficiency, and under which form of deal both sides gain."""

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from coproduce.report.first import first_screen
from coproduce.report.sections import appraisal, dependence
from coproduce.report.write import context
from tests.report import made


def _context(payments: dict[str, float] | None = None, lang: str = "en", **changes: Any) -> Any:
    run = made.run()
    figures = dict(run.figures)
    for name, value in (payments or {}).items():
        full = f"appraisal.{name}"
        figures[full] = replace(figures["appraisal.npv.HO"], figure_id=full, value=value)
    changed = replace(run.appraisal, **changes)
    parts = {**vars(run), "appraisal": changed, "figures": figures}
    return context(SimpleNamespace(**parts), lang)  # type: ignore[arg-type]


def _plain(html: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|\[\d+\]", " ", str(html))).replace("\u00a0", " ")


def test_the_card_says_the_full_cycle_large_and_the_other_depths_small() -> None:
    card = first_screen(_context(), "").cards[1]
    said = [_plain(line) for line in card.lines]
    assert "last stage only" in said[1]
    assert "whole chain" in said[2]
    assert all("→" in line for line in said)


def test_the_table_has_each_depth_today_and_with_the_plan() -> None:
    tables = dependence.build(_context()).tables
    shown = next(table for table in tables if table.table_id == "sufficiency")
    heads = [column.label for column in shown.columns]
    assert heads[-2:] == ["Whole chain, today, %", "Whole chain, plan, %"]


@pytest.mark.parametrize(
    ("mutual", "title", "why"),
    [
        (["licence_transfer"], "Only one form of deal leaves both sides better off: licence",
         "one form: it is the answer"),
        (["licence_transfer", "jv_50_50"], "2 of 2 forms of deal leave both sides better off; "
         "the most even is licence", "several: the one whose lesser gain is greatest"),
        ([], "No form of deal leaves both sides better off as written", "none"),
    ],
)  # fmt: skip
def test_the_deals_are_drawn_and_the_title_names_the_form_that_serves_both(
    mutual: list[str], title: str, why: str
) -> None:
    deals = made.run().appraisal.deals
    ctx = _context(deals=deals.with_columns(is_mutual=pl.col("deal_id").is_in(mutual)))
    chart = next(c for c in appraisal.build(ctx).charts if c.chart_id == "deals")
    assert chart.title.replace("\u00a0", " ") == title, why
    values = chart.spec["data"]["values"]
    assert len(values) == deals.height
    marked = {row["name"] for row in values if row["name"].startswith("✓")}
    assert len(marked) == len(mutual)
    assert chart.table is not None


@pytest.mark.parametrize(
    ("payments", "says", "why"),
    [
        ({"zone.payment_low": -20.0, "zone.payment_high": 50.0},
         ["Host side can pay once and not lose, up to HOC 50 mn",
          "Partner side can pay once and not lose, up to HOC 20 mn"], "either may pay"),
        ({"zone.payment_low": -50.0, "zone.payment_high": -20.0},
         ["Partner side can pay once and not lose, up to HOC 50 mn"], "only the partner may pay"),
        ({"fair_payment": -15.0, "fair_gain.HO": 35.0, "fair_gain.PA": 35.0},
         ["Fair payment, once; Partner side pays HOC 15 mn", "Gain then, Host side HOC 35 mn"],
         "the fair payment names its payer, not a sign"),
    ],
)  # fmt: skip
def test_the_zone_of_agreement_names_who_pays_and_how_much(
    payments: dict[str, float], says: list[str], why: str
) -> None:
    body = _plain(appraisal.build(_context(payments)).body)
    assert all(text in body for text in says), (why, body)
    if payments.get("zone.payment_high", 1.0) < 0:
        assert "Host side can pay" not in body, why


def test_without_a_zone_no_box_is_shown() -> None:
    assert str(appraisal.build(_context()).body) == ""
