"""Writes all outputs of a run, or none of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from coproduce.report import answers, exports, hangs
from coproduce.report.context import Context
from coproduce.report.names import Names
from coproduce.report.page import build_page
from coproduce.report.register import Register
from coproduce.report.summary import add_figures
from coproduce.report.texts import LANGS, Texts
from coproduce.report.trace import FIGURES_FILE, Ledger
from coproduce.report.workbook import write_workbook

if TYPE_CHECKING:
    from coproduce.chain import PlanRun


def write_outputs(run: PlanRun, out: Path, lang: str = "en") -> list[Path]:
    """Return the paths of all files written; the folder is replaced as a whole or left as it was.

    Args:
        run: what the chain found.
        out: folder to write; an earlier plan in it is replaced.
        lang: language of ``report.html``, ``en`` or ``ru``; the other language is written as
            ``report.<language>.html``.

    Raises:
        UsageError: U201 for another language.
    """
    ctx = context(run, lang)
    with _all_or_nothing(Path(out)) as folder:
        found = exports.tables(run)
        hangers = hangs.rank(run.programme, run.network.tables)
        found["report_hangs_on"] = answers.hangers_frame(ctx, hangers)
        found["report_centres"] = answers.verdicts(ctx)
        record = exports.figures_record(ctx)
        ledger = Ledger(record["figures"], record["rules"], found)
        written = exports.write_tables(found, folder / "tables")
        for each in LANGS:
            own = ctx if each == lang else context(run, each)
            name = "report.html" if each == lang else f"report.{each}.html"
            other = "report.html" if each != lang else f"report.{_other(lang)}.html"
            page = build_page(own, hangers, ledger, other_page=other)
            (folder / name).write_text(page.html, "utf-8")
            written.append(folder / name)
            if each == lang:
                written += _write_charts(page.charts, folder / "charts")
        written.append(write_workbook(folder / "plan.xlsx", ctx, found))
        written.append(exports.write_json(folder / "plan.json", exports.plan_record(ctx)))
        written.append(exports.write_json(folder / FIGURES_FILE, record))
        written.append(exports.write_json(folder / "manifest.json", exports.manifest_record(run)))
        relative = [path.relative_to(folder) for path in written]
    return [Path(out) / path for path in relative]


def _other(lang: str) -> str:
    return next(each for each in LANGS if each != lang)


def context(run: PlanRun, lang: str) -> Context:
    """Return the context of a run in a language, the summary's figures added."""
    settings = run.programme.settings
    texts = Texts(lang, settings.currency, settings.base_year, settings.finished_unit)
    register = Register(run.figures, texts)
    ctx = Context(run, texts, Names(run.programme, texts), register)
    add_figures(ctx)
    return ctx


def _write_charts(charts: dict[str, object], folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [exports.write_json(folder / f"{name}.vl.json", spec) for name, spec in charts.items()]


@contextmanager
def _all_or_nothing(out: Path) -> Iterator[Path]:
    """Give a folder beside `out`; put it in the place of `out` only if all went well."""
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    fresh.chmod(0o755)
    try:
        yield fresh
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if out.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
        out.rename(old / "old")
        fresh.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    else:
        fresh.rename(out)


__all__ = ["context", "write_outputs"]
