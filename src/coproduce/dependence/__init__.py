"""Dependence: which products the host needs from whom, and how exposed it is along the chain."""

from coproduce.dependence.run import run
from coproduce.dependence.types import Inputs, Options, Result, Totals

__all__ = ["Inputs", "Options", "Result", "Totals", "run"]
