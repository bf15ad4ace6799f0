"""What all tests share: where the benchmark data may lie, and how their absence is reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of third-party benchmark data beside the repository; tests skip loudly without."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("BENCHMARK DATA NOT FOUND: ../shared/data is missing, this test did not run")
    return folder


# Properties are tried on few examples in every run, on many when somebody asks for it.
settings.register_profile("fast", max_examples=20, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("COPRODUCE_EXAMPLES", "fast"))


# Whole pages, whole commands and child processes: part of `make story`, not of the fast suite.
SLOW_FILES = {
    "cli/test_check_and_new.py",
    "engines/test_cp.py",
    "report/test_centre.py",
    "report/test_depths_and_deals.py",
    "report/test_first.py",
    "report/test_law.py",
    "report/test_outputs.py",
    "report/test_print.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of the slow files."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix() in SLOW_FILES:
            item.add_marker(pytest.mark.slow)
