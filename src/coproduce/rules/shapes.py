"""Bands of a regime: three ways of counting years, and what a well-formed set of them is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SHAPES = ("general", "years_from_first_profit", "calendar_years", "project_term")
RATE_KEYS = ("total", "federal", "regional")
SHAPE_KEYS = (
    "shape",
    "general",
    "bands",
    "relief_cap",
    "payroll",
    "last_year",
    "term_years",
    "default",
)


def band_problems(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield each way in which the value of a leaf of kind ``shape`` is malformed."""
    for key in value:
        if key not in SHAPE_KEYS:
            yield f"unknown key {key!r}; allowed: {', '.join(SHAPE_KEYS)}"
    shape = value.get("shape")
    if shape not in SHAPES:
        yield f"shape {shape!r} is not one of {', '.join(SHAPES)}"
    general = value.get("general")
    if not isinstance(general, dict) or "total" not in general:
        yield "`general` must be a mapping with at least `total`, the rate without relief"
    bands = value.get("bands", ())
    if not isinstance(bands, tuple) or not all(isinstance(band, dict) for band in bands):
        yield "`bands` must be a list of mappings"
        return
    yield from _band_list_problems(bands, is_needed=shape != "general")


def _band_list_problems(bands: tuple[Mapping[str, Any], ...], *, is_needed: bool) -> Iterator[str]:
    if is_needed and not bands:
        yield "`bands` is empty; give at least one band"
    previous_end: int | None = None
    for number, band in enumerate(bands, start=1):
        first, last = band.get("from"), band.get("to")
        if not isinstance(first, int) or not (last is None or isinstance(last, int)):
            yield f"band {number}: `from` must be a year number, `to` one or empty"
            continue
        if last is not None and last < first:
            yield f"band {number} ends in {last}, before it begins in {first}"
        if number > 1 and (previous_end is None or first <= previous_end):
            yield f"band {number} begins in {first}, inside the band before it"
        if "total" not in band and not {"federal", "regional"} <= set(band):
            yield f"band {number} has no rate; give total, or federal and regional"
        unknown = set(band) - {"from", "to", *RATE_KEYS}
        if unknown:
            yield f"band {number}: unknown key {', '.join(sorted(unknown))}"
        previous_end = last
