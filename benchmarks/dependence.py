"""Trade dependence and complexity beside named peers: same input, one run, one thread.

    .venv-bench/bin/python benchmarks/dependence.py [--quick] [--only NAME] [--work DIR]

NAME is one of complexity, history, panel5, panel50, pair, real, ingest. Every measured job runs
in a process of its own; CPU and wall seconds count from the file on disk to the finished tables,
without starting Python and importing; memory is the peak above what the imports alone need. The
input is made up with a seed (`--seed` for another world of the same family), save for ``history``
and ``real``, which read ../shared/data and are left out without it. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared" / "data" / "trade"
ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
FIELDS = ("rca", "mcp", "density", "cog")
PEERS = ("ecomplexity", "econcomplex", "economic-complexity")
GOALS = {"ecomplexity": 90, "economic-complexity": 14, "econcomplex": 50}


# --- Jobs: each runs in a process of its own -----------------------------------------------------


def job_ours(source: Path, out: Path) -> Callable[[], Any]:
    import numpy as np

    from coproduce.dependence.complexity import measure_table
    from coproduce.dependence.complexity.files import read_exports

    def work() -> Any:
        found = next(measure_table(read_exports(source)))
        tables = (found.countries(), found.products(), found.country_products())
        return found, tables

    def save(made: Any) -> None:
        found = made[0]
        np.savez(
            out,
            countries=np.array(found.country_ids),
            products=np.array(found.product_ids),
            eci=found.eci,
            pci=found.pci,
            coi=found.coi,
            **{name: getattr(found, name) for name in FIELDS},
        )

    work.save = save  # type: ignore[attr-defined]
    return work


def job_ours_proximity(source: Path, out: Path) -> Callable[[], Any]:
    import numpy as np

    from coproduce.dependence.complexity import advantage, proximity
    from coproduce.dependence.complexity.files import read_exports
    from coproduce.dependence.complexity.matrix import matrices

    def work() -> Any:
        _, value_usd, _, products = next(matrices(read_exports(source)))
        return products, proximity((advantage(value_usd) >= 1.0).astype(float))

    work.save = lambda made: np.savez(out, products=np.array(made[0]), proximity=made[1])  # type: ignore[attr-defined]
    return work


def job_ecomplexity(source: Path, out: Path) -> Callable[[], Any]:
    import numpy as np
    import pandas as pd
    from ecomplexity import ecomplexity

    names = {"time": "year", "loc": "country_id", "prod": "product_id", "val": "value_usd"}

    def work() -> Any:
        frame = pd.read_parquet(source)
        return ecomplexity(frame, names, check_logsupermodularity=False, verbose=False)

    def save(made: Any) -> None:
        made = made.sort_values(["country_id", "product_id"])
        wide = {
            name: made.pivot(index="country_id", columns="product_id", values=name)
            for name in FIELDS
        }
        by_country = made.groupby("country_id")[["eci", "coi"]].first()
        by_product = made.groupby("product_id")["pci"].first()
        np.savez(
            out,
            countries=np.array(wide["rca"].index, dtype=str),
            products=np.array(wide["rca"].columns, dtype=str),
            eci=by_country["eci"].to_numpy(),
            coi=by_country["coi"].to_numpy(),
            pci=by_product.to_numpy(),
            **{name: table.to_numpy() for name, table in wide.items()},
        )

    work.save = save  # type: ignore[attr-defined]
    return work


def job_ecomplexity_proximity(source: Path, out: Path) -> Callable[[], Any]:
    import numpy as np
    import pandas as pd
    from ecomplexity import proximity

    names = {"time": "year", "loc": "country_id", "prod": "product_id", "val": "value_usd"}

    def work() -> Any:
        return proximity(pd.read_parquet(source), names)

    def save(made: Any) -> None:
        products = np.array(sorted(made["product_id_1"].unique()), dtype=str)
        square = made["proximity"].to_numpy().reshape(len(products), len(products))
        np.savez(out, products=products, proximity=square)

    work.save = save  # type: ignore[attr-defined]
    return work


def job_econcomplex(source: Path, _: Path) -> Callable[[], Any]:
    import econcomplex
    import pandas as pd

    def work() -> Any:
        frame = pd.read_parquet(source)
        wide = frame.pivot(index="country_id", columns="product_id", values="value_usd")
        return econcomplex.eci_pci(wide.fillna(0.0))

    return work


def job_economic_complexity(source: Path, _: Path) -> Callable[[], Any]:
    import economic_complexity as peer
    import pandas as pd

    def work() -> Any:
        frame = pd.read_parquet(source)
        wide = frame.pivot(index="country_id", columns="product_id", values="value_usd").fillna(
            0.0
        )
        rca = peer.rca(wide)
        near = peer.proximity(rca)
        return peer.complexity(rca), near, peer.relatedness(rca, proximities=near)

    return work


def job_panel(source: Path, _: Path) -> Callable[[], Any]:
    from coproduce.dependence.trade import build, geodep

    def work() -> Any:
        panel = build(source)
        return panel, geodep(panel)

    return work


def job_panel_numpy(source: Path, _: Path) -> Callable[[], Any]:
    from coproduce.dependence.trade import build, geodep

    def work() -> Any:
        panel = build(source, compiled=False)
        return panel, geodep(panel)

    return work


SUPPLIERS_SQL = """
    SELECT year, importer, product, sum(value_usd) AS imports_usd,
        sum(value_usd * value_usd) / sum(value_usd) ^ 2 AS hhi, count(*) AS n,
        arg_max(exporter, value_usd) AS top, max(value_usd) / sum(value_usd) AS top_share
    FROM '{flows}' GROUP BY ALL
"""
EXPORTS_SQL = """
    SELECT year, exporter, product, sum(value_usd) AS exports_usd FROM '{flows}' GROUP BY ALL
"""


def job_panel_duckdb(source: Path, _: Path) -> Callable[[], Any]:
    import duckdb

    def work() -> Any:
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        flows = source / "flows.parquet"
        for name, query in (("s", SUPPLIERS_SQL), ("x", EXPORTS_SQL)):
            connection.execute(f"CREATE TABLE {name} AS {query.format(flows=flows)}")
        return connection.execute("SELECT count(*) FROM s").fetchall()

    return work


def job_floor(source: Path, _: Path) -> Callable[[], Any]:
    import polars as pl

    from coproduce.dependence.trade.panel import ARMS, ROWS_AT_ONCE

    def work() -> Any:
        chosen = pl.scan_parquet(source / "flows.parquet").select(ARMS)
        start = 0
        while chosen.slice(start, ROWS_AT_ONCE).collect().height:
            start += ROWS_AT_ONCE

    return work


JOBS: dict[str, Callable[[Path, Path], Callable[[], Any]]] = {
    "coproduce": job_ours,
    "coproduce proximity": job_ours_proximity,
    "ecomplexity": job_ecomplexity,
    "ecomplexity proximity": job_ecomplexity_proximity,
    "econcomplex": job_econcomplex,
    "economic-complexity": job_economic_complexity,
    "panel": job_panel,
    "panel, numpy only": job_panel_numpy,
    "DuckDB, two group-bys": job_panel_duckdb,
    "floor: decode the columns": job_floor,
}


def peak_mb() -> float:
    """Return the peak memory of this process image (MB); ru_maxrss would count the parent's."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def child(name: str, source: Path, out: Path) -> None:
    """Run one job and print its figures as the last line."""
    import contextlib
    import io
    import warnings

    warnings.simplefilter("ignore")
    work = JOBS[name](source, out)
    base = peak_mb()
    cpu, wall = time.process_time(), time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        made = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    figures = {"cpu_s": cpu, "wall_s": wall, "above_mb": peak_mb() - base, "base_mb": base}
    if hasattr(work, "save"):
        work.save(made)
    print(json.dumps(figures))


def run(name: str, source: Path, out: Path | None = None, repeat: int = 1) -> dict[str, float]:
    """Run a job in a process of its own, the best of some runs by CPU seconds."""
    environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}
    where = str(out or source.with_suffix(".none"))
    best: dict[str, float] = {}
    for _ in range(repeat):
        done = subprocess.run(
            [sys.executable, __file__, "--child", name, str(source), where],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        if done.returncode:
            print(f"    {name} failed: {done.stderr.strip().splitlines()[-1:]}")
            return {}
        found = json.loads(done.stdout.strip().splitlines()[-1])
        if not best or found["cpu_s"] < best["cpu_s"]:
            best = found
    return best


# --- Tables ------------------------------------------------------------------------------------


def line(name: str, found: dict[str, float], note: str = "") -> None:
    """Print one row of a table."""
    if found:
        print(
            f"  {name:<28}{found['cpu_s']:>9.2f}{found['wall_s']:>9.2f}"
            f"{found['above_mb']:>10.0f}   {note}",
            flush=True,
        )


def header(title: str) -> None:
    print(f"\n{title}\n  {'':<28}{'CPU s':>9}{'wall s':>9}{'MB above':>10}", flush=True)


def differences(ours: Path, theirs: Path) -> dict[str, float]:
    """Return the largest absolute difference of each quantity; raise if the axes differ."""
    import numpy as np

    a, b = np.load(ours), np.load(theirs)
    for axis in ("countries", "products"):
        if axis in a and not (a[axis] == b[axis]).all():
            raise ValueError(f"{axis} differ")
    names = [name for name in a.files if name not in ("countries", "products")]
    return {name: float(np.abs(a[name] - b[name]).max()) for name in names}


def say_parity(ours: Path, theirs: Path) -> None:
    found = differences(ours, theirs)
    said = ", ".join(f"{name} {value:.1e}" for name, value in found.items())
    print(f"  max abs difference to ecomplexity: {said}; goal 1e-9", flush=True)


def complexity(work: Path, quick: bool, seed: int) -> None:
    import synthetic_trade as made

    world = made.World(60, 800, seed) if quick else made.World(seed=seed)
    rows = 200_000 if quick else 5_000_000
    source = work / "exports.parquet"
    made.exports(world, rows).write_parquet(source)
    header(f"Complexity, {world.n_countries} x {world.n_products}, seed {seed}")
    ours = run("coproduce", source, work / "ours.npz", repeat=3)
    line("coproduce, full set", ours, "RCA, ECI, PCI, density, COI, COG, fitness, tables")
    for peer in PEERS:
        theirs = run(peer, source, work / "peer.npz")
        if theirs and ours:
            ratio = theirs["cpu_s"] / ours["cpu_s"]
            memory = ours["above_mb"] / max(theirs["above_mb"], 1)
            note = f"{ratio:.0f} x our CPU (goal {GOALS[peer]}), our memory {memory:.2f} of its"
            line(peer, theirs, note)
        if peer == "ecomplexity" and theirs:
            say_parity(work / "ours.npz", work / "peer.npz")
    proximity(work, source)


def proximity(work: Path, source: Path) -> None:
    ours = run("coproduce proximity", source, work / "near.npz", repeat=3)
    line("coproduce, proximity matrix", ours)
    theirs = run("ecomplexity proximity", source, work / "near-peer.npz")
    if theirs and ours:
        line("ecomplexity proximity()", theirs, f"{theirs['cpu_s'] / ours['cpu_s']:.0f} x our CPU")
        say_parity(work / "near.npz", work / "near-peer.npz")


def history(work: Path, *_: object) -> None:
    import polars as pl
    import rda

    path = SHARED / "complexity" / "world_trade_avg_1998_to_2000.rda"
    if not path.is_file():
        print("\nhistory: ../shared/data is missing, left out")
        return
    frame = rda.read_frames(path)["world_trade_avg_1998_to_2000"]
    source = work / "history.parquet"
    frame.select(
        pl.lit(2000).cast(pl.Int32).alias("year"),
        pl.col("country").alias("country_id"),
        pl.col("product").alias("product_id"),
        pl.col("value").alias("value_usd"),
    ).write_parquet(source)
    header(f"Complexity, world trade 1998-2000, {frame.height:,} rows")
    ours = run("coproduce", source, work / "ours.npz", repeat=3)
    line("coproduce, full set", ours)
    theirs = run("ecomplexity", source, work / "peer.npz")
    if theirs and ours:
        line("ecomplexity", theirs, f"{theirs['cpu_s'] / ours['cpu_s']:.0f} x our CPU")
        say_parity(work / "ours.npz", work / "peer.npz")
    proximity(work, source)


def folder(work: Path, n_years: int, quick: bool, seed: int) -> Path:
    """Return a made-up trade data folder, made once."""
    import synthetic_trade as made

    place = work / f"trade-{n_years}"
    if not place.exists():
        made.write_folder(place, made.World(seed=seed), 500_000 if quick else 5_000_000, n_years)
    return place


def panel(work: Path, quick: bool, seed: int, n_years: int, goal: str) -> None:
    source = folder(work, n_years, quick, seed)
    size = (source / "flows.parquet").stat().st_size / 1e6
    rows = (0.5 if quick else 5) * n_years
    header(
        f"Dependence panel, {rows:g} M rows, {n_years} years, {size:.0f} MB Parquet, seed {seed}"
    )
    floor = run("floor: decode the columns", source, repeat=3)
    line("floor: decode the columns", floor)
    for name in ("panel", "panel, numpy only", "DuckDB, two group-bys"):
        found = run(name, source, repeat=3 if name == "panel" else 1)
        if found and floor:
            peak = found["base_mb"] + found["above_mb"]
            note = f"{found['cpu_s'] / floor['cpu_s']:.1f} x floor, peak {peak:.0f} MB"
            line(name, found, note + (f"; goal {goal}" if name == "panel" else ""))


def panel5(work: Path, quick: bool, seed: int) -> None:
    panel(work, quick, seed, 1, "1.0 s")


def panel50(work: Path, quick: bool, seed: int) -> None:
    panel(work, quick, seed, 10, "8 s, 1 GB in all")


def pair(work: Path, quick: bool, seed: int) -> None:
    """Time one pair, all products and years, in this process, some pairs one after another."""
    import duckdb

    from coproduce.dependence.trade.tables import pair_flows
    from coproduce.sources.trade import store

    source = folder(work, 10, quick, seed)
    names = store.countries(source)["country_id"].to_list()
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    ours, theirs, rows = [], [], 0
    for at in range(0, 200, 10):
        started = time.process_time()
        rows += pair_flows(source, names[at], names[at + 7]).height
        ours.append(time.process_time() - started)
        started = time.process_time()
        connection.execute(
            f"SELECT year, product, value_usd FROM '{source / 'flows.parquet'}' "
            f"WHERE exporter = {at} AND importer = {at + 7}"
        ).fetchall()
        theirs.append(time.process_time() - started)
    print(f"\nOne pair, all products, ten years: 20 pairs, {rows:,} rows, CPU ms each, goal 50")
    for name, taken in (("coproduce", sorted(ours)), ("DuckDB, same file", sorted(theirs))):
        print(f"  {name:<28} median {taken[10] * 1e3:.1f}, worst {taken[-1] * 1e3:.1f}")


def real(work: Path, *_: object) -> None:
    """Hold the real slice of six products against SQL that shares no code with ours."""
    import duckdb
    import numpy as np
    import polars as pl

    from coproduce.dependence.trade import build, michaely
    from coproduce.sources.trade import store

    path = SHARED / "baci" / "baci_hs12_y2018_seafood_all_countries.csv"
    if not path.is_file():
        print("\nreal: ../shared/data is missing, left out")
        return
    rows = real_rows(path)
    ids = sorted({*rows["i"].to_list(), *rows["j"].to_list()})
    goods = sorted(rows["k"].unique().to_list())
    store.write_store(
        work / "real",
        flows=rows.select(
            pl.col("t").alias("year"),
            pl.col("i").replace_strict(ids, range(len(ids))).alias("exporter"),
            pl.col("j").replace_strict(ids, range(len(ids))).alias("importer"),
            pl.col("k").replace_strict(goods, range(len(goods))).alias("product"),
            pl.col("v").alias("value_usd"),
            pl.lit(None).alias("quantity_t"),
            pl.lit(0).alias("flags"),
        ),
        countries=pl.DataFrame(
            {"country_id": ids, "source_code": range(len(ids)), "iso2": None, "name": ids}
        ),
        products=pl.DataFrame({"product_id": goods, "description": goods}),
        meta=store.Meta(source="baci", revision="HS12", version="", years=(2018,)),
    )
    found = build(work / "real")
    sql = duckdb.connect()
    sql.register("flow", rows.to_arrow())
    told = sql.execute(
        "SELECT j, k, sum((v / total) ^ 2), arg_max(i, v), max(v / total) FROM (SELECT *, "
        "sum(v) OVER (PARTITION BY j, k) AS total FROM flow) GROUP BY j, k"
    ).fetchall()
    worst = {"hhi": 0.0, "top share": 0.0}
    other_top = 0
    for importer, product, hhi, top, share in told:
        at = (found.country(importer), found.product(product), 0)
        worst["hhi"] = max(worst["hhi"], abs(found.hhi[at] - hhi))
        other_top += found.country_ids[found.top[at][0]] != top
        ours = found.top_usd[at][0] / found.imports_usd[at]
        worst["top share"] = max(worst["top share"], abs(ours - share))
    worst["TCI"] = _tci_difference(sql, found, michaely, np)
    said = ", ".join(f"{name} {value:.1e}" for name, value in worst.items())
    print(f"\nReal BACI slice, {rows.height:,} rows, {len(told):,} importers x products, to SQL:")
    print(f"  max abs difference {said}; other top supplier in {other_top}; goal 1e-12")


def real_rows(path: Path) -> Any:
    """Return the slice as t, i, j, k, v (USD), whatever its header calls them."""
    import polars as pl

    frame = pl.read_csv(path, infer_schema=False)
    names = {
        "t": ("t", "year"),
        "i": ("i", "exporter_iso3c", "exporter"),
        "j": ("j", "importer_iso3c", "importer"),
        "k": ("k", "hs6", "hs6_code"),
        "v": ("v", "total_v", "value", "value_usd"),
    }
    chosen = {key: next(n for n in known if n in frame.columns) for key, known in names.items()}
    return (
        frame.select(
            pl.col(chosen["t"]).cast(pl.Int32).alias("t"),
            pl.col(chosen["i"]).alias("i"),
            pl.col(chosen["j"]).alias("j"),
            pl.col(chosen["k"]).str.zfill(6).alias("k"),
            pl.col(chosen["v"]).cast(pl.Float64).alias("v"),
        )
        .group_by("t", "i", "j", "k")
        .agg(pl.col("v").sum())
        .filter((pl.col("v") > 0) & (pl.col("i") != pl.col("j")))
    )


def _tci_difference(sql: Any, found: Any, michaely: Any, np: Any) -> float:
    told = sql.execute(
        "WITH x AS (SELECT i, k, sum(v) / sum(sum(v)) OVER (PARTITION BY i) AS s FROM flow "
        "GROUP BY i, k), m AS (SELECT j, k, sum(v) / sum(sum(v)) OVER (PARTITION BY j) AS s "
        "FROM flow GROUP BY j, k), c AS (SELECT DISTINCT i, j, k FROM (SELECT DISTINCT i FROM x) "
        "CROSS JOIN (SELECT DISTINCT j FROM m) CROSS JOIN (SELECT DISTINCT k FROM x)) "
        "SELECT c.i, c.j, 100 * (1 - sum(abs(coalesce(m.s, 0) - coalesce(x.s, 0))) / 2) FROM c "
        "LEFT JOIN x USING (i, k) LEFT JOIN m USING (j, k) GROUP BY c.i, c.j"
    ).fetchall()
    exports, imports = found.exports_usd[:, :, 0], found.imports_usd[:, :, 0]
    ours = np.array([michaely(exports[row], imports) for row in range(len(exports))])
    return max(
        abs(float(ours[found.country(exporter), found.country(importer)]) - value)
        for exporter, importer, value in told
    )


def ingest(work: Path, quick: bool, seed: int) -> None:
    """Time the whole ingest command on a BACI CSV, starting Python included."""
    import synthetic_trade as made

    place = work / "csv"
    path = made.write_csv(place, made.World(seed=seed), 500_000 if quick else 5_000_000)
    environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}
    command = [sys.executable, "-m", "coproduce", "trade", "ingest", "baci", str(path)]
    before, started = os.times(), time.perf_counter()
    done = subprocess.run(
        [*command, "--out", str(work / "ingested")],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    after, wall = os.times(), time.perf_counter() - started
    cpu = after.children_user + after.children_system - before.children_user
    cpu -= before.children_system
    size = path.stat().st_size / 1e6
    print(f"\nBACI CSV of {size:.0f} MB to a validated folder, whole command, goal 6 s")
    if done.returncode:
        print(f"  failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
        return
    print(f"  {'coproduce trade ingest baci':<28} CPU {cpu:.2f} s, wall {wall:.2f} s")


PARTS: dict[str, Callable[[Path, bool, int], None]] = {
    "complexity": complexity,
    "history": history,
    "panel5": panel5,
    "panel50": panel50,
    "pair": pair,
    "real": real,
    "ingest": ingest,
}


def versions() -> str:
    names = ("numpy", "polars", "duckdb", "numba", "pandas", *PEERS)
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the size or less")
    parser.add_argument("--only", choices=tuple(PARTS), action="append")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--work", type=Path, help="keep the made-up data here")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        name, source, out = asked.child
        child(name, Path(source), Path(out))
        return
    sys.path.insert(0, str(HERE))
    print(f"Python {platform.python_version()}, one thread, {os.cpu_count()} cores; {versions()}")
    with tempfile.TemporaryDirectory() as temporary:
        work = asked.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        for name in asked.only or PARTS:
            PARTS[name](work, asked.quick, asked.seed)


if __name__ == "__main__":
    main()
