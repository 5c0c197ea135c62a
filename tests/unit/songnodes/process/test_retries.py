"""Errors that are retried, and the pauses before each attempt."""

import asyncio

import psycopg
import pytest
from confluent_kafka import KafkaError, KafkaException

from songnodes.errors import Fatal, Transient
from songnodes.process import retries
from songnodes.process.retries import MAX_PAUSE_S, MIN_JITTER, Attempts, is_transient, pause_s
from tests.support.manual_timer import ManualTimer


@pytest.mark.parametrize(
    "error",
    [
        Transient("x"),
        KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN)),
        psycopg.OperationalError("closed"),
        ConnectionRefusedError(),
    ],
)
def test_errors_of_servers_are_transient(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", [Fatal("x"), ValueError("x"), psycopg.DataError("x"), KeyError("x")])
def test_errors_of_records_and_of_the_code_are_not(error: Exception) -> None:
    assert not is_transient(error)


def test_pauses_double_up_to_the_longest() -> None:
    for attempt, longest in [(1, 0.2), (2, 0.4), (5, 3.2), (7, MAX_PAUSE_S), (10_000, MAX_PAUSE_S)]:
        pauses = [pause_s(attempt) for _ in range(100)]
        assert longest * MIN_JITTER <= min(pauses)
        assert max(pauses) <= longest
        assert len(set(pauses)) > 1, "processes that lost the same server do not return together"
    assert pause_s(1, first_s=5.0) >= 2.5


def test_attempts_are_counted_until_one_lasted() -> None:
    timer = ManualTimer()
    attempts = Attempts(timer)
    numbers = []
    for duration in (0.1, 0.1, MAX_PAUSE_S, 0.1):
        attempts.begin()
        timer.advance(duration)
        numbers.append(attempts.fail())
        timer.advance(100.0)  # the pause is no part of an attempt
    assert numbers == [1, 2, 1, 2]


def test_a_server_is_waited_for() -> None:
    timer = ManualTimer(skips=True)
    responses = [Transient("away"), KafkaException(KafkaError(KafkaError._TRANSPORT)), "there"]

    def request() -> str:
        response = responses.pop(0)
        if isinstance(response, Exception):
            raise response
        return str(response)

    assert asyncio.run(retries._retry("Kafka", request, timer)) == "there"
    assert len(timer.pauses) == 2


def test_other_errors_of_a_request_are_raised() -> None:
    def request() -> str:
        raise Fatal("behind")

    with pytest.raises(Fatal):
        asyncio.run(retries._retry("PostgreSQL", request, ManualTimer(skips=True)))
