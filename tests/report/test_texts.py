from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import coproduce.report
from coproduce.records.errors import UsageError
from coproduce.report.texts import Texts, catalogue, plural_form

HOME = Path(coproduce.report.__file__).parent


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_text_is_there_in_both_languages_with_the_same_values() -> None:
    for key, text in catalogue().items():
        assert set(text) == {"en", "ru"}, key
        if isinstance(text["en"], dict):
            for lang in ("en", "ru"):
                assert set(text[lang]) == {"one", "few", "many"}, key
                assert all("{n}" in form for form in text[lang].values()), key
        else:
            assert _fields(text["en"]) == _fields(text["ru"]), key
            assert text["en"], key


def test_no_key_stands_twice_in_the_catalogue() -> None:
    keys = re.findall(r'^"([^"]+)":', (HOME / "catalogue.yaml").read_text("utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(catalogue())


def test_every_text_that_code_or_template_names_is_in_the_catalogue() -> None:
    named = set()
    for path in [*HOME.rglob("*.py"), *HOME.rglob("*.j2")]:
        source = path.read_text("utf-8")
        named |= set(
            re.findall(r'(?:texts|\bt|texts\.html|texts\.n|_say\(ctx, )\(?"([a-z0-9_.]+)"', source)
        )
    assert len(named) > 60, "the pattern finds the calls"
    missing = {key for key in named if key not in catalogue()}
    assert not missing


@pytest.mark.parametrize(
    ("count", "form"),
    [(1, "one"), (3, "few"), (5, "many"), (11, "many"), (12, "many"), (21, "one"), (104, "few")],
)
def test_russian_counts_take_their_plural_form(count: int, form: str) -> None:
    assert plural_form(count, "ru") == form


def test_a_language_without_report_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(UsageError, match="allowed: en, ru"):
        Texts("hi")


def test_html_texts_escape_what_is_put_in() -> None:
    assert "&lt;b&gt;" in Texts("en").html("a3.sites", names="<b>")


def test_a_large_count_is_written_in_full_so_that_its_plural_fits() -> None:
    assert Texts("ru").n("n.rows", 1074).replace("\u00a0", " ") == "ещё 1 074 строки"
    assert Texts("en").n("n.rows", 1074) == "1,074 more rows"
