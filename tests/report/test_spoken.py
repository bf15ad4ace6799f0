"""English parts of a page in another language are marked, so that they are read aloud rightly."""

import pytest
from markupsafe import Markup

from coproduce.report.view import marked


@pytest.mark.parametrize(
    ("text", "lang", "html", "why"),
    [
        ("Makes 900 t a year", "ru", '<span lang="en">Makes 900 t a year</span>', "all English"),
        ("Завод работает", "ru", "Завод работает", "all Russian"),
        ("Завод «Sun Pharma» работает", "ru", "Завод «Sun Pharma» работает", "a name is no text"),
        ("Свидетельство: plant opened in 2024.", "ru",
         'Свидетельство: <span lang="en">plant opened in 2024.</span>', "a source's words"),
        ("Makes 900 t a year", "en", "Makes 900 t a year", "an English page needs no mark"),
        ("12 t", "ru", "12 t", "a unit is no text"),
        (Markup("<b>Own words here</b>"), "ru", "<b>Own words here</b>", "HTML stays"),
        ("<b> one two three", "ru", '<span lang="en">&lt;b&gt; one two three</span>', "escaped"),
        ("Да <i> one two three", "ru", None, "escaped in a mixed text"),
    ],
)  # fmt: skip
def test_english_parts_are_marked(text: str, lang: str, html: str | None, why: str) -> None:
    said = str(marked(text, lang))
    if html is None:
        assert "<i>" not in said, why
        assert '<span lang="en">' in said, why
    else:
        assert said == html, why
