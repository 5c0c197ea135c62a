"""Records of all inputs of silver: changing pages, sets with answers, a page about an artist, two events."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from songnodes.domain import identity
from tests.support import changing_pages, sample_records
from tests.support.provider_answers import (
    MBID,
    MUSICBRAINZ,
    RAJ,
    STROBE,
    archived_for_artist,
    deezer,
    key_of,
    musicbrainz,
    track_id_of,
)

PAGES, SAVINGS = 6, 4
DECIDED_AT = datetime(2026, 2, 1, tzinfo=UTC)
DEADMAU5 = identity.artist_id("Deadmau5")

PERSON = {**MUSICBRAINZ, "type": "Person", "life-span": {"begin": "1981-01-05", "end": None, "ended": False}}

Publication = tuple[str, str, Mapping[str, Any] | None]
"""Topic, key and value."""


def pages(saving: int) -> Iterator[Publication]:
    """Yield one saving of all pages, the first one is 0."""
    world = changing_pages.make(11, pages=PAGES, savings=SAVINGS)
    for page in world.pages[saving * PAGES : (saving + 1) * PAGES]:
        yield "bronze.pages", page["page_id"], page


def others(saving: int) -> Iterator[Publication]:
    """Yield sets with answers of providers, a page about an artist, and events, with changes per saving."""
    day = DECIDED_AT + timedelta(days=saving)
    for native_id, lines in (("abc", (STROBE, RAJ)), ("def", (STROBE,) if saving % 2 else (RAJ,))):
        page_of_set = sample_records.tracklist(native_id, *lines, observed_at=day)
        yield "bronze.tracklists", page_of_set["playlist_id"], page_of_set
    profile = archived_for_artist(
        "Deadmau5", "musicbrainz", "artist_by_id", PERSON, parameters={"id": MBID}, seconds=10 + saving
    )
    for answer in (deezer(STROBE, seconds=saving), deezer(RAJ), *musicbrainz(), profile):
        yield "bronze.enrichments", key_of(answer), answer
    yield "bronze.artists", DEADMAU5, sample_records.profile(DEADMAU5, observed_at=day)
    for event in (sample_records.event(), sample_records.event("ra:2", observed_at=day)):
        yield "bronze.events", event["ra_event_id"], event


def overrides(number: int) -> Iterator[Publication]:
    """Yield overrides that are withdrawn and set again, and the withdrawal of an answer."""
    at = DECIDED_AT + timedelta(days=number)
    for track_id in map(track_id_of, (STROBE, RAJ)):
        for value in ('"Label A"', None, '"Label B"')[: number + 1]:
            decided = changing_pages.override(track_id, "label", value, at)
            yield "bronze.decisions", track_id, decided
    yield "bronze.enrichments", key_of(deezer(RAJ)), None
