"""The room's sentences and figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from coproduce.dependence.mix import Mix
from coproduce.dependence.types import Totals
from coproduce.dependence.walk import Walk
from coproduce.records.figures import Figure, row_ref, weakest
from coproduce.records.programme import Programme
from coproduce.records.words import Words, in_percent

SAFE_NAMED = 8
"""How many products that look safe are named in sentences; the table has all."""

WALK_METHOD = (
    "demand followed up the bill of materials; each maker's inputs split as its own market's "
    "sources"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What the measures gave, for the sentences to draw on."""

    programme: Programme
    host_id: str
    year: int
    is_with_plan: bool
    walks: dict[str, Walk]
    weights: pl.DataFrame
    totals: Totals
    sufficiency: pl.DataFrame
    necks: pl.DataFrame
    countries: pl.DataFrame
    safe: pl.DataFrame
    mix: Mix

    @property
    def state(self) -> str:
        """The word that ends figure ids: ``today`` or ``plan``."""
        return "plan" if self.is_with_plan else "today"

    def name(self, table: str, key: str, value: str) -> Words:
        """Return the name of a row of a table in both languages."""
        row = self.programme[table].filter(pl.col(key) == value)
        if row.is_empty():
            return Words(value, value)
        return Words(row["name_en"][0], row["name_ru"][0])

    def country(self, country_id: str) -> Words:
        """Return the name of a country."""
        return self.name("countries", "country_id", country_id)

    def product(self, product_id: str) -> Words:
        """Return the name of a product."""
        return self.name("products", "product_id", product_id)

    def stage(self, product_id: str, stage_id: str) -> Words:
        """Return what a stage's output is called."""
        row = self.programme["stages"].filter(
            (pl.col("product_id") == product_id) & (pl.col("stage_id") == stage_id)
        )
        return Words(row["name_en"][0], row["name_ru"][0])


def finding(found: Found) -> Words:
    """Return the main numbers in one sentence."""
    soft = in_percent(found.totals.soft_packs_share)
    full = in_percent(found.totals.full_packs_share)
    whole = in_percent(found.totals.whole_packs_share)
    cycle, chain = _cycle(found.programme), _whole(found.programme)
    outside = found.countries.filter(~pl.col("is_inside"))
    goods = found.programme.settings.goods
    when_en = f"Under the plan, in {found.year}, " if found.is_with_plan else "Today "
    when_ru = f"По плану в {found.year} году " if found.is_with_plan else "Сегодня "
    depths = Words(
        f"{when_en}{soft.en} of {goods.en} have their last stage made inside the bloc, "
        f"{full.en} the full cycle ({cycle.en}), {whole.en} the whole chain ({chain.en})",
        f"{when_ru}у {soft.ru} {goods.ru} внутри союза сделана последняя стадия, у {full.ru} — "
        f"полный цикл ({cycle.ru}), у {whole.ru} — вся цепочка ({chain.ru})",
    )
    if outside.is_empty():
        return Words(f"{depths.en}.", f"{depths.ru}.")
    country = found.country(outside["country_id"][0])
    share = in_percent(outside["bottleneck_packs_share"][0])
    return Words(
        f"{depths.en}; the tightest hold is that of {country.en}: {share.en} of {goods.en} pass "
        "through it at some stage.",
        f"{depths.ru}; сильнее всего держит {country.ru}: через эту страну на какой-либо стадии "
        f"проходит {share.ru} {goods.ru}.",
    )


def _from_stage(programme: Programme, stage_id: str) -> Words:
    """Return where a run of stages begins, by the stage's name in the programme."""
    stage = programme.settings.stage_name(stage_id)
    return Words(f"from “{stage.en}” on", f"со стадии «{stage.ru}»")


def _cycle(programme: Programme) -> Words:
    """Return which stages of the chain the full cycle counts."""
    return _from_stage(programme, programme.settings.full_cycle_stage_id)


def _whole(programme: Programme) -> Words:
    """Return where the whole chain begins."""
    return _from_stage(programme, programme.settings.stage_ids[0])


def reasons(found: Found) -> tuple[Words, ...]:
    """Return why the numbers are what they are, most important first."""
    return (_depths(found), *_safe_reasons(found), *_neck_reasons(found))


def _depths(found: Found) -> Words:
    """Return the three self-sufficiencies by packs and by value, and what they count."""
    shares = {
        f"{kind}_{weight}": in_percent(getattr(found.totals, f"{kind}_{weight}_share"))
        for kind in ("soft", "full", "whole")
        for weight in ("packs", "value")
    }
    en = {name: share.en for name, share in shares.items()}
    ru = {name: share.ru for name, share in shares.items()}
    cycle, example = _cycle(found.programme), _cycle_example(found)
    goods = found.programme.settings.goods
    return Words(
        f"Made inside the bloc: the last stage for {en['soft_packs']} of {goods.en} "
        f"({en['soft_value']} by value); the full cycle {cycle.en}{example.en} for "
        f"{en['full_packs']} ({en['full_value']}); the whole chain from the first input on for "
        f"{en['whole_packs']} ({en['whole_value']}).",
        f"Внутри союза сделаны: последняя стадия — у {ru['soft_packs']} {goods.ru} "
        f"({ru['soft_value']} по стоимости); полный цикл {cycle.ru}{example.ru} — у "
        f"{ru['full_packs']} ({ru['full_value']}); вся цепочка с первого сырья — у "
        f"{ru['whole_packs']} ({ru['whole_value']}).",
    )


def _cycle_example(found: Found) -> Words:
    """Return where the full cycle of the product with most packs begins, or nothing."""
    stage_id = found.programme.settings.full_cycle_stage_id
    heaviest = found.sufficiency.sort(["demand_mn_packs", "product_id"], descending=[True, False])[
        "product_id"
    ]
    for product_id in heaviest:
        if (product_id, stage_id) in found.walks[product_id].chain.order:
            product, stage = found.product(product_id), found.stage(product_id, stage_id)
            return Words(
                f" (for {product.en}: “{stage.en}”)",
                f" (для продукта «{product.ru}» — «{stage.ru}»)",
            )
    return Words("", "")


def _safe_reasons(found: Found) -> Iterator[Words]:
    for row in found.safe.head(SAFE_NAMED).iter_rows(named=True):
        product, country = found.product(row["product_id"]), found.country(row["country_id"])
        stage = found.stage(row["input_product_id"], row["stage_id"])
        soft, share = in_percent(row["soft_share"]), in_percent(row["share"])
        yield Words(
            f"{product.en} looks safe only because the last stage is local: {soft.en} is finished "
            f"inside the bloc, but {share.en} rests on {country.en} for “{stage.en}”.",
            f"{product.ru}: продукт кажется защищённым только потому, что последняя стадия "
            f"местная: внутри союза завершается {soft.ru}, но {share.ru} держится на стране "
            f"«{country.ru}» (стадия «{stage.ru}»).",
        )


def _neck_reasons(found: Found) -> Iterator[Words]:
    heaviest = (
        found.necks.filter(~pl.col("is_inside") & (pl.col("share") > 0))
        .join(found.safe.head(SAFE_NAMED), on="product_id", how="anti")  # those are named above
        .join(found.weights, on="product_id")
        .sort(
            [pl.col("share") * pl.col("demand_mn_packs"), "product_id", "country_id"],
            descending=[True, False, False],
        )
        .unique("product_id", keep="first", maintain_order=True)
    )
    for row in heaviest.head(8).iter_rows(named=True):
        product, country = found.product(row["product_id"]), found.country(row["country_id"])
        stage = found.stage(row["input_product_id"], row["stage_id"])
        share = in_percent(row["share"])
        yield Words(
            f"{product.en}: {share.en} of demand passes through {country.en} at “{stage.en}”.",
            f"{product.ru}: {share.ru} спроса проходит через страну «{country.ru}» на стадии "
            f"«{stage.ru}».",
        )


def warnings(found: Found) -> tuple[Words, ...]:
    """Return what weakens the numbers."""
    return (*found.mix.warnings, *_default_warnings(found), *_price_warnings(found))


def _default_warnings(found: Found) -> Iterator[Words]:
    weight = dict(found.weights.select("product_id", "demand_mn_packs").iter_rows())
    packs: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    stages: dict[str, set[str]] = defaultdict(set)
    for product_id, walk in found.walks.items():
        for node, countries in walk.by_default.items():
            for code, part in countries.items():
                met = packs[code]
                met[product_id] = max(met[product_id], part * weight.get(product_id, 0.0))
                stages[code].add(node[1])
    order = sorted(packs, key=lambda code: (-sum(packs[code].values()), code))
    chain, goods = found.programme.settings.stage_ids, found.programme.settings.goods
    for code in order:
        country = found.country(code)
        share = in_percent(sum(packs[code].values()) / found.totals.demand_mn_packs)
        named = [stage for stage in chain if stage in stages[code]]
        names = [
            found.programme.settings.stage_name(stage) for stage in named or sorted(stages[code])
        ]
        products = f"{len(packs[code])}"
        yield Words(
            f"No row says where makers in {country.en} get some inputs "
            f"({', '.join(name.en for name in names)}); these are counted as made there: "
            f"{products} product(s), at most {share.en} of {goods.en}.",
            f"{country.ru}: нет строк о том, откуда производители берут часть сырья "
            f"({', '.join(name.ru for name in names)}); "
            f"оно считается сделанным там же: продуктов — {products}, не более {share.ru} "
            f"{goods.ru}.",
        )


def _price_warnings(found: Found) -> Iterator[Words]:
    unpriced = found.weights.filter(~pl.col("is_priced"))["product_id"].to_list()
    if unpriced:
        names = [found.product(product_id) for product_id in unpriced]
        yield Words(
            f"No price in any segment for: {'; '.join(name.en for name in names)}; they weigh "
            "nothing in totals by value.",
            f"Нет цены ни в одном сегменте: {'; '.join(name.ru for name in names)}; в "
            "итогах по стоимости они не учтены.",
        )


def figures(found: Found) -> tuple[Figure, ...]:
    """Return every number of the room that may be printed."""
    return (*_total_figures(found), *_country_figures(found), *_product_figures(found))


def _rows(found: Found, product_id: str | None = None) -> tuple[tuple[str, ...], str]:
    """Return the fact rows behind a product's walk, or behind all, and their weakest status."""
    walks = found.walks.values() if product_id is None else [found.walks[product_id]]
    nodes = {node for walk in walks for node in walk.chain.order}
    refs: list[str] = []
    statuses: set[str] = set()
    for table, keys in (
        ("sources", ("source_id",)),
        ("bom", ("product_id", "stage_id", "input_product_id", "input_stage_id")),
    ):
        frame = found.programme[table]
        for row in frame.sort(keys).iter_rows(named=True):
            if (row["product_id"], row["stage_id"]) in nodes:
                refs.append(row_ref(table, *(row[key] for key in keys)))
                statuses.add(row["status"])
    return tuple(refs), weakest(statuses)


def _weight_rows(found: Found, *, with_prices: bool) -> tuple[tuple[str, ...], str]:
    tables: dict[str, tuple[str, ...]] = {"demand": ("product_id", "zone_id", "segment_id")}
    if with_prices:
        tables["prices"] = ("product_id", "segment_id")
    refs: list[str] = []
    statuses: set[str] = set()
    for table, keys in tables.items():
        frame = found.programme[table].sort(keys)
        refs += [row_ref(table, *row) for row in frame.select(keys).iter_rows()]
        statuses |= set(frame["status"])
    return tuple(refs), weakest(statuses)


def _total_figures(found: Found) -> Iterator[Figure]:
    labels = {
        "soft": ("last stage inside the bloc", "последняя стадия внутри союза"),
        "full": ("full cycle inside the bloc", "полный цикл внутри союза"),
        "whole": ("whole chain inside the bloc", "вся цепочка внутри союза"),
    }
    unknown = {
        "soft": 0.0,  # whoever is known to finish a product is known to be inside or not
        "full": found.totals.full_unknown_packs_share,
        "whole": found.totals.unknown_packs_share,
    }
    goods = found.programme.settings.goods
    by_number = (f"by {goods.en}", f"по числу {goods.ru}")
    weights = {"packs": by_number, "value": ("by value", "по стоимости")}
    _, source_status = _rows(found)
    for weight, (by_en, by_ru) in weights.items():
        rows, status = _weight_rows(found, with_prices=weight == "value")
        for kind, (what_en, what_ru) in labels.items():
            yield Figure(
                figure_id=f"dependence.{kind}_{weight}.{found.state}",
                value=getattr(found.totals, f"{kind}_{weight}_share"),
                unit="share",
                label_en=f"Self-sufficiency, {what_en}, {by_en}",
                label_ru=f"Самообеспеченность, {what_ru}, {by_ru}",
                status=weakest([status, source_status]),
                rows=rows,
                parts=_parts(found, kind),
                method=f"mean of the products' shares, weighted {by_en}; {WALK_METHOD}",
                note=_unknown_note(unknown[kind], goods.en),
            )


def _unknown_note(share: float, goods: str) -> str:
    if share <= 0:
        return ""
    return f"for {in_percent(share).en} of {goods} the inputs of makers inside are not known"


def _parts(found: Found, kind: str) -> tuple[str, ...]:
    """Return the products' figures, through which a total is traced to the sources' rows."""
    return tuple(f"dependence.{kind}.{found.state}.{product}" for product in found.walks)


def _country_figures(found: Found) -> Iterator[Figure]:
    _, status = _rows(found)
    demand_rows, demand_status = _weight_rows(found, with_prices=False)
    for row in found.countries.iter_rows(named=True):
        country = found.country(row["country_id"])
        yield Figure(
            figure_id=f"dependence.country_bottleneck.{found.state}.{row['country_id']}",
            value=row["bottleneck_packs_share"],
            unit="share",
            label_en=f"Packs that pass through {country.en} at their tightest stage",
            label_ru=f"Упаковки, проходящие через страну «{country.ru}» на самой узкой стадии",
            status=weakest([status, demand_status]),
            rows=demand_rows,
            parts=_parts(found, "bottleneck"),
            method="the country's largest chain share over the stages of each product, weighted "
            f"by {found.programme.settings.goods.en}; {WALK_METHOD}",
        )


def _where(found: Found, neck: dict[str, Any] | None) -> Words:
    """Return the country and stage of a product's tightest hold from outside."""
    if neck is None:
        return Words("no outside country", "нет")
    country = found.country(neck["country_id"])
    stage = found.programme.settings.stage_name(neck["stage_id"])
    return Words(f"{country.en} at “{stage.en}”", f"{country.ru}, стадия «{stage.ru}»")


def _product_figures(found: Found) -> Iterator[Figure]:
    necks = found.necks.filter(~pl.col("is_inside")).unique(
        "product_id", keep="first", maintain_order=True
    )
    by_product = {row["product_id"]: row for row in necks.iter_rows(named=True)}
    for row in found.sufficiency.iter_rows(named=True):
        product_id = row["product_id"]
        product = found.product(product_id)
        refs, status = _rows(found, product_id)
        neck = by_product.get(product_id)
        where = _where(found, neck)
        full, whole = row["full_cycle_share"], row["whole_chain_share"]
        unknown = row["unknown_share"]
        for kind, value, unknown_share, label in (
            (
                "soft",
                row["soft_share"],
                0.0,
                ("last stage inside", "последняя стадия внутри союза"),
            ),
            (
                "full",
                full,
                row["full_unknown_share"],
                ("full cycle inside", "полный цикл внутри союза"),
            ),
            ("whole", whole, unknown, ("whole chain inside", "вся цепочка внутри союза")),
            (
                "bottleneck",
                neck["share"] if neck else 0.0,
                unknown,
                (
                    f"tightest outside hold: {where.en}",
                    f"самая сильная внешняя зависимость: {where.ru}",
                ),
            ),
        ):
            yield Figure(
                figure_id=f"dependence.{kind}.{found.state}.{product_id}",
                value=value,
                unit="share",
                label_en=f"{product.en}: {label[0]}",
                label_ru=f"{product.ru}: {label[1]}",
                status=status,
                rows=refs,
                method=WALK_METHOD,
                note=_unknown_note(unknown_share, found.programme.settings.goods.en),
            )


__all__ = ["Found", "figures", "finding", "reasons", "warnings"]
