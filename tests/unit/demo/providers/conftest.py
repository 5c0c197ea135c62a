"""The providers over the small world."""

from collections.abc import Iterator
from datetime import date

import pytest

from demo.providers import Holdings, Providers
from demo.world import world
from demo.world.sizes import SIZES

AS_OF = date(2026, 11, 29)


@pytest.fixture(scope="session")
def holdings() -> Holdings:
    return Holdings(world.make(SIZES["demo"], AS_OF))


@pytest.fixture
def providers(holdings: Holdings) -> Providers:
    return Providers(holdings)


@pytest.fixture
def running(providers: Providers) -> Iterator[Providers]:
    with providers.running() as servers:
        yield servers
