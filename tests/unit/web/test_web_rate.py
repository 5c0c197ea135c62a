"""Rate limit and suffixes of the query API."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from web.api.paths import Suffixes
from web.api.rate import BURST, MAX_CLIENTS, REQUESTS_PER_S, RateLimit


async def answers_ok(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("ok")(scope, receive, send)


class Caller:
    """Send requests to a limited application at a time of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.limit = RateLimit(answers_ok, prefix="/api/", now=lambda: self.now)

    async def __call__(
        self, client: str = "192.0.2.1", token: bytes = b"a", path: str = "/api/v1/top"
    ) -> int:
        statuses: list[int] = []

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        async def receive() -> Message:
            raise AssertionError("nothing is read")

        headers = [(b"authorization", token)]
        scope = {"type": "http", "path": path, "client": (client, 1), "headers": headers}
        await self.limit(scope, receive, send)
        return statuses[0]


async def test_a_burst_is_answered_and_the_next_request_is_not() -> None:
    call = Caller()
    assert {await call() for _ in range(BURST)} == {200}
    assert await call() == 429
    call.now += 1 / REQUESTS_PER_S
    assert [await call(), await call()] == [200, 429]


async def test_clients_tokens_and_pages_have_limits_of_their_own() -> None:
    call = Caller()
    for _ in range(BURST):
        await call()
    assert await call() == 429
    assert await call(client="192.0.2.2") == 200
    assert await call(token=b"b") == 200
    assert await call(path="/") == 200


async def test_clients_are_forgotten() -> None:
    call = Caller()
    for number in range(MAX_CLIENTS + 10):
        await call(client=f"host {number}")
    assert len(call.limit._buckets) == MAX_CLIENTS


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/api/v1/top.csv", ("/api/v1/top", "csv")),
        ("/api/v1/top", ("/api/v1/top", None)),
        ("/api/v1/labels/a.b", ("/api/v1/labels/a.b", None)),
        ("/static/data.csv", ("/static/data.csv", None)),
    ],
)
async def test_the_suffix_is_taken_off_the_path_of_the_api(path: str, seen: tuple[str, str | None]) -> None:
    scopes: list[Scope] = []

    async def record(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)

    async def unused(message: Message | None = None) -> Message:
        return {}

    scope = {"type": "http", "path": path, "raw_path": path.encode()}
    await Suffixes(record, prefix="/api/v1")(scope, unused, unused)  # type: ignore[arg-type]
    assert (scopes[0]["path"], scopes[0].get("songnodes.form")) == seen
    assert scopes[0]["raw_path"] == seen[0].encode()
