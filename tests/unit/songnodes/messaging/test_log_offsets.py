"""Lookups of log offsets: unread records, retries and errors."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from songnodes.errors import KafkaUnreachable, TopicMissing
from songnodes.messaging import log_offsets
from songnodes.messaging.log_offsets import Bounds, retry_transient, translate_kafka_errors


@pytest.mark.parametrize(
    ("position", "first"),
    [
        (None, 10),  # the reader has read nothing
        (4, 10),  # retention removed what it had not read
        (10, 10),
        (15, 15),
        (20, 20),
        (21, 10),  # the topic was created again since
    ],
)
def test_the_first_unread_record(position: int | None, first: int) -> None:
    assert Bounds(start=10, end=20).first_unread(position) == first


class Refusing:
    """A request that fails with these codes, then returns 7."""

    def __init__(self, *codes: int) -> None:
        self._codes = list(codes)

    def __call__(self) -> int:
        if self._codes:
            raise KafkaException(KafkaError(self._codes.pop(0)))
        return 7


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_offsets, "RETRY_INTERVAL_S", 0)


def test_a_request_is_repeated_while_a_leader_is_elected() -> None:
    codes = (KafkaError.LEADER_NOT_AVAILABLE, KafkaError.NOT_LEADER_FOR_PARTITION)
    assert retry_transient(Refusing(*codes)) == 7


def test_a_leader_is_not_waited_for_indefinitely() -> None:
    def leaderless() -> None:
        raise KafkaException(KafkaError(KafkaError.LEADER_NOT_AVAILABLE))

    with pytest.raises(KafkaException):
        retry_transient(leaderless, timeout_s=0.01)


def test_any_other_error_is_raised_at_once() -> None:
    refusing = Refusing(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    with pytest.raises(KafkaException):
        retry_transient(refusing)
    assert refusing() == 7, "one attempt only"


def test_errors_of_the_client_become_ours() -> None:
    with pytest.raises(KafkaUnreachable), translate_kafka_errors():
        Refusing(KafkaError._TRANSPORT)()
    with pytest.raises(TopicMissing), translate_kafka_errors():
        Refusing(KafkaError.UNKNOWN_TOPIC_OR_PART)()
