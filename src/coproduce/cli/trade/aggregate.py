"""`coproduce trade aggregate`: the first sums over raw flows, here or on a server."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer


class What(StrEnum):
    """The four queries."""

    SUPPLIERS = "suppliers"
    EXPORTS = "exports"
    PAIR = "pair"
    MIRROR = "mirror"


def aggregate(
    what: Annotated[What, typer.Argument(help="Which sums.")],
    flows: Annotated[
        str, typer.Argument(metavar="DIR|TABLE", help="Trade data folder, or table on a server.")
    ],
    out: Annotated[Path, typer.Option(help="Parquet file to write.")],
    of: Annotated[
        tuple[str, str] | None, typer.Option(help="pair: the two countries, e.g. IND RUS.")
    ] = None,
    others: Annotated[
        str, typer.Option(help="mirror: folder or table of flows as importers tell them.")
    ] = "",
    cif_over_fob: Annotated[
        float, typer.Option(help="mirror: importers' values are divided by it.")
    ] = 1.0,
    on: Annotated[
        str, typer.Option(help="URL of a server, e.g. postgres://user@host/database.")
    ] = "",
    memory_mb: Annotated[int, typer.Option(help="Memory before spilling to disk, MB.")] = 1000,
    threads: Annotated[int, typer.Option(help="Threads.")] = 1,
) -> None:
    """Sum raw flows up: by supplier, by exporter, for one pair, or as told by both sides.

    On a server the table has the columns year, exporter, importer, product, value_usd; the extra
    `sql` is needed there.
    """
    from coproduce.records.errors import UsageError

    if what is What.PAIR and of is None:
        raise UsageError("which two countries? Give --of A B", code="U110")
    if what is What.MIRROR and not others:
        raise UsageError("flows as importers tell them are missing; give --others", code="U110")
    if not cif_over_fob > 0:
        raise UsageError(f"--cif-over-fob is {cif_over_fob}; it must be above 0", code="U110")
    if on:
        found = _on_server(what, on, flows, others, of, cif_over_fob)
    else:
        found = _here(what, Path(flows), Path(others), of, cif_over_fob, (memory_mb, threads))
    part = out.with_name(f".{out.name}.part")
    out.parent.mkdir(parents=True, exist_ok=True)
    found.write_parquet(part)
    part.replace(out)
    typer.echo(f"{found.height} rows: {out}")


def _here(
    what: What,
    flows: Path,
    others: Path,
    of: tuple[str, str] | None,
    cif_over_fob: float,
    limits: tuple[int, int],
) -> Any:
    from coproduce.dependence.aggregates import duck

    memory_mb, threads = limits
    if what is What.PAIR and of is not None:
        return duck.pair(flows, *of, memory_mb=memory_mb, threads=threads)
    if what is What.MIRROR:
        return duck.mirror(
            flows, others, cif_over_fob=cif_over_fob, memory_mb=memory_mb, threads=threads
        )
    chosen = duck.suppliers if what is What.SUPPLIERS else duck.exports
    return chosen(flows, memory_mb=memory_mb, threads=threads)


def _on_server(
    what: What,
    on: str,
    flows: str,
    others: str,
    of: tuple[str, str] | None,
    cif_over_fob: float,
) -> Any:
    from coproduce.dependence.aggregates import portable
    from coproduce.engines.sql import server

    connection = server(on)
    table = connection.table(flows)
    if what is What.PAIR and of is not None:
        return portable.pair(table, *of).to_polars()
    if what is What.MIRROR:
        return portable.mirror(table, connection.table(others), cif_over_fob).to_polars()
    chosen = portable.suppliers if what is What.SUPPLIERS else portable.exports
    return chosen(table).to_polars()
