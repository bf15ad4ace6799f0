"""Which lines and which product stages the evidence allows; what it cuts is listed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from coproduce.network.case import Cut, Key, Line, Site, Size
from coproduce.network.scenario import Effects
from coproduce.network.types import Options
from coproduce.records.errors import ModelError
from coproduce.records.figures import weakest
from coproduce.records.programme import Programme


@dataclass(frozen=True, slots=True)
class Terms:
    """What the mode and the deal change about building.

    Attributes:
        capex_factor: capital cost against the figures of `modules`.
        extra_months: longer construction.
        ramp_years_saved: years of ramp-up that the partner's experience saves.
        countries: countries whose companies' capabilities count.
        builds: lines may be built at all.
        has_transfer: know-how of a product comes with the deal, so a maker that runs the
            technology can be taught the product.
    """

    capex_factor: float
    extra_months: float
    ramp_years_saved: float
    countries: frozenset[str]
    builds: bool = True
    has_transfer: bool = True


@dataclass(slots=True)
class Cuts:
    """Collects what is left out."""

    rows: list[Cut] = field(default_factory=list)

    def add(self, kind: str, name: str, reason_en: str, reason_ru: str) -> None:
        """Note one pair with its reason."""
        self.rows.append(Cut(kind, name, reason_en, reason_ru))


def terms_of(programme: Programme, options: Options) -> Terms:
    """Return the terms under which lines are built in this mode."""
    role = {row["role"]: row["country_id"] for row in programme["parties"].iter_rows(named=True)}
    if options.mode == "host_alone":
        return Terms(
            capex_factor=programme.parameter("host_alone_capex_factor"),
            extra_months=programme.parameter("host_alone_extra_months"),
            ramp_years_saved=0.0,
            countries=frozenset({role["host"]}),
            has_transfer=False,
        )
    deal = _row(programme["deals"], "deal_id", options.deal_id or programme.settings.deal_id)
    return Terms(
        capex_factor=deal["capex_factor"],
        extra_months=0.0,
        ramp_years_saved=deal["ramp_up_years_saved"],
        countries=frozenset(role.values()),
        builds=deal["form"] != "supply_only",
    )


def makeable_stages(programme: Programme, terms: Terms, cuts: Cuts) -> set[Key]:
    """Return the stages of products that some company of the parties has shown it can make."""
    country = dict(programme["companies"].select("company_id", "country_id").iter_rows())
    screened = set(
        programme["companies"].filter(pl.col("is_screened_out"))["company_id"].to_list()
    )
    shown: set[tuple[str, str | None, str | None]] = set()
    for row in programme["capabilities"].iter_rows(named=True):
        company = row["company_id"]
        if country[company] in terms.countries and company not in screened:
            shown.add((row["stage_id"], row["product_id"], row["technology_id"]))
    taught = _stages_taught(programme, terms)
    made: set[Key] = set()
    for row in programme["stages"].iter_rows(named=True):
        key, technology = (row["product_id"], row["stage_id"]), row["technology_id"]
        if technology is None:
            continue
        if _is_shown(shown, key, technology if row["stage_id"] in taught else None):
            made.add(key)
        else:
            cuts.add(
                "product_stage",
                "|".join(key),
                "no company of the parties has shown that it makes this",
                "ни одна компания сторон не показала, что делает это",
            )
    return made


def _stages_taught(programme: Programme, terms: Terms) -> set[str]:
    """Return the stages for which it is enough that somebody runs the technology.

    Up to the stage where a full cycle begins, know-how is of the product: alone, without a
    partner who transfers it, only makers of the product itself count. What follows (forming,
    packing) a maker of the technology can learn for any product.
    """
    stage_ids = programme.settings.stage_ids
    if terms.has_transfer:
        return set(stage_ids)
    return set(stage_ids[stage_ids.index(programme.settings.full_cycle_stage_id) + 1 :])


def _is_shown(
    shown: set[tuple[str, str | None, str | None]], key: Key, technology_id: str | None
) -> bool:
    """Return whether the product is shown, or the technology where one is given."""
    product_id, stage_id = key
    by_product = any(stage == stage_id and product == product_id for stage, product, _ in shown)
    ways = {(stage_id, None, technology_id), (stage_id, None, None)}
    return by_product or (technology_id is not None and bool(ways & shown))


def lines_of(
    programme: Programme,
    law: Mapping[str, pl.DataFrame],
    sites: Mapping[str, Site],
    terms: Terms,
    effects: Effects,
    cuts: Cuts,
) -> tuple[Line, ...]:
    """Return the lines that may be built: evidence, in the bloc, usable, early enough."""
    technologies = _by(programme["technologies"], "technology_id")
    sizes: dict[str, list[dict[str, Any]]] = {}
    for row in programme["modules"].iter_rows(named=True):
        sizes.setdefault(row["technology_id"], []).append(row)
    legal_months = float(law["lead_times"]["months"].sum())
    repeat_months = programme.parameter("inspection_repeat_months")
    wages = _WageCost(programme, law)
    last_year = programme.settings.last_year
    # A partner, a site, the councils and finance come before anything is ordered.
    before_months = programme.parameter("preparation_months")
    first_order = math.ceil(before_months / 12.0 - 1e-9)
    lines: list[Line] = []
    for row in programme["site_technologies"].iter_rows(named=True):
        name = f"{row['site_id']}|{row['technology_id']}"
        technology = technologies[row["technology_id"]]
        if not terms.builds:
            cuts.add("line", name, "the deal builds nothing", "сделка ничего не строит")
            continue
        if row["site_id"] not in sites:
            continue  # the site itself is listed as left out
        months = row["construction_months"]
        months = technology["construction_months"] if months is None else months
        months += legal_months + terms.extra_months + effects.delay_months(row["technology_id"])
        months += technology["refusal_share"] * repeat_months
        lead_years = math.ceil(months / 12.0 - 1e-9)
        if programme.settings.first_year + first_order + lead_years > last_year:
            months += before_months
            cuts.add(
                "line",
                name,
                f"{months:.0f} months to first output reach beyond {last_year}",
                f"{months:.0f} мес. до первого выпуска выходят за {last_year} год",
            )
            continue
        site = sites[row["site_id"]]
        lines.append(
            Line(
                site_id=row["site_id"],
                technology_id=row["technology_id"],
                first_order=first_order,
                lead_years=lead_years,
                ramp=_ramp(programme, terms.ramp_years_saved),
                life_years=technology["life_years"],
                max_modules=row["max_modules"],
                sizes=tuple(
                    _size(module, row, terms, effects, wages.factor(site))
                    for module in sizes.get(row["technology_id"], [])
                ),
                basis=row["basis"],
                capex_factor=row["capex_factor"] * terms.capex_factor,
            )
        )
    return tuple(lines)


def _size(
    module: dict[str, Any], pair: dict[str, Any], terms: Terms, effects: Effects, wage: Any
) -> Size:
    factor = pair["capex_factor"] * terms.capex_factor
    return Size(
        module_id=module["module_id"],
        capacity=module["capacity_per_year"],
        capex_by_year=module["capex_mn"]
        * factor
        * effects.factor("capex_factor", pair["technology_id"]),
        fixed_by_year=module["fixed_cost_mn_per_year"] * wage,
        status=weakest((module["status"], pair["status"])),
    )


def _ramp(programme: Programme, years_saved: float) -> tuple[float, ...]:
    """Return usable shares by age; saved years move along the curve, straight in between."""
    curve = [
        programme.parameter("ramp_year_1_share"),
        programme.parameter("ramp_year_2_share"),
        1.0,
    ]
    ages = np.arange(2) + years_saved
    return tuple(float(share) for share in np.interp(ages, range(3), curve))


class _WageCost:
    """Fixed cost against the national figure: regional wages and the site's social contributions.

    The national figure holds the median wage of the regions with sites and the highest
    contribution rate of the year, which is the general one.
    """

    def __init__(self, programme: Programme, law: Mapping[str, pl.DataFrame]) -> None:
        self.share = programme.parameter("wage_share_of_fixed_cost")
        regions = programme["regions"].filter(
            pl.col("region_id").is_in(programme["sites"]["region_id"].unique().to_list())
        )
        self.wage = {
            region: wage
            for region, wage in regions.select("region_id", "wage_per_month").iter_rows()
            if wage is not None
        }
        self.median = float(np.median(list(self.wage.values()))) if self.wage else 1.0
        self.years = programme.settings.years
        rates = law["site_tax"].group_by("site_id", "year").agg(pl.col("payroll_rate_share").max())
        self.payroll = {(site, year): rate for site, year, rate in rates.iter_rows()}
        self.general = {
            year: max(rate for (_, y), rate in self.payroll.items() if y == year)
            for year in self.years
        }

    def factor(self, site: Site) -> Any:
        wage = self.wage.get(site.region_id, self.median) / self.median
        out = np.ones(len(self.years))
        for index, year in enumerate(self.years):
            own = 1.0 + self.payroll.get((site.site_id, year), self.general[year])
            out[index] = 1.0 - self.share + self.share * wage * own / (1.0 + self.general[year])
        return out


def _row(frame: pl.DataFrame, column: str, value: str) -> dict[str, Any]:
    rows = frame.filter(pl.col(column) == value)
    if rows.is_empty():
        known = ", ".join(frame[column].to_list())
        raise ModelError(f"no {column} {value!r}; there is {known}", code="N011")
    return dict(rows.row(0, named=True))


def _by(frame: pl.DataFrame, column: str) -> dict[str, dict[str, Any]]:
    return {row[column]: row for row in frame.iter_rows(named=True)}
