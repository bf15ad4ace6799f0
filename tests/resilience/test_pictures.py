"""Pictures compile, show their table, and refuse what they cannot show."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.records.errors import UsageError
from coproduce.report.look import TOKENS
from coproduce.resilience.pictures import (
    Look,
    Picture,
    cost_front,
    front,
    shortage_bands,
    weakest_map,
    weakest_places,
)

LOOK = Look({token: pair[0] for token, pair in TOKENS.items()})
POINTS = pl.DataFrame(
    {
        "name": ["nothing", "stock", "second source", "both", "penalty"],
        "cost_mn": [0.0, 12.0, 30.0, 40.0, 35.0],
        "shortage_share": [0.10, 0.06, 0.04, 0.015, 0.05],
        "low": [0.09, 0.05, 0.035, 0.012, 0.045],
        "high": [0.11, 0.07, 0.045, 0.018, 0.055],
    }
)
PLACES = pl.DataFrame(
    {
        "country_id": ["XX", "YY"],
        "name": ["Exland", "Whyland"],
        "lat": [55.0, 20.0],
        "lon": [37.0, 78.0],
    }
)


def drawn(picture: Picture) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.dumps(picture.spec)))


def test_the_front_keeps_what_nothing_beats_and_names_the_cheapest_for_each_target() -> None:
    found = front(POINTS)
    kept = found.filter("is_on_front")["name"].to_list()
    assert kept == ["nothing", "stock", "second source", "both"]
    cheapest = dict(found.filter(pl.col("cheapest_for") != "")["name", "cheapest_for"].iter_rows())
    assert cheapest == {"second source": "5%", "both": "2%"}


pair = st.tuples(st.integers(0, 6), st.integers(0, 6))


@given(pairs=st.lists(pair, min_size=1, max_size=10))
def test_the_front_is_that_of_comparing_all_pairs(pairs: list[tuple[int, int]]) -> None:
    points = pl.DataFrame(
        {
            "name": [str(k) for k in range(len(pairs))],
            "cost_mn": [float(cost) for cost, _ in pairs],
            "shortage_share": [shortage / 10 for _, shortage in pairs],
        }
    )
    kept = set(front(points).filter("is_on_front")["name"])
    for k, (cost, shortage) in enumerate(pairs):
        is_beaten = any(
            c <= cost and s <= shortage and (c < cost or s < shortage) for c, s in pairs
        )
        assert (str(k) in kept) != is_beaten


@pytest.mark.slow
def test_every_picture_is_drawn() -> None:
    bands = pl.DataFrame(
        {
            "state": ["today"] * 3 + ["plan"] * 3,
            "time": [2026, 2027, 2028] * 2,
            "mean": [0.1, 0.1, 0.1, 0.1, 0.06, 0.03],
            "low": [0.08] * 3 + [0.09, 0.05, 0.02],
            "high": [0.12] * 3 + [0.11, 0.07, 0.04],
        }
    )
    ranked = PLACES.with_columns(rank=pl.Series([1, 2]), saved_share=pl.Series([0.03, 0.01]))
    square = [(30.0, 50.0), (30.0, 60.0), (60.0, 60.0), (60.0, 50.0)]
    states = [("today", "third"), ("plan", "host")]
    for picture, words in (
        (cost_front(POINTS, LOOK, ("cost", "shortage")), ("second source", "5.0%")),
        (shortage_bands(bands, LOOK, ("year", "shortage"), states), ("today", "2027")),
        (weakest_map(ranked, LOOK, "saved", land=[square, square[::-1]]), ("1 Exland", "saved")),
    ):
        text = drawn(picture)
        assert all(word in text for word in words)
        assert picture.table.height


def test_savings_of_a_place_are_weighted_over_products_and_stages() -> None:
    weakest = pl.DataFrame(
        {
            "product_id": ["a", "a", "b", "b", "a"],
            "when": ["before"] * 4 + ["after"],
            "stage_id": ["raw", "end", "raw", "end", "raw"],
            "country_id": ["XX", "XX", "XX", "YY", "YY"],
            "saved_share": [0.04, 0.01, 0.02, 0.10, 0.5],
        }
    )
    found = weakest_places(weakest, {"a": 3.0, "b": 1.0}, PLACES, "before")
    assert found["country_id"].to_list() == ["XX", "YY"]
    assert found["saved_share"].to_list() == pytest.approx([(0.15 + 0.02) / 4, 0.1 / 4])
    assert found["stage_id"].to_list() == ["raw", "end"]
    assert found["products"].to_list() == [2, 1]


@pytest.mark.parametrize(
    "rows",
    [
        pl.DataFrame({"state": ["today"], "time": [1]}),
        pl.DataFrame({"state": ["x"], "time": [1], "mean": [0.1], "low": [0.0], "high": [0.2]}),
        pl.DataFrame(
            {"state": ["today"], "time": [1], "mean": [0.3], "low": [0.0], "high": [0.2]}
        ),
        pl.DataFrame(
            {"state": ["today"], "time": [1], "mean": [float("nan")], "low": [0.0], "high": [0.2]}
        ),
    ],
)
def test_a_band_that_cannot_be_is_refused(rows: pl.DataFrame) -> None:
    with pytest.raises(UsageError) as refused:
        shortage_bands(rows, LOOK, ("t", "s"), [("today", "host")])
    assert refused.value.code == "S150"
