"""Who may sell to a tender: bids accepted, rejected or only put at a price disadvantage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from coproduce.records.errors import RuleError
from coproduce.rules.book import View
from coproduce.rules.model import RuleValue, Status
from coproduce.rules.regimes import rule_ids, weakest

Outcome: TypeAlias = Literal["accepted", "rejected", "conditional"]


@dataclass(frozen=True, slots=True)
class TenderOutcome:
    """What becomes of one bid.

    Attributes:
        outcome: ``accepted``, ``rejected``, or ``conditional``: admitted, but a price
            advantage may be given to local bids.
        segment: kind of tender by the lists the product is on.
        is_uncertain: sources differ on what holds here.
        reason: the provision that decided, in words; empty if none did.
        status: weakest status among the rules used.
        rule_ids: rules used, as ``leaf@effect-date``.
    """

    outcome: Outcome
    segment: str
    is_uncertain: bool
    reason: str
    status: Status
    rule_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccessRow:
    """What a status may sell to a kind of segment, given the best status among rivals.

    Attributes:
        is_accepted: the bid is looked at.
        is_exclusive: a rival of that status is rejected because of this bid.
        price_factor: factor on the price at which the bid still wins; 1 is no preference.
    """

    segment: str
    own_status: str
    rival_status: str
    is_accepted: bool
    is_exclusive: bool
    price_factor: float
    is_uncertain: bool
    status: Status
    rule_ids: tuple[str, ...]


def tender_outcome(
    view: View,
    access_leaf: str,
    *,
    lists_on: Collection[str],
    bids: Sequence[str],
    own: str,
) -> TenderOutcome:
    """Return what becomes of a bid in a tender.

    Args:
        view: the law at an instant.
        access_leaf: leaf that links lists, segments and their rules.
        lists_on: lists the product is on.
        bids: status of every bid present, `own` included.
        own: status of the bid asked about.

    Raises:
        RuleError: R108 for an unknown status, an unknown list or if `own` is not in `bids`.
    """
    access = view.value(access_leaf)
    order = _order(access)
    for bid in (own, *bids):
        _known(bid, order, access, "status")
    if own not in bids:
        raise RuleError(
            f"the bid {own!r} is not among the bids present: {', '.join(bids)}",
            code="R108",
            where=access_leaf,
        )
    segment = _segment(access, lists_on)
    rule = view.value(str(access.value["segments"][segment]["leaf"]))
    rivals = list(bids)
    rivals.remove(own)
    provision = _rejecting(rule, order, own, rivals)
    outcome: Outcome = "rejected" if provision else rule.value["otherwise"]
    return TenderOutcome(
        outcome=outcome,
        segment=segment,
        is_uncertain=bool(rule.value.get("is_uncertain", False)),
        reason=str(provision["says"]) if provision else "",
        status=weakest((access, rule)),
        rule_ids=rule_ids((access, rule)),
    )


def access_table(view: View, access_leaf: str, *, n_rivals: int = 1) -> tuple[AccessRow, ...]:
    """Return, for each kind of segment, what each status may sell against each best rival.

    Args:
        view: the law at an instant.
        access_leaf: leaf that links lists, segments and their rules.
        n_rivals: bids of the best rival status (older rules ask for two).
    """
    access = view.value(access_leaf)
    order = _order(access)
    rows = []
    for segment, link in access.value["segments"].items():
        rule = view.value(str(link["leaf"]))
        used = [access, rule]
        factors = _preference(view, rule, order, used)
        for own in order:
            for rival in order:
                provision = _rejecting(rule, order, own, [rival] * n_rivals)
                rows.append(
                    AccessRow(
                        segment=str(segment),
                        own_status=own,
                        rival_status=rival,
                        is_accepted=provision is None,
                        is_exclusive=_rejecting(rule, order, rival, [own]) is not None,
                        price_factor=_factor(factors, order, own, rival),
                        is_uncertain=bool(rule.value.get("is_uncertain", False)),
                        status=weakest(used),
                        rule_ids=rule_ids(used),
                    )
                )
    return tuple(rows)


def _order(access: RuleValue) -> tuple[str, ...]:
    """Return the statuses from the weakest to the strongest."""
    return tuple(str(status) for status in access.value["statuses"])


def _known(name: str, allowed: Collection[str], access: RuleValue, what: str) -> None:
    if name not in allowed:
        raise RuleError(
            f"{access.leaf_id} knows no {what} {name!r}; allowed: {', '.join(allowed)}",
            code="R108",
            where=access.leaf_id,
        )


def _segment(access: RuleValue, lists_on: Collection[str]) -> str:
    """Return the segment of the first list, in order of precedence, that the product is on."""
    by_list: Sequence[Mapping[str, Any]] = access.value["by_list"]
    known = [str(entry["list"]) for entry in by_list]
    for name in lists_on:
        _known(name, known, access, "list")
    for entry in by_list:
        if entry["list"] in lists_on:
            return str(entry["segment"])
    return str(access.value["on_no_list"])


def _rejecting(
    rule: RuleValue, order: Sequence[str], own: str, rivals: Sequence[str]
) -> Mapping[str, Any] | None:
    """Return the provision that rejects a bid in the presence of rivals, or None."""
    for provision in rule.value["provisions"]:
        at_least = order.index(str(provision["rival_at_least"]))
        strong = sum(order.index(rival) >= at_least for rival in rivals)
        if own in provision["rejects"] and strong >= int(provision["n_rivals"]):
            return dict(provision)
    return None


def _preference(
    view: View, rule: RuleValue, order: Sequence[str], used: list[RuleValue]
) -> dict[str, float]:
    """Return the price preference of each status as a share; empty where there is none."""
    factors: dict[str, float] = {}
    for status, link in rule.value.get("preference", {}).items():
        value = view.get(str(link["leaf"]))
        if value is not None and status in order:
            used.append(value)
            factors[str(status)] = value.share
    return factors


def _factor(preference: Mapping[str, float], order: Sequence[str], own: str, rival: str) -> float:
    """Return the factor on price: preference counts only against a weaker status."""
    if order.index(own) <= order.index(rival):
        return 1.0
    gained = preference.get(own, 0.0) - preference.get(rival, 0.0)
    return 1.0 + max(0.0, gained)
