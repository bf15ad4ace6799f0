"""Candidate pairs and their two-sided score, term by term."""

from __future__ import annotations

import polars as pl

from coproduce.partners import evidence
from coproduce.records.programme import Programme

WEIGHTS = {
    "host": {"gap": 0.20, "need": 0.20, "evidence": 0.25, "certificate": 0.15, "security": 0.20},
    "partner": {
        "market": 0.30,
        "route": 0.25,
        "wish": 0.15,
        "place": 0.10,
        "presence": 0.10,
        "size": 0.10,
    },
}
"""Weight of each term in its side's score; each side adds up to 1."""

NO_CERTIFICATE = 0.4
KEY = ["host_company_id", "partner_company_id", "product_id", "stage_id"]
STAGE = ["product_id", "stage_id"]


def candidates(
    programme: Programme, exposures: pl.DataFrame, host_country: str, partner_country: str
) -> pl.DataFrame:
    """Return every pair of companies, product and stage worth scoring, with all term values.

    A candidate is a stage that a company of the partner side makes and a company of the host
    side either lacks before a later stage of its own, or looks for.
    """
    sides = programme["companies"].select("company_id", "country_id", "is_screened_out")
    hosts = sides.filter(pl.col("country_id") == host_country)["company_id"].implode()
    partners = sides.filter(pl.col("country_id") == partner_country)["company_id"].implode()
    stages = evidence.product_stages(programme)
    made = evidence.made(programme)
    offers = made.filter(pl.col("company_id").is_in(partners))
    own = made.filter(pl.col("company_id").is_in(hosts))
    wants = _wants(programme, own, hosts)
    pairs = wants.join(
        offers.select(
            *STAGE,
            "evidence_status",
            "capability_id",
            "fit",
            partner_company_id="company_id",
            shown="evidence",
            evidence="strength",
        ),
        on=STAGE,
    ).rename({"company_id": "host_company_id"})
    screened = sides.filter("is_screened_out")["company_id"].implode()
    return (
        pairs.pipe(_with_certificates, programme)
        .join(_security(programme, exposures), on=STAGE, how="left")
        .join(_market(programme), on="product_id", how="left")
        .pipe(_with_route, own, stages)
        .pipe(_with_place, programme, stages)
        .pipe(_with_companies, programme)
        .pipe(_with_wishes, programme)
        .with_columns(
            pl.col("security", "market").fill_null(0.0),
            is_host_screened=pl.col("host_company_id").is_in(screened),
            is_partner_screened=pl.col("partner_company_id").is_in(screened),
        )
        .pipe(scored)
    )


def scored(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs with host_score, partner_score and score, best first.

    The score is the harmonic mean of the two sides (as in RECON, Pizzato et al. 2010): it leans to
    the smaller one, so that what is splendid for one side and poor for the other ranks low. A
    joint production that one side has no reason to enter does not happen.

    Example:
        Sides of 0.9 and 0.1 give 2 · 0.9 · 0.1 / 1.0 = 0.18; sides of 0.5 and 0.5 give 0.5.
    """
    sides = {
        f"{side}_score": pl.sum_horizontal(pl.col(term) * w for term, w in terms.items())
        for side, terms in WEIGHTS.items()
    }
    a, b = pl.col("host_score"), pl.col("partner_score")
    harmonic = pl.when(a + b > 0).then(2 * a * b / (a + b)).otherwise(0.0)
    # Rounding keeps the order of equals a matter of their ids, not of the last bit.
    return (
        pairs.with_columns(**sides)
        .with_columns(score=harmonic.clip(0, 1).round(9))
        .sort(["score", *KEY], descending=[True, False, False, False, False])
    )


def _wants(programme: Programme, own: pl.DataFrame, hosts: pl.Series) -> pl.DataFrame:
    """Return what host companies lack or look for: gap and need (0–1) by company and stage."""
    key = ["company_id", *STAGE]
    stages = evidence.product_stages(programme)
    lacking = (
        own.join(stages.select(*STAGE, "stage_no", "technology_id"), on="product_id", suffix="_of")
        .filter(pl.col("stage_no_of") < pl.col("stage_no"))
        .with_columns(
            stage_id="stage_id_of",
            # The stage right before one's own can be used at once; earlier ones cannot.
            gap=pl.col("strength")
            * pl.when(pl.col("stage_no_of") + 1 == pl.col("stage_no")).then(1.0).otherwise(0.6),
        )
        .join(own.select(key), on=key, how="anti")
        .group_by(key)
        .agg(pl.col("gap").max(), host_fit=pl.col("fit").max())
    )
    sought = (
        evidence.needs(programme, ("technology", "substance_supply", "contract_making"))
        .filter(pl.col("company_id").is_in(hosts))
        .unique(key, keep="first", maintain_order=True)
        .select(*key, "need", "need_id")
    )
    return lacking.join(sought, on=key, how="full", coalesce=True).with_columns(
        pl.col("gap", "need").fill_null(0.0)
    )


def _with_certificates(pairs: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    technologies = evidence.product_stages(programme).select(*STAGE, "technology_id")
    offers = pairs.select(*STAGE, company_id="partner_company_id").join(technologies, on=STAGE)
    terms = evidence.certificate_terms(programme, offers, programme.settings.rule_instant)
    return pairs.join(
        terms.rename({"company_id": "partner_company_id"}),
        on=["partner_company_id", *STAGE],
        how="left",
    ).with_columns(pl.col("certificate").fill_null(NO_CERTIFICATE))


def _security(programme: Programme, exposures: pl.DataFrame) -> pl.DataFrame:
    """Return the largest chain share of one country outside the bloc at each stage."""
    inside = programme["countries"].filter("is_in_bloc")["country_id"].implode()
    return (
        exposures.filter(~pl.col("country_id").is_in(inside))
        .group_by(STAGE)
        .agg(security=pl.col("chain_share").max())
    )


def _market(programme: Programme) -> pl.DataFrame:
    """Return each product's rank by value of demand, from 0 (least) to 1 (most)."""
    prices = _in_base(programme, programme["prices"], "price_per_pack", "currency")
    value = (
        programme["demand"]
        .group_by("product_id", "segment_id")
        .agg(pl.col("quantity").sum())
        .join(prices, on=["product_id", "segment_id"])
        .group_by("product_id")
        .agg(value=(pl.col("quantity") * pl.col("base")).sum())
    )
    rank = pl.col("value").rank("max")
    return value.select("product_id", market=rank / pl.len())


def _in_base(programme: Programme, rows: pl.DataFrame, amount: str, currency: str) -> pl.DataFrame:
    """Return rows with `base`: an amount in base currency, empty where no rate is known."""
    rates = (
        programme["fx"]
        .filter(pl.col("year") >= programme.settings.base_year)
        .sort("year")
        .unique("currency", keep="first", maintain_order=True)
        .select("currency", "base_per_unit")
    )
    factor = pl.when(pl.col(currency) == programme.settings.currency).then(1.0)
    return rows.join(rates, left_on=currency, right_on="currency", how="left").with_columns(
        base=pl.col(amount) * factor.otherwise(pl.col("base_per_unit"))
    )


def _with_route(pairs: pl.DataFrame, own: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """Add `route`: how surely the host company makes a later stage, so can bring it to market."""
    later = own.select("product_id", "strength", later_no="stage_no", host_company_id="company_id")
    best = (
        pairs.select(KEY)
        .join(stages, on=STAGE)
        .join(later, on=["host_company_id", "product_id"])
        .filter(pl.col("later_no") > pl.col("stage_no"))
        .group_by(KEY)
        .agg(route=pl.col("strength").max())
    )
    return pairs.join(best, on=KEY, how="left").with_columns(pl.col("route").fill_null(0.0))


def _with_place(pairs: pl.DataFrame, programme: Programme, stages: pl.DataFrame) -> pl.DataFrame:
    """Add `place`: how near the host company is to a site for the technology.

    1: it owns a site that can take it; 0.6: there is one in its region, or its region looks for
    the technology; 0: neither. Stalled sites do not count.
    """
    sites = (
        programme["sites"]
        .filter(pl.col("state") != "stalled")
        .join(programme["site_technologies"].select("site_id", "technology_id"), on="site_id")
    )
    of_company = sites.filter(pl.col("company_id").is_not_null()).select(
        "technology_id", host_company_id="company_id", of_company=1.0
    )
    sought = (
        programme["needs"]
        .filter(pl.col("company_id").is_null() & pl.col("technology_id").is_not_null())
        .select("region_id", "technology_id")
    )
    of_region = pl.concat([sites.select("region_id", "technology_id"), sought]).unique()
    regions = programme["companies"].select("region_id", host_company_id="company_id")
    return (
        pairs.join(stages.select(*STAGE, "technology_id"), on=STAGE, how="left")
        .join(regions, on="host_company_id", how="left")
        .join(of_company.unique(), on=["host_company_id", "technology_id"], how="left")
        .join(of_region.with_columns(of_region=0.6), on=["region_id", "technology_id"], how="left")
        .with_columns(place=pl.coalesce("of_company", "of_region", pl.lit(0.0)))
        .drop("of_company", "of_region", "technology_id", "region_id")
    )


def _with_companies(pairs: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """Add `presence`: the partner already works in the host; and `size`: how alike they are.

    Size is 1 for equal revenues and 0 for a hundredfold difference, on a logarithmic scale; 0.5
    where a revenue is not known.
    """
    companies = _in_base(programme, programme["companies"], "revenue_mn", "revenue_currency")
    side = companies.select("company_id", "kind", "base", "host_presence")
    size = 1 - ((pl.col("base") / pl.col("base_p")).log(10).abs() / 2).clip(0, 1)
    known = (pl.col("base") > 0) & (pl.col("base_p") > 0)
    return (
        pairs.join(side.drop("host_presence"), left_on="host_company_id", right_on="company_id")
        .join(side, left_on="partner_company_id", right_on="company_id", suffix="_p")
        .with_columns(
            size=pl.when(known).then(size).otherwise(0.5),
            presence=pl.col("host_presence").is_not_null().cast(pl.Float64),
            is_investor=pl.col("kind") == "investor",
        )
        .drop("kind", "kind_p", "base", "base_p")
    )


def _with_wishes(pairs: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """Add `wish`: how much the partner looks for what this host company has."""
    asked = evidence.needs(programme, ("market_access", "contract_making", "site", "capital"))
    has = (
        (pl.col("seeks").is_in(["market_access", "contract_making"]) & (pl.col("route") > 0))
        | ((pl.col("seeks") == "site") & (pl.col("place") > 0))
        | ((pl.col("seeks") == "capital") & pl.col("is_investor"))
    )
    best = (
        pairs.select(*KEY, "route", "place", "is_investor")
        .join(
            asked.rename({"company_id": "partner_company_id", "need": "wish"}),
            on=["partner_company_id", *STAGE],
        )
        .filter(has)
        .sort(["wish", "need_id"], descending=[True, False])
        .unique(KEY, keep="first", maintain_order=True)
        .select(*KEY, "wish", "seeks", partner_need_id="need_id")
    )
    return pairs.join(best, on=KEY, how="left").with_columns(pl.col("wish").fill_null(0.0))
