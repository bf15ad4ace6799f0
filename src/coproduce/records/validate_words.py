"""Words that messages about data have in common: quoted values and near matches."""

from __future__ import annotations

from collections.abc import Collection

LONGEST_SHOWN_VALUE = 60
LEAST_LIKENESS = 60
"""Percent of letters that a suggestion shares with what was written."""
NEARLY_AS_LIKE = 15
"""Percent points by which further suggestions may be less like it than the best."""


def shown(value: object) -> str:
    """Return a value as a message shows it: quoted, on one line, cut if long.

    Example:
        >>> shown("two  words")
        '‘two words’'
    """
    flat = " ".join(str(value).split())
    cut = flat if len(flat) <= LONGEST_SHOWN_VALUE else flat[: LONGEST_SHOWN_VALUE - 1] + "…"
    return f"‘{cut}’"


def close_matches(value: str, allowed: Collection[str], *, most: int = 3) -> list[str]:
    """Return the allowed words nearest to a value, best first; none if nothing is near.

    Example:
        >>> close_matches("site_on", ["site_one", "harbour"])
        ['site_one']
    """
    from rapidfuzz import fuzz, process

    found = process.extract(
        value, list(allowed), scorer=fuzz.ratio, limit=most, score_cutoff=LEAST_LIKENESS
    )
    best = max((score for _word, score, _index in found), default=0.0)
    return [word for word, score, _index in found if score >= best - NEARLY_AS_LIKE]


def suggestion(value: str, allowed: Collection[str]) -> str:
    """Return `` Did you mean ‘x’?``, or the empty text if nothing is near."""
    near = close_matches(value, allowed)
    if not near:
        return ""
    return f" Did you mean {' or '.join(f'‘{word}’' for word in near)}?"


def listed(values: Collection[object], *, most: int = 8) -> str:
    """Return values joined by commas, cut with the count of the rest.

    Example:
        >>> listed([2027, 2028, 2029], most=2)
        '2027, 2028 and 1 more'
    """
    shown_values = ", ".join(str(value) for value in list(values)[:most])
    rest = len(values) - most
    return f"{shown_values} and {rest} more" if rest > 0 else shown_values
