"""Legal status that a product earns by the stages made inside a bloc of countries."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from coproduce.records.errors import RuleError
from coproduce.rules.book import View
from coproduce.rules.model import RuleValue, Status
from coproduce.rules.regimes import rule_ids, weakest

COMPARE: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, ">": operator.gt}


@dataclass(frozen=True, slots=True)
class LocalStatus:
    """The status earned by a set of stages.

    Attributes:
        status_id: name of the level, for example ``local_fdf``.
        rank: its order; 0 is foreign.
        points: points earned; None where status does not go by points at the instant.
        threshold_points: points needed; None likewise.
        status: weakest status among the rules used.
        rule_ids: rules used, as ``leaf@effect-date``.
    """

    status_id: str
    rank: int
    points: float | None
    threshold_points: float | None
    status: Status
    rule_ids: tuple[str, ...]


def local_status(view: View, rule_leaf: str, stages_inside: Collection[str]) -> LocalStatus:
    """Return the status that a product earns by the stages made inside the bloc.

    The leaf lists levels from the weakest to the strongest, each with its conditions; the
    strongest level whose conditions all hold is earned.

    Args:
        view: the law at an instant.
        rule_leaf: leaf of the rule, for example ``ru.localisation.rule``.
        stages_inside: ids of the stages made inside the bloc, in any order.

    Raises:
        RuleError: R102 if no rule holds, R108 for a stage the points table does not know.
    """
    rule = view.value(rule_leaf)
    used = [rule]
    points, threshold, is_passed = _points(view, rule, frozenset(stages_inside), used)
    best = 0
    for rank, level in enumerate(rule.value["levels"]):
        if _holds(level, frozenset(stages_inside), points, is_passed):
            best = rank
    return LocalStatus(
        status_id=str(rule.value["levels"][best]["id"]),
        rank=best,
        points=points,
        threshold_points=threshold,
        status=weakest(used),
        rule_ids=rule_ids(used),
    )


def status_ids(view: View, rule_leaf: str) -> tuple[str, ...]:
    """Return the ids of all levels, from the weakest to the strongest."""
    return tuple(str(level["id"]) for level in view.value(rule_leaf).value["levels"])


def _points(
    view: View, rule: RuleValue, stages: frozenset[str], used: list[RuleValue]
) -> tuple[float | None, float | None, bool]:
    """Return points, threshold and whether it is passed; None where no points are counted."""
    if "points" not in rule.value:
        return None, None, False
    table = view.value(str(rule.value["points"]["leaf"]))
    threshold = view.value(str(rule.value["threshold"]["leaf"]))
    used += [table, threshold]
    unknown = sorted(stages - set(table.value))
    if unknown:
        raise RuleError(
            f"{table.leaf_id} gives no points for stage {', '.join(unknown)}; it knows "
            f"{', '.join(table.value)} (write 0 for a stage that earns none)",
            code="R108",
            where=table.leaf_id,
        )
    points = float(sum(table.value[stage] for stage in stages))
    compare = COMPARE[threshold.operator or ">="]
    return points, threshold.number, compare(points, threshold.number)


def _holds(
    level: Mapping[str, Any], stages: frozenset[str], points: float | None, is_passed: bool
) -> bool:
    needs_all = frozenset(level.get("stages_all", ()))
    needs_any = frozenset(level.get("stages_any", ()))
    if not needs_all <= stages or (needs_any and not needs_any & stages):
        return False
    if level.get("passes_threshold") and not is_passed:
        return False
    return points is None or points >= float(level.get("min_points", 0))
