"""Saved files: their sidecars, refusals before anything is published, and the resulting record."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from producers import saved, sources
from producers.errors import FetchInFuture, FileTooLarge, FileUnreadable, InvalidSidecar, NoSuchPath
from producers.saved import Saved, SidecarOverrides
from songnodes.clock import ManualClock
from songnodes.domain import ids
from songnodes.domain.records import Page

NOW = datetime(2100, 1, 1, tzinfo=UTC)  # after the time of any file that a test makes
THEN = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
URL = "https://www.1001tracklists.com/tracklist/abc123/a-set-2025-01-01.html"
BODY = f'<html><head><link rel="canonical" href="{URL}"></head><body></body></html>'.encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_bytes(BODY)
    os.utime(path, (THEN.timestamp() + 0.9, THEN.timestamp() + 0.9))
    return path


def write_sidecar(file: Path, **content: Any) -> None:
    file.with_name(file.name + ".meta.json").write_text(json.dumps(content))


def read(file: Path, **options: Any) -> Saved:
    return saved.read(file, SidecarOverrides(**options), ManualClock(NOW))


def record(file: Path, **options: Any) -> Page:
    saved_file = read(file, **options)
    material = sources.Material(saved_file.body, url=saved_file.url, content_type=saved_file.content_type)
    page_ref = sources.recognise(material)
    assert page_ref is not None
    return saved.page(saved_file, material, page_ref)


class TestFetchTime:
    """Precedence: option, sidecar, file; only the first two are explicit."""

    def test_the_time_of_the_file_is_the_default(self, file: Path) -> None:
        saved_file = read(file)
        assert (saved_file.fetched_at, saved_file.explicit) == (THEN, False)

    def test_the_sidecar_wins_over_the_file(self, file: Path) -> None:
        write_sidecar(file, fetched_at="2025-05-05T10:00:00+02:00")
        saved_file = read(file)
        assert (saved_file.fetched_at, saved_file.explicit) == (datetime(2025, 5, 5, 8, tzinfo=UTC), True)

    def test_a_time_without_a_zone_is_utc(self, file: Path) -> None:
        write_sidecar(file, fetched_at="2025-05-05T10:00:00")
        assert read(file).fetched_at == datetime(2025, 5, 5, 10, tzinfo=UTC)

    def test_the_option_wins_over_the_sidecar(self, file: Path) -> None:
        write_sidecar(file, fetched_at="2025-05-05T10:00:00")
        assert read(file, fetched_at=THEN).fetched_at == THEN

    def test_a_future_time_is_refused(self, file: Path) -> None:
        write_sidecar(file, fetched_at=(NOW + timedelta(hours=1)).isoformat())
        with pytest.raises(FetchInFuture, match="outrank"):
            read(file)

    @pytest.mark.parametrize("wrong", ["yesterday", 20250505, {}])
    def test_an_invalid_time_is_refused(self, file: Path, wrong: Any) -> None:
        write_sidecar(file, fetched_at=wrong)
        with pytest.raises(InvalidSidecar):
            read(file)


class TestSidecar:
    def test_the_sidecar_of_a_compressed_file_may_have_the_plain_name(self, file: Path) -> None:
        packed = file.with_name("page.html.gz")
        packed.write_bytes(gzip.compress(BODY))
        write_sidecar(file, status=203)
        assert (read(packed).status, read(packed).body) == (203, BODY)

    @pytest.mark.parametrize("text", ["", "[]", "{", '{"headers": 5}', '{"status": "200"}'])
    def test_a_broken_sidecar_is_refused(self, file: Path, text: str) -> None:
        file.with_name(file.name + ".meta.json").write_text(text)
        with pytest.raises(InvalidSidecar):
            read(file)

    def test_headers_of_client_proxy_or_session_are_dropped(self, file: Path) -> None:
        headers = {
            "Content-Type": "text/html",
            "Set-Cookie": "s=1",
            "X-Forwarded-For": "10.0.0.1",
            "Via": "p",
        }
        write_sidecar(file, headers=headers)
        assert read(file).headers == {"content-type": "text/html"}


class TestSize:
    def test_a_page_over_the_limit_is_refused_unread(self, tmp_path: Path) -> None:
        path = tmp_path / "big.html"
        with path.open("wb") as out:
            out.truncate(saved.MAX_BODY_BYTES + 1)
        with pytest.raises(FileTooLarge):
            read(path)

    def test_a_gzip_bomb_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.html.gz"
        path.write_bytes(gzip.compress(bytes(saved.MAX_BODY_BYTES + 1), compresslevel=1))
        assert path.stat().st_size < 1_000_000
        with pytest.raises(FileTooLarge):
            read(path)

    @pytest.mark.parametrize("damage", [lambda raw: raw[:-9], lambda raw: raw[:20] + b"\xff" * 20 + raw[40:]])
    def test_a_broken_gzip_is_refused(self, tmp_path: Path, damage: Any) -> None:
        path = tmp_path / "page.html.gz"
        path.write_bytes(damage(gzip.compress(os.urandom(5000))))
        with pytest.raises(FileUnreadable):
            read(path)


class TestFiles:
    def test_directories_are_read_in_order_without_sidecars_and_dot_files(self, file: Path) -> None:
        folder = file.parent
        (folder / "b").mkdir()
        (folder / ".git").mkdir()
        for name in ("b/x.json", ".git/y.html", ".hidden.html", "page.html.meta.json"):
            (folder / name).write_text("{}")
        assert saved.files([folder, file]) == [folder / "b" / "x.json", file]

    def test_a_missing_path_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(NoSuchPath, match="nothing"):
            saved.files([tmp_path / "nothing"])


class TestRecord:
    def test_ids_are_derived_from_content(self, file: Path) -> None:
        page, digest = record(file), sha256(BODY).hexdigest()
        assert page["page_id"] == "1001tracklists:tracklist:abc123"
        assert page["sha256"] == digest
        assert page["event_id"] == ids.page_event_id(page["page_id"], digest)
        assert page["origin"]["id"] == ids.fetch_id(page["page_id"], digest, THEN)
        assert record(file) == page

    def test_one_body_fetched_twice_is_one_page_and_two_fetches(self, file: Path) -> None:
        first, second = record(file), record(file, fetched_at=NOW)
        assert first["event_id"] == second["event_id"]
        assert first["origin"]["id"] != second["origin"]["id"]

    def test_the_requested_address_is_kept(self, file: Path) -> None:
        url = "https://www.1001tracklists.com/tracklist/abc123/"
        assert record(file, url=url)["url"] == url

    def test_an_address_of_another_page_is_not_kept(self, file: Path) -> None:
        assert record(file, url="https://www.1001tracklists.com/tracklist/other/")["url"] == URL

    @pytest.mark.parametrize(
        ("body", "url", "kind"),
        [
            (BODY, None, "text/html"),
            (b'{"data": {"event": {"id": "7"}}}', None, "application/json"),
            (
                b"== Tracklist ==\n# A - B\n[[Category:2020]]",
                "https://www.mixesdb.com/w/2020_-_X",
                "text/plain",
            ),
        ],
    )
    def test_the_content_type_is_detected_without_a_header(
        self, tmp_path: Path, body: bytes, url: str | None, kind: str
    ) -> None:
        path = tmp_path / "any"
        path.write_bytes(body)
        assert record(path, url=url)["content_type"] == kind
