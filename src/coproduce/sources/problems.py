"""Collects every problem of a load, so that all of them are reported together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from coproduce.records.errors import Issue

MOST_OF_A_KIND = 20
"""More problems of one code in one column of one table are counted, not listed."""


@dataclass(slots=True)
class Problems:
    """The problems found so far, each kind listed up to `MOST_OF_A_KIND` times per column."""

    issues: list[Issue] = field(default_factory=list)
    _seen: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def add(self, issue: Issue) -> None:
        """Keep a problem, or only count it if there are many of its kind already."""
        kind = (issue.code, issue.file, issue.sheet, issue.column)
        self._seen[kind] += 1
        if self._seen[kind] <= MOST_OF_A_KIND:
            self.issues.append(issue)

    def extend(self, issues: Iterable[Issue]) -> None:
        """Keep several problems."""
        for issue in issues:
            self.add(issue)

    @property
    def has_errors(self) -> bool:
        """Whether something was found that forbids to load."""
        return any(not issue.is_warning for issue in self.issues)

    def listed(self) -> tuple[Issue, ...]:
        """Return all problems with a last line for each kind that was cut short."""
        cut = [
            Issue(
                code,
                f"and {count - MOST_OF_A_KIND} more rows with the same problem",
                file=file,
                sheet=sheet,
                column=column,
                is_warning=all(issue.is_warning for issue in self.issues if issue.code == code),
            )
            for (code, file, sheet, column), count in self._seen.items()
            if count > MOST_OF_A_KIND
        ]
        return (*self.issues, *cut)
