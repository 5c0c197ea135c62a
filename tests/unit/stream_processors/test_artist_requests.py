"""Artists: requests for profiles, and the answers to them."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.domain import identity
from songnodes.domain.records import Attempt
from songnodes.settings import Settings
from tests.support import sample_records
from tests.support.in_process_stages import InProcessPipeline
from tests.support.provider_answers import (
    MBID,
    MUSICBRAINZ,
    RAJ,
    STROBE,
    archived,
    archived_for_artist,
    deezer,
    key_of,
    recording,
    track_id_of,
)
from tests.unit.stream_processors.test_artist_answers import DEADMAU5, artist, withdraw
from tests.unit.stream_processors.test_merge_answers import VOLATILE, answer, with_a_set

OTHER_MBID = "0d79fe8e-ba27-4859-bb8c-2f255f346853"
GROUP = {
    "type": "member of band",
    "direction": "forward",
    "target-type": "artist",
    "artist": {"name": "BSOD"},
}
PERSON = {
    **MUSICBRAINZ,
    "type": "Person",
    "life-span": {"begin": "1981-01-05", "end": None, "ended": False},
    "relations": [*MUSICBRAINZ["relations"], GROUP],
}
DISCOGS = {
    "id": 289522,
    "name": "Deadmau5",
    "profile": "Canadian producer.",
    "namevariations": ["Dead Mau5"],
    "aliases": [{"id": 1, "name": "Karma K"}],
    "groups": [{"id": 2, "name": "BSOD (2)"}],
    "uri": "https://www.discogs.com/artist/289522",
}
BIOGRAPHY = {"summary": 'A producer. <a href="https://www.last.fm/music/deadmau5">Read more on Last.fm</a>'}
LASTFM_PAGE = "https://www.last.fm/music/deadmau5"
LASTFM = {"artist": {"name": "deadmau5", "mbid": MBID, "url": LASTFM_PAGE, "bio": BIOGRAPHY}}


def credit(line: str = STROBE, mbid: str = MBID, seconds: int = 0) -> Attempt:
    """Return a recording of MusicBrainz that credits the artist with an id."""
    body = recording(
        title=line.partition(" - ")[2],
        **{"artist-credit": [{"name": "deadmau5", "artist": {"id": mbid, "name": "deadmau5"}}]},
    )
    parameters = {"id": body["id"]}
    track = track_id_of(line)
    return archived(
        track, "musicbrainz", "recording_by_id", body, parameters=parameters, text=line, seconds=seconds
    )


def musicbrainz(body: Any = PERSON, mbid: str = MBID, seconds: int = 10, name: str = "Deadmau5") -> Attempt:
    return archived_for_artist(
        name, "musicbrainz", "artist_by_id", body, parameters={"id": mbid}, seconds=seconds
    )


def discogs(body: Any = DISCOGS) -> Attempt:
    return archived_for_artist(
        "Deadmau5", "discogs", "artist_by_id", body, parameters={"id": "289522"}, seconds=11
    )


def lastfm(body: Any = LASTFM, mbid: str = MBID) -> Attempt:
    return archived_for_artist(
        "Deadmau5", "lastfm", "artist_info", body, parameters={"mbid": mbid}, seconds=12
    )


def requested(pipeline: InProcessPipeline) -> Any:
    return pipeline.live_records.get("enrichment.artist_requests", {}).get(DEADMAU5)


def test_an_artist_is_requested_once_a_credit_has_an_id() -> None:
    pipeline, _ = with_a_set()
    assert requested(pipeline) is None
    answer(pipeline, deezer(STROBE))  # no site with profiles
    assert requested(pipeline) is None
    answer(pipeline, credit())
    request = requested(pipeline)
    assert (request["artist_id"], request["track_id"]) == (DEADMAU5, "")
    assert request["known_ids"] == {"musicbrainz": MBID}
    withdraw(pipeline, credit())
    assert requested(pipeline) is None


def test_the_answers_to_a_request_do_not_change_it() -> None:
    pipeline, _ = with_a_set()
    answer(pipeline, credit())
    request = requested(pipeline)
    answer(pipeline, musicbrainz(), discogs(), lastfm())
    assert requested(pipeline) == request


def test_the_id_of_a_page_about_the_artist_is_requested() -> None:
    pipeline, _ = with_a_set()
    page = sample_records.profile(artist_id=DEADMAU5, name="deadmau5", ids={"discogs": "289522"})
    pipeline.publish("bronze.artists", DEADMAU5, page)
    pipeline.run()
    assert requested(pipeline)["known_ids"] == {"discogs": "289522"}


def test_profiles_fill_the_artist_and_name_their_sources() -> None:
    pipeline, _ = with_a_set()
    answer(pipeline, credit(), lastfm(), discogs(), musicbrainz())
    row = artist(pipeline)
    assert (row["country"], row["artist_type"], row["life_begin"]) == ("Canada", "person", "1981-01-05")
    assert (row["groups"], row["biography"]) == (["BSOD"], "A producer.")
    assert row["genres"] == ["progressive house"]
    assert {alias["text"] for alias in row["aliases"]} >= {"Joel Zimmerman", "Karma K", "Dead Mau5"}
    sources = row["value_sources"]
    assert (sources["aliases"], sources["groups"]) == ("musicbrainz,discogs", "musicbrainz")
    assert row["links"]["lastfm"] == LASTFM_PAGE
    assert (sources["aliases.Karma K"], sources["aliases.Joel Zimmerman"]) == ("discogs", "musicbrainz")
    assert (sources["life_begin"], sources["biography"], sources["ids.discogs"]) == (
        "musicbrainz",
        "lastfm",
        "musicbrainz",
    )
    assert "life_end" not in sources
    withdraw(pipeline, musicbrainz())
    row = artist(pipeline)
    assert (row["country"], row["artist_type"], row["life_begin"]) == (None, None, None)
    assert "Karma K" not in {alias["text"] for alias in row["aliases"]}  # its id came from the other profile


@pytest.mark.parametrize("text", ["artists: [discogs]", "artists: []"])
def test_the_file_of_the_operator_orders_the_providers(tmp_path: Path, text: str) -> None:
    path = tmp_path / "waterfall.yaml"
    path.write_text(text, "utf-8")
    pipeline, _ = with_a_set(settings=Settings(waterfall=path))
    answer(pipeline, credit(), discogs(), musicbrainz())
    assert artist(pipeline)["value_sources"]["aliases"] == "discogs,musicbrainz"


def test_two_artists_of_one_name_get_no_values() -> None:
    pipeline, _ = with_a_set(STROBE, RAJ)
    answer(pipeline, credit(STROBE), credit(RAJ, OTHER_MBID, seconds=1))
    assert set(requested(pipeline)["known_ids"]["musicbrainz"].split(",")) == {MBID, OTHER_MBID}
    answer(pipeline, musicbrainz(), musicbrainz({**PERSON, "id": OTHER_MBID}, OTHER_MBID, seconds=11))
    row = artist(pipeline)
    assert (row["country"], row["native_ids"], row["genres"]) == (None, [], [])
    assert row["id_conflicts"] == {"musicbrainz": sorted((MBID, OTHER_MBID))}


def test_an_id_that_was_merged_is_the_same_artist() -> None:
    pipeline, _ = with_a_set(STROBE, RAJ)
    answer(pipeline, credit(STROBE), credit(RAJ, OTHER_MBID, seconds=1))
    answer(pipeline, musicbrainz(), musicbrainz(PERSON, OTHER_MBID, seconds=11))
    row = artist(pipeline)
    assert (row["country"], row["id_conflicts"]) == ("Canada", {})
    assert f"musicbrainz:{MBID}" in row["native_ids"]


@pytest.mark.parametrize(
    "described",
    [
        {**PERSON, "name": "Somebody", "aliases": []},  # the id is that of another name
        {**PERSON, "id": OTHER_MBID, "name": "Deadmau5 Tribute"},
        {"error": "Not Found"},
    ],
)
def test_a_profile_without_the_name_lends_nothing(described: Any) -> None:
    pipeline, _ = with_a_set()
    answer(pipeline, credit(), musicbrainz(described))
    assert artist(pipeline)["country"] is None


def test_a_profile_counts_where_the_name_is_an_alias() -> None:
    pipeline, _ = with_a_set()
    described = {**PERSON, "name": "Joel Zimmerman", "aliases": [{"name": "deadmau5"}]}
    answer(pipeline, credit(), musicbrainz(described))
    assert artist(pipeline)["country"] == "Canada"
    alias = identity.artist_id("Joel Zimmerman")
    assert alias not in pipeline.live_records["silver.artists"]


@pytest.mark.parametrize("country", [None, "XW", "", 7])
def test_an_empty_country_stays_empty(country: Any) -> None:
    pipeline, _ = with_a_set()
    answer(pipeline, credit(), musicbrainz({**PERSON, "country": country, "area": None}))
    row = artist(pipeline)
    assert (row["country"], row["artist_type"]) == (None, "person")


def test_a_key_of_another_artist_is_a_dead_letter() -> None:
    pipeline, _ = with_a_set()
    record = musicbrainz()
    pipeline.publish("bronze.enrichments", f"other-1|artist|{record['attempt_id']}", record)
    pipeline.run()
    assert len(pipeline.dead_letters) == 1


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False), st.sets(st.integers(0, 5)))
def test_any_order_of_arrival_gives_the_same_artist(random: Random, withdrawn: set[int]) -> None:
    records = [
        *(credit(STROBE), credit(RAJ, OTHER_MBID, seconds=1)),
        *(musicbrainz(), musicbrainz(PERSON, OTHER_MBID, seconds=11), discogs(), lastfm()),
    ]
    page = sample_records.tracklist("abc", STROBE, RAJ)

    def run(order: list[int]) -> Any:
        pipeline = InProcessPipeline()
        pipeline.publish("bronze.tracklists", page["playlist_id"], page)
        for index in order:
            pipeline.publish("bronze.enrichments", key_of(records[index]), records[index])
            if random.random() < 0.3:
                pipeline.run()
        for index in withdrawn:
            pipeline.publish("bronze.enrichments", key_of(records[index]), None)
        pipeline.run()
        row = {name: value for name, value in artist(pipeline).items() if name not in VOLATILE}
        request = requested(pipeline)
        return row, request and request["known_ids"]

    order = list(range(len(records)))
    random.shuffle(order)
    assert run(order) == run(list(range(len(records))))
