"""Projects: known ones at their gates, how such projects fared, and the next joint ones."""

from __future__ import annotations

from coproduce.projects.run import run
from coproduce.projects.types import Inputs, Options, Result

__all__ = ["Inputs", "Options", "Result", "run"]
