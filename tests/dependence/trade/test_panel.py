"""The panel: hand cases, the two passes bit by bit, and SQL that shares no code with it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.dependence.trade import build, michaely
from coproduce.dependence.trade.kernel import NOBODY, Batch, Cells, fill
from coproduce.dependence.trade.tables import pair_flows
from coproduce.records.errors import ModelError, SourceError, UsageError
from tests.dependence.trade.worlds import folder, write

FLOWS = (
    "2020 A D x 60;2020 B D x 30;2020 C D x 10;2020 E D x 10;2020 D A x 5;"
    "2021 A D x 50;2021 B D x 50;2020 A D y 7;2020 D D y 99"
)


def test_concentration_suppliers_and_margins_by_hand(tmp_path: Path) -> None:
    found = build(folder(tmp_path / "t", FLOWS))
    at = found.country("D"), found.product("x"), found.year(2020)
    assert found.imports_usd[at] == 110
    assert found.hhi[at] == pytest.approx((60**2 + 30**2 + 10**2 + 10**2) / 110**2)
    assert found.n_suppliers[at] == 4
    assert [found.country_ids[i] for i in found.top[at]] == ["A", "B", "C"], "first of equals"
    assert found.top_usd[at].tolist() == [60, 30, 10]
    assert found.exports_usd[found.country("A"), found.product("x")].tolist() == [60, 50]
    assert found.world_usd[found.product("x")].tolist() == [115, 100]
    assert found.world_hhi[found.product("x"), 1] == pytest.approx(0.5)


def test_a_country_does_not_supply_itself_and_nobody_means_nan(tmp_path: Path) -> None:
    found = build(folder(tmp_path / "t", FLOWS))
    y = found.product("y")
    assert found.imports_usd[found.country("D"), y, 0] == 7
    assert np.isnan(found.hhi[found.country("B"), y, 0])
    assert (found.top[found.country("B"), y, 0] == NOBODY).all()


def test_rows_of_one_supplier_with_different_flags_are_one_supplier(tmp_path: Path) -> None:
    flows = "2020 A D x 4;2020 A D x 6 1;2020 B D x 10 8"
    found = build(folder(tmp_path / "t", flows))
    at = found.country("D"), 0, 0
    assert (found.n_suppliers[at], found.hhi[at]) == (2, 0.5)
    without = build(tmp_path / "t", without_flags=8)
    assert without.n_suppliers[at] == 1


def test_years_can_be_chosen_and_a_wrong_one_is_said(tmp_path: Path) -> None:
    place = folder(tmp_path / "t", FLOWS)
    assert build(place, years=[2021]).imports_usd.sum() == 100
    with pytest.raises(UsageError, match="2020, 2021"):
        build(place, years=[1999])
    with pytest.raises(UsageError, match="TX030"):
        build(place).country("Z")


def test_totals_with_the_world_are_refused(tmp_path: Path) -> None:
    place = folder(tmp_path / "t", "2020 A X0 x 4", partners="world")
    with pytest.raises(ModelError, match="TX022"):
        build(place)


@st.composite
def flows(draw: st.DrawFn) -> list[tuple[int, int, int, int, float]]:
    cell = st.tuples(
        st.integers(0, 4),
        st.integers(0, 4),
        st.integers(0, 2),
        st.integers(0, 1),
        st.sampled_from([1.0, 2.0, 2.0, 3.5, 1e9]),
    )
    return sorted(draw(st.lists(cell, min_size=1, max_size=60)))


def columns(rows: list[tuple[int, int, int, int, float]]) -> Batch:
    table = np.array(rows)
    exporter, importer, product, year = (table[:, at].astype(np.uint16) for at in range(4))
    return exporter, importer, product, year, table[:, 4].copy()


def cut(batch: Batch, pieces: int) -> list[Batch]:
    edges = np.linspace(0, len(batch[0]), pieces + 1).astype(int)
    return [
        tuple(column[start:end] for column in batch)  # type: ignore[misc]
        for start, end in pairwise(edges.tolist())
    ]


@given(flows(), st.integers(1, 7))
def test_however_the_rows_are_cut_the_pass_is_what_a_dictionary_says(
    rows: list[tuple[int, int, int, int, float]], pieces: int
) -> None:
    cells = Cells((5, 3, 2))
    fill(cut(columns(rows), pieces), cells, compiled=False)
    told: dict[tuple[int, int, int], dict[int, float]] = {}
    for exporter, importer, product, year, value in rows:
        if exporter != importer:
            cell = told.setdefault((importer, product, year), {})
            cell[exporter] = cell.get(exporter, 0.0) + value
    for (importer, product, year), suppliers in told.items():
        at = (importer * 3 + product) * 2 + year
        largest = sorted(suppliers.items(), key=lambda item: (-item[1], item[0]))[:3]
        assert cells.sums[at, 0] == pytest.approx(sum(suppliers.values()))
        assert cells.who[at, 0] == len(suppliers)
        assert cells.who[at, 1 : 1 + len(largest)].tolist() == [i for i, _ in largest]
        assert cells.sums[at, 2 : 2 + len(largest)].tolist() == [v for _, v in largest]
    assert cells.sums[:, 0].sum() == pytest.approx(cells.exports_usd.sum())
    assert int((cells.who[:, 0] > 0).sum()) == len(told)


@pytest.mark.slow
@given(flows(), st.integers(1, 7))
def test_compiled_and_numpy_passes_agree_bit_by_bit(
    rows: list[tuple[int, int, int, int, float]], pieces: int
) -> None:
    pytest.importorskip("numba")
    both = Cells((5, 3, 2)), Cells((5, 3, 2))
    for cells, compiled in zip(both, (True, False), strict=True):
        fill(cut(columns(rows), pieces), cells, compiled=compiled)
    assert np.array_equal(both[0].sums, both[1].sums)
    assert np.array_equal(both[0].who, both[1].who)
    assert np.array_equal(both[0].exports_usd, both[1].exports_usd)


def test_unsorted_flows_are_refused() -> None:
    batch = columns([(1, 0, 0, 0, 1.0), (0, 1, 0, 0, 1.0)])
    with pytest.raises(SourceError, match="TX021"):
        fill([batch], Cells((5, 3, 2)), compiled=False)


def test_one_pair_comes_with_all_products_and_years(tmp_path: Path) -> None:
    found = pair_flows(folder(tmp_path / "t", FLOWS), "A", "D")
    assert found.select("year", "product_id", "value_usd").rows() == [
        (2020, "x", 60.0),
        (2021, "x", 50.0),
        (2020, "y", 7.0),
    ]


def test_the_real_slice_of_six_products_equals_independent_sql(
    shared_data: Path, tmp_path: Path
) -> None:
    """BACI HS12 2018, CEPII, Etalab 2.0; all countries, six products of fish."""
    path = shared_data / "trade" / "baci" / "baci_hs12_y2018_seafood_all_countries.csv"
    if not path.is_file():
        pytest.skip("BENCHMARK DATA NOT FOUND: the BACI slice is missing, this test did not run")
    rows = (
        pl.read_csv(path, infer_schema=False)
        .select(
            pl.col("exporter_iso3c").alias("i"),
            pl.col("importer_iso3c").alias("j"),
            pl.col("hs6").alias("k"),
            pl.col("total_v").cast(pl.Float64).alias("v"),
        )
        .group_by("i", "j", "k")
        .agg(pl.col("v").sum())
        .filter((pl.col("v") > 0) & (pl.col("i") != pl.col("j")))
        .sort("i", "j", "k")
    )
    names = sorted({*rows["i"], *rows["j"]})
    goods = sorted(set(rows["k"]))
    coded = rows.select(
        pl.lit(2018).alias("year"),
        pl.col("i").replace_strict(names, range(len(names))).alias("exporter"),
        pl.col("j").replace_strict(names, range(len(names))).alias("importer"),
        pl.col("k").replace_strict(goods, range(len(goods))).alias("product"),
        pl.col("v").alias("value_usd"),
        pl.lit(None).alias("quantity_t"),
        pl.lit(0).alias("flags"),
    )
    write(tmp_path / "t", coded, names, goods)
    found = build(tmp_path / "t")
    sql = duckdb.connect()
    rows.write_parquet(tmp_path / "rows.parquet")
    sql.execute(f"CREATE VIEW flow AS SELECT * FROM '{tmp_path / 'rows.parquet'}'")
    told = sql.execute(
        "SELECT j, k, sum((v / total) ^ 2), arg_max(i, v) FROM (SELECT *, sum(v) OVER "
        "(PARTITION BY j, k) AS total FROM flow) GROUP BY j, k"
    ).fetchall()
    assert len(told) > 900
    for importer, product, hhi, top in told:
        at = found.country(importer), found.product(product), 0
        assert abs(found.hhi[at] - hhi) < 1e-12
        assert found.country_ids[found.top[at][0]] == top
    exporter, importer = found.country("IND"), found.country("RUS")
    complementarity = sql.execute(
        "WITH x AS (SELECT k, sum(v) / sum(sum(v)) OVER () AS s FROM flow WHERE i = 'IND' GROUP "
        "BY k), m AS (SELECT k, sum(v) / sum(sum(v)) OVER () AS s FROM flow WHERE j = 'RUS' "
        "GROUP BY k) SELECT 100 * (1 - sum(abs(coalesce(x.s, 0) - coalesce(m.s, 0))) / 2) FROM x "
        "FULL JOIN m USING (k)"
    ).fetchall()[0][0]
    ours = michaely(found.exports_usd[exporter, :, 0], found.imports_usd[importer, :, 0])
    assert abs(float(ours) - complementarity) < 1e-12 * 100
