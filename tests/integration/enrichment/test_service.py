"""The service as a process: real Kafka, Redis and registry, local servers of the providers."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from confluent_kafka import TopicPartition

from demo import enrichment as demo_enrichment
from demo.providers import Holdings, Providers
from demo.providers.faults import Faults
from demo.providers.recordings import Recording
from demo.world import world
from demo.world.sizes import SIZES
from infra.embedded.stack import Stack
from songnodes.access import Access
from songnodes.messaging import clients, topics
from songnodes.settings import Settings
from tests.support import codecs
from tests.support.cut_connection import TcpProxy
from tests.support.isolated_pipeline import fresh_settings
from tests.support.worker_processes import environment

START_TIMEOUT_S = 90.0
REQUEST_TIMEOUT_S = 120.0
UUID = "650e8400-e29b-41d4-a716-446655440001"
TOKEN = "t" * 40
DOCUMENT_METADATA = {"waterfall_attempts", "total_api_calls", "total_cache_hits", "quality_score"}


@dataclass(slots=True, kw_only=True)
class Service:
    """A running service with its surroundings."""

    url: str
    settings: Settings
    providers: Providers
    process: subprocess.Popen[bytes]
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, headers=self.headers, timeout=REQUEST_TIMEOUT_S)

    def post(self, path: str, body: Mapping[str, Any]) -> requests.Response:
        return requests.post(self.url + path, json=body, headers=self.headers, timeout=REQUEST_TIMEOUT_S)


@contextmanager
def serving(
    settings: Settings, providers: Providers, log: Path, host: str = "127.0.0.1", token: str = ""
) -> Iterator[Service]:
    """Run the service on a free port until the end of the context."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port = probe.getsockname()[1]
    current = demo_enrichment.settings_for(providers, settings)
    env = environment(current)
    env |= {"SONGNODES_SERVICE_HOST": host, "SONGNODES_SERVICE_PORT": str(port)}
    env |= {"SONGNODES_SERVICE_TOKEN": token} if token else {}
    command = [sys.executable, "-m", "songnodes", "run", "service"]
    with log.open("wb") as file, subprocess.Popen(command, env=env, stdout=file, stderr=file) as process:
        service = Service(url=f"http://{host}:{port}", settings=current, providers=providers, process=process)
        if token:
            service.headers["Authorization"] = f"Bearer {token}"
        try:
            wait_until(lambda: is_healthy(service), lambda: log.read_text())
            yield service
        finally:
            process.kill()


def is_healthy(service: Service) -> bool:
    assert service.process.poll() is None, "the service has ended"
    try:
        return service.get("/health").ok
    except requests.ConnectionError:
        return False


def wait_until(condition: Any, report: Any = lambda: "") -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, report()
        time.sleep(0.05)


@pytest.fixture(scope="module")
def providers() -> Iterator[Providers]:
    servers = Providers(Holdings(world.make(SIZES["small"], date(2026, 11, 29))))
    with servers.running():
        yield servers


@pytest.fixture(scope="module")
def pipeline(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    with fresh_settings(addresses, template_database, tmp_path_factory.mktemp("service")) as settings:
        topics.apply(clients.admin(settings), settings)
        codecs.registered(settings)
        yield settings


@pytest.fixture(scope="module")
def links(pipeline: Settings) -> Iterator[dict[str, TcpProxy]]:
    """Yield proxies, which can be cut, between the service and its servers, by setting."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(TcpProxy(url))
            for name, url in (
                ("redis_url", pipeline.redis_url),
                ("schema_registry_url", pipeline.schema_registry_url),
                ("kafka_bootstrap", f"kafka://{pipeline.kafka_bootstrap.split(',')[0]}"),
            )
        }


@pytest.fixture(scope="module")
def service(
    pipeline: Settings,
    providers: Providers,
    links: dict[str, TcpProxy],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    addresses = {name: link.url.removeprefix("kafka://") for name, link in links.items()}
    settings = pipeline.model_copy(update=addresses)
    with serving(settings, providers, tmp_path_factory.mktemp("log") / "service.log") as service:
        yield service


def strobe(providers: Providers) -> Recording:
    return next(entry for entry in providers.holdings.played.values() if entry.title == "Strobe")


def request_of(recording: Recording, track_id: str) -> dict[str, Any]:
    """Return the request of the document for a recording."""
    return {"track_id": track_id, "artist_name": recording.credit, "track_title": recording.full_title}


def check_problem(response: requests.Response, status: int, kind: str) -> None:
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["type"] == f"urn:songnodes:problem:{kind}"


def archived(settings: Settings, track_id: str) -> Counter[str]:
    """Return the keys of the archive of a track, each with the number of its records."""
    topic = topics.physical("bronze.enrichments", settings)
    keys: Counter[str] = Counter()
    with closing(clients.consumer(settings, "test-archive")) as consumer:
        partitions = [TopicPartition(topic, number, 0) for number in range(topics.partitions())]
        ends = [consumer.get_watermark_offsets(partition, 30.0)[1] for partition in partitions]
        consumer.assign(partitions)
        left = sum(ends)
        while left:
            for message in consumer.consume(left, 0.1):
                left -= 1
                key = (message.key() or b"").decode()
                if key.startswith(f"{track_id}|"):
                    keys[key] += 1
    return keys


def test_the_request_of_the_document_has_its_response_and_is_archived_once(service: Service) -> None:
    recording = strobe(service.providers)
    request = {**request_of(recording, UUID), "existing_spotify_id": recording.spotify_id}
    response = service.post("/enrich", request)
    assert response.status_code == 200, response.text
    body = response.json()
    assert (body["track_id"], body["status"], body["cached"]) == (UUID, "completed", False)
    values = body["metadata_acquired"]
    assert (values["spotify_id"], values["isrc"]) == (recording.spotify_id, recording.isrc)
    assert (values["bpm"], values["key"], values["key_mode"]) == (128, 8, "minor")
    assert values["release_date"] == "2009-10-26"
    assert set(body["enrichment_metadata"]) == DOCUMENT_METADATA
    assert "beatport" in body["sources_used"]
    first = archived(service.settings, UUID)
    assert len(first) >= body["enrichment_metadata"]["total_api_calls"] > 5

    sent = len(service.providers.arrivals)
    again = service.post("/enrich", request).json()
    assert again["metadata_acquired"] == values
    assert again["cached"]
    assert again["enrichment_metadata"]["total_api_calls"] == 0
    assert len(service.providers.arrivals) == sent
    assert set(archived(service.settings, UUID)) == set(first)


def test_a_batch_is_in_order_and_knows_what_is_not_there(service: Service) -> None:
    played = [entry for entry in service.providers.holdings.played.values() if entry.isrc][:5]
    tracks = [request_of(recording, f"batch-{number}") for number, recording in enumerate(played)]
    unknown = {"track_id": "unknown", "artist_name": "Qwzx Vrrk", "track_title": "Plonkh Zzyzx"}
    results = service.post("/enrich/batch", {"tracks": [*tracks, unknown]}).json()["results"]
    assert [result["track_id"] for result in results] == [*(t["track_id"] for t in tracks), "unknown"]
    assert [result["status"] for result in results] == ["completed"] * len(tracks) + ["not_found"]
    assert results[-1]["metadata_acquired"] == {}


def test_the_command_line_enriches_one_track(service: Service) -> None:
    recording = strobe(service.providers)
    command = [
        sys.executable,
        "-m",
        "songnodes",
        "enrich",
        f"{recording.credit} - {recording.title}",
        "--json",
    ]
    ended = subprocess.run(command, env=environment(service.settings), capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    body = json.loads(ended.stdout)
    assert (body["status"], body["metadata_acquired"]["isrc"]) == ("completed", recording.isrc)
    assert {request["provider"] for request in body["requests"]} > {"deezer", "beatport", "musicbrainz"}
    assert len(archived(service.settings, body["track_id"])) == len(body["requests"])


def test_200_concurrent_requests_are_answered_alike_for_equal_tracks(service: Service) -> None:
    tracks = [
        request_of(recording, f"concurrent-{number}")
        for number, recording in enumerate(list(service.providers.holdings.played.values())[:50])
    ]
    with ThreadPoolExecutor(200) as threads:
        responses = list(threads.map(lambda track: service.post("/enrich", track), tracks * 4))
    assert [response.status_code for response in responses] == [200] * 200
    values: dict[str, Any] = {}
    for response in responses:
        body = response.json()
        assert values.setdefault(body["track_id"], body["metadata_acquired"]) == body["metadata_acquired"]
        assert body["status"] in ("completed", "partial", "not_found", "failed")
    assert sum(map(bool, values.values())) > 40


def test_its_state_is_public(service: Service) -> None:
    assert service.get("/ready").json() == {"status": "ok"}
    states = {entry["name"]: entry for entry in service.get("/providers").json()["providers"]}
    assert [name for name, entry in states.items() if not entry["is_on"]] == ["spotify"]
    assert states["spotify"]["off_because"]
    assert {"/enrich", "/enrich/batch"} <= set(service.get("/openapi.json").json()["paths"])
    metrics = service.get("/metrics").text
    assert "songnodes_service_tracks_total" in metrics
    assert "songnodes_gateway_answers_total" in metrics


def test_refused_requests_are_problems(service: Service) -> None:
    check_problem(service.get("/nowhere"), 404, "not-found")
    check_problem(service.post("/enrich", {"track_id": "x"}), 422, "invalid-request")
    check_problem(service.post("/enrich", {"track_id": "x" * 300_000}), 413, "body-too-large")
    other_host = requests.get(f"{service.url}/health", headers={"Host": "songnodes.example"}, timeout=60)
    check_problem(other_host, 421, "wrong-host")


@pytest.mark.parametrize(
    ("setting", "name"),
    [("redis_url", "Redis"), ("schema_registry_url", "The schema registry"), ("kafka_bootstrap", "Kafka")],
)
def test_a_server_that_is_away_is_named_and_the_service_recovers(
    service: Service, links: dict[str, TcpProxy], setting: str, name: str
) -> None:
    links[setting].cut()
    try:
        wait_until(lambda: service.get("/ready").status_code == 503)
        track = {"track_id": "away", "artist_name": "A", "track_title": "B"}
        for response in (service.get("/ready"), service.post("/enrich", track)):
            check_problem(response, 503, "unavailable")
            assert response.json()["detail"] == f"{name} does not respond."
            assert int(response.headers["retry-after"]) > 0
        assert service.get("/health").ok
    finally:
        links[setting].restore()
    wait_until(lambda: service.get("/ready").ok)


def test_providers_that_fail_leave_the_track_failed(service: Service) -> None:
    before = dict(service.providers.faults)
    service.providers.faults.update(dict.fromkeys(before, Faults(outages=((0.0, 1e9),))))
    try:
        track = {"track_id": "failing", "artist_name": "Vrrk", "track_title": "Failing"}
        body = service.post("/enrich", track).json()
    finally:
        service.providers.faults.update(before)
    assert (body["status"], body["metadata_acquired"]) == ("failed", {})
    statuses = {attempt["status"] for attempt in body["enrichment_metadata"]["waterfall_attempts"]}
    assert statuses & {"error", "breaker_open", "rate_limited"}


def test_a_stop_answers_requests_under_way_and_other_addresses_need_the_token(
    pipeline: Settings, providers: Providers, tmp_path: Path
) -> None:
    before = dict(providers.faults)
    log = tmp_path / "service.log"
    with serving(pipeline, providers, log, "127.0.0.2", TOKEN) as service, ThreadPoolExecutor() as threads:
        check_problem(requests.get(f"{service.url}/providers", timeout=60), 401, "unauthorised")
        assert requests.get(f"{service.url}/ready", timeout=60).ok
        providers.faults.update(dict.fromkeys(before, Faults(rates={"slow": 1.0}, attempts=99, slow_s=0.5)))
        try:
            sent = len(providers.arrivals)
            track = {"track_id": "stop", "artist_name": "Vrrk", "track_title": "Uncached"}
            under_way = threads.submit(service.post, "/enrich", track)
            wait_until(lambda: len(providers.arrivals) > sent)
            service.process.send_signal(signal.SIGTERM)
            response = under_way.result()
        finally:
            providers.faults.update(before)
        assert response.status_code == 200
        assert response.json()["track_id"] == "stop"
        assert service.process.wait(START_TIMEOUT_S) == 0
    events = [json.loads(line)["event"] for line in log.read_text().splitlines() if line.startswith("{")]
    assert events[-1] == "stopped"
    assert TOKEN not in log.read_text()


@pytest.fixture
def own_stack(addresses: Access) -> Iterator[Stack]:
    """Yield a Kafka, registry and Redis of this test's own."""
    outside = {name: text for name, text in addresses.plain().items() if name.startswith("database")}
    stack = Stack(Path(tempfile.mkdtemp(prefix="songnodes-service-")), outside=outside)
    try:
        stack.start(parent=os.getpid())
        yield stack
    finally:
        stack.discard()


@pytest.mark.soak
def test_stopped_servers_never_hang_a_request(
    own_stack: Stack, pipeline: Settings, providers: Providers, tmp_path: Path
) -> None:
    settings = pipeline.with_access(own_stack.addresses)
    topics.apply(clients.admin(settings), settings)
    codecs.registered(settings)
    played = list(providers.holdings.played.values())
    with serving(settings, providers, tmp_path / "service.log") as service:
        for number, server in enumerate(("kafka", "redis", "registry", "kafka")):
            assert service.post("/enrich", request_of(played[number], f"before-{number}")).ok
            own_stack.stop_process(server)
            with ThreadPoolExecutor(20) as threads:
                requests_under_way = [
                    threads.submit(service.post, "/enrich", request_of(recording, f"{number}-{place}"))
                    for place, recording in enumerate(played[20 * number : 20 * number + 20])
                ]
                for under_way in requests_under_way:
                    response = under_way.result()
                    if response.status_code != 200:
                        check_problem(response, 503, "unavailable")
            check_problem(service.get("/ready"), 503, "unavailable")
            own_stack.start_process(server)
            wait_until(lambda: service.get("/ready").ok)
            assert service.post("/enrich", request_of(played[90], f"after-{number}")).ok
