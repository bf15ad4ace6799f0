from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest

from coproduce.report.first import first_screen
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
        ((-5.0, -1.0), None, None, "no side gains against its best alternative", "nobody gains"),
    ],
)  # fmt: skip
def test_the_sentence_says_who_gains_and_what_would_serve_both(
    gains: tuple[float, float], mutual: str | None, payment: float | None, says: str, why: str
) -> None:
    assert says in _sentence(gains, mutual, payment), why
