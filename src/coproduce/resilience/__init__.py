"""Resilience: how much of a product is expected to be missing, and which link adds most."""

from __future__ import annotations

from coproduce.resilience.closed_forms import on_off_shortage, stage_shortage
from coproduce.resilience.run import run
from coproduce.resilience.types import Inputs, Options, Result, Totals

__all__ = ["Inputs", "Options", "Result", "Totals", "on_off_shortage", "run", "stage_shortage"]
