"""The only door to SQL: DuckDB inside this process, other servers through Ibis.

DuckDB keeps to a share of memory and spills to disk what does not fit. Ibis is an optional extra
and compiles one expression to the SQL of each server.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from coproduce.records.errors import ModelError, SourceError, UsageError

if TYPE_CHECKING:
    import duckdb

MEMORY_MB = 1_000
SERVERS = ("duckdb", "postgres", "clickhouse", "chdb", "trino", "datafusion")


@dataclass(frozen=True, slots=True)
class Duck:
    """An open DuckDB; made by `duck`.

    Attributes:
        connection: of DuckDB itself.
        folder: where it spills and leaves answers, removed when it is closed.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Path

    def query(self, sql: str, values: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Return the rows of a query; they pass through a file, so they may be many.

        Args:
            sql: one SELECT; values stand in it as ``$name``.
            values: name → value.

        Raises:
            SourceError: E202 if the file read is not what the query expects.
            ModelError: E203 if memory and disk are not enough.
        """
        import duckdb

        answer = self.folder / "answer.parquet"
        text = f"COPY ({sql}) TO {literal(answer)} (FORMAT parquet)"
        try:
            self.connection.execute(text, dict(values or {}))
        except duckdb.OutOfMemoryException as error:
            raise ModelError(
                f"memory and the disk for spilling are not enough ({error}); give more memory "
                "or take fewer years",
                code="E203",
            ) from error
        except (duckdb.IOException, duckdb.BinderException, duckdb.InvalidInputException) as error:
            raise SourceError(f"the flows cannot be read: {error}", code="E202") from error
        return pl.read_parquet(answer)


@contextmanager
def duck(*, memory_mb: int = MEMORY_MB, threads: int = 1) -> Iterator[Duck]:
    """Give a DuckDB of limited memory that spills to a folder of its own, removed afterwards.

    Args:
        memory_mb: what it may hold in memory (MB).
        threads: how many threads it uses.

    Raises:
        UsageError: E201 if a limit is not positive.
    """
    import duckdb

    if memory_mb < 1 or threads < 1:
        raise UsageError(
            f"memory {memory_mb} MB and {threads} threads: both must be at least 1", code="E201"
        )
    with tempfile.TemporaryDirectory(prefix="coproduce-sql-") as spill:
        connection = duckdb.connect(
            config={"threads": threads, "memory_limit": f"{memory_mb}MB", "temp_directory": spill}
        )
        try:
            yield Duck(connection, Path(spill))
        finally:
            connection.close()


def literal(path: Path) -> str:
    """Return a path as an SQL text, quotes doubled."""
    return "'" + str(path).replace("'", "''") + "'"


def server(url: str) -> Any:
    """Return an Ibis connection to a server.

    Args:
        url: for example ``postgres://user@host/database`` or ``clickhouse://host/database``;
            ``duckdb://`` is DuckDB in this process.

    Raises:
        UsageError: E204 if the extra is not installed, E205 if the kind of server is unknown.
        SourceError: E206 if the server cannot be reached.
    """
    kind = url.partition("://")[0].replace("postgresql", "postgres")
    if kind not in SERVERS:
        raise UsageError(
            f"{url!r} names no server that is known; write {', '.join(SERVERS)} before ://",
            code="E205",
        )
    try:
        import ibis
    except ImportError as error:
        raise UsageError(
            "other servers need the extra `sql`: pip install 'coproduce[sql]'", code="E204"
        ) from error
    try:
        return ibis.connect(url)
    except Exception as error:  # each server has errors of its own
        raise SourceError(f"cannot reach {kind}: {error}", code="E206") from error


__all__ = ["MEMORY_MB", "SERVERS", "Duck", "duck", "literal", "server"]
