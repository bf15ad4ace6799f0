"""Appraisal: what a plan is worth to each party, under which form of deal."""

from __future__ import annotations

from coproduce.appraisal.run import run
from coproduce.appraisal.types import Inputs, Options, Result, Verdict

__all__ = ["Inputs", "Options", "Result", "Verdict", "run"]
