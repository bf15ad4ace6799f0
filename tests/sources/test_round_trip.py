"""What is written is read back without loss, and has the same hash however it was stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from coproduce.records.errors import DataError
from coproduce.records.tables import TABLES
from coproduce.records.validate import ROW
from coproduce.sources import (
    content_hash,
    csvtext,
    read_programme,
    write_folder,
    write_xlsx,
)
from coproduce.sources.folder import csv_text
from coproduce.sources.problems import Problems
from coproduce.sources.rowrules import good_rows
from coproduce.sources.settings import parse_flat, parse_yaml, to_flat, to_yaml
from coproduce.sources.typed import typed
from tests.worlds import programme, settings

HARD_NUMBERS = (0.1 + 0.2, 2 / 3, 1e-12, 1.0000000000000002, 123456789.123456789)


def hard_world() -> object:
    """Return the world with numbers and texts that careless code would change."""

    def hard(frame: pl.DataFrame) -> pl.DataFrame:
        values = [*HARD_NUMBERS, *frame["value"].to_list()][: frame.height]
        return frame.with_columns(
            value=pl.Series(values),
            low=None,
            high=None,
            meaning=pl.lit('комма, "кавычки"; и\nновая строка'),
            note=pl.lit("-5 % against 2025"),
        )

    made = programme(parameters=hard)
    return replace(made, readme="# About\n\nTwo lines.\n")


def test_folder_workbook_and_folder_again_keep_everything(tmp_path: Path) -> None:
    world = hard_world()
    write_folder(world, tmp_path / "first")
    first = read_programme(tmp_path / "first")
    write_xlsx(first, tmp_path / "book.xlsx")
    book = read_programme(tmp_path / "book.xlsx")
    write_folder(book, tmp_path / "second")

    wanted = content_hash(world.settings, world.tables)
    assert (first.content_hash, book.content_hash) == (wanted, wanted)
    assert first.settings == book.settings == world.settings
    assert first.readme == book.readme == world.readme
    assert first.warnings == book.warnings == ()
    for table in TABLES:
        assert first[table].equals(world[table]), table
        assert book[table].equals(world[table]), table
    names = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "second").iterdir())
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (
            tmp_path / "second" / name
        ).read_bytes(), name


def test_the_hash_sees_every_cell_but_no_order() -> None:
    world = programme()
    wanted = content_hash(world.settings, world.tables)
    turned = {table: frame.reverse() for table, frame in world.tables.items()}
    assert content_hash(world.settings, turned) == wanted
    other = world["demand"].with_columns(quantity=pl.col("quantity") + 1e-12)
    assert content_hash(world.settings, {**world.tables, "demand": other}) != wanted
    assert content_hash(settings(sector="trains"), world.tables) != wanted
    assert content_hash(settings(full_cycle_stage_id="fdf"), world.tables) != wanted


def test_settings_come_back_from_both_forms() -> None:
    wanted = settings(
        rules={"profit_tax": "x.tax", "duty": "x.duty"},
        sector="yes",
        full_cycle_stage_id="fdf",
        stage_names={"api.en": "bulk", "api.ru": "сырьё"},
        finished_goods={
            "unit.en": "cars",
            "unit.ru": "вагоны",
            "goods.en": "cars",
            "goods.ru": "вагонов",
        },
    )
    problems = Problems()
    assert parse_yaml(to_yaml(wanted), "programme.yaml", problems) == wanted
    pairs = {key: str(value) for key, value in to_flat(wanted)}
    lines = {key: number for number, key in enumerate(pairs, start=2)}
    assert parse_flat(pairs, lines, "book.xlsx", "programme", problems) == wanted
    assert problems.issues == []


def test_a_text_that_begins_like_a_formula_is_not_written_and_neither_is_anything_else(
    tmp_path: Path,
) -> None:
    world = programme(tables=lambda rows: rows.with_columns(name_en=pl.lit("=1+1")))
    for write, target in ((write_folder, tmp_path / "f"), (write_xlsx, tmp_path / "b.xlsx")):
        with pytest.raises(DataError, match="begins like a formula"):
            write(world, target)
        assert not target.exists()


IDENTIFIERS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.+\-]{0,6}", fullmatch=True)
TEXTS = (
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")),
        min_size=1,
        max_size=12,
    )
    .map(str.strip)
    .filter(lambda text: text and text[0] not in "=@+-")
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def _certificates() -> st.SearchStrategy[pl.DataFrame]:
    days = st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31))
    row = st.tuples(
        st.just("assumed"),
        IDENTIFIERS,
        st.none() | TEXTS,
        IDENTIFIERS,
        IDENTIFIERS,
        TEXTS,
        st.none() | TEXTS,
        days,
        days,
        st.just("granted"),
    )
    return _frames("certificates", row, key=3)


def _parameters() -> st.SearchStrategy[pl.DataFrame]:
    row = st.tuples(
        st.just("assumed"),
        IDENTIFIERS,
        st.none() | TEXTS,
        IDENTIFIERS,
        NUMBERS,
        st.none() | NUMBERS,
        st.none() | NUMBERS,
        TEXTS,
        TEXTS,
    )
    return _frames("parameters", row, key=3)


def _frames(
    table: str, row: st.SearchStrategy[tuple[object, ...]], key: int
) -> st.SearchStrategy[pl.DataFrame]:
    schema = {name: column.dtype for name, column in TABLES[table].columns().items()}
    return st.lists(row, max_size=6, unique_by=lambda values: values[key]).map(
        lambda rows: pl.DataFrame(rows, schema=schema, orient="row")
    )


@profile(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.tuples(st.just("certificates"), _certificates()),
        st.tuples(st.just("parameters"), _parameters()),
    )
)
def test_any_valid_table_is_read_back_from_its_csv_as_it_was(
    case: tuple[str, pl.DataFrame],
) -> None:
    table, frame = case
    problems = Problems()
    text = csv_text(frame, table)
    raw = csvtext.parse(text, table, f"{table}.csv", TABLES[table].column_names(), problems)
    assert raw is not None
    read = typed(raw, TABLES[table], problems)
    assert read is not None
    good = good_rows(raw, read, TABLES[table], problems).drop(ROW)
    assert problems.issues == []
    assert good.equals(frame)
