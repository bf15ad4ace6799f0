"""What and how much: products, stages, bill of materials, technologies, demand, supply, risk."""

from __future__ import annotations

from coproduce.records.columns import (
    Fact,
    calendar_year,
    choice,
    count,
    flag,
    identifier,
    number,
    share,
    text,
)


class Products(Fact):
    """A product of the programme: one strength and pack that stands for its market."""

    product_id = identifier("short name", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian")
    group_id = identifier("product group, for pictures and filters")
    substance = text("active substance or main input, as in registers")
    atc = text("ATC code", optional=True, pattern=r"^[A-Z]\d{2}[A-Z]{2}\d{2}$")
    hs6 = text("HS code of the substance or main input", pattern=r"^\d{6}$")
    hs6_confidence = choice("how sure the code is", ("high", "medium", "low"))
    form = text("form of the product, for example film-coated tablet")
    strength_mg = number("active substance in a unit", "mg/unit", above=0, optional=True)
    units_per_pack = number("units in a pack", "unit/pack", above=0)
    ddd_mg = number("defined daily dose", "mg", above=0, optional=True)
    route = choice(
        "how the substance is made",
        ("synthesis", "fermentation", "semi_synthesis", "extraction", "biotech", "assembly"),
    )
    line_kind = choice("which kind of line fits its tonnage", ("bulk", "multipurpose", "potent"))
    is_listed = flag("on the list of vital products, so under price caps and listed tenders")
    is_strategic = flag("on the list of strategic products")
    criticality = number("weight of a shortage, 1 is usual", "weight", above=0)


class Stages(Fact):
    """A stage of a product's chain; stage_no counts from the first input to the finished good."""

    product_id = identifier("product", ref="products.product_id", key=True)
    stage_id = identifier("stage, for example api", key=True)
    stage_no = count("order, 1 is furthest upstream", "stage", low=1)
    name_en = text("what this stage's output is, in English")
    name_ru = text("what this stage's output is, in Russian")
    unit = text("unit of the output, for example t or mn packs")
    technology_id = identifier(
        "technology that makes it; empty: only bought",
        ref="technologies.technology_id",
        optional=True,
    )
    capacity_use_per_unit = number(
        "technology capacity used by one unit of output", "capacity unit/unit", above=0
    )
    yield_share = number("good output per started output", "share", above=0, high=1)
    variable_cost_mn_per_unit = number(
        "labour, energy, reagents and packing per unit, without the inputs of the bill of "
        "materials, base currency",
        "base mn/unit",
        low=0,
    )
    tonnes_per_unit = number("weight of one unit, for freight", "t/unit", low=0)
    hs6 = text("HS code of the output, for duties", optional=True, pattern=r"^\d{6}$")


class Bom(Fact):
    """What one unit of a stage's output needs of an earlier stage's output."""

    product_id = identifier("product made", ref="products.product_id", key=True)
    stage_id = identifier("stage made", key=True)
    input_product_id = identifier("product of the input", ref="products.product_id", key=True)
    input_stage_id = identifier("stage of the input", key=True)
    input_per_unit = number("input per unit of good output, losses included", "unit/unit", above=0)


class Technologies(Fact):
    """A kind of production line."""

    technology_id = identifier("short name", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian")
    unit = text("unit of its yearly capacity, for example t or mn tablets")
    construction_months = number("from decision to mechanical completion", "month", above=0)
    refusal_share = share("share of inspections that refuse at first")
    life_years = number("years over which capital cost is written off", "year", above=0)


class Modules(Fact):
    """A size in which a technology can be bought."""

    technology_id = identifier("technology", ref="technologies.technology_id", key=True)
    module_id = identifier("size", key=True)
    capacity_per_year = number("capacity of one module", "capacity unit/year", above=0)
    capex_mn = number("capital cost of one module on bare land, base currency", "base mn", above=0)
    capex_low_mn = number("low end", "base mn", above=0, optional=True)
    capex_high_mn = number("high end", "base mn", above=0, optional=True)
    fixed_cost_mn_per_year = number(
        "people, upkeep and overheads, base currency", "base mn/year", low=0
    )
    jobs = count("jobs in one module", "job")


class Segments(Fact):
    """A part of the market with its own rule of access."""

    segment_id = identifier("short name", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian")
    access_kind = choice("which rule of access holds", ("open", "listed", "strategic"))
    contestable_share = share(
        "most of the segment that one joint production can win while rivals "
        "of the same standing bid"
    )
    exclusive_share = share("most it can win while its bids alone are accepted")


class Demand(Fact):
    """What a zone and segment need of a product in the year of the figure."""

    product_id = identifier("product", ref="products.product_id", key=True)
    zone_id = identifier("zone", ref="zones.zone_id", key=True)
    segment_id = identifier("segment", ref="segments.segment_id", key=True)
    year = calendar_year("year the figure stands for")
    quantity = number(
        "quantity a year in the finished unit of programme.yaml, millions of packs unless said",
        "finished unit/year",
        low=0,
    )
    quantity_low = number("low end", "finished unit/year", low=0, optional=True)
    quantity_high = number("high end", "finished unit/year", low=0, optional=True)
    growth_share_per_year = number("growth from that year on", "share/year", low=-0.5, high=1.0)
    tier = choice(
        "strength of the evidence, A measured … E peer country",
        ("A", "B", "C", "D", "E"),
        optional=True,
    )


class Prices(Fact):
    """What the finished good sells for, net of value-added tax and trade margins."""

    product_id = identifier("product", ref="products.product_id", key=True)
    segment_id = identifier("segment", ref="segments.segment_id", key=True)
    price_per_pack = number(
        "price to the maker; finished unit times price is millions of the currency",
        "currency/pack",
        above=0,
    )
    price_low = number("low end", "currency/pack", above=0, optional=True)
    price_high = number("high end", "currency/pack", above=0, optional=True)
    cap_per_pack = number("registered maximum price", "currency/pack", above=0, optional=True)
    currency = text("ISO 4217 code", pattern=r"^[A-Z]{3}$")
    year = calendar_year("year of the price")
    basis = choice(
        "what kind of price it is",
        ("registered_maximum", "tender", "retail_derived", "cost_derived"),
    )


class Sources(Fact):
    """Who supplies a stage of a product to a market today: makers of one country, or one firm."""

    source_id = identifier("short name", key=True)
    product_id = identifier("product", ref="products.product_id")
    stage_id = identifier("stage supplied")
    maker_country_id = identifier("country of the makers", ref="countries.country_id")
    market_country_id = identifier("country supplied", ref="countries.country_id")
    company_id = identifier("the firm, where it is one", ref="companies.company_id", optional=True)
    share_today = share("part of that market's supply of this stage today, by quantity")
    capacity_per_year = number(
        "most it can supply to that market", "stage unit/year", low=0, optional=True
    )
    price_per_unit = number("price at the maker's gate or border", "currency/unit", above=0)
    price_low = number("low end", "currency/unit", above=0, optional=True)
    price_high = number("high end", "currency/unit", above=0, optional=True)
    currency = text("ISO 4217 code", pattern=r"^[A-Z]{3}$")
    price_basis = choice(
        "what kind of price it is",
        (
            "market_quote",
            "customs_average",
            "legal_floor",
            "statutory_maximum",
            "tender",
            "ceiling",
            "derived",
        ),
    )
    price_year = calendar_year("year of the price")


class Rivals(Fact):
    """The best standing that another bidder has for a product, from a year on."""

    product_id = identifier("product", ref="products.product_id", key=True)
    first_year = calendar_year("from this year on", key=True)
    standing_id = identifier("best standing of a rival, for example full_cycle")


class Disruptions(Fact):
    """How often a supply fails and how long it takes to come back."""

    country_id = identifier("country of the makers", ref="countries.country_id", key=True)
    stage_id = identifier("stage", key=True)
    failures_per_year = number("rate of failure of one source", "1/year", above=0)
    recovery_years = number("mean time to come back", "year", above=0)
    stock_years = number("stock held between this stage and the next", "year of use", low=0)


class Scenarios(Fact):
    """One future."""

    scenario_id = identifier("short name", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian")
    probability = share("probability; all add up to 1")
    is_base = flag("the future that a plan uses unless told otherwise")


class ScenarioEffects(Fact):
    """One change that a scenario makes to the data."""

    scenario_id = identifier("scenario", ref="scenarios.scenario_id", key=True)
    effect_id = identifier("short name of the effect", key=True)
    kind = choice(
        "what changes",
        (
            "demand_factor",
            "source_price_factor",
            "fx_factor",
            "capex_factor",
            "construction_delay_months",
            "source_down",
            "rival_standing",
        ),
    )
    scope_id = identifier("product, country, currency or technology; empty: all", optional=True)
    value = number("factor or months", "see kind", optional=True)
    standing_id = identifier("new best standing of rivals", optional=True)
    first_year = calendar_year("first year", optional=True)
    last_year = calendar_year("last year", optional=True)


class TradeFlows(Fact):
    """A yearly flow of goods between two countries, from the trade files."""

    year = calendar_year("year", key=True)
    exporter_id = identifier("exporting country", ref="countries.country_id", key=True)
    importer_id = identifier("importing country", ref="countries.country_id", key=True)
    hs6 = text("HS code, six digits", key=True, pattern=r"^\d{6}$")
    value_usd = number("value", "USD", low=0)
    quantity_t = number("net weight", "t", low=0, optional=True)


__all__ = [
    "Bom",
    "Demand",
    "Disruptions",
    "Modules",
    "Prices",
    "Products",
    "Rivals",
    "ScenarioEffects",
    "Scenarios",
    "Segments",
    "Sources",
    "Stages",
    "Technologies",
    "TradeFlows",
]
