"""What two readings of the law change in the tables that a plan reads, said in words.

*Then* is the law as published by the rule instant, *now* the law as published so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from coproduce.records.programme import Programme
from coproduce.records.words import Words, in_number, in_percent, lower_first
from coproduce.rules.book import RuleBook
from coproduce.rules.law_words import and_list, counted, or_list

LARGEST_GROUPS = 3
"""Groups of duties named one by one; the rest is counted."""

_SAME = 1e-9
_Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Reading:
    """The programme and the book that both readings share, for names.

    Attributes:
        programme: names of segments, stages and parties.
        book: labels of leaves.
    """

    programme: Programme
    book: RuleBook

    def named(self, table: str, key: str, identifier: str) -> Words:
        """Return the name of a row of a table of the programme."""
        row = self.programme[table].filter(pl.col(key) == identifier).row(0, named=True)
        return Words(en=row["name_en"], ru=row["name_ru"])

    def stages(self, joined: str) -> Words:
        """Return stages joined by + in words; none is an empty text."""
        names = [self.programme.settings.stage_name(stage) for stage in joined.split("+")]
        return Words(
            en=" + ".join(name.en for name in names), ru=" + ".join(name.ru for name in names)
        )

    def in_years(self, years: Iterable[int]) -> Words:
        """Return ``in 2027–2029``, or nothing where the years are all years of the plan."""
        found = sorted(set(years))
        if found == list(self.programme.settings.years):
            return Words(en="", ru="")
        spans = ", ".join(_spans(found))
        return Words(en=f" in {spans}", ru=f" ({spans})")


def _spans(years: Sequence[int]) -> Iterator[str]:
    start = previous = years[0]
    for year in [*years[1:], None]:
        if year != previous + 1:
            yield str(start) if start == previous else f"{start}–{previous}"
            start = year or 0
        previous = year or 0


def table_changes(
    then: _Tables, now: _Tables, programme: Programme, book: RuleBook
) -> tuple[Words, ...]:
    """Return what differs between two readings, table by table; nothing where all agree.

    Args:
        then: law tables as published by the rule instant.
        now: law tables as published so far.
        programme: names of segments, stages and parties.
        book: labels of the leaves behind lead times.
    """
    reading = Reading(programme, book)
    told: list[Words] = []
    for name, tell in _TELLERS.items():
        told += tell(reading, then[name], now[name])
    return tuple(told)


def _changed(
    then: pl.DataFrame, now: pl.DataFrame, keys: Sequence[str], columns: Sequence[str]
) -> pl.DataFrame:
    """Return rows of both readings that differ in a column; the later value ends in ``_now``."""
    both = then.select(*keys, *columns).join(now.select(*keys, *columns), on=keys, suffix="_now")
    return both.filter(
        pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_now")) for c in columns)
    ).sort(keys)


def _access(reading: Reading, then: pl.DataFrame, now: pl.DataFrame) -> Iterator[Words]:
    keys = ["segment_id", "own_standing_id", "rival_standing_id", "year"]
    read = ["is_accepted", "is_exclusive", "price_factor"]
    changed = _changed(then, now, keys, read).join(
        now.select(*keys, "own_rank", "rival_rank"), on=keys
    )
    for segment_id in reading.programme["segments"]["segment_id"]:
        rows = changed.filter(pl.col("segment_id") == segment_id)
        parts = [
            *_accepted(reading, rows),
            *_exclusive(reading, rows),
            *_price_factors(reading, rows),
        ]
        if parts:
            name = reading.named("segments", "segment_id", segment_id)
            told = Words(
                en=" ".join(part.en for part in parts), ru=" ".join(part.ru for part in parts)
            )
            yield Words(
                en=f"Market access, “{name.en}”: {lower_first(told.en)}",
                ru=f"Доступ к рынку, «{name.ru}»: {lower_first(told.ru)}",
            )


def _accepted(reading: Reading, rows: pl.DataFrame) -> Iterator[Words]:
    """Say which bids are looked at in one reading only, alike standings in one clause."""
    differ = rows.filter(pl.col("is_accepted") != pl.col("is_accepted_now"))
    for is_now, own, rivals, years in _alike(differ, "is_accepted_now"):
        when = reading.in_years(years)
        now_en, then_en = ("accepted", "rejected") if is_now else ("rejected", "accepted")
        now_ru, then_ru = ("принимаются", "отклонялись")
        if not is_now:
            now_ru, then_ru = ("отклоняются", "принимались")
        yield Words(
            en=f"Bids standing as {or_list(own).en} are {now_en} now{when.en} beside a rival "
            f"standing as {or_list(rivals).en}; then they were {then_en}.",
            ru=f"Заявки со статусом {or_list(own).ru} сейчас{when.ru} {now_ru}, если у соперника "
            f"статус {or_list(rivals).ru}; тогда они {then_ru}.",
        )


def _alike(
    rows: pl.DataFrame, flag: str
) -> list[tuple[bool, list[str], list[str], tuple[int, ...]]]:
    """Return (flag, own standings, rivals' standings, years) with alike cases put together."""
    by_pair: dict[tuple[bool, str, str], list[int]] = {}
    for row in rows.sort("own_rank", "rival_rank", "year").iter_rows(named=True):
        key = (row[flag], row["own_standing_id"], row["rival_standing_id"])
        by_pair.setdefault(key, []).append(row["year"])
    by_own: dict[tuple[bool, str, tuple[int, ...]], list[str]] = {}
    for (is_now, own, rival), years in by_pair.items():
        by_own.setdefault((is_now, own, tuple(years)), []).append(rival)
    alike: dict[tuple[bool, tuple[str, ...], tuple[int, ...]], list[str]] = {}
    for (is_now, own, spell), rivals in by_own.items():
        alike.setdefault((is_now, tuple(rivals), spell), []).append(own)
    return [(is_now, own, list(r), spell) for (is_now, r, spell), own in alike.items()]


def _exclusive(reading: Reading, rows: pl.DataFrame) -> Iterator[Words]:
    differ = rows.filter(pl.col("is_exclusive") != pl.col("is_exclusive_now"))
    for is_now in (True, False):
        some = differ.filter(pl.col("is_exclusive_now") == is_now).sort("own_rank")
        if some.is_empty():
            continue
        own = list(dict.fromkeys(some["own_standing_id"]))
        when = reading.in_years(some["year"])
        if is_now:
            yield Words(
                en=f"Bids standing as {and_list(own).en} can shut out weaker rivals now{when.en}; "
                "then they could not.",
                ru=f"Сейчас{when.ru} заявки со статусом {and_list(own).ru} вытесняют более "
                "слабых соперников, тогда — нет.",
            )
        else:
            yield Words(
                en=f"Bids standing as {and_list(own).en} could shut out weaker rivals then, not "
                f"now{when.en}.",
                ru=f"Тогда заявки со статусом {and_list(own).ru} вытесняли более слабых "
                f"соперников, сейчас{when.ru} — нет.",
            )


def _price_factors(reading: Reading, rows: pl.DataFrame) -> Iterator[Words]:
    differ = rows.filter(pl.col("price_factor") != pl.col("price_factor_now"))
    for (old, new), some in differ.group_by(
        "price_factor", "price_factor_now", maintain_order=True
    ):
        own = and_list(dict.fromkeys(some.sort("own_rank")["own_standing_id"]))
        when = reading.in_years(some["year"])
        a, b = in_number(float(str(old))), in_number(float(str(new)))
        yield Words(
            en=f"The price of bids standing as {own.en} counts ×{a.en} then, "
            f"×{b.en} now{when.en}.",
            ru=f"Цена заявок со статусом {own.ru} учитывалась тогда с множителем {a.ru}, "
            f"сейчас{when.ru} — {b.ru}.",
        )


def _standing(reading: Reading, then: pl.DataFrame, now: pl.DataFrame) -> Iterator[Words]:
    changed = _changed(then, now, ["product_id", "stages_inside", "year"], ["standing_id"])
    groups = changed.group_by("stages_inside", "standing_id", "standing_id_now").agg(
        pl.col("product_id").n_unique().alias("products"), pl.col("year").unique()
    )
    for row in groups.sort("stages_inside", "standing_id").iter_rows(named=True):
        when, count = reading.in_years(row["year"]), row["products"]
        inside = Words(en="no stage", ru="без своих стадий")
        if row["stages_inside"] != "-":
            inside = reading.stages(row["stages_inside"])
        products = counted(count, ("product", "products"), ("продукт", "продукта", "продуктов"))
        yield Words(
            en=f"Standing by stages: with {inside.en} inside, {products.en} stood as "
            f"{row['standing_id']} then and as {row['standing_id_now']} now{when.en}.",
            ru=f"Статус по стадиям, {inside.ru}: {products.ru}, тогда {row['standing_id']}, "
            f"сейчас{when.ru} {row['standing_id_now']}.",
        )


def _site_tax(reading: Reading, then: pl.DataFrame, now: pl.DataFrame) -> Iterator[Words]:
    keys = ["site_id", "year", "first_profit_year"]
    # Cells before the first profit are never charged, so they would only dilute the average.
    in_use = pl.col("year") >= pl.col("first_profit_year")
    then, now = then.filter(in_use), now.filter(in_use)
    yield from _rate_change(then, now, keys, "rate_share", Words("Profit tax", "Налог на прибыль"))
    yield from _rate_change(
        then, now, keys, "payroll_rate_share", Words("Contributions on wages", "Взносы с зарплат")
    )
    yield from _relief_cap(then, now, keys)


def _sites(count: int) -> Words:
    # Russian has the noun after "at": one form for one, another for all else.
    en = "site" if count == 1 else "sites"
    ru = "площадке" if count % 10 == 1 and count % 100 != 11 else "площадках"
    return Words(en=f"{count} {en}", ru=f"{count} {ru}")


def _rate_change(
    then: pl.DataFrame, now: pl.DataFrame, keys: list[str], column: str, name: Words
) -> Iterator[Words]:
    both = then.select(*keys, column).join(now.select(*keys, column), on=keys, suffix="_now")
    moved = (
        both.with_columns(move=pl.col(f"{column}_now") - pl.col(column))
        .group_by("site_id")
        .agg(pl.col("move").mean(), most=pl.col("move").abs().max())
        .filter(pl.col("most") > _SAME)
    )
    en, ru = [], []
    for is_more, (word_en, word_ru) in ((True, ("higher", "выше")), (False, ("lower", "ниже"))):
        some = moved.filter(pl.col("move") > _SAME if is_more else pl.col("move") < -_SAME)
        if some.is_empty():
            continue
        moves = [abs(move) for move in some["move"].to_list()]
        points, sites = in_number(sum(moves) / len(moves) * 100), _sites(len(moves))
        en.append(f"{word_en} now at {sites.en}, by {points.en} percentage points on average")
        ru.append(f"сейчас {word_ru} на {sites.ru}, в среднем на {points.ru} п. п.")
    even = moved.filter(pl.col("move").abs() <= _SAME).height
    if even:
        en.append(f"otherwise spread over the years at {_sites(even).en}")
        ru.append(f"иначе распределены по годам на {_sites(even).ru}")
    if en:
        text = "; ".join(ru).removesuffix(".")
        yield Words(en=f"{name.en}: {'; '.join(en)}.", ru=f"{name.ru}: {text}.")


def _relief_cap(then: pl.DataFrame, now: pl.DataFrame, keys: list[str]) -> Iterator[Words]:
    changed = _changed(then, now, keys, ["is_relief_capped", "relief_grace_years"])
    for is_now in (True, False):
        turned = (pl.col("is_relief_capped_now") == is_now) & (
            pl.col("is_relief_capped") != is_now
        )
        some = changed.filter(turned)
        if some.is_empty():
            continue
        sites = _sites(some["site_id"].n_unique())
        if is_now:
            years = counted(
                int(some["relief_grace_years_now"].to_list()[0]),
                ("year", "years"),
                ("года", "лет", "лет"),
            )
            yield Words(
                en=f"Tax relief at {sites.en} may not exceed own spending now, after "
                f"{years.en} of grace; then it was not bounded.",
                ru=f"Налоговые льготы на {sites.ru} сейчас ограничены собственными вложениями "
                f"по истечении {years.ru}; тогда предела не было.",
            )
        else:
            yield Words(
                en=f"Tax relief at {sites.en} was bounded by own spending then; now it is not.",
                ru=f"Налоговые льготы на {sites.ru} тогда были ограничены собственными "
                "вложениями; сейчас предела нет.",
            )
    grace = changed.filter(pl.col("is_relief_capped") & pl.col("is_relief_capped_now"))
    if grace.height:
        sites = _sites(grace["site_id"].n_unique())
        yield Words(
            en=f"The grace before tax relief is bounded has another length now at {sites.en}.",
            ru=f"Отсрочка до предела льгот сейчас имеет другую длину на {sites.ru}.",
        )


def _duties(reading: Reading, then: pl.DataFrame, now: pl.DataFrame) -> Iterator[Words]:
    keys = ["product_id", "stage_id", "country_id", "year"]
    changed = _changed(then, now, keys, ["rate_share"])
    if changed.is_empty():
        return
    groups = (
        changed.group_by("rate_share", "rate_share_now")
        .agg(
            pl.len().alias("cases"),
            pl.struct("product_id", "stage_id").n_unique().alias("goods"),
            pl.col("country_id").n_unique().alias("countries"),
            pl.col("year").unique(),
        )
        .sort(["cases", "rate_share", "rate_share_now"], descending=[True, False, False])
    )
    en, ru = [], []
    for row in groups.head(LARGEST_GROUPS).iter_rows(named=True):
        old, new = in_percent(row["rate_share"]), in_percent(row["rate_share_now"])
        goods = counted(row["goods"], ("good", "goods"), ("товара", "товаров", "товаров"))
        lands = counted(row["countries"], ("country", "countries"), ("страны", "стран", "стран"))
        when = reading.in_years(row["year"])
        en.append(f"{old.en} → {new.en} for {goods.en} from {lands.en}{when.en}")
        ru.append(f"{old.ru} → {new.ru} для {goods.ru} из {lands.ru}{when.ru}")
    rest = groups.height - LARGEST_GROUPS
    if rest > 0:
        en.append(f"and {rest} more such moves")
        ru.append(f"и ещё изменений ставки: {rest}")
    yield Words(
        en=f"Import duties, then → now: {'; '.join(en)}.",
        ru=f"Ввозные пошлины, тогда → сейчас: {'; '.join(ru)}.",
    )


def _lead_times(reading: Reading, then: pl.DataFrame, now: pl.DataFrame) -> Iterator[Words]:
    changed = _changed(then, now, ["step_id"], ["months"])
    for step_id, old, new in changed.iter_rows():
        leaf = reading.book.leaf(reading.programme.settings.rules[f"lead.{step_id}"])
        a, b = in_number(old), in_number(new)
        yield Words(
            en=f"Legal lead time, {lower_first(leaf.label_en)}: {a.en} months then, {b.en} now.",
            ru=f"Срок разрешения, {lower_first(leaf.label_ru)}: тогда {a.ru} мес., "
            f"сейчас {b.ru} мес.",
        )


_PARTY_RATES: Mapping[str, Words] = {
    "profit_rate_share": Words("profit tax at home", "налог на прибыль дома"),
    "withheld_dividend_share": Words(
        "tax withheld on dividends", "налог у источника с дивидендов"
    ),
    "withheld_royalty_share": Words("tax withheld on royalties", "налог у источника с роялти"),
}


def _party_tax(reading: Reading, then: pl.DataFrame, now: pl.DataFrame) -> Iterator[Words]:
    credit = "is_withholding_credited"
    changed = _changed(then, now, ["party_id", "year"], [*_PARTY_RATES, credit])
    for party_id in changed["party_id"].unique().sort():
        rows = changed.filter(pl.col("party_id") == party_id)
        name = reading.named("parties", "party_id", party_id)
        for column, what in _PARTY_RATES.items():
            moved = rows.filter((pl.col(column) - pl.col(f"{column}_now")).abs() > _SAME)
            for (old, new), some in moved.group_by(column, f"{column}_now", maintain_order=True):
                a, b = in_percent(float(str(old))), in_percent(float(str(new)))
                when = reading.in_years(some["year"])
                yield Words(
                    en=f"{name.en}, {what.en}: {a.en} then, {b.en} now{when.en}.",
                    ru=f"{name.ru}, {what.ru}: тогда {a.ru}, сейчас{when.ru} {b.ru}.",
                )
        turned = rows.filter(pl.col(credit) != pl.col(f"{credit}_now"))
        if turned.height:
            is_now = bool(turned[f"{credit}_now"].to_list()[0])
            yield Words(
                en=f"{name.en}: tax withheld is {'' if is_now else 'not '}credited at home now; "
                f"then it was{' not' if is_now else ''}.",
                ru=f"{name.ru}: налог у источника сейчас {'' if is_now else 'не '}засчитывается "
                f"дома, тогда {'не ' if is_now else ''}засчитывался.",
            )


_Teller = Callable[[Reading, pl.DataFrame, pl.DataFrame], Iterator[Words]]
_TELLERS: Mapping[str, _Teller] = {
    "access": _access,
    "standing": _standing,
    "site_tax": _site_tax,
    "party_tax": _party_tax,
    "duties": _duties,
    "lead_times": _lead_times,
}
