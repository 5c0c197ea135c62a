"""Compression: smaller, the same content, and true validators in both encodings."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.responses import FileResponse, StreamingResponse

from songnodes.settings import Settings
from web.app import STATIC, create_app
from web.compression import MIN_BYTES
from web.database import Database

URL = "postgresql://reader@127.0.0.1:1/songnodes"
SECRETS: dict[str, Any] = {"web_token": "t" * 40, "web_operator_token": "o" * 40}
NAMES = [f"Strobe {number}" for number in range(400)]
PLAIN, COMPRESSED = {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[FastAPI]:
    settings = Settings(web_database_url=URL, **SECRETS).model_copy(update={"home": tmp_path / "home"})
    async with Database.opened(settings) as database:
        app = create_app(database, settings)

        @app.get("/names")
        async def names() -> list[str]:
            return NAMES

        @app.get("/few")
        async def few() -> str:
            return "x" * (MIN_BYTES - 10)

        @app.get("/picture")
        async def picture() -> FileResponse:
            return FileResponse(STATIC / "style.css", media_type="image/png")

        @app.get("/events")
        async def events() -> StreamingResponse:
            return StreamingResponse(iter(["data: 1\n\n"] * 200), media_type="text/event-stream")

        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {SECRETS['web_token']}"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://a.example", headers=headers
    ) as client:
        yield client


@pytest.mark.parametrize("path", ["/names", "/static/style.css", "/static/app.js"])
async def test_content_is_smaller_and_the_same(client: httpx2.AsyncClient, path: str) -> None:
    plain, small = (
        await client.get(path, headers=PLAIN),
        await client.get(path, headers=COMPRESSED),
    )
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert small.content == plain.content
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert {answer.headers["vary"].lower() for answer in (plain, small)} == {"accept-encoding"}


@pytest.mark.parametrize(
    ("path", "accepted"),
    [("/few", "gzip"), ("/picture", "gzip"), ("/events", "gzip"), ("/names", "gzip;q=0"), ("/names", "br")],
)
async def test_what_is_not_compressed(client: httpx2.AsyncClient, path: str, accepted: str) -> None:
    answer = await client.get(path, headers={"Accept-Encoding": accepted})
    assert (answer.status_code, answer.headers.get("content-encoding")) == (200, None)


async def test_a_part_of_a_file_is_not_compressed(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/static/style.css", headers={**COMPRESSED, "Range": "bytes=0-899"})
    assert (answer.status_code, answer.headers.get("content-encoding")) == (206, None)
    assert len(answer.content) == 900


@pytest.mark.parametrize("first", [PLAIN, COMPRESSED])
@pytest.mark.parametrize("second", [PLAIN, COMPRESSED])
async def test_a_tag_is_that_of_the_content_in_any_encoding(
    client: httpx2.AsyncClient, first: dict[str, str], second: dict[str, str]
) -> None:
    answer = await client.get("/static/style.css", headers=first)
    tag = answer.headers["etag"]
    assert tag.startswith('W/"')
    again = await client.get("/static/style.css", headers={**second, "If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "accept-encoding" in again.headers["vary"].lower()


@pytest.mark.parametrize("path", ["/none", "/pipeline", "/about", "/decide", "/openapi.json"])
async def test_no_secret_is_on_a_page_or_in_an_error(client: httpx2.AsyncClient, path: str) -> None:
    text = (await client.get(path, headers=COMPRESSED)).text
    assert not any(secret in text for secret in SECRETS.values())
