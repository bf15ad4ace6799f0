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
    without product or stage fits any. Where the site has an owner that is in a fitting pair, only
    the owner's pairs are looked at. A pair is proposed once; earlier openings choose first.

    Args:
        programme: the programme.
        matches: pairs of companies, best first.
        openings: what the plan orders; several orders of one technology at a site are one project.
        way: see `path`.
    """
    fits = _Fits(programme, matches)
    made, missed = [], []
    for opening in _projects(openings):
        pair = fits.take(opening)
        if pair is None:
            missed.append((opening["site_id"], opening["technology_id"], opening["year"]))
        else:
            made.append(_proposal(opening, pair, programme["gates"], way))
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
        self.owners: dict[tuple[str, str | None], set[str]] = {}
        for site_id, company_id in programme["sites"].select("site_id", "company_id").iter_rows():
            if company_id:
                self.owners.setdefault((site_id, None), set()).add(company_id)
        evidence = programme["site_technologies"].select("site_id", "technology_id", "company_id")
        for site_id, technology_id, company_id in evidence.iter_rows():
            if company_id:
                self.owners.setdefault((site_id, technology_id), set()).add(company_id)

    def take(self, opening: dict[str, Any]) -> dict[str, Any] | None:
        fitting = [pair for pair in self.left if self._fits(pair, opening["technology_id"])]
        site_id = opening["site_id"]
        owners = self.owners.get((site_id, opening["technology_id"]), set()) | self.owners.get(
            (site_id, None), set()
        )
        own = [pair for pair in fitting if pair["host_company_id"] in owners]
        best = next(iter(own or fitting), None)
        if best is not None:
            self.left.remove(best)
        return best

    def _fits(self, pair: dict[str, Any], technology_id: str) -> bool:
        if pair["product_id"] is None or pair["stage_id"] is None:
            return True
        return self.technology.get((pair["product_id"], pair["stage_id"])) == technology_id


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
