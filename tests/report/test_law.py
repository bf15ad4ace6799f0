"""The law that the plan took stands in words, with its dates, its doubts and its sources."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from coproduce.report.lawwords import LawWords
from coproduce.report.sections import law
from coproduce.report.write import context
from tests.report import made


def _rule(leaf: str, value: Any, unit: str = "", **more: Any) -> dict[str, Any]:
    names = {"rule_id": f"{leaf}@2025-01-01", "leaf_id": leaf, "label_en": leaf, "label_ru": leaf}
    return {**made.RULE, **names, "value": value, "unit": unit, **more}


TOTAL = _rule("tax.total", 25, "percent")
FEDERAL = _rule("tax.federal", 2, "percent")
BANDS = _rule(
    "zone.profit",
    {
        "shape": "years_from_first_profit",
        "general": {"total": {"leaf": "tax.total"}},
        "last_year": 2055,
        "bands": [
            {"from": 1, "to": 5, "total": 2, "federal": {"leaf": "tax.federal"}},
            {"from": 6, "federal": {"leaf": "tax.federal"}, "regional": 13.5},
        ],
    },
    "percent",
    status="assumed",
    references=[{"title": "A default", "href": "", "method": "federal part and a ceiling"}],
)
ACCESS = _rule(
    "access.listed",
    {
        "provisions": [{"rejects": ["foreign"], "rival_at_least": "local_fdf", "n_rivals": 1}],
        "otherwise": "accepted",
    },
    status="adopted_not_in_force",
    evidence="conflict",
)


def _ctx(lang: str, *rules: dict[str, Any]) -> Any:
    parts = {**vars(made.run()), "rule_values": rules}
    return context(SimpleNamespace(**parts), lang)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "en", "ru", "why"),
    [
        (TOTAL, "25%", "25 %", "a rate"),
        (_rule("d", 210, "calendar days"), "210 calendar days", "210 календарных дней", "a time"),
        (_rule("f", True), "yes", "да", "a flag"),
        (_rule("n", None), "no such rule", "такого правила нет", "a rule withdrawn"),
        (BANDS, "by year from the first profit: 1–5: 2%; 6 and on: 2% + 13.5%; until 2055",
         "по годам от первой прибыли: 1–5: 2 %; 6 и далее: 2 % + 13,5 %; по 2055 год", "bands"),
        (_rule("g", {"shape": "general", "general": {"total": {"leaf": "tax.total"}}}, "percent"),
         "25%", "25 %", "another rule's value"),
        (ACCESS, "rejects “foreign” when rival bids of “finished form made inside” or better "
         "number 1 or more", "отклоняются «иностранный», если соперников со статусом «готовая "
         "форма внутри» и выше — 1 или больше", "who may bid"),
        (_rule("o", {"provisions": [], "otherwise": "accepted"}), "every bid is accepted",
         "принимается любая заявка", "no provision"),
        (_rule("p", {"api": 50, "pack": 0}, "points"), "substance 50, packing 0",
         "субстанция 50, упаковка 0", "points by stage"),
        (_rule("x", {"unheard": {"of": ["this"]}}), "a table of rules", "таблица правил",
         "an unknown form is named, not printed raw"),
    ],
)  # fmt: skip
def test_a_value_stands_in_words(rule: dict[str, Any], en: str, ru: str, why: str) -> None:
    for lang, said in (("en", en), ("ru", ru)):
        words = LawWords(_ctx(lang, rule, TOTAL, FEDERAL))
        assert words.value(rule).replace("\u00a0", " ") == said, why


def _plain(cell: object) -> str:
    return re.sub(r"<[^>]+>", " ", str(cell)).replace("  ", " ").strip()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["≠ sources conflict", "◔ adopted, not yet in force", "○ assumed", "● enacted"]),
        ("ru", ["≠ источники расходятся", "◔ принято, ещё не действует", "○ предположено",
                "● принято"]),
    ],
)  # fmt: skip
def test_doubts_are_seen_by_glyph_and_word_and_come_first(lang: str, words: list[str]) -> None:
    says, shown = law.build(_ctx(lang, TOTAL, BANDS, ACCESS))
    assert shown is not None
    assert not shown.is_open
    cells = [[_plain(cell) for cell in row] for row in shown.rows]
    assert [cells[0][5], cells[0][4], cells[1][4], cells[2][4]] == words
    assert all(word.rsplit(" ", 1)[0] in says[1] for word in words[:3])
    assert words[3] not in says[1]


def test_a_rule_shows_its_dates_its_link_and_when_it_was_checked() -> None:
    _, shown = law.build(_ctx("en", TOTAL, {**BANDS, "effect_from": None, "known": None}))
    assert shown is not None
    heads = [column.label for column in shown.columns]
    assert heads == [
        "Rule", "Value", "In force from", "Published", "Status", "Reference", "Checked"
    ]  # fmt: skip
    first, second = shown.rows
    assert (first[2], first[3]) == ("beginning not seen", "not found")
    assert _plain(first[5]) == "A default: federal part and a ceiling"
    assert [_plain(cell) for cell in second[2:4]] == ["2025-01-01", "2024-07-12"]
    assert '<a href="https://example.org/act-1"' in str(second[5])
    assert _plain(second[6]) == "2026-11-01"


def test_links_of_another_kind_are_not_made() -> None:
    rule = {**TOTAL, "references": [{"title": "<b>", "href": "javascript:alert(1)"}]}
    _, shown = law.build(_ctx("en", rule))
    assert shown is not None
    assert "href" not in str(shown.rows[0][5])
    assert "&lt;b&gt;" in str(shown.rows[0][5])


def test_no_rule_makes_no_table() -> None:
    assert law.build(_ctx("en")) == ((), None)
