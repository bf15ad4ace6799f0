"""Named checks made before any match."""

from __future__ import annotations

import polars as pl

from coproduce.partners.types import Inputs, Options
from coproduce.records.errors import ModelError, UsageError
from coproduce.records.programme import Programme


def side_country(programme: Programme, role: str) -> str:
    """Return the country of the one party with a role.

    Raises:
        ModelError: M001 if there is none or more than one.
    """
    found = programme["parties"].filter(pl.col("role") == role)["country_id"].to_list()
    if len(found) != 1:
        raise ModelError(
            f"found {len(found)} parties with role {role}, exactly one is allowed; correct the "
            "column role",
            code="M001",
            where="parties.csv",
        )
    return str(found[0])


def options_make_sense(options: Options) -> None:
    """Raise if a number of matches to keep is below 1.

    Raises:
        UsageError: M002.
    """
    for name in ("top_n", "per_product_n", "per_pair_n", "per_want_n"):
        if getattr(options, name) < 1:
            raise UsageError(f"{name} must be 1 or more", code="M002")


def exposures_are_of_this_programme(inputs: Inputs) -> None:
    """Raise if the exposures speak of products the programme does not have.

    Raises:
        UsageError: M003.
    """
    foreign = set(inputs.exposures["product_id"]) - set(inputs.programme["products"]["product_id"])
    if foreign:
        raise UsageError(
            f"the exposures name {', '.join(sorted(foreign))}, not products of this programme; "
            "measure dependence on the same programme",
            code="M003",
        )
