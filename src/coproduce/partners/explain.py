"""The room's sentences and figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from coproduce.partners.evidence import BY_TECHNOLOGY, EXACT
from coproduce.partners.score import WEIGHTS
from coproduce.records.figures import Figure, row_ref, weakest
from coproduce.records.programme import Programme
from coproduce.records.words import Words

STRONGEST = 3
"""How many terms a match's reasons name besides why the host side wants it."""

SURE_NEED = 0.5
"""From this value on a need names the product itself, or its technology with double weight."""

STATUS_WORDS = {
    "observed": Words("observed", "наблюдалось"),
    "reported": Words("reported", "по сообщению"),
    "estimated": Words("estimated", "оценка"),
    "assumed": Words("assumed", "допущение"),
    "synthetic": Words("made up", "условные данные"),
}
SEEKS_WORDS = {
    "market_access": Words("access to the market", "выход на рынок"),
    "contract_making": Words("contract making", "контрактное производство"),
    "site": Words("a site", "площадку"),
    "capital": Words("capital", "капитал"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the room found, for the sentences to draw on."""

    programme: Programme
    chosen: pl.DataFrame
    withheld: pl.DataFrame
    considered: int

    def names(self, table: str, key: str) -> Mapping[str, Words]:
        """Return id → name of a table in both languages."""
        rows = self.programme[table].select(key, "name_en", "name_ru").iter_rows()
        return {row: Words(en, ru or en) for row, en, ru in rows}

    def stage_names(self) -> Mapping[tuple[str, str], Words]:
        """Return (product_id, stage_id) → what the stage's output is called."""
        columns = ("product_id", "stage_id", "name_en", "name_ru")
        rows = self.programme["stages"].select(columns).iter_rows()
        return {(product, stage): Words(en, ru) for product, stage, en, ru in rows}


def with_reasons(found: Found) -> pl.DataFrame:
    """Return the chosen matches with reasons_en and reasons_ru from their strongest terms."""
    companies = found.names("companies", "company_id")
    products = found.names("products", "product_id")
    stages = found.stage_names()
    presence = dict(found.programme["companies"].select("company_id", "host_presence").iter_rows())
    made = []
    for row in found.chosen.iter_rows(named=True):
        names = {
            "host": companies[row["host_company_id"]],
            "partner": companies[row["partner_company_id"]],
            "product": products[row["product_id"]],
            "stage": stages[row["product_id"], row["stage_id"]],
        }
        known = presence.get(row["partner_company_id"])
        made.append(_why(row, names, known, found.programme.settings.rule_instant.isoformat()))
    return found.chosen.with_columns(
        reasons_en=pl.Series([words.en for words in made], dtype=pl.String),
        reasons_ru=pl.Series([words.ru for words in made], dtype=pl.String),
    )


def _why(row: dict[str, Any], names: dict[str, Words], presence: str | None, day: str) -> Words:
    partner, product, stage = names["partner"], names["product"], names["stage"]
    lead = _lead(row["fit"], partner, product, stage)
    weight = {term: share for terms in WEIGHTS.values() for term, share in terms.items()}
    ranked = sorted(weight, key=lambda term: (-row[term] * weight[term], term))
    # Why the host side wants it comes first, however small its part in the score.
    first = [term for term in ("need", "gap") if row[term]][:1]
    rest = [term for term in ranked if row[term] and term not in first][:STRONGEST]
    parts = [_part(term, row, names, presence, day) for term in (*first, *rest)]
    if row["certificate"] < 1 and "certificate" not in rest:
        parts.append(_no_certificate(row["certificate"], day))
    listed = [lead, *parts]
    return Words("; ".join(w.en for w in listed) + ".", "; ".join(w.ru for w in listed) + ".")


def _lead(fit: float, partner: Words, product: Words, stage: Words) -> Words:
    """Say no more than the evidence does: the product itself, its technology, or such a stage."""
    if fit == EXACT:
        return Words(
            f"{partner.en} makes “{stage.en}” of {product.en}",
            f"{partner.ru} делает стадию «{stage.ru}» продукта «{product.ru}»",
        )
    if fit == BY_TECHNOLOGY:
        return Words(
            f"{partner.en} runs the technology for “{stage.en}” of {product.en}, though it is not "
            "known to make it",
            f"{partner.ru} владеет технологией для стадии «{stage.ru}» продукта «{product.ru}», "
            "но о самом выпуске сведений нет",
        )
    return Words(
        f"{partner.en} makes stages like “{stage.en}” of {product.en}, though of which products "
        "is not known",
        f"{partner.ru} делает стадии, подобные «{stage.ru}» продукта «{product.ru}», но каких "
        "продуктов — неизвестно",
    )


def _no_certificate(value: float, day: str) -> Words:
    if value == 0:
        return Words(
            "but its certificate was refused or suspended",
            "но в сертификате отказано, или он приостановлен",
        )
    return Words(
        f"no certificate valid on {day} for this stage is on record",
        f"действующий на {day} сертификат на эту стадию не найден",
    )


def _part(
    term: str, row: dict[str, Any], names: dict[str, Words], presence: str | None, day: str
) -> Words:
    host, partner = names["host"], names["partner"]
    status = STATUS_WORDS[row["evidence_status"]]
    share, larger = f"{100 * row['security']:.0f}", f"{100 * (1 - row['market']):.0f}"
    seeks = SEEKS_WORDS.get(row["seeks"] or "", Words("a partner", "партнёра"))
    sentences = {
        "gap": Words(
            f"{host.en} makes later stages but not this one",
            f"{host.ru}: есть следующие стадии, но нет этой",
        )
        if row["host_fit"] == EXACT
        else Words(
            f"{host.en} runs the technology of later stages but does not make this one",
            f"{host.ru}: есть технология следующих стадий, но нет этой",
        ),
        "need": Words(f"{host.en} looks for this", f"{host.ru} ищет именно это")
        if row["need"] >= SURE_NEED
        else Words(
            f"{host.en} looks for partners without naming the product",
            f"{host.ru} ищет партнёров, не называя продукта",
        ),
        "evidence": Words(
            f"shown by: {row['shown']} ({status.en})",
            f"подтверждение: {_in_russian(row['shown'])}{status.ru}",
        ),
        "certificate": Words(
            f"its certificate is valid on {day}", f"сертификат действует на {day}"
        )
        if row["certificate"] == 1
        else _no_certificate(row["certificate"], day),
        "security": Words(
            f"{share}% of demand hangs on one country outside at this stage",
            f"на этой стадии {share}\u00a0% спроса держится на одной внешней стране",
        ),
        "market": Words(
            "no product of the programme has a larger market",
            "ни у одного продукта программы рынок не больше",
        )
        if row["market"] == 1
        else Words(
            f"{larger}% of the programme's products have a larger market",
            f"рынок больше только у {larger}\u00a0% продуктов программы",
        ),
        "route": Words(
            f"{host.en} can take it on to the market",
            f"{host.ru} может довести продукт до рынка",
        ),
        "wish": Words(f"{partner.en} looks for {seeks.en}", f"{partner.ru} ищет {seeks.ru}"),
        "place": Words(
            f"{host.en} has, or has near it, a site for the technology",
            f"{host.ru}: есть своя или соседняя площадка под эту технологию",
        ),
        "presence": Words(
            f"{partner.en} is already present: {presence}",
            f"{partner.ru}: уже присутствует на рынке {_in_russian(presence)}".rstrip(" ,:"),
        ),
        "size": Words(
            "the two are of similar size"
            if row["size"] > 0.5
            else "nothing is known against their fit in size",
            "компании близки по размеру"
            if row["size"] > 0.5
            else "данных о несоответствии размеров нет",
        ),
    }
    return sentences[term]


def _in_russian(text: str | None) -> str:
    """Return free text of the data with a comma if it is Russian; foreign text is left out."""
    return f"{text}, " if text and re.search("[а-яё]", text, re.IGNORECASE) else ""


def finding(found: Found) -> Words:
    """Return the main numbers in one sentence."""
    if found.chosen.is_empty():
        return Words(
            "No pair of companies fits: nobody on the partner side is known to make what the "
            "host side lacks.",
            "Подходящих пар нет: неизвестно, кто на стороне партнёра делает то, чего не хватает "
            "принимающей стороне.",
        )
    best = found.chosen.row(0, named=True)
    companies = found.names("companies", "company_id")
    product = found.names("products", "product_id")[best["product_id"]]
    host, partner = companies[best["host_company_id"]], companies[best["partner_company_id"]]
    count, products = found.chosen.height, found.chosen["product_id"].n_unique()
    score = f"{best['score']:.2f}"
    return Words(
        f"{count} matches for {products} products; the best is {host.en} with {partner.en} for "
        f"{product.en} (score {score}).",
        f"Совпадений — {count}, продуктов — {products}; лучшее: {host.ru} и {partner.ru}, "
        f"{product.ru} (оценка {score.replace('.', ',')}).",
    )


def reasons(found: Found) -> tuple[Words, ...]:
    """Return the reasons of the ten best matches."""
    rows = with_reasons(found).head(10).iter_rows(named=True)
    companies = found.names("companies", "company_id")
    return tuple(
        Words(
            f"{companies[row['host_company_id']].en}: {row['reasons_en']}",
            f"{companies[row['host_company_id']].ru}: {row['reasons_ru']}",
        )
        for row in rows
    )


def warnings(found: Found) -> tuple[Words, ...]:
    """Return what a reader must know."""
    return tuple(_warnings(found))


def _warnings(found: Found) -> Iterator[Words]:
    companies = found.names("companies", "company_id")
    for row in found.withheld.iter_rows(named=True):
        name, count = companies[row["company_id"]], row["matches_withheld"]
        yield Words(
            f"{name.en} is on a screening list; {count} possible match(es) with it are withheld.",
            f"{name.ru} — в проверочном списке; скрыто возможных совпадений: {count}.",
        )
    weak = found.chosen.filter(pl.col("evidence") < 0.5).height
    if weak:
        yield Words(
            f"{weak} of {found.chosen.height} matches rest on evidence about a technology, or on "
            "an assumption, not on a register of the product itself.",
            f"Совпадений, основанных на технологии или допущении, а не на реестре самого "
            f"продукта: {weak} из {found.chosen.height}.",
        )


def figures(found: Found) -> tuple[Figure, ...]:
    """Return every number of the room that may be printed."""
    return (*_count_figures(found), *_match_figures(found))


def _count_figures(found: Found) -> Iterator[Figure]:
    tables = {"capabilities": "capability_id", "needs": "need_id"}
    rows = tuple(
        row_ref(table, row)
        for table, key in tables.items()
        for row in found.programme[table][key].sort()
    )
    status = weakest(
        {status for table in tables for status in found.programme[table]["status"].unique()}
    )
    chosen = found.chosen
    for name, value, en, ru in (
        ("matches", chosen.height, "Matches kept", "Совпадения"),
        ("considered", found.considered, "Pairs scored", "Рассмотренные пары"),
        ("hosts", chosen["host_company_id"].n_unique(), "Host companies", "Принимающие компании"),
        ("partners", chosen["partner_company_id"].n_unique(), "Partner companies", "Партнёры"),
        ("products", chosen["product_id"].n_unique(), "Products matched", "Продукты"),
        ("withheld", found.withheld.height, "Companies withheld", "Скрытые компании"),
    ):
        yield Figure(
            figure_id=f"partners.{name}",
            value=float(value),
            unit="count",
            label_en=en,
            label_ru=ru,
            status=status,
            rows=rows,
            method="capabilities joined with gaps and needs by product and stage",
        )


def _match_figures(found: Found) -> Iterator[Figure]:
    companies = found.names("companies", "company_id")
    status = {
        (table, row[0]): row[1]
        for table, key in (
            ("capabilities", "capability_id"),
            ("needs", "need_id"),
            ("certificates", "certificate_id"),
        )
        for row in found.programme[table].select(key, "status").iter_rows()
    }
    for row in found.chosen.iter_rows(named=True):
        used = [
            (table, row[column])
            for table, column in (
                ("capabilities", "capability_id"),
                ("needs", "need_id"),
                ("needs", "partner_need_id"),
                ("certificates", "certificate_id"),
            )
            if row[column] is not None
        ]
        host, partner = companies[row["host_company_id"]], companies[row["partner_company_id"]]
        yield Figure(
            figure_id=f"partners.score.{row['match_id']}",
            value=row["score"],
            unit="share",
            label_en=f"Score of {host.en} with {partner.en}",
            label_ru=f"Оценка пары: {host.ru} и {partner.ru}",
            status=weakest(status[item] for item in used),
            rows=tuple(row_ref(table, key) for table, key in used),
            method="harmonic mean of the two sides' weighted terms",
        )
