"""Questions become addresses that the site's own code knows again, and requests that ask them."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from producers import sources
from producers.sources import CannotAsk, Question
from tests.support.page_records import page

TODAY = date(2026, 11, 23)


def question(**asked: object) -> Question:
    return Question(today=TODAY, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "asked", "kind"),
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
def test_a_question_is_a_page_that_can_be_asked_for_and_known_again(
    source: str, asked: dict[str, object], kind: str
) -> None:
    found = sources.SOURCES[source].ask(question(**asked))
    assert (found.source, found.kind) == (source, kind)
    assert sources.has_links(source, kind)
    request = sources.request(found)
    assert request is not None
    again = sources.by_url(request.url)
    assert again is not None
    assert again.page_id == found.page_id
    assert sources.by_url(found.url or "") == found


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("1001tracklists", {"category": "techno"}),
        ("1001tracklists", {"dj": "???"}),
        ("mixcloud", {"since": TODAY}),
        ("ra", {"category": "berlin"}),
        ("ra", {"dj": "Ada"}),
        *((name, {}) for name in sources.SOURCES),
    ],
)
def test_what_a_site_cannot_be_asked_is_said(source: str, asked: dict[str, object]) -> None:
    with pytest.raises(CannotAsk):
        sources.SOURCES[source].ask(question(**asked))


def test_a_search_is_a_form_whose_words_stand_in_the_fragment() -> None:
    found = sources.SOURCES["1001tracklists"].ask(question(search="  A &  B "))
    request = sources.request(found)
    assert request is not None
    assert request.method == "POST"
    assert parse_qs((request.body or b"").decode())["main_search"] == ["A & B"]
    assert urlsplit(request.url).path == "/search/result.php"


def test_recent_changes_reach_back_to_the_day_and_name_revisions() -> None:
    found = sources.SOURCES["mixesdb"].ask(question(since=date(2026, 11, 1)))
    asked = parse_qs(urlsplit(found.url or "").query)
    assert asked["rcend"] == ["2026-11-01T00:00:00Z"]
    assert "ids" in asked["rcprop"][0]


def test_the_same_question_has_the_same_words() -> None:
    assert question(category="34", since=TODAY).words == "category=34 since=2026-11-23"
    assert question().words == ""


def events(total: int) -> bytes:
    listed = [{"event": {"id": "1", "title": "Night", "date": "2026-11-23T00:00:00.000"}}]
    return json.dumps({"data": {"eventListings": {"data": listed, "totalResults": total}}}).encode()


@pytest.mark.parametrize(("total", "first", "last"), [(250, "2", "3"), (101, "2", "2"), (100, None, None)])
def test_a_listing_of_events_leads_to_all_its_pages(total: int, first: str | None, last: str | None) -> None:
    found = sources.SOURCES["ra"].ask(question(category="34"))
    parts = []
    while found.url:
        more = [link.found for link in sources.discover(page(events(total), url=found.url))]
        assert more.pop(0).native_id == "1"
        if not more:
            break
        found = more[0]
        parts.append(parse_qs(found.native_id)["page"][0])
        assert len(parts) < 9
    assert (parts[0] if parts else None, parts[-1] if parts else None) == (first, last)


def test_the_answer_of_a_search_is_known_by_what_was_asked() -> None:
    asked = sources.SOURCES["1001tracklists"].ask(question(search="Time Warp"))
    head = '<link rel="canonical" href="https://www.1001tracklists.com/search/result.php">'
    body = f"<html><head>{head}<title>Time Warp</title></head><body></body></html>".encode()
    found = sources.recognise(sources.Material(body, url=asked.url))
    assert found is not None
    assert found.page_id == asked.page_id
