"""`coproduce trade opportunities`: what two countries could make together, best first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

    from coproduce.dependence.pairs.opportunities import Opportunities

SHOWN = 15
RUSSIAN = {
    "score": "оценка",
    "No product passes all conditions.": "Ни один товар не отвечает всем условиям.",
    "opportunities; left out because not —": "возможностей; отпали, так как не выполнено —",
    "Stages of the programme among them": "Из них стадии программы",
    "Note": "Замечание",
    "in the sector": "входит в отрасль",
    "imported enough": "импорт достаточен",
    "imports concentrated": "импорт сосредоточен",
    "partner competitive": "партнёр конкурентен",
    "partner exports enough": "экспорт партнёра достаточен",
    "not made well by the host": "принимающая страна ещё не делает хорошо",
    "related to what the host makes": "родственно тому, что она делает",
}


def opportunities(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder made by `coproduce trade ingest`.")
    ],
    host: Annotated[str, typer.Argument(help="Country that would make it, ISO3.")],
    partner: Annotated[str, typer.Argument(help="Country that brings the know-how, ISO3.")],
    sector: Annotated[
        str, typer.Option(help="Only this sector; `--sector ?` lists the names.")
    ] = "",
    prefix: Annotated[
        list[str] | None,
        typer.Option("--prefix", help="Only codes that begin so; may be repeated."),
    ] = None,
    year: Annotated[int, typer.Option(help="Year judged; default: the last one.")] = 0,
    min_hhi: Annotated[float, typer.Option(help="Concentration of the imports, 0–1.")] = 0.25,
    min_imports: Annotated[float, typer.Option(help="Imports of the host, USD a year.")] = 1e6,
    min_rca: Annotated[float, typer.Option(help="Advantage of the partner.")] = 1.0,
    min_density: Annotated[
        float, typer.Option(help="Density of the host from which on it could, 0–1.")
    ] = 0.0,
    most: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    programme: Annotated[
        Path | None,
        typer.Option(help="Programme folder: also say which of its stages are opportunities."),
    ] = None,
    region: Annotated[
        str, typer.Option(help="With --programme: region that seeks, for rows of `needs`.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for all tables.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    lang: Annotated[str, typer.Option(help="Language of the reasons: en or ru.")] = "en",
) -> None:
    """Rank what the host buys from few, the partner makes well and the host could make."""
    from coproduce.dependence.pairs.opportunities import Options, find
    from coproduce.dependence.pairs.write import write_tables
    from coproduce.records.errors import UsageError

    if lang not in ("en", "ru"):
        raise UsageError(f"there is no language {lang!r}; en or ru", code="U112")
    if sector == "?":
        _print_sectors(lang)
        return
    options = Options(
        year=year,
        min_hhi=min_hhi,
        min_imports_usd=min_imports,
        min_partner_rca=min_rca,
        min_density=min_density,
        prefixes=(*_prefixes(sector), *(prefix or ())),
        most=most,
    )
    found = find(folder, host, partner, options)
    tables = {"opportunities": found.table, "suppliers": found.flows}
    if programme is not None:
        tables |= _for_programme(found, programme, region)
    if out is not None:
        write_tables(out, tables)
    if as_json:
        answer: dict[str, Any] = {name: table.to_dicts() for name, table in tables.items()}
        answer |= {"left_out": found.left_out, "warnings": list(found.warnings)}
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _print(found, tables, lang)
    raise typer.Exit(0 if found.table.height else 1)


def _prefixes(sector: str) -> tuple[str, ...]:
    if not sector:
        return ()
    from coproduce.records.errors import UsageError
    from coproduce.sources.trade.reference import sectors

    table = sectors()
    found = table.filter(sector_id=sector)["hs_prefix"].to_list()
    if not found:
        names = ", ".join(sorted(set(table["sector_id"])))
        raise UsageError(f"there is no sector {sector!r}; there are {names}", code="U113")
    return tuple(found)


def _print_sectors(lang: str) -> None:
    from coproduce.sources.trade.reference import sectors

    for (sector_id, label), rows in sectors().group_by(
        "sector_id", f"label_{lang}", maintain_order=True
    ):
        typer.echo(f"{sector_id}: {label} ({', '.join(rows['hs_prefix'])})")


def _for_programme(found: Opportunities, programme: Path, region: str) -> dict[str, pl.DataFrame]:
    from coproduce.dependence.pairs.feed import candidates, needs
    from coproduce.sources import read_programme

    read = read_programme(programme)
    rows = candidates(found, read)
    return {"candidates": rows} | ({"needs": needs(rows, read, region)} if region else {})


def _print(found: Opportunities, tables: dict[str, pl.DataFrame], lang: str) -> None:
    def say(text: str) -> str:
        return RUSSIAN[text] if lang == "ru" else text

    for row in found.table.head(SHOWN).iter_rows(named=True):
        what = (row["description"] or "")[:70]
        typer.echo(
            f"{row['rank']:>3}. {row['product_id']} {what}  {say('score')} {row['score']:.3f}"
        )
        typer.echo(f"     {row[f'reason_{lang}']}")
    if found.table.is_empty():
        typer.echo(say("No product passes all conditions."))
    left = ", ".join(f"{say(name)}: {count}" for name, count in found.left_out.items())
    typer.echo(f"{found.table.height} {say('opportunities; left out because not —')} {left}")
    if "candidates" in tables:
        typer.echo(f"{say('Stages of the programme among them')}: {tables['candidates'].height}")
    for warning in found.warnings:
        typer.echo(f"{say('Note')}: {warning}", err=True)
