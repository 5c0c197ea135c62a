"""Saved pages are published to Kafka exactly once, despite failures."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from demo import sets
from demo.sets import DemoSet
from producers import cli, outbox, postgres_retry, saved
from producers.ingest import Report
from producers.ledger import Ledger
from producers.outbox import Outbox
from producers.saved import SidecarOverrides
from songnodes.errors import KafkaUnreachable, PostgresUnreachable, TablesMissing, TopicMissing
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from tests.integration.producers.conftest import published, save
from tests.support.worker_processes import environment

AS_OF = date(2025, 10, 10)
NOBODY = "127.0.0.1:9"  # the discard port, where nothing listens


def ingest(settings: Settings, *paths: Path, everything: bool = False, **options: Any) -> Report:
    files = saved.files(paths)
    console = Console(quiet=True)
    return cli.run(
        settings, files, overrides=SidecarOverrides(**options), everything=everything, console=console
    )


def command(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "songnodes", "ingest", *arguments],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def noted(settings: Settings) -> int:
    with psycopg.connect(settings.database_url) as connection:
        return count_pages(connection)


def count_pages(connection: psycopg.Connection) -> int:
    """Return the number of pages published."""
    row = connection.execute("SELECT count(*) FROM producer_pages").fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def demo_sets() -> list[DemoSet]:
    return sets.build_sets(AS_OF, 7)


class TestRealPages:
    @pytest.fixture
    def site(self, shared_data: Path) -> Path:
        return shared_data / "html" / "1001tracklists"

    def test_every_file_of_the_site_has_an_outcome(self, bronze: Settings, site: Path) -> None:
        report = ingest(bronze, site)
        assert report.counts() == {
            "published": 5,
            "blocked": 3,
            "no_parser": 7,
            "not_recognised": 10,
        }
        assert all(outcome.note for outcome in report.outcomes if outcome.status != "published")
        pages = published(bronze)
        assert sorted(page["native_id"] for page in pages) == [
            "19h6nw7t",
            "1gz59x6t",
            "1pmwyfn1",
            "25fhn7c9",
            "nsgpmht",
        ]
        for page in pages:
            (file,) = (site / "tracklist").glob(f"{page['native_id']}-*.html")
            assert page["body"] == file.read_bytes()

        second_report = ingest(bronze, site)
        assert second_report.counts()["known"] == 5
        assert "published" not in second_report.counts()
        assert len(published(bronze)) == noted(bronze) == 5

    def test_with_all_blocked_and_unparsed_kinds_are_published_too(
        self, bronze: Settings, site: Path
    ) -> None:
        report = ingest(bronze, site, everything=True)
        assert report.counts() == {"published": 15, "not_recognised": 10}


class TestFiles:
    def test_compressed_nested_and_copied_files_are_the_same_pages(
        self, bronze: Settings, tmp_path: Path, demo_sets: list[DemoSet]
    ) -> None:
        files = save(tmp_path / "one", demo_sets[:3])
        packed = tmp_path / "two" / "deep" / f"{files[0].name}.gz"
        packed.parent.mkdir(parents=True)
        packed.write_bytes(gzip.compress(files[0].read_bytes()))
        os.utime(packed, (1e9, 1e9))  # without a sidecar this time is no evidence
        shutil.copy(files[1], tmp_path / "two" / "copy.html")
        assert ingest(bronze, tmp_path / "one").counts() == {"published": 3}
        assert ingest(bronze, tmp_path / "two").counts() == {"known": 2}

    def test_versions_are_published_in_any_order(
        self, bronze: Settings, tmp_path: Path, demo_sets: list[DemoSet]
    ) -> None:
        later = next(page for page in demo_sets if page.version == 2)
        first = next(page for page in demo_sets if page.native_id == later.native_id)
        back = replace(first, version=3, fetched_at=later.fetched_at + timedelta(days=1))
        save(tmp_path / "b", [later])
        save(tmp_path / "a", [first])
        save(tmp_path / "c", [replace(first, fetched_at=back.fetched_at)])
        for name in "bac":
            assert ingest(bronze, tmp_path / name).counts() == {"published": 1}
        times = sorted(page["fetched_at"] for page in published(bronze))
        assert times == [first.fetched_at, later.fetched_at, back.fetched_at]
        assert ingest(bronze, tmp_path).counts() == {"known": 3}

    def test_oversized_broken_and_empty_files_are_reported_and_the_rest_published(
        self, bronze: Settings, tmp_path: Path, demo_sets: list[DemoSet]
    ) -> None:
        (good,) = save(tmp_path, demo_sets[:1])
        big = tmp_path / "50MB.html"
        with big.open("wb") as out:
            out.truncate(saved.MAX_BODY_BYTES + 1)
        (tmp_path / "9MB.html").write_bytes(good.read_bytes() + b"<!--" + b"x" * 9_000_000 + b"-->")
        (tmp_path / "empty.html").write_bytes(b"")
        (tmp_path / "picture.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
        (tmp_path / "bad.html").write_bytes(b"<p>")
        (tmp_path / "bad.html.meta.json").write_text("{")
        report = ingest(bronze, tmp_path)
        notes = {
            outcome.path.name: outcome.note or ""
            for outcome in report.outcomes
            if outcome.status == "refused"
        }
        assert report.counts() == {"published": 1, "refused": 5}
        assert "larger than any page" in notes["50MB.html"]
        assert "size limit" in notes["9MB.html"]
        assert "no body" in notes["empty.html"]
        assert "not text" in notes["picture.html"]
        assert "meta.json" in notes["bad.html"]


class TestCommand:
    def test_the_command_prints_json_and_sets_exit_codes(
        self, bronze: Settings, tmp_path: Path, demo_sets: list[DemoSet]
    ) -> None:
        save(tmp_path, demo_sets[:2])
        (tmp_path / "other.json").write_text('{"a": 1}')
        completed = command(bronze, "--json", str(tmp_path))
        useless = command(bronze, str(tmp_path / "other.json"))
        out, err = completed.communicate(timeout=120)
        assert completed.returncode == 0, err
        assert json.loads(out)["counts"] == {"published": 2, "not_recognised": 1}
        out, _ = useless.communicate(timeout=120)
        assert useless.returncode == 1
        assert "not recognised" in out

    def test_two_concurrent_runs_publish_each_page_once(
        self, bronze: Settings, tmp_path: Path, demo_sets: list[DemoSet]
    ) -> None:
        save(tmp_path, demo_sets)
        both = [command(bronze, str(tmp_path)) for _ in range(2)]
        for done in both:
            _, err = done.communicate(timeout=120)
            assert done.returncode == 0, err
        event_counts = Counter(page["event_id"] for page in published(bronze))
        assert len(event_counts) == len(demo_sets) == noted(bronze)
        assert max(event_counts.values()) <= 2

    def test_a_run_after_kill_9_completes_the_pages(
        self, bronze: Settings, tmp_path: Path, demo_sets: list[DemoSet]
    ) -> None:
        pages = [replace(page, native_id=f"{page.native_id}x{n}") for n in range(15) for page in demo_sets]
        save(tmp_path, pages)
        kills = 0
        # one connection: a login per poll takes so long that the command is through before the kill
        with psycopg.connect(bronze.database_url, autocommit=True) as database:
            # a kill at the first note leaves files unread; a second run, unless it is through, loses more
            while kills < 3 and count_pages(database) < len(pages) / 2:
                done = command(bronze, str(tmp_path))
                before = count_pages(database)
                while done.poll() is None and count_pages(database) == before:
                    time.sleep(0.01)
                done.send_signal(signal.SIGKILL)
                assert done.wait(timeout=60) == -signal.SIGKILL, "it was through before it could be killed"
                done.communicate(timeout=60)
                kills += 1
        assert kills > 0
        assert ingest(bronze, tmp_path).counts().keys() == {"published", "known"}
        published_pages = published(bronze)
        assert {page["native_id"] for page in published_pages} == {page.native_id for page in pages}
        assert len({page["event_id"] for page in published_pages}) == noted(bronze) == len(pages)
        assert ingest(bronze, tmp_path).counts() == {"known": len(pages)}


class TestServersAway:
    """Unavailable servers are reported after a limited wait."""

    def test_an_unavailable_broker_is_reported(
        self, bronze: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outbox, "METADATA_TIMEOUT_S", 1.0)
        nowhere = bronze.model_copy(update={"kafka_bootstrap": NOBODY})
        away = pytest.raises(KafkaUnreachable, match=r"Kafka does not respond.*songnodes status")
        with Codec.opened(bronze) as codec, away:
            Outbox(nowhere, codec).check()

    def test_a_missing_topic_is_reported(self, pipeline_settings: Settings, bronze: Settings) -> None:
        empty_pipeline = pipeline_settings.model_copy(update={"namespace": "unused"})
        missing = pytest.raises(TopicMissing, match="songnodes topics apply")
        with Codec.opened(bronze) as codec, missing:
            Outbox(empty_pipeline, codec).check()

    def test_an_unavailable_database_is_reported(
        self, bronze: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres_retry, "RETRY_TIMEOUT_S", 1.0)
        nowhere = bronze.model_copy(update={"database_url": f"postgresql://songnodes@{NOBODY}/x"})
        down = pytest.raises(PostgresUnreachable, match="PostgreSQL does not respond")
        with closing(Ledger(nowhere)) as book, down:
            book.known("a")

    def test_a_missing_table_is_reported(self, bronze: Settings) -> None:
        with psycopg.connect(bronze.owner_url, autocommit=True) as connection:
            connection.execute("DROP TABLE producer_pages")
        missing = pytest.raises(TablesMissing, match="songnodes migrate")
        with closing(Ledger(bronze)) as book, missing:
            book.known("a")

    def test_a_broken_connection_is_reopened(self, bronze: Settings) -> None:
        with closing(Ledger(bronze)) as book:
            assert book.known("a") == []
            with psycopg.connect(bronze.database_url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    " AND backend_type = 'client backend'"
                )
            assert book.known("a") == []
