"""Bodies that are garbage, deep, large or in another encoding: always a problem, never an error of ours."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from enrichment.service import app as service_app
from enrichment.service.app import create_app
from enrichment.service.models import MAX_BATCH, MAX_NAME
from tests.support.in_memory_enricher import InMemoryEnricher

TRACK = {"track_id": "t", "artist_name": "Deadmau5", "track_title": "Strobe"}
JSON = {"content-type": "application/json"}


def body(**changes: object) -> bytes:
    """Return a request with changes; a lone surrogate is escaped as JSON has it."""
    return json.dumps({**TRACK, **changes}).encode()


INVALID = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "number": b"1e999",
    "not JSON": b"{'track_id': 1}",
    "not UTF-8": b'{"track_id": "\xff"}',
    "UTF-16": json.dumps(TRACK).encode("utf-16")[:-1],
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 40_000,
    "deep member": b'{"track_id": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "long number": b'{"duration_ms": ' + b"9" * 100_000 + b"}",
    "NUL": body(artist_name="a\0b"),
    "control characters": body(track_title="a\x1bb"),
    "lone surrogate": body(artist_name="\ud800"),
    "surrogate in a name": json.dumps({**TRACK, "\udfff": 1}).encode(),
    "long name": body(track_title="x" * (MAX_NAME + 1)),
    "wrong types": body(artist_name=["Deadmau5"], duration_ms="long", track_id=None),
    "NaN": b'{"track_id": "t", "artist_name": "a", "track_title": "b", "duration_ms": NaN}',
}


def client_of(enricher: InMemoryEnricher) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(create_app(enricher), raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8020", timeout=60)


@pytest.mark.parametrize("path", ["/enrich", "/enrich/batch"])
@pytest.mark.parametrize("name", INVALID)
async def test_an_invalid_body_is_a_problem(name: str, path: str) -> None:
    enricher = InMemoryEnricher()
    async with client_of(enricher) as client:
        response = await client.post(path, content=INVALID[name], headers=JSON)
    assert response.status_code in (400, 422), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"].startswith("urn:songnodes:problem:")
    assert len(response.content) < 20_000
    assert not enricher.calls


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
async def test_other_content_types_are_refused(content_type: str | None) -> None:
    enricher = InMemoryEnricher()
    headers = {} if content_type is None else {"content-type": content_type}
    async with client_of(enricher) as client:
        response = await client.post("/enrich", content=body(), headers=headers)
    assert (response.status_code, response.json()["type"][-22:]) == (415, "unsupported-media-type")
    assert not enricher.calls


async def test_200_concurrent_requests_are_answered() -> None:
    enricher = InMemoryEnricher()
    async with client_of(enricher) as client:
        requests = [client.post("/enrich", json={**TRACK, "track_id": f"t-{n}"}) for n in range(200)]
        statuses = [response.status_code for response in await asyncio.gather(*requests)]
    assert statuses == [200] * 200
    assert len(enricher.calls) == 200


async def test_more_tracks_than_allowed_are_refused_and_the_others_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_app, "MAX_CONCURRENT_TRACKS", 3)
    enricher = InMemoryEnricher()
    enricher.gate = asyncio.Event()

    async def send(number: int) -> Any:
        return await client.post("/enrich", json={**TRACK, "track_id": f"t-{number}"})

    async with client_of(enricher) as client:
        requests = [asyncio.create_task(send(number)) for number in range(3)]
        while len(enricher.calls) < 3:
            await asyncio.sleep(0.001)
        refused = await send(3)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        enricher.gate.set()
        assert [(await request).status_code for request in requests] == [200] * 3
        assert (await send(3)).status_code == 200


async def test_a_batch_with_equal_tracks_enriches_one() -> None:
    enricher = InMemoryEnricher()
    async with client_of(enricher) as client:
        response = await client.post("/enrich/batch", json={"tracks": [TRACK] * MAX_BATCH})
    assert len(response.json()["results"]) == MAX_BATCH
    assert enricher.calls["t"] == 1
