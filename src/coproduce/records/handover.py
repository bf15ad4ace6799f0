"""Tables that rooms hand on to one another, declared like the programme's own.

Law tables are made from dated rules before the rooms start, so that no room needs to know a law.
Plan tables are made by the network room and read by appraisal, resilience, forum and report.
"""

from __future__ import annotations

import dataframely as dy

from coproduce.records.columns import (
    STATUSES,
    calendar_year,
    choice,
    count,
    flag,
    identifier,
    number,
    share,
    text,
)

# --- law, compiled for a programme and a rule instant ---------------------------------------


class SiteTax(dy.Schema):
    """Profit tax at a site in a year, by years since its first profit."""

    site_id = identifier("site", key=True)
    year = calendar_year("calendar year", key=True)
    first_profit_year = calendar_year("year of the site's first profit", key=True)
    rate_share = share("rate in force there, relief included")
    general_rate_share = share("rate without relief")
    is_relief_capped = flag("relief may not exceed capital cost after the grace period")
    relief_grace_years = count("years before the cap is checked", "year")
    payroll_rate_share = share("social contributions on wages")
    rules = text("leaves used, separated by ;", optional=True)


class Standing(dy.Schema):
    """Legal standing that a product earns in a year by the stages made inside the bloc."""

    product_id = identifier("product", key=True)
    year = calendar_year("year", key=True)
    stages_inside = text("stages made inside, in chain order, joined by +; none: '-'", key=True)
    points = number("points earned", "point", low=0, optional=True)
    standing_id = identifier("standing, for example local_fdf")
    standing_rank = count("order of standings, 0 is foreign", "rank")
    rules = text("leaves used, separated by ;", optional=True)


class Access(dy.Schema):
    """What a standing may sell to a segment, given the best standing among rivals."""

    segment_id = identifier("segment", key=True)
    year = calendar_year("year", key=True)
    own_rank = count("own standing", "rank")
    rival_rank = count("best standing of a rival", "rank")
    own_standing_id = identifier("own standing", key=True)
    rival_standing_id = identifier("best standing of a rival", key=True)
    is_accepted = flag("the bid is looked at")
    is_exclusive = flag("rivals of that standing are rejected because of this bid")
    price_factor = number("price preference as a factor on the price paid", "factor", above=0)
    rules = text("leaves used, separated by ;", optional=True)


class Duties(dy.Schema):
    """Import duty by product, stage and country of origin."""

    product_id = identifier("product", key=True)
    stage_id = identifier("stage", key=True)
    country_id = identifier("country of origin", key=True)
    year = calendar_year("year", key=True)
    rate_share = share("duty on the customs value")
    rules = text("leaves used, separated by ;", optional=True)


class LeadTimes(dy.Schema):
    """Legal steps between a finished building and a sale."""

    step_id = identifier("licence, inspection, registration or variation", key=True)
    months = number("months", "month", low=0)
    rules = text("leaves used, separated by ;", optional=True)


class PartyTax(dy.Schema):
    """Taxes of a party on what it earns at home or takes out of the host."""

    party_id = identifier("party", key=True)
    year = calendar_year("year", key=True)
    profit_rate_share = share("profit tax at home")
    withheld_dividend_share = share("withheld by the host on dividends")
    withheld_royalty_share = share("withheld by the host on royalties and fees")
    is_withholding_credited = flag("tax withheld is credited at home")
    rules = text("leaves used, separated by ;", optional=True)


LAW_TABLES: dict[str, type[dy.Schema]] = {
    "site_tax": SiteTax,
    "standing": Standing,
    "access": Access,
    "duties": Duties,
    "lead_times": LeadTimes,
    "party_tax": PartyTax,
}

# --- the plan -------------------------------------------------------------------------------


class Openings(dy.Schema):
    """Modules ordered."""

    site_id = identifier("site", key=True)
    technology_id = identifier("technology", key=True)
    module_id = identifier("size", key=True)
    year = calendar_year("year of the order", key=True)
    modules = count("modules ordered", "module", low=1)
    first_output_year = calendar_year("first year in which it can sell")
    capacity_per_year = number("capacity at full rate", "capacity unit/year", above=0)
    capex_mn = number("capital cost, base currency", "base mn", low=0)


class Production(dy.Schema):
    """Output of a stage at a site."""

    product_id = identifier("product", key=True)
    stage_id = identifier("stage", key=True)
    site_id = identifier("site", key=True)
    technology_id = identifier("technology", key=True)
    year = calendar_year("year", key=True)
    quantity = number("good output", "stage unit/year", above=0)
    capacity_used = number("capacity used", "capacity unit/year", above=0)


class Purchases(dy.Schema):
    """Inputs that the plan buys from outside sources."""

    product_id = identifier("product of the input", key=True)
    stage_id = identifier("stage of the input", key=True)
    source_id = identifier("source", key=True)
    year = calendar_year("year", key=True)
    quantity = number("quantity", "stage unit/year", above=0)
    cost_mn = number("price, freight and duty, base currency", "base mn/year", low=0)


class Sales(dy.Schema):
    """What the plan's own makers sell."""

    product_id = identifier("product", key=True)
    zone_id = identifier("zone", key=True)
    segment_id = identifier("segment", key=True)
    standing_id = identifier("legal standing of what is sold", key=True)
    stages_inside = text("stages made inside the bloc", key=True)
    year = calendar_year("year", key=True)
    quantity = number("quantity", "finished unit/year", above=0)
    revenue_mn = number("revenue to the maker, base currency", "base mn/year", low=0)


class Supply(dy.Schema):
    """How the whole demand of a product is met in a year."""

    product_id = identifier("product", key=True)
    segment_id = identifier("segment", key=True)
    year = calendar_year("year", key=True)
    demand = number("demand", "finished unit/year", low=0)
    own = number("met by the plan", "finished unit/year", low=0)
    others_inside = number("met by other makers inside the bloc", "finished unit/year", low=0)
    others_outside = number("met by makers outside", "finished unit/year", low=0)
    unmet = number("not met", "finished unit/year", low=0)


class Flows(dy.Schema):
    """Goods that move, for the map and for freight."""

    from_id = identifier("source country or site", key=True)
    to_id = identifier("site or zone", key=True)
    product_id = identifier("product", key=True)
    stage_id = identifier("stage", key=True)
    year = calendar_year("year", key=True)
    from_kind = choice("what from_id is", ("country", "site"))
    to_kind = choice("what to_id is", ("site", "zone"))
    quantity = number("quantity", "stage unit/year", above=0)
    tonnes = number("weight", "t/year", low=0)
    freight_mn = number("freight, base currency", "base mn/year", low=0)


CASH_ITEMS = (
    "revenue",
    "inputs",
    "transfer",
    "duties",
    "freight",
    "variable_cost",
    "fixed_cost",
    "overhead",
    "transfer_fee",
    "royalty",
    "capex",
    "working_capital",
    "residual_value",
    "profit_tax",
    "tax_relief",
    "shortage_penalty",
)
"""Items of the plan's cash table; signed: what comes in is positive, what goes out negative.

``revenue`` is what customers pay, ``inputs`` what is bought outside. ``transfer`` is what plants
and trade pay one another for output and inputs: it decides where profit is taxed and adds up to
nothing in each product and year.
"""


class Cash(dy.Schema):
    """Yearly cash of the plan by site, product and item, undiscounted, base currency, signed.

    The sum of all rows, discounted to the base year, is the plan's objective. ``site_id`` is
    ``trade`` for the margin between the finished good at the plant's gate and the customer.
    """

    site_id = identifier("site, or trade", key=True)
    product_id = identifier("product, or all", key=True)
    year = calendar_year("year", key=True)
    item = choice("what it is", CASH_ITEMS, key=True)
    status = choice("weakest status of the facts that made it", STATUSES, key=True)
    value_mn = number("amount, base currency, signed", "base mn/year")


PLAN_TABLES: dict[str, type[dy.Schema]] = {
    "openings": Openings,
    "production": Production,
    "purchases": Purchases,
    "sales": Sales,
    "supply": Supply,
    "flows": Flows,
    "cash": Cash,
}

# --- other rooms ----------------------------------------------------------------------------


class Matches(dy.Schema):
    """A pair of companies that could make something together, best first."""

    match_id = identifier("short name", key=True)
    host_company_id = identifier("company of the host side")
    partner_company_id = identifier("company of the partner side")
    product_id = identifier("product", optional=True)
    stage_id = identifier("stage", optional=True)
    score = share("two-sided score")
    host_score = share("worth to the host company")
    partner_score = share("worth to the partner company")
    reasons_en = text("why, in English")
    reasons_ru = text("why, in Russian")


class Exposures(dy.Schema):
    """How a product depends on a country, stage by stage."""

    product_id = identifier("product", key=True)
    stage_id = identifier("stage", key=True)
    country_id = identifier("country", key=True)
    direct_share = share("share of the country in this stage's supply to the host")
    chain_share = share("share of the country in this stage, upstream stages traced to their root")
    hhi = share("concentration of this stage's supply")


class Shortages(dy.Schema):
    """Expected shortage of a product before and after the plan."""

    product_id = identifier("product", key=True)
    when = choice("which state", ("before", "after"), key=True)
    availability_share = share("long-run share of time in which the chain works")
    shortage_share = share("expected unmet share of demand, stock included")
    weakest_stage_id = identifier("stage that adds most", optional=True)
    weakest_country_id = identifier("country that adds most", optional=True)


class Timetable(dy.Schema):
    """A meeting at the forum."""

    participant_a_id = identifier("one side", key=True)
    participant_b_id = identifier("other side", key=True)
    slot_id = identifier("slot")
    table_id = identifier("table")
    value = number("worth of the meeting", "weight", low=0)


OTHER_TABLES: dict[str, type[dy.Schema]] = {
    "matches": Matches,
    "exposures": Exposures,
    "shortages": Shortages,
    "timetable": Timetable,
}
