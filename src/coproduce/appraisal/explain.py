"""The room's sentences in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from coproduce.appraisal.answer import Answer
from coproduce.appraisal.figures import figures
from coproduce.appraisal.tables import NAMES
from coproduce.appraisal.types import Inputs
from coproduce.appraisal.zone import LEVERS
from coproduce.records.figures import Figure
from coproduce.records.words import Words


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
        _finding(answer, currency), reasons, tuple(_warnings(answer)), figures(inputs, answer)
    )


def en(value: float, digits: int | None = None) -> str:
    """Return a number as English writes it; small ones get a decimal.

    Example:
        >>> en(-1234.5), en(12.34)
        ('-1,234', '12.3')
    """
    return f"{value:,.{_digits(value) if digits is None else digits}f}"


def ru(value: float, digits: int | None = None) -> str:
    """Return a number as Russian writes it, for example ``−1 234`` and ``12,3``."""
    digits = _digits(value) if digits is None else digits
    text = f"{abs(value):,.{digits}f}".replace(",", "\u00a0").replace(".", ",")
    is_negative = float(f"{value:.{digits}f}") < 0
    return f"\u2212{text}" if is_negative else text


def _digits(value: float) -> int:
    return 0 if abs(value) >= 100 else 1


def _finding(answer: Answer, currency: str) -> Words:
    found, case = answer.verdict, answer.case
    host, partner = case.host, case.partner
    gains_en = (
        f"{host.name_en} {en(found.host_gain_mn)} mn {currency}, "
        f"{partner.name_en} {en(found.partner_gain_mn)} mn {currency}"
    )
    gains_ru = (
        f"{host.name_ru} — {ru(found.host_gain_mn)} млн {currency}, "
        f"{partner.name_ru} — {ru(found.partner_gain_mn)} млн {currency}"
    )
    if found.is_mutual:
        return Words(
            f"Both sides gain against their best alternatives: {gains_en}.",
            f"Выигрывают обе стороны по сравнению с лучшим, что каждая может без другой: "
            f"{gains_ru}.",
        )
    other = _best_mutual(answer)
    if other is not None:
        return Words(
            f"In the chosen form the deal does not pay both sides ({gains_en}); in another both "
            f"gain: {other['name_en']}.",
            f"В выбранной форме сделка выгодна не обеим сторонам ({gains_ru}); в другой "
            f"выигрывают обе: {_lower(str(other['name_ru']))}.",
        )
    if found.is_zone_open:
        return Words(
            f"As written the deal pays one side only ({gains_en}), but a payment between them "
            "makes both better off.",
            f"В нынешнем виде сделка выгодна лишь одной стороне ({gains_ru}), но платёж между "
            "ними делает её выгодной обеим.",
        )
    return Words(
        f"No payment between the sides makes both better off: {gains_en}.",
        f"Никакой платёж между сторонами не делает сделку выгодной обеим: {gains_ru}.",
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
        yield Words(
            f"{row['name_en']}: the joint deal is worth {en(row['npv_mn'])} mn {currency}; the "
            f"best alternative ({other_en.lower()}) is worth "
            f"{en(row['best_alternative_npv_mn'])} mn; the gain is {en(row['gain_mn'])} mn, at "
            f"{row['discount_rate_share']:.1%} a year.",
            f"{row['name_ru']}: совместная сделка стоит {ru(row['npv_mn'])} млн {currency}; "
            f"лучшее без партнёра ({_lower(other_ru)}) — "
            f"{ru(row['best_alternative_npv_mn'])} млн; "
            f"выигрыш {ru(row['gain_mn'])} млн при ставке "
            f"{ru(row['discount_rate_share'] * 100, 1)} % в год.",
        )


def _displacement(answer: Answer, currency: str) -> Iterator[Words]:
    case = answer.case
    lost = -case.valuation.npv(
        case.partner, {"x": answer.worth.partner_flows["exports_displaced"]}
    )
    if lost > 0:
        yield Words(
            f"The plan's sales push out part of what {case.partner.name_en} exports today; the "
            f"margin lost, {en(lost)} mn {currency} after tax, is counted as a cost of the deal.",
            f"Продажи по плану вытесняют часть сегодняшних поставок ({case.partner.name_ru}); "
            f"потерянная прибыль, {ru(lost)} млн {currency} после налога, учтена как издержка "
            f"сделки.",
        )
    closed = float(case.trade.lost_to_law[-1])
    if closed > 0:
        year = case.valuation.years[-1]
        yield Words(
            f"Rules of access close {en(closed)} mn {currency} of today's exports of "
            f"{case.partner.name_en} in {year}, with or without the plan; exporting as today is "
            "worth that much less.",
            f"Правила доступа в {year} году закрывают {ru(closed)} млн {currency} сегодняшних "
            f"поставок ({case.partner.name_ru}) и без плана; прежний экспорт стоит на столько "
            f"дешевле.",
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
        paid = abs(found.fair_payment_mn)
        yield Words(
            f"The Nash bargain asks {payer.name_en} to pay {en(paid)} mn to {receiver.name_en}; "
            f"the gains are then {en(found.fair_host_gain_mn)} mn for {case.host.name_en} and "
            f"{en(found.fair_partner_gain_mn)} mn for {case.partner.name_en}.",
            f"Справедливый делёж по Нэшу — разовый платёж {ru(paid)} млн (платит "
            f"{_lower(payer.name_ru)}); тогда выигрыш: {case.host.name_ru} — "
            f"{ru(found.fair_host_gain_mn)} млн, {case.partner.name_ru} — "
            f"{ru(found.fair_partner_gain_mn)} млн.",
        )


def _payments(answer: Answer, low: float, high: float, currency: str) -> Words:
    """Say which single payments leave both whole, from the payer's side."""
    host, partner = answer.case.host, answer.case.partner
    if low < 0 < high:
        return Words(
            f"Both stay whole if {host.name_en} pays up to {en(high)} mn {currency} once, or "
            f"{partner.name_en} up to {en(-low)} mn.",
            f"Никто не проигрывает, если {_lower(host.name_ru)} разово платит до {ru(high)} млн "
            f"{currency} или {_lower(partner.name_ru)} — до {ru(-low)} млн.",
        )
    payer, least, most = (host, low, high) if low >= 0 else (partner, -high, -low)
    return Words(
        f"Both are whole only if {payer.name_en} pays between {en(least)} and {en(most)} mn "
        f"{currency} once, or the terms move by as much.",
        f"Никто не проигрывает, только если {_lower(payer.name_ru)} разово платит от {ru(least)} "
        f"до {ru(most)} млн {currency} или условия меняются на столько же.",
    )


def _levers(answer: Answer) -> Iterator[Words]:
    sentences = {lever.lever_id: (lever.opens_en, lever.opens_ru) for lever in LEVERS}
    enough = answer.levers.filter("is_enough")
    for row in enough.iter_rows(named=True):
        change = row["value"] * 100
        opens_en, opens_ru = sentences[row["lever_id"]]
        yield Words(opens_en.format(en(change, 1)), opens_ru.format(ru(change, 1)))
    rest = answer.levers.filter(~pl.col("is_enough"))
    if rest.height:
        yield Words(
            f"Not enough alone, within the range looked at: {', '.join(rest['name_en'])}.",
            f"В рассмотренных пределах одной меры не хватает: {', '.join(rest['name_ru'])}.",
        )


def _taxes(answer: Answer, currency: str) -> Iterator[Words]:
    exact = float(answer.statement["tax_mn"].sum())
    planned = float(answer.statement["plan_tax_mn"].sum())
    yield Words(
        f"Profit tax with losses, the clock of first profit and the cap on relief is "
        f"{en(exact)} mn {currency} over the horizon; the plan had reckoned with "
        f"{en(planned)} mn, a difference of {en(exact - planned)} mn.",
        f"Налог на прибыль с учётом убытков, отсчёта от первой прибыли и предела льготы — "
        f"{ru(exact)} млн {currency} за весь срок; в плане было {ru(planned)} млн, разница "
        f"{ru(exact - planned)} млн.",
    )
    relief = float(answer.statement["relief_mn"].sum())
    if relief > 0:
        yield Words(
            f"Tax relief of the sites is {en(relief)} mn over the horizon.",
            f"Налоговые льготы площадок — {ru(relief)} млн за весь срок.",
        )


def _deals(answer: Answer, currency: str) -> Iterator[Words]:
    forms = answer.deals["deal_id"].n_unique()
    mutual = answer.deals.filter("is_mutual")["deal_id"].n_unique()
    best = _best_mutual(answer)
    if best is not None:
        yield Words(
            f"Of {forms} forms of deal on the same plan, {mutual} leave both sides better off; "
            f"the side that gains less gets most under “{best['name_en']}” "
            f"({en(best['gain_mn'])} mn {currency}).",
            f"Из форм сделки при том же плане ({forms}) обеим сторонам выгодны {mutual}; больше "
            f"всего менее выигравшая сторона получает в форме «{best['name_ru']}» "
            f"({ru(best['gain_mn'])} млн {currency}).",
        )
    else:
        yield Words(
            f"None of the {forms} forms of deal leaves both sides better off without a payment "
            "between them.",
            f"Ни одна из форм сделки ({forms}) не выгодна обеим сторонам без платежа между ними.",
        )


def _warnings(answer: Answer) -> Iterator[Words]:
    for site_id, years in answer.worth.venture.tax_years.items():
        if any(year.relief_mn < 0 for year in years):
            yield Words(
                f"{site_id}: relief taken in the years of grace exceeds capital cost and is paid "
                "back when the cap is first checked.",
                f"{site_id}: льгота первых лет превысила капитальные затраты и возвращается, "
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


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


__all__ = ["Answer", "Explanation", "en", "explain", "ru"]
