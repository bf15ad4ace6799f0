"""`coproduce serve`: shows the last plan in a browser, on this machine only."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from coproduce.records.errors import UsageError


def serve(
    out: Annotated[Path, typer.Option("--out", help="Folder that `coproduce plan` wrote.")] = Path(
        "out"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")] = 8000,
) -> None:
    """Serve the report of a plan on 127.0.0.1 until Ctrl-C.

    Example: coproduce serve --out out --port 8000
    """
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    if not (out / "report.html").is_file():
        raise UsageError(
            f"{out} holds no report.html; run `coproduce plan --out {out}` first", code="U003"
        )
    handler = partial(SimpleHTTPRequestHandler, directory=str(out))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        typer.echo(f"http://127.0.0.1:{server.server_port}/report.html (Ctrl-C stops)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("stopped")
