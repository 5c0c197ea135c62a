"""Pages that a site moved or removed: what they said before is withdrawn."""

import json
from pathlib import Path

import pytest

from producers import saved, sources
from producers.ingest import _removed
from producers.saved import SidecarOverrides
from songnodes.clock import SystemClock
from songnodes.domain import playlists
from tests.support.page_records import page

SETS = [
    ("https://www.1001tracklists.com/tracklist/2ffield12/x.html", "1001tracklists:2ffield12"),
    ("https://www.mixcloud.com/ada/a-show/", "mixcloud:ada/a-show"),
    ("https://www.mixesdb.com/w/2025-03-06_-_Ada_-_Show", "mixesdb:2025-03-06_-_Ada_-_Show"),
]


def test_a_moved_wiki_page_withdraws_what_the_old_title_said(shared_cases: Path) -> None:
    case = shared_cases / "12-one-set-twice-on-a-site"
    state, emitted = playlists.unknown(), []
    for offset, name in enumerate(("wiki-1-old-title.json", "wiki-3-redirect.json")):
        ((_, key, record),) = sources.parse(page((case / name).read_bytes()))
        assert key == "mixesdb:2025-03-06_-_Nova_Aline_-_Field_Radio_14"
        later = {**record, "page_sha256": f"{offset}" * 64}  # both were fetched at one time
        playlists.take_tracklist(state, later, offset)  # type: ignore[arg-type]  # a tracklist by its topic
        emitted.append(playlists.validated(state, "code"))
    before, after = emitted
    assert before is not None and after is not None
    assert (len(before["rows"]), len(after["rows"]), after["counted"]) == (5, 0, False)
    assert len(after["gone"]["tracks"]) == 5


@pytest.mark.parametrize(
    "text", ["#REDIRECT [[B]]", "#redirect: [[B]]", "\n #Redirect[[B|b]]\n[[Category:X]]"]
)
def test_redirects_in_any_spelling(text: str, shared_cases: Path) -> None:
    moved = json.loads((shared_cases / "12-one-set-twice-on-a-site" / "wiki-3-redirect.json").read_bytes())
    answer = {**moved, "source": text}
    ((_, _, record),) = sources.parse(page(json.dumps(answer).encode()))
    assert (record["rows"], record["rows_from"]) == ([], "withdrawn")


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("body", [b"", b"<html><body>gone</body></html>", b'{"errorKey": "x"}'])
@pytest.mark.parametrize(("url", "playlist"), SETS)
def test_a_saved_page_of_a_removed_set(
    tmp_path: Path, url: str, playlist: str, body: bytes, status: int
) -> None:
    file = tmp_path / "page"
    file.write_bytes(body)
    beside = {"url": url, "status": status, "fetched_at": "2025-03-10T00:00:00Z"}
    (tmp_path / "page.meta.json").write_text(json.dumps(beside))
    read = saved.read(file, SidecarOverrides(), SystemClock())
    found = _removed(read)
    assert found is not None
    ((topic, key, record),) = sources.parse(saved.page(read, None, found))
    assert (topic, key) == ("bronze.tracklists", playlist)
    assert (record["rows"], record["warnings"]) == ([], [f"withdrawn: status {status}"])


def test_other_statuses_and_other_pages_withdraw_nothing() -> None:
    assert not sources.is_removed_set("mixesdb", "mix", 500)
    assert not sources.is_removed_set("mixesdb", "query", 404)
    assert not sources.is_removed_set("mixcloud", "sections", 404)
    assert not sources.is_removed_set("1001tracklists", "medialink", 410)
