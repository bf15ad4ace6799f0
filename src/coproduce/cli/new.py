"""`coproduce new`: a programme of one's own, from a built-in one or empty."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from coproduce.records.errors import UsageError


def new(
    folder: Annotated[
        Path, typer.Argument(help="Folder to make; with --empty also a file that ends in .xlsx.")
    ],
    example: Annotated[
        str, typer.Option("--example", help="Built-in programme to copy; the default if left out.")
    ] = "",
    is_empty: Annotated[
        bool, typer.Option("--empty", help="Only the headers of all tables, to be filled in.")
    ] = False,
) -> None:
    """Copy a built-in programme to a new folder, to edit it there.

    Writes all or nothing, and never into a folder that holds files.

    Example: coproduce new my-programme
    """
    if is_empty and example:
        raise UsageError("--example and --empty cannot be given together", code="U005")
    if folder.suffix.lower() == ".xlsx":
        _new_workbook(folder, is_empty=is_empty)
    else:
        _refuse_used(folder)
        _all_or_nothing(folder, _empty_folder if is_empty else _copy_of(example))
    kind = "empty programme" if is_empty else "programme"
    typer.echo(f"Wrote the {kind} {folder}")
    typer.echo(f"Next: edit it, then `coproduce check {folder}` and `coproduce plan {folder}`")


def _refuse_used(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is not a folder; name a new one", code="U006")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} holds files already; name a new or an empty folder", code="U006"
        )


def _copy_of(example: str) -> Callable[[Path], None]:
    from coproduce.programmes import built_in

    source = built_in(example)

    def write(target: Path) -> None:
        skipped = shutil.ignore_patterns("__pycache__", "__init__.py")
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=skipped)

    return write


def _empty_folder(target: Path) -> None:
    from coproduce.sources.template import write_empty_folder

    write_empty_folder(target)


def _new_workbook(file: Path, *, is_empty: bool) -> None:
    if not is_empty:
        raise UsageError("a workbook can only be made with --empty", code="U005")
    if file.exists() or file.is_symlink():
        raise UsageError(f"{file} is there already; name a new file", code="U006")
    from coproduce.sources.template import write_empty_workbook

    file.parent.mkdir(parents=True, exist_ok=True)
    write_empty_workbook(file)


def _all_or_nothing(folder: Path, write: Callable[[Path], None]) -> None:
    """Write beside the target and move into place once everything is there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as room:
        made = Path(room) / "made"
        made.mkdir()
        write(made)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
