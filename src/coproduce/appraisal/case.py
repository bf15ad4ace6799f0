"""One appraisal case: everything that stays the same while terms and levers change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from coproduce.appraisal.parties import (
    Flows,
    Party,
    Valuation,
    add,
    owner_flows,
    partner_flows,
    read_parties,
    today_flows,
)
from coproduce.appraisal.scenario import Scenario
from coproduce.appraisal.taxes import SiteRates
from coproduce.appraisal.terms import HOST_ONLY, Levers, Terms, all_terms
from coproduce.appraisal.trade import Array, Trade, input_purchases, trade_today
from coproduce.appraisal.types import Inputs, Options
from coproduce.appraisal.venture import TRADE, PlanCash, Venture, operate, read_plan

HOST_ALONE, AS_TODAY, BESIDE_ALONE = "host_alone", "as_today", "exports_beside_host_alone"
EXPORT_AS_TODAY, NOTHING = "export_as_today", "do_nothing"


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a party could do without the other.

    Attributes:
        is_for_choice: False for what is shown but is not the party's own to choose.
    """

    party_id: str
    alternative_id: str
    flows: Flows
    npv_mn: float
    is_for_choice: bool = True


@dataclass(frozen=True, slots=True)
class Worth:
    """The joint plan under given terms: statements, cash and present value of each party."""

    terms: Terms
    venture: Venture
    host_flows: Flows
    partner_flows: Flows
    deal_flows: Flows
    host_npv_mn: float
    partner_npv_mn: float
    host_gain_mn: float
    partner_gain_mn: float


@dataclass(frozen=True, slots=True)
class Case:
    """What is appraised; see `read_case`."""

    host: Party
    partner: Party
    plan_terms: Terms
    deals: dict[str, Terms]
    joint: PlanCash
    alone: PlanCash
    rates: SiteRates
    valuation: Valuation
    scenario: Scenario
    trade: Trade
    trade_beside_alone: Trade
    inputs_mn: Array
    export_margin_share: float
    distribution_margin_share: float
    loss_use_limit_share: float
    alternatives: tuple[Alternative, ...] = ()

    def worth(self, terms: Terms, levers: Levers | None = None) -> Worth:
        """Return what the joint plan is worth to each party under any terms and levers."""
        levers = levers or Levers()
        venture = operate(
            self.joint, terms, self.plan_terms, self.rates, self.loss_use_limit_share, levers
        )
        inputs = self.inputs_mn * levers.volume_factor * levers.input_price_factor
        value = self.valuation
        from_deal = partner_flows(venture, self.partner, terms, inputs, value)
        partner = add(
            owner_flows(venture, self.partner, terms, value),
            from_deal,
            self._today(self.partner, self.trade),
        )
        host = add(
            owner_flows(venture, self.host, terms, value), self._today(self.host, self.trade)
        )
        host_npv, partner_npv = value.npv(self.host, host), value.npv(self.partner, partner)
        best = self.best()
        return Worth(
            terms,
            venture,
            host,
            partner,
            from_deal,
            host_npv,
            partner_npv,
            host_npv - best[self.host.party_id].npv_mn,
            partner_npv - best[self.partner.party_id].npv_mn,
        )

    def find_alternatives(self) -> tuple[Alternative, ...]:
        """Return every alternative of both parties, with its present value."""
        venture = operate(self.alone, HOST_ONLY, HOST_ONLY, self.rates, self.loss_use_limit_share)
        alone = add(
            owner_flows(venture, self.host, HOST_ONLY, self.valuation),
            self._today(self.host, self.trade_beside_alone),
        )
        made = [
            self._alternative(self.host, AS_TODAY, self._today(self.host, self.trade, False)),
            self._alternative(self.host, HOST_ALONE, alone),
        ]
        exports = self._today(self.partner, self.trade, False)
        beside = self._today(self.partner, self.trade_beside_alone)
        nothing = {item: values * 0.0 for item, values in exports.items()}
        return (
            *made,
            self._alternative(self.partner, EXPORT_AS_TODAY, exports),
            self._alternative(self.partner, NOTHING, nothing),
            self._alternative(self.partner, BESIDE_ALONE, beside, is_for_choice=False),
        )

    def best(self) -> dict[str, Alternative]:
        """Return each party's best alternative of those it can choose; of equals the first."""
        best: dict[str, Alternative] = {}
        for one in self.alternatives:
            known = best.get(one.party_id)
            if one.is_for_choice and (known is None or one.npv_mn > known.npv_mn):
                best[one.party_id] = one
        return best

    def _today(self, party: Party, trade: Trade, has_plan: bool = True) -> Flows:
        margin = self.distribution_margin_share if party.is_host else self.export_margin_share
        return today_flows(trade, party, margin, self.valuation, has_plan=has_plan)

    def _alternative(
        self, party: Party, name: str, flows: Flows, *, is_for_choice: bool = True
    ) -> Alternative:
        value = self.valuation.npv(party, flows)
        return Alternative(party.party_id, name, flows, value, is_for_choice)


def read_case(inputs: Inputs, options: Options) -> Case:
    """Return the case of a programme, its law and its two plans."""
    programme, years = inputs.programme, inputs.programme.settings.years
    host, partner = read_parties(programme["parties"], inputs.law["party_tax"], years)
    deals = all_terms(programme["deals"])
    plan_terms = deals[options.deal_id or programme.settings.deal_id]
    life = dict(programme["technologies"].select("technology_id", "life_years").iter_rows())
    scenario = Scenario(programme)
    general = dict(zip(years, host.profit_rate_share.tolist(), strict=True))

    def trade(supply: pl.DataFrame) -> Trade:
        return trade_today(
            programme, inputs.law, supply, host.country_id, partner.country_id, scenario
        )

    case = Case(
        host=host,
        partner=partner,
        plan_terms=plan_terms,
        deals=deals,
        joint=read_plan(inputs.joint, life, years, plan_terms),
        alone=read_plan(inputs.alone, life, years, HOST_ONLY),
        rates=SiteRates(inputs.law["site_tax"], general, TRADE),
        valuation=Valuation(
            years, programme.settings.base_year, programme.parameter("terminal_years")
        ),
        scenario=scenario,
        trade=trade(inputs.joint["supply"]),
        trade_beside_alone=trade(inputs.alone["supply"]),
        inputs_mn=input_purchases(
            programme, inputs.joint["purchases"], partner.country_id, scenario
        ),
        export_margin_share=programme.parameter("export_margin_share"),
        distribution_margin_share=programme.parameter("host_distribution_margin_share"),
        loss_use_limit_share=options.loss_use_limit_share,
    )
    return replace(case, alternatives=case.find_alternatives())


__all__ = ["Alternative", "Case", "Worth", "read_case"]
