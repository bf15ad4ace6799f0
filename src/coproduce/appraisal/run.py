"""The one call of the room."""

from __future__ import annotations

from coproduce.appraisal import tables
from coproduce.appraisal.case import read_case
from coproduce.appraisal.checks import check
from coproduce.appraisal.explain import Answer, explain
from coproduce.appraisal.types import Inputs, Options, Result
from coproduce.appraisal.zone import verdict


def run(inputs: Inputs, options: Options | None = None) -> Result:
    """Return what the joint plan is worth to each party beside its best alternative.

    Args:
        inputs: programme, law and the two plans.
        options: the deal under which the joint plan was made, and the rule on losses.

    Raises:
        UsageError: for an unknown deal.
        ModelError: if law, exchange rates or plan tables lack what the appraisal needs.
    """
    options = options or Options()
    warnings = check(inputs, options)
    case = read_case(inputs, options)
    worth = case.worth(case.plan_terms)
    found = verdict(case, worth)
    alternatives, alternative_cash = tables.alternatives(case)
    answer = Answer(
        case=case,
        worth=worth,
        verdict=found,
        parties=tables.parties(case, worth),
        alternatives=alternatives,
        statement=tables.statement(worth.venture),
        zone=tables.zone(case, worth, found),
        levers=tables.levers(case, worth, found),
        deals=tables.deals(case, inputs.programme["deals"]),
        states=tables.states(case, worth),
    )
    words = explain(inputs, answer)
    cash = tables.party_cash(case, worth)
    return Result(
        party_cash=cash,
        party_cash_own=tables.party_cash_own(case, cash),
        parties=answer.parties,
        alternatives=answer.alternatives,
        alternative_cash=alternative_cash,
        statement=answer.statement,
        site_taxes=tables.site_taxes(worth.venture),
        states=answer.states,
        zone=answer.zone,
        levers=answer.levers,
        deals=answer.deals,
        verdict=found,
        finding=words.finding,
        reasons=words.reasons,
        warnings=(*warnings, *words.warnings),
        figures=words.figures,
    )


__all__ = ["run"]
