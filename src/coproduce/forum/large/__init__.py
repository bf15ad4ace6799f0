"""Forums of any size from a folder: schedule, check, re-plan, explain, print.

The names load what they need when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coproduce.forum.large.files import read_answer, write_answer
    from coproduce.forum.large.read import read_forum
    from coproduce.forum.large.run import schedule, schedule_folder
    from coproduce.forum.large.types import Answer, Forum, Options
    from coproduce.forum.large.verify import verify_answer

_HOMES = {
    "Answer": "types",
    "Forum": "types",
    "Options": "types",
    "read_answer": "files",
    "read_forum": "read",
    "schedule": "run",
    "schedule_folder": "run",
    "verify_answer": "verify",
    "write_answer": "files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Answer",
    "Forum",
    "Options",
    "read_answer",
    "read_forum",
    "schedule",
    "schedule_folder",
    "verify_answer",
    "write_answer",
]
