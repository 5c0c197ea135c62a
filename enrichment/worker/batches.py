"""Queues of calls, one per operation: the worthiest first, those of a batch operation together."""

import asyncio
import itertools
from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from enrichment.gateway.question import Answered, Question
from enrichment.types import Operation, Provider

#: Seconds for which the first call of a batch waits for more.
LINGER_S = 0.05
#: Calls of one operation that wait and may be refused; of more, the least worthy is. A refused call is sent
#: an hour later, so this is more than one call per second works off until then; and less than the tracks
#: under way, so that a slow provider leaves capacity for tracks that it does not concern.
MAX_WAITING = 4000
#: Batches of one operation under way: while they wait for their start, the next one fills.
MAX_BATCHES = 8
#: Single calls of one operation under way: enough for its rate times its latency, and few, since the gateway
#: takes them in the order of arrival.
MAX_CALLS = 64


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


@dataclass(slots=True, order=True)
class _Waiting:
    """A call that waits; those of rechecks come last, then by worth, the highest first, then by arrival."""

    rank: tuple[bool, float, int]
    question: Question = field(compare=False)
    answer: asyncio.Future[Answered] = field(compare=False)
    refusable: bool = field(compare=False)


@dataclass(slots=True)
class _Queue:
    """Calls of one operation. `is_due`: those that wait are sent, however few they are."""

    size: int
    max_under_way: int
    is_batch: bool
    waiting: list[_Waiting] = field(default_factory=list)
    refusable: int = 0
    under_way: int = 0
    is_due: bool = False
    timer: asyncio.TimerHandle | None = None

    def add(self, entry: _Waiting) -> None:
        """Add a call in the order of worth."""
        insort(self.waiting, entry)
        self.refusable += entry.refusable

    def take(self) -> list[_Waiting]:
        """Remove and return the next batch, without the calls whose tasks were cancelled."""
        batch, self.waiting = self.waiting[: self.size], self.waiting[self.size :]
        self.refusable -= sum(entry.refusable for entry in batch)
        return [entry for entry in batch if not entry.answer.done()]

    def refuse_least_worthy(self) -> None:
        """Refuse the least worthy of the calls that need not wait; there is one at least."""
        place = next(place for place in reversed(range(len(self.waiting))) if self.waiting[place].refusable)
        refused = self.waiting.pop(place)
        self.refusable -= 1
        if not refused.answer.done():
            refused.answer.set_exception(QueueFull(refused.question.call.provider))


class Batches:
    """Sends questions through a gateway, those of batch operations together."""

    def __init__(self, gateway: AsksGateway, providers: Mapping[str, Provider]) -> None:
        self._gateway = gateway
        self._providers = providers
        self._queues: dict[tuple[str, str], _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrivals = itertools.count()

    async def ask(
        self, question: Question, *, wait: bool, worth: float = 0.0, is_recheck: bool = False
    ) -> Answered:
        """Return the answer to a question; of those that wait, that of the highest worth is sent first.

        Rechecks are sent while no other call of the operation waits. Without `wait`, raises QueueFull if too
        many calls wait, and this one or, later, a worthier one arrives.
        """
        queue = self._queue_of(question)
        entry = _Waiting(
            rank=(is_recheck, -worth, next(self._arrivals)),
            question=question,
            answer=asyncio.get_running_loop().create_future(),
            refusable=not wait,
        )
        queue.add(entry)
        if not wait and queue.refusable > MAX_WAITING:
            queue.refuse_least_worthy()
        self._send_waiting(queue)
        return await entry.answer

    def _queue_of(self, question: Question) -> _Queue:
        key = question.call.provider, question.call.operation
        if key not in self._queues:
            self._queues[key] = _queue_for(self._providers[key[0]].operations[key[1]])
        return self._queues[key]

    def _send_waiting(self, queue: _Queue) -> None:
        """Send full batches, and what waits once its time has come, up to the limit of those under way."""
        while queue.waiting and queue.under_way < queue.max_under_way:
            if len(queue.waiting) < queue.size and not queue.is_due:
                if queue.timer is None:
                    loop = asyncio.get_running_loop()
                    queue.timer = loop.call_later(LINGER_S, self._end_linger, queue)
                return
            batch = queue.take()
            if not batch:
                continue
            queue.under_way += 1
            task = asyncio.get_running_loop().create_task(self._send(queue, batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not queue.waiting:
            queue.is_due = False

    def _end_linger(self, queue: _Queue) -> None:
        queue.timer, queue.is_due = None, True
        self._send_waiting(queue)

    async def _send(self, queue: _Queue, batch: Sequence[_Waiting]) -> None:
        try:
            answers = await self._answers(queue, [entry.question for entry in batch])
        except Exception as error:
            for entry in batch:
                if not entry.answer.done():
                    entry.answer.set_exception(error)
        except BaseException:
            for entry in batch:
                entry.answer.cancel()
            raise
        else:
            for entry, answer in zip(batch, answers, strict=True):
                if not entry.answer.done():
                    entry.answer.set_result(answer)
        finally:
            queue.under_way -= 1
            self._send_waiting(queue)

    async def _answers(self, queue: _Queue, questions: Sequence[Question]) -> Sequence[Answered]:
        if queue.is_batch:
            return await self._gateway.ask_batch(questions)
        return [await self._gateway.ask(questions[0])]


def _queue_for(operation: Operation) -> _Queue:
    if operation.batch_parameter is None:
        return _Queue(size=1, max_under_way=MAX_CALLS, is_batch=False)
    return _Queue(size=operation.batch_size, max_under_way=MAX_BATCHES, is_batch=True)
