"""`shop`: a world of one product so small that a plan's worth is a sum on the back of an envelope.

One zone with the site in its middle, one open segment, no growth, no discounting, nothing after
the horizon, full output from the first year. A pack needs two tonnes of bought substance per
million packs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import polars as pl
from tests.worlds import law, programme, rows, settings

from coproduce.network import Inputs, Options, Result, run, verify_plan
from coproduce.records.programme import Programme
from coproduce.records.tables import TABLES as SCHEMAS

Change = pl.DataFrame | Callable[[pl.DataFrame], pl.DataFrame]
Law = dict[str, pl.DataFrame]

PARAMETERS = {
    "overhead_share": 0.0,
    "working_capital_share": 0.0,
    "inland_freight_per_t_km": 0.0,
    "terminal_years": 0.0,
    "ramp_year_1_share": 1.0,
    "ramp_year_2_share": 1.0,
    "host_alone_capex_factor": 2.0,
    "host_alone_extra_months": 12.0,
    "transfer_cost_per_product_mn": 0.0,
    "shortage_penalty_factor": 2.0,
    "inspection_repeat_months": 0.0,
    "wage_share_of_fixed_cost": 0.0,
    "preparation_months": 0.0,
}

TABLES = {
    "parties": """
party_id|role|country_id|name_en|name_ru|currency|discount_rate_share
HO|host|HO|Host side|Принимающая сторона|HOC|0
PA|partner|PA|Partner side|Сторона партнёра|PAC|0
""",
    "zones": """
zone_id|country_id|name_en|name_ru|lat|lon|population
west|HO|West|Запад|50|38|6000000
""",
    "technologies": """
technology_id|name_en|name_ru|unit|construction_months|refusal_share|life_years
chem|Chemical synthesis|Химический синтез|t|6|0|3
packing|Packing|Упаковка|mn packs|6|0|3
""",
    "modules": """
technology_id|module_id|capacity_per_year|capex_mn|capex_low_mn|capex_high_mn|fixed_cost_mn_per_year|jobs
chem|line|20|300|||5|10
packing|line|10|90|||12|40
""",
    "products": """
product_id|name_en|name_ru|group_id|substance|atc|hs6|hs6_confidence|form|strength_mg|units_per_pack|ddd_mg|route|line_kind|is_listed|is_strategic|criticality
alpha|Alpha|Альфа|common|alpha||292429|high|tablet|500|20||synthesis|bulk|true|false|1
""",
    "stages": """
product_id|stage_id|stage_no|name_en|name_ru|unit|technology_id|capacity_use_per_unit|yield_share|variable_cost_mn_per_unit|tonnes_per_unit|hs6
alpha|api|1|Substance|Субстанция|t|chem|1|1|0.1|1|292429
alpha|pack|2|Packs|Упаковки|mn packs|packing|1|1|5|20|300490
""",
    "bom": """
product_id|stage_id|input_product_id|input_stage_id|input_per_unit
alpha|pack|alpha|api|2
""",
    "sites": """
site_id|name_en|name_ru|region_id|lat|lon|kind|state|regime_id|company_id|area_ha
works|Works|Завод|HO-ONE|50|38|zone|operating|gen||40
""",
    "site_technologies": """
site_id|technology_id|basis|capex_factor|construction_months|max_modules|company_id
works|packing|zone_profile|1||2|
""",
    "lanes": """
lane_id|from_country_id|to_country_id|name_en|name_ru|mode|gateway_lat|gateway_lon|days|cost_per_t|currency|capacity_t_per_year|is_default
ot_rail|OT|HO|Rail|Рельсы|rail|50|38|18|0|HOC||true
""",
    "capabilities": """
capability_id|company_id|product_id|stage_id|technology_id|site_id|capacity_per_year|evidence
c1|ho_maker||pack|packing|||licence
c2|pa_api|alpha|api|chem|||licence
""",
    "deals": """
deal_id|name_en|name_ru|form|host_equity_share|partner_equity_share|royalty_share|transfer_fee_mn|input_margin_share|capex_factor|ramp_up_years_saved|is_foreign_controlled
jv_50_50|Joint venture|Совместное предприятие|joint_venture|0.5|0.5|0|0|0|1|0|false
supply_only|Supply only|Только поставка|supply_only|1|0|0|0|0|1|0|false
""",
    "segments": """
segment_id|name_en|name_ru|access_kind|contestable_share|exclusive_share
retail|Retail|Розница|open|0.4|0.4
""",
    "demand": """
product_id|zone_id|segment_id|year|quantity|quantity_low|quantity_high|growth_share_per_year|tier
alpha|west|retail|2026|20|||0|B
""",
    "prices": """
product_id|segment_id|price_per_pack|price_low|price_high|cap_per_pack|currency|year|basis
alpha|retail|80||||HOC|2026|retail_derived
""",
    "sources": """
source_id|product_id|stage_id|maker_country_id|market_country_id|company_id|share_today|capacity_per_year|price_per_unit|price_low|price_high|currency|price_basis|price_year
s_api|alpha|api|OT|HO||1||1000000|||HOC|derived|2026
s_pack|alpha|pack|OT|HO||1||100000000|||HOC|derived|2026
""",
    "rivals": "product_id|first_year|standing_id\nalpha|2026|foreign",
}


@cache
def _base() -> Programme:
    world = programme()
    parameters = world["parameters"].with_columns(
        value=pl.col("parameter_id").replace_strict(PARAMETERS, default=pl.col("value"))
    )
    tables = {name: rows(name, text) for name, text in TABLES.items()}
    changed = settings(last_year=2030, stage_ids=("api", "pack"))
    return programme(changed_settings=changed, parameters=parameters, **tables)


def shop(**changes: Change) -> Programme:
    """Return the world with tables changed; years 2027–2030, prices of 2026."""
    base = _base()
    changed = {
        name: SCHEMAS[name].validate(change(base[name]) if callable(change) else change, cast=True)
        for name, change in changes.items()
    }
    return replace(base, tables={**base.tables, **changed})


def shop_law(world: Programme, **changes: Change) -> Law:
    """Return the law of the world: no legal steps, so that a six-month line sells a year later."""
    tables = law(world)
    tables["lead_times"] = tables["lead_times"].with_columns(months=0.0)
    for name, change in changes.items():
        tables[name] = change(tables[name]) if callable(change) else change
    return tables


def planned(world: Programme, rules: Law, **options: object) -> Result:
    """Return the plan to the last kopeck, checked by the independent checker."""
    options = {"gap_share": 1e-7, "threads": 1, **options}
    result = run(Inputs(world, rules), Options(**options))  # type: ignore[arg-type]
    kept = {k: str(v) for k, v in options.items() if k in ("mode", "deal_id", "scenario_id")}
    verify_plan(world, rules, result.tables, result.proof, **kept)
    return result


def value(world: Programme, rules: Law | None = None, **options: object) -> float:
    """Return the plan's worth."""
    return planned(world, rules or shop_law(world), **options).proof.objective
