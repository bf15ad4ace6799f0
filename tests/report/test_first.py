from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from coproduce.report import answers, first
from coproduce.report.first import first_screen
from coproduce.report.sections import appraisal
from coproduce.report.write import context
from tests.report import made


def _sentence(gains: tuple[float, float], mutual: str | None, payment: float | None) -> str:
    run = made.run()
    deals = run.appraisal.deals.with_columns(is_mutual=pl.col("deal_id") == pl.lit(mutual or ""))
    parties = run.appraisal.parties.with_columns(gain_mn=pl.Series(gains))
    figures = dict(run.figures)
    if payment is not None:
        name = "appraisal.fair_payment"
        figures[name] = replace(figures["appraisal.npv.HO"], figure_id=name, value=payment)
    changed = replace(run.appraisal, deals=deals, parties=parties)
    ctx = context(SimpleNamespace(**{**vars(run), "appraisal": changed, "figures": figures}), "en")  # type: ignore[arg-type]
    said = re.sub(r"<[^>]+>|\[\d+\]", "", str(first_screen(ctx, "").sentence))
    return said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("gains", "mutual", "payment", "says", "why"),
    [
        ((130.0, 50.0), None, None, "every side gains against its best alternative",
         "both gain: nothing else needs saying"),
        ((-5.0, 50.0), "licence_transfer", -20.0, "under “Licence” both do",
         "another form of deal serves both without a payment"),
        ((-5.0, 50.0), None, -20.0, "one payment of HOC 20 mn○ to the other side",
         "a zone is open: the size of the payment, without its sign"),
        ((-5.0, 50.0), None, None, "against its best alternative only Partner side gains",
         "no zone: the sentence must not promise one"),
        ((-15.0, -11.0), None, None, "no side gains against its best alternative", "nobody gains"),
    ],
)  # fmt: skip
def test_the_sentence_says_who_gains_and_what_would_serve_both(
    gains: tuple[float, float], mutual: str | None, payment: float | None, says: str, why: str
) -> None:
    assert says in _sentence(gains, mutual, payment), why


def _ctx(lang: str = "en", **figures: float) -> Any:
    """Return a context whose summary figures are set: ``exposure_before=0.7``."""
    ctx = context(made.run(), lang)
    for name, value in figures.items():
        full = f"summary.{name.replace('_before', '.before').replace('_after', '.after')}"
        ctx.register.figures[full] = replace(ctx.register.figures[full], value=value)
    return ctx


def _said(html: object) -> str:
    return re.sub(r"<[^>]+>|\[\d+\]|[●◐○◇]", "", str(html)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("before", "after", "lang", "says", "why"),
    [
        (0.729, 0.722, "en", "import exposure is practically unchanged, 72.9% → 72.2%",
         "less than a point is no fall"),
        (0.729, 0.722, "ru", "импортная зависимость практически не меняется: 72,9 % → 72,2 %",
         "the same in Russian"),
        (0.729, 0.709, "en", "import exposure falls slightly, from 72.9% to 70.9%", "two points"),
        (0.729, 0.629, "en", "import exposure falls from 72.9% to 62.9%", "ten points"),
        (0.700, 0.715, "en", "import exposure rises slightly, from 70% to 71.5%", "a rise"),
        (0.700, 0.800, "en", "import exposure rises from 70% to 80%", "a large rise"),
    ],
)  # fmt: skip
def test_a_small_move_of_exposure_is_called_small(
    before: float, after: float, lang: str, says: str, why: str
) -> None:
    ctx = _ctx(lang, exposure_before=before, exposure_after=after)
    assert says in _said(first_screen(ctx, "").sentence), why


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (0.0247, 0.0252, "expected shortage rises slightly, from 2.47% to 2.52%"),
        (0.0247, 0.0247, "expected shortage is practically unchanged, 2.47% → 2.47%"),
        (0.0247, 0.0347, "expected shortage rises from 2.47% to 3.47%"),
        (0.0247, 0.0241, "expected shortage falls slightly, from 2.47% to 2.41%"),
        (0.0247, 0.0124, "expected shortage falls from 2.47% to 1.24%"),
    ],
)
def test_the_sentence_says_which_way_shortage_goes(before: float, after: float, says: str) -> None:
    ctx = _ctx(expected_shortage_before=before, expected_shortage_after=after)
    assert says in _said(first_screen(ctx, "").sentence)


def test_a_mean_that_falls_while_most_products_rise_does_not_flatter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = made.run()
    # Beta's exposure alone falls, and far; alpha's and gamma's rise.
    mix = pl.DataFrame(
        {
            "product_id": ["alpha", "beta", "gamma"],
            "before": [0.5, 0.9, 0.4],
            "after": [0.6, 0.2, 0.5],
        }
    )
    monkeypatch.setattr(first, "exposures", lambda _: mix)
    said = _said(first.first_screen(context(run, "en"), "").sentence)
    assert "(it rises for 2 of 3 products and falls for 1)" in said


def _proven(alone_gap: float, gains: tuple[float, float], lang: str = "en") -> Any:
    run = made.run()
    proof = replace(run.alone.proof, bound=run.alone.proof.objective + alone_gap)
    parties = run.appraisal.parties.with_columns(gain_mn=pl.Series(gains))
    changed = {
        "alone": replace(run.alone, proof=proof),
        "appraisal": replace(run.appraisal, parties=parties),
    }
    return context(SimpleNamespace(**{**vars(run), **changed}), lang)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("alone_gap", "gains", "lang", "says", "why"),
    [
        (97.5, (99.0, 500.0), "en", "whether Host side gains against its best alternative cannot "
         "be told within the proven gaps of HOC 100 mn", "2.5 of the joint plan and 97.5 alone"),
        (97.5, (101.0, 500.0), "en", "every side gains", "just beyond the gaps"),
        (97.5, (-99.0, 500.0), "en", "cannot be told", "a loss within the gaps is no loss"),
        (97.5, (99.0, 50.0), "ru", "нельзя сказать, выигрывает ли", "both sides, in Russian"),
    ],
)  # fmt: skip
def test_a_gain_within_the_proven_gaps_is_not_called_a_gain(
    alone_gap: float, gains: tuple[float, float], lang: str, says: str, why: str
) -> None:
    ctx = _proven(alone_gap, gains, lang)
    assert says in _said(first_screen(ctx, "").sentence), why
    is_untold = "told" in says or "нельзя" in says
    title = next(c for c in appraisal.build(ctx).charts if c.chart_id == "gains").title
    assert ("told" in title or "нельзя" in title) == is_untold, why
    answer = " ".join(_said(line) for line in answers.build(ctx, ())[3].says)
    assert ("too little to tell" in answer or "сказать нельзя" in answer) == is_untold, why


def test_the_card_has_the_gain_large_and_the_worths_small_and_counts_the_forms() -> None:
    card = first_screen(_ctx(), "").cards[0]
    assert card.title == "Gain against the best alternative"
    large = re.findall(r'<strong class="big">(.*?)</strong>', "".join(map(str, card.lines)))
    assert [_said(text) for text in large] == ["HOC 130 mn", "HOC 50 mn"]
    quiet = [_said(line) for line in card.lines]
    assert "worth HOC 250 mn, today's trade included; best alternative HOC 120 mn" in quiet[0]
    assert quiet[2] == "both gain under 1 of 2 forms of deal"


def test_the_first_page_says_how_much_of_the_worth_lies_beyond_the_horizon() -> None:
    ctx = _ctx()
    rate = ctx.programme["parties"].filter(pl.col("role") == "host")["discount_rate_share"][0]
    years = 2032 - ctx.programme.settings.base_year
    share = ctx.register.value("summary.beyond_horizon")
    # The made plan books a residual value of 400 in 2032 and is worth 812.5.
    assert share == pytest.approx(400 / (1 + rate) ** years / 812.5)
    said = [_said(line) for line in first_screen(ctx, "").cards[4].lines]
    assert said[2] == f"of it {ctx.texts.percent(share)} lies after 2032, beyond the horizon"
