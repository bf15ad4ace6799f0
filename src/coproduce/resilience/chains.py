"""Each product's chain: shortage by stage, bounds of the whole, value of mending each source."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coproduce.resilience.closed_forms import chain_shortage, stage_shortage
from coproduce.resilience.rates import Rate, Rates


@dataclass(frozen=True, slots=True)
class Source:
    """One country's part of one stage."""

    country_id: str
    share: float
    rate: Rate


@dataclass(frozen=True, slots=True)
class Link:
    """One source of a chain and what its perfection would do.

    Attributes:
        without_share: shortage of the product if this source never failed (share).
    """

    stage_id: str
    country_id: str
    without_share: float


@dataclass(frozen=True, slots=True)
class Chain:
    """A product's answer in one state (shares of demand).

    Attributes:
        shortage_share, shortage_low_share: expected shortage, cautious, and its lower bound.
        availability_share: what flows without any stock.
        more_stock_share: expected shortage with more stock everywhere.
        stages: stage → (shortage, availability, number of sources).
        links: every source, the one whose perfection saves most first.
    """

    product_id: str
    shortage_share: float
    shortage_low_share: float
    availability_share: float
    more_stock_share: float
    stages: dict[str, tuple[float, float, int]]
    links: tuple[Link, ...]


def chains(
    exposures: pl.DataFrame,
    rates: Rates,
    capacity_factor: float,
    more_stock_years: float,
) -> list[Chain]:
    """Return the answer for every product of a table `Exposures`, in order of product."""
    parts = exposures.filter(pl.col("chain_share") > 0).partition_by(
        "product_id", as_dict=True, maintain_order=True
    )
    return [
        _chain(str(product_id), part, rates, capacity_factor, more_stock_years)
        for (product_id,), part in sorted(parts.items())
    ]


def _chain(
    product_id: str, part: pl.DataFrame, rates: Rates, factor: float, more_stock_years: float
) -> Chain:
    stages: dict[str, list[Source]] = {}
    for row in part.sort("stage_id", "country_id").iter_rows(named=True):
        rate = rates.of(row["country_id"], row["stage_id"])
        stages.setdefault(row["stage_id"], []).append(
            Source(row["country_id"], row["chain_share"], rate)
        )
    short = {stage_id: _short(sources, factor) for stage_id, sources in stages.items()}
    bare = {
        stage_id: _short(sources, factor, has_stock=False) for stage_id, sources in stages.items()
    }
    total = chain_shortage(list(short.values()))
    return Chain(
        product_id=product_id,
        shortage_share=total,
        shortage_low_share=max(short.values()),
        availability_share=1.0 - chain_shortage(list(bare.values())),
        more_stock_share=chain_shortage(
            [_short(sources, factor, more_stock_years) for sources in stages.values()]
        ),
        stages={
            stage_id: (short[stage_id], 1.0 - bare[stage_id], len(sources))
            for stage_id, sources in stages.items()
        },
        links=_links(stages, short, factor),
    )


def _short(
    sources: list[Source],
    factor: float,
    more_stock_years: float = 0.0,
    *,
    has_stock: bool = True,
    perfect: str = "",
) -> float:
    """Return the expected unmet share of a stage; one source may be taken as perfect."""
    down = [
        0.0
        if source.country_id == perfect
        else source.rate.down_share(factor, more_stock_years, has_stock=has_stock)
        for source in sources
    ]
    return stage_shortage([source.share for source in sources], down, factor)


def _links(
    stages: dict[str, list[Source]], short: dict[str, float], factor: float
) -> tuple[Link, ...]:
    links = []
    for stage_id, sources in stages.items():
        others = [share for stage, share in short.items() if stage != stage_id]
        for source in sources:
            mended = _short(sources, factor, perfect=source.country_id)
            links.append(Link(stage_id, source.country_id, chain_shortage([*others, mended])))
    return tuple(sorted(links, key=lambda one: (one.without_share, one.stage_id, one.country_id)))


__all__ = ["Chain", "Link", "chains"]
