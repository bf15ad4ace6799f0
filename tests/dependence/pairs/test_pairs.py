"""Two countries: trade both ways, opportunities, and how they reach a programme."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from coproduce.dependence.pairs import feed, opportunities
from coproduce.dependence.pairs.pair import flows_between, measure
from coproduce.dependence.pairs.write import write_tables
from coproduce.records.errors import ModelError, UsageError
from coproduce.sources.trade import store
from tests.dependence.pairs import worlds
from tests.worlds import programme

LOOSE = opportunities.Options(min_hhi=0.0, min_imports_usd=0.0, min_partner_usd=0.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worlds.folder(tmp_path_factory.mktemp("pairs") / "world")


def test_every_flow_of_the_two_is_there_and_no_other(folder: Path) -> None:
    found = flows_between(folder, "HHH", "PPP")
    rows = found.filter(year=2020).select("exporter_id", "product_id", "value_usd").rows()
    assert sorted(rows) == [
        ("HHH", "110100", 40e6),
        ("PPP", "300490", 90e6),
        ("PPP", "847900", 30e6),
    ]


def test_years_stand_side_by_side(folder: Path) -> None:
    products = measure(folder, "HHH", "PPP").products
    pills = products.row(by_predicate=(pl.col("product_id") == "300490")
                         & (pl.col("exporter_id") == "PPP"), named=True)  # fmt: skip
    assert (pills["usd_2020"], pills["usd_2021"]) == (90e6, 180e6)
    assert pills["description"] == "pills"


def test_complementarity_is_michaelys_by_hand(folder: Path) -> None:
    # P exports pills 100, machines 30, substance 20 of 150; H imports pills 100, machines 60,
    # substance 25 of 185: the smaller shares are 100/185, 30/150, 20/150.
    years = measure(folder, "HHH", "PPP").years
    row = years.row(by_predicate=(pl.col("exporter_id") == "PPP") & (pl.col("year") == 2020),
                    named=True)  # fmt: skip
    assert row["complementarity"] == pytest.approx(100 * (100 / 185 + 30 / 150 + 20 / 150))
    assert row["value_usd"] == 120e6


def test_potential_of_a_pair_adds_up_to_its_trade(folder: Path) -> None:
    # The ease is the one factor that makes potentials of all products sum to what is traded.
    found = measure(folder, "HHH", "PPP")
    for row in found.years.iter_rows(named=True):
        assert row["potential_usd"] == pytest.approx(row["value_usd"])
        assert row["unrealised_usd"] >= 0


def test_a_year_may_be_asked_for_alone(folder: Path) -> None:
    found = measure(folder, "HHH", "PPP", [2021])
    assert found.years["year"].unique().to_list() == [2021]
    assert "usd_2020" not in found.products.columns


@pytest.mark.parametrize(
    ("first", "second", "years", "code"),
    [
        ("HHH", "HHH", None, "TX040"),  # a country with itself
        ("HHH", "XYZ", None, "TX030"),  # not in the data
        ("HHH", "PPP", [1999], "TX030"),  # not a year of the data
    ],
)
def test_what_cannot_be_asked_is_said(
    folder: Path, first: str, second: str, years: list[int] | None, code: str
) -> None:
    with pytest.raises(UsageError) as caught:
        flows_between(folder, first, second, years)
    assert caught.value.code == code


def test_totals_with_the_world_say_nothing_about_a_pair(tmp_path: Path) -> None:
    folder = worlds.folder(tmp_path / "w")
    store.write_store(
        folder,
        flows=store.scan_flows(folder).collect(),
        countries=store.countries(folder).drop("index"),
        products=store.products(folder).drop("index"),
        meta=replace(store.read_meta(folder), partners="world"),
    )
    with pytest.raises(ModelError, match="partners"):
        flows_between(folder, "HHH", "PPP")


def test_what_is_bought_from_few_and_made_by_the_partner_is_an_opportunity(folder: Path) -> None:
    found = opportunities.find(folder, "HHH", "PPP", LOOSE)
    rows = {row["product_id"]: row for row in found.table.iter_rows(named=True)}
    assert set(rows) == {"294100", "300490", "847900"} & set(rows)
    pills = rows["300490"]
    assert pills["top_supplier_id"] == "PPP"
    assert pills["top_share"] == pytest.approx(0.9)
    assert pills["hhi"] == pytest.approx(0.9**2 + 0.1**2)
    assert "the partner itself" in pills["reason_en"]
    assert "сам партнёр" in pills["reason_ru"]
    parts = [pills[name] for name in ("concentration", "competitiveness", "feasibility", "size")]
    product = 1.0
    for part in parts:
        assert 0 <= part <= 1
        product *= part
    assert pills["score"] == pytest.approx(product**0.25)


def test_every_product_is_kept_or_counted_as_left_out(folder: Path) -> None:
    found = opportunities.find(folder, "HHH", "PPP", LOOSE)
    assert found.table.height + sum(found.left_out.values()) == len(worlds.PRODUCTS)


def test_the_rows_behind_an_opportunity_sum_to_its_imports(folder: Path) -> None:
    found = opportunities.find(folder, "HHH", "PPP", LOOSE)
    sums = found.flows.filter(year=2021).group_by("product_id").agg(pl.col("value_usd").sum())
    behind = dict(sums.rows())
    for row in found.table.iter_rows(named=True):
        assert behind[row["product_id"]] == pytest.approx(row["imports_usd"])


def test_a_sector_asks_only_for_its_codes(folder: Path) -> None:
    options = replace(LOOSE, prefixes=("30",))
    found = opportunities.find(folder, "HHH", "PPP", options)
    assert found.table["product_id"].to_list() == ["300490"]
    assert found.left_out["in the sector"] == 4


def test_a_stricter_demand_never_adds_an_opportunity(folder: Path) -> None:
    before: set[str] | None = None
    for min_hhi in (0.0, 0.3, 0.6, 0.9, 1.0):
        found = opportunities.find(folder, "HHH", "PPP", replace(LOOSE, min_hhi=min_hhi))
        now = set(found.table["product_id"])
        assert before is None or now <= before
        before = now


@pytest.mark.parametrize(
    "change", [{"min_hhi": 1.5}, {"most": 0}, {"min_imports_usd": -1.0}], ids=str
)
def test_options_out_of_range_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(UsageError) as caught:
        opportunities.Options(**change)  # type: ignore[arg-type]
    assert caught.value.code == "TX041"


def test_stages_of_a_programme_are_found_by_their_codes(folder: Path) -> None:
    found = opportunities.find(folder, "HHH", "PPP", LOOSE)
    world = programme()
    rows = feed.candidates(found, world)
    codes = set(world["stages"]["hs6"].drop_nulls())
    assert set(rows["hs6"]) == codes & set(found.table["product_id"])
    assert rows["rank"].is_sorted()
    scored = rows.with_columns(score=pl.int_range(1, rows.height + 1) / rows.height)
    assert feed.needs(scored, world, "HO-ONE")["weight"].max() == 2.0
    need = feed.needs(rows.with_columns(score=0.0), world, "HO-ONE")
    assert set(need["weight"]) == {0.1}
    assert need["need_id"].is_unique().all()
    assert set(need["status"]) == {"estimated"}


def test_needs_of_an_unknown_region_are_refused(folder: Path) -> None:
    rows = feed.candidates(opportunities.find(folder, "HHH", "PPP", LOOSE), programme())
    with pytest.raises(UsageError, match="HO-ONE"):
        feed.needs(rows, programme(), "nowhere")


def test_tables_are_written_beside_what_is_there(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("kept", "utf-8")
    write_tables(out, {"a": pl.DataFrame({"x": [1]})})
    assert sorted(path.name for path in out.iterdir()) == ["a.csv", "a.parquet", "mine.txt"]
    with pytest.raises(UsageError):
        write_tables(out / "mine.txt", {})


def test_files_of_another_kind_of_folder_are_never_replaced(folder: Path) -> None:
    before = (folder / "flows.parquet").read_bytes()
    with pytest.raises(UsageError, match=r"flows\.parquet"):
        write_tables(folder, {"flows": pl.DataFrame({"x": [1]})})
    assert (folder / "flows.parquet").read_bytes() == before


def test_an_earlier_answer_is_replaced(tmp_path: Path) -> None:
    for value in (1, 2):
        write_tables(tmp_path, {"flows": pl.DataFrame({"x": [value]})})
    assert pl.read_parquet(tmp_path / "flows.parquet")["x"].to_list() == [2]


def test_what_is_unknown_of_a_pair_is_null_and_not_nan(tmp_path: Path) -> None:
    """QQQ buys and PPP never sells in the second year kept: JSON knows no NaN."""
    only = worlds.folder(tmp_path / "one", years=(2020,))
    flows = pl.read_parquet(only / "flows.parquet")
    silent = flows.filter(pl.col("exporter") != worlds.COUNTRIES.index("PPP"))
    silent.write_parquet(only / "flows.parquet")
    rows = measure(only, "PPP", "QQQ").years
    assert rows["complementarity"][0] is None
    assert not rows.select(pl.col(pl.Float64).is_nan().any()).row(0).count(True)


def test_a_product_with_nothing_related_stands_last_and_says_so(folder: Path) -> None:
    found = opportunities.find(folder, "HHH", "PPP", LOOSE).table
    alone = found.filter(density=0.0)
    assert alone.height
    assert (alone["score"] == 0).all()
    assert all("makes no related goods" in reason for reason in alone["reason_en"])
    assert found["score"].is_sorted(descending=True)
    strict = opportunities.find(folder, "HHH", "PPP", replace(LOOSE, min_density=1e-9))
    assert (
        strict.table["product_id"].to_list()
        == found.filter(pl.col("density") > 0)["product_id"].to_list()
    )
    assert strict.left_out["related to what the host makes"] == alone.height


def test_a_folder_with_few_sellers_is_warned_of(tmp_path: Path) -> None:
    few = worlds.folder(tmp_path / "few")
    flows = pl.read_parquet(few / "flows.parquet")
    of_p = flows.filter(pl.col("exporter") == worlds.COUNTRIES.index("PPP"))
    of_p.write_parquet(few / "flows.parquet")
    said = opportunities.find(few, "HHH", "PPP", LOOSE).warnings
    assert any("suppliers outside the folder are missing" in each for each in said)
