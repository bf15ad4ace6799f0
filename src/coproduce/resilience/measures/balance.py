"""Self-sufficiency, concentration and full-cycle shares: closed forms on plain numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coproduce.records.errors import UsageError
from coproduce.resilience.exact.given import not_negative, probability


@dataclass(frozen=True, slots=True)
class Balance:
    """How far a product's supply is home-made (shares of domestic supply).

    Attributes:
        self_sufficiency_share: production against supply; above 1 for a net exporter.
        import_share: imports against supply.
        export_share: exports against supply.
        domestic_origin_share: home-made part of what is consumed; exports of home make alone
            are taken off, so re-exports do not distort it.
    """

    self_sufficiency_share: float
    import_share: float
    export_share: float
    domestic_origin_share: float


def balance(production: float, imports: float, exports: float, re_exports: float = 0.0) -> Balance:
    """Return the self-sufficiency and import dependency ratios.

    Supply is production + imports - exports. The ratios keep the identity
    self-sufficiency + imports - exports = 1 (all against supply).

    Args:
        production, imports, exports: in one unit, for one period.
        re_exports: part of `exports` that was imported before.

    Raises:
        UsageError: S102 for a negative quantity; S130 if nothing is left to supply, or if more
            is re-exported than exported.

    Source: FAO, Statistics Division, food balance sheets: SSR and IDR.

    Example:
        >>> found = balance(60, 50, 10)
        >>> found.self_sufficiency_share, found.import_share
        (0.6, 0.5)
    """
    for name, value in (
        ("production", production),
        ("imports", imports),
        ("exports", exports),
        ("re-exports", re_exports),
    ):
        not_negative(value, name)
    supply = production + imports - exports
    if supply <= 0 or re_exports > exports:
        raise UsageError(
            f"production {production:g} + imports {imports:g} - exports {exports:g} leaves "
            f"{supply:g} to supply, with re-exports of {re_exports:g}; supply must be above 0 and "
            "re-exports at most exports",
            code="S130",
        )
    origin = production - (exports - re_exports)
    return Balance(
        production / supply,
        imports / supply,
        exports / supply,
        min(1.0, max(0.0, origin / supply)),
    )


@dataclass(frozen=True, slots=True)
class Concentration:
    """How concentrated a tier's supply is.

    Attributes:
        hhi: Herfindahl–Hirschman index of the shares (0–1; times 10,000 as often printed).
        normalised_hhi: 0 for equal shares, 1 for a single source; None for one source.
        effective_sources: 1/HHI, as many equal sources would be as concentrated.
        least_sources: 1/largest share.
        sources: number with a share above nil.
        level: ``low``, ``moderate`` or ``high`` by the thresholds.
    """

    hhi: float
    normalised_hhi: float | None
    effective_sources: float
    least_sources: float
    sources: int
    level: str


def concentration(
    shares: Sequence[float], moderate: float = 0.15, high: float = 0.25
) -> Concentration:
    """Return the concentration of a tier's supply; shares are scaled to add up to 1.

    Args:
        shares: part of each source, any unit.
        moderate, high: thresholds of the index (0–1).

    Raises:
        UsageError: S102 for a negative share, S130 if all are nil.

    Source: Hirschman (1964); Hill, Ecology 54 (1973) for the effective number; thresholds 1,500
    and 2,500 of the US Horizontal Merger Guidelines of 2010.

    Example:
        Four countries with nine makers in all, 5 + 2 + 1 + 1:

        >>> found = concentration([5, 2, 1, 1])
        >>> round(found.hhi * 10_000, 2), round(found.effective_sources, 4)
        (3827.16, 2.6129)
    """
    for share in shares:
        not_negative(share, "a share")
    total = math.fsum(shares)
    if total <= 0:
        raise UsageError("no source has a share above 0", code="S130")
    parts = [share / total for share in shares if share > 0]
    hhi = math.fsum(part * part for part in parts)
    count = len(parts)
    return Concentration(
        hhi=hhi,
        normalised_hhi=None if count == 1 else max(0.0, (hhi - 1 / count) / (1 - 1 / count)),
        effective_sources=1.0 / hhi,
        least_sources=1.0 / max(parts),
        sources=count,
        level="high" if hhi > high else "moderate" if hhi > moderate else "low",
    )


@dataclass(frozen=True, slots=True)
class FullCycle:
    """How much of a product is made at home through all stages.

    Attributes:
        soft_share: product of the stages' home shares: the full-cycle share if stages are
            matched at random.
        is_hard: every stage is home-made by more than the line given.
        bottleneck_share: least home share of a stage. No matching of stages can do better.
        bottleneck_stage: where it is least.
        least_share: worst case: what must be home-made through all stages however they match.
    """

    soft_share: float
    is_hard: bool
    bottleneck_share: float
    bottleneck_stage: str
    least_share: float


def full_cycle(home: Mapping[str, float], line: float = 0.5) -> FullCycle:
    """Return the full-cycle share of a product, soft and hard, with the bound by the bottleneck.

    least ≤ soft ≤ bottleneck: a home-made last stage does not help where an input is imported.

    Args:
        home: stage → part of its supply made at home (share).
        line: from this share on a stage counts as home-made in the hard sense.

    Raises:
        UsageError: S103 for a share outside 0–1; S130 without stages.

    Example:
        >>> found = full_cycle({"intermediate": 0.1, "api": 0.9, "finished": 1.0})
        >>> round(found.soft_share, 6), found.is_hard, found.bottleneck_stage
        (0.09, False, 'intermediate')
    """
    if not home:
        raise UsageError("there is no stage", code="S130")
    for stage, share in home.items():
        probability(share, f"the home share of {stage}")
    narrow = min(home, key=lambda stage: home[stage])
    return FullCycle(
        soft_share=math.prod(home.values()),
        is_hard=all(share >= line for share in home.values()),
        bottleneck_share=home[narrow],
        bottleneck_stage=narrow,
        least_share=max(0.0, 1.0 - math.fsum(1.0 - share for share in home.values())),
    )


__all__ = [
    "Balance",
    "Concentration",
    "FullCycle",
    "balance",
    "concentration",
    "full_cycle",
]
