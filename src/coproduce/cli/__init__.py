"""The command line: thin, one file per group of commands; the rooms decide."""

from __future__ import annotations


def main() -> None:
    """Run the command line; errors of ours become one clear message and an exit code."""
    from coproduce.cli.app import run

    run()
