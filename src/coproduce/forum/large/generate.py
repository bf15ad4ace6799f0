"""A synthetic forum folder, marked as such: people, wishes, absences, tables and slots."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from coproduce.records.errors import UsageError

SECTORS = 12
FIRST_DAY = datetime(2027, 10, 6, 10, 0)
SLOT_MINUTES, PAUSE_MINUTES = 20, 5
Rows = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to make up.

    Attributes:
        participants: delegations.
        slots: open slots over all days.
        days: of the forum.
        tables: shared tables; 0: a quarter of the participants.
        requests: wishes of each participant.
        cap: most meetings of each; 0: as many as there are slots.
        is_any_to_any: everybody may ask everybody; else one side asks the other.
        is_free: everybody is there all the time; else 25 % miss a quarter and 20 % a half.
        interpreters: interpreters between the two sides' languages; 0: none are needed.
        musts: share of wishes that are musts.
        seed: of the random numbers.
    """

    participants: int = 3000
    slots: int = 20
    days: int = 2
    tables: int = 0
    requests: int = 15
    cap: int = 0
    is_any_to_any: bool = False
    is_free: bool = False
    interpreters: int = 0
    musts: float = 0.01
    seed: int = 1


def generate(folder: Path, recipe: Recipe) -> None:
    """Write a synthetic forum folder; all of it or nothing.

    Raises:
        UsageError: F310 if the folder holds files, F311 if the numbers make no forum.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already; name a new folder", code="F310")
    least = {"participants": 2, "slots": 1, "days": 1, "requests": 0, "tables": 0, "cap": 0}
    for name, value in least.items():
        if getattr(recipe, name) < value:
            raise UsageError(f"{name} must be at least {value}", code="F311")
    if recipe.days > recipe.slots:
        raise UsageError("there are more days than slots", code="F311")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as room:
        made = Path(room) / "made"
        made.mkdir()
        for name, rows in _tables(recipe).items():
            with (made / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
                csv.writer(out, lineterminator="\n").writerows(rows)
        if folder.exists():
            folder.rmdir()
        os.replace(made, folder)


def _read_example(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath("example", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _tables(recipe: Recipe) -> dict[str, Rows]:
    rng = np.random.default_rng(recipe.seed)
    names = [f"p{number:05d}" for number in range(1, recipe.participants + 1)]
    hosts = (recipe.participants + 1) // 2
    regions = _read_example("regions.csv")
    settings = [(row["key"], row["value"]) for row in _read_example("settings.csv")]
    if recipe.interpreters:
        settings = [(k, "required" if k == "interpretation" else v) for k, v in settings]
    slots = _slots(recipe)
    absences = [] if recipe.is_free else _absences(recipe, names, rng)
    away = {str(row[0]) for row in absences}
    made: dict[str, Rows] = {
        "settings": [("key", "value"), *settings],
        "slots": slots,
        "sessions": [
            ("session_id", "name_en", "name_ru"),
            ("am", "Morning", "Утро"),
            ("pm", "Afternoon", "После обеда"),
        ],
        "types": [
            ("type_id", "name_en", "name_ru", "max_meetings", "min_meetings"),
            ("visitor", "Visitor", "Участник", recipe.cap or recipe.slots, 0),
            ("sponsor", "Sponsor", "Спонсор", recipe.cap or recipe.slots, 2),
        ],
        "participants": _participants(recipe, names, hosts, regions, rng),
        "requests": _requests(recipe, names, hosts, away, rng),
        "tables": _room(recipe),
        "interpreters": _interpreters(recipe, regions),
    }
    made["absences"] = absences
    return {name: rows for name, rows in made.items() if len(rows) > 1}


def _slots(recipe: Recipe) -> Rows:
    rows: Rows = [("slot_id", "slot_no", "starts_at", "ends_at", "is_blocked", "session_id")]
    number = 0
    step = timedelta(minutes=SLOT_MINUTES + PAUSE_MINUTES)
    for day in range(recipe.days):
        start = FIRST_DAY + timedelta(days=day)
        count = recipe.slots // recipe.days + (day < recipe.slots % recipe.days)
        for at in range(count):
            number += 1
            moment = start + at * step
            end = moment + timedelta(minutes=SLOT_MINUTES)
            session = "am" if at < count / 2 else "pm"
            times = (moment.isoformat(timespec="minutes"), end.isoformat(timespec="minutes"))
            rows.append((f"s{number:02d}", number, *times, "false", session))
    return rows


def _participants(
    recipe: Recipe,
    names: Sequence[str],
    hosts: int,
    regions: list[dict[str, str]],
    rng: np.random.Generator,
) -> Rows:
    rows: Rows = [
        (
            *("participant_id", "name_en", "name_ru", "side", "representatives", "max_meetings"),
            *("languages", "region_id", "type_id", "time_zone", "status", "note"),
        )
    ]
    by_side = {side: [r for r in regions if r["side"] == side] for side in ("host", "partner")}
    for number, name in enumerate(names):
        side = "host" if number < hosts else "partner"
        at = number if side == "host" else number - hosts
        region = by_side[side][at % len(by_side[side])]
        speaks_english = rng.random() < (0.45 if side == "host" else 0.9)
        tongues = "+".join(
            [region["own_language"], "en"] if speaks_english else [region["own_language"]]
        )
        kind = "sponsor" if rng.random() < 0.03 else "visitor"
        label = (
            f"Delegation {number + 1} of {region['name_en']} (synthetic)",
            f"Делегация {number + 1}, {region['name_ru']} (вымышленная)",
        )
        most = recipe.cap or recipe.slots
        rows.append(
            (
                *(name, *label, side, 1, most, tongues, region["region_id"], kind),
                *(region["time_zone"], "synthetic", "made up by the generator"),
            )
        )
    return rows


def _requests(
    recipe: Recipe, names: Sequence[str], hosts: int, away: set[str], rng: np.random.Generator
) -> Rows:
    """Return ranked wishes: profiles over sectors times a few who are wanted by many.

    Only people who are there all the time have musts, so that each can be held.
    """
    rows: Rows = [("participant_id", "wanted_id", "kind", "rank")]
    people = recipe.participants
    profile = rng.dirichlet(np.full(SECTORS, 0.3), size=people)
    fame = rng.pareto(2.5, size=people) + 1
    taken: dict[int, int] = {}
    for person in range(people):
        others = _others(recipe, person, hosts)
        liking = (profile[others] @ profile[person] + 0.02) * fame[others]
        noise = rng.gumbel(size=len(others)) * 0.5
        order = np.argsort(-(np.log(liking) + noise), kind="stable")[: recipe.requests]
        for rank, wanted in enumerate(others[order], start=1):
            other = int(wanted)
            is_must = (
                rank == 1
                and rng.random() < recipe.musts * recipe.requests
                and not {names[person], names[other]} & away
                and max(taken.get(person, 0), taken.get(other, 0)) < 2
            )
            if is_must:
                taken[person] = taken.get(person, 0) + 1
                taken[other] = taken.get(other, 0) + 1
            rows.append((names[person], names[other], "must" if is_must else "meet", rank))
    return rows


def _others(recipe: Recipe, person: int, hosts: int) -> np.ndarray[Any, Any]:
    people = recipe.participants
    if recipe.is_any_to_any:
        return np.delete(np.arange(people), person)
    return np.arange(hosts, people) if person < hosts else np.arange(hosts)


def _room(recipe: Recipe) -> Rows:
    count = recipe.tables or max(1, recipe.participants // 4)
    width = max(1, round(count**0.5))
    rows: Rows = [("table_id", "name_en", "name_ru", "seats", "capacity", "x_m", "y_m")]
    for number in range(count):
        place = (3 * (number % width), 3 * (number // width))
        names = (f"Table {number + 1}", f"Стол {number + 1}")
        rows.append((f"t{number + 1:04d}", *names, 4, 1, *place))
    return rows


def _interpreters(recipe: Recipe, regions: list[dict[str, str]]) -> Rows:
    tongues = "+".join([*dict.fromkeys(region["own_language"] for region in regions), "en"])
    rows: Rows = [("interpreter_id", "name_en", "name_ru", "languages")]
    for number in range(1, recipe.interpreters + 1):
        names = (f"Interpreter {number} (synthetic)", f"Переводчик {number} (вымышленный)")
        rows.append((f"i{number:03d}", *names, tongues))
    return rows


def _absences(recipe: Recipe, names: Sequence[str], rng: np.random.Generator) -> Rows:
    """Return, for 25 % of people, a quarter of the slots and, for 20 %, a half."""
    rows: Rows = [("person_id", "slot_id", "reason")]
    for name in names:
        draw = rng.random()
        if draw < 0.25:
            length = max(1, recipe.slots // 4)
            start = int(rng.integers(0, recipe.slots - length + 1))
            missed: Iterable[int] = range(start, start + length)
        elif draw < 0.45:
            half = recipe.slots // 2
            missed = range(half) if rng.random() < 0.5 else range(half, recipe.slots)
        else:
            continue
        rows += [(name, f"s{slot + 1:02d}", "away") for slot in missed]
    return rows


__all__ = ["Recipe", "generate"]
