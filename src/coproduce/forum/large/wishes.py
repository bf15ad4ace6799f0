"""Requests of both sides folded into one wish for each meeting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from coproduce.forum.large.types import People, Request, Settings, Wish


def worth(points: Iterable[int], settings: Settings) -> int:
    """Return the worth of a meeting of two from both sides' points.

    Example:
        >>> worth([15, 0], Settings()), worth([15, 15], Settings())
        (90, 1080)
    """
    a, b = points
    return settings.mutual_weight * a * b + settings.single_weight * (a + b)


def fold(
    requests: Iterable[Request], groups: Iterable[Wish], settings: Settings
) -> dict[People, Wish]:
    """Return one wish for each pair or group that somebody asks for or refuses.

    ``never`` of one side rules a meeting out, ``must`` of one side makes it a must. A session one
    side asks for binds both; two different ones leave no session.
    """
    by_pair: dict[People, list[Request]] = defaultdict(list)
    for request in requests:
        a, b = request.participant_id, request.wanted_id
        by_pair[(a, b) if a < b else (b, a)].append(request)
    wishes = {people: _pair(people, rows, settings) for people, rows in by_pair.items()}
    wishes.update({group.people: group for group in groups})
    return dict(sorted(wishes.items()))


def _pair(people: People, rows: list[Request], settings: Settings) -> Wish:
    kinds = {row.kind for row in rows}
    kind = next(name for name in ("never", "must", "meet") if name in kinds)
    points = {row.participant_id: row.points for row in rows}
    sessions = {row.session_id for row in rows if row.session_id}
    asked = tuple(sorted(row.participant_id for row in rows if not row.is_suggested))
    both = (points.get(people[0], 0), points.get(people[1], 0))
    return Wish(
        people=people,
        kind=kind,
        value=0 if kind == "never" else worth(both, settings),
        asked_by=asked,
        is_suggested=not asked,
        sessions=frozenset(sessions),
    )


__all__ = ["fold", "worth"]
