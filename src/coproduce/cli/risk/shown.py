"""A progress bar on stderr for work that takes a share done and what is being done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def shown(*, hidden: bool) -> Iterator[Callable[[float, str], None]]:
    """Yield a function that moves the bar; it is gone when the work is done."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=hidden, transient=True) as bars:
        task = bars.add_task("starting", total=1.0)

        def show(share_done: float, doing: str) -> None:
            bars.update(task, completed=share_done, description=doing)

        yield show
