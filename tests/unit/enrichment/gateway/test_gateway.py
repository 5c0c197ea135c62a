"""Gateway against a server on loopback, with state, cache and archive in memory."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from enrichment.gateway.account import ACCOUNT_FORM, AccountState
from enrichment.gateway.account_store import AccountStore
from enrichment.gateway.cache import InMemoryAnswerCache
from enrichment.gateway.client import Client
from enrichment.gateway.exchange import Exchange
from enrichment.gateway.gateway import Gateway
from enrichment.gateway.question import Question
from enrichment.gateway.redirects import MAX_REDIRECTS
from enrichment.gateway.slots import SlotBook
from enrichment.types import Call, Window
from songnodes.clock import ManualClock
from songnodes.errors import NotAcknowledged, RedisUnreachable
from songnodes.shared_state.in_memory_store import InMemoryStateStore
from tests.support.local_provider import LocalProvider, LocalServer, item_call, serving, track_call

DAY = timedelta(days=1)
SECRET = "s3cret-of-the-operator"


class InMemoryArchive:
    """Keeps attempts; `is_down` simulates Kafka down."""

    def __init__(self) -> None:
        self.records: list[Mapping[str, Any]] = []
        self.is_down = False

    async def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep the records."""
        if self.is_down:
            raise NotAcknowledged("down")
        self.records += records

    def statuses(self) -> list[str]:
        """Return the statuses in the order of arrival."""
        return [record["status"] for record in self.records]


@dataclass(slots=True)
class World:
    """A gateway, its server, archive, cache and clocks. `now` is the time of the shared state."""

    gateway: Gateway
    server: LocalServer
    archive: InMemoryArchive
    cache: InMemoryAnswerCache
    clock: ManualClock
    now: list[float] = field(default_factory=list)

    def move(self, by: timedelta) -> None:
        """Move all clocks."""
        self.clock.move(self.clock.now() + by)
        self.now[0] += by.total_seconds()


@asynccontextmanager
async def world(provider: LocalProvider | None = None, **options: Any) -> AsyncIterator[World]:
    """Open a gateway for a local provider."""
    provider = provider or LocalProvider()
    start = datetime.now(UTC)
    clock, offset = ManualClock(start), [0.0]
    loop = asyncio.get_running_loop()
    store = InMemoryStateStore(ACCOUNT_FORM, lambda: start.timestamp() + loop.time() + offset[0])
    archive, cache = InMemoryArchive(), InMemoryAnswerCache()
    async with serving(LocalServer()) as server, Client() as client:
        gateway = Gateway(
            {"local": server.terms(provider, key=SECRET)},
            exchange=Exchange(client, SlotBook(AccountStore(store, lambda: 1), max_wait_s=60.0)),
            cache=cache,
            archive=archive,
            clock=clock,
            draw=lambda: 0.0,
            **options,
        )
        yield World(gateway, server, archive, cache, clock, offset)


def question(call: Call | None = None, track: str = "a", **fields: Any) -> Question:
    """Return a question of a track."""
    return Question(track_id=track, request_id="r1", call=call or track_call(), **fields)


async def test_an_answer_is_archived_cached_and_used_again() -> None:
    async with world() as w:
        first = await w.gateway.ask(
            question(lookup="isrc", claim={"text": "A - B", "duration_ms": None, "ids": {}})
        )
        second = await w.gateway.ask(question(track="b"))
        assert (first.status, first.attempts, second.status, second.attempts) == ("hit", 1, "hit", 0)
        assert first.response and second.response and first.response.body == second.response.body
        assert second.response.cached and not first.response.cached
        assert w.server.paths() == ["/track/1"]
        records = w.archive.records
        assert [(record["track_id"], record["cached"]) for record in records] == [("a", False), ("b", True)]
        assert records[0]["attempt_id"] != records[1]["attempt_id"]
        assert records[0]["lookup"] == "isrc" and records[0]["http_status"] == 200
        assert records[0]["parameters"] == {"id": "1"}


async def test_no_answer_is_used_that_is_not_archived() -> None:
    async with world() as w:
        w.archive.is_down = True
        with pytest.raises(NotAcknowledged):
            await w.gateway.ask(question())
        w.archive.is_down = False
        assert (await w.gateway.ask(question())).status == "hit"
        assert len(w.server.arrivals) == 1  # the second time from the cache


async def test_questions_of_the_same_moment_share_one_request() -> None:
    async with world() as w:
        answers = await asyncio.gather(*(w.gateway.ask(question(track=str(n))) for n in range(20)))
        assert {answer.status for answer in answers} == {"hit"}
        assert len(w.server.arrivals) == 1
        assert sorted(record["track_id"] for record in w.archive.records) == sorted(map(str, range(20)))


async def test_a_cancelled_request_is_sent_again_for_those_who_waited() -> None:
    async with world() as w:
        gate = asyncio.Event()

        async def slow(request: web.Request) -> web.StreamResponse:
            await gate.wait()
            return web.json_response({})

        w.server.pages["/track/1"] = slow
        first = asyncio.create_task(w.gateway.ask(question()))
        while not w.server.arrivals:
            await asyncio.sleep(0.01)
        second = asyncio.create_task(w.gateway.ask(question(track="b")))
        await asyncio.sleep(0)
        first.cancel()
        gate.set()
        assert (await second).status == "hit"
        assert [record["track_id"] for record in w.archive.records] == ["b"]


async def test_a_batch_asks_for_the_missing_items_and_archives_the_part_of_each_track() -> None:
    async with world() as w:
        await w.gateway.ask(question(item_call("x")))
        items = ["x", "y", "gap", "z"]
        questions = [question(item_call(item), track=f"t{item}") for item in items]
        answers = await w.gateway.ask_batch(questions)
        assert [answer.status for answer in answers] == ["hit", "hit", "miss", "hit"]
        assert [answer.response.body if answer.response else None for answer in answers] == [
            b'{"id": "x"}', b'{"id": "y"}', b"", b'{"id": "z"}',
        ]  # fmt: skip
        assert w.server.paths() == ["/tracks", "/tracks"]
        parts = w.archive.records[1:]
        assert [part["body"] for part in parts] == [b'{"id": "x"}', b'{"id": "y"}', None, b'{"id": "z"}']
        assert [part["parameters"]["ids"] for part in parts] == items
        assert len({part["batch_id"] for part in parts[1:]}) == 1 and parts[1]["batch_size"] == 3
        again = await w.gateway.ask_batch(questions)
        assert [answer.attempts for answer in again] == [0] * 4
        assert len(w.server.arrivals) == 2


async def test_busy_is_retried_and_success_ends_it() -> None:
    async with world() as w:
        w.server.pages["/track/1"] = [(503, "", {}), (500, "", {}), (200, "{}", {})]
        answer = await w.gateway.ask(question())
        assert (answer.status, answer.attempts) == ("hit", 3)
        assert w.archive.statuses() == ["hit"]


@pytest.mark.parametrize(
    ("page", "status", "requests"),
    [
        ((503, "", {}), "error", 4),
        ((200, "<html>", {}), "error", 2),
        ((429, "", {}), "rate_limited", 4),
        ((400, "", {}), "error", 1),
        ((403, "", {}), "disabled", 1),
        ((200, "no data", {}), "miss", 1),
        ((429, "", {"Retry-After": "46800"}), "quota_exhausted", 1),
        ((503, "", {"Retry-After": "600"}), "error", 1),
    ],
)
async def test_each_outcome_has_its_status_and_number_of_requests(
    page: tuple[int, str, dict[str, str]], status: str, requests: int
) -> None:
    async with world() as w:
        w.server.pages["/track/1"] = [page]
        answer = await w.gateway.ask(question())
        assert (answer.status, answer.attempts) == (status, requests)
        assert len(w.server.arrivals) == requests
        assert w.archive.statuses() == [status]


@pytest.mark.parametrize("status", [301, 307])
async def test_a_redirect_within_the_host_is_followed_within_the_limits(status: int) -> None:
    async with world(LocalProvider(windows=(Window(starts=1, seconds=0.5),))) as w:
        w.server.pages["/track/1"] = [(status, "", {"Location": f"{w.server.base}/track/2"})]
        answer = await w.gateway.ask(question())
        assert answer.status == "hit" and answer.response and b"/track/2" in answer.response.body
        assert w.server.paths() == ["/track/1", "/track/2"]
        first, second = (time for _, time in w.server.arrivals)
        assert second - first >= 0.5
        assert (await w.gateway.ask(question(track="b"))).attempts == 0
        assert w.archive.records[0]["parameters"] == {"id": "1"}


async def test_redirects_do_not_open_the_breaker() -> None:
    async with world() as w:
        for number in range(10):
            w.server.pages[f"/track/{number}"] = [(301, "", {"Location": "/track/target"})]
        answers = [await w.gateway.ask(question(track_call(str(number)))) for number in range(10)]
        assert {answer.status for answer in answers} == {"hit"}


@pytest.mark.parametrize("location", ["http://127.0.0.1:1/track/2", "https://elsewhere.example/", "", "//["])
async def test_another_host_is_no_answer(location: str) -> None:
    async with world() as w:
        w.server.pages["/track/1"] = [(301, "", {"Location": location})]
        exchanged = await w.gateway._exchange.request(w.gateway._terms["local"], track_call())
        assert exchanged.classified.outcome == "busy"  # the provider's own rule for a 301
        assert len(w.server.arrivals) == 1


async def test_a_loop_of_redirects_is_broken() -> None:
    async with world() as w:
        w.server.pages["/track/1"] = [(301, "", {"Location": "/track/2"})]
        w.server.pages["/track/2"] = [(301, "", {"Location": "/track/1"})]
        exchanged = await w.gateway._exchange.request(w.gateway._terms["local"], track_call())
        assert exchanged.classified.outcome == "broken"
        assert len(w.server.arrivals) == 1 + MAX_REDIRECTS


async def test_hours_of_retry_after_close_the_operation() -> None:
    async with world() as w:
        w.server.pages["/track/1"] = [(429, "", {"Retry-After": "46800"})]
        first = await w.gateway.ask(question())
        second = await w.gateway.ask(question(track_call("2")))
        assert (second.status, second.attempts) == ("quota_exhausted", 0)
        assert first.retry_at and second.retry_at == first.retry_at
        assert len(w.server.arrivals) == 1
        w.move(timedelta(hours=13, seconds=1))
        assert (await w.gateway.ask(question(track_call("2")))).status == "hit"


async def test_failures_open_the_breaker_and_one_probe_closes_it() -> None:
    async with world() as w:
        w.server.pages["/track/1"] = [(500, "", {})]
        for _ in range(2):
            await w.gateway.ask(question())
        sent = len(w.server.arrivals)
        assert (await w.gateway.ask(question(track_call("2")))).status == "breaker_open"
        assert (await w.gateway.ask(question(item_call("x")))).status == "hit"  # another operation
        assert len(w.server.arrivals) == sent + 1
        w.move(timedelta(minutes=20))
        answers = await asyncio.gather(
            *(w.gateway.ask(question(track_call(str(n)), track=str(n))) for n in range(2, 6))
        )
        assert sorted(answer.status for answer in answers) == ["breaker_open"] * 3 + ["hit"]
        assert (await w.gateway.ask(question(track_call("7")))).status == "hit"


async def test_a_server_that_is_away_counts_as_failures() -> None:
    async with world() as w:
        terms = w.server.terms(LocalProvider())
        object.__setattr__(terms.access, "base_url", "http://127.0.0.1:1")
        w.gateway._terms = {"local": terms}
        statuses = [(await w.gateway.ask(question(track=str(n)))).status for n in range(3)]
        assert statuses[0] == "error" and statuses[2] == "breaker_open"


async def test_a_fault_of_configuration_disables_until_a_check_succeeds() -> None:
    async with world() as w:
        w.server.pages["/track/1"] = [(403, "", {}), (200, "{}", {})]
        await w.gateway.ask(question())
        w.move(30 * DAY)
        answer = await w.gateway.ask(question(track_call("2")))
        assert (answer.status, answer.note) == ("disabled", "Active premium subscription required")
        assert (await w.gateway.ask(question(), is_check=True)).status == "hit"
        assert (await w.gateway.ask(question(track_call("2")))).status == "hit"


async def test_misses_are_asked_again_after_doubling_times() -> None:
    async with world() as w:
        w.server.pages["/track/1"] = [(200, "no data", {})]
        request_days = []
        for day in range(70):
            before = len(w.server.arrivals)
            await w.gateway.ask(question())
            if len(w.server.arrivals) > before:
                request_days.append(day)
            w.move(DAY + timedelta(seconds=1))
        assert request_days == [0, 1, 3, 7, 15, 31, 63]


async def test_a_stale_answer_is_used_while_the_provider_fails() -> None:
    async with world() as w:
        w.server.pages["/track/1"] = [(200, '{"v": 1}', {}), (503, "", {})]
        await w.gateway.ask(question())
        w.move(40 * DAY)
        answer = await w.gateway.ask(question())
        assert answer.status == "stale_cache" and answer.response and answer.response.body == b'{"v": 1}'
        assert answer.response.stale and w.archive.records[-1]["cached"]


async def test_an_answer_has_the_record_that_is_archived() -> None:
    async with world() as w:
        for _ in ("sent", "cached"):
            answer = await w.gateway.ask(question())
            assert answer.record == w.archive.records[-1]


async def test_replay_never_sends_a_request() -> None:
    async with world() as w:
        await w.gateway.ask(question())
        w.gateway._mode = "replay"
        w.move(400 * DAY)
        assert (await w.gateway.ask(question())).status == "hit"
        assert (await w.gateway.ask(question(track_call("2")))).status == "skipped"
        assert len(w.server.arrivals) == 1 and len(w.archive.records) == 1


async def test_a_renewed_answer_is_not_that_of_the_cache() -> None:
    async with world() as w:
        await w.gateway.ask(question())
        renewed = await w.gateway.ask(question(renew=True))
        assert renewed.response and not renewed.response.cached and renewed.attempts == 1
        again = await w.gateway.ask(question())
        assert again.response and again.response.cached
        assert len(w.server.arrivals) == 2
        w.gateway._mode = "replay"
        replayed = await w.gateway.ask(question(renew=True))
        assert replayed.response and replayed.response.cached
        assert len(w.server.arrivals) == 2


async def test_a_token_is_fetched_once_and_replaced_when_it_expires() -> None:
    async with world(LocalProvider(needs_token=True)) as w:
        w.server.pages["/token"] = [(200, '{"token": "first"}', {}), (200, '{"token": "second"}', {})]

        async def track(request: web.Request) -> web.StreamResponse:
            is_valid = request.headers["Authorization"] == "Bearer second" or request.path == "/track/1"
            return web.json_response({}, status=200 if is_valid else 401)

        w.server.pages |= {f"/track/{number}": track for number in range(5)}
        assert (await w.gateway.ask(question())).status == "hit"
        assert (await w.gateway.ask(question(track_call("2")))).status == "hit"  # expired in the middle
        assert (await w.gateway.ask(question(track_call("3")))).status == "hit"
        assert w.server.paths() == ["/token", "/track/1", "/track/2", "/token", "/track/2", "/track/3"]
        assert "first" not in repr(w.archive.records) and "token" not in {
            record["operation"] for record in w.archive.records
        }


async def test_a_refused_new_token_disables() -> None:
    async with world(LocalProvider(needs_token=True)) as w:
        w.server.pages |= {"/token": [(200, '{"token": "t"}', {})], "/track/1": [(401, "", {})]}
        answer = await w.gateway.ask(question())
        assert answer.status == "disabled" and answer.note == "The token is refused."


async def test_secrets_are_in_no_record_log_or_error(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with world() as w:
        w.server.pages["/track/1"] = [(503, "", {})]
        texts = [repr(await w.gateway.ask(question()))]

        async def cut(request: web.Request) -> web.StreamResponse:
            assert request.transport
            request.transport.abort()
            return web.Response()

        w.server.pages["/track/2"] = cut
        texts.append(repr(await w.gateway.ask(question(track_call("2")))))
        texts += [repr(w.archive.records), caplog.text, repr(w.gateway._terms), repr(w.cache._entries)]
        output = capsys.readouterr()
        assert "provider_request_failed" in output.out + output.err
        texts += output
        assert not [text for text in texts if SECRET in text]


async def test_a_limit_too_far_ahead_is_an_answer() -> None:
    windows = (Window(starts=1, seconds=86400.0),)
    async with world(LocalProvider(windows=windows)) as w:
        assert (await w.gateway.ask(question())).status == "hit"
        answer = await w.gateway.ask(question(track_call("2")))
        assert answer.status == "quota_exhausted" and answer.retry_at
        assert len(w.server.arrivals) == 1


async def test_calls_go_on_without_redis_within_the_share_of_the_limit() -> None:
    async with world() as w:
        store = AwayStore()
        provider = LocalProvider(windows=(Window(starts=4, seconds=1.0),))
        w.gateway._terms = {"local": w.server.terms(provider)}
        slots = SlotBook(AccountStore(store, lambda: 2), max_wait_s=60.0)
        w.gateway._exchange._slots = slots
        await asyncio.gather(*(w.gateway.ask(question(track_call(str(n)))) for n in range(5)))
        times = sorted(time for _, time in w.server.arrivals)
        assert len(times) == 5
        assert all(later - earlier > 1.0 for earlier, later in zip(times, times[2:], strict=False))


class AwayStore:
    """A store whose Redis is away."""

    async def get(self, name: str) -> Any:
        """Raise RedisUnreachable."""
        raise RedisUnreachable("away")

    async def compare_and_set(self, name: str, expected: Any, new: AccountState) -> bool:
        """Raise RedisUnreachable."""
        raise RedisUnreachable("away")

    async def replace(self, name: str, expected: Any, new: AccountState) -> Any:
        """Raise RedisUnreachable."""
        raise RedisUnreachable("away")
