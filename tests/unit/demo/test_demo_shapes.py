"""Round trip: a playlist rendered in a site's form and parsed has the same rows."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo import markup
from demo.sets import DemoRow, DemoSet
from demo.shapes import mixcloud, mixesdb, ra, tracklists1001
from demo.world import site_playlists, world
from demo.world.site_playlists import SitePlaylist
from demo.world.sizes import SIZES
from demo.world.world import World
from producers import sources
from producers.sources.errors import ForwardingPage, LimitPage, NotATracklist
from songnodes.domain.records import Event, Page, Tracklist, TracklistRow
from songnodes.domain.text import repair
from tests.support.page_records import page

AS_OF = date(2025, 10, 10)

seeds = st.integers(0, 2**32)


def some_playlists(seed: int, site: str) -> list[SitePlaylist]:
    """Return some playlists of a world, all of one site."""
    small_world = world.make.__wrapped__(SIZES["small"], AS_OF, seed)
    playlists = (
        site_playlist
        for n in range(0, 60, 3)
        for site_playlist in site_playlists.of_set(small_world, small_world.set(n))
    )
    return [site_playlist for site_playlist in playlists if site_playlist.site == site]


def parse_tracklist(record_page: Page) -> Tracklist:
    (record,) = (o.record for o in sources.parse(record_page) if o.topic == "bronze.tracklists")
    tracklist: Tracklist = record  # type: ignore[assignment]  # the topic determines the type of record
    return tracklist


@settings(max_examples=4, deadline=None)
@given(seed=seeds)
def test_tracklists_of_1001tracklists_parse_to_the_same_rows(seed: int) -> None:
    for site_playlist in some_playlists(seed, "1001tracklists"):
        for shown in site_playlist.versions:
            record = parse_tracklist(page(markup.render(shown).encode()))
            assert record["playlist_id"] == site_playlist.playlist_id
            assert record["warnings"] == []
            header = record["header"]
            assert [dj["name"] for dj in header["djs"]] == list(shown.djs)
            assert (header["event_name"], header["venue"], header["country"]) == (
                shown.event,
                shown.venue,
                shown.country,
            )
            assert len(record["rows"]) == len(shown.rows)
            for row, true_row in zip(record["rows"], shown.rows, strict=True):
                assert (row["text"], row["version_note"]) == (true_row.text, true_row.note)
                assert (row["joined"], row["mashup"]) == (true_row.joined, bool(true_row.parts))
                assert row["warnings"] == []


@settings(max_examples=4, deadline=None)
@given(seed=seeds)
def test_mixes_of_mixesdb_parse_to_the_same_rows(seed: int) -> None:
    for site_playlist in some_playlists(seed, "mixesdb"):
        for shown in site_playlist.versions:
            record = parse_tracklist(page(mixesdb.rest_page(shown), url=mixesdb.rest_url(shown)))
            assert record["playlist_id"] == site_playlist.playlist_id
            header = record["header"]
            assert [dj["name"] for dj in header["djs"]] == list(shown.djs)
            assert header["date_text"] == shown.day.isoformat()
            assert (header["venue"], header["city"]) == (shown.venue, shown.city)
            assert set(header["styles"]) <= set(shown.styles)
            assert record["attribution"] is not None
            check_mix(record["rows"], shown)


def check_mix(rows: list[TracklistRow], shown: DemoSet) -> None:
    assert [row["text"] for row in rows] == [mixesdb.text(shown, true_row) for true_row in shown.rows]
    assert [row["cue_seconds"] for row in rows] == [mixesdb.cue(true_row, shown) for true_row in shown.rows]
    assert [row["joined"] for row in rows] == [true_row.joined for true_row in shown.rows]
    parts = {row["part"] for row in rows}
    assert parts == ({"Part 1", "Part 2"} if shown.halves else {None})


@settings(max_examples=6, deadline=None)
@given(seed=seeds)
def test_shows_of_mixcloud_parse_to_the_same_rows(seed: int) -> None:
    for site_playlist in some_playlists(seed, "mixcloud"):
        for edition, shown in enumerate(site_playlist.versions, start=1):
            cloudcast = parse_tracklist(page(mixcloud.cloudcast(site_playlist, edition)))
            sections = parse_tracklist(page(mixcloud.sections(site_playlist, edition)))
            assert cloudcast["playlist_id"] == sections["playlist_id"] == site_playlist.playlist_id
            assert [dj["name"] for dj in cloudcast["header"]["djs"]] == list(shown.djs)
            assert cloudcast["header"]["date_text"] == shown.day.isoformat()
            with_rows = sections if site_playlist.form == "sections" else cloudcast
            without_rows = cloudcast if site_playlist.form == "sections" else sections
            assert without_rows["rows"] == []
            assert [row["text"] for row in with_rows["rows"]] == [
                repair(row.text) if site_playlist.form == "description" else row.text
                for row in site_playlist.rows(edition)
            ]
            if site_playlist.form == "sections":
                check_times(sections["rows"], site_playlist.rows(edition))


def check_times(rows: list[TracklistRow], true_rows: tuple[DemoRow, ...]) -> None:
    timed = any(row.cue for row in true_rows)
    expected = [row.cue if timed and (row.cue or place == 0) else None for place, row in enumerate(true_rows)]
    assert [row["cue_seconds"] for row in rows] == expected


@settings(max_examples=4, deadline=None)
@given(seed=seeds)
def test_events_of_resident_advisor_parse_to_the_same_data(seed: int) -> None:
    small_world = world.make.__wrapped__(SIZES["small"], AS_OF, seed)
    for event in small_world.events():
        for body in (ra.detail(event), ra.listing([event], 1)):
            record: Event = sources.parse(page(body))[0].record  # type: ignore[assignment]  # the first is it
            assert record["ra_event_id"] == f"ra:{event.native_id}"
            assert record["title"] == event.title
            assert [act["name"] for act in record["lineup"]] == list(event.lineup)
            assert record["date"] == event.day
            assert (record["start_local"], record["end_local"]) == tuple(
                moment.isoformat() for moment in ra.times(event)
            )
            assert (record["city"], record["country"]) == (event.venue.city, event.venue.country)
            assert record["genres"] == list(event.genres)
            assert record["warnings"] == []


@pytest.fixture(scope="module")
def small() -> World:
    return world.make(SIZES["small"], AS_OF)


def test_artist_ids_are_unique(small: World) -> None:
    assert len(set(map(ra.artist_id, small.cast.djs))) == len(small.cast.djs)


def test_lists_of_sets_link_to_their_pages(small: World) -> None:
    shown = [
        playlist.at(1) for playlist in site_playlists.of_world(small) if playlist.site == "1001tracklists"
    ]
    links = sources.discover(page(tracklists1001.listing("Newest", "/", shown)))
    assert [link.found.native_id for link in links] == [listed_set.native_id for listed_set in shown]
    assert [(link.identified, link.total) for link in links] == [
        (sum(row.state == "identified" for row in listed_set.rows), len(listed_set.rows))
        for listed_set in shown
    ]
    assert [link.title for link in links] == [listed_set.title for listed_set in shown]


def test_a_media_response_has_ids(small: World) -> None:
    track = small.catalogue.strobe
    url = f"https://www.1001tracklists.com/ajax/get_medialink.php?idObject=5&idItem={track.media_id}#sn00001"
    record = parse_tracklist(page(tracklists1001.media(track.media_id, track), url=url))
    ids = record["media"][0]["ids"]
    assert ids["spotify_id"] == tracklists1001.spotify_id(track)
    assert ids["beatport_id"].isdecimal()


def test_pages_that_replace_others_are_refused(small: World) -> None:
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
    inserted = json.loads(body[start:end])
    executed = body.replace('<div id="later"></div>', f'<div id="later">{inserted}</div>')
    assert len(parse_tracklist(page(executed.encode()))["rows"]) == len(shown.rows)


def first_shown(small: World) -> DemoSet:
    return next(t.at(1) for t in site_playlists.of_world(small) if t.site == "1001tracklists")
