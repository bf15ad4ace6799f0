"""Every number that the room may print, with what made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from coproduce.appraisal.answer import Answer
from coproduce.appraisal.case import HOST_ALONE, NOTHING
from coproduce.appraisal.finance import npv
from coproduce.appraisal.parties import Party
from coproduce.appraisal.types import Inputs
from coproduce.records.figures import Figure, row_ref, weakest

PARAMETERS = ("terminal_years", "export_margin_share", "host_distribution_margin_share")


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the figures of one kind rest on."""

    status: str
    rows: tuple[str, ...]
    rules: tuple[str, ...]


def figures(inputs: Inputs, answer: Answer) -> tuple[Figure, ...]:
    """Return the room's figures; their ids begin with ``appraisal``."""
    settings = inputs.programme.settings
    unit = f"mn {settings.currency}, {settings.price_base}"
    return (
        *_of_parties(inputs, answer, unit),
        *_of_alternatives(inputs, answer, unit),
        *_of_venture(inputs, answer, unit),
        *_of_zone(inputs, answer, unit),
        *_of_deals(inputs, answer, unit),
    )


def _of_parties(inputs: Inputs, answer: Answer, unit: str) -> Iterator[Figure]:
    base = inputs.programme.settings.base_year
    sides = (answer.case.host, answer.case.partner)
    for row, party in zip(answer.parties.iter_rows(named=True), sides, strict=True):
        basis = _plan_basis(inputs, answer, party)
        own = f"mn {party.currency}, real of {base}"
        who, name_en, name_ru = party.party_id, party.name_en, party.name_ru
        gain_parts = (f"appraisal.npv.{who}", f"appraisal.best_alternative.{who}")
        method = f"cash of {inputs.programme.settings.years[0]} on, discounted to {base}"
        for what, value, in_unit, en, ru, how, parts in (
            ("npv", row["npv_mn"], unit, "joint deal, present value",
             "совместная сделка, приведённая стоимость", method, ()),
            ("npv_own", row["npv_own_mn"], own, "joint deal, present value, own currency",
             "совместная сделка, приведённая стоимость, в своей валюте", method, ()),
            ("gain", row["gain_mn"], unit, "gain against the best alternative",
             "выигрыш против лучшего без партнёра", "difference of the parts", gain_parts),
            ("gain_own", row["gain_own_mn"], own,
             "gain against the best alternative, own currency",
             "выигрыш против лучшего без партнёра, в своей валюте",
             "difference of present values in own currency", ()),
            ("deal_npv", row["deal_npv_mn"], unit, "what the deal brings against today",
             "что даёт сделка против сегодняшнего", method + ", today's trade left out", ()),
            ("irr", row["irr_share"], "share/year", "internal rate of return against today",
             "внутренняя норма доходности против сегодняшнего", row["irr_note"], ()),
            ("payback", row["payback_years"], "year", "payback, simple",
             "срок окупаемости, простой", "without the worth after the horizon", ()),
            ("payback_discounted", row["payback_discounted_years"], "year",
             "payback, discounted", "срок окупаемости, дисконтированный",
             "without the worth after the horizon", ()),
            ("outlay", row["outlay_mn"], unit, "capital paid in", "вложенный капитал",
             "undiscounted", ()),
        ):  # fmt: skip
            note = "" if value is not None else _undefined(what, row["irr_note"])
            yield Figure(
                figure_id=f"appraisal.{what}.{who}",
                value=value,
                unit=in_unit,
                label_en=f"{name_en}: {en}",
                label_ru=f"{name_ru}: {ru}",
                status=basis.status,
                rows=basis.rows,
                rules=basis.rules,
                parts=parts,
                method=how,
                note=note,
            )


def _undefined(what: str, irr_note: str) -> str:
    return irr_note if what == "irr" else "the outlay does not come back within the horizon"


def _of_alternatives(inputs: Inputs, answer: Answer, unit: str) -> Iterator[Figure]:
    sides = {party.party_id: party for party in (answer.case.host, answer.case.partner)}
    for row in answer.alternatives.iter_rows(named=True):
        party, name = sides[row["party_id"]], row["alternative_id"]
        basis = _alternative_basis(inputs, answer, party, name)
        one = Figure(
            figure_id=f"appraisal.alternative.{name}.{party.party_id}",
            value=row["npv_mn"],
            unit=unit,
            label_en=f"{party.name_en}: {row['name_en'].lower()}, present value",
            label_ru=f"{party.name_ru}: {row['name_ru'].lower()}, приведённая стоимость",
            status=basis.status,
            rows=basis.rows,
            rules=basis.rules,
            method="cash after tax, discounted at the party's own rate",
            note="" if row["is_for_choice"] else "shown only: the host decides on it",
        )
        yield one
        if row["is_best"]:
            yield Figure(
                figure_id=f"appraisal.best_alternative.{party.party_id}",
                value=row["npv_mn"],
                unit=unit,
                label_en=f"{party.name_en}: best alternative, present value",
                label_ru=f"{party.name_ru}: лучшее без партнёра, приведённая стоимость",
                status=basis.status,
                rows=basis.rows,
                rules=basis.rules,
                parts=(one.figure_id,),
                method="the largest of the party's own alternatives",
            )


def _of_venture(inputs: Inputs, answer: Answer, unit: str) -> Iterator[Figure]:
    case, table = answer.case, answer.statement
    basis = _plan_basis(inputs, answer)
    exact, planned = float(table["tax_mn"].sum()), float(table["plan_tax_mn"].sum())
    displaced = -case.valuation.npv(
        case.partner, {"x": answer.worth.partner_flows["exports_displaced"]}
    )
    for what, value, en, ru, how in (
        ("capex", float(table["capex_mn"].sum()), "capital cost", "капитальные затраты",
         "sum of openings, undiscounted"),
        ("sales", float(table["sales_mn"].sum()), "sales over the horizon",
         "продажи за весь срок", "undiscounted"),
        ("tax_exact", exact, "profit tax, exact", "налог на прибыль, точный",
         "by site: losses carried forward, clock of first profit, cap on relief"),
        ("tax_plan", planned, "profit tax as the plan reckons", "налог на прибыль по плану",
         "linear in the plan's margin"),
        ("tax_difference", exact - planned, "exact profit tax less the plan's",
         "точный налог за вычетом планового", "tax_exact - tax_plan"),
        ("relief", float(table["relief_mn"].sum()), "tax relief taken", "полученные льготы",
         "general rate less the regime's, up to capital cost where the law caps it"),
        ("displaced", displaced, "partner's exports pushed out, margin after tax",
         "вытесненный экспорт партнёра, прибыль после налога",
         "present value at the partner's rate, within the horizon"),
        ("exports_closed", float(case.trade.lost_to_law[-1]),
         "partner's exports closed by access rules in the last year",
         "экспорт партнёра, закрытый правилами доступа, в последний год", "value of exports"),
    ):  # fmt: skip
        parts = ("appraisal.tax_exact", "appraisal.tax_plan") if what == "tax_difference" else ()
        yield Figure(
            figure_id=f"appraisal.{what}",
            value=value,
            unit=unit,
            label_en=en[:1].upper() + en[1:],
            label_ru=ru[:1].upper() + ru[1:],
            status=basis.status,
            rows=basis.rows,
            rules=basis.rules,
            parts=parts,
            method=how,
        )
    for party in (case.host, case.partner):
        mine = answer.states.filter(pl.col("party_id") == party.party_id)
        yearly = mine.group_by("year").agg(pl.col("value_mn").sum()).sort("year")["value_mn"]
        first = case.valuation.years[0] - case.valuation.base_year
        yield Figure(
            figure_id=f"appraisal.state.{party.party_id}",
            value=npv(party.discount_rate_share, yearly.to_list(), first),
            unit=unit,
            label_en=f"{party.name_en}: taxes to its state from the deal, present value",
            label_ru=f"{party.name_ru}: налоги своему государству от сделки, приведённые",
            status=basis.status,
            rows=basis.rows,
            rules=basis.rules,
            method="profit tax, tax withheld, tax at home; within the horizon",
        )


def _of_zone(inputs: Inputs, answer: Answer, unit: str) -> Iterator[Figure]:
    found, case = answer.verdict, answer.case
    basis = _plan_basis(inputs, answer)
    equity = answer.zone.filter(pl.col("term_id") == "partner_equity").row(0, named=True)
    gains = (f"appraisal.gain.{case.host.party_id}", f"appraisal.gain.{case.partner.party_id}")
    listed: list[tuple[str, float | None, str, str, str]] = [
        ("zone.payment_low", found.payment_low_mn, unit, "Least payment to the partner side",
         "Наименьший платёж партнёру"),
        ("zone.payment_high", found.payment_high_mn, unit, "Greatest payment to the partner side",
         "Наибольший платёж партнёру"),
        ("zone.equity_low", equity["low"], "share", "Least equity share of the partner",
         "Наименьшая доля партнёра"),
        ("zone.equity_high", equity["high"], "share", "Greatest equity share of the partner",
         "Наибольшая доля партнёра"),
        ("fair_payment", found.fair_payment_mn, unit, "Payment of the Nash bargain to the partner",
         "Платёж партнёру по Нэшу"),
        (f"fair_gain.{case.host.party_id}", found.fair_host_gain_mn, unit,
         f"{case.host.name_en}: gain after the payment",
         f"{case.host.name_ru}: выигрыш после платежа"),
        (f"fair_gain.{case.partner.party_id}", found.fair_partner_gain_mn, unit,
         f"{case.partner.name_en}: gain after the payment",
         f"{case.partner.name_ru}: выигрыш после платежа"),
    ]  # fmt: skip
    listed += [
        (f"lever.{row['lever_id']}", row["value"], row["unit"],
         f"Smallest change that opens a zone: {row['name_en']}",
         f"Наименьшее изменение, открывающее зону: {row['name_ru']}")
        for row in answer.levers.iter_rows(named=True)
    ]  # fmt: skip
    for what, value, in_unit, en, ru in listed:
        yield Figure(
            figure_id=f"appraisal.{what}",
            value=value,
            unit=in_unit,
            label_en=en,
            label_ru=ru,
            status=basis.status,
            rows=basis.rows,
            rules=basis.rules,
            parts=gains,
            method="from both gains; a payment is taxed at the receiver's like a fee",
            note="" if value is not None else "there is no such value: no zone of agreement",
        )


def _of_deals(inputs: Inputs, answer: Answer, unit: str) -> Iterator[Figure]:
    basis = _plan_basis(inputs, answer)
    names = {row["deal_id"]: row for row in inputs.programme["deals"].iter_rows(named=True)}
    sides = {party.party_id: party for party in (answer.case.host, answer.case.partner)}
    for row in answer.deals.iter_rows(named=True):
        deal, party = names[row["deal_id"]], sides[row["party_id"]]
        yield Figure(
            figure_id=f"appraisal.deal_gain.{row['deal_id']}.{row['party_id']}",
            value=row["gain_mn"],
            unit=unit,
            label_en=f"{party.name_en}: gain under {deal['name_en']}",
            label_ru=f"{party.name_ru}: выигрыш, {deal['name_ru']}",
            status=weakest([basis.status, deal["status"]]),
            rows=(*basis.rows, row_ref("deals", row["deal_id"])),
            rules=basis.rules,
            method="same plan, other terms",
        )


def _plan_basis(inputs: Inputs, answer: Answer, party: Party | None = None) -> _Basis:
    """Return what a figure of the joint plan rests on; today's trade only for a party's worth."""
    case = answer.case
    rows = (
        row_ref("deals", case.plan_terms.deal_id),
        *(row_ref("parameters", name) for name in PARAMETERS),
        *_plan_rows(inputs.joint),
    )
    if party is not None:
        rows = (row_ref("parties", party.party_id), *rows, *case.trade.rows)
    law = {
        rule
        for years in answer.worth.venture.tax_years.values()
        for year in years
        for rule in year.rate.rules.split(";")
        if rule and year.base_mn > 0
    }
    deal = inputs.programme["deals"].filter(pl.col("deal_id") == case.plan_terms.deal_id)
    status = weakest(
        [
            *inputs.joint["cash"]["status"].unique(),
            *deal["status"],
            *_facts(inputs, answer, party or case.host),
        ]
    )
    return _Basis(status, tuple(dict.fromkeys(rows)), tuple(sorted(law | _law_of(answer, party))))


def _law_of(answer: Answer, party: Party | None) -> set[str]:
    """Return the tax rules of one party, or of both."""
    parties = (party,) if party else (answer.case.host, answer.case.partner)
    return {rule for one in parties for rule in one.rules}


def _plan_rows(plan: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """Return the facts behind a plan's cash: sites, lines, prices and bought inputs."""
    return tuple(
        row_ref(table, *keys)
        for table, source, columns in (
            ("sites", "openings", ("site_id",)),
            ("site_technologies", "openings", ("site_id", "technology_id")),
            ("modules", "openings", ("technology_id", "module_id")),
            ("prices", "sales", ("product_id", "segment_id")),
            ("sources", "purchases", ("source_id",)),
        )
        for keys in plan[source].select(columns).unique().sort(columns).iter_rows()
    )


def _alternative_basis(inputs: Inputs, answer: Answer, party: Party, name: str) -> _Basis:
    """Return what an alternative rests on; doing nothing rests on nothing."""
    if name == NOTHING:
        return _Basis("observed", (), ())
    margin = PARAMETERS[2] if party.is_host else PARAMETERS[1]
    rows = (
        row_ref("parties", party.party_id),
        row_ref("parameters", "terminal_years"),
        row_ref("parameters", margin),
        *answer.case.trade.rows,
    )
    statuses = list(_facts(inputs, answer, party))
    if name == HOST_ALONE:
        statuses += inputs.alone["cash"]["status"].unique().to_list()
        rows = tuple(dict.fromkeys((*rows, *_plan_rows(inputs.alone))))
    return _Basis(weakest(statuses), rows, party.rules)


def _facts(inputs: Inputs, answer: Answer, party: Party) -> tuple[str, ...]:
    programme = inputs.programme
    parameters = programme["parameters"].filter(pl.col("parameter_id").is_in(list(PARAMETERS)))
    mine = programme["parties"].filter(pl.col("party_id") == party.party_id)
    demand = programme["demand"]["status"].unique().to_list()
    return (*parameters["status"], *mine["status"], *demand, *answer.case.trade.statuses)


__all__ = ["figures"]
