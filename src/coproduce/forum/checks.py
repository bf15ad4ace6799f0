"""Named checks made before any timetable is sought."""

from __future__ import annotations

import polars as pl

from coproduce.records.errors import ModelError
from coproduce.records.programme import Programme


def open_slots(programme: Programme) -> list[str]:
    """Return the ids of slots in which meetings are held, in order."""
    slots = programme["slots"].filter(~pl.col("is_blocked")).sort("slot_no", "slot_id")
    return list(slots["slot_id"])


def nobody_asks_for_himself(programme: Programme) -> None:
    """Raise if a participant wishes to meet itself.

    Raises:
        ModelError: F001.
    """
    own = programme["requests"].filter(pl.col("participant_id") == pl.col("wanted_id"))
    if not own.is_empty():
        raise ModelError(
            f"{own['participant_id'].sort()[0]} asks for a meeting with itself; "
            "remove the row or name the other side",
            code="F001",
            where="requests.csv",
        )


def everybody_is_known(programme: Programme) -> None:
    """Raise if a request names somebody who is not a participant.

    Raises:
        ModelError: F002.
    """
    known = set(programme["participants"]["participant_id"])
    named = set(programme["requests"]["participant_id"]) | set(programme["requests"]["wanted_id"])
    if named - known:
        raise ModelError(
            f"requests name {', '.join(sorted(named - known))}, not found in participants; add "
            "the participant or remove the request",
            code="F002",
            where="requests.csv",
        )


def there_is_room(programme: Programme, wishes: pl.DataFrame) -> None:
    """Raise if meetings are wished but there is no table or no open slot.

    Raises:
        ModelError: F003.
    """
    if wishes.is_empty():
        return
    missing = [
        name
        for name, is_empty in (
            ("tables.csv has no table", programme["tables"].is_empty()),
            ("slots.csv has no slot that is not blocked", not open_slots(programme)),
        )
        if is_empty
    ]
    if missing:
        raise ModelError(
            f"{wishes.height} pairs wish to meet, but {' and '.join(missing)}; add some",
            code="F003",
            where="tables.csv, slots.csv",
        )
