"""A worker over local providers with faults, and what must hold whatever happened."""

import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from confluent_kafka import KafkaException, TopicPartition

from demo import enrichment, field_score
from demo.providers import Holdings
from demo.providers.holdings import PROVIDERS, Provider
from demo.providers.recordings import Recording
from enrichment.answers import evaluate
from enrichment.plan import ArtistQuestion, PlanConfiguration, PlannedCall, plan, plan_artist
from enrichment.plan.types import Budgets, TrackQuestion, question_of
from enrichment.providers import ALL
from enrichment.providers.access import windows_of
from enrichment.worker.intake import ARTIST_REQUESTS, REQUESTS, group_of
from songnodes.clock import SystemClock
from songnodes.domain.answers import CONCLUSIVE, waterfall_answers
from songnodes.domain.keys import Key
from songnodes.domain.waterfall import DEFAULT, choose
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.provider_settings import LATENESS_S
from songnodes.settings import Settings
from tests.support import latest_by_key
from tests.support.arrivals import most_within
from tests.support.enrichment_requests import artist_request, request
from tests.support.timestamped_providers import TimestampedProviders
from tests.support.worker_processes import WorkerProcesses

PROCESS = "enrich"
SLOT = (PROCESS, "0")
ARCHIVE = "bronze.enrichments"
DEAD_LETTERS = "enrichment.dlq"
RETRIES = ("enrichment.retry.1h", "enrichment.retry.1d")
POLL_S = 0.2
REQUEST_TIMEOUT_S = 30.0
TIMEOUT_S = 600.0  # without any progress


def requests_of(recordings: Sequence[Recording]) -> dict[str, dict[str, Any]]:
    """Return the requests for recordings by their native id; every second track has its ISRC."""
    requests = {}
    for number, recording in enumerate(recordings):
        feature = f" ft. {recording.featured}" if recording.featured else ""
        requests[recording.native_id] = {
            **request(number),
            "artist_name": recording.credit,
            "track_title": recording.full_title,
            "base_title": recording.title,
            "text": f"{recording.credit}{feature} - {recording.full_title}",
            "known_ids": {"isrc": recording.isrc} if number % 2 else {},
            "missing": sorted(DEFAULT.fields),
        }
    return requests


def artist_requests_of(holdings: Holdings, number: int) -> list[dict[str, Any]]:
    """Return requests for artists: by both ids, and of those with a merged id by the old one."""
    artists = sorted(holdings.artists.values(), key=lambda artist: (artist.old_mbid is None, artist.name))
    return [
        artist_request(
            artist.name, musicbrainz=artist.old_mbid or artist.mbid, discogs=str(artist.discogs_id)
        )
        for artist in artists[:number]
    ]


def check_artists(settings: Settings, codec: Codec, requests: Sequence[dict[str, Any]]) -> None:
    """Assert that every artist is answered or postponed, and that no answer was asked for again."""
    archive = [record for record in records_of(settings, codec, ARCHIVE) if record["artist_id"]]
    postponed = {record["artist_id"] for name in RETRIES for record in records_of(settings, codec, name)}
    entries: dict[str, list[Any]] = {sent["artist_id"]: [] for sent in requests}
    for record in {record["attempt_id"]: record for record in archive}.values():
        entries[record["artist_id"]].append(evaluate(record, ALL))  # type: ignore[arg-type]
    enabled = enabled_in(settings)
    configuration = PlanConfiguration(
        waterfall=DEFAULT.enabling([name for name in enabled if name in DEFAULT.providers]),
        now=SystemClock().now(),
        off={name: reason for name, own in ALL.items() if (reason := own.configured(settings))},
    )
    for sent in requests:
        own = entries[sent["artist_id"]]
        conclusive = [entry["call"] for entry in own if entry["status"] in CONCLUSIVE]
        assert len(conclusive) == len(set(conclusive)), own
        artist = question_of(sent, frozenset())  # type: ignore[arg-type]
        assert isinstance(artist, ArtistQuestion)
        left = plan_artist(artist, own, configuration, Budgets(closed={}), ALL)
        is_complete = not any(isinstance(entry, PlannedCall) or entry.retry_at for entry in left)
        assert is_complete or artist.artist_id in postponed, (artist, left)
    assert any(entry["status"] == "hit" for own in entries.values() for entry in own)


def settings_for(
    servers: TimestampedProviders, settings: Settings, speed: int, enabled: Collection[Provider] = PROVIDERS
) -> Settings:
    """Return the settings of a worker that calls these servers, so much faster than real ones."""
    local = enrichment.settings_for(servers.providers, settings)
    off = frozenset(PROVIDERS) - frozenset(enabled)
    return local.model_copy(
        update={"provider_speed": speed, "provider_lateness": LATENESS_S, "providers_off": off}
    )


def enabled_in(settings: Settings) -> list[Provider]:
    """Return the providers that are on."""
    return [name for name in PROVIDERS if ALL[name].configured(settings) is None]


def kill_repeatedly(
    workers: WorkerProcesses, servers: TimestampedProviders, settings: Settings, kills: int, seed: int
) -> None:
    """Kill the worker so often in the middle of its work, each time after some further requests."""
    draw = random.Random(seed)
    for _ in range(kills):
        goal = servers.total() + draw.randint(5, 40)
        wait_until(partial(_is_reached, servers, settings, goal), servers)
        workers.kill(SLOT)
        servers.providers.tidal.tokens.expire()


def wait_for_requests(servers: TimestampedProviders, number: int) -> None:
    """Wait until so many further requests have arrived."""
    goal = servers.total() + number
    wait_until(lambda: servers.total() >= goal, servers)


def _is_reached(servers: TimestampedProviders, settings: Settings, goal: int) -> bool:
    return servers.total() >= goal or not requests_left(settings)


def wait_until(condition: Callable[[], bool], servers: TimestampedProviders) -> None:
    """Wait for a condition; fail if no request arrives for a long time before."""
    total, deadline = servers.total(), time.monotonic() + TIMEOUT_S
    while not condition():
        if servers.total() != total:
            total, deadline = servers.total(), time.monotonic() + TIMEOUT_S
        assert time.monotonic() < deadline
        time.sleep(POLL_S)


def requests_left(settings: Settings) -> int:
    """Return the requests that no worker has finished; 1 while a leader or coordinator is not known."""
    return sum(_requests_left(settings, topic) for topic in (REQUESTS, ARTIST_REQUESTS))


def _requests_left(settings: Settings, logical: str) -> int:
    topic = topics.physical(logical, settings)
    partitions = [TopicPartition(topic, number) for number in range(topics.partitions())]
    with closing(clients.consumer(settings, topics.group(group_of(logical), settings))) as consumer:
        try:
            ends = [
                consumer.get_watermark_offsets(partition, REQUEST_TIMEOUT_S)[1] for partition in partitions
            ]
            committed = consumer.committed(partitions, timeout=REQUEST_TIMEOUT_S)
        except KafkaException:
            return 1
    return sum(end - max(entry.offset, 0) for end, entry in zip(ends, committed, strict=True))


def records_of(settings: Settings, codec: Codec, logical: str) -> list[dict[str, Any]]:
    """Return all records of a topic, tombstones left out."""
    topic = topics.physical(logical, settings)
    records = []
    with closing(clients.consumer(settings, "test-records")) as consumer:
        for number in range(topics.partitions()):
            low, end = consumer.get_watermark_offsets(TopicPartition(topic, number), REQUEST_TIMEOUT_S)
            consumer.assign([TopicPartition(topic, number, low)])
            position = low
            while position < end:
                for message in consumer.consume(500, 0.2):
                    assert message.error() is None, message.error()
                    position = (message.offset() or 0) + 1
                    if message.value() is not None:
                        records.append(codec.decode(logical, message.value()))
    return records


def check(
    settings: Settings,
    codec: Codec,
    servers: TimestampedProviders,
    holdings: Holdings,
    requests: dict[str, dict[str, Any]],
) -> list[dict[str, Any]]:
    """Assert that nothing is lost or wrong, and that no limit was exceeded; return the archive."""
    enabled = enabled_in(settings)
    letters = latest_by_key.read(settings, topics.physical(DEAD_LETTERS, settings))
    assert not [letter.headers() for letter in letters]
    archive = [record for record in records_of(settings, codec, ARCHIVE) if not record["artist_id"]]
    postponed = {record["track_id"] for name in RETRIES for record in records_of(settings, codec, name)}
    entries: dict[str, list[Any]] = {entry["track_id"]: [] for entry in requests.values()}
    for record in {record["attempt_id"]: record for record in archive}.values():
        entries[record["track_id"]].append(evaluate(record, ALL))  # type: ignore[arg-type]
    configuration = PlanConfiguration(
        waterfall=DEFAULT.enabling([name for name in enabled if name in DEFAULT.providers]),
        now=SystemClock().now(),
        off={name: reason for name, own in ALL.items() if (reason := own.configured(settings))},
    )
    rows = {}
    for native_id, entry in requests.items():
        track = question_of(entry, frozenset(DEFAULT.fields))  # type: ignore[arg-type]
        assert isinstance(track, TrackQuestion)
        left = plan(track, entries[track.track_id], configuration, Budgets(closed={}), ALL)
        is_complete = not any(isinstance(entry, PlannedCall) or entry.retry_at for entry in left)
        assert is_complete or track.track_id in postponed, (track, left)
        rows[native_id] = _values(entries[track.track_id], configuration)
    for measure in field_score.score(holdings, rows, {key: key for key in rows}, frozenset(enabled)):
        if measure.name in field_score.ID_FIELDS:
            assert (measure.precision or 1.0) == 1.0, measure
    check_limits(settings, servers)
    return archive


def check_limits(settings: Settings, servers: TimestampedProviders) -> None:
    """Assert that no window was exceeded at the arrival, by the times of the kernel."""
    for provider in enabled_in(settings):
        for window in windows_of(ALL[provider], settings):
            most = most_within(servers.arrivals(provider), window.seconds)
            assert most <= window.starts, (provider, window, most)


def _values(entries: Iterable[Any], configuration: PlanConfiguration) -> dict[str, Any]:
    chosen = choose(waterfall_answers(list(entries), {}), {}, configuration.waterfall).values
    values: dict[str, Any] = {name: chosen[name] for name in field_score.FIELDS if chosen.get(name)}
    if values.get("key"):
        values["key"] = Key(number=chosen["key"], mode=chosen["key_mode"]).camelot
    return values
