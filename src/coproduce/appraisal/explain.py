"""The room's sentences in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from coproduce.appraisal.answer import Answer
from coproduce.appraisal.checks import proven_gaps_mn
from coproduce.appraisal.figures import figures
from coproduce.appraisal.tables import NAMES
from coproduce.appraisal.types import Inputs
from coproduce.appraisal.zone import LEVERS
from coproduce.records.figures import Figure
from coproduce.records.programme import Programme
from coproduce.records.words import (
    Words,
    in_money,
    in_number,
    in_percent,
    lower_first,
    one_stop,
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Sentences and figures of the room."""

    finding: Words
    reasons: tuple[Words, ...]
    warnings: tuple[Words, ...]
    figures: tuple[Figure, ...]


def explain(inputs: Inputs, answer: Answer) -> Explanation:
    """Return the finding, the reasons, the warnings and every figure."""
    currency = inputs.programme.settings.currency
    reasons = (
        *_gains(answer, currency),
        *_deals(answer, currency),
        *_displacement(answer, currency),
        *_zone(answer, currency),
        *_levers(answer),
        *_taxes(answer, currency),
    )
    return Explanation(
        one_stop(_finding(answer, currency, proven_gaps_mn(inputs))),
        reasons,
        tuple(_warnings(inputs.programme, answer)),
        figures(inputs, answer),
    )


def _finding(answer: Answer, currency: str, gaps_mn: float) -> Words:
    found, case = answer.verdict, answer.case
    host, partner = case.host, case.partner
    of_host = in_money(found.host_gain_mn, currency)
    of_partner = in_money(found.partner_gain_mn, currency)
    gains = Words(
        f"{host.name_en} {of_host.en}, {partner.name_en} {of_partner.en}",
        f"{lower_first(host.name_ru)} — {of_host.ru}, {lower_first(partner.name_ru)} — "
        f"{of_partner.ru}",
    )
    if max(abs(found.host_gain_mn), abs(found.partner_gain_mn)) == 0.0:
        return Words(
            "Neither side gains or loses: the plan leaves both with their best alternatives.",
            "Ни одна сторона не выигрывает и не теряет: план оставляет каждой лучшее, что она "
            "может без другой.",
        )
    if min(abs(found.host_gain_mn), abs(found.partner_gain_mn)) < gaps_mn:
        gaps = in_money(gaps_mn, currency)
        return Words(
            f"Whether both sides gain cannot be told within the proven gaps of the two plans, "
            f"{gaps.en} together: {gains.en}.",
            f"Выигрывают ли обе стороны, в пределах доказанных разрывов двух планов (вместе "
            f"{gaps.ru}) сказать нельзя: {gains.ru}.",
        )
    if found.is_mutual:
        return Words(
            f"Both sides gain against their best alternatives: {gains.en}.",
            f"Выигрывают обе стороны по сравнению с лучшим, что каждая может без другой: "
            f"{gains.ru}.",
        )
    other = _best_mutual(answer)
    if other is not None:
        return Words(
            f"In the chosen form the deal does not pay both sides ({gains.en}); in another both "
            f"gain: {other['name_en']}.",
            f"В выбранной форме сделка выгодна не обеим сторонам ({gains.ru}); в другой "
            f"выигрывают обе: {lower_first(str(other['name_ru']))}.",
        )
    if found.is_zone_open:
        return Words(
            f"As written the deal pays one side only ({gains.en}), but a payment between them "
            "makes both better off.",
            f"В нынешнем виде сделка выгодна лишь одной стороне ({gains.ru}), но платёж между "
            "ними делает её выгодной обеим.",
        )
    return Words(
        f"No payment between the sides makes both better off: {gains.en}.",
        f"Никакой платёж между сторонами не делает сделку выгодной обеим: {gains.ru}.",
    )


def _best_mutual(answer: Answer) -> dict[str, Any] | None:
    """Return the deal that leaves both better off and gives the side that gains less the most."""
    mutual = answer.deals.filter("is_mutual")
    if mutual.is_empty():
        return None
    keys = ("deal_id", "name_en", "name_ru")
    least = mutual.group_by(*keys, maintain_order=True).agg(pl.col("gain_mn").min())
    return least.sort("gain_mn", descending=True).row(0, named=True)


def _gains(answer: Answer, currency: str) -> Iterator[Words]:
    for row in answer.parties.iter_rows(named=True):
        other_en, other_ru = NAMES[row["best_alternative_id"]]
        worth, rate = in_money(row["npv_mn"], currency), in_percent(row["discount_rate_share"])
        best = in_money(row["best_alternative_npv_mn"], currency)
        gain = in_money(row["gain_mn"], currency)
        yield Words(
            f"{row['name_en']}: the joint deal is worth {worth.en}; the best alternative "
            f"({lower_first(other_en)}) is worth {best.en}; the gain is {gain.en}, discounted at "
            f"{rate.en} a year.",
            f"{row['name_ru']}: совместная сделка стоит {worth.ru}; лучшее без партнёра "
            f"({lower_first(other_ru)}) — {best.ru}; выигрыш {gain.ru} при ставке {rate.ru} в "
            "год.",
        )


def _displacement(answer: Answer, currency: str) -> Iterator[Words]:
    case = answer.case
    lost = -case.valuation.npv(
        case.partner, {"x": answer.worth.partner_flows["exports_displaced"]}
    )
    if lost > 0:
        margin = in_money(lost, currency)
        yield Words(
            f"The plan's sales push out part of what {case.partner.name_en} exports today; the "
            f"margin lost, {margin.en} after tax, is counted as a cost of the deal.",
            f"Продажи по плану вытесняют часть сегодняшних поставок "
            f"({lower_first(case.partner.name_ru)}); потерянная прибыль, {margin.ru} после "
            "налога, учтена как издержка сделки.",
        )
    closed = float(case.trade.lost_to_law[-1])
    if closed > 0:
        year, shut = case.valuation.years[-1], in_money(closed, currency)
        yield Words(
            f"Rules of access close {shut.en} of today's exports of {case.partner.name_en} in "
            f"{year}, with or without the plan; exporting as today is worth that much less.",
            f"Правила доступа в {year} году закрывают {shut.ru} сегодняшних поставок "
            f"({lower_first(case.partner.name_ru)}) и без плана; прежний экспорт стоит на столько "
            "дешевле.",
        )


def _zone(answer: Answer, currency: str) -> Iterator[Words]:
    found, case = answer.verdict, answer.case
    if found.payment_low_mn is None or found.payment_high_mn is None:
        return
    yield _payments(answer, found.payment_low_mn, found.payment_high_mn, currency)
    if found.fair_payment_mn is not None:
        assert found.fair_host_gain_mn is not None  # noqa: S101 — comes with the payment
        assert found.fair_partner_gain_mn is not None  # noqa: S101
        payer, receiver = case.host, case.partner
        if found.fair_payment_mn < 0:
            payer, receiver = receiver, payer
        paid = in_money(abs(found.fair_payment_mn), currency)
        of_host = in_money(found.fair_host_gain_mn, currency)
        of_partner = in_money(found.fair_partner_gain_mn, currency)
        yield one_stop(
            Words(
                f"A fair division (Nash bargain): {payer.name_en} pays {paid.en} once to "
                f"{receiver.name_en}; the gains are then {of_host.en} for {case.host.name_en} and "
                f"{of_partner.en} for {case.partner.name_en}.",
                f"Справедливый делёж (по Нэшу): {lower_first(payer.name_ru)} один раз платит "
                f"{paid.ru}; тогда выигрыш: {lower_first(case.host.name_ru)} — {of_host.ru}, "
                f"{lower_first(case.partner.name_ru)} — {of_partner.ru}.",
            )
        )


def _payments(answer: Answer, low_mn: float, high_mn: float, currency: str) -> Words:
    """Say which single payments leave both whole, from the payer's side."""
    host, partner = answer.case.host, answer.case.partner
    if low_mn < 0 < high_mn:
        most, back = in_money(high_mn, currency), in_money(-low_mn, currency)
        return one_stop(
            Words(
                f"Zone of agreement: neither side loses if {host.name_en} pays the other up to "
                f"{most.en} once, or {partner.name_en} up to {back.en}.",
                f"Зона согласия: никто не проигрывает, если {lower_first(host.name_ru)} разово "
                f"платит другой до {most.ru} или {lower_first(partner.name_ru)} — до {back.ru}.",
            )
        )
    payer, ends = (host, (low_mn, high_mn)) if low_mn >= 0 else (partner, (-high_mn, -low_mn))
    least, most = (in_money(end, currency) for end in ends)
    return Words(
        f"Zone of agreement: neither side loses only if {payer.name_en} pays between {least.en} "
        f"and {most.en} once, or the terms move by as much.",
        f"Зона согласия: никто не проигрывает, только если {lower_first(payer.name_ru)} разово "
        f"платит от {least.ru} до {most.ru} или условия меняются на столько же.",
    )


def _levers(answer: Answer) -> Iterator[Words]:
    sentences = {lever.lever_id: (lever.opens_en, lever.opens_ru) for lever in LEVERS}
    enough = answer.levers.filter("is_enough")
    for row in enough.iter_rows(named=True):
        change = in_number(row["value"] * 100)
        opens_en, opens_ru = sentences[row["lever_id"]]
        yield Words(opens_en.format(change.en), opens_ru.format(change.ru))
    rest = answer.levers.filter(~pl.col("is_enough"))
    if rest.height:
        yield Words(
            f"Not enough alone, within the range looked at: {', '.join(rest['name_en'])}.",
            f"В рассмотренных пределах одной меры не хватает: {', '.join(rest['name_ru'])}.",
        )


def _taxes(answer: Answer, currency: str) -> Iterator[Words]:
    exact = float(answer.statement["tax_mn"].sum())
    planned = float(answer.statement["plan_tax_mn"].sum())
    paid, reckoned = in_money(exact, currency), in_money(planned, currency)
    differs = in_money(abs(exact - planned), currency)
    yield Words(
        f"Profit tax with losses, the clock of first profit and the cap on relief is {paid.en} "
        f"over the horizon; the plan had reckoned with {reckoned.en}, {differs.en} "
        f"{'more' if planned > exact else 'less'}.",
        f"Налог на прибыль с учётом убытков, отсчёта от первой прибыли и предела льготы — "
        f"{paid.ru} за весь срок; в плане было {reckoned.ru}, на {differs.ru} "
        f"{'больше' if planned > exact else 'меньше'}.",
    )
    relief = float(answer.statement["relief_mn"].sum())
    if relief > 0:
        saved = in_money(relief, currency)
        yield Words(
            f"Tax relief of the sites is {saved.en} over the horizon.",
            f"Налоговые льготы площадок — {saved.ru} за весь срок.",
        )


def _deals(answer: Answer, currency: str) -> Iterator[Words]:
    forms = answer.deals["deal_id"].n_unique()
    mutual = answer.deals.filter("is_mutual")["deal_id"].n_unique()
    best = _best_mutual(answer)
    if best is None:
        yield Words(
            f"None of the {forms} forms of deal leaves both sides better off without a payment "
            "between them.",
            f"Ни одна из форм сделки ({forms}) не выгодна обеим сторонам без платежа между ними.",
        )
        return
    least = in_money(best["gain_mn"], currency)
    if mutual == 1:
        yield one_stop(
            Words(
                f"Of {forms} forms of deal on the same plan, one leaves both sides better off: "
                f"“{best['name_en']}”; the side that gains less gains {least.en}.",
                f"Из {forms} форм сделки при том же плане обеим сторонам выгодна одна — "
                f"«{best['name_ru']}»; меньший из двух выигрышей — {least.ru}.",
            )
        )
    else:
        yield Words(
            f"Of {forms} forms of deal on the same plan, {mutual} leave both sides better off; "
            f"the side that gains less gets most under “{best['name_en']}” ({least.en}).",
            f"Форм сделки, при том же плане выгодных обеим сторонам: {mutual} из {forms}; менее "
            f"выигравшая сторона больше всего получает в форме «{best['name_ru']}» "
            f"({least.ru}).",
        )


def _warnings(programme: Programme, answer: Answer) -> Iterator[Words]:
    sites = {
        site_id: Words(en, ru)
        for site_id, en, ru in programme["sites"]
        .select("site_id", "name_en", pl.coalesce("name_ru", "name_en"))
        .iter_rows()
    }
    for site_id, years in answer.worth.venture.tax_years.items():
        name = sites.get(site_id, Words(site_id, site_id))
        if any(year.relief_mn < 0 for year in years):
            yield Words(
                f"{name.en}: relief taken in the years of grace exceeds capital cost and is paid "
                "back when the cap is first checked.",
                f"{name.ru}: льгота первых лет превысила капитальные затраты и возвращается, "
                "когда предел проверяется впервые.",
            )
    for row in answer.parties.iter_rows(named=True):
        if row["irr_share"] is None:
            yield Words(
                f"{row['name_en']}: no rate of return is quoted, because {row['irr_note']}.",
                f"{row['name_ru']}: внутренняя норма доходности не приводится: единственной "
                f"ставки, при которой сделка стоит ноль, нет.",
            )
    equity = answer.zone.filter(pl.col("term_id") == "partner_equity").row(0, named=True)
    if equity["is_open"] and equity["high"] > 0.5:
        yield Words(
            "A partner's share above one half makes the undertaking foreign controlled, which "
            "may close market segments; the same plan was appraised nonetheless.",
            "При доле партнёра больше половины предприятие окажется под иностранным контролем, "
            "и часть рынка может закрыться; план при этом взят тот же.",
        )


__all__ = ["Answer", "Explanation", "explain"]
