"""Requests from a broker: what is finished before a rebalance is not repeated by the next owner."""

import threading
from contextlib import closing

from enrichment.worker.intake import REQUESTS, Intake, Requested
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from tests.support import codecs
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


def intake(settings: Settings, codec: Codec, slot: str) -> Intake:
    """Join the group of the requests."""
    own = settings.model_copy(update={"worker_slot": slot})
    return Intake(own, codec, REQUESTS, threading.Event())


def track_ids(requests: list[Requested]) -> set[str]:
    """Return the ids of the requested tracks."""
    return {requested.request["track_id"] for requested in requests}
