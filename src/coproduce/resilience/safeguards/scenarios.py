"""Weak links as futures that the network room can plan for."""

from __future__ import annotations

from typing import Any

import polars as pl

from coproduce.records.programme import Programme
from coproduce.resilience.rates import Rates


def scenario_rows(
    programme: Programme, exposures: pl.DataFrame
) -> dict[str, list[dict[str, Any]]]:
    """Return rows of `scenarios` and `scenario_effects`: the loss of each country that supplies.

    A country's chance is the largest share of time one of its stages is down; the effect is that
    it supplies nothing through the horizon. Rows are assumed: check chances before use.
    """
    rates = Rates(programme["disruptions"])
    host = set(programme["parties"].filter(pl.col("role") == "host")["country_id"])
    found: dict[str, float] = {}
    pairs = exposures.filter(pl.col("chain_share") > 0).select("country_id", "stage_id").unique()
    for country, stage in pairs.sort("country_id", "stage_id").iter_rows():
        if country not in host:
            found[country] = max(found.get(country, 0.0), rates.of(country, stage).down_share(1.0))
    years = programme.settings.years
    common = {"status": "assumed", "origin_id": "", "note": "from coproduce risk safeguards"}
    return {
        "scenarios": [
            {
                "scenario_id": f"loss_{country.lower()}",
                "name_en": f"{country} supplies nothing",
                "name_ru": f"{country} ничего не поставляет",
                "probability": round(chance, 6),
                "is_base": False,
                **common,
            }
            for country, chance in found.items()
        ],
        "scenario_effects": [
            {
                "scenario_id": f"loss_{country.lower()}",
                "effect_id": "down",
                "kind": "source_down",
                "scope_id": country,
                "value": None,
                "standing_id": None,
                "first_year": years[0],
                "last_year": years[-1],
                **common,
            }
            for country in found
        ],
    }


__all__ = ["scenario_rows"]
