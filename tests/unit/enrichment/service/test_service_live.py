"""The service over the real plan, adapters and choice, with the local providers in memory."""

from datetime import date

import httpx2
import pytest

from demo import enrichment as demo_enrichment
from demo.providers import Holdings, Providers
from demo.world import world
from demo.world.sizes import SIZES
from enrichment.gateway.question import Answered, Question
from enrichment.service.app import create_app
from enrichment.service.live import LiveEnricher
from songnodes.clock import ManualClock
from songnodes.errors import NotAcknowledged
from songnodes.settings import Settings
from tests.support.provider_client import NOW, ProviderClient


async def is_ready() -> None:
    return None


@pytest.fixture(scope="module")
def providers() -> Providers:
    servers = Providers(Holdings(world.make(SIZES["small"], date(2026, 11, 29))))
    servers.base_urls = {name: "http://127.0.0.1:1" for name in servers.faults}
    return servers


def client_of(live: LiveEnricher) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(create_app(live), raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8020")


def live_of(providers: Providers, gateway: object) -> LiveEnricher:
    settings = demo_enrichment.settings_for(providers, Settings())
    return LiveEnricher(gateway, settings, ManualClock(NOW), is_ready)  # type: ignore[arg-type]


async def test_a_track_is_enriched_from_the_providers(providers: Providers) -> None:
    recording = next(entry for entry in providers.holdings.played.values() if entry.title == "Strobe")
    request = {"track_id": "strobe", "artist_name": recording.credit, "track_title": recording.full_title}
    async with client_of(live_of(providers, ProviderClient(providers))) as client:
        body = (await client.post("/enrich", json=request)).json()
        states = (await client.get("/providers")).json()["providers"]
    assert body["status"] == "completed"
    values = body["metadata_acquired"]
    assert values["isrc"] == recording.isrc
    assert values["beatport_id"] == str(recording.beatport_id)
    assert values["musicbrainz_id"] == recording.mbid
    assert (values["bpm"], values["key"], values["key_mode"]) == (128, 8, "minor")
    assert values["release_date"] == "2009-10-26"
    assert "beatport" in body["sources_used"]
    assert body["enrichment_metadata"]["total_api_calls"] > 5
    assert 0.5 < body["enrichment_metadata"]["quality_score"] <= 1
    assert {state["name"] for state in states if not state["is_on"]} == {"spotify"}


async def test_an_unknown_track_is_not_found(providers: Providers) -> None:
    request = {"track_id": "x", "artist_name": "Nobody Here", "track_title": "Nothing At All"}
    async with client_of(live_of(providers, ProviderClient(providers))) as client:
        body = (await client.post("/enrich", json=request)).json()
    assert (body["status"], body["metadata_acquired"]) == ("not_found", {})


async def test_an_answer_that_is_not_archived_is_not_used(providers: Providers) -> None:
    class Unarchived:
        async def ask(self, question: Question) -> Answered:
            raise NotAcknowledged("broker away")

    request = {"track_id": "x", "artist_name": "A", "track_title": "B"}
    async with client_of(live_of(providers, Unarchived())) as client:
        response = await client.post("/enrich", json=request)
    assert response.status_code == 503
    assert response.json()["type"] == "urn:songnodes:problem:unavailable"
