"""Named checks of a tree of leaves. Each adds to the report; none stops the load by itself.

R001 file unreadable · R002 key twice · R003 unknown key · R004 key missing · R005 unit missing ·
R006 value without reference · R007 reference not defined · R008 reference incomplete ·
R009 date malformed · R010 values out of order · R011 same dates twice · R012 unknown status ·
R013 value of the wrong kind · R014 no `checked` date · R015 id does not fit the path ·
R016 leaf twice · R017 link to an unknown leaf · R018 `replaces` names no version ·
R019 bands malformed · R020 unknown kind · R021 ends before it begins · R022 label not in both
languages · R023 unknown evidence or operator
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from coproduce.rules.model import EVIDENCE, KINDS, OPEN, OPERATORS, STATUSES, Leaf, Reference
from coproduce.rules.nodes import Block, Report
from coproduce.rules.shapes import band_problems

LEAF_KEYS = ("label", "unit", "kind", "role", "applies", "note", "checked", "values")
UNITLESS_KINDS = ("text", "date", "flag", "table")


def unknown_key(key: str, allowed: Collection[str], file: str, line: int, report: Report) -> None:
    """R003, with the closest allowed key."""
    close = get_close_matches(key, allowed, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(allowed)}"
    report.add("R003", file, line, f"unknown key {key!r}; {hint}")


def known_keys(entry: Block, allowed: Collection[str], report: Report) -> None:
    """R003 for each key that is not allowed."""
    for key in entry.items:
        if key not in allowed:
            unknown_key(key, allowed, entry.file, entry.line_of(key), report)


def day(entry: Block, key: str, report: Report) -> date | None:
    """Return a date or None; R009 if something else stands there."""
    value = entry.items.get(key)
    if value is None or isinstance(value, date):
        return value
    _bad_day(entry, key, value, report)
    return None


def days(entry: Block, key: str, report: Report) -> tuple[date, ...]:
    """Return one or several dates as a tuple; R009 for anything else."""
    value = entry.items.get(key)
    if value is None:
        return ()
    several = value if isinstance(value, tuple) else (value,)
    for item in several:
        if not isinstance(item, date):
            _bad_day(entry, key, item, report)
    return tuple(item for item in several if isinstance(item, date))


def _bad_day(entry: Block, key: str, value: Any, report: Report) -> None:
    report.add(
        "R009",
        entry.file,
        entry.line_of(key),
        f"`{key}` is {value!r}; write a day as YYYY-MM-DD",
    )


def effect_day(entry: Block, report: Report) -> date | None:
    """Return the effect date; ``open`` where its beginning was not seen; R009 otherwise."""
    if "from" not in entry.items:
        return None
    value = entry.items["from"]
    if value == "open":
        return OPEN
    if isinstance(value, date):
        return value
    report.add(
        "R009",
        entry.file,
        entry.line_of("from"),
        f"effect date `from` is {value!r}; write YYYY-MM-DD, or `open` if its beginning "
        "was not seen",
    )
    return None


def reference_ids(
    entry: Block, references: Mapping[str, Reference], report: Report
) -> tuple[str, ...]:
    """Return the references of a value: R006 without one, R007 for an undefined one."""
    given = entry.items.get("ref")
    ids = tuple(str(r) for r in (given if isinstance(given, tuple) else (given,)) if r)
    if not ids:
        report.add("R006", entry.file, entry.line, "a value has no `ref`; name where it was read")
    for ref_id in ids:
        if ref_id not in references:
            close = get_close_matches(ref_id, references, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            report.add(
                "R007",
                entry.file,
                entry.line_of("ref"),
                f"reference {ref_id!r} is not defined under `refs`{hint}",
            )
    known = tuple(ref_id for ref_id in ids if ref_id in references)
    linked = any(references[ref_id].href for ref_id in known)
    if known and not linked and entry.items.get("status") != "assumed":
        report.add(
            "R006",
            entry.file,
            entry.line_of("ref"),
            "a value that is not `assumed` needs a reference with an href",
        )
    return known


def words_of(entry: Block, report: Report) -> bool:
    """Return False if the status is unknown (R012); R023 for other unknown words."""
    for key, allowed in (("evidence", EVIDENCE), ("operator", OPERATORS)):
        word = entry.items.get(key)
        if word is not None and word not in allowed:
            report.add(
                "R023",
                entry.file,
                entry.line_of(key),
                f"{key} {word!r} is not one of {', '.join(allowed)}",
            )
    status = entry.items.get("status")
    if status is None or status in STATUSES:
        return status is not None
    report.add(
        "R012",
        entry.file,
        entry.line_of("status"),
        f"status {status!r} is not one of {', '.join(STATUSES)}",
    )
    return False


def optional_number(entry: Block, key: str, report: Report) -> float | None:
    """Return a number or None; R013 for anything else."""
    value = entry.items.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        report.add("R013", entry.file, entry.line_of(key), f"`{key}` is {value!r}; write a number")
        return None
    return float(value)


def leaf_frame(leaf_id: str, line: int, entry: Block, present: set[str], report: Report) -> bool:
    """Check keys, label, unit and kind of a leaf; False if a leaf cannot be made of it."""
    known_keys(entry, LEAF_KEYS, report)
    complete = True
    for key in ("label", "kind", "values"):
        if key not in present:
            report.add("R004", entry.file, line, f"leaf {leaf_id!r} has no `{key}`; write it")
            complete = False
    kind = entry.items.get("kind")
    if kind is not None and kind not in KINDS:
        report.add(
            "R020",
            entry.file,
            entry.line_of("kind"),
            f"kind {kind!r} is not one of {', '.join(KINDS)}",
        )
        complete = False
    if not entry.items.get("unit") and kind not in UNITLESS_KINDS:
        report.add(
            "R005", entry.file, line, f"leaf {leaf_id!r} has no `unit`, for example percent"
        )
    label = entry.items.get("label")
    if label is not None and not (isinstance(label, dict) and label.get("en") and label.get("ru")):
        report.add(
            "R022",
            entry.file,
            entry.line_of("label"),
            f"the label of {leaf_id!r} must have both `en` and `ru`",
        )
        complete = False
    return complete


def versions(leaf: Leaf, report: Report) -> None:
    """Check order, doubles, ends, withdrawals and kinds of a leaf's versions."""
    for line, code, problem in (*_order_problems(leaf), *_version_problems(leaf)):
        report.add(code, leaf.file, line, f"{leaf.leaf_id}: {problem}")


def _order_problems(leaf: Leaf) -> Iterator[tuple[int, str, str]]:
    for earlier, later in zip(leaf.versions, leaf.versions[1:], strict=False):
        first, second = (earlier.effect, earlier.known_on), (later.effect, later.known_on)
        if first == second and earlier.status == later.status:
            yield later.line, "R011", "two versions have the same effect and publication date"
        elif first > second:
            yield (
                later.line,
                "R010",
                f"{second[0]} stands after {first[0]}; order the values by effect date, then "
                "by publication date",
            )


def _version_problems(leaf: Leaf) -> Iterator[tuple[int, str, str]]:
    effects = {version.effect for version in leaf.versions}
    for version in leaf.versions:
        line = version.line
        if version.until is not None and version.until < version.effect:
            yield line, "R021", f"ends on {version.until}, before it begins on {version.effect}"
        for gone in version.replaces:
            if gone not in effects:
                allowed = ", ".join(sorted(str(effect) for effect in effects))
                yield line, "R018", f"`replaces: {gone}` names no version; allowed: {allowed}"
        for problem in _kind_problems(leaf, version.value):
            yield line, "R013", problem
        if leaf.kind == "shape" and isinstance(version.value, dict):
            for problem in band_problems(version.value):
                yield line, "R019", problem


def _kind_problems(leaf: Leaf, value: Any) -> Iterator[str]:
    if value is None:
        return
    fits = {
        "number": isinstance(value, (int, float)) and not isinstance(value, bool),
        "text": isinstance(value, str),
        "date": isinstance(value, date),
        "flag": isinstance(value, bool),
        "table": isinstance(value, dict),
        "shape": isinstance(value, dict),
    }
    if not fits[leaf.kind]:
        yield f"{value!r} is not a {leaf.kind}; correct the value or the leaf's `kind`"


def links(leaf: Leaf, leaves: Mapping[str, Leaf], report: Report) -> None:
    """R017 for each ``{leaf: id}`` inside a value that names no leaf of the tree."""
    for version in leaf.versions:
        for target in _links(version.value):
            if target not in leaves:
                close = get_close_matches(target, leaves, n=1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                report.add(
                    "R017",
                    leaf.file,
                    version.line,
                    f"{leaf.leaf_id} links to {target!r}, which is no leaf{hint}",
                )


def _links(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"leaf"}:
            yield str(value["leaf"])
            return
        for part in value.values():
            yield from _links(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from _links(part)
