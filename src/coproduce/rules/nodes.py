"""YAML nodes to plain values, keeping the line of every key so that errors can name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

# The C loader is about eight times faster; the pure one gives the same nodes.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class LeafIssue:
    """One problem of a load."""

    code: str
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"[{self.code}] {self.file}:{self.line}: {self.message}"


@dataclass(slots=True)
class Report:
    """Collects the problems of a load, so that all of them are told at once."""

    issues: list[LeafIssue] = field(default_factory=list)

    def add(self, code: str, file: str, line: int, message: str) -> None:
        """Note one problem; the same problem met twice is told once."""
        issue = LeafIssue(code, file, line, message)
        if issue not in self.issues:
            self.issues.append(issue)


@dataclass(frozen=True, slots=True)
class Block:
    """A mapping of a file with its line numbers."""

    file: str
    line: int
    items: dict[str, Any]
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        """Line of a key; the block's own line if the key is not there."""
        return self.lines.get(key, self.line)


def line_of(node: Any) -> int:
    """Return the line of a node as an editor counts it."""
    return int(node.start_mark.line) + 1


def compose(path: Path, file: str, report: Report) -> Any:
    """Return the root node of a file; None (and R001) if it cannot be read as a mapping."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=Loader)
    except (OSError, UnicodeDecodeError) as error:
        report.add("R001", file, 1, f"the file cannot be read as UTF-8 text: {error}")
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = int(mark.line) + 1 if mark is not None else 1
        report.add("R001", file, line, f"not valid YAML: {getattr(error, 'problem', error)}")
        return None
    if not isinstance(node, yaml.MappingNode):
        report.add("R001", file, 1, "the file must hold a mapping with `refs` and `leaves`")
        return None
    return node


def pairs(node: Any, file: str, report: Report) -> Iterator[tuple[str, Any, Any]]:
    """Yield key, key node and value node of a mapping node; a repeated key is R002.

    Keys are taken as written: YAML 1.1 would turn the key ``on`` into a truth value.
    """
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in seen:
            report.add(
                "R002",
                file,
                line_of(key_node),
                f"key {key!r} stands twice, first in line {seen[key]}; keep one of them",
            )
            continue
        seen[key] = line_of(key_node)
        yield key, key_node, value_node


def plain(node: Any, file: str, report: Report, depth: int = 0) -> Any:
    """Return the plain value of a node: dict, tuple, str, int, float, bool, date or None.

    A value nested deeper than `MAX_DEPTH` (an alias may contain itself) is R001.
    """
    if depth > MAX_DEPTH:
        report.add("R001", file, line_of(node), f"nested deeper than {MAX_DEPTH} levels")
        return None
    if isinstance(node, yaml.MappingNode):
        return {
            key: plain(value, file, report, depth + 1)
            for key, _, value in pairs(node, file, report)
        }
    if isinstance(node, yaml.SequenceNode):
        return tuple(plain(item, file, report, depth + 1) for item in node.value)
    return _scalar(node)


def block(node: Any, file: str, report: Report) -> Block:
    """Return a mapping node as plain values with the line of each key."""
    items: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, key_node, value in pairs(node, file, report):
        items[key] = plain(value, file, report)
        lines[key] = line_of(key_node)
    return Block(file, line_of(node), items, lines)


def _scalar(node: Any) -> Any:
    kind = str(node.tag).rsplit(":", 1)[-1]
    text = str(node.value)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    try:
        if kind == "int":
            return int(text.replace("_", ""))
        if kind == "float":
            return float(text.replace("_", ""))
        if kind == "timestamp":
            return date.fromisoformat(text)
    except ValueError:
        return text
    return text
