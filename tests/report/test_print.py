"""Tables print what they say: heads, units and rows that fit their title."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from coproduce.report.sections import appraisal, dependence, network
from coproduce.report.sections.forms import room_tables
from coproduce.report.view import Table
from coproduce.report.write import context
from tests.report import made


def _with(room: str, lang: str = "en", **tables: Any) -> Any:
    run = made.run()
    before = getattr(run, room)
    changed = SimpleNamespace(**{**vars(before), **tables})
    parts = {**vars(run), room: changed}
    return context(SimpleNamespace(**parts), lang)  # type: ignore[arg-type]


def _table(tables: tuple[Table, ...] | list[Table], table_id: str) -> Table:
    return next(table for table in tables if table.table_id == table_id)


def _plain(cells: tuple[Any, ...]) -> list[str]:
    return [str(cell).replace("\u00a0", " ") for cell in cells]


ZONE = pl.DataFrame(
    {
        "term_id": ["upfront_payment", "partner_equity"],
        "name_en": ["Payment at the start", "Partner's share of equity"],
        "name_ru": ["Платёж в начале", "Доля партнёра"],
        "unit": ["base mn", "share"],
        "low": [-4700.0, 0.0],
        "high": [844.6, 0.0334],
        "is_open": [True, True],
        "now": [0.0, None],
    }
)
LEVERS = pl.DataFrame(
    {
        "lever_id": ["price"],
        "name_en": ["higher price"],
        "name_ru": ["повышение цены"],
        "unit": ["share of the price"],
        "value": [0.125],
        "is_enough": [True],
    }
)


def test_names_stand_under_the_head_of_what_they_name() -> None:
    ctx = _with("appraisal", zone=ZONE, levers=LEVERS)
    tables = room_tables(
        ctx, "appraisal", ctx.run.appraisal, ("alternatives", "zone", "levers", "deals")
    )
    heads = {table.table_id: [column.label for column in table.columns] for table in tables}
    assert heads["alternatives"][1] == "Alternative"
    assert heads["zone"][0] == "Term"
    assert heads["levers"][0] == "Lever"
    assert heads["deals"][0] == "Form of deal"
    assert not any("Stage" in labels for labels in heads.values())


def test_stages_and_countries_of_the_mix_stand_under_their_own_heads() -> None:
    charts = dependence.build(_with("appraisal")).charts
    shown = next(chart.table for chart in charts if chart.chart_id == "mix")
    assert shown is not None
    assert [column.label for column in shown.columns][1:3] == ["Stage", "Country"]


@pytest.mark.parametrize(
    ("lang", "rows"),
    [
        ("en", [["HOC −4.7 bn", "HOC 845 mn", "HOC 0"], ["0%", "3.34%", "–"]]),
        ("ru", [["−4,7 млрд HOC", "845 млн HOC", "0 HOC"], ["0 %", "3,34 %", "–"]]),
    ],
)
def test_each_term_of_the_zone_is_printed_in_its_own_unit(
    lang: str, rows: list[list[str]]
) -> None:
    ctx = _with("appraisal", lang, zone=ZONE)
    shown = room_tables(ctx, "appraisal", ctx.run.appraisal, ("zone",))[0]
    assert [_plain(row[1:4]) for row in shown.rows] == rows


def test_a_lever_is_printed_in_per_cent() -> None:
    ctx = _with("appraisal", levers=LEVERS)
    shown = room_tables(ctx, "appraisal", ctx.run.appraisal, ("levers",))[0]
    assert _plain(shown.rows[0]) == ["higher price", "12.5%", "yes"]


BINDING = pl.DataFrame(
    {
        "kind": ["demand", "capacity", "capacity"],
        "id": ["alpha|retail", "site_one|chem", "site_two|solids"],
        "year": pl.Series([2030, 2030, 2031], dtype=pl.Int32),
        "worth_mn": [2.0, 1.0, 9.0],
        "unit": ["mn packs", "capacity unit", "capacity unit"],
    }
)


def test_what_holds_the_plan_back_is_ordered_by_worth_with_units_named_and_folded() -> None:
    ctx = _with("network", binding=BINDING)
    shown = _table(network.build(ctx).tables, "binding")
    assert [row[3] for row in shown.rows] == ["9", "2", "1"]
    units = dict(ctx.programme["technologies"].select("technology_id", "unit").iter_rows())
    named = [ctx.texts.unit(f"{units[technology]}/year") for technology in ("solids", "chem")]
    assert [row[4] for row in shown.rows] == [named[0], "mn packs", named[1]]
    assert not shown.is_open


def test_lines_are_ordered_by_the_worth_of_a_whole_module() -> None:
    binding = BINDING.with_columns(step=pl.Series([1.0, 60.0, 2.0]))
    shown = _table(network.build(_with("network", binding=binding)).tables, "binding")
    assert [row[3] for row in shown.rows] == ["1", "9", "2"], "worth 60, 18 and 2"


def test_a_long_list_of_what_holds_the_plan_back_goes_to_the_workbook() -> None:
    long = pl.concat([BINDING] * 30)
    shown = _table(network.build(_with("network", binding=long)).tables, "binding")
    assert len(shown.rows) == network.MOST_BINDING
    assert shown.left_out == 90 - network.MOST_BINDING


def test_only_rises_stand_in_the_table_of_price_rises() -> None:
    rejected = pl.DataFrame(
        {
            "product_id": ["alpha", "beta", "beta"],
            "stage_id": ["api", "api", "fdf"],
            "margin_mn_per_unit": [-1.0, 4.0, None],
            "needed_rise_share": [0.25, -0.4, None],
        }
    )
    shown = _table(network.build(_with("network", rejected=rejected)).tables, "rejected")
    assert [row[3] for row in shown.rows] == ["25"]
    rest = rejected.filter(pl.col("margin_mn_per_unit") > 0)
    tables = network.build(_with("network", rejected=rest)).tables
    assert all(table.table_id != "rejected" for table in tables)


def test_one_gaining_side_is_said_in_the_singular() -> None:
    run = made.run()
    parties = run.appraisal.parties.with_columns(gain_mn=pl.Series([130.0, -50.0]))
    parts = {**vars(run), "appraisal": replace(run.appraisal, parties=parties)}
    ctx = context(SimpleNamespace(**parts), "en")  # type: ignore[arg-type]
    chart = next(c for c in appraisal.build(ctx).charts if c.chart_id == "gains")
    assert chart.title == "Only one of 2 sides is better off than with its best alternative"
