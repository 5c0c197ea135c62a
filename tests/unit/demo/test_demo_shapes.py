"""What is told comes back: rendered in a site's form and read by its parser, a telling has the same rows."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import markup
from demo.sets import DemoRow, DemoSet
from demo.shapes import mixcloud, mixesdb, ra, tracklists1001
from demo.world import tellings, world
from demo.world.sizes import SIZES
from demo.world.tellings import Telling
from demo.world.world import World
from producers import sources
from producers.sources.refusals import ForwardingPage, LimitPage, NotATracklist
from songnodes.domain.records import Event, Page, Tracklist, TracklistRow
from songnodes.domain.text import repair
from tests.support.page_records import page

AS_OF = date(2025, 10, 10)

seeds = st.integers(0, 2**32)


def some(seed: int, site: str) -> list[Telling]:
    """Tellings of a world, all of one site."""
    made = world.make.__wrapped__(SIZES["small"], AS_OF, seed)
    every = (telling for n in range(0, 60, 3) for telling in tellings.of(made, made.set(n)))
    return [telling for telling in every if telling.site == site]


def read(record_page: Page) -> Tracklist:
    (record,) = (o.record for o in sources.parse(record_page) if o.topic == "bronze.tracklists")
    found: Tracklist = record  # type: ignore[assignment]  # the topic says which record it is
    return found


@settings(max_examples=4, deadline=None)
@given(seed=seeds)
def test_1001tracklists(seed: int) -> None:
    for telling in some(seed, "1001tracklists"):
        for shown in telling.versions:
            record = read(page(markup.render(shown).encode()))
            assert record["playlist_id"] == telling.playlist_id
            assert record["warnings"] == []
            header = record["header"]
            assert [dj["name"] for dj in header["djs"]] == list(shown.djs)
            assert (header["event_name"], header["venue"], header["country"]) == (
                shown.event,
                shown.venue,
                shown.country,
            )
            assert len(record["rows"]) == len(shown.rows)
            for row, told in zip(record["rows"], shown.rows, strict=True):
                assert (row["text"], row["version_note"]) == (told.text, told.note)
                assert (row["joined"], row["mashup"]) == (told.joined, bool(told.parts))
                assert row["warnings"] == []


@settings(max_examples=4, deadline=None)
@given(seed=seeds)
def test_mixesdb(seed: int) -> None:
    for telling in some(seed, "mixesdb"):
        for shown in telling.versions:
            record = read(page(mixesdb.rest_page(shown), url=mixesdb.rest_url(shown)))
            assert record["playlist_id"] == telling.playlist_id
            header = record["header"]
            assert [dj["name"] for dj in header["djs"]] == list(shown.djs)
            assert header["date_text"] == shown.day.isoformat()
            assert (header["venue"], header["city"]) == (shown.venue, shown.city)
            assert set(header["styles"]) <= set(shown.styles)
            assert record["attribution"] is not None
            check_mix(record["rows"], shown)


def check_mix(rows: list[TracklistRow], shown: DemoSet) -> None:
    assert [row["text"] for row in rows] == [mixesdb.text(shown, told) for told in shown.rows]
    assert [row["cue_seconds"] for row in rows] == [mixesdb.cue(told, shown) for told in shown.rows]
    assert [row["joined"] for row in rows] == [told.joined for told in shown.rows]
    parts = {row["part"] for row in rows}
    assert parts == ({"Part 1", "Part 2"} if shown.halves else {None})


@settings(max_examples=6, deadline=None)
@given(seed=seeds)
def test_mixcloud(seed: int) -> None:
    for telling in some(seed, "mixcloud"):
        for edition, shown in enumerate(telling.versions, start=1):
            cloudcast = read(page(mixcloud.cloudcast(telling, edition)))
            sections = read(page(mixcloud.sections(telling, edition)))
            assert cloudcast["playlist_id"] == sections["playlist_id"] == telling.playlist_id
            assert [dj["name"] for dj in cloudcast["header"]["djs"]] == list(shown.djs)
            assert cloudcast["header"]["date_text"] == shown.day.isoformat()
            told_in = sections if telling.form == "sections" else cloudcast
            told_not = cloudcast if telling.form == "sections" else sections
            assert told_not["rows"] == []
            assert [row["text"] for row in told_in["rows"]] == [
                repair(row.text) if telling.form == "description" else row.text
                for row in telling.rows(edition)
            ]
            if telling.form == "sections":
                check_times(sections["rows"], telling.rows(edition))


def check_times(rows: list[TracklistRow], told: tuple[DemoRow, ...]) -> None:
    timed = any(row.cue for row in told)
    expected = [row.cue if timed and (row.cue or place == 0) else None for place, row in enumerate(told)]
    assert [row["cue_seconds"] for row in rows] == expected


@settings(max_examples=4, deadline=None)
@given(seed=seeds)
def test_resident_advisor(seed: int) -> None:
    made = world.make.__wrapped__(SIZES["small"], AS_OF, seed)
    for happening in made.happenings():
        for body in (ra.detail(happening), ra.listing([happening], 1)):
            record: Event = sources.parse(page(body))[0].record  # type: ignore[assignment]  # the first is it
            assert record["ra_event_id"] == f"ra:{happening.native_id}"
            assert record["title"] == happening.title
            assert [act["name"] for act in record["lineup"]] == list(happening.lineup)
            assert record["date"] == happening.day
            assert (record["start_local"], record["end_local"]) == tuple(
                moment.isoformat() for moment in ra.times(happening)
            )
            assert (record["city"], record["country"]) == (happening.place.city, happening.place.country)
            assert record["genres"] == list(happening.genres)
            assert record["warnings"] == []


@pytest.fixture(scope="module")
def small() -> World:
    return world.make(SIZES["small"], AS_OF)


def test_artists_have_numbers_of_their_own(small: World) -> None:
    assert len(set(map(ra.artist_id, small.cast.djs))) == len(small.cast.djs)


def test_lists_of_sets_lead_to_them(small: World) -> None:
    shown = [t.at(1) for t in tellings.all_of(small) if t.site == "1001tracklists"]
    found = sources.discover(page(tracklists1001.listing("Newest", "/", shown)))
    assert [link.found.native_id for link in found] == [each.native_id for each in shown]
    assert [(link.identified, link.total) for link in found] == [
        (sum(row.known == "identified" for row in each.rows), len(each.rows)) for each in shown
    ]
    assert [link.title for link in found] == [each.title for each in shown]


def test_a_media_answer_gives_ids(small: World) -> None:
    track = small.catalogue.strobe
    url = f"https://www.1001tracklists.com/ajax/get_medialink.php?idObject=5&idItem={track.media_id}#sn00001"
    record = read(page(tracklists1001.media(track.media_id, track), url=url))
    ids = record["media"][0]["ids"]
    assert ids["spotify_id"] == tracklists1001.spotify_id(track)
    assert ids["beatport_id"].isdecimal()


def test_what_comes_in_place_of_a_page_is_known_as_such(small: World) -> None:
    shown = first_shown(small)
    for body, refusal in (
        (tracklists1001.limit_page(), LimitPage),
        (tracklists1001.forwarding_page(shown), ForwardingPage),
    ):
        with pytest.raises(refusal):
            sources.parse(page(body, url=markup.url(shown)))


def test_a_scripted_page_has_no_rows_until_its_script_ran(small: World) -> None:
    shown = first_shown(small)
    body = tracklists1001.scripted(shown).decode()
    with pytest.raises(NotATracklist):
        sources.parse(page(body.encode()))
    start, end = body.index("innerHTML = ") + len("innerHTML = "), body.index(";</script>")
    put_in = json.loads(body[start:end])
    ran = body.replace('<div id="later"></div>', f'<div id="later">{put_in}</div>')
    assert len(read(page(ran.encode()))["rows"]) == len(shown.rows)


def first_shown(small: World) -> DemoSet:
    return next(t.at(1) for t in tellings.all_of(small) if t.site == "1001tracklists")
