"""Results of the chain as a page, a workbook, plain files and traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coproduce.report.write import write_outputs

__all__ = ["write_outputs"]


def __getattr__(name: str) -> Any:
    """Load the writer when it is asked for, so that importing the package stays light."""
    if name == "write_outputs":
        from coproduce.report.write import write_outputs

        return write_outputs
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
