"""Values of dated law in words: rates, bands of years, points, who may bid; never as raw data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coproduce.records.words import NO_BREAK_SPACE
from coproduce.report.context import Context

MOST_NESTED = 2
"""A value that names another leaf is followed this far."""


class LawWords:
    """Says the values of the rules of a run in the report's language."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rules = {rule["leaf_id"]: rule for rule in ctx.run.rule_values}

    def value(self, rule: Mapping[str, Any]) -> str:
        """Return a rule's value in words."""
        return self._say(rule.get("value"), str(rule.get("unit") or ""))

    def label(self, rule: Mapping[str, Any]) -> str:
        """Return what a rule is, in the report's language."""
        name = "label_ru" if self.ctx.texts.lang == "ru" else "label_en"
        return str(rule.get(name) or rule["leaf_id"])

    def _say(self, value: Any, unit: str, depth: int = 0) -> str:
        texts = self.ctx.texts
        if value is None:
            return texts("law.no_rule")
        if isinstance(value, bool):
            return texts("yes") if value else texts("no")
        if isinstance(value, int | float):
            if unit == "percent":
                return texts.percent(value / 100)
            return f"{texts.number(value)}{NO_BREAK_SPACE}{texts.unit(unit)}".strip()
        if isinstance(value, Mapping):
            return self._table(value, unit, depth)
        if isinstance(value, str):
            return texts("law.general") if value == "general" else value
        return texts("rule_table")

    def _table(self, value: Mapping[str, Any], unit: str, depth: int) -> str:
        """Return a table in words by what it holds; one of an unknown form is only named."""
        if set(value) == {"leaf"}:
            return self._other(str(value["leaf"]), depth)
        for key, say in (
            ("bands", self._bands),
            ("general", self._general),
            ("provisions", self._provisions),
            ("levels", self._levels),
            ("own_spending_per_relief", self._relief_cap),
            ("segments", self._segments),
        ):
            if key in value:
                return say(value, unit, depth)
        if value and all(isinstance(v, int | float) for v in value.values()):
            said = (f"{self._name(key)} {self._say(v, '')}" for key, v in value.items())
            return ", ".join(said)
        return self.ctx.texts("rule_table")

    def _other(self, leaf_id: str, depth: int) -> str:
        rule = self.rules.get(leaf_id)
        if rule is None or depth >= MOST_NESTED:
            return self.ctx.texts("law.other_rule")
        return self._say(rule.get("value"), str(rule.get("unit") or ""), depth + 1)

    def _bands(self, value: Mapping[str, Any], unit: str, depth: int) -> str:
        shape = str(value.get("shape"))
        key = f"law.shape.{shape}"
        said = [f"{self._years(band)}: {self._rate(band, unit, depth)}" for band in value["bands"]]
        if value.get("last_year"):
            said.append(self.ctx.texts("law.last_year", year=value["last_year"]))
        head = self.ctx.texts(key) if self.ctx.texts.has(key) else ""
        return f"{head}{'; '.join(said)}"

    def _years(self, band: Mapping[str, Any]) -> str:
        if "to" not in band:
            return self.ctx.texts("law.years_from", first=band["from"])
        if band["from"] == band["to"]:
            return str(band["from"])
        return f"{band['from']}–{band['to']}"

    def _rate(self, band: Mapping[str, Any], unit: str, depth: int) -> str:
        """Return a band's rate: the whole, or the parts of the federation and of the region."""
        if "total" in band:
            return self._say(band["total"], unit, depth)
        parts = [self._say(band[key], unit, depth) for key in _PARTS if key in band]
        return " + ".join(parts) if parts else self.ctx.texts("rule_table")

    def _general(self, value: Mapping[str, Any], unit: str, depth: int) -> str:
        general = value["general"]
        if "total" in general:
            return self._say(general["total"], unit, depth)
        if "below" in general and "above" in general:
            return self.ctx.texts(
                "law.edge",
                below=self._say(general["below"], unit, depth),
                above=self._say(general["above"], unit, depth),
                cap=self._say(general.get("cap"), unit, depth),
            )
        return self.ctx.texts("rule_table")

    def _provisions(self, value: Mapping[str, Any], _unit: str, _depth: int) -> str:
        texts = self.ctx.texts
        if not value["provisions"]:
            return texts("law.all_accepted")
        return "; ".join(
            texts(
                "law.provision",
                rejects=self._names(provision.get("rejects", ())),
                n=provision.get("n_rivals", 1),
                rival=self._name(str(provision.get("rival_at_least", ""))),
            )
            for provision in value["provisions"]
        )

    def _levels(self, value: Mapping[str, Any], _unit: str, _depth: int) -> str:
        texts, said = self.ctx.texts, []
        for level in value["levels"]:
            stages = level.get("stages_all") or level.get("stages_any") or ()
            needs = [" + ".join(self._name(stage) for stage in stages)] if stages else []
            if level.get("min_points"):
                needs.append(texts("law.min_points", n=level["min_points"]))
            elif level.get("passes_threshold"):
                needs.append(texts("law.threshold"))
            if needs:
                said.append(f"{self._name(level['id'])}: {', '.join(needs)}")
        return "; ".join(said)

    def _relief_cap(self, value: Mapping[str, Any], _unit: str, _depth: int) -> str:
        return self.ctx.texts(
            "law.relief_cap",
            ratio=self.ctx.texts.number(value["own_spending_per_relief"]),
            years=self.ctx.texts.n("n.years", value.get("grace_years") or 0),
        )

    def _segments(self, value: Mapping[str, Any], _unit: str, _depth: int) -> str:
        said = []
        for rule in value["segments"].values():
            known = self.rules.get(str(rule.get("leaf"))) if isinstance(rule, Mapping) else None
            if known:
                said.append(self.label(known))
        return self.ctx.texts("law.segments", names="; ".join(said)) if said else ""

    def _names(self, ids: Sequence[str]) -> str:
        return ", ".join(self._name(each) for each in ids)

    def _name(self, identifier: str) -> str:
        """Return a standing or a stage in words."""
        if self.ctx.texts.has(f"standing.{identifier}"):
            return self.ctx.texts(f"standing.{identifier}")
        return self.ctx.names.stage(identifier)


_PARTS = ("federal", "regional")

__all__ = ["LawWords"]
