"""Partners: which companies of the two sides could make something together, and why."""

from coproduce.partners.run import run
from coproduce.partners.types import Inputs, Options, Result

__all__ = ["Inputs", "Options", "Result", "run"]
