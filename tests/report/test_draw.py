from __future__ import annotations

import re

from coproduce.report import charts
from coproduce.report.draw import to_svg

ROWS = [
    {"name": "Парацетамол", "value": 3.25, "label": "3,25"},
    {"name": "<Beta>", "value": 1.0, "label": "1"},
]


def test_a_chart_speaks_only_the_words_it_is_given() -> None:
    svg = to_svg(charts.bars(ROWS, "млн", ",.1f"), "ru", "c", "Заголовок", "Описание")
    assert "Парацетамол" in svg
    assert "Заголовок" in svg
    assert re.search(r">\d,\d<", svg), "the axis has decimal commas"
    for word in ("axis", "mark", "scale", "X-axis", "graphics"):
        assert f'"{word}' not in re.sub(r'class="[^"]*"', "", svg)
    assert svg.count("aria-labelledby") == 1


def test_names_are_escaped_and_colours_are_tokens() -> None:
    svg = to_svg(charts.bars(ROWS, "t", ",.0f"), "en", "c", "<T>", "text")
    assert "&lt;Beta&gt;" in svg
    assert "<Beta>" not in svg
    assert "&lt;T&gt;" in svg
    assert "var(--host)" in svg
    assert "#0B6E75" not in svg


def test_before_and_after_are_sorted_by_before() -> None:
    rows = [
        {"name": "small", "before": 0.1, "after": 0.0},
        {"name": "large", "before": 0.9, "after": 0.2},
    ]
    spec = charts.dumbbell(rows, "share", ("today", "then"), ".0%")
    assert spec["layer"][0]["encoding"]["y"]["sort"] == ["large", "small"]


def test_stacked_shares_end_where_the_next_begins() -> None:
    rows = [
        {"panel": "now", "name": "a", "part": part, "share": share, "label": ""}
        for part, share in (("x", 0.5), ("y", 0.3), ("z", 0.2))
    ]
    placed = charts.shares(rows, ["now"], ["a"], "share")["data"]["values"]
    assert [round(row["from"], 6) for row in placed] == [0.0, 0.5, 0.8]
    assert round(placed[-1]["to"], 6) == 1.0
