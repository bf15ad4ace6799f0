"""New joint projects: each opening of the plan gets the best pair of companies for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from coproduce.projects.dates import add_months
from coproduce.records.programme import Programme

PENDING = "pending"
GIVEN_UP = ("cancelled", "frozen")
PATH_SCHEMA: dict[str, type[pl.DataType]] = {
    "gate_id": pl.String,
    "gate_no": pl.Int32,
    "name_en": pl.String,
    "name_ru": pl.String,
    "low": pl.Date,
    "mode": pl.Date,
    "high": pl.Date,
    "is_before_launch": pl.Boolean,
}
TEXT, YEAR, NUMBER = pl.String, pl.Int32, pl.Float64
PROPOSAL_SCHEMA: dict[str, type[pl.DataType]] = {
    "proposal_id": TEXT,
    "site_id": TEXT,
    "technology_id": TEXT,
    "order_year": YEAR,
    "first_output_year": YEAR,
    "capex_mn": NUMBER,
    "match_id": TEXT,
    "host_company_id": TEXT,
    "partner_company_id": TEXT,
    "owner_company_id": TEXT,
    "is_owner_to_be_won": pl.Boolean,
    "stopped_project_ids": TEXT,
    "product_id": TEXT,
    "stage_id": TEXT,
    "score": NUMBER,
    "gate_id": TEXT,
    "next_gate_id": TEXT,
    "entry_criteria": TEXT,
    "responsible_role": TEXT,
    "approver_role": TEXT,
    "host_approval": TEXT,
    "partner_approval": TEXT,
    "launch_low": pl.Date,
    "launch_mode": pl.Date,
    "launch_high": pl.Date,
    "is_in_time": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Proposals:
    """New projects and the openings without a pair; see `types.Result`."""

    proposals: pl.DataFrame
    unmatched: pl.DataFrame


def path(gates: pl.DataFrame, known: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the day on which a project that starts at `as_of` leaves each gate.

    Gates before the first one at which a known project operates lie before the launch; where none
    operates, all do. The shortest, usual and longest times of the gates are added up along the
    path: the range is that of all steps at their shortest, or all at their longest.
    """
    months = {"low": 0.0, "mode": 0.0, "high": 0.0}
    running = known.filter(pl.col("state") == "operating").join(gates, on="gate_id")["gate_no"]
    rows = []
    for gate in gates.sort("gate_no").iter_rows(named=True):
        for end in months:
            months[end] += gate[f"months_{end}"]
        rows.append(
            {name: gate[name] for name in ("gate_id", "gate_no", "name_en", "name_ru")}
            | {end: add_months(as_of, total) for end, total in months.items()}
            | {"is_before_launch": all(gate["gate_no"] < number for number in running)}
        )
    return pl.DataFrame(rows, schema=PATH_SCHEMA)


def proposals(
    programme: Programme, matches: pl.DataFrame, openings: pl.DataFrame, way: pl.DataFrame
) -> Proposals:
    """Return a joint project for each opening, at the first gate, both approvals pending.

    A pair fits an opening if the stage of its product is made by the opening's technology; a pair
    without product or stage fits any. A line with an owner takes only a pair with that owner as
    host company. Owned lines with such a pair choose first, then lines without an owner; an owned
    line that is left gets the partner of a fitting pair and no host company, since its owner is
    still to be won. A pair is proposed once; among equals earlier openings choose first.

    Args:
        programme: the programme.
        matches: pairs of companies.
        openings: what the plan orders; several orders of one technology at a site are one project.
        way: see `path`.
    """
    fits = _Fits(programme, matches)
    orders = list(_projects(openings))
    taken: dict[int, dict[str, Any]] = {}
    for choose in (fits.of_owner, fits.of_anyone, fits.without_host):
        for number, opening in enumerate(orders):
            pair = None if number in taken else choose(opening)
            if pair is not None:
                taken[number] = pair
    made = [
        _proposal(orders[number], pair, programme["gates"], way)
        for number, pair in sorted(taken.items())
    ]
    missed = [
        (opening["site_id"], opening["technology_id"], opening["year"])
        for number, opening in enumerate(orders)
        if number not in taken
    ]
    schema = {"site_id": pl.String, "technology_id": pl.String, "order_year": pl.Int32}
    return Proposals(
        pl.DataFrame(made, schema=PROPOSAL_SCHEMA),
        pl.DataFrame(missed, schema=schema, orient="row"),
    )


def launch_of(way: pl.DataFrame) -> dict[str, Any]:
    """Return the last gate before the launch, with the days on which it is left."""
    before = way.filter("is_before_launch")
    return (before if before.height else way.head(1)).row(-1, named=True)


class _Fits:
    """Which pairs fit an opening; each is given away once."""

    def __init__(self, programme: Programme, matches: pl.DataFrame) -> None:
        stages = programme["stages"].select("product_id", "stage_id", "technology_id").iter_rows()
        self.technology = {(product, stage): technology for product, stage, technology in stages}
        self.left: list[dict[str, Any]] = matches.sort(
            "score", "match_id", descending=[True, False]
        ).to_dicts()
        self.stopped = _stopped(programme["known_projects"])
        sites = programme["sites"].select("site_id", "company_id")
        self.site_owner = dict(sites.iter_rows())
        lines = programme["site_technologies"].select("site_id", "technology_id", "company_id")
        self.line_owner = {(site, technology): owner for site, technology, owner in lines.rows()}

    def of_owner(self, opening: dict[str, Any]) -> dict[str, Any] | None:
        """Return the best pair with the line's owner as host company."""
        owner = self._owner(opening)
        return self._take(opening, owner, host=owner) if owner else None

    def of_anyone(self, opening: dict[str, Any]) -> dict[str, Any] | None:
        """Return the best pair for a line that nobody owns."""
        return None if self._owner(opening) else self._take(opening, None)

    def without_host(self, opening: dict[str, Any]) -> dict[str, Any] | None:
        """Return the partner of the best pair left; the pair itself is not what is proposed.

        An owner that is itself a partner company need not be won; then only a host is missing.
        """
        owner = self._owner(opening)
        if owner is None:
            return None
        found = self._take(opening, owner, partner=owner) or self._take(opening, owner)
        if found is None:
            return None
        pair = {"match_id": None, "host_company_id": None, "score": None}
        is_missing = found["partner_company_id"] != owner
        return found | pair | {"is_owner_to_be_won": is_missing, "stopped_project_ids": None}

    def _owner(self, opening: dict[str, Any]) -> str | None:
        place = opening["site_id"], opening["technology_id"]
        return self.line_owner.get(place) or self.site_owner.get(opening["site_id"])

    def _take(
        self,
        opening: dict[str, Any],
        owner: str | None,
        *,
        host: str | None = None,
        partner: str | None = None,
    ) -> dict[str, Any] | None:
        for pair in self.left:
            is_asked = host in (None, pair["host_company_id"]) and partner in (
                None,
                pair["partner_company_id"],
            )
            if is_asked and self._fits(pair, opening["technology_id"]):
                self.left.remove(pair)
                both = frozenset((pair["host_company_id"], pair["partner_company_id"]))
                return pair | {
                    "owner_company_id": owner,
                    "is_owner_to_be_won": False,
                    "stopped_project_ids": ";".join(self.stopped.get(both, ())) or None,
                }
        return None

    def _fits(self, pair: dict[str, Any], technology_id: str) -> bool:
        if pair["product_id"] is None or pair["stage_id"] is None:
            return True
        return self.technology.get((pair["product_id"], pair["stage_id"])) == technology_id


def _stopped(known: pl.DataFrame) -> dict[frozenset[str], list[str]]:
    """Return pairs of companies → their projects that were given up or are on ice."""
    found: dict[frozenset[str], list[str]] = {}
    rows = known.filter(pl.col("state").is_in(GIVEN_UP)).sort("project_id")
    for name, *pair in rows.select("project_id", "company_id", "partner_company_id").iter_rows():
        if None not in pair:
            found.setdefault(frozenset(pair), []).append(name)
    return found


def _projects(openings: pl.DataFrame) -> Iterator[dict[str, Any]]:
    return (
        openings.group_by("site_id", "technology_id")
        .agg(
            pl.col("year").min(),
            pl.col("first_output_year").min(),
            pl.col("capex_mn").sum(),
        )
        .sort("year", "site_id", "technology_id")
        .iter_rows(named=True)
    )


def _proposal(
    opening: dict[str, Any], pair: dict[str, Any], gates: pl.DataFrame, way: pl.DataFrame
) -> dict[str, Any]:
    ordered = gates.sort("gate_no")
    first = ordered.row(0, named=True)
    later = ordered.row(1, named=True) if ordered.height > 1 else first
    launch = launch_of(way)
    return {
        "proposal_id": f"{opening['site_id']}.{opening['technology_id']}",
        "site_id": opening["site_id"],
        "technology_id": opening["technology_id"],
        "order_year": opening["year"],
        "first_output_year": opening["first_output_year"],
        "capex_mn": opening["capex_mn"],
        **{
            name: pair[name]
            for name in (
                "match_id",
                "host_company_id",
                "partner_company_id",
                "owner_company_id",
                "is_owner_to_be_won",
                "stopped_project_ids",
                "product_id",
                "stage_id",
                "score",
            )
        },
        "gate_id": first["gate_id"],
        "next_gate_id": later["gate_id"],
        "entry_criteria": later["entry_criteria"],
        "responsible_role": first["responsible_role"],
        "approver_role": first["approver_role"],
        "host_approval": PENDING,
        "partner_approval": PENDING,
        "launch_low": launch["low"],
        "launch_mode": launch["mode"],
        "launch_high": launch["high"],
        "is_in_time": launch["mode"].year <= opening["first_output_year"],
    }


__all__ = ["PENDING", "Proposals", "launch_of", "path", "proposals"]
