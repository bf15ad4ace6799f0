"""What each company makes, wants and may: one row per company, product and stage."""

from __future__ import annotations

from datetime import date

import polars as pl

from coproduce.records.programme import Programme

STRENGTH = {"observed": 1.0, "reported": 0.8, "estimated": 0.5, "assumed": 0.3, "synthetic": 0.3}
"""Worth of evidence by its status: a register counts for more than a belief."""

EXACT, BY_TECHNOLOGY, BY_STAGE = 1.0, 0.5, 0.25
"""How far evidence speaks of the product itself, of its technology, or only of such a stage."""

SHOWN = {EXACT: 1.0, BY_TECHNOLOGY: 0.3, BY_STAGE: 0.1}
"""Worth of evidence by its fit. A technology alone is little: registration data, suppliers and
customers come with the product; a need, by contrast, is real however widely it is put."""

USUAL_WEIGHT = 2.0
"""A need of this weight or more counts in full; the usual weight 1 counts half."""


def product_stages(programme: Programme) -> pl.DataFrame:
    """Return product_id, stage_id, stage_no and technology_id of every stage."""
    return programme["stages"].select("product_id", "stage_id", "stage_no", "technology_id")


def spread(programme: Programme, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows widened to every product and stage they speak of, with `fit` of each.

    A row that names a product fits it exactly; one that names a technology fits all stages made
    with it; one that names only a stage fits that stage of every product; one that names nothing
    fits everything, as weakly.

    Args:
        programme: for the stages.
        rows: product_id, stage_id and technology_id may each be empty; other columns are kept.
    """
    stages = product_stages(programme)
    wide = rows.join(stages, how="cross", suffix="_of")
    agrees = [
        pl.col(column).is_null() | (pl.col(column) == pl.col(f"{column}_of"))
        for column in ("product_id", "stage_id")
    ]
    # A product says more than a technology: one that names both is taken at its product.
    technology = pl.col("technology_id")
    agrees.append(
        pl.col("product_id").is_not_null()
        | technology.is_null()
        | (technology == pl.col("technology_id_of"))
    )
    fit = (
        pl.when(pl.col("product_id").is_not_null())
        .then(EXACT)
        .when(technology.is_not_null())
        .then(BY_TECHNOLOGY)
        .otherwise(BY_STAGE)
    )
    kept = [name for name in rows.columns if name not in stages.columns]
    return wide.filter(*agrees).select(
        *kept,
        product_id="product_id_of",
        stage_id="stage_id_of",
        stage_no="stage_no",
        technology_id="technology_id_of",
        fit=fit,
    )


def made(programme: Programme) -> pl.DataFrame:
    """Return what companies have shown they make, the best evidence for each stage.

    Columns: company_id, product_id, stage_id, stage_no, fit, strength (worth of the fit times
    worth of the status, 0–1), capability_id, evidence, evidence_status.
    """
    columns = ["capability_id", "company_id", "product_id", "stage_id", "technology_id"]
    rows = programme["capabilities"].select(*columns, "evidence", evidence_status="status")
    worth = pl.col("evidence_status").replace_strict(STRENGTH, return_dtype=pl.Float64)
    shown = pl.col("fit").replace_strict(SHOWN, return_dtype=pl.Float64)
    key = ["company_id", "product_id", "stage_id"]
    return (
        spread(programme, rows)
        .with_columns(strength=shown * worth)
        .sort(["strength", "capability_id"], descending=[True, False])
        .unique(key, keep="first", maintain_order=True)
        .drop("technology_id")
    )


def needs(programme: Programme, seeks: tuple[str, ...]) -> pl.DataFrame:
    """Return how much each company looks for each product and stage: need (0–1) and need_id.

    Args:
        programme: `needs` of companies; a region's own needs are not here.
        seeks: kinds of need that count.
    """
    columns = ["need_id", "company_id", "product_id", "stage_id", "technology_id", "seeks"]
    rows = (
        programme["needs"]
        .filter(pl.col("company_id").is_not_null() & pl.col("seeks").is_in(list(seeks)))
        .select(*columns, "weight")
    )
    weight = pl.col("weight").clip(upper_bound=USUAL_WEIGHT) / USUAL_WEIGHT
    return (
        spread(programme, rows)
        .with_columns(need=pl.col("fit") * weight)
        .sort(["need", "need_id"], descending=[True, False])
        .select("company_id", "product_id", "stage_id", "seeks", "need", "need_id")
    )


def certificate_terms(programme: Programme, offers: pl.DataFrame, instant: date) -> pl.DataFrame:
    """Return company_id, product_id, stage_id, certificate (0–1) and certificate_id.

    1: a certificate that covers the stage is valid on the day; 0.7: one is valid, for another
    stage; 0.4: none is known; 0.2: the one there was has run out or is not yet in force; 0: one
    that covers the stage was refused or is suspended, whatever else is on record.

    Args:
        programme: `certificates`.
        offers: company_id, product_id, stage_id and technology_id of what is offered.
        instant: the day on which validity is asked.
    """
    key = ["company_id", "product_id", "stage_id"]
    scope = pl.col("scope").str.to_lowercase()
    covers = (
        pl.col("scope").is_null()
        | scope.str.contains(pl.col("stage_id"), literal=True)
        | scope.str.contains(pl.col("technology_id"), literal=True).fill_null(False)
    )
    in_force = (pl.col("valid_from").is_null() | (pl.col("valid_from") <= instant)) & (
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= instant)
    )
    granted = pl.col("result") == "granted"
    barred = pl.col("result").is_in(["refused", "suspended"])
    worth = (
        pl.when(barred & covers & in_force)
        .then(0.0)
        .when(granted & in_force & covers)
        .then(1.0)
        .when(granted & in_force)
        .then(0.7)
        .when(granted)
        .then(0.2)
        .otherwise(0.4)
    )
    columns = ["certificate_id", "company_id", "scope", "valid_from", "valid_to", "result"]
    found = (
        offers.select(*key, "technology_id")
        .unique()
        .join(programme["certificates"].select(columns), on="company_id")
        .with_columns(certificate=worth)
        # A bar outweighs every grant; among the rest the best counts.
        .sort([pl.col("certificate") > 0, -pl.col("certificate"), "certificate_id"])
        .unique(key, keep="first", maintain_order=True)
    )
    return found.select(*key, "certificate", "certificate_id")
