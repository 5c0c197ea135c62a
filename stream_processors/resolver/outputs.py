"""Resolutions and redirects as records, and sending them."""

from collections.abc import Mapping, Sequence
from typing import Any

from songnodes import __version__
from songnodes.domain import ids
from songnodes.domain.records import Origin, Redirect, Resolution
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings
from stream_processors.resolver.sets import PendingResolution
from stream_processors.resolver.tracks import Redirected

RESOLUTIONS = "silver.resolutions"
REDIRECTS = "silver.redirects"
SOURCE = "resolver"
DELIVERY_TIMEOUT_S = 30.0  # after it an output that was not acknowledged counts as failed

Output = tuple[str, str, Mapping[str, Any]]
"""Logical topic, key and record."""


def resolution(pending: PendingResolution) -> Output:
    """Return the resolution of a playlist."""
    wanted = pending.wanted
    event_id = ids.event_id("resolution", pending.playlist_id, ids.canonical_json(wanted))
    record = Resolution(
        event_id=event_id,
        source=SOURCE,
        observed_at=pending.observed_at,
        origin=Origin(kind="record", id=pending.playlist_id, parser_version=None),
        pipeline_version=__version__,
        playlist_id=pending.playlist_id,
        tracks=wanted["tracks"],
        set_id=wanted["set_id"],
        counted=wanted["counted"],
        ra_event_id=wanted["ra_event_id"],
    )
    return RESOLUTIONS, pending.playlist_id, record


def redirect(redirected: Redirected, version: int) -> Output:
    """Return the redirect of an id. `version` is the sum of the input positions, so it only increases."""
    record = Redirect(
        event_id=ids.event_id("redirect", redirected.claim_id, str(redirected.canonical_id), str(version)),
        source=SOURCE,
        observed_at=redirected.observed_at,
        origin=Origin(kind="record", id=redirected.claim_id, parser_version=None),
        pipeline_version=__version__,
        track_id=redirected.claim_id,
        canonical_id=redirected.canonical_id,
        version=version,
    )
    return REDIRECTS, redirected.claim_id, record


class Outputs:
    """Sends records and waits until all are acknowledged."""

    def __init__(self, settings: Settings, codec: Codec) -> None:
        self._settings = settings
        self._codec = codec
        producer = clients.producer(
            settings, **{"message.timeout.ms": int(DELIVERY_TIMEOUT_S * 1000), "linger.ms": 0}
        )
        self._delivery = Delivery(producer, timeout_s=2 * DELIVERY_TIMEOUT_S)

    def send(self, outputs: Sequence[Output]) -> None:
        """Send the records. Raises NotAcknowledged: all are to be sent again, and some may have arrived."""
        for topic, key, record in outputs:
            physical = topics.physical(topic, self._settings)
            self._delivery.send(physical, key, self._codec.encode(topic, record))
        self._delivery.finish()
