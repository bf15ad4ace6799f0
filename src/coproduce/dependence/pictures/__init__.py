"""Pictures of trade as Vega-Lite specs, each with the table it shows; report and web draw both.

Colours are left to whoever draws, except where a colour means something. Nothing here reads a
clock or draws at random: the same flows give the same picture.
"""

from coproduce.dependence.pictures.frame import Picture, titled
from coproduce.dependence.pictures.space import product_space
from coproduce.dependence.pictures.supply import (
    heat_map,
    imports,
    persistence,
    sankey,
    supplier_shares,
)

__all__ = [
    "Picture",
    "heat_map",
    "imports",
    "persistence",
    "product_space",
    "sankey",
    "supplier_shares",
    "titled",
]
