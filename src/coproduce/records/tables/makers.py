"""Who: companies, what they have shown they can do, what they look for, deal forms, projects."""

from __future__ import annotations

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


class Companies(Fact):
    """A company of either side."""

    company_id = identifier("short name", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian", optional=True)
    country_id = identifier("country of control", ref="countries.country_id")
    region_id = identifier("region of its seat", ref="regions.region_id", optional=True)
    city = text("town of its seat", optional=True)
    lat = number("latitude of its seat", "degree", low=-90, high=90, optional=True)
    lon = number("longitude of its seat", "degree", low=-180, high=180, optional=True)
    kind = choice("what it is", ("maker", "trader", "investor", "service", "state_body"))
    revenue_mn = number("yearly revenue in its currency", "currency mn/year", low=0, optional=True)
    revenue_currency = text("ISO 4217 code", optional=True, pattern=r"^[A-Z]{3}$")
    revenue_year = calendar_year("year of the revenue", optional=True)
    is_screened_out = flag("a screening list names it; it is shown, never proposed")
    host_presence = text("what it already does in the host country", optional=True)


class Capabilities(Fact):
    """Evidence that a company makes a stage of a product, or of any product of a technology."""

    capability_id = identifier("short name", key=True)
    company_id = identifier("company", ref="companies.company_id")
    product_id = identifier(
        "product; empty: any product of the technology", ref="products.product_id", optional=True
    )
    stage_id = identifier("stage it makes")
    technology_id = identifier(
        "technology it runs", ref="technologies.technology_id", optional=True
    )
    site_id = identifier("site where it does so", ref="sites.site_id", optional=True)
    capacity_per_year = number(
        "capacity, in the stage's unit", "stage unit/year", low=0, optional=True
    )
    evidence = text("what shows it, in a few words")


class Certificates(Fact):
    """A manufacturing or quality certificate with its dates."""

    certificate_id = identifier("short name", key=True)
    company_id = identifier("holder", ref="companies.company_id")
    kind = text("which certificate, for example GMP of an authority")
    scope = text("stage or dosage form it covers", optional=True)
    valid_from = day("first day of validity", optional=True)
    valid_to = day("last day of validity", optional=True)
    result = choice("outcome", ("granted", "refused", "suspended", "unknown"))


class Needs(Fact):
    """What a company or a region looks for in a partner."""

    need_id = identifier("short name", key=True)
    company_id = identifier("company that looks", ref="companies.company_id", optional=True)
    region_id = identifier("region that looks", ref="regions.region_id", optional=True)
    product_id = identifier("product; empty: any", ref="products.product_id", optional=True)
    stage_id = identifier("stage; empty: any", optional=True)
    technology_id = identifier(
        "technology; empty: any", ref="technologies.technology_id", optional=True
    )
    seeks = choice(
        "what is sought",
        ("technology", "substance_supply", "market_access", "capital", "site", "contract_making"),
    )
    weight = number("how much it matters to the seeker, 1 is usual", "weight", above=0)


class Deals(Fact):
    """A form of cooperation with its terms."""

    deal_id = identifier("short name", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian")
    form = choice(
        "legal form",
        ("joint_venture", "licence", "contract_making", "own_subsidiary", "supply_only"),
    )
    host_equity_share = share("host side's part of equity and profit")
    partner_equity_share = share("partner side's part of equity and profit")
    royalty_share = share("royalty to the partner, of net sales")
    transfer_fee_mn = number("fee for a product's technology, base currency", "base mn", low=0)
    input_margin_share = share("partner's margin on inputs it sells to the venture")
    capex_factor = number("capital cost against going alone", "factor", above=0)
    ramp_up_years_saved = number("years of ramp-up saved against going alone", "year", low=0)
    is_foreign_controlled = flag("the partner side controls the venture")


class KnownProjects(Fact):
    """An announced, running or dead project of the corridor, with dated evidence of its state."""

    project_id = identifier("short name", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian", optional=True)
    company_id = identifier("host company", ref="companies.company_id", optional=True)
    partner_company_id = identifier("partner company", ref="companies.company_id", optional=True)
    region_id = identifier("region", ref="regions.region_id", optional=True)
    site_id = identifier("site", ref="sites.site_id", optional=True)
    stage_id = identifier("main stage made", optional=True)
    sector = text("sector")
    direction = choice(
        "who makes in whose country", ("partner_in_host", "host_in_partner", "host_alone")
    )
    capex_mn = number("announced capital cost", "currency mn", low=0, optional=True)
    capex_currency = text("ISO 4217 code", optional=True, pattern=r"^[A-Z]{3}$")
    capacity = number("announced capacity", "see capacity_unit", low=0, optional=True)
    capacity_unit = text("unit of the capacity", optional=True)
    jobs = count("announced jobs", "job", optional=True)
    announced = loose_date("date of the announcement", optional=True)
    planned_launch = loose_date("launch as first planned", optional=True)
    actual_launch = loose_date("launch that happened", optional=True)
    gate_id = identifier("last gate with evidence", ref="gates.gate_id")
    state = choice(
        "what is known today",
        ("active", "operating", "parked", "frozen", "cancelled", "no_trace"),
    )
    reason_code = choice(
        "why it stopped",
        ("money", "site", "regulation", "partner", "payment", "market", "not_stated"),
        optional=True,
    )
    evidence_date = loose_date("date of the evidence for the state")
    evidence = text("what shows the state, in a few words")


class Gates(Fact):
    """A stage gate of a joint project."""

    gate_id = identifier("short name, for example G4", key=True)
    gate_no = count("order", "gate")
    name_en = text("name in English")
    name_ru = text("name in Russian")
    entry_criteria = text("what must be there to enter")
    artefacts = text("what the gate leaves behind")
    responsible_role = text("who does it")
    approver_role = text("who decides")
    exit_rule = text("when a project is parked or closed here")
    months_low = number("shortest time", "month", low=0)
    months_mode = number("usual time", "month", low=0)
    months_high = number("longest time", "month", low=0)


__all__ = [
    "Capabilities",
    "Certificates",
    "Companies",
    "Deals",
    "Gates",
    "KnownProjects",
    "Needs",
]
