"""Collects the calls of many tracks into batches, per operation: up to its size, or for LINGER_S."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from enrichment.gateway.question import Answered, Question
from enrichment.types import Provider

#: Seconds for which the first call of a batch waits for more.
LINGER_S = 0.05
#: Calls of one operation that wait or are under way; further ones are refused, or wait outside. A refused
#: call is tried again after an hour, so this is twice what one call per second works off in that time.
MAX_WAITING = 8000
#: Batches of one operation under way: while they wait for their start, the next one fills.
MAX_BATCHES = 8


class QueueFull(Exception):
    """Too many calls of this operation wait"""


class AsksGateway(Protocol):
    """The calls of a gateway that batches use."""

    async def ask(self, question: Question) -> Answered:
        """Return the answer to one question."""
        ...

    async def ask_batch(self, questions: Sequence[Question]) -> tuple[Answered, ...]:
        """Return the answers to questions of one operation."""
        ...


@dataclass(slots=True)
class _Queue:
    """Calls of one operation. `room` counts the calls that may still enter, `running` bounds the batches."""

    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_WAITING))
    running: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_BATCHES))
    waiting: list[tuple[Question, asyncio.Future[Answered]]] = field(default_factory=list)
    timer: asyncio.Task[None] | None = None
    full: asyncio.Event = field(default_factory=asyncio.Event)


class Batches:
    """Sends questions through a gateway, those of batch operations together."""

    def __init__(self, gateway: AsksGateway, providers: Mapping[str, Provider]) -> None:
        self._gateway = gateway
        self._providers = providers
        self._queues: dict[tuple[str, str], _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, question: Question, *, wait: bool) -> Answered:
        """Return the answer to a question. Without `wait`, raises QueueFull where too many calls wait."""
        call = question.call
        queue = self._queues.setdefault((call.provider, call.operation), _Queue())
        if not wait and queue.room.locked():
            raise QueueFull(call.provider)
        async with queue.room:
            operation = self._providers[call.provider].operations[call.operation]
            if operation.batch_parameter is None:
                return await self._gateway.ask(question)
            future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
            queue.waiting.append((question, future))
            if len(queue.waiting) >= operation.batch_size:
                queue.full.set()
            if queue.timer is None:
                queue.timer = self._start(self._flush(queue, operation.batch_size))
            return await future

    def _start(self, coroutine: "asyncio._CoroutineLike[None]") -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _flush(self, queue: _Queue, size: int) -> None:
        """Send batches until no call waits."""
        while queue.waiting:
            if len(queue.waiting) < size:
                queue.full.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(queue.full.wait(), LINGER_S)
            await queue.running.acquire()
            batch, queue.waiting = queue.waiting[:size], queue.waiting[size:]
            self._start(self._send(queue, batch))
        queue.timer = None

    async def _send(self, queue: _Queue, batch: list[tuple[Question, asyncio.Future[Answered]]]) -> None:
        try:
            answers = await self._gateway.ask_batch([question for question, _ in batch])
        except BaseException as error:
            for _, future in batch:
                if not future.done():
                    if isinstance(error, Exception):
                        future.set_exception(error)
                    else:
                        future.cancel()
            if not isinstance(error, Exception):
                raise
        else:
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
        finally:
            queue.running.release()
