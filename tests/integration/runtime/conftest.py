"""Fixtures of the runtime's tests."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from songnodes.access import Access
from tests.integration.runtime.runtime_driver import Lab


@pytest.fixture
def lab(addresses: Access, tmp_path: Path) -> Iterator[Lab]:
    """Yield a stage with its own topics; workers started by the test never outlive it."""
    lab = Lab(addresses, tmp_path, f"rt{uuid4().hex[:8]}")
    try:
        yield lab
    finally:
        lab.end()
