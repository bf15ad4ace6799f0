"""Numbers of a plain or gzipped text file, one by one, each knowing its line."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from coproduce.network.location.types import Floats
from coproduce.records.errors import SourceError


def text_of(path: Path) -> str:
    """Return the text of a plain or ``.gz`` file.

    Raises:
        SourceError: not there (``S040``), damaged or not text (``S043``).
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", code="S040", where=str(path)
        ) from error
    try:
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        return raw.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SourceError(f"is damaged: {error}", code="S043", where=path.name) from error


class Tokens:
    """Reads numbers in order and says the line of whatever is wrong.

    Args:
        path: the file; ``.gz`` is unpacked.
        skip_lines: lines of heading to pass over.
    """

    def __init__(self, path: Path, *, skip_lines: int = 0) -> None:
        self.path = path
        lines = text_of(path).splitlines()
        self._words: list[str] = []
        counts: list[int] = [0] * skip_lines
        for line in lines[skip_lines:]:
            words = line.replace(",", " ").split()
            self._words += words
            counts.append(len(words))
        self._ends = np.cumsum(counts) if counts else np.zeros(0, dtype=np.int64)
        self._at = 0

    @property
    def left(self) -> int:
        """How many numbers were not yet read."""
        return len(self._words) - self._at

    def size(self, what: str) -> int:
        """Return a count of at least one."""
        value = self.numbers(1, what)[0]
        if value != int(value) or not 1 <= value <= 10_000_000:
            raise self.wrong(f"{what} is {value:g}; a whole number from 1 is needed", -1)
        return int(value)

    def numbers(self, count: int, what: str, *, least: float | None = None) -> Floats:
        """Return the next `count` numbers; all finite, none below `least`."""
        words = self._words[self._at : self._at + count]
        if len(words) < count:
            missing = count - len(words)
            raise SourceError(
                f"ends {missing} numbers early, while reading {what}: the file is cut off or its"
                " counts are wrong, or it is of another format",
                code="S044",
                where=f"{self.path.name}, line {len(self._ends)}",
            )
        try:
            values = np.array(words, dtype=np.float64)
        except ValueError:
            offset = next(k for k, word in enumerate(words) if not _is_number(word))
            raise self.wrong(f"{words[offset]!r} is not a number ({what})", offset) from None
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise self.wrong(f"{what} is {words[bad[0]]}; a finite number is needed", int(bad[0]))
        if least is not None and (values < least).any():
            offset = int(np.flatnonzero(values < least)[0])
            raise self.wrong(f"{what} is {words[offset]}; at least {least:g} is needed", offset)
        self._at += count
        return values

    def end(self) -> None:
        """Raise if numbers are left over."""
        if self.left:
            raise self.wrong(
                f"{self.left} numbers are left over: the counts are wrong or the file is of"
                " another format",
                0,
            )

    def wrong(self, message: str, offset: int) -> SourceError:
        """Return an error at the line of the number `offset` places from the next one."""
        line = int(np.searchsorted(self._ends, self._at + offset, side="right")) + 1
        return SourceError(message, code="S045", where=f"{self.path.name}, line {line}")


def _is_number(word: str) -> bool:
    try:
        return not math.isnan(float(word)) or word.lower().strip("+-") == "nan"
    except ValueError:
        return False
