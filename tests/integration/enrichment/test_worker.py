"""The worker as a process: killed in the middle, it asks for nothing again that is archived."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from confluent_kafka import TopicPartition

from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from tests.support import codecs
from tests.support.enrichment_requests import send_requests
from tests.support.worker_processes import environment

TRACKS = 32
#: Answers before the first worker is killed; further requests of it get none.
KILLED_AFTER = 8
TIMEOUT_S = 60.0
OTHERS = ("beatport", "discogs", "lastfm", "listenbrainz", "musicbrainz", "reccobeats", "spotify", "tidal")


class DeezerServer:
    """Answers by ISRC and records the paths; `released` ends the wait of requests beyond KILLED_AFTER."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.released = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.paths.append(self.path)
                if len(server.paths) > KILLED_AFTER:
                    server.released.wait(TIMEOUT_S)
                isrc = self.path.rpartition(":")[2]
                body = json.dumps(deezer_track(isrc) if "isrc:" in self.path else {"data": []}).encode()
                with suppress(ConnectionError):  # the worker was killed
                    self.send_response(200)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator["DeezerServer"]:
        """Serve in threads."""
        thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()


def deezer_track(isrc: str) -> dict[str, Any]:
    """Return a track of the catalogue."""
    number = int(isrc[-5:])
    return {
        "id": 1000 + number,
        "title": f"Title {number}",
        "isrc": isrc,
        "duration": 300,
        "bpm": 126,
        "release_date": "2020-01-01",
        "artist": {"id": number, "name": f"Artist {number}"},
        "album": {"id": 5, "title": "Album"},
    }


def archived(settings: Settings, codec: Codec) -> list[dict[str, Any]]:
    """Return all records of the archive."""
    topic = topics.physical("bronze.enrichments", settings)
    records = []
    with closing(clients.consumer(settings, "test-archive")) as consumer:
        for number in range(topics.partitions()):
            _, end = consumer.get_watermark_offsets(TopicPartition(topic, number), 10.0)
            consumer.assign([TopicPartition(topic, number, 0)])
            while end and consumer.position([TopicPartition(topic, number)])[0].offset < end:
                for message in consumer.consume(500, 0.1):
                    records.append(codec.decode("bronze.enrichments", message.value()))
    return records


def test_a_killed_worker_asks_for_nothing_again_that_is_archived(pipeline_settings: Settings) -> None:
    with DeezerServer().serving() as server:
        settings = pipeline_settings.model_copy(
            update={
                "provider_urls": {"deezer": server.base},
                "providers_off": frozenset(OTHERS),
            }
        )
        topics.apply(clients.admin(settings), settings)
        codec = codecs.registered(settings)
        send_requests(settings, codec, range(TRACKS))
        command = [sys.executable, "-m", "songnodes", "run", "enrich"]
        with subprocess.Popen(command, env=environment(settings)) as worker:
            wait_until(lambda: len(hits(settings, codec)) >= KILLED_AFTER // 2)
            worker.kill()
        server.released.set()
        kept = {record["parameters"]["isrc"] for record in hits(settings, codec)}
        assert 0 < len(kept) <= KILLED_AFTER
        asked_before = len(server.paths)
        with subprocess.Popen(command, env=environment(settings)) as worker:
            wait_until(lambda: len(hits(settings, codec)) >= TRACKS)
            worker.terminate()
            assert worker.wait(TIMEOUT_S) == 0
        again = {path.rpartition(":")[2] for path in server.paths[asked_before:]}
        assert not again & kept
        records = hits(settings, codec)
        assert len({record["track_id"] for record in records}) == TRACKS
        assert len({record["attempt_id"] for record in records}) == TRACKS


def hits(settings: Settings, codec: Codec) -> list[dict[str, Any]]:
    """Return the archived answers to ISRCs."""
    return [record for record in archived(settings, codec) if record["operation"] == "track_by_isrc"]


def wait_until(condition: Any) -> None:
    """Wait for a condition; fail after the timeout."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
