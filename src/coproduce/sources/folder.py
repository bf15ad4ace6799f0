"""A programme as a folder: `programme.yaml`, `README.md` and one CSV file per table."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path

import polars as pl

from coproduce.records.errors import DataError, Issue, LoadError, SourceError
from coproduce.records.programme import Programme, Settings
from coproduce.records.tables import TABLES
from coproduce.records.validate import SETTINGS_FILE
from coproduce.records.validate_words import shown, suggestion
from coproduce.sources import csvtext
from coproduce.sources import settings as settings_file
from coproduce.sources.assemble import assemble
from coproduce.sources.canonical import canonical_text
from coproduce.sources.decode import MOST_BYTES, decode
from coproduce.sources.problems import Problems
from coproduce.sources.raw import RawTable
from coproduce.sources.typed import INJECTION

README_FILE = "README.md"
FACT_COLUMNS = ("status", "origin_id", "note")


def read_folder(path: Path, *, known_regimes: Collection[str] | None = None) -> Programme:
    """Return the programme in a folder.

    Args:
        path: the folder.
        known_regimes: tax regimes that the rules know; None: not checked.

    Raises:
        LoadError: every problem found in any file; nothing is loaded then.
    """
    problems = Problems()
    if not path.is_dir():
        raise LoadError(
            [
                Issue(
                    "P001",
                    f"there is no such folder or workbook; give a folder that has {SETTINGS_FILE}",
                    file=str(path),
                )
            ]
        )
    _name_strangers(path, problems)
    settings = _settings(path, problems)
    raws: dict[str, RawTable] = {}
    unreadable: set[str] = set()
    for table, schema in TABLES.items():
        file = path / f"{table}.csv"
        if not _is_there(file):
            continue
        text = _text(path, file, MOST_BYTES, problems)
        raw = None
        if text is not None:
            raw = csvtext.parse(text, table, file.name, schema.column_names(), problems)
        if raw is None:
            unreadable.add(table)
        else:
            raws[table] = raw
    readme = path / README_FILE
    about = _text(path, readme, MOST_BYTES, problems) if _is_there(readme) else None
    return assemble(
        raws,
        settings,
        problems,
        unreadable=unreadable,
        known_regimes=known_regimes,
        readme=about or "",
    )


def _is_there(file: Path) -> bool:
    return file.is_symlink() or file.exists()


def _name_strangers(path: Path, problems: Problems) -> None:
    """Refuse CSV files that are no table: a misspelt name must not be left out in silence."""
    for file in sorted(path.iterdir()):
        if file.suffix.lower() != ".csv" or (file.stem in TABLES and file.suffix == ".csv"):
            continue
        hint = suggestion(file.stem.lower(), TABLES) or f" Tables are: {', '.join(TABLES)}."
        message = f"no table has this name.{hint} Rename the file or move it to a subfolder"
        problems.add(Issue("P007", message, file=file.name, value=file.stem))


def _settings(path: Path, problems: Problems) -> Settings | None:
    file = path / SETTINGS_FILE
    if not _is_there(file):
        message = "this file is missing; it holds title, horizon and currency of the programme"
        problems.add(Issue("P002", message, file=SETTINGS_FILE))
        return None
    text = _text(path, file, settings_file.SETTINGS_FILE_MOST_BYTES, problems)
    return None if text is None else settings_file.parse_yaml(text, SETTINGS_FILE, problems)


def _text(folder: Path, file: Path, most_bytes: int, problems: Problems) -> str | None:
    """Return a file's text, or None and a problem."""
    if not file.resolve().is_relative_to(folder.resolve()):
        message = "this is a link to a place outside the folder; put the file itself here"
        problems.add(Issue("P006", message, file=file.name))
        return None
    if not file.is_file():
        message = "this is not a file; put a text file here"
        problems.add(Issue("P001", message, file=file.name))
        return None
    size = file.stat().st_size
    if size > most_bytes:
        message = f"the file has {size:,} bytes; at most {most_bytes:,} are read"
        problems.add(Issue("P003", message, file=file.name))
        return None
    try:
        text, warnings = decode(file.read_bytes(), file.name)
    except OSError as error:
        message = f"the file cannot be read ({error.strerror}); look at its permissions"
        problems.add(Issue("P001", message, file=file.name))
        return None
    except SourceError as error:
        problems.add(csvtext.refuse_text(error, file.name))
        return None
    problems.extend(warnings)
    return text


def write_folder(programme: Programme, path: Path) -> None:
    """Write a programme as a folder; reading it gives the same programme.

    Tables without rows are left out. Files of the folder with other names are left alone.

    Args:
        programme: what to write.
        path: the folder; it is made if it is not there.

    Raises:
        DataError: if a text begins like a formula; code P040. Nothing is written then.
    """
    texts = {
        f"{table}.csv": csv_text(frame, table)
        for table, frame in programme.tables.items()
        if not frame.is_empty()
    }
    texts[SETTINGS_FILE] = settings_file.to_yaml(programme.settings)
    if programme.readme:
        texts[README_FILE] = programme.readme
    path.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        if f"{table}.csv" not in texts:
            (path / f"{table}.csv").unlink(missing_ok=True)
    for name, text in texts.items():
        (path / name).write_text(text, encoding="utf-8", newline="")


def written_order(table: str) -> list[str]:
    """Return a table's columns as files have them: what it says first, where it is from last."""
    names = TABLES[table].column_names()
    return sorted(names, key=lambda name: (name in FACT_COLUMNS, names.index(name)))


def csv_text(frame: pl.DataFrame, table: str) -> str:
    """Return a table as CSV text in our own form: UTF-8, comma, decimal point."""
    cells = canonical_text(frame.select(written_order(table)))
    refuse_formulas(cells, table)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(cells.columns)
    writer.writerows(cells.iter_rows())
    return buffer.getvalue()


def refuse_formulas(cells: pl.DataFrame, table: str) -> None:
    """Raise if a text cell would be run as a formula by a spreadsheet."""
    for column in cells.columns:
        bad = cells.filter(pl.col(column).str.contains(INJECTION))[column]
        if not bad.is_empty():
            raise DataError(
                f"the text {shown(bad[0])} begins like a formula; put a word in front",
                code="P040",
                where=f"table {table}, column {column}",
            )
