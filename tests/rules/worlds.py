"""Small trees of leaves, written to a folder by the tests that need them."""

from __future__ import annotations

from pathlib import Path

HEAD = """\
checked: {on: 2026-11-20}
refs:
  act: {title: An act, href: "https://example.org/act"}
  guess: {title: A guess, method: because}
leaves:
"""

LEAF = """\
  aa.tax.rate:
    label: {en: Rate, ru: Ставка}
    unit: percent
    kind: number
    values:
"""


def write_tree(folder: Path, text: str, name: str = "rate.yaml") -> Path:
    """Write one file of leaves below ``aa/tax`` and return the root of the tree."""
    place = folder / "law" / "aa" / "tax"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text(text, encoding="utf-8")
    return folder / "law"


def with_values(*values: str) -> str:
    """Return a file with one leaf that has these versions, one a line from line 11 on."""
    return HEAD + LEAF + "".join(f"      - {{{value}}}\n" for value in values)


FIRST_LINE = (HEAD + LEAF).count("\n") + 1
"""Line of the first version in a file made by `with_values`."""
