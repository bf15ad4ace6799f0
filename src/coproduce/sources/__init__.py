"""Files of the world → records, and back."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coproduce.records.programme import Programme
    from coproduce.sources.canonical import content_hash
    from coproduce.sources.folder import read_folder, write_folder
    from coproduce.sources.xlsx import read_xlsx, write_xlsx

__all__ = [
    "content_hash",
    "read_folder",
    "read_programme",
    "read_xlsx",
    "write_folder",
    "write_xlsx",
]

# trade files need none of a programme's tables, so these are loaded when they are asked for
_HOMES = {
    "content_hash": "canonical",
    "read_folder": "folder",
    "write_folder": "folder",
    "read_xlsx": "xlsx",
    "write_xlsx": "xlsx",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def read_programme(path: Path | str, *, known_regimes: Collection[str] | None = None) -> Programme:
    """Return the programme in a folder, or in a workbook if the path is a file.

    Args:
        path: a folder with `programme.yaml` and CSV files, or an XLSX file.
        known_regimes: tax regimes that the rules know; None: not checked.

    Raises:
        LoadError: every problem found; nothing is loaded then.
    """
    from coproduce.sources.folder import read_folder
    from coproduce.sources.xlsx import read_xlsx

    path = Path(path)
    if path.is_file():
        return read_xlsx(path, known_regimes=known_regimes)
    return read_folder(path, known_regimes=known_regimes)
