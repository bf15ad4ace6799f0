"""An empty programme: all headers, no rows, the meaning of each column beside it."""

from __future__ import annotations

from pathlib import Path

from coproduce.records.tables import OPTIONAL_TABLES, TABLES
from coproduce.records.validate import SETTINGS_FILE
from coproduce.sources.folder import README_FILE, written_order
from coproduce.sources.settings import KEYS
from coproduce.sources.xlsx import SETTINGS_SHEET, comment

SETTINGS_MEANINGS = {
    "programme_id": "short name of the programme",
    "title": "name in both languages",
    "summary": "one paragraph in both languages",
    "sector": "free word, for filters and titles",
    "first_year": "first year of the planning horizon",
    "last_year": "last year of the planning horizon",
    "base_year": "year of the price base",
    "currency": "ISO 4217 code of all base-currency amounts",
    "price_base": "price base in words",
    "rule_instant": "law is taken as published up to this day",
    "rules": "role that the code knows → leaf of dated law; may be left out",
    "stage_ids": "stages in chain order, from the first input to the finished good",
    "full_cycle_stage_id": "first stage that must be inside the bloc for the full cycle",
    "scenario_id": "the future used unless told otherwise",
    "deal_id": "the deal form used unless told otherwise",
    "stage_names": "stage.language → what the stage is called; may be left out",
    "finished_goods": "unit.language and goods.language; left out: packs in millions",
}

SETTINGS_TEXT = """\
# The settings of the programme. Fill in what stands empty, then run `coproduce check`.
programme_id:            # short name, letters a-z, digits and _
title:
  en:
  ru:
summary:
  en:
  ru:
sector:
first_year:              # planning horizon, both years included
last_year:
base_year:               # year of the price base
currency:                # ISO 4217 code of all base-currency amounts
price_base:              # in words
rule_instant:            # law is taken as published up to this day, year-month-day
rules: {}                # role that the code knows: leaf of dated law
stage_ids: []            # in chain order, from the first input to the finished good
full_cycle_stage_id:     # first stage that must be inside the bloc for the full cycle
scenario_id:             # the future used unless told otherwise
deal_id:                 # the deal form used unless told otherwise
stage_names: {}          # stage.language: what the stage is called whatever the product
finished_goods: {}       # unit.en, unit.ru, goods.en, goods.ru; left out: packs in millions
"""


def write_empty_folder(target: Path) -> None:
    """Write headers-only CSV files and settings to fill in.

    Args:
        target: a folder that is there.
    """
    for table in TABLES:
        header = ",".join(written_order(table))
        (target / f"{table}.csv").write_text(f"{header}\n", encoding="utf-8", newline="")
    (target / SETTINGS_FILE).write_text(SETTINGS_TEXT, encoding="utf-8", newline="")
    optional = ", ".join(sorted(OPTIONAL_TABLES))
    about = f"# A programme\n\nTables that may stay empty or be removed: {optional}.\n"
    (target / README_FILE).write_text(about, encoding="utf-8", newline="")


def write_empty_workbook(file: Path) -> None:
    """Write a workbook with a sheet per table; header cells carry their meaning as a comment.

    Args:
        file: the file to write.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(str(file)) as book:
        head = book.add_format({"bold": True})
        as_text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(SETTINGS_SHEET)
        sheet.write_row(0, 0, ("key", "value"), head)
        sheet.set_column(0, 1, 30, as_text)
        for row, key in enumerate(_flat_keys(), start=1):
            sheet.write_string(row, 0, key)
            sheet.write_comment(row, 0, SETTINGS_MEANINGS[key.split(".")[0]])
        for table, schema in TABLES.items():
            sheet = book.add_worksheet(table)
            sheet.freeze_panes(1, 1)
            columns = schema.columns()
            for number, name in enumerate(written_order(table)):
                kind = (columns[name].metadata or {}).get("kind", "text")
                is_number = kind in ("number", "year", "count", "flag")
                style = None if is_number else as_text
                sheet.set_column(number, number, max(10, len(name) + 2), style)
                sheet.write_string(0, number, name, head)
                sheet.write_comment(0, number, comment(columns[name]), {"x_scale": 2})


def _flat_keys() -> list[str]:
    keys: list[str] = []
    for key in KEYS:
        if key in ("title", "summary"):
            keys += [f"{key}.en", f"{key}.ru"]
        elif key != "rules":
            keys.append(key)
    return keys
