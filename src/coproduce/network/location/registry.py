"""Which module reads, solves and checks each public format; loaded when asked for.

A new kind of problem adds one line per format to `FORMATS`:

- ``reads``: ``read(path: Path, reading: Reading) -> problem`` raises `SourceError` with the line;
- ``solves``: ``solve(problem, options: Options) -> Answer``;
- ``checks``: ``check(path: Path, record: dict[str, Any]) -> Checked`` shares no code with either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from coproduce.network.location.types import Answer, Checked, Options, Reading
from coproduce.records.errors import UsageError

_HERE = "coproduce.network.location"


@dataclass(frozen=True, slots=True)
class Format:
    """Where the work on one format is done: ``module:function`` below this package.

    Attributes:
        choices: which switches of `Reading` it allows: ``uncapacitated``, ``single_source``,
            ``split``.
    """

    reads: str
    solves: str
    checks: str
    choices: frozenset[str] = frozenset()


_BOTH = frozenset({"uncapacitated", "single_source"})

FORMATS: dict[str, Format] = {
    "orlib": Format("formats.orlib:read", "onelevel.solve:solve", "check.facilities:check", _BOTH),
    "holmberg": Format(
        "formats.holmberg:read", "onelevel.solve:solve", "check.facilities:check", _BOTH
    ),
    "sscflp": Format(
        "formats.sscflp:read", "onelevel.solve:solve", "check.facilities:check", _BOTH | {"split"}
    ),
    "ufl": Format("formats.ufl:read", "onelevel.solve:solve", "check.facilities:check"),
    "tscflp": Format("formats.tscflp:read", "multilevel.solve:solve", "check.levels:check"),
    "mptscflp": Format("formats.mptscflp:read", "multilevel.solve:solve", "check.levels:check"),
    "smps": Format("formats.smps:read", "stochastic.solve:solve", "check.program:check"),
    "scflp-json": Format(
        "formats.scflp_json:read", "stochastic.scenarios:solve", "check.levels:check"
    ),
}


def read(path: Path, name: str, reading: Reading) -> Any:
    """Return the problem in a file of the format called `name`.

    Raises:
        UsageError: unknown format (``U040``) or a switch it does not allow (``U041``).
        SourceError: the file is not what it claims to be, with the line.
    """
    form = format_called(name)
    for choice, is_set in (
        ("uncapacitated", reading.is_uncapacitated),
        ("single_source", reading.is_single_source),
        ("split", reading.is_split),
    ):
        if is_set and choice not in form.choices:
            raise UsageError(
                f"format {name} has no choice --{choice.replace('_', '-')}; leave it out",
                code="U041",
            )
    if reading.is_split and reading.is_single_source:
        raise UsageError(
            "--split and --single-source exclude each other; leave one out", code="U041"
        )
    return _load(form.reads)(path, reading)


def solve(problem: Any, name: str, options: Options) -> Answer:
    """Return the best answer found within the options, with its certificate."""
    answer: Answer = _load(format_called(name).solves)(problem, options)
    return answer


def check(path: Path, record: dict[str, Any], name: str) -> Checked:
    """Return what an independent recount of a solution file says."""
    checked: Checked = _load(format_called(name).checks)(path, record)
    return checked


def format_called(name: str) -> Format:
    """Return the format of this name.

    Raises:
        UsageError: there is none (``U040``).
    """
    if name not in FORMATS:
        raise UsageError(
            f"unknown format {name!r}; known are {', '.join(sorted(FORMATS))}", code="U040"
        )
    return FORMATS[name]


def _load(where: str) -> Callable[..., Any]:
    module, function = where.split(":")
    found: Callable[..., Any] = getattr(import_module(f"{_HERE}.{module}"), function)
    return found
