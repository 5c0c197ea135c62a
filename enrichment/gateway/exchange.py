"""One request to a provider: breaker, token, start, request, outcome. The caller retries and caches."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Protocol

from enrichment.gateway.account import Closed, Slot
from enrichment.gateway.client import AnswerTooLarge, BeforeSending, RequestFailed, Sent
from enrichment.gateway.redirects import MAX_REDIRECTS, redirected
from enrichment.gateway.slots import SlotBook
from enrichment.gateway.terms import Terms
from enrichment.types import Call, Classified, HttpRequest, Operation, Response
from songnodes import logs, metrics

#: Seconds before its end at which a token is replaced, and the share of its lifetime at most.
TOKEN_MARGIN_S = 60.0
TOKEN_MARGIN_SHARE = 0.2

log = logs.get(__name__)


class Sender(Protocol):
    """Sends a request when its start has come."""

    async def send(self, request: HttpRequest, before_sending: BeforeSending, sent: Sent) -> Response:
        """Return the answer. Raises RequestFailed, AnswerTooLarge, and what `before_sending` raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """Outcome of a request. `response` is None if none came; `closed` if no request was sent, or none may be
    sent after it.
    """

    classified: Classified
    response: Response | None = None
    closed: Closed | None = None
    sent: bool = True


class Refused(Exception):
    """No slot was granted for a request"""

    def __init__(self, closed: Closed) -> None:
        super().__init__(closed.cause)
        self.closed = closed


class Exchange:
    """Sends requests of all providers by their terms."""

    def __init__(self, sender: Sender, slots: SlotBook) -> None:
        self._sender = sender
        self._slots = slots
        self._corrections: set[asyncio.Task[None]] = set()
        self._tokens: dict[str, tuple[str, float]] = {}
        self._token_locks: dict[str, asyncio.Lock] = {}

    async def request(self, terms: Terms, call: Call, *, is_check: bool = False) -> Exchanged:
        """Send one request, and another one with a new token if the first one had expired."""
        exchanged, token = await self._with_token(terms, call, is_check, final=False)
        if exchanged.classified.token_expired and token is not None:
            self._drop_token(terms, token)
            exchanged, _ = await self._with_token(terms, call, is_check, final=True)
        return exchanged

    async def _with_token(
        self, terms: Terms, call: Call, is_check: bool, *, final: bool
    ) -> tuple[Exchanged, str | None]:
        authorisation = terms.provider.authorise(terms.access)
        token = None
        if authorisation is not None:
            token, failure = await self._token(terms, authorisation, is_check)
            if failure is not None:
                return failure, None
        access = replace(terms.access, token=token)
        operation = terms.provider.operations[call.operation]
        try:
            request = terms.provider.request(call, access)
        except ValueError as error:
            return _unsent(Classified(outcome="ours", note=f"the call is incomplete: {error}")), None
        is_undecided = token is not None and not final
        return await self._follow(terms, operation, request, is_check, is_undecided), token

    async def _token(
        self, terms: Terms, authorisation: Call, is_check: bool
    ) -> tuple[str | None, Exchanged | None]:
        loop = asyncio.get_running_loop()
        async with self._token_locks.setdefault(terms.account, asyncio.Lock()):
            token, until = self._tokens.get(terms.account, ("", 0.0))
            if loop.time() < until:
                return token, None
            operation = terms.provider.operations[authorisation.operation]
            request = terms.provider.request(authorisation, terms.access)
            exchanged = await self._send(terms, operation, request, is_check, False)
            new = None
            if exchanged.response is not None and exchanged.classified.outcome == "hit":
                new = terms.provider.read_token(exchanged.response)
            if new is None:
                # The answer is about a token: it is neither cached nor archived.
                classified = exchanged.classified
                if classified.outcome in ("hit", "miss"):
                    classified = Classified(outcome="broken", note="the answer has no token")
                return None, replace(exchanged, classified=classified, response=None)
            margin_s = min(TOKEN_MARGIN_S, TOKEN_MARGIN_SHARE * new.lifetime_s)
            self._tokens[terms.account] = (new.value, loop.time() + new.lifetime_s - margin_s)
            return new.value, None

    def _start(self, correction: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(correction)
        self._corrections.add(task)
        task.add_done_callback(self._corrections.discard)

    def _drop_token(self, terms: Terms, token: str) -> None:
        if self._tokens.get(terms.account, ("",))[0] == token:
            del self._tokens[terms.account]

    async def _follow(
        self,
        terms: Terms,
        operation: Operation,
        request: HttpRequest,
        is_check: bool,
        is_undecided: bool,
    ) -> Exchanged:
        """Send a request and those that it is redirected to, each at a start of its own."""
        exchanged = await self._send(terms, operation, request, is_check, is_undecided)
        for _ in range(MAX_REDIRECTS):
            target = exchanged.response and redirected(operation, request, exchanged.response)
            if not target:
                return exchanged
            request = target
            exchanged = await self._send(terms, operation, request, is_check, is_undecided)
        if exchanged.response and redirected(operation, request, exchanged.response):
            return replace(exchanged, classified=Classified(outcome="broken", note="Too many redirects."))
        return exchanged

    async def _send(
        self,
        terms: Terms,
        operation: Operation,
        request: HttpRequest,
        is_check: bool,
        is_undecided: bool,
    ) -> Exchanged:
        """Send a request; an expired token decides nothing while it is `is_undecided`."""
        limits, account = terms.limits(operation), terms.account
        closed = await self._slots.closed(account, limits, is_check=is_check)
        if closed is not None:
            return _closed(closed)
        slot: Slot | None = None

        async def acquire() -> float:
            nonlocal slot
            if slot is not None:  # the connection was closed by the server; this is the second request
                await self._slots.cancel(account, limits, slot)
            result = await self._slots.acquire(account, limits, is_check=is_check)
            if isinstance(result, Closed):
                raise Refused(result)
            slot = result
            return operation.timeout_s

        def sent() -> None:
            """Correct the log if the process was interrupted between its start and the request."""
            late_s = asyncio.get_running_loop().time() - slot.due if slot is not None else 0.0
            if slot is not None and late_s > limits.lateness_s:
                self._start(self._slots.correct(account, limits, slot, late_s))

        response: Response | None = None
        try:
            response = await self._sender.send(request, acquire, sent)
            if redirected(operation, request, response) is not None:
                classified = Classified(outcome="hit", note="A redirect.")
            else:
                classified = terms.provider.classify(operation.name, response)
        except Refused as refused:
            return _closed(refused.closed)
        except RequestFailed as error:
            classified = Classified(outcome="busy", note=error.detail)
        except AnswerTooLarge as error:
            classified = Classified(outcome="broken", note=str(error))
        except BaseException:
            if slot is not None:
                await asyncio.shield(self._slots.cancel(account, limits, slot))
            raise
        _observe(terms, operation, response, classified)
        if classified.token_expired and is_undecided:
            if slot is not None:
                await self._slots.cancel(account, limits, slot)
            return Exchanged(classified=classified, response=response)
        after = await self._slots.record(account, limits, slot, classified)
        return Exchanged(classified=classified, response=response, closed=after)


def _closed(closed: Closed) -> Exchanged:
    return replace(_unsent(Classified(outcome="busy", note=closed.why)), closed=closed)


def _unsent(classified: Classified) -> Exchanged:
    return Exchanged(classified=classified, sent=False)


def _observe(terms: Terms, operation: Operation, response: Response | None, classified: Classified) -> None:
    names = (terms.provider.name, operation.name)
    metrics.GATEWAY_REQUESTS.labels(*names, classified.outcome).inc()
    if response is not None:
        metrics.GATEWAY_SECONDS.labels(*names).observe(response.latency_ms / 1000)
    if classified.outcome not in ("hit", "miss"):
        write = log.error if classified.outcome in ("ours", "configuration") else log.warning
        write(
            "provider_request_failed",
            provider=names[0],
            operation=names[1],
            outcome=classified.outcome,
            status=response.status if response else None,
            note=classified.note,
            retry_after_s=classified.retry_after_s,
        )
