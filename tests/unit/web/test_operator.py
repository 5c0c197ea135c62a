"""Changes from pages: only with the operator's token, from a page of this host."""

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

import web
from songnodes.settings import Settings
from web.app import create_app
from web.database import Database
from web.operator import NOT_CONFIGURED, OTHER_ORIGIN, WRONG_TOKEN, is_same_origin

CLOSED = "postgresql://reader@127.0.0.1:1/songnodes"
TOKEN = "operator" * 4
HOST = "127.0.0.1"
WRITES = (
    "/pipeline/letters/parse/0:1/reinsert",
    "/pipeline/letters/parse/0:1/drop",
    "/decide/set",
    "/decide/withdraw",
    "/decide/merge",
    "/decide/split",
)
SAME = {"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}


def client_of(app: FastAPI) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url=f"http://{HOST}")


@pytest.fixture(params=["", TOKEN], ids=["without a token", "with a token"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(web_database_url=CLOSED, web_operator_token=request.param)
    async with Database.opened(settings) as database, client_of(create_app(database, settings)) as client:
        client.app_token = request.param  # type: ignore[attr-defined]
        yield client


def test_every_form_of_the_templates_is_tested() -> None:
    texts = [file.read_text() for file in (Path(web.__file__).parent / "templates").glob("*.html")]
    posts = [text for text in texts if 'method="post"' in text]
    assert {f'"/decide/{path.rsplit("/", 1)[1]}"' for path in WRITES if "decide" in path} <= {
        part for text in posts for part in re.findall(r'"/decide/\w+"', text)
    }


@pytest.mark.parametrize("path", WRITES)
async def test_a_wrong_token_is_refused(client: httpx2.AsyncClient, path: str) -> None:
    for token in ("", "wrong", TOKEN[:-1], TOKEN + "x", "é"):
        answer = await client.post(path, data={"token": token}, headers=SAME)
        assert answer.status_code == 403
        configured = client.app_token  # type: ignore[attr-defined]
        assert (WRONG_TOKEN if configured else NOT_CONFIGURED)[:40] in answer.text.replace("&#39;", "'")


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://attacker.example"},
        {"origin": "null"},
        {"origin": f"http://{HOST}", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
async def test_another_origin_is_refused_with_the_right_token(path: str, headers: Mapping[str, str]) -> None:
    settings = Settings(web_database_url=CLOSED, web_operator_token=TOKEN)
    async with Database.opened(settings) as database, client_of(create_app(database, settings)) as client:
        answer = await client.post(path, data={"token": TOKEN}, headers=dict(headers))
    assert answer.status_code == 403
    assert OTHER_ORIGIN[:30] in answer.text


@pytest.mark.parametrize("path", WRITES)
async def test_nothing_is_changed_by_a_get(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path, params={"token": TOKEN}, headers=SAME)).status_code in (404, 405)


async def test_a_field_that_is_missing_is_named() -> None:
    settings = Settings(web_database_url=CLOSED, web_operator_token=TOKEN)
    async with Database.opened(settings) as database, client_of(create_app(database, settings)) as client:
        answer = await client.post("/decide/set", data={"token": TOKEN, "track": "x"}, headers=SAME)
        assert (answer.status_code, "The reason is missing" in answer.text) == (422, True)
        answer = await client.post("/decide/set", json={"token": TOKEN}, headers=SAME)
        assert answer.status_code == 415


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        (SAME, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"origin": "https://127.0.0.1"}, True),  # behind a proxy that ends TLS
        ({"origin": "http://127.0.0.1:81"}, False),
        ({"origin": "http://127.0.0.1.attacker.example"}, False),
    ],
)
def test_origins(headers: Mapping[str, str], accepted: bool) -> None:
    assert is_same_origin({**headers, "host": HOST}) is accepted


def test_a_short_token_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="at least 16"):
        Settings(web_operator_token="short")
