"""Real material: pages, answers and tables of sites, which are not part of the repository.

Tests read them in place, from the folder `../shared/data` or the one that `SONGNODES_REAL_DATA` names, and
inputs that once went wrong from the folder `cases` next to it. Each test that uses one of the fixtures
`shared_data` and `shared_cases` carries the marker `real_data`: without the folder it is skipped, and with
`CI=true` it fails.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.project_files import ROOT

MARKER = "real_data"
#: Fixtures that return a folder of real material, and the names of these folders.
FIXTURES = {"shared_data": "data", "shared_cases": "cases"}


def real_folder(fixture: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of a fixture of FIXTURES, whether it exists or not."""
    configured = environment.get("SONGNODES_REAL_DATA")
    data = Path(configured).expanduser() if configured else ROOT.parent / "shared" / "data"
    return data if FIXTURES[fixture] == "data" else data.parent / FIXTURES[fixture]


def is_required(environment: Mapping[str, str] = os.environ) -> bool:
    """Return True where a missing folder is a failure: in CI."""
    return environment.get("CI", "").lower() in {"1", "true"}


def fixtures_of(item: pytest.Item) -> list[str]:
    """Return the fixtures of real material that a test uses, itself or through others."""
    return [name for name in FIXTURES if name in getattr(item, "fixturenames", ())]


def require_real_data(item: pytest.Item) -> None:
    """Skip a test whose real material is absent; fail it in CI."""
    absent = [name for name in fixtures_of(item) if not real_folder(name).is_dir()]
    if absent:
        folder = real_folder(absent[0])
        reason = f"real data absent: no folder {folder}; SONGNODES_REAL_DATA names it, see CONTRIBUTING.md"
        if is_required():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
