"""A trace as a tree of text for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coproduce.records.columns import STATUSES
from coproduce.report.look import GLYPHS

if TYPE_CHECKING:
    from rich.tree import Tree

    from coproduce.report.trace import Trace, TracedRow

MOST_PARTS = 12
_HIDDEN = frozenset({"status", "origin_id", "note"})


def tree_of(trace: Trace, max_rows: int) -> Tree:
    """Return the tree of a trace.

    Args:
        trace: what to print.
        max_rows: most rows printed for each table, at least 1.
    """
    from rich.tree import Tree

    root = Tree(_head(trace.figure))
    _fill(root, trace, max_rows)
    return root


def _head(figure: Mapping[str, Any]) -> Any:
    from rich.text import Text

    value = figure["value"]
    shown = "not defined" if value is None else f"{value:,.6g}"
    text = Text()
    text.append(f"{figure['label_en']}: ", style="bold")
    text.append(f"{shown} {figure['unit']} ")
    text.append(f"{GLYPHS[figure['status']]} {figure['status']}", style="italic")
    text.append(f"  {figure['figure_id']}", style="dim")
    return text


def _fill(branch: Tree, trace: Trace, max_rows: int) -> None:
    from rich.text import Text

    figure = trace.figure
    if figure.get("low") is not None and figure.get("high") is not None:
        branch.add(Text(f"range {figure['low']:,.6g}–{figure['high']:,.6g} {figure['unit']}"))
    for name in ("method", "note"):
        if figure.get(name):
            branch.add(Text(f"{name}: {figure[name]}"))
    _add_rows(branch, trace, max_rows)
    _add_rules(branch, trace)
    for part in trace.parts[:MOST_PARTS]:
        _fill(branch.add(_head(part.figure)), part, max_rows)
    if len(trace.parts) > MOST_PARTS:
        branch.add(Text(f"… and {len(trace.parts) - MOST_PARTS} more figures", style="dim"))
    for ref in trace.missing:
        branch.add(Text(f"not found in this folder: {ref}", style="red"))


def _add_rows(branch: Tree, trace: Trace, max_rows: int) -> None:
    from rich.text import Text

    origins = {str(origin["origin_id"]): origin for origin in trace.origins}
    by_table: dict[str, list[TracedRow]] = {}
    for row in trace.rows:
        if row.values:
            by_table.setdefault(row.table, []).append(row)
    for table, rows in by_table.items():
        # The weakest facts first: they are what a reader wants to see.
        rows.sort(key=lambda row: -STATUSES.index(row.status) if row.status in STATUSES else 1)
        node = branch.add(Text(f"{table}: {len(rows)} row{'s' if len(rows) > 1 else ''}"))
        for row in rows[:max_rows]:
            _add_row(node, row, origins)
        if len(rows) > max_rows:
            node.add(Text(f"… and {len(rows) - max_rows} more", style="dim"))


def _add_row(node: Tree, row: TracedRow, origins: Mapping[str, Mapping[str, Any]]) -> None:
    from rich.text import Text

    facts = ", ".join(
        f"{name} {value}"
        for name, value in row.values.items()
        if value is not None and name not in _HIDDEN
    )
    glyph = GLYPHS.get(row.status, "")
    leaf = node.add(Text(f"{glyph} {row.ref}: {facts}"))
    if row.values.get("note"):
        leaf.add(Text(f"note: {row.values['note']}", style="dim"))
    origin = origins.get(row.origin_id)
    if origin:
        leaf.add(Text(_origin(origin), style="cyan"))


def _origin(origin: Mapping[str, Any]) -> str:
    dated = (
        origin.get("published")
        or origin.get("accessed")
        or ("" if origin["kind"] == "method" else "no date")
    )
    parts = [origin["title"], origin.get("publisher"), origin.get("url"), str(dated)]
    return f"{origin['kind']}: " + " · ".join(str(part) for part in parts if part)


def _add_rules(branch: Tree, trace: Trace) -> None:
    from rich.text import Text

    for rule in trace.rules:
        leaf = branch.add(
            Text(f"rule {rule['rule_id']}: {rule.get('label_en', '')} = {rule_value(rule)}")
        )
        known = f", published {rule['known']}" if rule.get("known") else ""
        leaf.add(
            Text(f"{rule.get('status', '')}, in effect from {rule.get('effect_from')}{known}")
        )
        for reference in rule.get("references", ()):
            parts = [
                reference.get("title"),
                reference.get("href") or reference.get("method"),
                reference.get("published") or reference.get("accessed"),
            ]
            leaf.add(Text(" · ".join(str(part) for part in parts if part), style="cyan"))


def rule_value(rule: Mapping[str, Any]) -> str:
    """Return a rule's value with its unit, shortened where it is a whole table."""
    value = rule.get("value")
    if isinstance(value, dict | list):
        shown = str(value)
        return shown if len(shown) <= 160 else f"{shown[:157]}…"
    return f"{value} {rule.get('unit') or ''}".strip()
