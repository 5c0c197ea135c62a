"""Queries become addresses that the site's code recognises, and requests."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from producers import sources
from producers.sources import QueryNotSupported, Question
from tests.support.page_records import page

TODAY = date(2026, 11, 23)


def question(**fields: object) -> Question:
    return Question(today=TODAY, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "fields", "kind"),
    [
        ("1001tracklists", {"search": "Sven Väth & Time Warp"}, "search"),
        ("1001tracklists", {"dj": "Carl Cox"}, "dj"),
        ("1001tracklists", {"since": TODAY}, "home"),
        ("mixesdb", {"search": "Time Warp"}, "search"),
        ("mixesdb", {"dj": "Sven Väth"}, "query"),
        ("mixesdb", {"category": "Category:Time Warp"}, "query"),
        ("mixesdb", {"since": date(2026, 11, 1)}, "query"),
        ("mixcloud", {"search": "deep & dark"}, "listing"),
        ("mixcloud", {"dj": "NTSRadio", "since": date(2026, 1, 1)}, "listing"),
        ("mixcloud", {"category": "Deep House"}, "listing"),
        ("ra", {"category": "34"}, "event-listing"),
        ("ra", {"category": "34", "since": date(2026, 11, 1)}, "event-listing"),
    ],
)
def test_a_query_is_a_page_that_is_requested_and_recognised(
    source: str, fields: dict[str, object], kind: str
) -> None:
    page_ref = sources.SOURCES[source].ask(question(**fields))
    assert (page_ref.source, page_ref.kind) == (source, kind)
    assert sources.has_links(source, kind)
    request = sources.request(page_ref)
    assert request is not None
    recognised = sources.by_url(request.url)
    assert recognised is not None
    assert recognised.page_id == page_ref.page_id
    assert sources.by_url(page_ref.url or "") == page_ref


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("1001tracklists", {"category": "techno"}),
        ("1001tracklists", {"dj": "???"}),
        ("mixcloud", {"since": TODAY}),
        ("ra", {"category": "berlin"}),
        ("ra", {"dj": "Ada"}),
        *((name, {}) for name in sources.SOURCES),
    ],
)
def test_an_unsupported_query_is_refused(source: str, fields: dict[str, object]) -> None:
    with pytest.raises(QueryNotSupported):
        sources.SOURCES[source].ask(question(**fields))


def test_a_search_is_a_form_with_its_words_in_the_fragment() -> None:
    page_ref = sources.SOURCES["1001tracklists"].ask(question(search="  A &  B "))
    request = sources.request(page_ref)
    assert request is not None
    assert request.method == "POST"
    assert parse_qs((request.body or b"").decode())["main_search"] == ["A & B"]
    assert urlsplit(request.url).path == "/search/result.php"


def test_recent_changes_cover_the_day_and_include_revisions() -> None:
    page_ref = sources.SOURCES["mixesdb"].ask(question(since=date(2026, 11, 1)))
    parameters = parse_qs(urlsplit(page_ref.url or "").query)
    assert parameters["rcend"] == ["2026-11-01T00:00:00Z"]
    assert "ids" in parameters["rcprop"][0]


def test_equal_queries_have_equal_words() -> None:
    assert question(category="34", since=TODAY).words == "category=34 since=2026-11-23"
    assert question().words == ""


def events(total: int) -> bytes:
    listed = [{"event": {"id": "1", "title": "Night", "date": "2026-11-23T00:00:00.000"}}]
    return json.dumps({"data": {"eventListings": {"data": listed, "totalResults": total}}}).encode()


@pytest.mark.parametrize(("total", "first", "last"), [(250, "2", "3"), (101, "2", "2"), (100, None, None)])
def test_a_listing_of_events_links_to_all_its_pages(total: int, first: str | None, last: str | None) -> None:
    page_ref = sources.SOURCES["ra"].ask(question(category="34"))
    parts = []
    while page_ref.url:
        more = [link.found for link in sources.discover(page(events(total), url=page_ref.url))]
        assert more.pop(0).native_id == "1"
        if not more:
            break
        page_ref = more[0]
        parts.append(parse_qs(page_ref.native_id)["page"][0])
        assert len(parts) < 9
    assert (parts[0] if parts else None, parts[-1] if parts else None) == (first, last)


def test_the_response_of_a_search_is_recognised_by_its_address() -> None:
    page_ref = sources.SOURCES["1001tracklists"].ask(question(search="Time Warp"))
    head = '<link rel="canonical" href="https://www.1001tracklists.com/search/result.php">'
    body = f"<html><head>{head}<title>Time Warp</title></head><body></body></html>".encode()
    recognised = sources.recognise(sources.Material(body, url=page_ref.url))
    assert recognised is not None
    assert recognised.page_id == page_ref.page_id
