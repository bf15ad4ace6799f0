"""The second answer: an early stage whose need fills little of a module does not pay alone."""

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from coproduce.report import answers, centre
from coproduce.report.write import context
from tests import worlds
from tests.report import made


def _beta(need: float) -> centre.Verdict:
    world = worlds.programme()
    found = centre.screen(
        world,
        worlds.law(world)["duties"],
        made.plan_tables()["production"],
        {("beta", "api"): need},
    )
    return next(v for v in found if (v.product_id, v.stage_id) == ("beta", "api"))


@pytest.mark.parametrize(
    ("fill_share", "verdict", "why"),
    [
        (0.02, "only_shared", "a fiftieth of the smallest module"),
        (0.499, "only_shared", "just below the half"),
        (0.5, "pays_alone", "the half is enough"),
        (2.0, "pays_alone", "more than a module"),
        (0.0, "only_shared", "no need at all"),
    ],
)
def test_full_load_must_be_within_reach_of_the_need(
    fill_share: float, verdict: str, why: str
) -> None:
    capacity = _beta(0.0).module_capacity
    found = _beta(fill_share * capacity)
    assert found.verdict == verdict, why
    assert found.fill_share == pytest.approx(fill_share)
    # The numbers stay: what it costs does not depend on the need.
    assert found.own_mn_per_unit == _beta(capacity).own_mn_per_unit


def test_the_need_is_held_against_the_smallest_module() -> None:
    world = worlds.programme()
    smallest = world["modules"].filter(pl.col("technology_id") == "chem")["capacity_per_year"]
    stage = world["stages"].filter(pl.col("product_id") == "beta", pl.col("stage_id") == "api")
    use = stage["capacity_use_per_unit"][0]
    assert _beta(1.0).module_capacity == pytest.approx(min(smallest) / use)


def _answer(lang: str, price_status: str) -> str:
    programme = worlds.programme(
        sources=lambda rows: rows.with_columns(
            status=pl.lit(price_status, dtype=rows["status"].dtype)
        )
    )
    run: Any = made.run()
    parts = {**vars(run), "programme": programme}
    ctx = context(SimpleNamespace(**parts), lang)  # type: ignore[arg-type]
    return "\n".join(str(line) for line in answers.build(ctx, ())[1].says).replace("\u00a0", " ")


def test_a_verdict_on_reported_prices_names_its_products() -> None:
    said = _answer("en", "reported")
    assert "only on a line shared with other products, for 1 product: Beta" in said
    assert "a price behind the verdict is assumed" not in said


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("en", "Stage “substance”, pays only on a shared line: 1 product, not named here"),
        ("ru", "окупается только на общей линии: 1 продукт; здесь не названы"),
    ],
)
def test_a_verdict_on_an_assumed_price_is_marked_and_names_no_product(
    lang: str, says: str
) -> None:
    said = _answer(lang, "assumed")
    assert says in said
    assert "○" in said
    assert "Beta" not in said.split("security")[0]
