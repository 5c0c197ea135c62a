"""The service in process: request and response of the document, statuses, problems, access."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from enrichment.service.app import create_app
from enrichment.service.models import MAX_BATCH
from songnodes.http.guard import MAX_BODY_BYTES
from tests.support.in_memory_enricher import InMemoryEnricher, enrichment

TRACK = {
    "track_id": "650e8400-e29b-41d4-a716-446655440001",
    "artist_name": "Deadmau5",
    "track_title": "Strobe",
    "existing_spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7",
}
VALUES: dict[str, Any] = {
    "isrc": "USUG11000123",
    "bpm": 128,
    "key": 8,
    "key_mode": "minor",
    "genres": ["progressive house", "electro house"],
    "release_date": "2009-10-26",
    "duration_ms": 645000,
}
ATTEMPT = {"value": 128, "confidence": 0.98, "cached": False, "chosen": False}
TOKEN = "t" * 40
JSON = {"content-type": "application/json"}


@pytest.fixture
def enricher() -> InMemoryEnricher:
    enricher = InMemoryEnricher()
    enricher.answers[TRACK["track_id"]] = enrichment("hit", "miss", cache_hits=1, **VALUES)
    return enricher


def client_of(
    enricher: InMemoryEnricher, token: str = "", host: str = "127.0.0.1:8020"
) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(create_app(enricher, token=token), raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url=f"http://{host}")


@pytest.fixture
async def client(enricher: InMemoryEnricher) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(enricher) as client:
        yield client


def check_problem(response: httpx2.Response, status: int, kind: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["type"], body["status"]) == (f"urn:songnodes:problem:{kind}", status)
    assert body["title"]


async def test_the_request_of_the_document_has_its_response(client: httpx2.AsyncClient) -> None:
    response = await client.post("/enrich", json=TRACK)
    assert response.status_code == 200
    assert response.json() == {
        "track_id": TRACK["track_id"],
        "status": "completed",
        "sources_used": ["beatport"],
        "metadata_acquired": VALUES,
        "enrichment_metadata": {
            "waterfall_attempts": [
                {**ATTEMPT, "field": "bpm", "provider": "beatport", "status": status}
                for status in ("hit", "miss")
            ],
            "total_api_calls": 2,
            "total_cache_hits": 1,
            "quality_score": 0.95,
        },
        "cached": True,
        "timestamp": "2025-10-10T06:20:15Z",
    }


@pytest.mark.parametrize(
    ("values", "is_open", "status"),
    [(VALUES, False, "completed"), (VALUES, True, "partial"), ({}, False, "not_found"), ({}, True, "failed")],
)
async def test_the_status_names_what_a_later_request_may_add(
    client: httpx2.AsyncClient,
    enricher: InMemoryEnricher,
    values: dict[str, Any],
    is_open: bool,
    status: str,
) -> None:
    enricher.answers[TRACK["track_id"]] = enrichment("hit", is_open=is_open, **values)
    assert (await client.post("/enrich", json=TRACK)).json()["status"] == status


async def test_a_batch_keeps_its_order(client: httpx2.AsyncClient) -> None:
    tracks = [{**TRACK, "track_id": f"other-{number}"} for number in range(MAX_BATCH - 1)]
    response = await client.post("/enrich/batch", json={"tracks": [*tracks, TRACK]})
    results = response.json()["results"]
    assert [result["track_id"] for result in results] == [track["track_id"] for track in [*tracks, TRACK]]
    assert [result["status"] for result in results] == ["not_found"] * len(tracks) + ["completed"]
    too_many = await client.post("/enrich/batch", json={"tracks": [*tracks, TRACK, TRACK]})
    check_problem(too_many, 422, "invalid-request")


async def test_equal_requests_at_the_same_time_are_one(
    client: httpx2.AsyncClient, enricher: InMemoryEnricher
) -> None:
    enricher.gate = asyncio.Event()
    requests = [asyncio.create_task(client.post("/enrich", json=TRACK)) for _ in range(5)]
    while not enricher.calls:
        await asyncio.sleep(0.001)
    enricher.gate.set()
    bodies = [(await request).json() for request in requests]
    assert enricher.calls[TRACK["track_id"]] == 1
    assert all(body == bodies[0] for body in bodies)
    assert (await client.post("/enrich", json=TRACK)).json() == bodies[0]


@pytest.mark.parametrize(
    "change",
    [
        {"artist_name": ""},
        {"track_title": None},
        {"existing_isrc": "usug11000123"},
        {"existing_spotify_id": "short"},
        {"duration_ms": 10},
        {"track_id": "../etc"},
        {"unknown": 1},
    ],
    ids=str,
)
async def test_an_invalid_request_names_its_members(
    client: httpx2.AsyncClient, change: dict[str, Any]
) -> None:
    response = await client.post("/enrich", json={**TRACK, **change})
    check_problem(response, 422, "invalid-request")
    (name,) = change
    assert [error["at"] for error in response.json()["errors"]] == [f"body.{name}"]


async def test_values_of_an_invalid_request_are_not_repeated(client: httpx2.AsyncClient) -> None:
    response = await client.post("/enrich", json={**TRACK, "existing_isrc": "secret-value"})
    assert "secret-value" not in response.text


async def test_other_errors_are_problems(client: httpx2.AsyncClient, enricher: InMemoryEnricher) -> None:
    check_problem(await client.get("/nowhere"), 404, "not-found")
    check_problem(await client.get("/enrich"), 405, "method-not-allowed")
    check_problem(await client.post("/enrich", content=b"{", headers=JSON), 422, "invalid-request")
    enricher.fault = RuntimeError("postgresql://user:password@host")
    failed = await client.post("/enrich", json=TRACK)
    check_problem(failed, 500, "internal-error")
    assert "password" not in failed.text


async def test_an_outage_is_unavailable(client: httpx2.AsyncClient, enricher: InMemoryEnricher) -> None:
    assert (await client.get("/ready")).status_code == 200
    enricher.outage = "Kafka does not respond."
    for response in (await client.get("/ready"), await client.post("/enrich", json=TRACK)):
        check_problem(response, 503, "unavailable")
        assert response.json()["detail"] == "Kafka does not respond."
        assert int(response.headers["retry-after"]) > 0
    assert (await client.get("/health")).json() == {"status": "ok"}


@pytest.mark.parametrize("is_declared", [True, False])
async def test_a_large_body_is_refused(
    client: httpx2.AsyncClient, enricher: InMemoryEnricher, is_declared: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 1024 + 1):
            yield b" " * 1024

    content = b" " * (MAX_BODY_BYTES + 1) if is_declared else chunks()
    response = await client.post("/enrich", content=content, headers=JSON)
    check_problem(response, 413, "body-too-large")
    assert not enricher.calls


async def test_without_a_token_only_loopback_is_served(enricher: InMemoryEnricher) -> None:
    for host, status in (("localhost:8020", 200), ("[::1]:8020", 200), ("evil.example:8020", 421)):
        async with client_of(enricher, host=host) as client:
            assert (await client.get("/health")).status_code == status


async def test_a_token_is_required_where_one_is_set(enricher: InMemoryEnricher) -> None:
    async with client_of(enricher, token=TOKEN, host="songnodes.example") as client:
        for header in ({}, {"Authorization": f"Bearer {TOKEN[:-1]}"}, {"Authorization": f"Basic {TOKEN}"}):
            response = await client.post("/enrich", json=TRACK, headers=header)
            check_problem(response, 401, "unauthorised")
            assert response.headers["www-authenticate"] == "Bearer"
        for path in ("/providers", "/metrics", "/openapi.json"):
            check_problem(await client.get(path), 401, "unauthorised")
        for path in ("/health", "/ready"):
            assert (await client.get(path)).status_code == 200
        accepted = await client.post("/enrich", json=TRACK, headers={"Authorization": f"Bearer {TOKEN}"})
        assert accepted.status_code == 200


async def test_providers_are_on_or_have_a_reason(client: httpx2.AsyncClient) -> None:
    providers = (await client.get("/providers")).json()["providers"]
    assert [(entry["name"], entry["is_on"], entry["off_because"]) for entry in providers] == [
        ("deezer", True, None),
        ("spotify", False, "Policy."),
    ]


async def test_metrics_are_text(client: httpx2.AsyncClient) -> None:
    await client.post("/enrich", json=TRACK)
    response = await client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert 'songnodes_service_tracks_total{status="completed"}' in response.text
