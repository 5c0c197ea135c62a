"""Answers in shapes that no stored one has: absent members, other types, null for a list, unknown errors."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from enrichment.providers import ALL
from enrichment.types import ProviderTrack, Response

NOW = datetime(2026, 11, 29, tzinfo=UTC)
MBID = "cb2cc207-8125-445c-9ef9-6ea44eee959a"
SPOTIFY_ID = "0eGsygTp906u18L0Oimnem"
ISRC = "GBTDG0900141"
LOOSE_ISRC = "gb-tdg-09-00141"
SEARCHES = {
    "deezer": "search",
    "reccobeats": "tracks",
    "musicbrainz": "search",
    "listenbrainz": "recordings",
    "tidal": "search",
    "beatport": "search",
    "spotify": "search",
    "lastfm": "track_info",
    "discogs": "search",
}


def tracks(provider: str, answer: Any) -> tuple[ProviderTrack, ...]:
    return ALL[provider].extract("", {}, json.dumps(answer).encode())


def outcome(provider: str, answer: Any) -> str:
    body = json.dumps(answer).encode()
    response = Response(status=200, headers={}, body=body, latency_ms=1, received=NOW)
    return ALL[provider].classify(SEARCHES[provider], response).outcome


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"status": 500, "message": "Server error"}},
        {"error": "internal error"},
        {"errors": [{"status": "500", "code": "INTERNAL", "detail": "x"}]},
        {"message": "An internal error", "code": 500},
        {"message": "Endpoint request timed out"},
        {"detail": "Internal server error."},
        {"timestamp": "2026", "status": 500, "error": "Internal Server Error", "path": "/v1/track"},
    ],
    ids=json.dumps,
)
def test_an_error_object_with_status_200_is_no_miss(provider: str, answer: Any) -> None:
    assert outcome(provider, answer) == "broken"


@pytest.mark.parametrize("provider", ALL)
@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"data": None, "total": 0, "error": None},
        {"results": None, "pagination": {"items": 0}},
        {"content": None},
        {"tracks": None},
        {"tracks": {"items": None}},
        {"recordings": None, "count": 0},
        {"errors": [], "data": [], "included": None},
    ],
    ids=json.dumps,
)
def test_null_in_place_of_a_list_is_an_answer_without_tracks(provider: str, answer: Any) -> None:
    assert outcome(provider, answer) == "miss"
    assert not tracks(provider, answer)


#: A track with its optional members null, or unknown in the words of the provider; and the loose ISRC.
SPARSE: dict[str, Any] = {
    "deezer": {
        "id": "3135556",
        "title": "Strobe",
        "isrc": LOOSE_ISRC,
        "bpm": 0,
        "duration": "0",
        "release_date": "0000-00-00",
        "contributors": None,
        "artist": {"name": "deadmau5", "id": None},
        "album": {"title": None, "release_date": "2009-09-22"},
    },
    "reccobeats": {
        "content": [
            {
                "id": "r",
                "trackTitle": "Strobe",
                "isrc": LOOSE_ISRC,
                "artists": [None, {"name": "deadmau5", "href": None}],
                "durationMs": None,
                "href": None,
            },
            None,
        ]
    },
    "musicbrainz": {
        "id": MBID,
        "title": "Strobe",
        "length": None,
        "video": None,
        "isrcs": [LOOSE_ISRC, None],
        "first-release-date": "0000",
        "artist-credit": [{"name": "deadmau5", "artist": None, "joinphrase": None}],
        "releases": [{"id": None, "title": None, "date": "2009-09-22", "media": None}],
        "genres": None,
        "tags": None,
    },
    "tidal": {
        "data": {
            "id": 77646168,
            "type": "tracks",
            "attributes": {
                "title": "Strobe",
                "version": None,
                "isrc": LOOSE_ISRC,
                "bpm": 0,
                "key": "UNKNOWN",
                "keyScale": "UNKNOWN",
                "duration": "PT0S",
            },
            "relationships": {
                "artists": {"data": [{"id": "1", "type": "artists"}]},
                "albums": {"data": [{"id": "2", "type": "albums"}]},
                "genres": {"data": None},
                "providers": None,
            },
        },
        "included": [
            {"id": "1", "type": "artists", "attributes": {"name": "deadmau5"}, "relationships": None},
            {"id": "2", "type": "albums", "attributes": {"title": None, "releaseDate": "2009-09-22"}},
            None,
        ],
    },
    "beatport": {
        "id": 1,
        "name": "Strobe",
        "mix_name": None,
        "artists": [{"id": None, "name": "deadmau5"}],
        "remixers": None,
        "isrc": LOOSE_ISRC,
        "bpm": 0,
        "key": {"id": -1, "name": None, "camelot_number": 0, "camelot_letter": None, "chord_type": None},
        "length_ms": 0,
        "length": "0:00",
        "new_release_date": "0000-00-00",
        "publish_date": "2009-09-22",
        "release": {"name": None, "label": None},
        "genre": None,
        "sub_genre": None,
    },
    "spotify": {
        "type": "track",
        "id": SPOTIFY_ID,
        "name": "Strobe",
        "duration_ms": 0,
        "external_ids": {"isrc": LOOSE_ISRC},
        "artists": [{"name": "deadmau5", "id": None}],
        "album": {"name": None, "release_date": "2009-09-22", "release_date_precision": None, "genres": None},
        "linked_from": None,
    },
}


@pytest.mark.parametrize("provider", SPARSE)
def test_unknown_members_are_left_out_and_the_others_are_kept(provider: str) -> None:
    (track,) = tracks(provider, SPARSE[provider])
    assert track.candidate is not None
    assert (track.candidate.name, track.candidate.artists) == ("Strobe", ("deadmau5",))
    assert track.ids["isrc"] == track.values["isrc"] == ISRC
    assert not {"bpm", "key", "duration_ms", "label", "genres", "release_name"} & track.values.keys()
    if provider != "reccobeats":  # it has no date
        assert track.values["release_date"] == (date(2009, 9, 22), "day")


def test_features_without_a_key_and_tempo_keep_the_others() -> None:
    features = {"id": SPOTIFY_ID, "href": None, "key": -1, "mode": None, "tempo": 0.0, "danceability": 0.5}
    for provider, answer in (
        ("spotify", {"audio_features": [None, {**features, "energy": 7}]}),
        ("reccobeats", {"content": [{**features, "loudness": "UNKNOWN"}]}),
    ):
        (track,) = tracks(provider, answer)
        assert dict(track.values) == {"danceability": 0.5}


def test_metadata_and_tags_with_unknown_members() -> None:
    entry = {
        "recording": {"length": 0, "rels": None},
        "release": {"name": None, "year": 0, "mbid": None},
        "tag": {"recording": None, "artist": None, "release_group": None},
        "artist": None,
    }
    (track,) = tracks("listenbrainz", {MBID: entry, "broken": None})
    assert dict(track.values) == {"musicbrainz_id": MBID}
    lastfm = {
        "track": {
            "name": "Strobe",
            "artist": {"name": "deadmau5", "mbid": None},
            "duration": "0",
            "album": None,
            "toptags": "\n",
        }
    }
    (track,) = tracks("lastfm", lastfm)
    assert track.candidate is not None and track.candidate.artists == ("deadmau5",)
    assert not track.values


def test_a_release_with_unknown_dates_and_labels() -> None:
    release = {
        "id": 7,
        "title": "Strobe",
        "released": "0",
        "year": 2009,
        "labels": None,
        "artists": [{"name": "deadmau5", "anv": "", "id": 1}],
        "formats": None,
        "extraartists": None,
        "tracklist": [
            {"title": "Strobe", "duration": "", "type_": "track", "extraartists": [{"role": None}]}
        ],
    }
    (track,) = tracks("discogs", release)
    assert track.values["release_date"] == (date(2009, 1, 1), "year")
    assert track.candidate is not None and track.candidate.remixers is None


@pytest.mark.parametrize("listed", [None, {"data": []}, {"data": None}, []])
def test_an_album_of_deezer_without_tracks_has_its_own_values(listed: Any) -> None:
    album = {"id": 2, "title": "Album", "label": "mau5trap", "release_date": "2009-09-22", "tracks": listed}
    (track,) = tracks("deezer", album)
    assert track.candidate is None and track.values["label"] == "mau5trap"
