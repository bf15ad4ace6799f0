"""A run of the chain made by hand on the world `two_regions`, so that the page can be checked.

Every number is chosen, none is computed by a room. The shapes are those that the rooms hand on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import polars as pl

from coproduce.records.figures import Figure
from coproduce.records.handover import OTHER_TABLES, PLAN_TABLES
from coproduce.records.proof import Proof
from coproduce.records.words import Words
from coproduce.resilience.safety_words import nothing_compared
from coproduce.resilience.types import Safety
from tests import worlds

YEARS = tuple(range(2027, 2033))


@dataclass(frozen=True)
class RoomResult:
    """What every room gives besides its tables."""

    finding: Words
    reasons: tuple[Words, ...] = ()
    warnings: tuple[Words, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Dependence(RoomResult):
    exposures: pl.DataFrame = field(default_factory=pl.DataFrame)
    supply_mix: pl.DataFrame = field(default_factory=pl.DataFrame)
    concentration: pl.DataFrame = field(default_factory=pl.DataFrame)
    self_sufficiency: pl.DataFrame = field(default_factory=pl.DataFrame)
    bottlenecks: pl.DataFrame = field(default_factory=pl.DataFrame)
    looks_safe: pl.DataFrame = field(default_factory=pl.DataFrame)
    consumption: pl.DataFrame = field(default_factory=pl.DataFrame)
    totals: Any = None


@dataclass(frozen=True)
class Partners(RoomResult):
    matches: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class Network(RoomResult):
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    proof: Proof | None = None
    binding: pl.DataFrame = field(default_factory=pl.DataFrame)
    left_out: pl.DataFrame = field(default_factory=pl.DataFrame)
    rejected: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class Appraisal(RoomResult):
    party_cash: pl.DataFrame = field(default_factory=pl.DataFrame)
    parties: pl.DataFrame = field(default_factory=pl.DataFrame)
    alternatives: pl.DataFrame = field(default_factory=pl.DataFrame)
    deals: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class Resilience(RoomResult):
    shortages: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class Forum(RoomResult):
    timetable: pl.DataFrame = field(default_factory=pl.DataFrame)
    refused: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True)
class Projects(RoomResult):
    board: pl.DataFrame = field(default_factory=pl.DataFrame)
    proposals: pl.DataFrame = field(default_factory=pl.DataFrame)
    attrition: pl.DataFrame = field(default_factory=pl.DataFrame)
    kept: pl.DataFrame = field(default_factory=pl.DataFrame)


def _frame(text: str, schema: Any) -> pl.DataFrame:
    """Read a table in the worlds' notation; empty cells are no value."""
    header, *lines = text.strip().splitlines()
    cells = [[cell.strip() or None for cell in line.split("|")] for line in lines]
    names = header.split("|")
    frame = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")
    casts = []
    for name in names:
        dtype = schema[name] if isinstance(schema, dict) else schema.columns()[name].dtype
        column = pl.col(name)
        casts.append(column == "true" if dtype == pl.Boolean else column.cast(dtype))
    frame = frame.with_columns(casts)
    if isinstance(schema, dict):
        return frame
    missing = [n for n in schema.column_names() if n not in names]
    frame = frame.with_columns(
        pl.lit(None, dtype=schema.columns()[n].dtype).alias(n) for n in missing
    )
    return schema.validate(frame.select(schema.column_names()))


OPENINGS = """
site_id|technology_id|module_id|year|modules|first_output_year|capacity_per_year|capex_mn
site_two|solids|line|2027|1|2028|250|192
site_two|packing|line|2027|1|2028|16|45
site_one|chem|small|2027|1|2030|60|300
"""


def plan_tables(*, is_empty: bool = False) -> dict[str, pl.DataFrame]:
    """Return the plan's tables; an empty plan builds nothing."""
    if is_empty:
        made = {name: schema.create_empty() for name, schema in PLAN_TABLES.items()}
        made["supply"] = _frame(_supply(), PLAN_TABLES["supply"])
        return made
    return {
        "openings": _frame(OPENINGS, PLAN_TABLES["openings"]),
        "production": _frame(_production(), PLAN_TABLES["production"]),
        "purchases": _frame(_purchases(), PLAN_TABLES["purchases"]),
        "sales": _frame(_sales(), PLAN_TABLES["sales"]),
        "supply": _frame(_supply(), PLAN_TABLES["supply"]),
        "flows": _frame(_flows(), PLAN_TABLES["flows"]),
        "cash": _frame(_cash(), PLAN_TABLES["cash"]),
    }


def _production() -> str:
    rows = ["product_id|stage_id|site_id|technology_id|year|quantity|capacity_used"]
    for year in YEARS[1:]:
        rows.append(f"alpha|fdf|site_two|solids|{year}|120|120")
        rows.append(f"alpha|pack|site_two|packing|{year}|6|6")
    for year in YEARS[3:]:
        rows.append(f"beta|api|site_one|chem|{year}|0.5|2")
        rows.append(f"beta|fdf|site_two|solids|{year}|9|10.8")
    return "\n".join(rows)


def _purchases() -> str:
    rows = ["product_id|stage_id|source_id|year|quantity|cost_mn"]
    for year in YEARS[1:]:
        rows.append(f"alpha|api|s05|{year}|61|46.4")
    for year in YEARS[3:]:
        rows.append(f"beta|intermediate|s14|{year}|0.75|3.6")
    return "\n".join(rows)


def _sales() -> str:
    rows = ["product_id|zone_id|segment_id|standing_id|stages_inside|year|quantity|revenue_mn"]
    for year in YEARS[1:]:
        rows.append(f"alpha|west|retail|local_fdf|fdf+pack|{year}|3|150")
        rows.append(f"alpha|east|tender_listed|local_fdf|fdf+pack|{year}|3|138")
    for year in YEARS[3:]:
        rows.append(f"beta|west|tender_strategic|full_cycle|api+fdf+pack|{year}|0.9|351")
    return "\n".join(rows)


def _supply() -> str:
    rows = ["product_id|segment_id|year|demand|own|others_inside|others_outside|unmet"]
    for year in YEARS:
        own = 0 if year == 2027 else 3
        rows.append(f"alpha|retail|{year}|13|{own}|5|{8 - own}|0")
        rows.append(f"beta|tender_strategic|{year}|1.5|{0.9 if year > 2029 else 0}|0|0.6|0")
    return "\n".join(rows)


def _flows() -> str:
    rows = ["from_id|to_id|product_id|stage_id|year|from_kind|to_kind|quantity|tonnes|freight_mn"]
    for year in YEARS[1:]:
        rows.append(f"OT|site_two|alpha|api|{year}|country|site|61|61|1")
        rows.append(f"site_two|west|alpha|pack|{year}|site|zone|3|60|1")
        rows.append(f"site_two|east|alpha|pack|{year}|site|zone|3|60|1")
    for year in YEARS[3:]:
        rows.append(f"site_one|site_two|beta|api|{year}|site|site|0.5|0.5|0.1")
    return "\n".join(rows)


def _cash() -> str:
    rows = ["site_id|product_id|year|item|status|value_mn"]
    rows.append("site_two|all|2027|capex|assumed|-237")
    rows.append("site_one|all|2027|capex|estimated|-300")
    for year in YEARS[1:]:
        rows.append(f"trade|alpha|{year}|revenue|reported|288")
        rows.append(f"site_two|alpha|{year}|inputs|estimated|-46.4")
        rows.append(f"site_two|alpha|{year}|freight|assumed|-3")
    for year in YEARS[3:]:
        rows.append(f"trade|beta|{year}|revenue|estimated|351")
        rows.append(f"site_one|beta|{year}|inputs|estimated|-3.6")
    rows.append("site_two|all|2032|residual_value|assumed|400")
    return "\n".join(rows)


_MIX = {
    "product_id": pl.String,
    "stage_id": pl.String,
    "country_id": pl.String,
    "share": pl.Float64,
}


def _dependence(with_plan: bool) -> Dependence:
    own = 0.25 if with_plan else 0.05
    mix = f"""
product_id|stage_id|country_id|share
alpha|intermediate|OT|1
alpha|api|PA|{0.6 - own}
alpha|api|OT|0.3
alpha|api|HO|{0.1 + own}
alpha|pack|PA|0.4
alpha|pack|HO|0.6
beta|intermediate|OT|1
beta|api|PA|{0.9 - 2 * own}
beta|api|OT|0.1
beta|api|HO|{2 * own}
beta|pack|PA|0.9
beta|pack|BL|0.1
"""
    state = "plan" if with_plan else "today"
    full = 0.31 if with_plan else 0.02
    bottleneck = {**_MIX, "input_product_id": pl.String, "is_inside": pl.Boolean}
    figure = Figure(
        figure_id=f"dependence.full_packs.{state}",
        value=full,
        unit="share",
        label_en="Self-sufficiency, full cycle, by packs",
        label_ru="Самообеспеченность, полный цикл, по упаковкам",
        status="synthetic",
        rows=("sources:s04", "demand:alpha|west|retail"),
        method="mean of the products' shares",
        low=full / 2,
        high=full * 1.5,
    )
    return Dependence(
        finding=Words(
            "All substances come from two countries.", "Все субстанции идут из двух стран."
        ),
        reasons=(
            Words("Otherland makes every intermediate.", "Иная земля делает все полупродукты."),
        ),
        figures=(figure,),
        exposures=OTHER_TABLES["exposures"].create_empty(),
        supply_mix=_frame(mix, _MIX),
        concentration=_frame(
            "product_id|stage_id|hhi|top_country_id|top_share|n_effective|outside_share\n"
            "alpha|api|0.46|PA|0.6|2.2|0.9\nbeta|api|0.82|PA|0.9|1.2|1",
            {
                "product_id": pl.String,
                "stage_id": pl.String,
                "hhi": pl.Float64,
                "top_country_id": pl.String,
                "top_share": pl.Float64,
                "n_effective": pl.Float64,
                "outside_share": pl.Float64,
            },
        ),
        self_sufficiency=_frame(
            "product_id|soft_share|full_cycle_share|whole_chain_share|demand_mn_packs|value_mn\n"
            f"alpha|{0.5 + own}|{own}|0.1|20|960\nbeta|0.1|{own}|0.1|2|780",
            {
                "product_id": pl.String,
                "soft_share": pl.Float64,
                "full_cycle_share": pl.Float64,
                "whole_chain_share": pl.Float64,
                "demand_mn_packs": pl.Float64,
                "value_mn": pl.Float64,
            },
        ),
        bottlenecks=_frame(
            "product_id|country_id|share|stage_id|input_product_id|is_inside\n"
            f"alpha|OT|{1 - own}|intermediate|alpha|false\nbeta|OT|1|intermediate|beta|false\n"
            "alpha|HO|0.6|pack|alpha|true",
            bottleneck,
        ),
        looks_safe=_frame(
            "product_id|soft_share|country_id|stage_id|share\nalpha|0.5|OT|intermediate|1",
            {
                "product_id": pl.String,
                "soft_share": pl.Float64,
                "country_id": pl.String,
                "stage_id": pl.String,
                "share": pl.Float64,
            },
        ),
        consumption=_frame(
            "product_id|stage_id|need_per_year\nalpha|api|206\nbeta|api|1.1",
            {"product_id": pl.String, "stage_id": pl.String, "need_per_year": pl.Float64},
        ),
        totals=SimpleNamespace(
            full_packs_share=full, soft_packs_share=full + 0.4, whole_packs_share=full / 2
        ),
    )


def _partners() -> Partners:
    return Partners(
        finding=Words("Two pairs fit.", "Подходят две пары."),
        matches=_frame(
            "match_id|host_company_id|partner_company_id|product_id|stage_id|score|host_score|"
            "partner_score|reasons_en|reasons_ru\n"
            "m1|ho_maker|pa_api|alpha|api|0.8|0.9|0.7|makes <b>900 t</b>|делает <b>900 т</b>\n"
            "m2|ho_investor|pa_fdf|||0.4|0.5|0.3|has capital|есть капитал",
            OTHER_TABLES["matches"],
        ),
    )


def _network(is_empty: bool) -> Network:
    return Network(
        finding=Words(
            "Three lines open at two sites.", "Три линии открываются на двух площадках."
        ),
        tables=plan_tables(is_empty=is_empty),
        proof=Proof("optimal", 812.5, 815.0, 0.0031, 0.4, 1, "HiGHS 1.15", "HOC mn"),
    )


def _appraisal() -> Appraisal:
    rows = ["party_id|year|item|value_mn"]
    for year, host, partner in ((2027, -300, -237), *((y, 120, 90) for y in YEARS[1:])):
        rows += [f"HO|{year}|dividends|{host}", f"PA|{year}|dividends|{partner}"]
    return Appraisal(
        finding=Words("Both sides gain.", "Обе стороны выигрывают."),
        reasons=(Words("The zone of agreement is open.", "Зона согласия есть."),),
        figures=(
            Figure(
                "appraisal.npv.HO",
                250.0,
                "HOC mn, real HOC of 2026",
                "Host side: worth",
                "Принимающая сторона: выгода",
                "assumed",
                rules=("test.tax.gen@2025-01-01",),
                parts=("dependence.none",),
            ),
        ),
        party_cash=_frame(
            "\n".join(rows),
            {"party_id": pl.String, "year": pl.Int32, "item": pl.String, "value_mn": pl.Float64},
        ),
        parties=_frame(
            "party_id|npv_mn|irr_share|payback_years|best_alternative_id|best_alternative_npv_mn|"
            "gain_mn\nHO|250|0.31|3.5|host_alone|120|130\nPA|140|0.24||export_as_today|90|50",
            {
                "party_id": pl.String,
                "npv_mn": pl.Float64,
                "irr_share": pl.Float64,
                "payback_years": pl.Float64,
                "best_alternative_id": pl.String,
                "best_alternative_npv_mn": pl.Float64,
                "gain_mn": pl.Float64,
            },
        ),
        alternatives=_frame(
            "party_id|alternative_id|name_en|name_ru|npv_mn\n"
            "HO|host_alone|Alone|Самостоятельно|120\nPA|export_as_today|Export|Экспорт|90",
            {
                "party_id": pl.String,
                "alternative_id": pl.String,
                "name_en": pl.String,
                "name_ru": pl.String,
                "npv_mn": pl.Float64,
            },
        ),
        deals=_frame(
            "deal_id|name_en|name_ru|party_id|npv_mn|gain_mn|is_mutual\n"
            "jv_50_50|Joint|Совместное|HO|250|-1|false\n"
            "jv_50_50|Joint|Совместное|PA|250|30|false\n"
            "licence_transfer|Licence|Лицензия|HO|260|140|true\n"
            "licence_transfer|Licence|Лицензия|PA|260|150|true",
            {
                "deal_id": pl.String,
                "name_en": pl.String,
                "name_ru": pl.String,
                "party_id": pl.String,
                "npv_mn": pl.Float64,
                "gain_mn": pl.Float64,
                "is_mutual": pl.Boolean,
            },
        ),
    )


def _resilience() -> Resilience:
    return Resilience(
        finding=Words("Expected shortage halves.", "Ожидаемый дефицит падает вдвое."),
        shortages=_frame(
            "product_id|when|availability_share|shortage_share|weakest_stage_id|"
            "weakest_country_id\nalpha|before|0.9|0.04|api|PA\nalpha|after|0.95|0.02|api|OT\n"
            "beta|before|0.88|0.06|intermediate|OT\nbeta|after|0.9|0.05|intermediate|OT",
            OTHER_TABLES["shortages"],
        ),
    )


def _no_safety() -> Safety:
    """Return a comparison that found nothing to compare, and says nothing."""
    return replace(nothing_compared(), warnings=())


def _forum() -> Forum:
    return Forum(
        finding=Words("Two meetings are held.", "Проходят две встречи."),
        timetable=_frame(
            "participant_a_id|participant_b_id|slot_id|table_id|value\n"
            "d_ho_maker|d_pa_api|w1|t1|5\nd_ho_maker|d_pa_fdf|w2|t2|2",
            OTHER_TABLES["timetable"],
        ),
    )


def _projects() -> Projects:
    return Projects(
        finding=Words("One of three projects runs.", "Работает один проект из трёх."),
        board=_frame(
            "project_id|gate_id|state\nk1|G3|operating\nk2|G1|frozen\nk3|G1|active",
            {"project_id": pl.String, "gate_id": pl.String, "state": pl.String},
        ),
        kept=_frame(
            "project_id|why_en|why_ru\nk1|it runs|он работает",
            {"project_id": pl.String, "why_en": pl.String, "why_ru": pl.String},
        ),
    )


RULE = {
    "rule_id": "test.tax.gen@2025-01-01",
    "leaf_id": "test.tax.gen",
    "label_en": "Profit tax",
    "label_ru": "Налог на прибыль",
    "value": 25,
    "unit": "percent",
    "status": "enacted",
    "effect_from": "2025-01-01",
    "known": "2024-07-12",
    "checked": "2026-11-01",
    "note": "",
    "references": [
        {
            "title": "Act 1",
            "href": "https://example.org/act-1",
            "method": "",
            "published": "2024-07-12",
            "accessed": "2026-11-01",
        }
    ],
}


def run(*, is_empty: bool = False, safety: Safety | None = None, **settings: object) -> Any:
    """Return the hand-made run; an empty one builds nothing."""
    programme = worlds.programme(changed_settings=worlds.settings(**settings))
    today, after = _dependence(False), _dependence(True)
    rooms = {
        "today": today,
        "partners": _partners(),
        "network": _network(is_empty),
        "alone": _network(True),
        "after": after,
        "appraisal": _appraisal(),
        "resilience": _resilience(),
        "safety": safety or _no_safety(),
        "forum": _forum(),
        "projects": _projects(),
    }
    figures = {f"today.{f.figure_id}": f for f in today.figures}
    figures |= {f"after.{f.figure_id}": f for f in after.figures}
    figures |= {f.figure_id: f for f in rooms["appraisal"].figures}
    figures = {name: _renamed(figure, name) for name, figure in figures.items()}
    return SimpleNamespace(
        programme=programme,
        law=worlds.law(programme),
        rule_notes=(Words("The points rule starts later.", "Балльное правило начнётся позже."),),
        rule_values=(RULE,),
        figures=figures,
        seconds={"network": 0.4, "dependence": 0.1},
        manifest={"coproduce": "0.1.0", "rule_instant": "2026-11-20"},
        **rooms,
    )


def _renamed(figure: Figure, name: str) -> Figure:
    return replace(figure, figure_id=name)
