"""Trade dependence: who needs which product from whom, from a trade data folder.

`build` makes the panel of every importer, product and year in one pass; the other modules
measure on it.
"""

from coproduce.dependence.trade.criteria import GeoDep, Thresholds, geodep
from coproduce.dependence.trade.panel import Panel, build
from coproduce.dependence.trade.potential import export_potential
from coproduce.dependence.trade.similarity import finger_kreinin, michaely

__all__ = [
    "GeoDep",
    "Panel",
    "Thresholds",
    "build",
    "export_potential",
    "finger_kreinin",
    "geodep",
    "michaely",
]
