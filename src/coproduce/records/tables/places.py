"""Where: origins of facts, countries, regions, demand zones, sites and lanes."""

from __future__ import annotations

import dataframely as dy

from coproduce.records.columns import (
    Fact,
    calendar_year,
    choice,
    count,
    day,
    flag,
    identifier,
    loose_date,
    number,
    share,
    text,
)


class Origins(dy.Schema):
    """One source of facts, or one stated method; every fact row points to one."""

    origin_id = identifier("short name of the origin", key=True)
    kind = choice("a published source, or our own method", ("source", "method"))
    title = text("title of the publication, or the method in one sentence")
    publisher = text("who published it", optional=True)
    url = text("where it can be read", optional=True, pattern=r"^https?://\S+$")
    published = loose_date("date of publication", optional=True)
    accessed = day("day on which it was read", optional=True)
    licence = text("terms of use of the figures", optional=True)
    note = text(
        "what a reader should know, for example which source it contradicts", optional=True
    )


class Countries(dy.Schema):
    """A country or a group of countries that appears as maker, buyer or party."""

    country_id = identifier("ISO 3166-1 alpha-2, or a code of our own for a group", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian")
    currency = text("ISO 4217 code", pattern=r"^[A-Z]{3}$")
    baci_code = count("numeric country code in BACI", "code", low=1, optional=True)
    is_in_bloc = flag("production there counts as inside the host's customs union")
    lat = number("latitude of the main port or capital", "degree", low=-90, high=90)
    lon = number("longitude of the main port or capital", "degree", low=-180, high=180)


class Zones(Fact):
    """A demand zone of the host's market, for example a federal district."""

    zone_id = identifier("short name of the zone", key=True)
    country_id = identifier("country of the zone", ref="countries.country_id")
    name_en = text("name in English")
    name_ru = text("name in Russian")
    lat = number("latitude of its main town", "degree", low=-90, high=90)
    lon = number("longitude of its main town", "degree", low=-180, high=180)
    population = number("inhabitants", "people", above=0)


class Regions(Fact):
    """A first-level region of a country."""

    region_id = identifier("ISO 3166-2 code", key=True)
    country_id = identifier("country of the region", ref="countries.country_id")
    zone_id = identifier("demand zone the region lies in", ref="zones.zone_id", optional=True)
    name_en = text("name in English")
    name_ru = text("name in Russian")
    capital_en = text("capital in English", optional=True)
    lat = number("latitude of the capital", "degree", low=-90, high=90)
    lon = number("longitude of the capital", "degree", low=-180, high=180)
    population = number("inhabitants", "people", above=0, optional=True)
    wage_per_month = number(
        "average gross wage in the country's currency", "currency/month", above=0, optional=True
    )
    wage_year = calendar_year("year of the wage", optional=True)


class Sites(Fact):
    """A place that can host a facility: land, region, tax regime."""

    site_id = identifier("short name of the site", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian")
    region_id = identifier("region of the site", ref="regions.region_id")
    lat = number("latitude of the site or its town", "degree", low=-90, high=90)
    lon = number("longitude of the site or its town", "degree", low=-180, high=180)
    kind = choice("what is there", ("greenfield", "zone", "park", "brownfield"))
    state = choice("can it be used now", ("operating", "planned", "stalled"))
    regime_id = identifier("tax regime by the dated rules")
    company_id = identifier("owner or resident", ref="companies.company_id", optional=True)
    area_ha = number("area", "ha", above=0, optional=True)


class SiteTechnologies(Fact):
    """Evidence that a technology can be put at a site; pairs without a row are not considered."""

    site_id = identifier("site", ref="sites.site_id", key=True)
    technology_id = identifier("technology", ref="technologies.technology_id", key=True)
    basis = choice(
        "what the evidence is",
        ("existing_line", "announced_line", "zone_profile", "building_ready"),
    )
    capex_factor = number("capital cost against a new plant on bare land", "factor", above=0)
    construction_months = number(
        "months of construction, where it differs from the technology's",
        "month",
        low=0,
        optional=True,
    )
    max_modules = count("most modules that fit", "module", low=1)
    company_id = identifier(
        "company behind the evidence", ref="companies.company_id", optional=True
    )


class Lanes(Fact):
    """A way for goods from one country's makers to the host's gateway."""

    lane_id = identifier("short name of the lane", key=True)
    from_country_id = identifier("country of departure", ref="countries.country_id")
    to_country_id = identifier("country of arrival", ref="countries.country_id")
    name_en = text("name in English")
    name_ru = text("name in Russian")
    mode = text("sea, rail, road or a mix")
    gateway_lat = number("latitude of the gateway of arrival", "degree", low=-90, high=90)
    gateway_lon = number("longitude of the gateway of arrival", "degree", low=-180, high=180)
    days = number("door-to-door time", "day", above=0)
    cost_per_t = number("freight, in the lane's currency", "currency/t", low=0)
    currency = text("ISO 4217 code", pattern=r"^[A-Z]{3}$")
    capacity_t_per_year = number("most that the lane can carry", "t/year", above=0, optional=True)
    is_default = flag("the lane used unless a plan says otherwise")


class Fx(Fact):
    """How much base currency one unit of a currency costs in a year."""

    currency = text("ISO 4217 code", key=True, pattern=r"^[A-Z]{3}$")
    year = calendar_year("year", key=True)
    base_per_unit = number("base currency per unit", "base/unit", above=0)


class Parties(Fact):
    """A side of the joint production whose gain is proven."""

    party_id = identifier("short name of the side", key=True)
    role = choice("which side", ("host", "partner"))
    country_id = identifier("country of the side", ref="countries.country_id")
    name_en = text("name in English")
    name_ru = text("name in Russian")
    currency = text("ISO 4217 code of its accounts", pattern=r"^[A-Z]{3}$")
    discount_rate_share = share("real discount rate a year")


class Parameters(Fact):
    """A single number of the programme with its range; the code knows the name, not the value."""

    parameter_id = identifier("name of the parameter", key=True)
    value = number("the value used", "see unit")
    low = number("low end of the range", "see unit", optional=True)
    high = number("high end of the range", "see unit", optional=True)
    unit = text("unit of the value")
    meaning = text("what it is, in one sentence")


class Limits(Fact):
    """A constraint that the user sets on the plan."""

    limit_id = identifier("short name, printed when limits conflict", key=True)
    kind = choice(
        "what is limited",
        (
            "max_capex_per_year",
            "max_capex_total",
            "min_self_sufficiency",
            "max_country_share",
            "min_region_capex_share",
            "min_regions",
            "fixed_site",
            "forbidden_site",
        ),
    )
    scope_id = identifier("product, country, region or site it holds for", optional=True)
    value = number(
        "the limit (base currency mn, share or count by kind)", "see kind", optional=True
    )
    first_year = calendar_year("first year it holds", optional=True)
    last_year = calendar_year("last year it holds", optional=True)
    text_en = text("the limit in words")
    text_ru = text("the limit in words, in Russian")


__all__ = [
    "Countries",
    "Fx",
    "Lanes",
    "Limits",
    "Origins",
    "Parameters",
    "Parties",
    "Regions",
    "SiteTechnologies",
    "Sites",
    "Zones",
]
