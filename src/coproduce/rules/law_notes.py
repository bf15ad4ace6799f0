"""What law was used, and how it differs from what is published by now, in records and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from coproduce.records.programme import Programme
from coproduce.records.words import Words
from coproduce.rules.book import RuleBook
from coproduce.rules.law_changes import table_changes
from coproduce.rules.law_words import value_words
from coproduce.rules.model import RuleValue


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
        "evidence": value.evidence,
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
    """Return a sentence for each leaf that has another value once all publications are known.

    A leaf that was only published again, with the same value, is passed over.
    """
    instant = programme.settings.rule_instant
    notes = []
    for leaf_id in leaf_ids:
        for year in programme.settings.years:
            then = book.at(date(year, 1, 1), instant).get(leaf_id)
            now = book.at(date(year, 1, 1)).get(leaf_id)
            if _terms(then) != _terms(now):
                notes.append(_note(book, leaf_id, year, instant, then, now))
                break
    return tuple(notes)


def _terms(value: RuleValue | None) -> Any:
    """Return what a reading decides by: the value and how a threshold is compared."""
    return None if value is None else (_plain(value.value), value.unit, value.operator)


def _note(
    book: RuleBook,
    leaf_id: str,
    year: int,
    instant: date,
    then: RuleValue | None,
    now: RuleValue | None,
) -> Words:
    leaf = book.leaf(leaf_id)
    earlier, later = _earlier(then, instant), _later(then, now)
    return Words(
        en=f"From {year}: “{leaf.label_en}” {earlier.en}; {later.en}.",
        ru=f"С {year} г.: «{leaf.label_ru}» {earlier.ru}; {later.ru}.",
    )


def _earlier(then: RuleValue | None, instant: date) -> Words:
    """Return what the plan takes."""
    if then is None:
        return Words(
            en=f"is not there as published by {instant}",
            ru=f"отсутствует по публикациям до {instant}",
        )
    held = value_words(then)
    if held is None:
        en, ru = "is taken", "взято"
    else:
        en, ru = f"is {held.en}", f"— {held.ru}"
    if then.is_assumed:
        return Words(
            en=f"{en} by assumption from what was published by {instant}",
            ru=f"{ru} по допущению, исходя из публикаций до {instant}",
        )
    return Words(en=f"{en} as published by {instant}", ru=f"{ru} по публикациям до {instant}")


def _later(then: RuleValue | None, now: RuleValue | None) -> Words:
    """Return what holds by now, and by which version."""
    if now is None:
        return Words(en="it was withdrawn later", ru="позднее отменено")
    held, by = value_words(now), _by_version(now)
    if held is None and then is None:
        return Words(en=f"it is laid down by {by.en}", ru=f"установлено {by.ru}")
    if held is None:
        return Words(en=f"other terms hold by {by.en}", ru=f"иные условия — {by.ru}")
    return Words(en=f"it is {held.en} by {by.en}", ru=f"{held.ru} — {by.ru}")


def _by_version(now: RuleValue) -> Words:
    """Return by what the later value holds; an assumption is never called a publication."""
    title = now.references[0].title if now.references else now.leaf_id
    if now.is_assumed:
        return Words(
            en=f"what is assumed by now ({title})", ru=f"по нынешнему допущению ({title})"
        )
    if now.known:
        return Words(
            en=f"a version published on {now.known} ({title})",
            ru=f"по редакции, опубликованной {now.known} ({title})",
        )
    if now.effect_from:
        return Words(
            en=f"a version in force from {now.effect_from} ({title})",
            ru=f"по редакции, действующей с {now.effect_from} ({title})",
        )
    return Words(
        en=f"a version without known dates ({title})",
        ru=f"по редакции с неизвестными датами ({title})",
    )


def law_notes(
    book: RuleBook,
    then: Mapping[str, pl.DataFrame],
    now: Mapping[str, pl.DataFrame],
    programme: Programme,
) -> tuple[Words, ...]:
    """Return what changes for the plan against the law as published by now, then why.

    Args:
        book: the rule book both readings come from.
        then: law tables as published by the programme's rule instant.
        now: law tables as published so far.
        programme: its rule instant, years and names.

    Returns:
        Nothing where every leaf has the same value; else a first sentence on the whole, one for
        each change in the tables, and one for each leaf with another value.
    """
    leaves = sorted({*leaf_ids(then.values()), *leaf_ids(now.values())})
    causes = leaf_notes(book, leaves, programme)
    changes = table_changes(then, now, programme, book)
    if not causes and not changes:
        return ()
    return (_lead(bool(changes), programme.settings.rule_instant), *changes, *causes)


def _lead(has_changes: bool, instant: date) -> Words:
    if has_changes:
        return Words(
            en=f"Law is taken as published by {instant} (“then”). By what is published or "
            "assumed by now, the following would be different for the plan.",
            ru=f"Право взято по публикациям до {instant} («тогда»). По тому, что опубликовано "
            "или допущено к настоящему времени («сейчас»), для плана меняется следующее.",
        )
    return Words(
        en=f"Law is taken as published by {instant}. Later readings differ, but no table that "
        "the plan reads changes by them, so the plan does not either.",
        ru=f"Право взято по публикациям до {instant}. Более поздние редакции звучат иначе, "
        "но ни одна таблица, по которой строится план, от этого не меняется.",
    )
