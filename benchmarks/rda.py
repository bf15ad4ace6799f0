"""Reads a data frame of an R data file (.rda), as far as the parity check needs it.

Written from the description of the serialisation format in "R Internals", section 1.8.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

OPENERS = {b"\xfd7zXZ": lzma.decompress, b"BZh": bz2.decompress, b"\x1f\x8b": gzip.decompress}
NIL, GLOBAL, MISSING, BASE, REFERENCE = 254, 253, 251, 241, 255
SYMBOL, PAIRS, CHARS, LOGICAL, INTEGER, REAL, STRINGS, VECTOR = 1, 2, 9, 10, 13, 14, 16, 19
ALTREP = 238


def read_frames(path: Path) -> dict[str, pl.DataFrame]:
    """Return every data frame of the file by its name."""
    raw = path.read_bytes()
    for magic, opener in OPENERS.items():
        if raw.startswith(magic):
            raw = opener(raw)
    if not raw.startswith((b"RDX2\nX\n", b"RDX3\nX\n")):
        raise ValueError(f"{path.name} is no XDR data file of R")
    reader = _Reader(raw, 7)
    saved = reader.read()
    return {name: _frame(*value) for name, value in saved.items() if isinstance(value, tuple)}


def _frame(columns: list[Any], attributes: dict[str, Any]) -> pl.DataFrame:
    names = attributes.get("names", [])
    return pl.DataFrame(
        {name: _column(column) for name, column in zip(names, columns, strict=True)}
    )


def _column(column: Any) -> Any:
    """Return the values, those of a factor as text."""
    if isinstance(column, tuple):
        values, attributes = column
        levels = attributes.get("levels")
        return [levels[int(v) - 1] for v in values] if levels else values
    return column


class _Reader:
    def __init__(self, raw: bytes, at: int) -> None:
        self.raw, self.at = raw, at
        self.known: list[Any] = []
        version = self.integer()
        self.at += 8
        if version == 3:
            length = self.integer()
            self.at += length

    def integer(self) -> int:
        self.at += 4
        return int(struct.unpack_from(">i", self.raw, self.at - 4)[0])

    def array(self, kind: str) -> np.ndarray:
        count = self.integer()
        found = np.frombuffer(self.raw, kind, count, self.at)
        self.at += found.nbytes
        return found.astype(found.dtype.newbyteorder("="))

    def read(self) -> Any:
        flags = self.integer()
        kind, has_attributes, has_tag = flags & 255, bool(flags & 512), bool(flags & 1024)
        if kind in (NIL, GLOBAL, MISSING, BASE):
            return {} if kind == NIL else None
        if kind == REFERENCE:
            return self.known[(flags >> 8) - 1]
        if kind == SYMBOL:
            self.known.append(self.read())
            return self.known[-1]
        if kind == PAIRS:
            return self.pairs(has_attributes, has_tag)
        if kind == CHARS:
            length = self.integer()
            self.at += max(length, 0)
            return self.raw[self.at - length : self.at].decode("utf-8") if length >= 0 else None
        if kind == ALTREP:
            return self.altrep()
        value = self.vector(kind)
        return (value, self.read()) if has_attributes else value

    def vector(self, kind: int) -> Any:
        if kind in (LOGICAL, INTEGER):
            return self.array(">i4")
        if kind == REAL:
            return self.array(">f8")
        if kind in (STRINGS, VECTOR):
            return [self.read() for _ in range(self.integer())]
        raise ValueError(f"kind {kind} of R is not read here")

    def pairs(self, has_attributes: bool, has_tag: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            if has_attributes:
                self.read()
            tag = self.read() if has_tag else str(len(found))
            found[str(tag)] = self.read()
            flags = self.integer()
            if flags & 255 != PAIRS:
                return found
            has_attributes, has_tag = bool(flags & 512), bool(flags & 1024)

    def altrep(self) -> Any:
        info, state, _ = self.read(), self.read(), self.read()
        name = next(iter(info.values()))
        if name == "compact_intseq":
            count, first, step = (int(v) for v in state)
            return np.arange(count) * step + first
        if name in ("deferred_string", "wrap_string", "wrap_real", "wrap_integer"):
            return state[0] if isinstance(state, list) else next(iter(state.values()))
        raise ValueError(f"deferred values of kind {name} are not read here")
