"""`coproduce trade picture`: who supplies whom, as Vega-Lite, SVG, PNG or a page."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from coproduce.dependence.pictures import Picture


class Form(StrEnum):
    """The pictures."""

    SANKEY = "sankey"
    HEAT = "heat"
    SPACE = "space"
    PERSISTENCE = "persistence"


def picture(
    form: Annotated[Form, typer.Argument(help="Which picture.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder made by `coproduce trade ingest`.")
    ],
    country: Annotated[str, typer.Argument(help="The importer, or host of the frontier, ISO3.")],
    out: Annotated[
        Path, typer.Option(help="File to write: .json (Vega-Lite), .svg or .png; table beside it.")
    ],
    year: Annotated[int, typer.Option(help="Year shown; default: the last one.")] = 0,
    prefix: Annotated[
        list[str] | None, typer.Option("--prefix", help="Only codes that begin so.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Most products in rows.")] = 30,
    lang: Annotated[str, typer.Option(help="Language: en or ru.")] = "en",
) -> None:
    """Draw supply, supplier shares, the product space or the persistence of dependence."""
    from coproduce.records.errors import UsageError

    if lang not in ("en", "ru"):
        raise UsageError(f"there is no language {lang!r}; en or ru", code="U112")
    kind = out.suffix.lower()
    if kind not in (".json", ".svg", ".png"):
        raise UsageError(f"{out.name}: .json, .svg or .png is needed", code="U115")
    drawn = _draw(form, folder, country, year, tuple(prefix or ("",)), most, lang)
    content: bytes
    if kind == ".json":
        content = json.dumps(drawn.spec, ensure_ascii=False).encode()
    else:
        import vl_convert

        if kind == ".svg":
            content = vl_convert.vegalite_to_svg(drawn.spec).encode()
        else:
            content = vl_convert.vegalite_to_png(drawn.spec, scale=2)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    part.write_bytes(content)
    part.replace(out)
    table = out.with_suffix(".csv")
    drawn.table.write_csv(table)
    typer.echo(f"{out}\n{table}")


def _draw(
    form: Form,
    folder: Path,
    country: str,
    year: int,
    prefixes: tuple[str, ...],
    most: int,
    lang: str,
) -> Picture:
    from coproduce.dependence import pictures
    from coproduce.dependence.complexity import measure
    from coproduce.dependence.trade import panel
    from coproduce.sources.trade.store import read_meta

    if form in (Form.SANKEY, Form.HEAT):
        year = year or max(read_meta(folder).years)
        flows = pictures.imports(folder, country, year, prefixes)
        if form is Form.SANKEY:
            drawn = pictures.sankey(flows, lang)
        else:
            drawn = pictures.heat_map(pictures.supplier_shares(flows, most), lang)
        return pictures.titled(drawn, form, country, year, lang)
    dense = panel.build(folder)
    year = year or dense.years[-1]
    if form is Form.PERSISTENCE:
        flows = pictures.imports(folder, country, year, prefixes)
        shown = pictures.supplier_shares(flows, most)["product"].unique(maintain_order=True)
        strip = pictures.persistence(dense, country, shown.to_list(), lang)
        return pictures.titled(strip, form, country, dense.years[-1], lang)
    exports = dense.exports_usd[:, :, dense.year(year)]
    made = measure(exports, dense.country_ids, dense.product_ids, year=year)
    return pictures.titled(pictures.product_space(made, country, lang), form, country, year, lang)
