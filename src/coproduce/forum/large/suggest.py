"""From matches to requests that nobody made: rows for suggested.csv, marked as suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coproduce.forum.large.types import Forum

COLUMNS = (*("participant_id", "wanted_id", "kind", "weight", "source", "reason_en", "reason_ru"),)


def suggestions(
    forum: Forum,
    matches: Iterable[Mapping[str, object]],
    *,
    points: int,
    most_each: int,
    needs: Iterable[Mapping[str, object]] = (),
) -> list[tuple[object, ...]]:
    """Return rows for suggested.csv, header first, best matches first.

    A pair that somebody asks for, or refuses, already is left alone.

    Args:
        forum: participants speak for companies; the first of a company is taken.
        matches: rows with host_company_id, partner_company_id, score, reasons_en, reasons_ru.
        points: weight of a match with score 1.
        most_each: most suggestions for one participant.
        needs: matches the plan has use for: rows with the same columns; they come before others.
    """
    speaker: dict[str, str] = {}
    for name, who in forum.participants.items():
        if who.company_id:
            speaker.setdefault(who.company_id, name)
    count: dict[str, int] = {}
    done = set(forum.wishes)
    rows: list[tuple[object, ...]] = [COLUMNS]
    for block in (needs, matches):
        for match in sorted(block, key=lambda row: -float(str(row["score"]))):
            host = speaker.get(str(match["host_company_id"]))
            partner = speaker.get(str(match["partner_company_id"]))
            if host is None or partner is None or host == partner:
                continue
            pair = (host, partner) if host < partner else (partner, host)
            if pair in done or max(count.get(host, 0), count.get(partner, 0)) >= most_each:
                continue
            done.add(pair)
            weight = max(1, round(points * float(str(match["score"]))))
            why = (match.get("reasons_en") or "", match.get("reasons_ru") or "")
            for one, other in ((host, partner), (partner, host)):
                count[one] = count.get(one, 0) + 1
                rows.append((one, other, "meet", weight, "suggested", *why))
    return rows


__all__ = ["COLUMNS", "suggestions"]
