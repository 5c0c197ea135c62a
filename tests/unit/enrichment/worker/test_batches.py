"""Batches: up to the size of the operation, no waiting for a slow operation of another provider."""

import asyncio
from collections.abc import Sequence

import pytest

from enrichment.gateway.question import Answered, Question
from enrichment.worker import batches as module
from enrichment.worker.batches import Batches, QueueFull
from tests.support.local_provider import LocalProvider, item_call, track_call


class RecordingGateway:
    """Answers hits; `gate` holds up single questions until it is set."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def ask(self, question: Question) -> Answered:
        """Return a hit once the gate is open."""
        await self.gate.wait()
        return Answered(status="hit")

    async def ask_batch(self, questions: Sequence[Question]) -> tuple[Answered, ...]:
        """Return hits."""
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


async def test_a_full_queue_refuses_or_waits(
    gateway: RecordingGateway, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    waiting = [asyncio.create_task(batches.ask(question(None), wait=True)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull):
        await batches.ask(question(None), wait=False)
    gateway.gate.set()
    assert [(await task).status for task in waiting] == ["hit"] * 3


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
