"""What complexity is asked with and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.records.errors import UsageError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Conventions:
    """How to measure; the defaults are those of the Python package ecomplexity 0.5.3.

    Attributes:
        presence: ``rca``: a country has a product when its revealed comparative advantage
            reaches `rca_threshold`; ``given``: `value_usd` already is the presence (0 or 1).
        rca_threshold: revealed comparative advantage from which on a product is present.
        diagonal: proximity of a product to itself in density and outlook gain: 1 or 0.
        pci_scale: ``eci``: the PCI is put on the scale of the ECI (then a country's ECI is the
            mean PCI of its products); ``own``: the PCI gets mean 0 and deviation 1 itself.
        ddof: 0 divides deviations by n, 1 by n - 1.
        min_country_usd: countries that export less in the year are left out (current USD).
        min_product_usd: products traded less in the year are left out (current USD).
        fitness_rounds: at most so many rounds of the fitness iteration.
    """

    presence: Literal["rca", "given"] = "rca"
    rca_threshold: float = 1.0
    diagonal: Literal[0, 1] = 1
    pci_scale: Literal["eci", "own"] = "eci"
    ddof: Literal[0, 1] = 0
    min_country_usd: float = 0.0
    min_product_usd: float = 0.0
    fitness_rounds: int = 200

    def __post_init__(self) -> None:
        allowed = {
            "presence": ("rca", "given"),
            "diagonal": (0, 1),
            "pci_scale": ("eci", "own"),
            "ddof": (0, 1),
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise UsageError(
                    f"{name} is {getattr(self, name)!r}; allowed are {values}", code="TX001"
                )
        if not self.rca_threshold > 0:
            raise UsageError("rca_threshold must be above 0", code="TX001")
        if self.fitness_rounds < 1:
            raise UsageError("fitness_rounds must be at least 1", code="TX001")


@dataclass(frozen=True, slots=True)
class Complexity:
    """One year measured; C countries in `country_ids`, P products in `product_ids`.

    What the data do not determine is NaN, and `warnings` says why.

    Attributes:
        year: the year measured.
        country_ids, product_ids: sorted; only those with exports above the floors.
        value_usd: exports (C x P, current USD).
        rca: revealed comparative advantage (C x P).
        mcp: presence (C x P, 0 or 1; as given with ``presence="given"``).
        diversity: products present in each country (C).
        ubiquity: countries where each product is present (P).
        eci, pci: economic and product complexity index (C; P).
        density: share of the proximity to each product that the country has (C x P, 0–1).
        coi: complexity outlook index (C).
        cog: complexity outlook gain (C x P), 0 where the product is present.
        fitness: fitness of countries, mean 1 (C).
        quality: complexity of products in the fitness sense, mean 1 (P).
        eigenvalue: the second eigenvalue, whose vector the ECI is; NaN where undetermined.
        warnings: what a reader must know before trusting a number.
    """

    year: int
    country_ids: tuple[str, ...]
    product_ids: tuple[str, ...]
    value_usd: Floats
    rca: Floats
    mcp: Floats
    diversity: Floats
    ubiquity: Floats
    eci: Floats
    pci: Floats
    density: Floats
    coi: Floats
    cog: Floats
    fitness: Floats
    quality: Floats
    eigenvalue: float
    warnings: tuple[str, ...]

    def countries(self) -> pl.DataFrame:
        """Return one row per country: year, country_id, diversity, eci, coi, fitness."""
        return pl.DataFrame(
            {
                "year": self._year(len(self.country_ids)),
                "country_id": list(self.country_ids),
                "diversity": self.diversity,
                "eci": self.eci,
                "coi": self.coi,
                "fitness": self.fitness,
            },
            schema_overrides={"country_id": pl.String},
        )

    def products(self) -> pl.DataFrame:
        """Return one row per product: year, product_id, ubiquity, pci, quality."""
        return pl.DataFrame(
            {
                "year": self._year(len(self.product_ids)),
                "product_id": list(self.product_ids),
                "ubiquity": self.ubiquity,
                "pci": self.pci,
                "quality": self.quality,
            },
            schema_overrides={"product_id": pl.String},
        )

    def country_products(self) -> pl.DataFrame:
        """Return every country and product: value_usd, rca, mcp, density, cog."""
        n_countries, n_products = self.value_usd.shape
        country = np.repeat(np.arange(n_countries, dtype=np.uint32), n_products)
        product = np.tile(np.arange(n_products, dtype=np.uint32), n_countries)
        country_id = pl.Series(list(self.country_ids), dtype=pl.String).gather(country)
        product_id = pl.Series(list(self.product_ids), dtype=pl.String).gather(product)
        return pl.DataFrame(
            {
                "year": self._year(n_countries * n_products),
                "country_id": country_id,
                "product_id": product_id,
                "value_usd": self.value_usd.ravel(),
                "rca": self.rca.ravel(),
                "mcp": self.mcp.ravel(),
                "density": self.density.ravel(),
                "cog": self.cog.ravel(),
            }
        )

    def _year(self, height: int) -> pl.Series:
        return pl.Series("year", [self.year], dtype=pl.Int32).new_from_index(0, height)


__all__ = ["Complexity", "Conventions", "Floats"]
