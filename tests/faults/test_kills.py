"""kill -9 and stops of everything at random moments of an ingest, workers coming and going, state deleted."""

import time
from random import Random, SystemRandom

import pytest

from infra.embedded.stack import Stack
from tests.support import scenario
from tests.support.fault_injector import FaultInjector
from tests.support.pipeline import SHORT_SESSION, NewPipeline, Outcome, Pipeline
from tests.support.scenario import Scenario

WANTED = 20  # kills at least
SOAK_WANTED = 300
PAUSES = (0.3, 2.0)  # seconds between two faults
LIMIT = 300.0  # seconds until all records are processed after the last fault
#: Last log lines of a worker that starts while the broker is away; its supervisor restarts it.
BROKER_AWAY = (
    "KafkaError{code=_TRANSPORT",
    "KafkaError{code=_ALL_BROKERS_DOWN",
    "KafkaError{code=_TIMED_OUT",
    "KafkaConnectionError",
)


def disturbed(pipeline: Pipeline, stack: Stack, fed: Scenario, decks: int, seed: int) -> FaultInjector:
    """Feed the pipeline part by part, with a fault behind each part, until every deck is played."""
    random = Random(seed)
    injector = FaultInjector(pipeline, stack, random)
    pipeline.processes.excused = BROKER_AWAY
    pipeline.start()
    cards = [card for _ in range(decks) for card in injector.deck()]
    for part, card in zip(scenario.parts(fed, len(cards)), cards, strict=True):
        pipeline.feed(part)
        injector.inject(card)
        time.sleep(random.uniform(*PAUSES))
    injector.end()
    return injector


def test_kills_leave_no_trace(
    fragile: Stack, new_pipeline: NewPipeline, fed: Scenario, undisturbed: tuple[Outcome, Outcome]
) -> None:
    seed = SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    with new_pipeline(session_timeout=SHORT_SESSION) as pipeline:
        injector = disturbed(pipeline, fragile, fed, 1, seed)
        assert injector.kills >= WANTED
        pipeline.drain(LIMIT)
        print(f"{dict(injector.done)}, exits {len(pipeline.processes.exits)}")
        pipeline.check()
        assert not undisturbed[0].differences(pipeline.concluded()), f"seed {seed}"


@pytest.mark.soak
def test_many_kills_leave_no_trace(fragile: Stack, new_pipeline: NewPipeline) -> None:
    seed = SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    fed = scenario.write(seed, pages=40, savings=40)
    with new_pipeline() as calm:
        calm.feed(fed)
        calm.start()
        calm.drain(4 * LIMIT)
        calm.check()
        expected = calm.concluded()
    with new_pipeline(session_timeout=SHORT_SESSION) as pipeline:
        injector = disturbed(pipeline, fragile, fed, 15, seed)
        assert injector.kills >= SOAK_WANTED
        pipeline.drain(4 * LIMIT)
        print(f"{dict(injector.done)}, exits {len(pipeline.processes.exits)}")
        pipeline.check()
        assert not expected.differences(pipeline.concluded()), f"seed {seed}"
