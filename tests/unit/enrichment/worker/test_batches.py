"""Batches: up to the size of the operation, the worthiest first, no waiting for another operation."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from enrichment.gateway.question import Answered, Question
from enrichment.worker import batches as module
from enrichment.worker.batches import Batches, QueueFull
from tests.support.local_provider import LocalProvider, item_call, track_call


class RecordingGateway:
    """Answers hits; `gate` holds up single questions, `batch_gate` those of batches."""

    def __init__(self) -> None:
        self.singles: list[str] = []
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.batch_gate = asyncio.Event()
        self.batch_gate.set()
        self.error: Exception | None = None

    async def ask(self, question: Question) -> Answered:
        """Return a hit once the gate is open."""
        self.singles.append(question.track_id)
        await self.gate.wait()
        return Answered(status="hit")

    async def ask_batch(self, questions: Sequence[Question]) -> tuple[Answered, ...]:
        """Return hits once the gate of batches is open."""
        await self.batch_gate.wait()
        if self.error is not None:
            raise self.error
        self.batches.append([question.call.parameters["ids"] for question in questions])
        return tuple(Answered(status="hit", note=question.track_id) for question in questions)


def question(item: str | None) -> Question:
    """Return a question of a batch operation, or of a single one."""
    call = track_call() if item is None else item_call(item)
    return Question(track_id=f"t{item}", request_id="r", call=call)


@pytest.fixture
async def gateway() -> RecordingGateway:
    """Return a gateway that records batches."""
    return RecordingGateway()


@pytest.fixture
def batches(gateway: RecordingGateway) -> Batches:
    """Return the batches of a local provider."""
    return Batches(gateway, {"local": LocalProvider()})


async def test_calls_of_one_moment_share_batches_of_the_size_of_the_operation(
    gateway: RecordingGateway, batches: Batches
) -> None:
    items = [f"i{number:02}" for number in range(45)]
    answers = await asyncio.gather(*(batches.ask(question(item), wait=False) for item in items))
    assert [answer.note for answer in answers] == [f"t{item}" for item in items]
    assert [len(batch) for batch in gateway.batches] == [20, 20, 5]
    assert (await batches.ask(question("late"), wait=False)).note == "tlate"


async def test_an_operation_that_hangs_holds_up_no_other(gateway: RecordingGateway, batches: Batches) -> None:
    hanging = asyncio.create_task(batches.ask(question(None), wait=False))
    assert (await batches.ask(question("a"), wait=False)).status == "hit"
    assert not hanging.done()
    gateway.gate.set()
    assert (await hanging).status == "hit"


def of_track(track_id: str) -> Question:
    """Return a question of a single operation about a track."""
    return Question(track_id=track_id, request_id="r", call=track_call())


async def started(
    batches: Batches, worths: Mapping[str, float], *, wait: bool
) -> list[asyncio.Task[Answered]]:
    """Start one question per track, in this order."""
    tasks = [
        asyncio.create_task(batches.ask(of_track(track), wait=wait, worth=worth))
        for track, worth in worths.items()
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_the_worthiest_of_the_waiting_calls_is_sent_first(
    gateway: RecordingGateway, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CALLS", 1)
    tasks = await started(batches, {"sent": 0.0, "b": 2.0, "c": 1.0, "a": 8.0, "b later": 2.0}, wait=False)
    assert gateway.singles == ["sent"]
    gateway.gate.set()
    await asyncio.gather(*tasks)
    assert gateway.singles == ["sent", "a", "b", "b later", "c"]


async def test_the_worthiest_share_the_next_batch(
    gateway: RecordingGateway, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BATCHES", 1)
    gateway.batch_gate.clear()
    worths = [0.0] * 20 + [float(number % 3) for number in range(45)]
    calls = [
        asyncio.create_task(batches.ask(question(f"i{number:02}"), wait=False, worth=worth))
        for number, worth in enumerate(worths)
    ]
    await asyncio.sleep(0)
    gateway.batch_gate.set()
    await asyncio.gather(*calls)
    sizes_and_least = [
        (len(batch), min(worths[int(item[1:])] for item in batch)) for batch in gateway.batches
    ]
    assert sizes_and_least == [(20, 0.0), (20, 1.0), (20, 0.0), (5, 0.0)]


async def test_a_full_queue_refuses_the_least_worthy(
    gateway: RecordingGateway, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CALLS", 1)
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    tasks = await started(batches, {"sent": 0.0, "a": 3.0, "d": 1.0, "c": 2.0}, wait=False)
    with pytest.raises(QueueFull):
        await tasks[2]
    with pytest.raises(QueueFull):
        await batches.ask(of_track("e"), wait=False, worth=1.5)
    gateway.gate.set()
    assert [(await task).status for task in (tasks[0], tasks[1], tasks[3])] == ["hit"] * 3
    assert gateway.singles == ["sent", "a", "c"]


async def test_calls_that_may_not_be_refused_take_no_place_from_others(
    gateway: RecordingGateway, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CALLS", 1)
    monkeypatch.setattr(module, "MAX_WAITING", 1)
    waiting = await started(batches, {"w1": 0.0, "w2": 0.0, "w3": 0.0}, wait=True)
    (kept,) = await started(batches, {"kept": 1.0}, wait=False)
    with pytest.raises(QueueFull):
        await batches.ask(of_track("refused"), wait=False, worth=0.5)
    gateway.gate.set()
    assert [answer.status for answer in await asyncio.gather(*waiting, kept)] == ["hit"] * 4
    assert gateway.singles == ["w1", "kept", "w2", "w3"]


async def test_a_cancelled_call_is_not_sent(
    gateway: RecordingGateway, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CALLS", 1)
    sent, cancelled, last = await started(batches, {"sent": 0.0, "cancelled": 2.0, "last": 1.0}, wait=False)
    cancelled.cancel()
    gateway.gate.set()
    await asyncio.gather(sent, last)
    assert gateway.singles == ["sent", "last"]


async def test_an_error_reaches_all_questions_of_its_batch_and_no_later_one(
    gateway: RecordingGateway, batches: Batches
) -> None:
    gateway.error = RuntimeError("lost")
    results = await asyncio.gather(
        *(batches.ask(question(item), wait=False) for item in "ab"), return_exceptions=True
    )
    assert [str(result) for result in results] == ["lost", "lost"]
    gateway.error = None
    assert (await batches.ask(question("c"), wait=False)).status == "hit"


async def test_rechecks_are_sent_after_all_other_calls_and_refused_first(
    gateway: RecordingGateway, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CALLS", 1)
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    first = await started(batches, {"sent": 0.0}, wait=False)
    rechecks = [
        asyncio.create_task(batches.ask(of_track(name), wait=False, worth=worth, is_recheck=True))
        for name, worth in (("low", 1.0), ("high", 99.0))
    ]
    new = await started(batches, {"new": 0.5, "newer": 0.25}, wait=False)
    gateway.gate.set()
    await asyncio.gather(*first, *new, rechecks[1])
    assert gateway.singles == ["sent", "new", "newer", "high"]
    with pytest.raises(QueueFull):
        await rechecks[0]
