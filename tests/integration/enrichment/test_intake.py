"""Requests from a broker: what is finished before a rebalance is not repeated by the next owner."""

import threading
from contextlib import closing
from typing import Any, cast

from enrichment.worker.intake import REQUESTS, Intake, Requested
from enrichment.worker.unprocessable import TOPIC, DeadLetters
from songnodes.messaging import clients, dead_letters, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings
from tests.support import codecs, latest_by_key
from tests.support.enrichment_requests import send_requests, track_id

TRACKS = 40
POLL_S = 0.1


def test_a_revocation_commits_what_is_finished(pipeline_settings: Settings) -> None:
    settings = pipeline_settings
    topics.apply(clients.admin(settings), settings)
    codec = codecs.registered(settings)
    send_requests(settings, codec, range(TRACKS))
    with closing(intake(settings, codec, "0")) as first:
        requests: list[Requested] = []
        while len(requests) < TRACKS:
            requests += first.fetch(POLL_S)
        *finished, unfinished = requests
        for requested in finished:
            first.finish(requested)
        with closing(intake(settings, codec, "1")) as second:
            generation = first.generation
            later: list[Requested] = []
            while first.generation == generation or not (first.partitions and second.partitions):
                later += first.fetch(POLL_S) + second.fetch(POLL_S)
            send_requests(settings, codec, range(TRACKS, 2 * TRACKS))  # the end of what is read
            new = {track_id(number) for number in range(TRACKS, 2 * TRACKS)}
            while not new <= track_ids(later):
                later += first.fetch(POLL_S) + second.fetch(POLL_S)
    assert track_ids(later) - new == {unfinished.request["track_id"]}


def test_a_record_that_cannot_be_decoded_becomes_a_dead_letter(pipeline_settings: Settings) -> None:
    settings = pipeline_settings
    topics.apply(clients.admin(settings), settings)
    codec = codecs.registered(settings)
    delivery = Delivery(clients.producer(settings), timeout_s=30.0)
    for value in (b"garbage", b"", b"\0\0\0\0\1", None):
        delivery.send(topics.physical(REQUESTS, settings), track_id(0), value)
    delivery.finish()
    send_requests(settings, codec, range(1))
    with closing(intake(settings, codec, "0")) as reader:
        requests: list[Requested] = []
        while not requests:
            requests += reader.fetch(POLL_S)
        assert track_ids(requests) == {track_id(0)}
        reader.finish(requests[0])
        assert reader.progress.under_way() == 0
    letters = list(latest_by_key.read(settings, topics.physical(TOPIC, settings)))
    values = [message.value() for message in letters]
    assert values == [b"garbage", b"", b"\0\0\0\0\1"]
    reasons = [dead_letters.read(cast(Any, message.headers())) for message in letters]
    assert {reason and reason.stage for reason in reasons} == {"enrichment"}


def intake(settings: Settings, codec: Codec, slot: str) -> Intake:
    """Join the group of the requests."""
    own = settings.model_copy(update={"worker_slot": slot})
    return Intake(own, codec, REQUESTS, threading.Event(), DeadLetters(own))


def track_ids(requests: list[Requested]) -> set[str]:
    """Return the ids of the requested tracks."""
    return {requested.request["track_id"] for requested in requests}
