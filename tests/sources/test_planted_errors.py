"""Errors planted in files: each must be found, placed, explained, and be the only thing reported.

The cases of a batch are planted in one programme, so that what is tested is also that all problems
are reported together and that none hides, doubles or invents another.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest

from coproduce.records.errors import Issue, LoadError
from coproduce.sources import read_programme
from tests.sources import planting as p
from tests.worlds import write


@dataclass(frozen=True)
class Case:
    """One planted error: where it must be found, with which code and words, and why it matters."""

    batch: str
    name: str
    plant: p.Plant
    code: str
    where: str
    words: str
    reason: str


def mixed(data: bytes) -> bytes:
    lines = data.split(b"\n")
    lines[1] = lines[1].decode("utf-8").encode("cp1251")
    return b"\n".join(lines)


CASES = [
    Case(
        "cells",
        "text in a number column",
        p.cell("demand", 3, "quantity", "about five"),
        "P030",
        "demand.csv, row 3, column quantity",
        "‘about five’ is not a number; write digits with a decimal point",
        "a word must not become an empty amount",
    ),
    Case(
        "cells",
        "a percentage in a share column",
        p.cell("parties", 3, "discount_rate_share", "8%"),
        "P030",
        "parties.csv, row 3, column discount_rate_share",
        "shares as 0.05, not 5 %",
        "8 must not become 800 %",
    ),
    Case(
        "cells",
        "a comma that can be decimal or thousands",
        p.cell("modules", 3, "capex_mn", "1,234"),
        "P031",
        "modules.csv, row 3, column capex_mn",
        "can be read as 1.234 or as 1234; write",
        "a thousandfold error would go unseen",
    ),
    Case(
        "cells",
        "half a job",
        p.cell("modules", 2, "jobs", "60.5"),
        "P032",
        "modules.csv, row 2, column jobs",
        "not a whole number",
        "counts are whole",
    ),
    Case(
        "cells",
        "a number beyond whole numbers",
        p.cell("technologies", 2, "life_years", "1e999"),
        "P036",
        "technologies.csv, row 2, column life_years",
        "not a finite number",
        "infinity is no lifetime",
    ),
    Case(
        "cells",
        "the thirtieth of February",
        p.cell("certificates", 2, "valid_from", "2024-02-30"),
        "P033",
        "certificates.csv, row 2, column valid_from",
        "not a date of the calendar; write year-month-day",
        "a date must exist",
    ),
    Case(
        "cells",
        "a date with slashes",
        p.cell("certificates", 3, "valid_to", "05/06/2026"),
        "P033",
        "certificates.csv, row 3, column valid_to",
        "write year-month-day",
        "day and month cannot be told apart",
    ),
    Case(
        "cells",
        "month thirteen in a loose date",
        p.cell("known_projects", 2, "evidence_date", "2026-13"),
        "P033",
        "known_projects.csv, row 2, column evidence_date",
        "as exact as is known",
        "loose is not false",
    ),
    Case(
        "cells",
        "neither yes nor no",
        p.cell("lanes", 2, "is_default", "maybe"),
        "P034",
        "lanes.csv, row 2, column is_default",
        "write true or false",
        "a flag decides a plan",
    ),
    Case(
        "cells",
        "an empty required cell",
        p.cell("products", 2, "hs6_confidence", ""),
        "P035",
        "products.csv, row 2, column hs6_confidence",
        "empty but must be filled in (how sure the code is)",
        "nothing is filled in silently",
    ),
    Case(
        "cells",
        "a share above 1",
        p.cell("segments", 2, "contestable_share", "40"),
        "P036",
        "segments.csv, row 2, column contestable_share",
        "at least 0 and at most 1 (unit: share). Write a share, 0.05 for 5 %.",
        "percent typed as share",
    ),
    Case(
        "cells",
        "a yield above 1",
        p.cell("stages", 3, "yield_share", "1.02"),
        "P036",
        "stages.csv, row 3, column yield_share",
        "1.02 is out of range; allowed: above 0 and at most 1",
        "no process makes more than it starts",
    ),
    Case(
        "cells",
        "a negative price",
        p.cell("prices", 2, "price_per_pack", "-50"),
        "P036",
        "prices.csv, row 2, column price_per_pack",
        "allowed: above 0",
        "a sign error",
    ),
    Case(
        "cells",
        "a latitude beyond the pole",
        p.cell("zones", 3, "lat", "151"),
        "P036",
        "zones.csv, row 3, column lat",
        "at least -90 and at most 90 (unit: degree)",
        "degrees have bounds",
    ),
    Case(
        "cells",
        "a year of another age",
        p.cell("trade_flows", 2, "year", "202"),
        "P036",
        "trade_flows.csv, row 2, column year",
        "at least 1990 and at most 2100",
        "a digit is missing",
    ),
    Case(
        "cells",
        "a word that is not on the list",
        p.cell("sites", 2, "kind", "greenfeld"),
        "P037",
        "sites.csv, row 2, column kind",
        "not one of greenfield, zone, park, brownfield. Did you mean ‘greenfield’?",
        "a typing error",
    ),
    Case(
        "cells",
        "an unknown status",
        p.cell("disruptions", 2, "status", "guessed"),
        "P037",
        "disruptions.csv, row 2, column status",
        "observed, reported, estimated, assumed, synthetic",
        "every figure has a known status",
    ),
    Case(
        "cells",
        "an HS code that lost its zero",
        p.cell("stages", 4, "hs6", "30490"),
        "P038",
        "stages.csv, row 4, column hs6",
        "must have 6 digits, leading zeros included; format the column as text",
        "spreadsheets cut zeros",
    ),
    Case(
        "cells",
        "a Cyrillic letter in a short name",
        p.cell("needs", 2, "need_id", "nс1"),
        "P038",
        "needs.csv, row 2, column need_id",
        "It holds Cyrillic с: type it with Latin letters",
        "looks right, joins nothing",
    ),
    Case(
        "cells",
        "a key twice",
        p.repeat_row("rivals", 2),
        "P039",
        "rivals.csv, row 5, column product_id, first_year",
        "the key ‘alpha | 2026’ stands in row 2 already",
        "which of the two holds?",
    ),
    Case(
        "cells",
        "a formula in a text cell",
        p.cell("gates", 2, "artefacts", "=HYPERLINK(1)"),
        "P040",
        "gates.csv, row 2, column artefacts",
        "looks like a formula",
        "it would run when the table is opened in a spreadsheet",
    ),
    Case(
        "cells",
        "a control character",
        p.cell("tables", 2, "name_en", "Table\x07 1"),
        "P046",
        "tables.csv, row 2, column name_en",
        "control character",
        "it cannot be seen, yet breaks files",
    ),
    Case(
        "cells",
        "a region that is not there",
        p.cell("companies", 2, "region_id", "HO-OEN"),
        "P050",
        "companies.csv, row 2, column region_id",
        "‘HO-OEN’ is not in column region_id of table regions. Did you mean ‘HO-ONE’?",
        "a dangling name",
    ),
    Case(
        "cells",
        "an origin that is not there",
        p.cell("fx", 4, "origin_id", "nobody"),
        "P050",
        "fx.csv, row 4, column origin_id",
        "There are: made_up.",
        "every fact has an origin",
    ),
    Case(
        "cells",
        "an unknown regime",
        p.cell("sites", 3, "regime_id", "genn"),
        "P059",
        "sites.csv, row 3, column regime_id",
        "not a tax regime that the rules know. Did you mean ‘gen’?",
        "a tax rate would be missing in the middle of a plan",
    ),
    Case(
        "headers",
        "an unknown column",
        p.rename_column("sites", "area_ha", "area_hectare"),
        "P022",
        "sites.csv, row 1, column area_hectare",
        "no such column in table sites. Did you mean ‘area_ha’?",
        "a misspelt optional column would be lost in silence",
    ),
    Case(
        "headers",
        "a missing column",
        p.drop_column("lanes", "days"),
        "P023",
        "lanes.csv, row 1, column days",
        "missing; add it (door-to-door time)",
        "required means required",
    ),
    Case(
        "headers",
        "the same column twice",
        p.rename_column("needs", "stage_id", "seeks"),
        "P021",
        "needs.csv, row 1, column seeks",
        "2 times; keep one",
        "which of the two holds?",
    ),
    Case(
        "headers",
        "cells below no name",
        p.rename_column("certificates", "scope", ""),
        "P020",
        "certificates.csv, row 1",
        "has cells but no name",
        "their meaning is unknown",
    ),
    Case(
        "headers",
        "a table without rows",
        p.only_header("segments"),
        "P024",
        "segments.csv",
        "has a header but no rows",
        "a plan needs it",
    ),
    Case(
        "headers",
        "a required table is missing",
        p.remove("fx.csv"),
        "P002",
        "fx.csv",
        "this file is missing; a programme needs table fx",
        "a plan needs it",
    ),
    Case(
        "headers",
        "a misspelt optional table",
        p.rename("rivals.csv", "rival.csv"),
        "P007",
        "rival.csv",
        "no table has this name. Did you mean ‘rivals’?",
        "an optional table would be left out in silence",
    ),
    Case(
        "headers",
        "a row with too many cells",
        p.data("zones.csv", lambda data: data.replace(b"west,HO", b"west,HO,HO", 1)),
        "P008",
        "zones.csv, row 2",
        "a cell that holds a comma must stand in double quotes",
        "values would slip into the next column",
    ),
    Case(
        "headers",
        "a quote that is never closed",
        p.data("gates.csv", lambda data: data.replace(b"G1,", b'"G1,', 1)),
        "P008",
        "gates.csv",
        "look for a quote that is never closed",
        "it would swallow rows",
    ),
    Case(
        "headers",
        "two encodings in one file",
        p.data("regions.csv", mixed),
        "P005",
        "regions.csv",
        "lines 3 are UTF-8 but 2 are not: two encodings are mixed",
        "half of the names would be garbage",
    ),
    Case(
        "headers",
        "Latin-1 where Cyrillic could be meant",
        p.data("companies.csv", "company_id,name_en\nx,Côte d'Ivoire é\n".encode("latin-1")),
        "P005",
        "companies.csv",
        "does not read as Windows-1251 either",
        "ô would become a Cyrillic letter",
    ),
    Case(
        "headers",
        "a workbook named CSV",
        p.data("deals.csv", b"PK\x03\x04 and so on"),
        "P004",
        "deals.csv",
        "this is a ZIP or XLSX file",
        "renaming is not saving as",
    ),
    Case(
        "headers",
        "a NUL byte",
        p.data("prices.csv", lambda data: data.replace(b"retail", b"ret\x00il", 1)),
        "P004",
        "prices.csv",
        "line 2 holds a NUL byte",
        "a damaged file",
    ),
    Case(
        "headers",
        "UTF-16 text",
        p.data("origins.csv", "origin_id,kind\n".encode("utf-16")),
        "P005",
        "origins.csv",
        "UTF-16 text; save it as UTF-8",
        "a usual choice in a save dialogue",
    ),
    Case(
        "headers",
        "an empty file",
        p.data("bom.csv", b""),
        "P020",
        "bom.csv, row 1",
        "row 1 is empty; it must name the columns",
        "a save that failed",
    ),
    Case(
        "headers",
        "a currency in small letters",
        p.settings("currency: HOC", "currency: hoc"),
        "P014",
        "programme.yaml, row 12, column currency",
        "three capital letters",
        "codes are exact",
    ),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Issue, ...]]:
    whole = write(tmp_path_factory.mktemp("whole") / "world")
    made = {}
    for batch in dict.fromkeys(case.batch for case in CASES):
        folder = tmp_path_factory.mktemp(batch) / "world"
        shutil.copytree(whole, folder)
        for case in CASES:
            if case.batch == batch:
                case.plant(folder)
        with pytest.raises(LoadError) as caught:
            read_programme(folder, known_regimes=("gen", "sez_default"))
        made[batch] = caught.value.issues
    return made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_planted_error_is_found_placed_and_explained(
    case: Case, found: dict[str, tuple[Issue, ...]]
) -> None:
    here = [issue for issue in found[case.batch] if issue.where == case.where]
    assert [issue.code for issue in here] == [case.code], [str(i) for i in found[case.batch]]
    assert case.words in here[0].message
    assert not here[0].is_warning


@pytest.mark.parametrize("batch", sorted({case.batch for case in CASES}))
def test_nothing_but_the_planted_errors_is_reported(
    batch: str, found: dict[str, tuple[Issue, ...]]
) -> None:
    planted = sorted(case.where for case in CASES if case.batch == batch)
    reported = sorted(issue.where for issue in found[batch] if not issue.is_warning)
    assert reported == planted


def test_there_are_more_than_thirty_planted_errors_in_files() -> None:
    assert len(CASES) > 30


CYCLE = "full_cycle_stage_id: api"
SETTINGS_CASES = [
    ("title:", "titel:", "P013", "no such key. Did you mean ‘title’?", 2),
    ("sector: medicines\n", "", "P012", "the key sector is missing", None),
    ("last_year: 2032", "last_year: 2026", "P063", "first_year 2027 ≤ last_year 2026", 10),
    ("last_year: 2032", "last_year: soon", "P014", "a year from 1990 to 2100", 10),
    ("rule_instant: 2026-11-20", "rule_instant: 2026-11-31", "P011", "not valid YAML", None),
    ("rule_instant: 2026-11-20", "rule_instant: now", "P014", "a date of the calendar", 14),
    ("  ru: Два региона\n", "", "P014", "both languages", 2),
    ("sector: medicines", "sector: &a x\nprice: *a", "P011", "aliases", None),
    ("sector: medicines", "sector: [unclosed", "P011", "not valid YAML", 9),
    ("sector: medicines", "sector: x\nsector: y", "P013", "stands in line 8 already", 9),
    ("- api", "- api\n- api", "P014", "twice", 16),
    (CYCLE, "full_cycle_stage_id: bulk", "P014", "There are: intermediate, api, fdf, pack", 21),
    (CYCLE, "full_cycle_stage_id: apy", "P014", "not one of stage_ids. Did you mean ‘api’?", 21),
    (CYCLE, f"{CYCLE}\nstage_names: {{apy.en: bulk}}", "P014", "Did you mean ‘api.en’?", 22),
    (CYCLE, f"{CYCLE}\nstage_names: [bulk]", "P014", "“name: text” are needed", 22),
    (
        CYCLE,
        f"{CYCLE}\nfinished_goods: {{unit.en: cars}}",
        "P014",
        "unit.en, unit.ru, goods.en",
        22,
    ),
    (CYCLE, "full_cycle_stage_id: 2", "P014", "a text is needed here", 21),
    (CYCLE, "", "P012", "the key full_cycle_stage_id is missing", None),
]


@pytest.mark.parametrize(("old", "new", "code", "words", "row"), SETTINGS_CASES)
def test_settings_that_are_wrong_are_refused_with_their_line(
    old: str, new: str, code: str, words: str, row: int | None
) -> None:
    from coproduce.sources.problems import Problems
    from coproduce.sources.settings import parse_yaml, to_yaml
    from tests.worlds import settings

    text = to_yaml(settings())
    assert old in text
    problems = Problems()
    assert parse_yaml(text.replace(old, new, 1), "programme.yaml", problems) is None
    codes = [issue.code for issue in problems.issues]
    assert code in codes, problems.issues
    issue = problems.issues[codes.index(code)]
    assert words in issue.message
    assert row is None or issue.row == row
