"""Pages that a site moved or removed: their earlier content is withdrawn."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from producers import saved, sources
from producers.ingest import _removed
from producers.saved import SidecarOverrides
from songnodes.clock import SystemClock
from tests.support.page_records import page
from tests.support.stored_playlist import StoredPlaylist

SETS = [
    ("https://www.1001tracklists.com/tracklist/2ffield12/x.html", "1001tracklists:2ffield12"),
    ("https://www.mixcloud.com/ada/a-show/", "mixcloud:ada/a-show"),
    ("https://www.mixesdb.com/w/2025-03-06_-_Ada_-_Show", "mixesdb:2025-03-06_-_Ada_-_Show"),
]


def test_a_moved_wiki_page_withdraws_its_old_title(shared_cases: Path) -> None:
    case = shared_cases / "12-one-set-twice-on-a-site"
    state, emitted = StoredPlaylist(), []
    for offset, name in enumerate(("wiki-1-old-title.json", "wiki-3-redirect.json")):
        ((_, key, record),) = sources.parse(page((case / name).read_bytes()))
        assert key == "mixesdb:2025-03-06_-_Nova_Aline_-_Field_Radio_14"
        later = {**record, "page_sha256": f"{offset}" * 64}  # both were fetched at one time
        state.apply_tracklist(later, offset)  # type: ignore[arg-type]  # a tracklist by its topic
        emitted.append(state.build("code"))
    before, after = emitted
    assert before is not None and after is not None
    assert (len(before["rows"]), len(after["rows"]), after["counted"]) == (5, 0, False)
    assert len(after["gone"]["tracks"]) == 5


@pytest.mark.parametrize(
    "text", ["#REDIRECT [[B]]", "#redirect: [[B]]", "\n #Redirect[[B|b]]\n[[Category:X]]"]
)
def test_redirects_in_any_spelling_are_read(text: str, shared_cases: Path) -> None:
    moved = json.loads((shared_cases / "12-one-set-twice-on-a-site" / "wiki-3-redirect.json").read_bytes())
    answer = {**moved, "source": text}
    ((_, _, record),) = sources.parse(page(json.dumps(answer).encode()))
    assert (record["rows"], record["rows_from"]) == ([], "withdrawn")


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("body", [b"", b"<html><body>gone</body></html>", b'{"errorKey": "x"}'])
@pytest.mark.parametrize(("url", "playlist"), SETS)
def test_a_saved_page_of_a_removed_set_withdraws_it(
    tmp_path: Path, url: str, playlist: str, body: bytes, status: int
) -> None:
    file = tmp_path / "page"
    file.write_bytes(body)
    beside = {"url": url, "status": status, "fetched_at": "2025-03-10T00:00:00Z"}
    (tmp_path / "page.meta.json").write_text(json.dumps(beside))
    read = saved.read(file, SidecarOverrides(), SystemClock())
    removed = _removed(read)
    assert removed is not None
    ((topic, key, record),) = sources.parse(saved.page(read, None, removed))
    assert (topic, key) == ("bronze.tracklists", playlist)
    assert (record["rows"], record["warnings"]) == ([], [f"withdrawn: status {status}"])


def test_other_statuses_and_other_pages_withdraw_nothing() -> None:
    assert not sources.is_removed_set("mixesdb", "mix", 500)
    assert not sources.is_removed_set("mixesdb", "query", 404)
    assert not sources.is_removed_set("mixcloud", "sections", 404)
    assert not sources.is_removed_set("1001tracklists", "medialink", 410)


@pytest.mark.parametrize("flag", [True, ""], ids=["format version 2", "format version 1"])
def test_a_wiki_page_that_is_reported_missing_withdraws_its_set(flag: object, shared_cases: Path) -> None:
    title = "2025-03-06 - Nova Aline - Field Radio 14"
    pages = [{"ns": 0, "title": title, "missing": flag}]
    listed: object = pages if flag is True else {"-1": pages[0]}
    body = json.dumps({"batchcomplete": flag, "query": {"pages": listed}}).encode()
    url = "https://www.mixesdb.com/w/api.php?action=query&prop=revisions&titles=x"
    case = shared_cases / "12-one-set-twice-on-a-site" / "wiki-1-old-title.json"
    state = StoredPlaylist()
    shown = []
    for offset, answer in enumerate((page(case.read_bytes()), page(body, url=url), page(case.read_bytes()))):
        ((_, key, record),) = sources.parse(answer)
        assert key == "mixesdb:2025-03-06_-_Nova_Aline_-_Field_Radio_14"
        later = {**record, "observed_at": record["observed_at"] + timedelta(hours=offset)}
        state.apply_tracklist(later, offset)  # type: ignore[arg-type]  # a tracklist by its topic
        playlist = state.build("code")
        assert playlist is not None
        shown.append((len(playlist["rows"]), playlist["counted"]))
    assert shown == [(5, True), (0, False), (5, True)]


def test_a_query_that_followed_a_redirect_withdraws_the_old_title(shared_cases: Path) -> None:
    case = shared_cases / "12-one-set-twice-on-a-site" / "wiki-2-new-title.json"
    text = json.loads(case.read_bytes())["source"]
    answer = {
        "batchcomplete": True,
        "query": {
            "redirects": [{"from": "2025-03-06 - Old Show", "to": "2025-03-06 - New Show"}],
            "pages": [
                {"ns": 0, "title": "2025-03-06 - New Show", "revisions": [{"revid": 7, "content": text}]}
            ],
        },
    }
    url = "https://www.mixesdb.com/w/api.php?action=query&prop=revisions&redirects=1&titles=x"
    outputs = sources.parse(page(json.dumps(answer).encode(), url=url))
    withdrawn = {
        key: (len(record["rows"]), record["rows_from"], record["warnings"]) for _, key, record in outputs
    }
    assert withdrawn == {
        "mixesdb:2025-03-06_-_New_Show": (5, "page", []),
        "mixesdb:2025-03-06_-_Old_Show": (0, "withdrawn", ["withdrawn: moved to 2025-03-06 - New Show"]),
    }


MOVED = [
    (*SETS[0], "/tracklist/2new34/y.html", "1001tracklists:tracklist:2new34"),
    (*SETS[1], "https://www.mixcloud.com/ada/another-show/", "mixcloud:cloudcast:ada/another-show"),
    (*SETS[2], "/w/2025-03-06_-_Ada_-_New_Show", "mixesdb:mix:2025-03-06_-_Ada_-_New_Show"),
]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(("url", "playlist", "location", "target"), MOVED)
def test_a_saved_redirect_to_another_set_withdraws_the_old_set(
    tmp_path: Path, url: str, playlist: str, location: str, target: str, status: int
) -> None:
    file = tmp_path / "page"
    file.write_bytes(b"<html><body>moved</body></html>")
    beside = {
        "url": url,
        "status": status,
        "fetched_at": "2025-03-10T00:00:00Z",
        "headers": {"Location": location},
    }
    (tmp_path / "page.meta.json").write_text(json.dumps(beside))
    read = saved.read(file, SidecarOverrides(), SystemClock())
    removed = _removed(read)
    assert removed is not None
    ((topic, key, record),) = sources.parse(saved.page(read, None, removed))
    assert (topic, key) == ("bronze.tracklists", playlist)
    assert (record["rows"], record["rows_from"]) == ([], "withdrawn")
    assert record["warnings"] == [f"withdrawn: moved to {target}"]


@pytest.mark.parametrize(
    ("url", "location"),
    [
        (SETS[0][0], "/tracklist/2ffield12/new-slug.html"),
        (SETS[0][0], "/"),
        (SETS[0][0], "/dj/someone/index.html"),
        (SETS[0][0], "https://www.mixcloud.com/ada/a-show/"),
        (SETS[0][0], ""),
        (SETS[0][0], "http://[broken"),
        ("https://www.1001tracklists.com/dj/someone/index.html", "/tracklist/2new34/y.html"),
    ],
)
def test_other_redirects_withdraw_nothing(url: str, location: str) -> None:
    page_ref = sources.by_url(url)
    assert page_ref is not None
    assert sources.withdrawal_reason(page_ref, 301, {"location": location}) is None
    assert sources.withdrawal_reason(page_ref, 200, {"location": "/tracklist/2new34/y.html"}) is None
