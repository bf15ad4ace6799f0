from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coproduce.report import write_outputs
from tests.report import made


@pytest.fixture(scope="session")
def run() -> Any:
    return made.run()


@pytest.fixture(scope="session")
def out(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "out"
    write_outputs(run, folder, "en")
    return folder
