"""Errors that no single row shows: each is planted in the tiny world and must be the only find."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import coproduce
from coproduce.records.checks_needs import REQUIRED_PARAMETERS
from coproduce.records.programme import Programme
from coproduce.records.validate import validate_programme
from tests.worlds import programme, rows, settings

Frame = pl.DataFrame


def put(column: str, value: object, **where: object) -> Any:
    """Return a change that sets a column where other columns have given values."""

    def change(frame: Frame) -> Frame:
        is_there = pl.all_horizontal(pl.col(name) == wanted for name, wanted in where.items())
        literal = pl.lit(value, dtype=frame.schema[column])
        assert frame.filter(is_there).height > 0, where
        return frame.with_columns(
            pl.when(is_there).then(literal).otherwise(pl.col(column)).alias(column)
        )

    return change


def without(**where: object) -> Any:
    """Return a change that drops rows."""
    return lambda frame: frame.remove(
        pl.all_horizontal(pl.col(name) == wanted for name, wanted in where.items())
    )


def plus(table: str, text: str) -> Any:
    """Return a change that appends rows."""
    return lambda frame: pl.concat([frame, rows(table, text)])


@dataclass(frozen=True)
class Case:
    """One planted error and where it must be found; rows count as in a spreadsheet."""

    name: str
    changes: dict[str, Any]
    code: str
    where: str
    words: str
    reason: str
    settings: dict[str, Any] = field(default_factory=dict)
    is_warning: bool = False


LIMIT = "limit_id|kind|scope_id|value|first_year|last_year|text_en|text_ru\n"
EFFECT = "scenario_id|effect_id|kind|scope_id|value|standing_id|first_year|last_year\n"

CASES = [
    Case(
        "a dangling name in memory",
        {"sites": put("region_id", "HO-TREE", site_id="site_two")},
        "P050",
        "sites.csv, row 3, column region_id",
        "Did you mean ‘HO-ONE’ or ‘HO-TWO’?",
        "foreign keys hold for programmes made by code too",
    ),
    Case(
        "a stage that the product has not",
        {"sources": put("stage_id", "serum", source_id="s20")},
        "P051",
        "sources.csv, row 21, column stage_id",
        "product ‘beta’ has no stage ‘serum’; its stages are intermediate, api, fdf, pack",
        "the supply would be of nothing",
    ),
    Case(
        "a disruption of no stage",
        {"disruptions": put("stage_id", "apl", country_id="BL")},
        "P051",
        "disruptions.csv, row 11, column stage_id",
        "not a stage of any product. Did you mean ‘api’?",
        "the risk would strike nothing",
    ),
    Case(
        "inputs in a circle over two products",
        {
            "bom": plus(
                "bom",
                "product_id|stage_id|input_product_id|input_stage_id|input_per_unit\n"
                "alpha|intermediate|beta|api|0.1\nbeta|api|alpha|fdf|0.1",
            )
        },
        "P052",
        "bom.csv, row 3, column input_stage_id",
        "inputs run in a circle",
        "the amount needed would be infinite or negative",
    ),
    Case(
        "an input from downstream",
        {
            "bom": lambda frame: put("input_stage_id", "fdf", product_id="beta", stage_id="api")(
                frame
            ).remove((pl.col("product_id") == "beta") & (pl.col("stage_id") == "fdf"))
        },
        "P053",
        "bom.csv, row 5, column input_stage_id",
        "stage ‘api’ cannot take stage ‘fdf’ as input",
        "tablets are not made into substance",
    ),
    Case(
        "a product that nobody can supply",
        {
            "stages": put("technology_id", None, product_id="beta"),
            # its packs are made and sold, but not to the host
            "sources": lambda frame: put("share_today", 1.0, source_id="s21")(
                put("market_country_id", "PA", source_id="s21")(without(source_id="s22")(frame))
            ),
        },
        "P054",
        "products.csv, row 3, column product_id",
        "product ‘beta’ can reach the host in no way",
        "its demand could never be met",
    ),
    Case(
        "two stages with one number",
        {"stages": put("stage_no", 1, product_id="alpha", stage_id="api")},
        "P055",
        "stages.csv, row 2, column stage_no",
        "two stages with number 1",
        "the order decides what is upstream",
    ),
    Case(
        "a rate missing within the horizon",
        {"fx": without(currency="USD", year=2031)},
        "P056",
        "sources.csv, row 2, column currency",
        "currency ‘USD’ has no rate in table fx for 2031",
        "a price could not be converted in that year",
    ),
    Case(
        "a base currency that costs two of itself",
        {"fx": put("base_per_unit", 2.0, currency="HOC", year=2028)},
        "P056",
        "fx.csv, row 5, column base_per_unit",
        "costs 2 of itself",
        "an inverted or shifted table of rates",
    ),
    Case(
        "probabilities above 1",
        {"scenarios": put("probability", 0.4, scenario_id="rival")},
        "P057",
        "scenarios.csv, column probability",
        "add up to 1.1",
        "expectations would be too large",
    ),
    Case(
        "two base scenarios",
        {"scenarios": put("is_base", value=True, scenario_id="rival")},
        "P058",
        "scenarios.csv, column is_base",
        "2 scenarios have is_base true (base, rival); exactly one must",
        "which future is the usual one?",
    ),
    Case(
        "shares of supply above 1",
        {"sources": put("share_today", 0.75, source_id="s04")},
        "P060",
        "sources.csv, row 7, column share_today",
        "alpha, api, market HO adds up to 1.15",
        "more than everything",
    ),
    Case(
        "shares of supply below 1",
        {"sources": put("share_today", 0.5, source_id="s04")},
        "P061",
        "sources.csv, row 7, column share_today",
        "10.00% of this supply is of unknown origin",
        "allowed, but the reader should know",
        is_warning=True,
    ),
    Case(
        "a low above the value",
        {"prices": put("price_low", 51.0, product_id="alpha", segment_id="retail")},
        "P062",
        "prices.csv, row 2, column price_low",
        "price_low 51 is above price_per_pack 50",
        "a range must hold its value",
    ),
    Case(
        "demand without a price",
        {"prices": without(product_id="beta", segment_id="retail")},
        "P064",
        "demand.csv, row 6, column segment_id",
        "product ‘beta’ is asked for in segment ‘retail’ but table prices has no row",
        "its revenue would be nothing",
    ),
    Case(
        "output and capacity in different units",
        {"technologies": put("unit", "kg", technology_id="chem")},
        "P065",
        "stages.csv, row 3, column unit",
        "counted in ‘t’ but the technology's capacity in ‘kg’",
        "a factor of a thousand",
        is_warning=True,
    ),
    Case(
        "a region in a zone of another country",
        {"regions": put("country_id", "PA", region_id="HO-TWO")},
        "P066",
        "regions.csv, row 3, column zone_id",
        "the region is of PA but its zone ‘east’ of HO",
        "demand would be shared out abroad",
    ),
    Case(
        "no partner",
        {"parties": without(role="partner")},
        "P067",
        "parties.csv, column role",
        "0 parties have the role partner; exactly one must",
        "mutual gain needs two",
    ),
    Case(
        "a limit on a country that is not there",
        {"limits": plus("limits", LIMIT + "l1|max_country_share|CN|0.5|||x|x")},
        "P068",
        "limits.csv, row 2, column scope_id",
        "‘CN’ is not a country_id (kind max_country_share). There are: BL, HO, OT, PA.",
        "the limit would bind nothing",
    ),
    Case(
        "a limit without its number",
        {"limits": plus("limits", LIMIT + "l1|max_capex_total|||||x|x")},
        "P068",
        "limits.csv, row 2, column value",
        "needs value",
        "the limit would bind nothing",
    ),
    Case(
        "a limit that needs no scope",
        {"limits": plus("limits", LIMIT + "l1|max_capex_total|HO-ONE|5|||x|x")},
        "P068",
        "limits.csv, row 2, column scope_id",
        "leave scope_id empty",
        "it would be taken for a limit of the region",
    ),
    Case(
        "a limit without its scope",
        {"limits": plus("limits", LIMIT + "l1|max_country_share||0.5|||x|x")},
        "P068",
        "limits.csv, row 2, column scope_id",
        "needs scope_id",
        "of which country?",
    ),
    Case(
        "a number for a limit without one",
        {"limits": plus("limits", LIMIT + "l1|fixed_site|site_one|3|||x|x")},
        "P068",
        "limits.csv, row 2, column value",
        "leave value empty",
        "three lines or the third year? It would be ignored",
    ),
    Case(
        "a limit that ends before it starts",
        {"limits": plus("limits", LIMIT + "l1|min_regions||2|2030|2028|x|x")},
        "P079",
        "limits.csv, row 2, column last_year",
        "last_year 2028 is before first_year 2030",
        "it would hold in no year",
    ),
    *(
        Case(
            f"a limit {kind} of {value}",
            {"limits": plus("limits", LIMIT + f"l1|{kind}|{scope}|{value}|||x|x")},
            "P100",
            "limits.csv, row 2, column value",
            f"cannot be {value}; it must be {allowed}",
            reason,
        )
        for kind, scope, value, allowed, reason in (
            ("min_self_sufficiency", "", "40", "a share from 0 to 1", "percent for share"),
            ("min_self_sufficiency", "alpha", "-0.1", "a share from 0 to 1", "binds nothing"),
            ("max_country_share", "OT", "1.2", "a share from 0 to 1", "binds nothing"),
            ("min_region_capex_share", "HO-ONE", "20", "a share from 0 to 1", "impossible"),
            ("max_capex_per_year", "", "-5", "an amount of 0 or more", "impossible"),
            ("max_capex_total", "", "-5", "an amount of 0 or more", "impossible"),
            ("min_regions", "", "-1", "a whole number of 0 or more", "binds nothing"),
            ("min_regions", "", "1.5", "a whole number of 0 or more", "one or two?"),
        )
    ),
    Case(
        "a parameter that the rooms need is misspelt",
        {"parameters": put("parameter_id", "teminal_years", parameter_id="terminal_years")},
        "P097",
        "parameters.csv, column parameter_id",
        "‘terminal_years’ is missing and no plan can be made without it; is row ‘teminal_years’",
        "the plan would break off",
    ),
    Case(
        "a product without any source",
        {"sources": without(product_id="alpha")},
        "P098",
        "products.csv, row 2, column product_id",
        "‘alpha’ has no row in table sources at any stage",
        "its dependence would be unknown",
    ),
    Case(
        "a stage that is neither made nor supplied",
        {
            "sources": lambda frame: frame.remove(
                (pl.col("product_id") == "beta") & (pl.col("stage_id") == "intermediate")
            )
        },
        "P099",
        "stages.csv, row 6, column stage_id",
        "stage ‘intermediate’ of product ‘beta’ is neither made nor supplied",
        "its inputs would come from nowhere",
    ),
    Case(
        "a wish to meet oneself",
        {
            "requests": put(
                "wanted_id", "d_ho_maker", participant_id="d_ho_maker", wanted_id="d_pa_api"
            )
        },
        "P069",
        "requests.csv, row 2, column wanted_id",
        "‘d_ho_maker’ asks to meet itself",
        "a slip of the hand",
    ),
    Case(
        "slots that overlap",
        {"slots": put("starts_at", "2026-12-01T10:20", slot_id="w2")},
        "P070",
        "slots.csv, row 3, column starts_at",
        "before slot ‘w1’ of the number before it ends at 2026-12-01T10:25",
        "nobody can sit at two tables",
    ),
    Case(
        "a slot that ends before it starts",
        {"slots": put("ends_at", "2026-12-01T09:55", slot_id="w4")},
        "P070",
        "slots.csv, row 5, column ends_at",
        "not after its start",
        "a slip of the hand",
    ),
    Case(
        "a slot at an hour that is not there",
        {"slots": put("starts_at", "2026-12-01T25:00", slot_id="w4")},
        "P070",
        "slots.csv, row 5, column starts_at",
        "not a time of the calendar",
        "the pattern alone lets it through",
    ),
    Case(
        "a certificate that ends before it starts",
        {"certificates": put("valid_to", date(2020, 1, 1), certificate_id="g1")},
        "P071",
        "certificates.csv, row 2, column valid_to",
        "valid_to 2020-01-01 is before valid_from 2024-03-01",
        "swapped dates",
    ),
    Case(
        "a launch before its announcement",
        {"known_projects": put("actual_launch", "2018-12", project_id="k1")},
        "P072",
        "known_projects.csv, row 2, column actual_launch",
        "actual_launch 2018-12 is before announced 2019",
        "delays would come out negative",
    ),
    Case(
        "a site on the other side of the world",
        {"sites": put("lat", -38.9, site_id="site_one")},
        "P073",
        "sites.csv, row 2, column lat",
        "km from the capital of ‘HO-ONE’; look whether lat and lon are swapped",
        "a lost or added sign",
        is_warning=True,
    ),
    Case(
        "a capability of nothing",
        {
            "capabilities": lambda frame: put("technology_id", None, capability_id="c6")(
                put("product_id", None, capability_id="c6")(frame)
            )
        },
        "P074",
        "capabilities.csv, row 7, column product_id",
        "name at least one",
        "it would match nothing",
    ),
    Case(
        "settings that name an unknown deal",
        {},
        "P075",
        "programme.yaml, column deal_id",
        "‘jv_50_51’ is not a deal_id of table deals. Did you mean ‘jv_50_50’?",
        "the default must exist",
        settings={"deal_id": "jv_50_51"},
    ),
    Case(
        "settings that miss a stage",
        {},
        "P075",
        "programme.yaml, column stage_ids",
        "stage ‘pack’ of table stages is missing",
        "the chain's order comes from the settings",
        settings={"stage_ids": ("intermediate", "api", "fdf")},
    ),
    Case(
        "a technology that comes in no size",
        {
            "modules": without(technology_id="packing"),
            "stages": put("technology_id", None, stage_id="pack"),
            "site_technologies": without(site_id="site_two", technology_id="packing"),
        },
        "P076",
        "site_technologies.csv, row 4, column technology_id",
        "‘packing’ has no size in table modules",
        "it could never be built",
    ),
    Case(
        "an effect without its factor",
        {
            "scenario_effects": plus(
                "scenario_effects", EFFECT + "rival|e3|demand_factor|alpha|||2028|"
            )
        },
        "P078",
        "scenario_effects.csv, row 4, column value",
        "a factor above 0 is needed",
        "the future would change nothing",
    ),
    Case(
        "an effect on an unknown currency",
        {
            "scenario_effects": plus(
                "scenario_effects", EFFECT + "rival|e3|fx_factor|USB|1.2||2028|"
            )
        },
        "P078",
        "scenario_effects.csv, row 4, column scope_id",
        "‘USB’ is not a currency (kind fx_factor)",
        "the future would change nothing",
    ),
    Case(
        "an effect that ends before it starts",
        {"scenario_effects": put("last_year", 2027, effect_id="e2")},
        "P079",
        "scenario_effects.csv, row 3, column last_year",
        "last_year 2027 is before first_year 2028",
        "swapped years",
    ),
    Case(
        "a delegation of nobody",
        {"participants": put("region_id", None, participant_id="d_one")},
        "P080",
        "participants.csv, row 4, column company_id",
        "neither company_id nor region_id",
        "its meetings could not be followed up",
    ),
    Case(
        "a host that counts in another currency",
        {"parties": put("currency", "USD", role="host")},
        "P081",
        "parties.csv, row 2, column currency",
        "make sure that this is meant",
        "allowed, but unusual",
        is_warning=True,
    ),
    Case(
        "equity of 110 %",
        {"deals": put("partner_equity_share", 0.6, deal_id="jv_50_50")},
        "P082",
        "deals.csv, row 2, column partner_equity_share",
        "add up to 1.1",
        "profit would be shared out twice",
    ),
    Case(
        "a price above its registered maximum",
        {"prices": put("cap_per_pack", 45.0, product_id="alpha", segment_id="tender_listed")},
        "P083",
        "prices.csv, row 3, column price_per_pack",
        "price_per_pack 46 is above cap_per_pack 45",
        "it may be an old price",
        is_warning=True,
    ),
    Case(
        "a host outside its own bloc",
        {"countries": put("is_in_bloc", value=False, country_id="HO")},
        "P084",
        "parties.csv, row 2, column country_id",
        "is_in_bloc false; set it to true",
        "all its own output would count as foreign",
    ),
    Case(
        "two gates with one number",
        {"gates": put("gate_no", 2, gate_id="G3")},
        "P085",
        "gates.csv, row 4, column gate_no",
        "two gates have the number 2",
        "projects could not be ordered",
    ),
    Case(
        "two default lanes",
        {"lanes": put("is_default", value=True, lane_id="pa_rail")},
        "P086",
        "lanes.csv, row 3, column is_default",
        "2 lanes from PA to HO have is_default true",
        "which freight holds?",
    ),
    Case(
        "money without a currency",
        {"known_projects": put("capex_currency", None, project_id="k2")},
        "P088",
        "known_projects.csv, row 3, column capex_currency",
        "capex_mn 900 stands without capex_currency",
        "a number without unit is no fact",
    ),
    Case(
        "a demand zone abroad",
        {
            "zones": plus(
                "zones", "zone_id|country_id|name_en|name_ru|lat|lon|population\nx|PA|X|X|1|1|5"
            )
        },
        "P089",
        "zones.csv, row 4, column country_id",
        "demand zones lie in the host's country (HO), not ‘PA’",
        "the plan serves the host's market",
    ),
]


@pytest.fixture(scope="module")
def world() -> Programme:
    return programme()


def test_the_tiny_world_is_valid_and_nothing_odd_is_seen_in_it(world: Programme) -> None:
    assert validate_programme(world, known_regimes=("gen", "sez_default")) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_error_across_tables_is_found_placed_and_explained(
    case: Case, world: Programme
) -> None:
    tables = dict(world.tables)
    for table, change in case.changes.items():
        tables[table] = change(tables[table])
    found = validate_programme(Programme(settings(**case.settings), tables))
    first = found[0]
    assert {issue.code for issue in found} == {case.code}, [str(issue) for issue in found]
    assert first.where == case.where
    assert case.words in first.message
    assert first.is_warning == case.is_warning


def test_a_regime_is_not_checked_when_the_rules_are_not_at_hand(world: Programme) -> None:
    assert validate_programme(world, known_regimes=None) == []
    found = validate_programme(world, known_regimes=("gen",))
    assert [(issue.code, issue.row) for issue in found] == [("P059", 2)]


def test_a_value_that_dangles_in_many_rows_is_one_problem_that_lists_them(
    world: Programme,
) -> None:
    tables = {**world.tables, "demand": world["demand"].with_columns(zone_id=pl.lit("north"))}
    found = validate_programme(Programme(world.settings, tables))
    assert [issue.code for issue in found] == ["P050"]
    assert "(rows 2, 3, 4, 5, 6, 7, 8, 9)" in found[0].message


BOUNDARIES = """l1|min_self_sufficiency||0|||x|x
l2|min_self_sufficiency|alpha|1|2028|2028|x|x
l3|max_capex_total||0|||x|x
l4|min_regions||2|||x|x
l5|forbidden_site|site_one||||x|x"""


def test_limits_at_the_ends_of_their_ranges_are_allowed(world: Programme) -> None:
    tables = {**world.tables, "limits": rows("limits", LIMIT + BOUNDARIES)}
    assert validate_programme(Programme(world.settings, tables)) == []


def test_the_needed_parameters_are_those_that_the_code_reads_without_a_default() -> None:
    source = Path(coproduce.__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in source.rglob("*.py")]
    read = {name for text in texts for name in re.findall(r'programme\.parameter\("(\w+)"', text)}
    assert read == set(REQUIRED_PARAMETERS)
