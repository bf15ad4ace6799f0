"""The forum: who comes, who wants to meet whom, where and when."""

from __future__ import annotations

from coproduce.records.columns import Fact, choice, count, flag, identifier, number, text


class Participants(Fact):
    """A delegation at the forum."""

    participant_id = identifier("short name", key=True)
    company_id = identifier("company it speaks for", ref="companies.company_id", optional=True)
    region_id = identifier("region it speaks for", ref="regions.region_id", optional=True)
    name_en = text("name in English")
    name_ru = text("name in Russian", optional=True)
    side = choice("which side", ("host", "partner", "other"))
    representatives = count("how many can meet at the same time", "person", low=1)
    max_meetings = count("most meetings it wants", "meeting", low=1)
    languages = text(
        "language codes, separated by +, for example ru+en", pattern=r"^[a-z]{2}(\+[a-z]{2})*$"
    )


class Requests(Fact):
    """A wish to meet."""

    participant_id = identifier("who asks", ref="participants.participant_id", key=True)
    wanted_id = identifier("whom", ref="participants.participant_id", key=True)
    kind = choice("how strong the wish is", ("must", "meet", "never"))
    weight = number("worth of the meeting to the one who asks", "weight", low=0)


class Tables(Fact):
    """A table where one meeting at a time is held."""

    table_id = identifier("short name", key=True)
    name_en = text("name in English")
    name_ru = text("name in Russian")


class Slots(Fact):
    """A time at which meetings are held."""

    slot_id = identifier("short name", key=True)
    slot_no = count("order", "slot", low=1)
    starts_at = text("local start, ISO 8601 minute", pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")
    ends_at = text("local end, ISO 8601 minute", pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")
    is_blocked = flag("plenary or break: no meetings")


__all__ = ["Participants", "Requests", "Slots", "Tables"]
