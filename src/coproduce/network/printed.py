"""The room's figures: every number a report may print, with the rows and rules behind it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from coproduce.network.case import Case
from coproduce.records.figures import Figure, row_ref, weakest
from coproduce.records.programme import Programme
from coproduce.records.proof import Proof


def figures(
    programme: Programme,
    law: Mapping[str, pl.DataFrame],
    case: Case,
    tables: dict[str, pl.DataFrame],
    proof: Proof,
    share: float,
) -> tuple[Figure, ...]:
    """Return every number of the room."""
    money = f"{programme.settings.currency} mn, {programme.settings.price_base}"
    status = weakest(tables["cash"]["status"].unique().to_list())
    sites = _openings(programme, case, tables, money)
    whole = Figure(
        "network.npv",
        proof.objective,
        money,
        "Net present value of the plan after tax",
        "Чистая приведённая стоимость плана после налогов",
        status,
        rows=_plan_rows(programme, tables),
        rules=_rules(law, case, tables),
        method="sum of the plan's cash, discounted at the host's rate to the base year",
        high=proof.bound,
        note=f"no plan is worth more than {proof.bound:.1f}",
    )
    return (
        whole,
        *_proof_figures(proof, status, money),
        *_site_figures(programme, tables, sites, money),
        Figure(
            "network.assumed_share",
            share,
            "share",
            "Share of the plan's payments that rests on assumed figures",
            "Доля платежей плана, опирающаяся на допущения",
            "observed",
            method="sum of |value| with status assumed or synthetic over sum of |value|, without "
            "what plants and trade pay one another",
        ),
        *_products(programme, tables),
        *sites,
    )


def _proof_figures(proof: Proof, status: str, money: str) -> tuple[Figure, ...]:
    return (
        Figure(
            "network.bound",
            proof.bound,
            money,
            "Bound: no plan is worth more",
            "Граница: дороже плана нет",
            status,
            method="bound of the pooled model, which charges no more than the true freight",
        ),
        Figure(
            "network.gap",
            proof.gap_share,
            "share",
            "Gap between the plan and the bound",
            "Разрыв между планом и границей",
            "observed",
            parts=("network.npv", "network.bound"),
            method="|bound - value| / |value|",
        ),
    )


def _site_figures(
    programme: Programme, tables: dict[str, pl.DataFrame], sites: tuple[Figure, ...], money: str
) -> tuple[Figure, ...]:
    """Return what the opened sites give together."""
    parts = tuple(figure.figure_id for figure in sites)
    status = weakest(figure.status for figure in sites)
    openings = tables["openings"]
    return (
        Figure(
            "network.capex",
            float(openings["capex_mn"].sum()),
            money,
            "Capital cost of the plan, undiscounted",
            "Вложения по плану, без дисконтирования",
            status,
            parts=parts,
            method="sum over openings",
        ),
        Figure(
            "network.sites",
            float(openings["site_id"].n_unique()),
            "site",
            "Sites opened",
            "Открытые площадки",
            status,
            parts=parts,
        ),
        Figure(
            "network.jobs",
            _jobs(programme, tables),
            "job",
            "Jobs in the modules ordered",
            "Рабочие места на заказанных модулях",
            status,
            rows=_module_rows(openings),
            method="jobs of each module times modules ordered",
        ),
    )


def _openings(
    programme: Programme, case: Case, tables: dict[str, pl.DataFrame], money: str
) -> tuple[Figure, ...]:
    names = {row["site_id"]: row for row in programme["sites"].iter_rows(named=True)}
    known = {
        (line.site_id, line.technology_id, size.module_id): size.status
        for line in case.lines
        for size in line.sizes
    }
    made = []
    for (site_id,), own in tables["openings"].group_by("site_id", maintain_order=True):
        keys = own.select("site_id", "technology_id", "module_id").unique(maintain_order=True)
        rows = [row_ref("sites", site_id)]
        rows += [row_ref("site_technologies", s, t) for s, t, _ in keys.iter_rows()]
        made.append(
            Figure(
                f"network.openings.{site_id}",
                float(own["capex_mn"].sum()),
                money,
                f"Capital cost at {names[site_id]['name_en']}",
                f"Вложения: {names[site_id]['name_ru']}",
                weakest(known[key] for key in keys.iter_rows()),
                rows=(*dict.fromkeys(rows), *_module_rows(own)),
                rules=case.sites[str(site_id)].rules,
                method="module cost × factor of the site × factor of the deal",
            )
        )
    return tuple(made)


def _products(programme: Programme, tables: dict[str, pl.DataFrame]) -> tuple[Figure, ...]:
    made = tables["production"].select("product_id", "stage_id").unique()
    stages = programme.settings.stage_ids
    counted = []
    for stage_id in stages:
        stage = programme.settings.stage_name(stage_id)
        own = sorted(made.filter(pl.col("stage_id") == stage_id)["product_id"].to_list())
        counted.append(
            Figure(
                f"network.products_{stage_id}",
                float(len(own)),
                "product",
                f"Products with “{stage.en}” made by the plan",
                f"Продукты, у которых план делает стадию «{stage.ru}»",
                "observed",
                rows=tuple(row_ref("stages", product, stage_id) for product in own),
                method="count of products with output in any year",
            )
        )
    return tuple(counted)


def _jobs(programme: Programme, tables: dict[str, pl.DataFrame]) -> float:
    modules = programme["modules"].select("technology_id", "module_id", "jobs")
    joined = tables["openings"].join(modules, on=["technology_id", "module_id"])
    return float((joined["modules"] * joined["jobs"]).sum())


def _module_rows(openings: pl.DataFrame) -> tuple[str, ...]:
    keys = openings.select("technology_id", "module_id").unique(maintain_order=True)
    return tuple(row_ref("modules", *key) for key in keys.iter_rows())


def _plan_rows(programme: Programme, tables: dict[str, pl.DataFrame]) -> tuple[str, ...]:
    """Return the facts that the plan's cash was made of, table by table."""
    host = programme["parties"].filter(pl.col("role") == "host")["party_id"][0]
    rows = [row_ref("parties", host)]
    sold = tables["sales"].select("product_id", "segment_id").unique().sort(pl.all())
    rows += [row_ref("prices", *key) for key in sold.iter_rows()]
    where = tables["sales"].select("product_id", "zone_id", "segment_id").unique().sort(pl.all())
    rows += [row_ref("demand", *key) for key in where.iter_rows()]
    rows += [row_ref("sources", key) for key in sorted(set(tables["purchases"]["source_id"]))]
    made = tables["production"].select("product_id", "stage_id").unique().sort(pl.all())
    rows += [row_ref("stages", *key) for key in made.iter_rows()]
    rows += _module_rows(tables["openings"])
    opened = tables["openings"].select("site_id", "technology_id").unique().sort(pl.all())
    rows += [row_ref("site_technologies", *key) for key in opened.iter_rows()]
    return tuple(rows)


def _rules(
    law: Mapping[str, pl.DataFrame], case: Case, tables: dict[str, pl.DataFrame]
) -> tuple[str, ...]:
    found: set[str] = set()
    for site_id in set(tables["openings"]["site_id"]):
        found.update(case.sites[site_id].rules)
    used = tables["sales"].select("product_id", "year", "stages_inside").unique()
    standing = law["standing"].join(used, on=["product_id", "year", "stages_inside"], how="semi")
    segments = tables["sales"].select("segment_id", "year").unique()
    access = law["access"].join(segments, on=["segment_id", "year"], how="semi")
    for frame in (standing, access, law["lead_times"]):
        for rules in frame["rules"].drop_nulls().unique():
            found.update(rule for rule in rules.split(";") if rule)
    return tuple(sorted(found))
