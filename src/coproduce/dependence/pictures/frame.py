"""What all pictures of trade share: the picture with its table, words, heading, plain frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH_PX = 640
Spec = dict[str, Any]
GROUPED = "replace(datum.label, /,/g, '\u202f')"  # a thin space is read in every language

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "suppliers": "supplies", "buyer": "buys", "value": "USD mn", "share": "share of imports",
        "partner": "supplier", "product": "product", "year": "year", "state": "criteria held",
        "made": "made well", "frontier": "within reach", "far": "far",
        "none": "imports not concentrated", "concentrated": "imports concentrated",
        "all": "all three criteria",
        "rest": "all others", "sankey": "Who supplies {country}, {year}",
        "heat": "Suppliers of what {country} imports most, {year}",
        "space": "What {country} makes well and what is within reach, {year}",
        "persistence": "How long imports of {country} have hung on few, to {year}",
    },
    "ru": {
        "suppliers": "поставляет", "buyer": "покупает", "value": "млн USD",
        "share": "доля в импорте", "partner": "поставщик", "product": "товар", "year": "год",
        "state": "выполненные критерии", "made": "делается хорошо", "frontier": "достижимо",
        "far": "далеко", "none": "импорт не сосредоточен", "concentrated": "импорт сосредоточен",
        "all": "все три критерия", "rest": "все прочие",
        "sankey": "Кто поставляет: {country}, {year}",
        "heat": "Поставщики главных импортных товаров: {country}, {year}",
        "space": "Что делается хорошо и что достижимо: {country}, {year}",
        "persistence": "Как долго импорт зависит от немногих: {country}, по {year}",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and what it shows.

    Attributes:
        spec: Vega-Lite, data inside.
        table: the same as rows, for those who do not look at pictures.
    """

    spec: Spec
    table: pl.DataFrame


def titled(picture: Picture, form: str, country: str, year: int, lang: str = "en") -> Picture:
    """Return the picture under a heading.

    Args:
        picture: one of the four.
        form: ``sankey``, ``heat``, ``space`` or ``persistence``.
        country: code of the importer or host.
        year: the year shown, or the last one.
        lang: ``en`` or ``ru``.
    """
    text = WORDS[lang][form].format(country=country, year=year)
    title = {"text": text, "anchor": "start", "offset": 12}
    return Picture({**picture.spec, "title": title}, picture.table)


def plain(height_px: int) -> Spec:
    """Return the frame of a picture without axes: no box around it."""
    view = {"view": {"stroke": None}}
    return {"$schema": SCHEMA, "width": WIDTH_PX, "height": height_px, "config": view}
