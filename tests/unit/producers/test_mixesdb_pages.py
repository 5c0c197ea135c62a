"""MixesDB through its API: pages, batches, lists, errors with status 200; the header of a mix."""

import json
from typing import Any

import pytest

from producers import sources
from producers.sources.page import Found
from songnodes.domain.records import Tracklist
from songnodes.errors import Poison
from tests.support.page_records import page

TITLE = "2006-05-01 - Ada Example, Bo Sample @ Cellar Club, Riccione, Italy"
TEXT = """{{Mix
|x=y
}}
{{Player|https://soundcloud.example/ada|https://youtube.example/watch?v=1}}

== Tracklist ==
;Part 1
# [00] Ada - One [Label]
...
# [??] ''Bo - ?''

== Comments ==
# not - a track

[[Category:2006]]
[[Category:Ada Example]]
[[Category:Bo Sample|Sample, Bo]]
[[Category:Tech House]]
[[Category:Tracklist: incomplete]]
"""
API = "https://www.mixesdb.com/w/api.php?action=query&format=json"
KEY = TITLE.replace(" ", "_")


def rest(title: str = TITLE, text: str = TEXT, **more: Any) -> bytes:
    latest = {"id": 4711, "timestamp": "2020-01-01T00:00:00Z"}
    value = {"id": 7, "key": title.replace(" ", "_"), "title": title, "latest": latest}
    return json.dumps({**value, "content_model": "wikitext", "source": text, **more}).encode()


def query(*pages: dict[str, Any], old: bool = False, **more: Any) -> bytes:
    listed: Any = {str(n): listed_page for n, listed_page in enumerate(pages)} if old else list(pages)
    return json.dumps({"batchcomplete": True, "query": {"pages": listed}, **more}).encode()


def revision(title: str, text: str, *, old: bool = False) -> dict[str, Any]:
    content = {"*": text} if old else {"content": text, "contentmodel": "wikitext"}
    return {"pageid": 1, "ns": 0, "title": title, "revisions": [{"revid": 12, "slots": {"main": content}}]}


def records(body: bytes, url: str | None = None) -> list[Tracklist]:
    return [output.record for output in sources.parse(page(body, url=url))]  # type: ignore[misc]


def reason(body: bytes, url: str | None = None, page_ref: Found | None = None) -> str:
    with pytest.raises(Poison) as caught:
        sources.parse(page(body, url=url, found=page_ref))
    assert str(caught.value)
    return caught.value.reason


def test_a_page_of_the_rest_endpoint_is_parsed() -> None:
    (record,) = records(rest())
    assert record["playlist_id"] == f"mixesdb:{KEY}"
    assert (
        record["url"]
        == "https://www.mixesdb.com/w/2006-05-01_-_Ada_Example,_Bo_Sample_@_Cellar_Club,_Riccione,_Italy"
    )
    assert record["completeness"] == "incomplete"
    assert record["counters"] == {"revision": 4711}
    assert record["categories"][:3] == ["2006", "Ada Example", "Bo Sample"]
    assert record["attribution"] == {
        "holder": "MixesDB contributors",
        "licence": "CC BY-SA",
        "url": record["url"],
    }
    assert [(row["text"], row["cue_text"], row["gap"], row["part"]) for row in record["rows"]] == [
        ("Ada - One [Label]", "00", False, "Part 1"),
        (None, None, True, "Part 1"),
        ("Bo - ?", "??", False, "Part 1"),
    ]
    header = record["header"]
    assert [dj["name"] for dj in header["djs"]] == ["Ada Example", "Bo Sample"]
    assert (header["venue"], header["city"], header["country"]) == ("Cellar Club", "Riccione", "Italy")
    assert header["date_text"] == "2006-05-01"
    assert header["styles"] == ["Tech House"]
    assert [recording["url"] for recording in header["recordings"]] == [
        "https://soundcloud.example/ada",
        "https://youtube.example/watch?v=1",
    ]


def test_the_licence_of_the_response_is_kept() -> None:
    licence = {"url": "https://creativecommons.org/licenses/by-sa/3.0/", "title": "CC BY-SA 3.0"}
    (record,) = records(rest(license=licence))
    assert record["attribution"] is not None
    assert record["attribution"]["licence"] == "CC BY-SA 3.0"


TITLES = [
    ("1998-01 - Ada - Night Show", "1998-01", ["Ada"], "Night Show", None, None),
    ("2006 - Ada & Bo - Night Show", "2006", ["Ada & Bo"], "Night Show", None, None),
    ("2026-0X - Ada b2b Bo @ Cellar", "2026-0X", ["Ada", "Bo"], None, "Cellar", None),
    ("2006-05-01 - Ada, Bo - Show: Part 2", "2006-05-01", ["Ada", "Bo"], "Show: Part 2", None, None),
    ("2006-05-01 - Ada @ Cellar, Berlin", "2006-05-01", ["Ada"], None, "Cellar", "Berlin"),
    ("2006-05-01 - Ada @ 2006-05-01, Berlin", "2006-05-01", ["Ada"], None, None, "Berlin"),
    ("2006-05-01 - Ada @ Berlin, Cellar", "2006-05-01", ["Ada"], None, "Cellar", "Berlin"),
    ("2006-05-01 - Ada - 12 May", "2006-05-01", ["Ada"], None, None, None),
    ("Ada - Studio Mix", None, ["Ada"], "Studio Mix", None, None),
    ("Somewhere", None, [], None, None, None),
]


@pytest.mark.parametrize(("title", "day", "djs", "event", "venue", "city"), TITLES)
def test_titles_are_split_into_fields(
    title: str, day: str | None, djs: list[str], event: str | None, venue: str | None, city: str | None
) -> None:
    header = records(rest(title))[0]["header"]
    assert header["date_text"] == day
    assert [dj["name"] for dj in header["djs"]] == djs
    assert (header["event_name"], header["venue"], header["city"]) == (event, venue, city)


def test_a_category_confirms_a_name_with_a_comma() -> None:
    text = TEXT + "[[Category:Ada, The Great]]"
    header = records(rest("2006 - Ada, The Great, Bo - Show", text))[0]["header"]
    assert [dj["name"] for dj in header["djs"]] == ["Ada, The Great", "Bo"]


def test_bare_wikitext_is_parsed_with_its_address() -> None:
    (record,) = records(TEXT.encode(), url=f"https://www.mixesdb.com/w/{KEY}")
    (same,) = records(rest())
    assert record["content_hash"] == same["content_hash"]
    assert record["playlist_id"] == same["playlist_id"]


@pytest.mark.parametrize("old", [False, True])
def test_a_query_returns_every_mix_in_both_format_versions(old: bool) -> None:
    body = query(
        revision("2007 - B - Show", TEXT, old=old), revision("2006 - A - Show", TEXT, old=old), old=old
    )
    assert [record["playlist_id"] for record in records(body)] == [
        "mixesdb:2006_-_A_-_Show",
        "mixesdb:2007_-_B_-_Show",
    ]


def test_a_mix_that_cannot_be_parsed_does_not_affect_the_others() -> None:
    empty = revision("2006 - A - Show", "== Tracklist ==\n[[Category:2006]]")
    good, missing, refused = records(
        query(empty, revision("2007 - B - Show", TEXT), {"title": "X", "missing": True})
    )
    assert len(good["rows"]) == 3
    assert (missing["playlist_id"], missing["rows_from"], missing["warnings"]) == (
        "mixesdb:X",
        "withdrawn",
        ["withdrawn: missing"],
    )
    assert refused["rows"] == []
    assert refused["warnings"] == ["refused: no_rows"]
    assert reason(query(empty)) == "no_rows"


def test_a_mix_without_a_tracklist_has_its_header() -> None:
    text = TEXT.split("== Tracklist")[0] + "[[Category:Tracklist: none]]"
    (record,) = records(rest(text=text))
    assert (record["rows"], record["completeness"]) == ([], "none")


REFUSED = [
    (rest(text="== Tracklist ==\n\n[[Category:2006]]"), None, "no_rows"),
    (rest(text="A page about a label. [[Category:Label]]"), None, "not_a_tracklist"),
    (
        b'{"error":{"code":"maxlag","info":"Waiting for a database"},"servedby":"x"}',
        API + "&titles=X",
        "api_error",
    ),
    (b'{"errors":[{"code":"badtitle","text":"..."}]}', API + "&titles=X", "api_error"),
    (b'{"errorKey":"rest-nonexistent-title","httpCode":404,"httpReason":"Not Found"}', None, "api_error"),
    (query({"title": "File:X", "ns": 6, "missing": True}), API + "&titles=File:X", "missing"),
    (
        b'{"query":{"pages":[{"title":"File:X","ns":6,"revisions":[{"content":"x"}]}]}}',
        None,
        "not_a_tracklist",
    ),
    (b'{"something":1}', API + "&titles=X", "unexpected_shape"),
    (b'{"query":', API + "&titles=X", "not_json"),
    (b"<!DOCTYPE html><html><body>", f"https://www.mixesdb.com/w/{KEY}", "rendered"),
    (rest("2007 - Other - Show"), None, "other_page"),
]


@pytest.mark.parametrize(("body", "url", "expected"), REFUSED)
def test_invalid_bodies_are_refused_with_their_reason(body: bytes, url: str | None, expected: str) -> None:
    if b"errorKey" in body or expected == "other_page":
        assert reason(body, page_ref=Found(source="mixesdb", kind="mix", native_id=KEY)) == expected
    else:
        assert reason(body, url=url) == expected


LISTS = [
    ("categorymembers", {"pageid": 1, "ns": 0, "title": "2006 - A - Show"}),
    ("recentchanges", {"type": "edit", "ns": 0, "title": "2006 - A - Show", "revid": 2, "old_revid": 1}),
    ("search", {"ns": 0, "title": "2006 - A - Show", "snippet": "<b>A</b>", "size": 10}),
]


@pytest.mark.parametrize(("name", "member"), LISTS)
def test_lists_link_to_mixes_and_to_their_next_part(name: str, member: dict[str, Any]) -> None:
    other_namespaces = [{"ns": 6, "title": "File:X.jpg"}, {"ns": 14, "title": "Category:2006"}]
    value = {
        "continue": {"cmcontinue": "page|1", "continue": "-||"},
        "query": {name: [member, *other_namespaces, member]},
    }
    url = f"{API}&list={name}"
    read = page(json.dumps(value).encode(), url=url)
    mix, more = sources.discover(read)
    assert mix.found.page_id == "mixesdb:mix:2006_-_A_-_Show"
    assert more.found.kind == "query"
    assert "cmcontinue=page%7C1" in (more.found.url or "")
    assert more.found.native_id != read["native_id"]
    assert sources.parse(read) == []


def test_the_rest_search_links_to_mixes() -> None:
    body = json.dumps({"pages": [{"id": 1, "key": "2006_-_A_-_Show", "title": "2006 - A - Show"}]}).encode()
    read = page(body, url="https://www.mixesdb.com/w/rest.php/v1/search/page?q=A&limit=10")
    assert [link.found.native_id for link in sources.discover(read)] == ["2006_-_A_-_Show"]


def test_a_mix_has_one_id_at_all_its_addresses() -> None:
    addresses = (
        "https://www.mixesdb.com/w/2006-05-01_-_A_@_Cocoric%C3%B2",
        "https://www.mixesdb.com/w/rest.php/v1/page/2006-05-01_-_A_%40_Cocoric%C3%B2",
        "https://mixesdb.com/db/index.php/2006-05-01 - A @ Cocoricò",
    )
    assert {getattr(sources.by_url(url), "page_id", None) for url in addresses} == {
        "mixesdb:mix:2006-05-01_-_A_@_Cocoricò"
    }
    page_ref = sources.by_url(addresses[0])
    assert page_ref is not None
    request = sources.request(page_ref)
    assert request is not None
    assert request.url == addresses[1]
    assert sources.by_url(request.url) == page_ref


@pytest.mark.parametrize("path", ["File:X.jpg", "Category:2006", "Special:Random", "Template_talk:Player"])
def test_other_namespaces_are_not_mixes(path: str) -> None:
    assert sources.by_url(f"https://www.mixesdb.com/w/{path}") is None
