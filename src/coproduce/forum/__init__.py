"""Forum: who meets whom, when, at which table, with proof."""

from coproduce.forum.run import run
from coproduce.forum.types import Inputs, Options, Result
from coproduce.forum.verify import Violation, require_valid, verify

__all__ = ["Inputs", "Options", "Result", "Violation", "require_valid", "run", "verify"]
