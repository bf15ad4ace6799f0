"""Who depends on foreign supply: GeoDep's criteria C1–C4 and the Commission's CDI1–CDI3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coproduce.dependence.trade.panel import NOBODY, Panel

NO_EXPORTS = 9999.0
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a product counts as dependent; every criterion must be above its own.

    Attributes:
        hhi: import concentration (C1), 0–1.
        world_hhi: concentration of the world's exports (C2), 0–1.
        ratio: imports over exports (C3).
        years, of_years: C4 holds where C1, C2 and C3 held in `years` of the last `of_years`.
    """

    hhi: float = 0.4
    world_hhi: float = 0.4
    ratio: float = 1.0
    years: int = 2
    of_years: int = 3


@dataclass(frozen=True, slots=True)
class GeoDep:
    """The criteria for every importer, product and year of a panel (C x P x T).

    Attributes:
        c1: imports are concentrated.
        c2: the world's exports are (the same for every importer; P x T).
        c3: more is imported than exported.
        all_three: C1, C2 and C3.
        c4: 1 where all three held in enough of the last years, 0 where not, -1 where the panel
            is too short to say.
        years_dependent: years of the panel up to this one in which all three held.
    """

    c1: NDArray[np.bool_]
    c2: NDArray[np.bool_]
    c3: NDArray[np.bool_]
    all_three: NDArray[np.bool_]
    c4: NDArray[np.int8]
    years_dependent: NDArray[np.uint8]


def geodep(panel: Panel, thresholds: Thresholds | None = None) -> GeoDep:
    """Return the criteria of GeoDep. What is not imported is not depended on.

    The years of a window are calendar years: a year missing in the panel may have held or not,
    so C4 is then said only where the other years decide it.

    Source:
        Lefebvre and Wibaux (2024), Import Dependencies: Where Does the EU Stand?, CEPII Policy
        Brief 47, and the GeoDep database: C1 import HHI > 0.4, C2 world export HHI > 0.4, C3
        imports over exports > 1, C4 all three in at least two of three years.
    """
    limits = thresholds or Thresholds()
    with np.errstate(invalid="ignore"):
        c1 = panel.hhi > limits.hhi
        c2 = panel.world_hhi > limits.world_hhi
    c3 = panel.imports_usd > 0
    for bought, sold, holds in zip(panel.imports_usd, panel.exports_usd, c3, strict=True):
        holds &= bought > limits.ratio * sold
    all_three = c1 & c3
    all_three &= c2
    c4 = _persistent(all_three, panel.years, limits)
    return GeoDep(
        c1=c1,
        c2=c2,
        c3=c3,
        all_three=all_three,
        c4=c4,
        years_dependent=np.cumsum(all_three, axis=2, dtype=np.uint8),
    )


def _persistent(
    all_three: NDArray[np.bool_], years: tuple[int, ...], limits: Thresholds
) -> NDArray[np.int8]:
    """Return C4 (C x P x T)."""
    c4 = np.empty(all_three.shape, np.int8)
    for last, year in enumerate(years):
        seen = [at for at in range(last + 1) if years[at] > year - limits.of_years]
        held = all_three[:, :, seen].sum(axis=2, dtype=np.int8)
        unseen = limits.of_years - len(seen)
        open_yet = (held < limits.years) & (held + unseen >= limits.years)
        c4[:, :, last] = np.where(held >= limits.years, 1, np.where(open_yet, UNKNOWN, 0))
    return c4


def import_export_ratio(
    imports_usd: NDArray[np.float64], exports_usd: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return imports over exports; 9999 where nothing is exported, NaN where nothing is imported.

    Source:
        CEPII GeoDep, which writes 9999 for products without exports.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(exports_usd > 0, imports_usd / exports_usd, NO_EXPORTS)
    return np.where(imports_usd > 0, ratio, np.nan)


def effective_number(hhi: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of equal suppliers with the same concentration, 1 / HHI.

    Source:
        Adelman (1969), Comment on the "H" Concentration Measure as a Numbers-Equivalent.
    """
    return 1.0 / hhi


def substitutability(panel: Panel, country: int) -> NDArray[np.float64]:
    """Return the share of others' world exports that is not the top supplier's (P x T, 0–1).

    What a country could turn to; its own exports are not counted, as it cannot buy them. NaN
    where it imports nothing.

    Args:
        country: row of the importer in the panel.
    """
    supplier = panel.top[country, ..., 0]
    has_one = supplier != NOBODY
    product, year = np.indices(supplier.shape)
    of_top = panel.exports_usd[np.where(has_one, supplier, 0), product, year]
    others = panel.world_usd - panel.exports_usd[country]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(has_one & (others > 0), 1.0 - of_top / others, np.nan)


__all__ = [
    "NO_EXPORTS",
    "UNKNOWN",
    "GeoDep",
    "Thresholds",
    "effective_number",
    "geodep",
    "import_export_ratio",
    "substitutability",
]
