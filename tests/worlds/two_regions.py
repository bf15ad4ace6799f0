# ruff: noqa: E501 — a table row stays on one line
"""The world `two_regions` as text: a host with two regions, a partner, and the rest of the world.

Every number is made up. Each block is a table: the first line names columns, cells are split at
``|``, an empty cell is no value. ``status``, ``origin_id`` and ``note`` are added by the builder.
Alpha is a cheap listed product, beta a dear strategic one. Making alpha's substance inside
does not pay by itself; with the full cycle it opens the strategic tender.
"""

from __future__ import annotations

TEXT: dict[str, str] = {
    "origins": """
origin_id|kind|title
made_up|method|Made up for the tests.
""",
    "countries": """
country_id|name_en|name_ru|currency|baci_code|is_in_bloc|lat|lon
HO|Hostland|Хозяйская земля|HOC|901|true|50|40
BL|Blocland|Союзная земля|BLC|902|true|52|30
PA|Partnerland|Земля партнёра|PAC|903|false|20|75
OT|Otherland|Иная земля|USD|904|false|35|110
""",
    "parties": """
party_id|role|country_id|name_en|name_ru|currency|discount_rate_share
HO|host|HO|Host side|Принимающая сторона|HOC|0.1
PA|partner|PA|Partner side|Сторона партнёра|PAC|0.08
""",
    "parameters": """
parameter_id|value|low|high|unit|meaning
inland_freight_per_t_km|6|4|9|HOC/t/km|Freight from a site to a zone.
terminal_years|6|3|10|year|Years of the last year's cash counted as the plant's worth at the end.
ramp_year_1_share|0.5|0.3|0.7|share|Part of capacity usable in the first year of output.
ramp_year_2_share|0.8|0.6|1|share|Part of capacity usable in the second year of output.
depreciation_years|10|7|15|year|Years over which capital cost is written off for tax.
social_discount_rate_share|0.05|0.03|0.08|share|Real discount rate of the programme as a whole.
host_alone_capex_factor|1.2|1.0|1.5|factor|Capital cost of the host alone against the joint plan.
host_alone_extra_months|12|0|24|month|Extra time that the host needs alone.
working_capital_share|0.15|0.1|0.25|share|Working capital against yearly revenue.
transfer_cost_per_product_mn|12|6|30|HOC mn|Technology transfer and registration, each product and site.
shortage_penalty_factor|2|1|5|factor|Worth of a missing pack against its price.
export_margin_share|0.15|0.1|0.25|share|Partner's margin on what it exports today.
host_distribution_margin_share|0.1|0.05|0.15|share|Host side's margin on what it distributes today.
overhead_share|0.05|0.03|0.08|share|Overheads of a line against its revenue.
inspection_repeat_months|6|3|12|month|Time lost when an inspection refuses.
wage_share_of_fixed_cost|0.5|0.3|0.7|share|Wages within a line's fixed cost.
preparation_months|0|0|12|month|Time of the early gates before the first order.
""",
    "zones": """
zone_id|country_id|name_en|name_ru|lat|lon|population
west|HO|West|Запад|50.5|38|6000000
east|HO|East|Восток|51|52|4000000
""",
    "regions": """
region_id|country_id|zone_id|name_en|name_ru|capital_en|lat|lon|population|wage_per_month|wage_year
HO-ONE|HO|west|Region One|Регион первый|Onetown|50.2|38.5|3000000|70000|2026
HO-TWO|HO|east|Region Two|Регион второй|Twotown|51.2|51|2000000|55000|2026
""",
    "companies": """
company_id|name_en|name_ru|country_id|region_id|city|lat|lon|kind|revenue_mn|revenue_currency|revenue_year|is_screened_out|host_presence
ho_maker|Host Maker|Хозяйский завод|HO|HO-ONE|Onetown|50.2|38.5|maker|3000|HOC|2025|false|
ho_investor|Host Investor|Хозяйский инвестор|HO|HO-TWO|Twotown|51.2|51|investor|9000|HOC|2025|false|
pa_api|Partner Substances|Субстанции партнёра|PA|||19|73|maker|20000|PAC|2025|false|
pa_fdf|Partner Tablets|Таблетки партнёра|PA|||17.4|78.5|maker|50000|PAC|2025|false|sells through a daughter company
pa_listed|Partner Screened|Партнёр из списка|PA|||28.6|77.2|maker|4000|PAC|2025|true|
""",
    "technologies": """
technology_id|name_en|name_ru|unit|construction_months|refusal_share|life_years
chem|Chemical synthesis|Химический синтез|t|18|0.2|10
solids|Tablets|Таблетки|mn units|12|0.2|10
packing|Packing|Упаковка|mn packs|6|0.1|10
""",
    "modules": """
technology_id|module_id|capacity_per_year|capex_mn|capex_low_mn|capex_high_mn|fixed_cost_mn_per_year|jobs
chem|small|60|300|240|450|20|60
chem|large|200|800|640|1200|45|130
solids|line|250|320|260|400|25|80
packing|line|16|90|70|120|12|40
""",
    "products": """
product_id|name_en|name_ru|group_id|substance|atc|hs6|hs6_confidence|form|strength_mg|units_per_pack|ddd_mg|route|line_kind|is_listed|is_strategic|criticality
alpha|Alpha 500 mg|Альфа 500 мг|common|alpha|A10BA02|292429|high|film-coated tablet|500|20|1000|synthesis|bulk|true|false|1
beta|Beta 50 mg|Бета 50 мг|dear|beta||293359|low|film-coated tablet|50|10|50|synthesis|multipurpose|true|true|2
""",
    "stages": """
product_id|stage_id|stage_no|name_en|name_ru|unit|technology_id|capacity_use_per_unit|yield_share|variable_cost_mn_per_unit|tonnes_per_unit|hs6
alpha|intermediate|1|Key intermediate|Ключевой полупродукт|t|chem|0.8|0.95|0.12|1|292219
alpha|api|2|Substance|Субстанция|t|chem|1|0.9|0.15|1|292429
alpha|fdf|3|Tablets|Таблетки|mn units|solids|1|0.98|0.2|0.7|300490
alpha|pack|4|Packs|Упаковки|mn packs|packing|1|0.99|5|20|300490
beta|intermediate|1|Key intermediate|Ключевой полупродукт|t||1|1|0|1|293349
beta|api|2|Substance|Субстанция|t|chem|4|0.8|6|1|293359
beta|fdf|3|Tablets|Таблетки|mn units|solids|1.2|0.98|0.8|0.2|300490
beta|pack|4|Packs|Упаковки|mn packs|packing|1|0.99|5|5|300490
""",
    "bom": """
product_id|stage_id|input_product_id|input_stage_id|input_per_unit
alpha|api|alpha|intermediate|1.2
alpha|fdf|alpha|api|0.51
alpha|pack|alpha|fdf|20.2
beta|api|beta|intermediate|1.5
beta|fdf|beta|api|0.051
beta|pack|beta|fdf|10.1
""",
    "sites": """
site_id|name_en|name_ru|region_id|lat|lon|kind|state|regime_id|company_id|area_ha
site_one|Onetown Zone|Зона Первый|HO-ONE|50.3|38.9|zone|operating|sez_default||40
site_two|Twotown Works|Завод Второй|HO-TWO|51.1|51.3|brownfield|operating|gen|ho_maker|12
""",
    "site_technologies": """
site_id|technology_id|basis|capex_factor|construction_months|max_modules|company_id
site_one|chem|zone_profile|1||2|
site_one|solids|zone_profile|1||2|
site_one|packing|zone_profile|1||2|
site_two|solids|existing_line|0.6|6|1|ho_maker
site_two|packing|existing_line|0.5|3|2|ho_maker
""",
    "lanes": """
lane_id|from_country_id|to_country_id|name_en|name_ru|mode|gateway_lat|gateway_lon|days|cost_per_t|currency|capacity_t_per_year|is_default
pa_sea|PA|HO|Partner by sea|Море|sea+rail|47|39|30|150|USD||true
pa_rail|PA|HO|Partner by rail|Железная дорога|rail|51.5|55|22|220|USD|5000|false
ot_rail|OT|HO|Other by rail|Иная земля по железной дороге|rail|51.5|60|18|180|USD||true
ot_pa_sea|OT|PA|Other to partner by sea|Иная земля к партнёру|sea|19|73|15|80|USD||true
""",
    "capabilities": """
capability_id|company_id|product_id|stage_id|technology_id|site_id|capacity_per_year|evidence
c1|pa_api|alpha|api|chem||900|licence register
c2|pa_api|beta|api|chem||8|licence register
c3|pa_fdf|alpha|fdf|solids||2000|annual report
c4|pa_fdf|beta|fdf|solids||100|annual report
c5|ho_maker|alpha|fdf|solids|site_two|200|licence register
c6|ho_maker||pack|packing|site_two|20|licence register
c7|pa_listed|alpha|api|chem||700|licence register
""",
    "certificates": """
certificate_id|company_id|kind|scope|valid_from|valid_to|result
g1|pa_api|GMP of the host|api|2024-03-01|2027-03-01|granted
g2|pa_fdf|GMP of the host|fdf|2023-05-01|2026-05-01|granted
g3|pa_listed|GMP of the host|api|||refused
""",
    "needs": """
need_id|company_id|region_id|product_id|stage_id|technology_id|seeks|weight
n1|ho_maker||alpha|api||substance_supply|1
n2|ho_maker||beta|||technology|2
n3||HO-ONE|||chem|technology|1.5
n4|pa_api|||||market_access|1
n5|pa_fdf||beta|||market_access|1
n6|ho_investor|||||technology|1
""",
    "deals": """
deal_id|name_en|name_ru|form|host_equity_share|partner_equity_share|royalty_share|transfer_fee_mn|input_margin_share|capex_factor|ramp_up_years_saved|is_foreign_controlled
jv_50_50|Joint venture 50:50|Совместное предприятие 50:50|joint_venture|0.5|0.5|0.02|10|0.1|0.9|1|false
licence_transfer|Licence|Лицензия|licence|1|0|0.05|30|0.15|1|0.5|false
supply_only|Supply only|Только поставка|supply_only|1|0|0|0|0.2|1|0|false
""",
    "segments": """
segment_id|name_en|name_ru|access_kind|contestable_share|exclusive_share
retail|Retail|Розница|open|0.4|0.4
tender_listed|Tender, listed|Закупки, перечень|listed|0.5|0.9
tender_strategic|Tender, strategic|Закупки, стратегические|strategic|0.5|1
""",
    "demand": """
product_id|zone_id|segment_id|year|quantity|quantity_low|quantity_high|growth_share_per_year|tier
alpha|west|retail|2026|8|7|9|0.02|B
alpha|east|retail|2026|5|4|6|0.02|B
alpha|west|tender_listed|2026|4|3|5|0.02|C
alpha|east|tender_listed|2026|3|2|4|0.02|C
beta|west|retail|2026|0.3|0.2|0.4|0.05|C
beta|east|retail|2026|0.2|0.1|0.3|0.05|C
beta|west|tender_strategic|2026|0.9|0.7|1.1|0.05|D
beta|east|tender_strategic|2026|0.6|0.5|0.7|0.05|D
""",
    "prices": """
product_id|segment_id|price_per_pack|price_low|price_high|cap_per_pack|currency|year|basis
alpha|retail|50|42|58||HOC|2026|retail_derived
alpha|tender_listed|46|40|52|55|HOC|2026|tender
beta|retail|420|350|500||HOC|2026|retail_derived
beta|tender_strategic|390|330|450|430|HOC|2026|registered_maximum
""",
    "sources": """
source_id|product_id|stage_id|maker_country_id|market_country_id|company_id|share_today|capacity_per_year|price_per_unit|price_low|price_high|currency|price_basis|price_year
s01|alpha|intermediate|OT|HO||1||3000|2500|4000|USD|market_quote|2026
s02|alpha|intermediate|OT|PA||0.9||2900|2400|3900|USD|market_quote|2026
s03|alpha|intermediate|PA|PA||0.1||3300|2800|4300|USD|market_quote|2026
s04|alpha|api|PA|HO|pa_api|0.6|150|10000|7000|14000|USD|customs_average|2026
s05|alpha|api|OT|HO||0.3||9500|7000|13000|USD|customs_average|2026
s06|alpha|api|HO|HO||0.1|15|1000000|800000|1200000|HOC|derived|2026
s07|alpha|api|PA|PA||0.8||9800|7000|13500|USD|market_quote|2026
s08|alpha|api|OT|PA||0.2||9300|7000|13000|USD|market_quote|2026
s09|alpha|fdf|PA|HO|pa_fdf|0.7||15000|12000|19000|USD|derived|2026
s10|alpha|fdf|HO|HO|ho_maker|0.3|120|1250000|1000000|1500000|HOC|derived|2026
s11|alpha|fdf|PA|PA||1||14500|12000|18500|USD|derived|2026
s12|alpha|pack|PA|HO|pa_fdf|0.5||500000|400000|600000|USD|derived|2026
s13|alpha|pack|HO|HO|ho_maker|0.5|10|42000000|36000000|50000000|HOC|derived|2026
s14|beta|intermediate|OT|HO||1||60000|50000|90000|USD|market_quote|2026
s15|beta|intermediate|OT|PA||1||58000|50000|90000|USD|market_quote|2026
s16|beta|api|PA|HO|pa_api|0.8||300000|200000|450000|USD|customs_average|2026
s17|beta|api|OT|HO||0.2||280000|200000|450000|USD|customs_average|2026
s18|beta|api|PA|PA||1||290000|200000|440000|USD|customs_average|2026
s19|beta|fdf|PA|HO|pa_fdf|1||125000|100000|150000|USD|derived|2026
s20|beta|fdf|PA|PA||1||120000|100000|150000|USD|derived|2026
s21|beta|pack|PA|HO|pa_fdf|0.9||4000000|3400000|4800000|USD|derived|2026
s22|beta|pack|BL|HO||0.1||320000000|280000000|400000000|HOC|derived|2026
""",
    "rivals": """
product_id|first_year|standing_id
alpha|2026|local_fdf
beta|2026|packed
beta|2030|local_fdf
""",
    "disruptions": """
country_id|stage_id|failures_per_year|recovery_years|stock_years
OT|intermediate|0.2|0.5|0.2
PA|intermediate|0.2|0.5|0.2
PA|api|0.15|0.5|0.2
OT|api|0.2|0.5|0.2
HO|api|0.1|0.5|0.2
PA|fdf|0.15|0.5|0.15
HO|fdf|0.05|0.4|0.15
PA|pack|0.15|0.5|0.25
HO|pack|0.03|0.3|0.25
BL|pack|0.05|0.3|0.25
""",
    "limits": "limit_id|kind|scope_id|value|first_year|last_year|text_en|text_ru",
    "scenarios": """
scenario_id|name_en|name_ru|probability|is_base
base|As today|Как сегодня|0.7|true
rival|A rival makes the full cycle|Соперник делает полный цикл|0.3|false
""",
    "scenario_effects": """
scenario_id|effect_id|kind|scope_id|value|standing_id|first_year|last_year
rival|e1|rival_standing|alpha||full_cycle|2029|
rival|e2|source_price_factor|OT|1.3||2028|2030
""",
    "gates": """
gate_id|gate_no|name_en|name_ru|entry_criteria|artefacts|responsible_role|approver_role|exit_rule|months_low|months_mode|months_high
G0|0|Match|Совпадение|both sides agree to talk|note of the meeting|region|region|no answer in 6 months|1|2|6
G1|1|Agreement|Соглашение|term sheet|signed agreement|company|both companies|no agreement in 12 months|3|6|12
G2|2|Building|Стройка|site and money|permit|company|state body|no permit in 24 months|12|24|48
G3|3|Output|Выпуск|licence|first sale|company|state body|no sale in 24 months|3|6|18
""",
    "known_projects": """
project_id|name_en|company_id|partner_company_id|region_id|site_id|stage_id|sector|direction|capex_mn|capex_currency|capacity|capacity_unit|jobs|announced|planned_launch|actual_launch|gate_id|state|reason_code|evidence_date|evidence
k1|Alpha tablets|ho_maker|pa_fdf|HO-TWO|site_two|fdf|medicines|partner_in_host|250|HOC|200|mn tablets|70|2019|2021|2023-04|G3|operating||2026-02|first sale reported
k2|Beta substance|ho_investor|pa_api|HO-ONE|site_one|api|medicines|partner_in_host|900|HOC|5|t|100|2020-05|2023||G1|frozen|money|2025-11|no permit seen
k3|Alpha substance||pa_api|HO-ONE||api|medicines|partner_in_host||||||2025-06|2028||G1|active||2026-06-20|agreement signed
""",
    "participants": """
participant_id|company_id|region_id|name_en|name_ru|side|representatives|max_meetings|languages
d_ho_maker|ho_maker||Host Maker|Хозяйский завод|host|2|4|ru+en
d_ho_investor|ho_investor||Host Investor|Хозяйский инвестор|host|1|3|ru
d_one||HO-ONE|Region One|Регион первый|host|1|3|ru+en
d_pa_api|pa_api||Partner Substances||partner|1|3|en
d_pa_fdf|pa_fdf||Partner Tablets||partner|1|3|en
""",
    "requests": """
participant_id|wanted_id|kind|weight
d_ho_maker|d_pa_api|must|3
d_pa_api|d_ho_maker|meet|2
d_ho_maker|d_pa_fdf|meet|2
d_pa_fdf|d_ho_investor|meet|1
d_one|d_pa_api|meet|2
d_ho_investor|d_pa_api|never|0
""",
    "tables": """
table_id|name_en|name_ru
t1|Table 1|Стол 1
t2|Table 2|Стол 2
""",
    "slots": """
slot_id|slot_no|starts_at|ends_at|is_blocked
w1|1|2026-12-01T10:00|2026-12-01T10:25|false
w2|2|2026-12-01T10:30|2026-12-01T10:55|false
w3|3|2026-12-01T11:00|2026-12-01T12:00|true
w4|4|2026-12-01T12:00|2026-12-01T12:25|false
""",
    "trade_flows": """
year|exporter_id|importer_id|hs6|value_usd|quantity_t
2023|PA|HO|292429|1200000|110
2023|OT|HO|292429|600000|60
2023|OT|PA|292219|9000000|2900
2024|PA|HO|292429|1300000|120
2024|OT|HO|292429|650000|66
2024|OT|PA|292219|9400000|3000
""",
}

FX_BASE_PER_UNIT = {"HOC": 1.0, "PAC": 1.0, "USD": 80.0, "BLC": 30.0}
