"""The built-in programmes: folders of data that ship with the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from coproduce.records.errors import UsageError


def names() -> tuple[str, ...]:
    """Return the names of the built-in programmes, sorted."""
    root = Path(str(files(__name__)))
    return tuple(sorted(path.parent.name for path in root.glob("*/programme.yaml")))


def default_name() -> str:
    """Return the name of the programme that is planned when none is named."""
    return (Path(str(files(__name__))) / "DEFAULT").read_text(encoding="utf-8").strip()


def built_in(name: str = "") -> Path:
    """Return the folder of a built-in programme; the default one if no name is given.

    Raises:
        UsageError: if there is none of that name; the message lists the ones there are.
    """
    name = name or default_name()
    if name not in names():
        raise UsageError(
            f"there is no built-in programme {name!r}; there are: {', '.join(names())}",
            code="U004",
        )
    return Path(str(files(__name__))) / name


def located(wanted: Path | None) -> Path:
    """Return where a programme lies: a path as given, a built-in one by its name, or the default.

    Args:
        wanted: a path, or the name of a built-in programme where nothing lies by that path.
    """
    if wanted is None:
        return built_in()
    if not wanted.exists() and str(wanted) in names():
        return built_in(str(wanted))
    return wanted
