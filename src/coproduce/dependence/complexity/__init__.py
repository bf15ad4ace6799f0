"""Economic complexity: what a country can make, and how near it stands to other products.

`measure_table` takes a table of exports, `measure` one matrix; `files` reads and writes.
"""

from coproduce.dependence.complexity.matrix import advantage
from coproduce.dependence.complexity.run import measure, measure_table
from coproduce.dependence.complexity.space import density_and_gain, proximity
from coproduce.dependence.complexity.types import Complexity, Conventions

__all__ = [
    "Complexity",
    "Conventions",
    "advantage",
    "density_and_gain",
    "measure",
    "measure_table",
    "proximity",
]
