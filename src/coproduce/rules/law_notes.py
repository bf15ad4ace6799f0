"""What law was used, and how it differs from what is published by now, in records and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from coproduce.records.programme import Programme
from coproduce.records.words import Words
from coproduce.rules.book import RuleBook
from coproduce.rules.model import RuleValue

TABLE_WORDS: Mapping[str, Words] = {
    "site_tax": Words(en="profit tax at the sites", ru="налог на прибыль на площадках"),
    "standing": Words(en="standing by stages", ru="статус по стадиям"),
    "access": Words(en="market access", ru="доступ к рынку"),
    "duties": Words(en="import duties", ru="ввозные пошлины"),
    "lead_times": Words(en="legal lead times", ru="сроки разрешений"),
    "party_tax": Words(en="taxes of the sides", ru="налоги сторон"),
}


def rule_ids_of(frames: Iterable[pl.DataFrame]) -> list[str]:
    """Return the ids of all versions named in the frames' `rules` columns, sorted."""
    found: set[str] = set()
    for frame in frames:
        for joined in frame["rules"].drop_nulls().unique():
            found.update(joined.split(";"))
    return sorted(found)


def leaf_ids(frames: Iterable[pl.DataFrame]) -> list[str]:
    """Return the leaves named in the frames' `rules` columns, sorted."""
    return sorted({rule_id.split("@")[0] for rule_id in rule_ids_of(frames)})


def version_records(
    book: RuleBook, frames: Iterable[pl.DataFrame], programme: Programme
) -> tuple[dict[str, Any], ...]:
    """Return one plain record for each version of a leaf that the tables used."""
    records: dict[str, dict[str, Any]] = {}
    wanted = set(rule_ids_of(frames))
    for leaf_id in sorted({rule_id.split("@")[0] for rule_id in wanted}):
        for year in programme.settings.years:
            value = book.at(date(year, 1, 1), programme.settings.rule_instant).get(leaf_id)
            if value is not None and value.rule_id in wanted:
                records.setdefault(value.rule_id, _record(book, value))
    return tuple(records[key] for key in sorted(records))


def _record(book: RuleBook, value: RuleValue) -> dict[str, Any]:
    leaf = book.leaf(value.leaf_id)
    return {
        "rule_id": value.rule_id,
        "leaf_id": value.leaf_id,
        "label_en": leaf.label_en,
        "label_ru": leaf.label_ru,
        "value": _plain(value.value),
        "unit": value.unit,
        "status": value.status,
        "effect_from": value.effect_from.isoformat() if value.effect_from else None,
        "known": value.known.isoformat() if value.known else None,
        "checked": value.checked.isoformat(),
        "note": value.note,
        "references": [
            {
                "title": ref.title,
                "href": ref.href,
                "method": ref.method,
                "published": ref.published.isoformat() if ref.published else None,
                "accessed": ref.accessed.isoformat() if ref.accessed else None,
            }
            for ref in value.references
        ],
    }


def _plain(value: Any) -> Any:
    """Return a rule's value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def leaf_notes(book: RuleBook, leaf_ids: Iterable[str], programme: Programme) -> tuple[Words, ...]:
    """Return a sentence for each leaf that reads otherwise once all publications are known."""
    instant = programme.settings.rule_instant
    notes = []
    for leaf_id in leaf_ids:
        for year in programme.settings.years:
            then = book.at(date(year, 1, 1), instant).get(leaf_id)
            now = book.at(date(year, 1, 1)).get(leaf_id)
            if (then and then.rule_id, then and then.known) != (
                now and now.rule_id,
                now and now.known,
            ):
                notes.append(_note(book, leaf_id, year, instant, now))
                break
    return tuple(notes)


def _note(book: RuleBook, leaf_id: str, year: int, instant: date, now: RuleValue | None) -> Words:
    leaf = book.leaf(leaf_id)
    if now is None:
        return Words(
            en=f"From {year}: “{leaf.label_en}” held as published by {instant}; later "
            "publications withdrew it.",
            ru=f"С {year} г.: «{leaf.label_ru}» действовало по публикациям до {instant}; "
            "позднейшие публикации его отменили.",
        )
    title = now.references[0].title if now.references else leaf_id
    return Words(
        en=f"From {year}: “{leaf.label_en}” is taken as published by {instant}. A version "
        f"published on {now.known or now.effect_from} ({title}) is not yet known on that day.",
        ru=f"С {year} г.: «{leaf.label_ru}» взято по публикациям до {instant}. Редакция, "
        f"опубликованная {now.known or now.effect_from} ({title}), на этот день ещё не известна.",
    )


def effect(
    then: Mapping[str, pl.DataFrame], now: Mapping[str, pl.DataFrame], instant: date
) -> Words:
    """Return one sentence: which tables that the plan reads differ from the law known by now."""
    changed = {name: _changed_rows(then[name], now[name]) for name in then}
    different = {name: count for name, count in changed.items() if count}
    if not different:
        return Words(
            en=f"Law is taken as published by {instant}. Later publications read otherwise, but "
            "no table that the plan reads changes by them, so the plan does not either.",
            ru=f"Право взято по публикациям до {instant}. Более поздние публикации звучат иначе, "
            "но ни одна таблица, по которой строится план, от этого не меняется.",
        )
    en = ", ".join(
        f"{TABLE_WORDS[name].en} ({count} of {then[name].height} cases)"
        for name, count in different.items()
    )
    ru = ", ".join(
        f"{TABLE_WORDS[name].ru} ({count} из {then[name].height})"
        for name, count in different.items()
    )
    return Words(
        en=f"Law is taken as published by {instant}. Against all that is published by now this "
        f"changes: {en}.",
        ru=f"Право взято по публикациям до {instant}. По сравнению со всем опубликованным сейчас "
        f"меняется: {ru}.",
    )


def _changed_rows(then: pl.DataFrame, now: pl.DataFrame) -> int:
    """Return how many rows differ in what the plan reads; points and leaf names are not read."""
    read = [column for column in then.columns if column not in ("rules", "points")]
    return then.select(read).join(now.select(read), on=read, how="anti", nulls_equal=True).height
