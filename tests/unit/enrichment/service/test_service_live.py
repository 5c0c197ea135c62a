"""The service over the real plan, adapters and choice, with the local providers in memory."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from demo import enrichment as demo_enrichment
from demo.providers import Holdings, Providers
from demo.world import world
from demo.world.sizes import SIZES
from enrichment.gateway.question import Answered, Question
from enrichment.service.app import create_app
from enrichment.service.live import LiveEnricher
from enrichment.service.readiness import REQUIRED, Probe, Readiness
from enrichment.service.timed_archive import TimedArchive
from songnodes.access import Access
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


def live_of(providers: Providers, gateway: object, **options: Any) -> LiveEnricher:
    settings = demo_enrichment.settings_for(providers, Settings())
    return LiveEnricher(gateway, settings, ManualClock(NOW), **{"probe": is_ready, **options})  # type: ignore[arg-type]


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
    whole = {
        attempt["provider"]: attempt
        for attempt in body["enrichment_metadata"]["waterfall_attempts"]
        if attempt["field"] == "*"
    }
    assert (whole["spotify"]["status"], bool(whole["spotify"]["note"])) == ("disabled", True)
    assert "page" not in whole


async def test_an_unknown_track_is_not_found(providers: Providers) -> None:
    request = {"track_id": "x", "artist_name": "Nobody Here", "track_title": "Nothing At All"}
    async with client_of(live_of(providers, ProviderClient(providers))) as client:
        body = (await client.post("/enrich", json=request)).json()
    assert (body["status"], body["metadata_acquired"]) == ("not_found", {})


async def test_an_answer_that_is_not_archived_is_not_used(providers: Providers) -> None:
    class Unarchived:
        async def ask(self, question: Question) -> Answered:
            raise NotAcknowledged("broker away")

        async def ask_batch(self, questions: Sequence[Question]) -> tuple[Answered, ...]:
            raise NotAcknowledged("broker away")

    request = {"track_id": "x", "artist_name": "A", "track_title": "B"}
    async with client_of(live_of(providers, Unarchived())) as client:
        response = await client.post("/enrich", json=request)
    assert response.status_code == 503
    assert response.json()["type"] == "urn:songnodes:problem:unavailable"


async def test_ids_of_the_request_are_among_the_values(providers: Providers) -> None:
    request = {
        "track_id": "x",
        "artist_name": "Nobody Here",
        "track_title": "Nothing At All",
        "existing_spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7",
    }
    async with client_of(live_of(providers, ProviderClient(providers))) as client:
        body = (await client.post("/enrich", json=request)).json()
    assert body["metadata_acquired"] == {"spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7"}
    assert (body["status"], body["sources_used"]) == ("not_found", [])


class Prepared:
    """A gateway with one answer to everything, or none at all."""

    def __init__(self, answered: Answered | None) -> None:
        self.questions: list[Question] = []
        self._answered = answered

    async def ask(self, question: Question) -> Answered:
        return (await self.ask_batch([question]))[0]

    async def ask_batch(self, questions: Sequence[Question]) -> tuple[Answered, ...]:
        self.questions += questions
        if self._answered is None:
            await asyncio.Event().wait()
        assert self._answered is not None
        return (self._answered,) * len(questions)


async def test_a_closed_provider_leaves_the_track_open(providers: Providers) -> None:
    closed = Answered(status="quota_exhausted", note="quota used", retry_at=NOW + timedelta(hours=13))
    request = {"track_id": "x", "artist_name": "A", "track_title": "B"}
    live = live_of(providers, Prepared(closed))
    async with client_of(live) as client:
        first = (await client.post("/enrich", json=request)).json()
        second = (await client.post("/enrich", json={**request, "track_id": "y"})).json()
    for body in (first, second):
        statuses = {
            attempt["provider"]: attempt["status"]
            for attempt in body["enrichment_metadata"]["waterfall_attempts"]
        }
        assert body["status"] == "failed"
        assert statuses["beatport"] == "quota_exhausted"
    assert second["enrichment_metadata"]["total_api_calls"] == 0


async def test_a_provider_that_does_not_respond_in_time_leaves_the_track_open(providers: Providers) -> None:
    live = live_of(providers, Prepared(None), timeout_s=0.2)
    request = {"track_id": "x", "artist_name": "A", "track_title": "B"}
    async with client_of(live) as client:
        body = (await client.post("/enrich", json=request)).json()
    assert (body["status"], body["metadata_acquired"]) == ("failed", {})


async def test_without_a_server_no_provider_is_called(providers: Providers) -> None:
    gateway = Prepared(None)
    live = live_of(providers, gateway, probe=lambda: asyncio.sleep(0, "Redis does not respond."))
    async with client_of(live) as client:
        response = await client.post(
            "/enrich", json={"track_id": "x", "artist_name": "A", "track_title": "B"}
        )
    assert (response.status_code, response.json()["detail"]) == (503, "Redis does not respond.")
    assert not gateway.questions


async def test_an_acknowledgement_that_does_not_come_is_an_error() -> None:
    class Silent:
        async def write(self, records: Sequence[Mapping[str, Any]]) -> None:
            await asyncio.Event().wait()

    with pytest.raises(NotAcknowledged):
        await TimedArchive(Silent(), timeout_s=0.05).write([{}])


async def test_servers_are_probed_once_for_requests_of_the_same_moment() -> None:
    responds = {"redis_url": False}
    calls: list[str] = []

    def probe_of(setting: str) -> Probe:
        def probe(access: Access) -> bool:
            calls.append(setting)
            return responds.get(setting, True)

        return probe

    readiness = Readiness(Settings(), {setting: probe_of(setting) for setting in REQUIRED})
    reasons = await asyncio.gather(*(readiness.reason() for _ in range(20)))
    assert set(reasons) == {"Redis does not respond."}
    assert sorted(calls) == sorted(REQUIRED)
    responds.clear()
    readiness.expire()
    assert await readiness.reason() is None
