"""Reliance on imports where production is known too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def net_import_reliance(imports_usd: Floats, exports_usd: Floats, output_usd: Floats) -> Floats:
    """Return (imports - exports) over apparent consumption; NaN where there is none.

    Apparent consumption is output + imports - exports. Negative for a net exporter; 1 where
    nothing is made at home. All three at one valuation.

    Source:
        United States Geological Survey, Mineral Commodity Summaries, "net import reliance".

    Example:
        >>> float(net_import_reliance(np.array(60.0), np.array(10.0), np.array(50.0)))
        0.5
    """
    consumption = output_usd + imports_usd - exports_usd
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(consumption > 0, (imports_usd - exports_usd) / consumption, np.nan)


def export_propensity(exports_usd: Floats, output_usd: Floats) -> Floats:
    """Return exports over output; above 1 where imports are sold on. NaN without output."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(output_usd > 0, exports_usd / output_usd, np.nan)


__all__ = ["export_propensity", "net_import_reliance"]
