"""What the appraisal room is given and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from coproduce.records.figures import Figure
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof
from coproduce.records.words import Words


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the room reads.

    Attributes:
        programme: the programme; `parties`, `deals`, `parameters`, `fx`, `technologies`,
            `sources`, `bom`, `stages`, `demand`, `segments`, `rivals` and `scenario_effects`.
        law: law tables; `site_tax`, `party_tax`, `standing` and `access` are used.
        joint: plan tables of the joint plan, made under ``Options.deal_id``.
        alone: plan tables of the host going alone.
        joint_proof, alone_proof: proofs of the two plans; an unproven gap is warned about.
    """

    programme: Programme
    law: Mapping[str, pl.DataFrame]
    joint: Mapping[str, pl.DataFrame]
    alone: Mapping[str, pl.DataFrame]
    joint_proof: Proof | None = None
    alone_proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to appraise.

    Attributes:
        deal_id: form of deal under which the joint plan was made; None: the programme's own.
        loss_use_limit_share: most of a year's taxable profit that losses brought forward may
            cancel (share, 0-1); losses do not lapse.
    """

    deal_id: str | None = None
    loss_use_limit_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who gains, and what one payment between the parties could do.

    Attributes:
        is_mutual: both gains are at least nil under the deal as written.
        is_zone_open: some single payment makes both gains at least nil.
        host_gain_mn, partner_gain_mn: joint deal minus best alternative (base mn, present value).
        payment_low_mn, payment_high_mn: payments from host side to partner side at the valuation
            date that leave both whole (base mn; below nil: partner pays); None if there is none.
        fair_payment_mn: payment of the Nash bargain (base mn); None if there is no zone.
        fair_host_gain_mn, fair_partner_gain_mn: gains after that payment (base mn).
    """

    is_mutual: bool
    is_zone_open: bool
    host_gain_mn: float
    partner_gain_mn: float
    payment_low_mn: float | None
    payment_high_mn: float | None
    fair_payment_mn: float | None
    fair_host_gain_mn: float | None
    fair_partner_gain_mn: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """What the room found. Money is in the programme's base currency unless a name says `own`.

    Attributes:
        party_cash: party_id, year, item, value_mn: cash of each party under the joint deal.
        party_cash_own: party_id, year, currency, value_mn: yearly total in the party's currency.
        parties: a row per party: party_id, role, name_en, name_ru, currency,
            discount_rate_share, npv_mn, npv_own_mn, deal_npv_mn (the deal against today's
            trade), irr_share, irr_note, payback_years, payback_discounted_years, outlay_mn,
            best_alternative_id, best_alternative_npv_mn, gain_mn, gain_own_mn.
        alternatives: party_id, alternative_id, name_en, name_ru, npv_mn, is_best, is_for_choice.
        alternative_cash: party_id, alternative_id, year, item, value_mn.
        statement: year and the yearly statement of the venture: sales_mn, operating_cost_mn,
            ebitda_mn, depreciation_mn, profit_before_tax_mn, losses_used_mn, tax_before_relief_mn,
            relief_mn, tax_mn, plan_tax_mn, profit_after_tax_mn, capex_mn, paid_in_mn,
            dividends_mn, capital_repaid_mn.
        site_taxes: site_id, year, profit_mn, base_mn, loss_used_mn, loss_carried_mn,
            first_profit_year, rate_share, general_rate_share, relief_mn, relief_total_mn,
            relief_cap_mn, tax_mn, rules.
        states: party_id (whose state), year, item, value_mn: taxes received from the deal.
        zone: term_id, name_en, name_ru, unit, low, high, is_open, now: terms that alone make both
            gains at least nil.
        levers: lever_id, name_en, name_ru, unit, value, is_enough: smallest change of one lever
            that opens a zone; empty if the zone is open.
        deals: deal_id, name_en, name_ru, form, party_id, npv_mn, best_alternative_npv_mn,
            gain_mn, is_mutual, is_zone_open: the same plan under every deal of the programme.
        verdict: who gains and the fair payment.
        finding: the main numbers in one sentence.
        reasons: sentences, most important first.
        warnings: what a reader must know before trusting a number.
        figures: every number that may be printed.
    """

    party_cash: pl.DataFrame
    party_cash_own: pl.DataFrame
    parties: pl.DataFrame
    alternatives: pl.DataFrame
    alternative_cash: pl.DataFrame
    statement: pl.DataFrame
    site_taxes: pl.DataFrame
    states: pl.DataFrame
    zone: pl.DataFrame
    levers: pl.DataFrame
    deals: pl.DataFrame
    verdict: Verdict
    finding: Words
    reasons: tuple[Words, ...]
    warnings: tuple[Words, ...]
    figures: tuple[Figure, ...]


__all__ = ["Inputs", "Options", "Result", "Verdict"]
