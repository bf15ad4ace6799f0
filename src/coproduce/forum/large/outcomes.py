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
from coproduce.records.errors import Issue, LoadError, UsageError

OUTCOME_COLUMNS = (
    *("people", "slot_id", "table_id", "result", "project_id", "name_en", "direction"),
    *("sector", "next_step", "note"),
)
RESULTS = ("", "none", "contact", "project")
DIRECTIONS = ("partner_in_host", "host_in_partner", "host_alone")
PROJECT_COLUMNS = (
    *("project_id", "name_en", "name_ru", "company_id", "partner_company_id", "region_id"),
    *("site_id", "stage_id", "sector", "direction", "capex_mn", "capex_currency", "capacity"),
    *("capacity_unit", "jobs", "announced", "planned_launch", "actual_launch", "gate_id"),
    *("state", "reason_code", "evidence_date", "evidence", "status", "origin_id", "note"),
)
"""All columns of a programme's table, in its order, so that rows can be appended as they are."""
ORIGIN = "forum_outcomes"


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


def origin_of(forum: Forum, known: date) -> list[tuple[str, ...]]:
    """Return the row of a programme's `origins` that the projects name, header first."""
    title = f"Outcome sheets of {forum.settings.title_en}"
    return [
        (
            "origin_id",
            "kind",
            "title",
            "publisher",
            "url",
            "published",
            "accessed",
            "licence",
            "note",
        ),
        (ORIGIN, "source", title, forum.settings.title_en, "", str(known), str(known), "", ""),
    ]


def gate_for(file: Path, wanted: str) -> str:
    """Return the gate at which projects start: the wanted one, else the first.

    Args:
        file: ``gates.csv`` of a programme.
        wanted: id of a gate; empty: the one with the lowest number.

    Raises:
        UsageError: F312 if the file has no such gate.
    """
    text = file.read_text("utf-8-sig")
    number = {row["gate_id"]: int(row["gate_no"]) for row in csv.DictReader(io.StringIO(text))}
    if not number or (wanted and wanted not in number):
        known = ", ".join(number) or "none"
        raise UsageError(f"{wanted!r} is not a gate of {file}; gates: {known}", code="F312")
    return wanted or min(number, key=lambda gate: number[gate])


def _problem(forum: Forum, row: dict[str, str], seen: set[str]) -> str:
    people = (row.get("people") or "").split("+")
    unknown = [name for name in people if name not in forum.participants]
    if unknown:
        return f"{', '.join(unknown)} took no part; leave the column people as printed"
    if row.get("slot_id") not in forum.slots:
        return f"{row.get('slot_id')!r} is not a slot; leave the column slot_id as printed"
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
    slot = forum.slots[row["slot_id"]]
    return _in_order(
        project_id=row["project_id"],
        name_en=row["name_en"],
        company_id=company["host"],
        partner_company_id=company["partner"],
        region_id=region,
        sector=row["sector"],
        direction=row["direction"],
        gate_id=gate_id,
        evidence_date=slot.day,
        evidence=f"outcome sheet of the forum meeting {row['people']} in {row['slot_id']}",
        status=status,
        note=row.get("next_step") or "",
    )


def _in_order(**cells: str) -> tuple[str, ...]:
    cells |= {"state": "active", "origin_id": ORIGIN}
    return tuple(cells.get(column, "") for column in PROJECT_COLUMNS)


def _actions(forum: Forum, action: str) -> Iterable[dict[str, str]]:
    return (row for row in forum.conclusions if row["action"] == action)


def _follow_up(forum: Forum, row: dict[str, str], gate_id: str) -> tuple[str, ...]:
    owner = forum.participants.get(row["owner_id"])
    status = "synthetic" if forum.settings.is_synthetic else "reported"
    day = max(slot.day for slot in forum.slots.values())
    return _in_order(
        project_id=row["target"],
        name_en=row["text_en"],
        name_ru=row["text_ru"],
        company_id=owner.company_id if owner else "",
        region_id=owner.region_id if owner else "",
        sector="policy",
        direction="host_alone",
        gate_id=gate_id,
        evidence_date=day,
        evidence=f"conclusion of policy session {row['event_id']}",
        status=status,
        note=f"due {row['due']}" if row["due"] else "",
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


__all__ = [
    "OUTCOME_COLUMNS",
    "PROJECT_COLUMNS",
    "gate_for",
    "origin_of",
    "projects_of",
    "proposed_rules",
]
