"""Small forums with everything in them, made from a seed."""

from __future__ import annotations

import random

from coproduce.forum.large.conflicts import conflicts
from coproduce.forum.large.types import (
    Fixed,
    Forum,
    Interpreter,
    Participant,
    Request,
    Settings,
    Slot,
    Table,
    Wish,
)
from coproduce.forum.large.wishes import fold


def participant(name: str, **changes: object) -> Participant:
    values: dict[str, object] = {
        "participant_id": name,
        "name_en": name,
        "name_ru": name,
        "side": "other",
        "representatives": 1,
        "max_meetings": 9,
        "min_meetings": 0,
        "languages": frozenset(["en"]),
        "language": "en",
        "time_zone": "UTC",
        "type_id": "",
        "company_id": "",
        "region_id": "",
    }
    return Participant(**{**values, **changes})  # type: ignore[arg-type]


def slots(count: int, days: int = 1) -> dict[str, Slot]:
    made = {}
    for number in range(count):
        day, hour = divmod(number, -(-count // days))
        start, end = (
            f"2030-05-{6 + day:02d}T{9 + hour:02d}:00",
            f"2030-05-{6 + day:02d}T{9 + hour:02d}:30",
        )
        session = "am" if hour < 2 else "pm"
        made[f"s{number}"] = Slot(f"s{number}", number, start, end, False, session)
    return made


def tables(count: int, **changes: object) -> dict[str, Table]:
    values: dict[str, object] = {"seats": 3, "capacity": 1, "owner_id": "", **changes}
    return {
        f"t{n}": Table(f"t{n}", f"Table {n}", f"Стол {n}", x_m=3.0 * n, y_m=0.0, **values)  # type: ignore[arg-type]
        for n in range(count)
    }


def request(who: str, wanted: str, kind: str = "meet", rank: int = 1, **more: object) -> Request:
    values: dict[str, object] = {
        "session_id": "",
        "is_suggested": False,
        "reason_en": "",
        "reason_ru": "",
        **more,
    }
    return Request(who, wanted, kind, rank, 16 - rank, **values)  # type: ignore[arg-type]


def forum(
    requests: list[Request],
    people: list[Participant] | None = None,
    *,
    slot_count: int = 4,
    table_count: int = 2,
    groups: list[Wish] | None = None,
    settings: Settings | None = None,
    **more: object,
) -> Forum:
    names = sorted({n for r in requests for n in (r.participant_id, r.wanted_id)})
    settings = settings or Settings()
    values: dict[str, object] = {
        "settings": settings,
        "participants": {p.participant_id: p for p in people or map(participant, names)},
        "slots": slots(slot_count),
        "tables": tables(table_count),
        "wishes": fold(requests, groups or [], settings),
        "requests": tuple(requests),
        "sessions": {"am": ("Morning", "Утро"), "pm": ("Afternoon", "День")},
    }
    return Forum(**{**values, **more})  # type: ignore[arg-type]


def random_forum(seed: int) -> Forum | None:
    """Return a forum with all features drawn at random, or None if it holds a conflict."""
    rng = random.Random(seed)
    names = [f"p{n}" for n in range(rng.randint(2, 7))]
    slot_count = rng.randint(1, 6)
    made_slots = slots(slot_count, rng.choice([1, 1, 2]))
    people = [
        participant(
            name,
            representatives=rng.choice([1, 1, 1, 2]),
            max_meetings=rng.randint(1, slot_count + 1),
            languages=frozenset(rng.choice([["en"], ["ru"], ["en", "ru"], ["hi"]])),
        )
        for name in names
    ]
    people = [
        participant(
            p.participant_id,
            representatives=p.representatives,
            max_meetings=p.max_meetings,
            languages=p.languages,
            min_meetings=rng.choice([0, 0, 1]),
        )
        for p in people
    ]
    pairs = [(a, b) for a in names for b in names if a != b and rng.random() < 0.6]
    requests = [
        request(
            a,
            b,
            rng.choices(["meet", "must", "never"], [10, 1, 1])[0],
            rng.randint(1, 15),
            session_id=rng.choice(["", "", "", "am", "pm"]),
            is_suggested=rng.random() < 0.1,
        )
        for a, b in pairs
    ]
    groups = []
    if len(names) > 2 and rng.random() < 0.3:
        chosen = tuple(sorted(rng.sample(names, 3)))
        groups.append(Wish(chosen, rng.choice(["meet", "must"]), 300, (), False, frozenset()))
    made_tables = tables(rng.randint(1, 3))
    if rng.random() < 0.3:
        made_tables |= {"t9": Table("t9", "Booth", "Стенд", 2, 1, 0.0, 9.0, rng.choice(names))}
    if rng.random() < 0.2:
        made_tables["t0"] = Table("t0", "Pair", "Пара", 2, 2, 0.0, 0.0, "")
    helpers = {
        f"i{n}": Interpreter(
            f"i{n}", "I", "П", frozenset(rng.choice([["en", "ru"], ["ru", "hi", "en"]]))
        )
        for n in range(rng.randint(0, 2))
    }
    absent = {
        name: frozenset(rng.sample(list(made_slots), rng.randint(0, slot_count - 1)))
        for name in [*names, *helpers]
        if rng.random() < 0.3
    }
    settings = Settings(
        one_sided=rng.choice(["held", "held", "refused"]),
        interpretation=rng.choice(["noted", "required"]),
        missed_minimum_weight=rng.choice([0, 2000]),
    )
    wishes = fold(requests, groups, settings)
    possible = [people for people, wish in wishes.items() if wish.kind != "never"]
    fixed = {}
    order: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    if possible and rng.random() < 0.3:
        which = rng.choice(possible)
        fixed[which] = Fixed(which, rng.choice(list(made_slots)), "")
    if len(possible) > 1 and rng.random() < 0.3:
        order.append(tuple(rng.sample(possible, 2)))  # type: ignore[arg-type]
    made = forum(
        requests,
        people,
        groups=groups,
        settings=settings,
        slots=made_slots,
        tables=made_tables,
        interpreters=helpers,
        absent=absent,
        fixed=fixed,
        precedences=tuple(order),
    )
    return None if any(True for _ in conflicts(made)) else made
