"""Export potential of one country in another's market, with the parts it is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Potential:
    """Export potential by product (P).

    Attributes:
        supply_share: exporter's share of the world's exports, projected (0–1).
        demand_usd: importer's imports, projected (current USD).
        ease: actual trade of the two over what their sizes in every product alone would give;
            above 1 they trade more easily than others do. One number for the pair.
        potential_usd: supply_share x ease x demand_usd.
        actual_usd: exported to the importer now.
        unrealised_usd: potential less actual where it is more, else 0.
    """

    supply_share: Floats
    demand_usd: Floats
    ease: float
    potential_usd: Floats
    actual_usd: Floats
    unrealised_usd: Floats


def export_potential(
    exports_usd: Floats,
    world_usd: Floats,
    imports_usd: Floats,
    actual_usd: Floats,
    *,
    supply_growth: Floats | float = 1.0,
    demand_growth: Floats | float = 1.0,
    tariff_factor: Floats | float = 1.0,
) -> Potential:
    """Return the export potential of an exporter in an importer's market.

    Without factors of growth and tariff this is the static core of the indicator: what it says
    is that trade by product should follow the sizes of supply and demand as trade in all
    products together does.

    Args:
        exports_usd: exporter's exports to the world by product (P, current USD).
        world_usd: the world's exports (P, current USD).
        imports_usd: importer's imports from the world (P, current USD).
        actual_usd: from the exporter to the importer (P, current USD).
        supply_growth: expected factor of the exporter's exports relative to the world's.
        demand_growth: expected factor of the importer's imports.
        tariff_factor: factor for a tariff advantage (above 1) or handicap (below).

    Source:
        Decreux and Spies (2016), Export Potential Assessments, International Trade Centre.

    Example:
        >>> two = np.array([100.0, 100.0])
        >>> at = export_potential(two / 2, two, two / 5, np.array([10.0, 0.0]))
        >>> at.ease, at.potential_usd.tolist(), at.unrealised_usd.tolist()
        (0.5, [5.0, 5.0], [0.0, 5.0])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(world_usd > 0, exports_usd / world_usd, 0.0)
    expected = float((share * imports_usd).sum())
    ease = float(actual_usd.sum()) / expected if expected > 0 else float("nan")
    supply = share * supply_growth * tariff_factor
    demand = imports_usd * demand_growth
    potential = supply * demand * (ease if expected > 0 else 0.0)
    return Potential(
        supply_share=supply,
        demand_usd=demand,
        ease=ease,
        potential_usd=potential,
        actual_usd=actual_usd,
        unrealised_usd=np.maximum(potential - actual_usd, 0.0),
    )


__all__ = ["Potential", "export_potential"]
