"""Files as users have them → plain CSV tables in UTF-8 that an engine can read, or a clear error.

Zips are unpacked with their checksums checked, other encodings are turned into UTF-8, JSON
answers are flattened, and pages of errors that were saved as data are found out.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from coproduce.records.errors import SourceError

CHUNK_BYTES = 1 << 22
MOST_RATIO = 200
HEAD_BYTES = 65_536
DELIMITERS = (",", ";", "\t", "|")
ERROR_WORDS = re.compile(
    r"result too large|do not have permission|access denied|unauthori[sz]ed|invalid subscription"
    r"|rate limit|quota|statuscode|internal server error|no data matches|<html|<!doctype",
    re.IGNORECASE,
)
PREVIEW_ROWS = (500, 100_000, 250_000)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of text, ready to be read.

    Attributes:
        path: CSV in UTF-8.
        name: as the user knows it; ``zip:member`` for a part of a zip.
        sha256: of the bytes as they came.
        header: names of its columns in order.
        delimiter: between its cells.
    """

    path: Path
    name: str
    sha256: str
    header: tuple[str, ...]
    delimiter: str


@dataclass(frozen=True, slots=True)
class Member:
    """A file found, not yet opened: on disk or inside a zip."""

    name: str
    path: Path
    inside: str = ""

    @property
    def leaf(self) -> str:
        """Name of the file without folders."""
        return Path(self.inside or self.path.name).name


def members(paths: Sequence[Path]) -> list[Member]:
    """Return the files that were named, those in zips one by one, in order of their names.

    Raises:
        SourceError: S110 a file is missing, S111 it is empty, S112 a zip is broken or locked.
    """
    found: list[Member] = []
    for path in paths:
        if not path.is_file():
            raise SourceError("there is no such file", code="S110", where=str(path))
        if path.stat().st_size == 0:
            raise SourceError("the file is empty", code="S111", where=path.name)
        if path.suffix.lower() != ".zip":
            found.append(Member(path.name, path))
            continue
        found.extend(_inside(path))
    return sorted(found, key=lambda member: (member.leaf, member.name))


def _inside(path: Path) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError):
        message = "the zip is broken or was not downloaded to its end; download it again"
        raise SourceError(message, code="S112", where=path.name) from None
    for info in infos:
        if info.flag_bits & 1:
            raise SourceError("the zip is locked by a password", code="S112", where=path.name)
        if info.file_size > MOST_RATIO * max(info.compress_size, 1) + CHUNK_BYTES:
            message = f"{info.filename} unpacks to more than {MOST_RATIO} times its size"
            raise SourceError(message, code="S112", where=path.name)
        if not Path(info.filename).name.startswith((".", "__")):
            yield Member(f"{path.name}:{info.filename}", path, info.filename)


def copy_out(member: Member, target: Path) -> str:
    """Copy a file to ``target`` if it is inside a zip; return the SHA-256 of its bytes.

    Raises:
        SourceError: S112 if the zip is broken.
    """
    digest = hashlib.sha256()
    if not member.inside:
        with member.path.open("rb") as source:
            for part in iter(lambda: source.read(CHUNK_BYTES), b""):
                digest.update(part)
        return digest.hexdigest()
    try:
        with (
            zipfile.ZipFile(member.path) as archive,
            archive.open(member.inside) as source,
            target.open("wb") as out,
        ):
            for part in iter(lambda: source.read(CHUNK_BYTES), b""):
                digest.update(part)
                out.write(part)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError):
        message = "the zip is broken here, locked or not whole; download it again, unlocked"
        raise SourceError(message, code="S112", where=member.name) from None
    return digest.hexdigest()


def open_table(member: Member, work: Path, *, encoding: str = "latin-1") -> Table:
    """Return a file as a table of text.

    Args:
        member: CSV, or JSON with a list ``data``.
        work: folder for copies; they are made only where needed.
        encoding: of files that are not UTF-8.

    Raises:
        SourceError: S111 the file is empty, S112 the zip is broken, S113 it has no rows,
            S114 it is an error that was saved as data, S115 it is no such table.
    """
    copy = work / f"{len(list(work.iterdir()))}.csv"
    sha256 = copy_out(member, copy)
    path = copy if member.inside else member.path
    with path.open("rb") as source:
        head = source.read(HEAD_BYTES)
    if not head.strip():
        raise SourceError("the file is empty", code="S111", where=member.name)
    if b"\0" in head or head.startswith(b"PK"):
        message = "this is no text but a workbook or another binary file; save it as CSV"
        raise SourceError(message, code="S115", where=member.name)
    _refuse_error_page(head, path, member.name)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        path = _flattened(path, copy.with_suffix(".json.csv"), member.name)
    elif not _is_utf8(path):
        path = _recoded(path, copy.with_suffix(".utf8.csv"), encoding)
    header, delimiter = _header(path, member.name)
    return Table(path, member.name, sha256, header, delimiter)


def _refuse_error_page(head: bytes, path: Path, name: str) -> None:
    """Raise if a file of a few lines says why the download failed."""
    if path.stat().st_size > HEAD_BYTES:
        return
    text = head.decode("utf-8", errors="replace")
    is_page = text.lstrip("\ufeff \r\n\t")[:1] == "<"
    lines = [line for line in text.splitlines() if line.strip()]
    said = next((line for line in lines[:3] if ERROR_WORDS.search(line)), "")
    if is_page or (said and len(lines) <= 3):
        message = (
            f"the download failed and its error was saved as data: {(said or lines[0])[:200]!r}; "
            "ask for less at once, or log in, and download the file again"
        )
        raise SourceError(message, code="S114", where=name)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as source:
            for part in iter(lambda: source.read(CHUNK_BYTES), b""):
                decoder.decode(part)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _recoded(path: Path, target: Path, encoding: str) -> Path:
    with (
        path.open("r", encoding=encoding, newline="", errors="replace") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        shutil.copyfileobj(source, out, CHUNK_BYTES)
    return target


def _flattened(path: Path, target: Path, name: str) -> Path:
    """Write the rows of a JSON answer as CSV and return where."""
    with path.open("rb") as source:
        rows = _json_rows(source, name)
    header = list(dict.fromkeys(key for row in rows for key in row))
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return target


def _json_rows(source: BinaryIO, name: str) -> list[dict[str, object]]:
    try:
        tree = json.load(source)
    except ValueError:
        message = "the JSON is broken or was not downloaded to its end; download it again"
        raise SourceError(message, code="S115", where=name) from None
    rows = tree.get("data", tree.get("results")) if isinstance(tree, dict) else tree
    said = str(tree.get("error") or tree.get("message") or "") if isinstance(tree, dict) else ""
    if said:
        message = f"the download failed and its error was saved as data: {said[:200]!r}"
        raise SourceError(message, code="S114", where=name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        message = "this JSON has no list `data` of rows; give the answer as the service sent it"
        raise SourceError(message, code="S115", where=name)
    if not rows:
        raise SourceError("the answer holds no rows", code="S113", where=name)
    stated = tree.get("count") if isinstance(tree, dict) else None
    if isinstance(stated, int) and stated > len(rows):
        message = f"the answer says {stated} rows and holds {len(rows)}; download it again"
        raise SourceError(message, code="S114", where=name)
    return rows


def _header(path: Path, name: str) -> tuple[tuple[str, ...], str]:
    with path.open("r", encoding="utf-8-sig", newline="") as source:
        lines = [source.readline(HEAD_BYTES) for _ in range(2)]
    if not lines[1].strip():
        raise SourceError("the file has a header and no rows", code="S113", where=name)
    delimiter = max(DELIMITERS, key=lines[0].count)
    header = next(csv.reader([lines[0]], delimiter=delimiter))
    if len(header) < 2:
        message = f"this is no CSV table; its first line is {lines[0].strip()[:80]!r}"
        raise SourceError(message, code="S115", where=name)
    return tuple(word.strip() for word in header), delimiter
