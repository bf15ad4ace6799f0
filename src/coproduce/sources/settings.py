"""`programme.yaml` ↔ `Settings`, with the line of each problem."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import date
from typing import Any

import yaml

from coproduce.records.errors import Issue
from coproduce.records.programme import FINISHED_GOODS, Settings
from coproduce.records.validate_words import shown, suggestion
from coproduce.sources.canonical import plain_settings
from coproduce.sources.problems import Problems

KEYS = tuple(field.name for field in fields(Settings))
TEXTS = ("title", "summary")
YEARS = ("first_year", "last_year", "base_year")
WORDS = (
    "programme_id",
    "sector",
    "price_base",
    "full_cycle_stage_id",
    "scenario_id",
    "deal_id",
    "currency",
)
MAY_BE_LEFT_OUT = ("rules", "stage_names", "finished_goods")
LONGEST_HORIZON_YEARS = 60
SETTINGS_FILE_MOST_BYTES = 1_000_000


class _Place:
    """Where a key stands, and how to say that something is wrong with it."""

    def __init__(
        self, file: str, sheet: str, lines: Mapping[str, int], problems: Problems
    ) -> None:
        self.file, self.sheet, self.lines, self.problems = file, sheet, lines, problems

    def wrong(self, code: str, key: str, message: str, value: object = "") -> None:
        row = self.lines.get(key)
        issue = Issue(code, message, self.file, self.sheet, row, key, str(value))
        self.problems.add(issue)


def parse_yaml(text: str, file: str, problems: Problems) -> Settings | None:
    """Return the settings in a YAML text, or None and problems with their lines.

    Args:
        text: the whole file.
        file: its name, for messages; `row` of a problem is the line.
        problems: gets P011 to P014.
    """
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            problems.add(Issue("P011", "aliases (*name) are not allowed; write it out", file))
            return None
        node = yaml.compose(text, yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        message = f"not valid YAML: {error.problem}; look at the indent, colons and quotes"
        problems.add(Issue("P011", message, file, row=line))
        return None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problems.add(Issue("P011", f"not valid YAML: {str(error).splitlines()[0]}", file))
        return None
    if not isinstance(node, yaml.MappingNode):
        problems.add(Issue("P011", "a list of “key: value” lines is expected", file, row=1))
        return None
    lines: dict[str, int] = {}
    for key, _value in node.value:
        if key.value in lines:
            message = f"the key stands in line {lines[key.value]} already; keep one"
            problems.add(
                Issue("P013", message, file, row=key.start_mark.line + 1, column=key.value)
            )
            return None
        lines[str(key.value)] = key.start_mark.line + 1
    return from_values(values, _Place(file, "", lines, problems))


def parse_flat(
    pairs: Mapping[str, str], lines: Mapping[str, int], file: str, sheet: str, problems: Problems
) -> Settings | None:
    """Return the settings written as rows ``key, value`` with dotted keys, or None and problems.

    Args:
        pairs: for example ``title.en → …``; ``stage_ids`` is joined by ``+``.
        lines: key → row.
        file, sheet: where they stand.
        problems: gets P012 to P014.
    """
    values: dict[str, Any] = {"rules": {}}
    for key, text in pairs.items():
        head, dot, tail = key.partition(".")
        if dot:
            values.setdefault(head, {})[tail] = text
        elif key == "stage_ids":
            values[key] = text.split("+")
        elif key in YEARS and re.fullmatch(r"\d{4}(\.0)?", text):
            values[key] = int(float(text))
        else:
            values[key] = text.removesuffix(" 00:00:00") if key == "rule_instant" else text
    return from_values(values, _Place(file, sheet, lines, problems))


def from_values(values: Mapping[str, Any], place: _Place) -> Settings | None:
    """Return settings from plain values, or None and a problem for each that is wrong."""
    before = len(place.problems.issues)
    for key in values:
        if key not in KEYS:
            hint = suggestion(str(key), KEYS) or f" Known: {', '.join(KEYS)}."
            place.wrong("P013", str(key), f"no such key.{hint}", key)
    for key in KEYS:
        if values.get(key) is None and key not in MAY_BE_LEFT_OUT:
            place.wrong("P012", key, f"the key {key} is missing; add it")
    if len(place.problems.issues) > before:
        return None
    _check_words(values, place)
    _check_years(values, place)
    instant = _instant(values["rule_instant"], place)
    stages = _stage_ids(values["stage_ids"], place)
    _check_full_cycle(values["full_cycle_stage_id"], stages, place)
    rules = values.get("rules") or {}
    _check_mapping(rules, "rules", place)
    stage_names = values.get("stage_names") or {}
    _check_stage_names(stage_names, stages, place)
    finished_goods = values.get("finished_goods") or {}
    _check_finished_goods(finished_goods, place)
    if len(place.problems.issues) > before or instant is None:
        return None
    made: dict[str, Any] = {key: values[key] for key in (*WORDS, *YEARS)}
    return Settings(
        **made,
        title=dict(values["title"]),
        summary=dict(values["summary"]),
        rule_instant=instant,
        rules={str(role): str(leaf) for role, leaf in rules.items()},
        stage_ids=stages,
        stage_names={str(key): str(name) for key, name in stage_names.items()},
        finished_goods={str(key): str(name) for key, name in finished_goods.items()},
    )


def _check_words(values: Mapping[str, Any], place: _Place) -> None:
    for key in WORDS:
        if not isinstance(values[key], str) or not values[key].strip():
            place.wrong("P014", key, "a text is needed here; put it in quotes", values[key])
    for key in TEXTS:
        if _check_mapping(values[key], key, place) and not {"en", "ru"} <= set(values[key]):
            place.wrong("P014", key, "texts in both languages are needed: en and ru")
    if isinstance(values["currency"], str) and not re.fullmatch("[A-Z]{3}", values["currency"]):
        message = "an ISO 4217 code of three capital letters is needed"
        place.wrong("P014", "currency", message, values["currency"])


def _check_mapping(value: object, key: str, place: _Place) -> bool:
    is_good = isinstance(value, Mapping) and all(
        isinstance(text, str) and text.strip() for text in value.values()
    )
    if not is_good:
        place.wrong("P014", key, "lines “name: text” are needed below this key", value)
    return is_good


def _check_years(values: Mapping[str, Any], place: _Place) -> None:
    is_good = True
    for key in YEARS:
        year = values[key]
        if isinstance(year, bool) or not isinstance(year, int) or not 1990 <= year <= 2100:
            place.wrong("P014", key, "a year from 1990 to 2100 is needed, without quotes", year)
            is_good = False
    if not is_good:
        return
    base, first, last = values["base_year"], values["first_year"], values["last_year"]
    if not base <= first <= last:
        message = (
            f"years must stand in order: base_year {base} ≤ first_year {first} ≤ last_year {last}"
        )
        place.wrong("P063", "last_year" if first > last else "base_year", message, last)
    elif last - first >= LONGEST_HORIZON_YEARS:
        message = f"the horizon has {last - first + 1} years; at most {LONGEST_HORIZON_YEARS}"
        place.wrong("P063", "last_year", message, last)


def _instant(value: object, place: _Place) -> date | None:
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if type(value) is date:
        return value
    message = "a date of the calendar is needed, for example 2026-11-20"
    place.wrong("P014", "rule_instant", message, value)
    return None


def _stage_ids(value: object, place: _Place) -> tuple[str, ...]:
    is_list = isinstance(value, list) and bool(value)
    if not is_list or not all(isinstance(stage, str) and stage.strip() for stage in value):  # type: ignore[attr-defined]
        message = "a list of stages in chain order is needed, for example [api, fdf, pack]"
        place.wrong("P014", "stage_ids", message, value)
        return ()
    stages = tuple(value)  # type: ignore[arg-type, var-annotated]
    if len(set(stages)) < len(stages):
        place.wrong("P014", "stage_ids", "a stage stands here twice; keep one", value)
    return stages


def _check_full_cycle(value: object, stages: tuple[str, ...], place: _Place) -> None:
    if not isinstance(value, str) or not stages or value in stages:
        return  # what is no text, or no list of stages, is reported by its own check
    hint = suggestion(value, stages) or f" There are: {', '.join(stages)}."
    message = f"{shown(value)} is not one of stage_ids.{hint}"
    place.wrong("P014", "full_cycle_stage_id", message, value)


def _check_stage_names(value: object, stages: tuple[str, ...], place: _Place) -> None:
    if not _check_mapping(value, "stage_names", place) or not isinstance(value, Mapping):
        return
    known = tuple(f"{stage}.{lang}" for stage in stages for lang in ("en", "ru"))
    for key in value:
        if stages and key not in known:
            hint = suggestion(str(key), known) or f" Known: {', '.join(known)}."
            place.wrong("P014", "stage_names", f"{shown(key)} names no stage.{hint}", key)


def _check_finished_goods(value: object, place: _Place) -> None:
    if not _check_mapping(value, "finished_goods", place) or not isinstance(value, Mapping):
        return
    if value and set(value) != set(FINISHED_GOODS):
        message = f"exactly these lines are needed: {', '.join(FINISHED_GOODS)}"
        place.wrong("P014", "finished_goods", message, ", ".join(map(str, value)))


def to_yaml(settings: Settings) -> str:
    """Return the text of `programme.yaml`; reading it gives the same settings."""
    values = plain_settings(settings)
    values["rule_instant"] = settings.rule_instant
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=99)


def to_flat(settings: Settings) -> list[tuple[str, str | int]]:
    """Return the settings as rows ``key, value`` for a sheet."""
    made: list[tuple[str, str | int]] = []
    for key, value in plain_settings(settings).items():
        if isinstance(value, dict):
            made += [(f"{key}.{name}", text) for name, text in value.items()]
        elif isinstance(value, list):
            made.append((key, "+".join(value)))
        else:
            made.append((key, value))
    return made
