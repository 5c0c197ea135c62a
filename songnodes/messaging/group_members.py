"""Members of a consumer group, as the broker knows them."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

#: Time limit that librdkafka is given, in seconds. Far above ours: where it gives up by itself and the
#: response arrives afterwards, it ends the whole process by SIGABRT (librdkafka issue 4605, present in 2.16).
LIBRARY_TIMEOUT_S = 600.0


def members(admin: AdminClient, group: str, *, timeout_s: float) -> Sequence[Any]:
    """Return the members of a group, none for a group that does not exist.

    Each is a `MemberDescription` of confluent_kafka. Raises KafkaException, also after `timeout_s` seconds
    without a response.
    """
    request: Future[Any] = admin.describe_consumer_groups([group], request_timeout=LIBRARY_TIMEOUT_S)[group]
    try:
        return request.result(timeout_s).members or ()
    except TimeoutError as error:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT)) from error
