"""Saved files: what stands beside them, what is refused before anything is produced, the record they make."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from producers import saved, sources
from producers.refusals import BadSidecar, FetchInFuture, NoSuchPath, TooBig, Unreadable
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


def beside(file: Path, **content: Any) -> None:
    file.with_name(file.name + ".meta.json").write_text(json.dumps(content))


def read(file: Path, **given: Any) -> Saved:
    return saved.read(file, SidecarOverrides(**given), ManualClock(NOW))


def record(file: Path, **given: Any) -> Page:
    one = read(file, **given)
    material = sources.Material(one.body, url=one.url, content_type=one.content_type)
    found = sources.recognise(material)
    assert found is not None
    return saved.page(one, material, found)


class TestFetchTime:
    """Option, sidecar, file, in this order; only the first two are somebody's word."""

    def test_of_the_file(self, file: Path) -> None:
        one = read(file)
        assert (one.fetched_at, one.explicit) == (THEN, False)

    def test_of_the_sidecar(self, file: Path) -> None:
        beside(file, fetched_at="2025-05-05T10:00:00+02:00")
        one = read(file)
        assert (one.fetched_at, one.explicit) == (datetime(2025, 5, 5, 8, tzinfo=UTC), True)

    def test_without_a_zone_it_is_utc(self, file: Path) -> None:
        beside(file, fetched_at="2025-05-05T10:00:00")
        assert read(file).fetched_at == datetime(2025, 5, 5, 10, tzinfo=UTC)

    def test_of_the_option(self, file: Path) -> None:
        beside(file, fetched_at="2025-05-05T10:00:00")
        assert read(file, fetched_at=THEN).fetched_at == THEN

    def test_a_future_one_is_refused(self, file: Path) -> None:
        beside(file, fetched_at=(NOW + timedelta(hours=1)).isoformat())
        with pytest.raises(FetchInFuture, match="outrank"):
            read(file)

    @pytest.mark.parametrize("wrong", ["yesterday", 20250505, {}])
    def test_what_is_no_time(self, file: Path, wrong: Any) -> None:
        beside(file, fetched_at=wrong)
        with pytest.raises(BadSidecar):
            read(file)


class TestSidecar:
    def test_of_a_packed_file_may_have_the_plain_name(self, file: Path) -> None:
        packed = file.with_name("page.html.gz")
        packed.write_bytes(gzip.compress(BODY))
        beside(file, status=203)
        assert (read(packed).status, read(packed).body) == (203, BODY)

    @pytest.mark.parametrize("text", ["", "[]", "{", '{"headers": 5}', '{"status": "200"}'])
    def test_a_broken_one_is_refused(self, file: Path, text: str) -> None:
        file.with_name(file.name + ".meta.json").write_text(text)
        with pytest.raises(BadSidecar):
            read(file)

    def test_headers_that_name_client_proxy_or_session_are_dropped(self, file: Path) -> None:
        headers = {
            "Content-Type": "text/html",
            "Set-Cookie": "s=1",
            "X-Forwarded-For": "10.0.0.1",
            "Via": "p",
        }
        beside(file, headers=headers)
        assert read(file).headers == {"content-type": "text/html"}


class TestSize:
    def test_a_page_over_the_limit_is_refused_unread(self, tmp_path: Path) -> None:
        path = tmp_path / "big.html"
        with path.open("wb") as out:
            out.truncate(saved.MAX_BODY_BYTES + 1)
        with pytest.raises(TooBig):
            read(path)

    def test_a_gzip_bomb_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.html.gz"
        path.write_bytes(gzip.compress(bytes(saved.MAX_BODY_BYTES + 1), compresslevel=1))
        assert path.stat().st_size < 1_000_000
        with pytest.raises(TooBig):
            read(path)

    @pytest.mark.parametrize("damage", [lambda raw: raw[:-9], lambda raw: raw[:20] + b"\xff" * 20 + raw[40:]])
    def test_a_broken_gzip_is_refused(self, tmp_path: Path, damage: Any) -> None:
        path = tmp_path / "page.html.gz"
        path.write_bytes(damage(gzip.compress(os.urandom(5000))))
        with pytest.raises(Unreadable):
            read(path)


class TestFiles:
    def test_directories_in_a_fixed_order_without_sidecars_and_dot_files(self, file: Path) -> None:
        folder = file.parent
        (folder / "b").mkdir()
        (folder / ".git").mkdir()
        for name in ("b/x.json", ".git/y.html", ".hidden.html", "page.html.meta.json"):
            (folder / name).write_text("{}")
        assert saved.files([folder, file]) == [folder / "b" / "x.json", file]

    def test_a_missing_path(self, tmp_path: Path) -> None:
        with pytest.raises(NoSuchPath, match="nothing"):
            saved.files([tmp_path / "nothing"])


class TestRecord:
    def test_its_ids_are_made_of_content(self, file: Path) -> None:
        page, digest = record(file), sha256(BODY).hexdigest()
        assert page["page_id"] == "1001tracklists:tracklist:abc123"
        assert page["sha256"] == digest
        assert page["event_id"] == ids.page_event_id(page["page_id"], digest)
        assert page["origin"]["id"] == ids.fetch_id(page["page_id"], digest, THEN)
        assert record(file) == page

    def test_one_body_fetched_twice_is_one_page_and_two_fetches(self, file: Path) -> None:
        one, two = record(file), record(file, fetched_at=NOW)
        assert one["event_id"] == two["event_id"]
        assert one["origin"]["id"] != two["origin"]["id"]

    def test_the_address_it_was_asked_for_is_kept(self, file: Path) -> None:
        asked = "https://www.1001tracklists.com/tracklist/abc123/"
        assert record(file, url=asked)["url"] == asked

    def test_an_address_of_another_page_is_not(self, file: Path) -> None:
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
    def test_the_kind_of_text_where_no_header_says(
        self, tmp_path: Path, body: bytes, url: str | None, kind: str
    ) -> None:
        path = tmp_path / "any"
        path.write_bytes(body)
        assert record(path, url=url)["content_type"] == kind
