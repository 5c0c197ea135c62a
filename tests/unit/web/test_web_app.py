"""The application without a database: headers, refusals, errors for people and for programs."""

import base64
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest
from fastapi import FastAPI

from songnodes.http.server import TokenMissing
from songnodes.settings import Settings
from web import serve
from web.app import create_app
from web.database import Database
from web.headers import HEADERS
from web.rendering import ENVIRONMENT, compile_templates

TOKEN = "t" * 40
CLOSED = "postgresql://reader@127.0.0.1:1/songnodes"


def client_of(app: FastAPI, base_url: str = "http://127.0.0.1") -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url=base_url)


@pytest.fixture
async def make_app() -> AsyncIterator[Callable[..., FastAPI]]:
    async with Database.opened(Settings(web_database_url=CLOSED)) as database:
        yield lambda **changes: create_app(database, Settings(web_database_url=CLOSED, **changes))


@pytest.fixture
async def client(make_app: Callable[..., FastAPI]) -> AsyncIterator[httpx2.AsyncClient]:
    app = make_app()

    @app.get("/api/v1/fails")
    @app.get("/fails")
    async def fails() -> None:
        raise ZeroDivisionError("a secret")

    @app.get("/api/v1/away")
    @app.get("/away")
    async def away() -> None:
        async with app.state.database.connection():
            raise AssertionError("connected")

    async with client_of(app) as client:
        yield client


@pytest.mark.parametrize("path", ["/static/style.css", "/no-such-page", "/api/v1/none", "/fails"])
async def test_every_response_has_the_headers(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("path", "status"), [("/none", 404), ("/fails", 500), ("/away", 503)])
async def test_people_get_a_page_and_programs_a_problem(
    client: httpx2.AsyncClient, path: str, status: int
) -> None:
    page, problem = await client.get(path), await client.get(f"/api/v1{path}")
    assert (page.status_code, problem.status_code) == (status, status)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>{status}" in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["status"] == status
    assert "a secret" not in page.text + problem.text


async def test_the_page_of_an_error_escapes_the_address(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/<script>alert(1)</script>")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_templates_are_compiled_before_a_page_is_asked_for() -> None:
    compile_templates()
    assert ENVIRONMENT.cache is not None
    assert {name for _, name in ENVIRONMENT.cache} >= set(ENVIRONMENT.list_templates())


async def test_a_foreign_name_of_the_host_is_refused(make_app: Callable[..., FastAPI]) -> None:
    async with client_of(make_app(), "http://attacker.example") as client:
        answer = await client.get("/none")
        assert answer.status_code == 421
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        (f"Bearer {TOKEN}", 404),
        ("Bearer wrong", 401),
        ("Basic " + base64.b64encode(f"anyone:{TOKEN}".encode()).decode(), 404),
        ("Basic " + base64.b64encode(b"anyone:wrong").decode(), 401),
        ("Basic !", 401),
    ],
)
async def test_with_a_token_every_path_needs_it(
    make_app: Callable[..., FastAPI], authorization: str, status: int
) -> None:
    async with client_of(make_app(web_token=TOKEN), "http://music.example") as client:
        answer = await client.get("/none", headers={"Authorization": authorization} if authorization else {})
        assert answer.status_code == status
        assert answer.headers.get("www-authenticate", "").startswith("Basic") == (status == 401)


def test_other_addresses_than_loopback_need_a_token() -> None:
    with pytest.raises(TokenMissing):
        serve.run_forever(Settings(web_host="0.0.0.0"))  # noqa: S104
