"""Schedule a forum: choose the meetings, place them, polish, prove, explain."""

from __future__ import annotations

from pathlib import Path

from coproduce.forum.large.types import Answer, Options


def schedule_folder(path: Path, options: Options | None = None) -> Answer:
    """Return the schedule of a forum folder; see `schedule`."""
    raise NotImplementedError
