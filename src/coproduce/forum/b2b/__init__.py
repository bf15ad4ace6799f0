"""The published meeting problem: every meeting held, breaks proven fewest.

The names load what they need when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coproduce.forum.b2b.files import write_solution
    from coproduce.forum.b2b.portfolio import schedule
    from coproduce.forum.b2b.read import parse_dzn, read_dzn
    from coproduce.forum.b2b.types import Answer, Options, Problem
    from coproduce.forum.b2b.verify import verify_files

_HOMES = {
    "Answer": "types",
    "Options": "types",
    "Problem": "types",
    "parse_dzn": "read",
    "read_dzn": "read",
    "schedule": "portfolio",
    "verify_files": "verify",
    "write_solution": "files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Answer",
    "Options",
    "Problem",
    "parse_dzn",
    "read_dzn",
    "schedule",
    "verify_files",
    "write_solution",
]
