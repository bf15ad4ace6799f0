from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from coproduce.report import write_outputs
from coproduce.report.look import GLYPHS, TOKENS
from coproduce.report.texts import catalogue
from tests.report import made

VOID = {"meta", "br", "input", "link", "img", "hr", "path", "circle", "rect", "use", "line"}


class Page(HTMLParser):
    """What the tests look at: tags with attributes, and text outside ``lang=en`` parts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        for name in ("aria-label", "title", "data-fold", "data-sheet"):
            if name in given and not self._is_skipped():
                self.text.append(given[name])
        if tag not in VOID:
            skip = tag in ("style", "script", "code") or given.get("lang") == "en" != tag
            self._open.append((tag, skip and tag != "html"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._is_skipped():
            self.text.append(" ".join(data.split()))

    def _is_skipped(self) -> bool:
        return any(skip for _, skip in self._open)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="session")
def html(out: Path) -> str:
    return (out / "report.html").read_text("utf-8")


@pytest.fixture(scope="session")
def page(html: str) -> Page:
    return Page(html)


@pytest.fixture(scope="session")
def russian(out: Path) -> Page:
    return Page((out / "report.ru.html").read_text("utf-8"))


def test_the_page_needs_nothing_from_anywhere_else(html: str, page: Page) -> None:
    assert not [a for a in page.all("script") if "src" in a]
    assert not page.all("link")
    assert not page.all("img")
    assert "@import" not in html
    assert "url(" not in html
    assert "default-src 'none'" in html


def test_the_page_has_its_landmarks_and_sections_in_order(page: Page) -> None:
    for tag in ("header", "nav", "main", "footer", "h1"):
        assert len(page.all(tag)) == 1, tag
    sections = [attrs["id"] for attrs in page.all("section")]
    assert sections == [
        "summary", "dependence", "partners", "network", "appraisal", "resilience", "forum",
        "projects", "answers", "law", "methods", "traces",
    ]  # fmt: skip
    assert [attrs["id"] for attrs in page.all("article")] == ["a1", "a2", "a3", "a4", "a5"]
    assert page.all("a")[0]["href"] == "#summary", "the skip link is the first link"


def test_ids_are_unique_and_every_inner_link_has_its_place(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    inner = {a["href"][1:] for a in page.all("a") if a.get("href", "").startswith("#")}
    assert inner <= set(ids)
    named = {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a}
    assert {name for value in named for name in value.split()} <= set(ids)


def test_every_drawing_says_what_it_shows(page: Page) -> None:
    drawings = [a for a in page.all("svg") if a.get("class") in ("chart", "map")]
    assert len(drawings) >= 9
    assert all(a.get("role") == "img" for a in drawings)
    assert all("aria-labelledby" in a or "aria-label" in a for a in drawings)


def test_every_chart_has_its_table_and_its_spec(out: Path, page: Page) -> None:
    charts = sorted(path.name.removesuffix(".vl.json") for path in (out / "charts").iterdir())
    assert charts == ["cash", "deals", "exposure", "gains", "hangers", "matches", "mix",
                      "shortage", "supply", "timeline"]  # fmt: skip
    figures = page.all("figcaption")
    assert len(page.all("table")) >= len(figures)


def test_every_printed_figure_carries_its_glyph_and_leads_to_its_trace(html: str) -> None:
    shown = re.findall(r'<span class="fig">(.*?)<a class="st st-(\w+)" href="#([^"]+)"', html)
    assert len(shown) > 20
    for _, status, anchor in shown:
        assert status in GLYPHS
        assert f'<li id="{anchor}"' in html


def test_the_first_sentence_answers_and_the_next_owns_up_to_assumptions(html: str) -> None:
    answer = re.search(r'<p class="answer">(.*?)</p>', html, re.DOTALL)
    assert answer
    plain = re.sub(r"<[^>]+>", "", answer.group(1))
    assert plain.startswith("Make 1 substance, 2 finished forms and 1 packed product at 2 sites")
    assert "every side gains against its best alternative" in plain
    leaning = re.search(r'<p class="leaning">(.*?)</p>', html, re.DOTALL)
    assert leaning
    assert "17.7%" in leaning.group(1)


def test_five_cards_stand_on_the_first_screen(page: Page) -> None:
    assert len([a for a in page.all("div") if a.get("class") == "card-box"]) == 5


def test_texts_of_data_and_rooms_are_escaped(html: str) -> None:
    assert "makes &lt;b&gt;900 t&lt;/b&gt;" in html
    assert "<b>900 t" not in html


def test_the_russian_page_holds_no_english_words_of_ours(russian: Page) -> None:
    said = "\n".join(russian.text)
    for key, text in catalogue().items():
        english = text["en"]
        if not isinstance(english, str) or english == text["ru"] or key.startswith("lang."):
            continue
        # Texts with values are looked up by their longest fixed piece.
        piece = max(re.split(r"\{\w+\}|<[^>]+>", english), key=len).strip(" .;:,()")
        if len(piece) >= 4:
            assert not re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", said), key


def test_the_russian_page_speaks_russian_numbers(russian: Page) -> None:
    assert any("0,31 %" in text for text in russian.text)


def test_words_on_the_ground_reach_a_contrast_of_four_and_a_half() -> None:
    for mode in (0, 1):
        ground = TOKENS["ground"][mode]
        for token in ("ink", "quiet", "host", "mark", "third", "warn"):
            assert _contrast(TOKENS[token][mode], ground) >= 4.5, (token, mode)
        for token in ("cat1", "cat2", "cat3", "cat4", "cat5", "cat6"):
            assert _contrast(ground, TOKENS[token][mode]) >= 4.5, (token, mode)


def _contrast(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio of two colours."""
    lights = sorted((_luminance(first), _luminance(second)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.fixture(scope="session")
def empty_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("empty") / "out"
    run: Any = made.run(is_empty=True)
    write_outputs(run, folder, "en")
    return (folder / "report.html").read_text("utf-8")


def test_a_plan_that_builds_nothing_says_so_and_says_what_to_read(empty_page: str) -> None:
    assert "the best plan builds nothing" in empty_page
    assert 'class="empty"' in empty_page
    assert 'id="map-year"' not in empty_page


def test_later_law_is_named_on_the_first_screen_and_told_in_its_section(html: str) -> None:
    first, rest = html.split('<section id="dependence"')
    assert "1 rule published after this plan&#39;s day reads otherwise" in first
    assert "The points rule starts later." in rest


def test_forms_of_deal_that_suit_both_sides_are_named(html: str) -> None:
    assert "leaves both sides better off as written under: Licence." in html
