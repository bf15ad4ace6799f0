"""What all tests share: where the benchmark data may lie, and how their absence is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of third-party benchmark data beside the repository; tests skip loudly without."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("BENCHMARK DATA NOT FOUND: ../shared/data is missing, this test did not run")
    return folder
