"""Pictures of trade: what they draw is what the table says, the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coproduce.dependence import pictures
from coproduce.dependence.complexity import measure
from coproduce.dependence.pictures.space import APART
from coproduce.dependence.trade import panel
from coproduce.records.errors import UsageError
from tests.dependence.pairs import worlds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worlds.folder(tmp_path_factory.mktemp("pictures") / "world")


def test_ribbons_are_as_wide_as_the_flows(folder: Path) -> None:
    drawn = pictures.sankey(pictures.imports(folder, "HHH", 2020))
    ribbons = pl.DataFrame(drawn.spec["layer"][0]["data"]["values"])
    wide = ribbons.group_by("flow").agg((pl.col("high") - pl.col("low")).mean().alias("wide"))
    whole = float(drawn.table["value_usd_mn"].sum())
    assert whole == 185.0
    for supplier, buyer, value in drawn.table.iter_rows():
        found = wide.filter(flow=f"{supplier} → {buyer}")["wide"][0]
        assert found == pytest.approx(value / whole, abs=1e-4)


def test_suppliers_beyond_the_largest_are_one_ribbon(folder: Path) -> None:
    drawn = pictures.sankey(pictures.imports(folder, "HHH", 2020), most=1)
    assert dict(drawn.table.select("supplier", "value_usd_mn").rows()) == {"PPP": 120.0, "…": 65.0}


def test_bars_say_the_share_and_the_sum(folder: Path) -> None:
    drawn = pictures.sankey(pictures.imports(folder, "HHH", 2020), "ru", most=1)
    said = [bar["name"] for bar in drawn.spec["layer"][1]["data"]["values"]]
    assert said == ["PPP 64,9\u00a0%", "все прочие 35,1\u00a0%", "HHH 185 млн USD"]


def test_names_in_the_space_do_not_overlap(folder: Path) -> None:
    dense = panel.build(folder)
    made = measure(dense.exports_usd[:, :, 0], dense.country_ids, dense.product_ids, year=2020)
    drawn = pictures.product_space(made, "HHH")
    named = drawn.spec["layer"][2]["data"]["values"]
    assert named
    assert {dot["product"] for dot in named} <= set(
        drawn.table.filter(pl.col("state") != "far")["product"]
    )
    for at, one in enumerate(named):
        for other in named[at + 1 :]:
            wide, high = abs(one["x"] - other["x"]), abs(one["y"] - other["y"])
            assert wide > APART[0] or high > APART[1]


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("form", ["sankey", "heat", "space", "persistence"])
def test_headings_name_the_country_and_the_year(folder: Path, form: str, lang: str) -> None:
    drawn = pictures.sankey(pictures.imports(folder, "HHH", 2020), lang)
    text = pictures.titled(drawn, form, "HHH", 2020, lang).spec["title"]["text"]
    assert "HHH" in text
    assert "2020" in text


def test_shares_of_each_product_sum_to_one(folder: Path) -> None:
    flows = pictures.imports(folder, "HHH")
    drawn = pictures.heat_map(pictures.supplier_shares(flows, 10))
    sums = drawn.table.group_by("product").agg(pl.col("share").sum())["share"]
    np.testing.assert_allclose(sums, 1.0)
    assert pictures.supplier_shares(flows, 1)["product"].unique().to_list() == ["300490"]


def test_the_strip_says_which_criteria_held(folder: Path) -> None:
    drawn = pictures.persistence(panel.build(folder), "HHH", ["300490", "847900"])
    states = drawn.table.filter(year=2021).select("product", "state").rows()
    assert dict(states) == {"300490": "all three criteria", "847900": "imports concentrated"}
    assert drawn.table.height == 4


def test_the_space_is_the_same_twice_and_shows_what_the_host_makes(folder: Path) -> None:
    dense = panel.build(folder)
    made = measure(dense.exports_usd[:, :, 0], dense.country_ids, dense.product_ids, year=2020)
    first, second = (pictures.product_space(made, "HHH") for _ in range(2))
    assert json.dumps(first.spec) == json.dumps(second.spec)
    states = dict(first.table.select("product", "state").rows())
    assert states["100100"] == "made well"
    assert states["300490"] != "made well"
    assert len(first.spec["layer"][0]["data"]["values"]) >= len(states) - 1  # one tree


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_pictures_can_be_drawn(folder: Path, lang: str) -> None:
    import vl_convert

    dense = panel.build(folder)
    flows = pictures.imports(folder, "HHH")
    drawn = [
        pictures.sankey(flows, lang),
        pictures.heat_map(pictures.supplier_shares(flows, 5), lang),
        pictures.persistence(dense, "HHH", ["300490"], lang),
    ]
    for each in drawn:
        assert vl_convert.vegalite_to_svg(each.spec).startswith("<svg")


def test_a_country_that_imports_nothing_of_it_is_said(folder: Path) -> None:
    with pytest.raises(UsageError, match="imports nothing of 99"):
        pictures.imports(folder, "HHH", prefixes=("99",))
