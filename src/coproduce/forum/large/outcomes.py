"""What came of the meetings and policy sessions: projects to open, rules to test.

An outcome sheet has a row for each meeting. A row with the result ``project`` becomes a row of a
programme's `known_projects`; a conclusion with the action ``rule`` becomes a leaf of dated law
with status ``proposed``, which a plan can be tried with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import yaml

from coproduce.forum.large.types import Forum
from coproduce.records.errors import Issue, LoadError

OUTCOME_COLUMNS = (
    *("people", "slot_id", "table_id", "result", "project_id", "name_en", "direction"),
    *("sector", "next_step", "note"),
)
RESULTS = ("", "none", "contact", "project")
DIRECTIONS = ("partner_in_host", "host_in_partner", "host_alone")
PROJECT_COLUMNS = (
    *("project_id", "name_en", "company_id", "partner_company_id", "region_id", "sector"),
    *("direction", "gate_id", "state", "status", "origin_id", "note"),
)


def projects_of(forum: Forum, sheet: Path, gate_id: str) -> list[tuple[str, ...]]:
    """Return rows of `known_projects`, header first, from a filled outcome sheet.

    Args:
        forum: whose meetings they were.
        sheet: ``outcomes.csv`` as printed, filled in.
        gate_id: first gate of the programme, where a project starts.

    Raises:
        LoadError: F250 for each row that cannot be a project.
    """
    rows: list[tuple[str, ...]] = [PROJECT_COLUMNS]
    issues: list[Issue] = []
    seen: set[str] = set()
    text = sheet.read_text("utf-8-sig")
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        problem = _problem(forum, row, seen)
        if problem:
            issues.append(Issue("F250", problem, sheet.name, row=number))
        elif row.get("result") == "project":
            seen.add(row["project_id"])
            rows.append(_project(forum, row, gate_id))
    if issues:
        raise LoadError(issues)
    rows += [_follow_up(forum, row, gate_id) for row in _actions(forum, "project")]
    return rows


def _problem(forum: Forum, row: dict[str, str], seen: set[str]) -> str:
    people = (row.get("people") or "").split("+")
    unknown = [name for name in people if name not in forum.participants]
    if unknown:
        return f"{', '.join(unknown)} took no part; leave the column people as printed"
    if (row.get("result") or "") not in RESULTS:
        return f"result {row.get('result')!r} is not one of none, contact, project"
    if row.get("result") != "project":
        return ""
    if not row.get("project_id") or not row.get("name_en") or not row.get("sector"):
        return "a project needs project_id, name_en and sector"
    if row["project_id"] in seen:
        return f"project {row['project_id']} stands in an earlier row already"
    if row.get("direction") not in DIRECTIONS:
        return f"direction must be one of {', '.join(DIRECTIONS)}"
    return ""


def _project(forum: Forum, row: dict[str, str], gate_id: str) -> tuple[str, ...]:
    people = [forum.participants[name] for name in row["people"].split("+")]
    company = {
        side: next((p.company_id for p in people if p.side == side), "")
        for side in ("host", "partner")
    }
    region = next((p.region_id for p in people if p.side == "host"), "")
    status = "synthetic" if forum.settings.is_synthetic else "reported"
    note = f"forum meeting {row['people']}, {row.get('slot_id', '')}; {row.get('next_step', '')}"
    return (
        *(row["project_id"], row["name_en"], company["host"], company["partner"], region),
        *(row["sector"], row["direction"], gate_id, "active", status, "forum_outcomes", note),
    )


def _actions(forum: Forum, action: str) -> Iterable[dict[str, str]]:
    return (row for row in forum.conclusions if row["action"] == action)


def _follow_up(forum: Forum, row: dict[str, str], gate_id: str) -> tuple[str, ...]:
    owner = forum.participants.get(row["owner_id"])
    status = "synthetic" if forum.settings.is_synthetic else "reported"
    note = f"policy session {row['event_id']}: {row['text_en']}; due {row['due']}"
    return (
        *(row["target"], row["text_en"], owner.company_id if owner else "", ""),
        *(owner.region_id if owner else "", "policy", "host_alone", gate_id, "active"),
        *(status, "forum_outcomes", note),
    )


def proposed_rules(forum: Forum, known: date) -> str:
    """Return the conclusions that ask for a rule as a YAML file of leaves, status proposed.

    Args:
        forum: its conclusions are read; `target` is the leaf, `value` and `effect_date` its new
            version.
        known: day on which the conclusion was made public.
    """
    leaves = {}
    refs = {}
    for row in _actions(forum, "rule"):
        ref = f"forum-{row['conclusion_id']}"
        title = f"Conclusion of session {row['event_id']}: {row['text_en']}"
        refs[ref] = {"title": title, "href": row["href"]}
        version = {
            "from": date.fromisoformat(row["effect_date"]) if row["effect_date"] else "open",
            "known": known,
            "value": _value(row["value"]),
            "status": "proposed",
            "ref": ref,
        }
        leaves[row["target"]] = {
            "label": {"en": row["text_en"], "ru": row["text_ru"] or row["text_en"]},
            "unit": row["unit"],
            "kind": "number" if isinstance(version["value"], int | float) else "text",
            "values": [version],
        }
    content = {"checked": {"on": known}, "refs": refs, "leaves": leaves}
    text: str = yaml.dump(content, Dumper=_Plain, allow_unicode=True, sort_keys=False)
    return text


class _Plain(yaml.SafeDumper):
    """Writes repeated values out, without anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _value(text: str) -> float | int | str:
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value == int(value) else value


__all__ = ["OUTCOME_COLUMNS", "PROJECT_COLUMNS", "projects_of", "proposed_rules"]
