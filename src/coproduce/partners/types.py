"""What the partners room is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coproduce.records.figures import Figure
from coproduce.records.programme import Programme
from coproduce.records.words import Words


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the room reads.

    Attributes:
        programme: companies, capabilities, certificates, needs, products, stages, sites,
            site_technologies, demand, prices, parties and fx are used.
        exposures: table `Exposures` of the dependence room; what is exposed weighs more.
    """

    programme: Programme
    exposures: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Options:
    """How many matches to keep; the best are kept, equals in the order of their ids.

    Attributes:
        top_n: matches in all.
        per_product_n: matches of one product.
        per_pair_n: matches of one pair of companies.
        per_want_n: partners for one stage of a product that one host company lacks or seeks.
    """

    top_n: int = 200
    per_product_n: int = 6
    per_pair_n: int = 2
    per_want_n: int = 3


@dataclass(frozen=True, slots=True)
class Result:
    """What the room found.

    Attributes:
        matches: table `Matches`, best first.
        terms: match_id, side (host or partner), term, value (0–1), weight (0–1; a side's add up
            to 1), contribution (value times weight; a side's add up to its score).
        withheld: company_id, side, matches_withheld, best_score: companies that a screening
            list names; shown so that nobody is left out in silence, never proposed.
        considered: pairs of companies, product and stage that were scored.
        finding: the main numbers in one sentence.
        reasons: sentences, most important first.
        warnings: what a reader must know.
        figures: every number that may be printed.
    """

    matches: pl.DataFrame
    terms: pl.DataFrame
    withheld: pl.DataFrame
    considered: int
    finding: Words
    reasons: tuple[Words, ...]
    warnings: tuple[Words, ...]
    figures: tuple[Figure, ...]


__all__ = ["Inputs", "Options", "Result"]
