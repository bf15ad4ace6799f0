"""The exceptions of Coproduce, drawn once.

CoproduceError                  everything we raise on purpose; carries `code` and `where`
├── DataError                   the user's tables or files are wrong (exit code 1)
│   ├── LoadError               all problems found while a programme was read, reported together
│   └── SourceError             one file of the world cannot be read as what it claims to be
├── RuleError                   a leaf of dated law is malformed, unknown or without value
├── ModelError                  a room cannot do its work
│   ├── InfeasiblePlan          the constraints conflict; names the smallest set found
│   └── VerificationFailed      an independent check contradicts a result
├── UsageError                  the call itself makes no sense (exit code 2)
└── Cancelled                   the user stopped the work; says what was finished
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CoproduceError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: what is wrong, what is allowed and what to do.
        code: stable identifier, for example ``"P012"``; tests and users may rely on it.
        where: file, sheet, row and column or leaf and line; empty when it has no place.
    """

    exit_code = 1

    def __init__(self, message: str, *, code: str, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"[{self.code}] {place}{self.message}"


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem of a load: stable code, place and what to do.

    ``row`` counts as a person sees it in a spreadsheet: the header is row 1.
    """

    code: str
    message: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    is_warning: bool = False

    @property
    def where(self) -> str:
        """The place in words, for example ``sites.csv, row 4, column region_id``."""
        parts = [self.file]
        if self.sheet:
            parts.append(f"sheet {self.sheet}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        return f"[{self.code}] {self.where}: {self.message}"


class DataError(CoproduceError):
    """The user's data are wrong."""


class LoadError(DataError):
    """All problems found while a programme was read; nothing was loaded.

    Args:
        issues: every problem, in file and row order; at least one is not a warning.
    """

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        count = sum(not issue.is_warning for issue in self.issues)
        lines = "\n".join(f"  {issue}" for issue in self.issues)
        noun = "problem" if count == 1 else "problems"
        super().__init__(f"{count} {noun} found, nothing was loaded:\n{lines}", code="P000")


class SourceError(DataError):
    """A file cannot be read as what it claims to be."""


class RuleError(CoproduceError):
    """A leaf of dated law is malformed, unknown or has no value at the asked instant."""


class ModelError(CoproduceError):
    """A room cannot do its work on these inputs."""


class InfeasiblePlan(ModelError):
    """The constraints conflict.

    Args:
        conflict: the smallest set of constraints found that cannot hold together, in words.
    """

    def __init__(self, conflict: Sequence[str], *, where: str = "") -> None:
        self.conflict = tuple(conflict)
        listed = "\n".join(f"  - {line}" for line in self.conflict)
        super().__init__(
            f"these constraints cannot hold together; relax at least one of them:\n{listed}",
            code="N001",
            where=where,
        )


class VerificationFailed(ModelError):
    """An independent check contradicts a result; the result must not be used."""


class UsageError(CoproduceError):
    """The call itself makes no sense."""

    exit_code = 2


class Cancelled(CoproduceError):
    """The user stopped the work."""

    exit_code = 130
