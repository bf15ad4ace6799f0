"""Reads a tree of YAML leaves; every problem of a load is told at once, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from coproduce.records.errors import RuleError
from coproduce.rules import checks
from coproduce.rules.book import Coverage, RuleBook
from coproduce.rules.model import APPLIES_KEYS, Leaf, Reference, Version
from coproduce.rules.nodes import Block, Report, block, compose, line_of, pairs

FILE_KEYS = ("refs", "checked", "leaves")
VERSION_KEYS = (
    "from",
    "known",
    "value",
    "status",
    "ref",
    "until",
    "replaces",
    "note",
    "evidence",
    "operator",
    "low",
    "high",
)
VERSION_NEEDS = ("from", "value", "status")
REF_KEYS = (
    "title",
    "href",
    "method",
    "number",
    "article",
    "published",
    "accessed",
)
COVERAGE_KEYS = ("instrument", "area", "status", "verified_from", "verified_to", "missing")

SHIPPED = Path(__file__).parent / "law"


def load(folder: Path | str | None = None) -> RuleBook:
    """Return the rule book of a tree of leaves.

    Args:
        folder: root of the tree, laid out as ``<country>/<area>/*.yaml``; None is the law
            shipped with the package, read once per process.

    Raises:
        RuleError: R000 with every problem of the tree, each with its own code, file and line.
    """
    return _shipped() if folder is None else _read_tree(Path(folder))


@lru_cache(maxsize=1)
def _shipped() -> RuleBook:
    return _read_tree(SHIPPED)


def _read_tree(folder: Path) -> RuleBook:
    if not folder.is_dir():
        raise RuleError(
            "this folder does not exist; give the root of a tree of YAML leaves",
            code="R001",
            where=str(folder),
        )
    report = Report()
    leaves: dict[str, Leaf] = {}
    for path in sorted(folder.rglob("*.yaml")):
        for leaf in _read_file(folder, path, report):
            if leaf.leaf_id in leaves:
                first = leaves[leaf.leaf_id]
                report.add(
                    "R016",
                    leaf.file,
                    leaf.line,
                    f"leaf {leaf.leaf_id!r} is also in {first.file}:{first.line}; keep one",
                )
                continue
            leaves[leaf.leaf_id] = leaf
    for leaf in leaves.values():
        checks.links(leaf, leaves, report)
    coverage = _read_coverage(folder.parent / "coverage.yaml", report)
    _raise(report)
    return RuleBook(leaves, coverage)


def _raise(report: Report) -> None:
    if not report.issues:
        return
    listed = sorted(report.issues, key=lambda i: (i.file, i.line, i.code))
    count = len(listed)
    lines = "\n".join(f"  {issue}" for issue in listed)
    noun = "problem" if count == 1 else "problems"
    raise RuleError(f"{count} {noun} in the leaves, none was loaded:\n{lines}", code="R000")


def _read_file(folder: Path, path: Path, report: Report) -> list[Leaf]:
    file = path.relative_to(folder).as_posix()
    root = compose(path, file, report)
    if root is None:
        return []
    sections = {key: (key_node, node) for key, key_node, node in pairs(root, file, report)}
    for key, (key_node, _) in sections.items():
        if key not in FILE_KEYS:
            checks.unknown_key(key, FILE_KEYS, file, line_of(key_node), report)
    references = _references(sections, file, report)
    checked = _checked_of_file(sections, file, report)
    if "leaves" not in sections or not isinstance(sections["leaves"][1], yaml.MappingNode):
        report.add("R004", file, 1, "the file has no `leaves` mapping; write leaf id: {...}")
        return []
    prefix = ".".join(Path(file).parent.parts)
    found: list[Leaf] = []
    for leaf_id, key_node, node in pairs(sections["leaves"][1], file, report):
        line = line_of(key_node)
        if not leaf_id.startswith(f"{prefix}."):
            report.add(
                "R015",
                file,
                line,
                f"leaf {leaf_id!r} does not begin with its folder, {prefix!r}; rename or move it",
            )
        leaf = _leaf(leaf_id, line, node, references, checked, file, report)
        if leaf is not None:
            found.append(leaf)
    return found


def _references(
    sections: Mapping[str, tuple[Any, Any]], file: str, report: Report
) -> dict[str, Reference]:
    references: dict[str, Reference] = {}
    if "refs" not in sections or not isinstance(sections["refs"][1], yaml.MappingNode):
        return references
    for ref_id, key_node, node in pairs(sections["refs"][1], file, report):
        line = line_of(key_node)
        if not isinstance(node, yaml.MappingNode):
            report.add("R008", file, line, f"reference {ref_id!r} must be a mapping")
            continue
        entry = block(node, file, report)
        checks.known_keys(entry, REF_KEYS, report)
        texts = {
            key: str(entry.items.get(key) or "")
            for key in ("title", "href", "method", "number", "article")
        }
        if not texts["title"] or not (texts["href"] or texts["method"]):
            report.add(
                "R008",
                file,
                line,
                f"reference {ref_id!r} needs a title and an href (an assumption: a method)",
            )
        references[ref_id] = Reference(
            ref_id,
            published=checks.day(entry, "published", report),
            accessed=checks.day(entry, "accessed", report),
            **texts,
        )
    return references


def _checked_of_file(
    sections: Mapping[str, tuple[Any, Any]], file: str, report: Report
) -> date | None:
    if "checked" not in sections or not isinstance(sections["checked"][1], yaml.MappingNode):
        return None
    entry = block(sections["checked"][1], file, report)
    checks.known_keys(entry, ("on", "by"), report)
    return checks.day(entry, "on", report)


def _leaf(
    leaf_id: str,
    line: int,
    node: Any,
    references: Mapping[str, Reference],
    checked: date | None,
    file: str,
    report: Report,
) -> Leaf | None:
    if not isinstance(node, yaml.MappingNode):
        report.add("R004", file, line, f"leaf {leaf_id!r} must be a mapping with `values`")
        return None
    parts = {key: (key_node, value) for key, key_node, value in pairs(node, file, report)}
    entry = block(_without(node, "values"), file, report)
    complete = checks.leaf_frame(leaf_id, line, entry, set(parts), report)
    versions = _versions(leaf_id, line, parts, references, report, file)
    own = entry.items.get("checked")
    own_day = own.get("on") if isinstance(own, dict) else None
    checked_on = own_day if isinstance(own_day, date) else checked
    if checked_on is None:
        report.add(
            "R014", file, line, f"leaf {leaf_id!r} has no `checked: {{on: DATE}}`, nor its file"
        )
    if not complete or checked_on is None:
        return None
    kind = entry.items["kind"]
    label = entry.items["label"]
    leaf = Leaf(
        leaf_id=leaf_id,
        label_en=str(label["en"]),
        label_ru=str(label["ru"]),
        unit=str(entry.items.get("unit") or ""),
        kind=kind,
        versions=versions,
        references=references,
        checked=checked_on,
        file=file,
        line=line,
        role=str(entry.items.get("role") or ""),
        applies=_applies(entry, report),
        note=str(entry.items.get("note") or ""),
    )
    checks.versions(leaf, report)
    return leaf


def _without(node: Any, left_out: str) -> Any:
    """Return the mapping node without one key, so that it can be read as plain values."""
    kept = [(key, value) for key, value in node.value if key.value != left_out]
    return yaml.MappingNode(node.tag, kept, node.start_mark, node.end_mark)


def _applies(entry: Block, report: Report) -> dict[str, tuple[str, ...]]:
    given = entry.items.get("applies")
    if given is None:
        return {}
    line = entry.line_of("applies")
    if not isinstance(given, dict):
        report.add("R013", entry.file, line, "`applies` must be a mapping")
        return {}
    for key in given:
        if key not in APPLIES_KEYS:
            checks.unknown_key(key, APPLIES_KEYS, entry.file, line, report)
    return {
        key: tuple(str(v) for v in (value if isinstance(value, tuple) else (value,)))
        for key, value in given.items()
    }


def _versions(
    leaf_id: str,
    leaf_line: int,
    parts: Mapping[str, tuple[Any, Any]],
    references: Mapping[str, Reference],
    report: Report,
    file: str,
) -> tuple[Version, ...]:
    if "values" not in parts:
        return ()
    node = parts["values"][1]
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        report.add("R004", file, leaf_line, f"leaf {leaf_id!r}: `values` must be a list")
        return ()
    found = []
    for item in node.value:
        if not isinstance(item, yaml.MappingNode):
            report.add("R004", file, line_of(item), "a value must be a mapping with `from`")
            continue
        version = _version(block(item, file, report), references, report)
        if version is not None:
            found.append(version)
    return tuple(found)


def _version(entry: Block, references: Mapping[str, Reference], report: Report) -> Version | None:
    checks.known_keys(entry, VERSION_KEYS, report)
    missing = [key for key in VERSION_NEEDS if key not in entry.items]
    for key in missing:
        report.add("R004", entry.file, entry.line, f"a value has no `{key}`; write it")
    effect = checks.effect_day(entry, report)
    refs = checks.reference_ids(entry, references, report)
    status_ok = checks.words_of(entry, report)
    if missing or effect is None or not status_ok:
        return None
    return Version(
        effect=effect,
        known=checks.day(entry, "known", report),
        value=entry.items["value"],
        status=entry.items["status"],
        refs=refs,
        until=checks.day(entry, "until", report),
        replaces=checks.days(entry, "replaces", report),
        note=str(entry.items.get("note") or ""),
        evidence=str(entry.items.get("evidence") or "seen"),
        operator=str(entry.items.get("operator") or ""),
        low=checks.optional_number(entry, "low", report),
        high=checks.optional_number(entry, "high", report),
        line=entry.line,
    )


def _read_coverage(path: Path, report: Report) -> tuple[Coverage, ...]:
    if not path.is_file():
        return ()
    root = compose(path, path.name, report)
    rows: list[Coverage] = []
    for _, _, node in pairs(root, path.name, report) if root is not None else ():
        for item in node.value if isinstance(node, yaml.SequenceNode) else ():
            entry = block(item, path.name, report)
            checks.known_keys(entry, COVERAGE_KEYS, report)
            rows.append(
                Coverage(
                    instrument=str(entry.items.get("instrument") or ""),
                    area=str(entry.items.get("area") or ""),
                    status=str(entry.items.get("status") or ""),
                    verified_from=checks.day(entry, "verified_from", report),
                    verified_to=checks.day(entry, "verified_to", report),
                    missing=str(entry.items.get("missing") or ""),
                )
            )
    return tuple(rows)
