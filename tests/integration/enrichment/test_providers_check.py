"""`songnodes providers --check` through the gateway: real Redis, local servers of the providers."""

from datetime import date
from typing import Any
from uuid import uuid4

from demo.providers import Holdings, Providers
from demo.providers.credentials import CREDENTIALS
from demo.providers.faults import Faults
from demo.world import world
from demo.world.sizes import SIZES
from enrichment import providers_cli
from enrichment.provider_status import read_shared_state, status_of
from enrichment.providers import ALL
from songnodes.access import Access
from songnodes.settings import Settings


async def test_each_provider_is_requested_once_and_its_state_is_shown(addresses: Access) -> None:
    servers = Providers(Holdings(world.make(SIZES["demo"], date(2026, 11, 29))))
    servers.faults["discogs"] = Faults(forbidden=True)
    with servers.running():
        values: dict[str, Any] = {
            **CREDENTIALS,
            "REDIS_URL": addresses.redis_url,
            "namespace": f"check-{uuid4().hex}",
            "contact": "operator@songnodes.example",
            "providers_on": ["spotify"],
            "provider_urls": dict(servers.base_urls),
        }
        settings = Settings(**values)
        answers = await providers_cli.check_providers(settings, list(ALL.values()))
    statuses = {name: answer.status for name, answer in answers.items()}
    assert statuses.pop("discogs") == "disabled"
    assert set(statuses) == set(ALL) - {"discogs"}
    assert set(statuses.values()) <= {"hit", "miss"}, answers  # a local catalogue has no real ids
    counts = {name: sum(a.provider == name for a in servers.arrivals) for name in ALL}
    assert counts == {**dict.fromkeys(ALL, 1), "tidal": 2, "spotify": 2}  # with the token
    shared = await read_shared_state(settings, ALL.values())
    status = status_of(ALL["discogs"], settings, shared)
    assert status.refused is not None
    used = {name: status_of(provider, settings, shared).budgets[-1].used for name, provider in ALL.items()}
    assert all(used[name] for name in ("beatport", "discogs")), used
