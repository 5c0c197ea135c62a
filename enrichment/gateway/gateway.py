"""Gateway: cache, single flight, breaker, limit, request, retry, archive; every call passes all of them."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from prometheus_client import Counter

from enrichment.gateway import cache_rules, results
from enrichment.gateway.archive import Archive, attempt_record
from enrichment.gateway.cache import AnswerCache
from enrichment.gateway.cache_rules import Entry
from enrichment.gateway.exchange import Exchange, Exchanged
from enrichment.gateway.flights import Entries, Leases, SharedFlights
from enrichment.gateway.question import Answered, Question
from enrichment.gateway.retries import MAX_INLINE_DELAY_S, retry_delay
from enrichment.gateway.terms import Terms
from enrichment.types import Call, join_items
from songnodes import logs, metrics
from songnodes.clock import Clock, SystemClock
from songnodes.domain import ids
from songnodes.errors import RedisUnreachable

Mode = Literal["live", "replay"]

log = logs.get(__name__)


class Gateway:
    """Answers questions. In mode `replay` answers come from the cache only, and nothing is archived."""

    def __init__(
        self,
        terms: Mapping[str, Terms],
        *,
        exchange: Exchange,
        cache: AnswerCache,
        archive: Archive,
        mode: Mode = "live",
        clock: Clock | None = None,
        draw: Callable[[], float] = random.random,
        leases: Leases | None = None,
    ) -> None:
        self._terms = terms
        self._exchange = exchange
        self._cache = cache
        self._archive = archive
        self._mode = mode
        self._clock = clock or SystemClock()
        self._draw = draw
        self._flights: dict[str, asyncio.Future[Answered]] = {}
        #: Of all processes; None for a gateway that shares nothing.
        self._shared_flights = SharedFlights(leases, self._store) if leases is not None else None

    @property
    def cache(self) -> AnswerCache:
        """Return the cache of answers."""
        return self._cache

    async def ask(self, question: Question, *, is_check: bool = False) -> Answered:
        """Return the answer to one question, archived. Raises NotAcknowledged.

        A check passes the cache by and is sent to a disabled provider, too.
        """
        return (await self.ask_batch([question], is_check=is_check))[0]

    async def ask_batch(
        self, questions: Sequence[Question], *, is_check: bool = False
    ) -> tuple[Answered, ...]:
        """Return the answers to questions of one operation, archived, with at most one request.

        Of a batch operation these are up to `batch_size` items, and their calls differ in the item only; of
        another one, they have the same call. Raises NotAcknowledged.
        """
        calls = {question.call.key: question.call for question in questions}
        terms = self._terms[questions[0].call.provider]
        renewed = [question.call.key for question in questions if question.renew]
        if renewed and self._mode == "live":
            await self._drop(renewed)
        entries = {} if is_check else await self._look_up(calls)
        if self._mode == "replay":
            return tuple(results.replayed(entries.get(question.call.key)) for question in questions)
        answers = self._fresh(entries)
        missing = [call for key, call in calls.items() if key not in answers]
        if missing:
            answers |= await self._fly(terms, missing, entries, is_check)
        return await self._archived(questions, [answers[question.call.key] for question in questions])

    async def _archived(
        self, questions: Sequence[Question], answers: Sequence[Answered]
    ) -> tuple[Answered, ...]:
        """Return the answers with their records when these are acknowledged. Raises NotAcknowledged."""
        now = self._clock.now()
        pairs = list(zip(questions, answers, strict=True))
        records = [attempt_record(question, answer, now) for question, answer in pairs]
        await self._archive.write(records)
        for question, answer in pairs:
            _count(question, answer)
        return tuple(replace(answer, record=record) for answer, record in zip(answers, records, strict=True))

    async def _look_up(self, calls: Mapping[str, Call]) -> dict[str, Entry]:
        """Return the entries of these calls; none while Redis is away."""
        try:
            if len(calls) == 1:  # a task costs more than the lookup
                entries = [await self._cache.get(key) for key in calls]
            else:
                entries = await asyncio.gather(*(self._cache.get(key) for key in calls))
        except RedisUnreachable as error:
            log.warning("cache_unreachable", error=str(error))
            return {}
        return {key: entry for key, entry in zip(calls, entries, strict=True) if entry is not None}

    async def _drop(self, keys: Sequence[str]) -> None:
        """Delete entries of the cache; while Redis is away, it is not read either."""
        try:
            await self._cache.delete(keys)
        except RedisUnreachable as error:
            log.warning("cache_unreachable", error=str(error))

    async def _fly(
        self, terms: Terms, calls: Sequence[Call], entries: Mapping[str, Entry], is_check: bool
    ) -> dict[str, Answered]:
        """Return the answers of these calls; those under way for other questions are awaited."""
        loop = asyncio.get_running_loop()
        under_way = {call.key: self._flights[call.key] for call in calls if call.key in self._flights}
        own = [call for call in calls if call.key not in under_way]
        answers: dict[str, Answered] = {}
        if own:
            flights = {call.key: loop.create_future() for call in own}
            self._flights |= flights
            try:
                answers |= await self._fetch_shared(terms, own, entries, is_check)
            finally:
                for key, flight in flights.items():
                    del self._flights[key]
                    if key in answers:
                        flight.set_result(answers[key])
                    else:
                        flight.cancel()
        lost = []
        for call in calls:
            if call.key in under_way:
                await asyncio.wait([under_way[call.key]])
                if under_way[call.key].cancelled():
                    lost.append(call)
                else:
                    answers[call.key] = replace(under_way[call.key].result(), attempts=0)
        if lost:  # the task that fetched them was cancelled, or failed
            answers |= await self._fly(terms, lost, entries, is_check)
        return answers

    async def _fetch_shared(
        self, terms: Terms, calls: Sequence[Call], entries: Mapping[str, Entry], is_check: bool
    ) -> dict[str, Answered]:
        """Return the answers of these calls; those under way in another process are awaited."""

        async def fetch(own: Sequence[Call]) -> tuple[dict[str, Answered], Entries]:
            return await self._fetch(terms, own, entries, is_check)

        if is_check or self._shared_flights is None:
            answers, new = await fetch(calls)
            await self._store(new)
            return answers
        return await self._shared_flights.fetch(calls, self._fresh, fetch)

    def _fresh(self, entries: Mapping[str, Entry]) -> dict[str, Answered]:
        """Return the answers of the entries that are fresh."""
        now = self._clock.now().timestamp()
        return {
            key: results.cached(entry) for key, entry in entries.items() if cache_rules.is_fresh(entry, now)
        }

    async def _fetch(
        self, terms: Terms, calls: Sequence[Call], entries: Mapping[str, Entry], is_check: bool
    ) -> tuple[dict[str, Answered], Entries]:
        """Return the answers of these calls, by one request, and the entries for the cache."""
        provider = terms.provider
        parameter = provider.operations[calls[0].operation].batch_parameter
        items = {} if parameter is None else _keys_by_item(calls, parameter)
        call = calls[0] if parameter is None else _joined(calls, parameter)
        exchanged, attempts = await self._request(terms, call, is_check)
        if not cache_rules.is_cacheable(exchanged.classified.outcome):
            failure = results.failed(exchanged, attempts, self._clock.now())
            return {call.key: results.with_stale(failure, entries.get(call.key)) for call in calls}, {}
        note, now = exchanged.classified.note, self._clock.now().timestamp()
        answers, new = {}, {}
        batch_id = _batch_id(call, exchanged) if len(items) > 1 else None
        for part in results.parts_of(provider, call, items, exchanged):
            answers[part.key] = Answered(
                status="hit" if part.outcome == "hit" else "miss",
                response=part.response,
                note=note,
                attempts=attempts,
                batch_id=batch_id,
                batch_size=max(len(items), 1),
                is_slice=part.is_slice,
            )
            entry = results.entry_of_part(provider, call, part, entries.get(part.key), note, now)
            seconds = cache_rules.stored_s(entry, now, terms.retention_s)
            if seconds > 0:
                new[part.key] = entry, seconds
        return answers, new

    async def _request(self, terms: Terms, call: Call, is_check: bool) -> tuple[Exchanged, int]:
        """Return the last outcome of a call and the number of requests sent."""
        attempts = 0
        while True:
            exchanged = await self._exchange.request(terms, call, is_check=is_check)
            if not exchanged.sent:
                return exchanged, attempts
            attempts += 1
            delay = retry_delay(exchanged.classified, attempts - 1, self._draw())
            if delay is None:
                return exchanged, attempts
            if exchanged.closed is not None:
                until_open = exchanged.closed.until - self._clock.now().timestamp()
                if until_open > max(delay, MAX_INLINE_DELAY_S / 2):
                    return exchanged, attempts
            await asyncio.sleep(delay)

    async def _store(self, entries: Entries) -> None:
        try:
            for key, (entry, seconds) in entries.items():
                await self._cache.put(key, entry, seconds)
        except RedisUnreachable as error:
            log.warning("cache_unreachable", error=str(error))


def _joined(calls: Sequence[Call], parameter: str) -> Call:
    items = [item for call in calls for item in call.items(parameter)]
    return replace(calls[0], parameters={**calls[0].parameters, parameter: join_items(items)})


def _keys_by_item(calls: Sequence[Call], parameter: str) -> dict[str, str]:
    return {item: call.key for call in calls for item in call.items(parameter)}


def _batch_id(call: Call, exchanged: Exchanged) -> str:
    received = exchanged.response.received.isoformat() if exchanged.response else ""
    return ids.event_id("batch", call.key, received)


def _count(question: Question, answered: Answered) -> None:
    is_cached = "yes" if answered.response is not None and answered.response.cached else "no"
    call = question.call
    _counter(call.provider, call.operation, answered.status, is_cached).inc()


@lru_cache(maxsize=1024)
def _counter(*labels: str) -> Counter:
    return metrics.GATEWAY_ANSWERS.labels(*labels)
