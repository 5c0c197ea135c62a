"""The traps of each provider, in small invented answers."""

import json
from typing import Any

import pytest

from enrichment.providers import ALL
from enrichment.providers.mixes import is_mix_part
from enrichment.providers.reading import clock_ms, identifier, isrc, text
from enrichment.types import Call, ProviderTrack, join_items
from songnodes.domain.keys import Key

MBID = "cb2cc207-8125-445c-9ef9-6ea44eee959a"
SPOTIFY_ID = "0eGsygTp906u18L0Oimnem"


def extract(provider: str, answer: Any, **parameters: str) -> tuple[ProviderTrack, ...]:
    return ALL[provider].extract("", parameters, json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("title", "version", "album"),
    [
        ("Song [Mixed]", None, None),
        ("Song (Mixed)", None, "Album"),
        ("Song - Mixed", None, None),
        ("Song (Mix Cut)", None, None),
        ("Song (feat. A) [Mixed]", None, None),
        ("Night", "Continuous DJ Mix", None),
        ("Night (Continuous Mix)", None, None),
        ("Song", None, "Club 05 (DJ Mix)"),
        ("Song", None, "DJ-Mix 7"),
        ("Song", None, "Summer (Mixed by Somebody)"),
        ("Song", None, "Summer 2024 [Mixed]"),
        ("Song", None, "Night (Continuous Mix)"),
    ],
)
def test_parts_of_dj_mixes(title: str, version: str | None, album: str | None) -> None:
    assert is_mix_part(title, version, album)


@pytest.mark.parametrize(
    ("title", "version", "album"),
    [
        ("Song (Original Mix)", None, "Song"),
        ("Song", "Extended Mix", "Song (Extended Mix)"),
        ("Mixed Emotions", None, "Mixed Emotions"),
        ("Song (Unmixed)", None, "Summer (Unmixed)"),
        ("Song (DJ Somebody Remix)", None, None),
        ("Song (Club Mix)", None, "Remixed"),
        ("Remix", None, "The Remixes"),
    ],
)
def test_other_mixes_are_recordings(title: str, version: str | None, album: str | None) -> None:
    assert not is_mix_part(title, version, album)


def deezer_track(**changes: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "title": "Song (Radio Edit)",
        "title_short": "Song",
        "title_version": "(Radio Edit)",
        "isrc": "GB-AHS-14-00099",
        "duration": 200,
        "bpm": 123.4,
        "gain": -8.1,
        "release_date": "2014-06-20",
        "contributors": [{"id": 2, "name": "A"}, {"id": 3, "name": "B"}],
        "artist": {"id": 2, "name": "A"},
        "album": {"id": 4, "title": "Album"},
        "type": "track",
        **changes,
    }


def test_deezer_units_and_members_that_may_be_absent() -> None:
    (track,) = extract("deezer", deezer_track())
    assert (track.values["duration_ms"], track.values["bpm"], track.values["isrc"]) == (
        200_000,
        123.4,
        "GBAHS1400099",
    )
    assert "loudness" not in track.values  # gain is a correction
    assert track.candidate is not None
    assert (track.candidate.artists, track.candidate.artists_complete) == (("A", "B"), True)
    (bare,) = extract(
        "deezer", deezer_track(bpm=0, artist=None, contributors=None, release_date="0000-00-00")
    )
    assert {"bpm", "release_date"}.isdisjoint(bare.values)
    assert bare.candidate is not None
    assert bare.candidate.artists == ()
    row = {
        name: value for name, value in deezer_track().items() if name not in ("isrc", "bpm", "contributors")
    }
    (searched,) = extract("deezer", {"data": [row], "total": 1})
    assert searched.candidate is not None
    assert (searched.candidate.artists, searched.candidate.artists_complete) == (("A",), False)


def test_deezer_albums_lend_label_and_genres() -> None:
    album = {"id": 4, "title": "Album", "label": "L", "release_date": "2014-06-20", "nb_tracks": 1}
    genres = {"genres": {"data": [{"id": 1, "name": "Electro"}]}}
    (values,) = extract("deezer", {**album, **genres})
    assert (values.values["label"], values.values["genres"]) == ("L", ("electronic",))  # all of its kinds
    assert values.ids == {"deezer_album_id": "4"}
    listed = {**album, **genres, "tracks": {"data": [deezer_track(album=None)]}}
    (track,) = extract("deezer", listed)
    assert (track.values["label"], track.values["release_name"]) == ("L", "Album")


@pytest.mark.parametrize(
    ("key", "mode", "expected"),
    [
        (5, 0, Key(number=4, mode="minor")),
        (0, 1, Key(number=8, mode="major")),
        (-1, 1, None),
        (12, 1, None),
        (5, 2, None),
        (5, None, None),
        (None, 1, None),
        (5.5, 1, None),
        ("x", 1, None),
    ],
)
@pytest.mark.parametrize("provider", ["spotify", "reccobeats"])
def test_keys_of_features_need_a_known_pitch_and_mode(
    provider: str, key: Any, mode: Any, expected: Key | None
) -> None:
    href = f"https://open.spotify.com/track/{SPOTIFY_ID}"
    row = {
        "id": SPOTIFY_ID,
        "href": href,
        "danceability": 0.5,
        "energy": 1.5,
        "tempo": 0,
        "key": key,
        "mode": mode,
    }
    answer = row if provider == "spotify" else {"content": [row]}
    (track,) = extract(provider, answer)
    assert track.values.get("key") == expected
    assert {"energy", "bpm"}.isdisjoint(track.values)
    assert track.ids["spotify_id"] == SPOTIFY_ID


def test_reccobeats_parts_are_joined_by_id_in_any_order() -> None:
    rows = [
        {
            "id": "r2",
            "href": "https://open.spotify.com/track/two",
            "isrc": "GBAHS1400099",
            "trackTitle": "Two",
        },
        {"id": "r1", "href": "https://open.spotify.com/track/one?si=x", "isrc": None, "trackTitle": "One"},
    ]
    requested = ["one", "GBAHS1400099", "absent", "r2"]
    call = Call(provider="reccobeats", operation="tracks", parameters={"ids": join_items(requested)})
    parts = ALL["reccobeats"].split(call, json.dumps({"content": rows}).encode())
    titles = {
        item: track.candidate.name
        for item, part in parts.items()
        for track in ALL["reccobeats"].extract("", {}, part)
        if track.candidate
    }
    assert titles == {"one": "One", "GBAHS1400099": "Two", "r2": "Two"}


def tidal_document(**attributes: Any) -> dict[str, Any]:
    related = {
        "albums": {"data": [{"id": "10", "type": "albums"}]},
        "artists": {"data": [{"id": "20", "type": "artists"}, {"id": "21", "type": "artists"}]},
        "genres": {"data": [{"id": "30", "type": "genres"}]},
        "providers": {"data": [{"id": "40", "type": "providers"}]},
    }
    track = {
        "id": "1",
        "type": "tracks",
        "attributes": {
            "title": "Song",
            "version": "Extended Mix",
            "isrc": "GBAHS1400099",
            "duration": "PT1H2M3.5S",
            "bpm": 124.0,
            "key": "CSharp",
            "keyScale": "MINOR",
            **attributes,
        },
        "relationships": related,
    }
    included = [
        {"id": "10", "type": "albums", "attributes": {"title": "Album", "releaseDate": "2017-06-30"}},
        {"id": "21", "type": "artists", "attributes": {"name": "B"}},
        {"id": "20", "type": "artists", "attributes": {"name": "A"}},
        {"id": "30", "type": "genres", "attributes": {"genreName": "Techno"}},
        {"id": "40", "type": "providers", "attributes": {"name": "L"}},
    ]
    return {"data": [track], "included": included, "links": {}}


def test_tidal_documents_are_joined_with_what_they_include() -> None:
    (track,) = extract("tidal", tidal_document())
    assert track.candidate is not None
    assert (track.candidate.artists, track.candidate.mix_name) == (("A", "B"), "Extended Mix")
    assert track.artist_ids == {"A": "20", "B": "21"}
    assert track.values["duration_ms"] == 3_723_500
    assert track.values["key"] == Key(number=12, mode="minor")
    assert (track.values["label"], track.values["genres"], track.values["release_name"]) == (
        "L",
        ("techno",),
        "Album",
    )
    single = tidal_document()
    assert extract("tidal", {**single, "data": single["data"][0]}) == (track,)
    (bare,) = extract("tidal", {"data": tidal_document()["data"]})
    assert {"label", "genres", "release_name"}.isdisjoint(bare.values)


@pytest.mark.parametrize(
    ("key", "scale"),
    [("UNKNOWN", "UNKNOWN"), ("C", "DORIAN"), ("UNKNOWN", "MAJOR"), ("C", None), (None, "MINOR")],
)
def test_tidal_keys_without_a_place_on_the_wheel(key: str | None, scale: str | None) -> None:
    (track,) = extract("tidal", tidal_document(key=key, keyScale=scale))
    assert "key" not in track.values


def test_beatport_keys_whose_halves_differ_are_unknown() -> None:
    row = {
        "id": 1,
        "name": "Song",
        "mix_name": "Original Mix",
        "artists": [{"name": "A", "id": 2}],
        "bpm": 128,
    }
    agreeing = {"name": "A Minor", "camelot_number": 8, "camelot_letter": "A"}
    (track,) = extract("beatport", {**row, "key": agreeing})
    assert track.values["key"].camelot == "8A"
    (named,) = extract("beatport", {**row, "key": {"name": "A Minor"}})
    assert named.values["key"].camelot == "8A"
    (differing,) = extract("beatport", {**row, "key": {**agreeing, "camelot_letter": "B"}})
    assert "key" not in differing.values
    assert differing.candidate is not None
    assert differing.candidate.remixers is None  # absent is no evidence


def discogs_release(**changes: Any) -> dict[str, Any]:
    return {
        "id": 5,
        "title": "Release",
        "year": 2009,
        "released": "2009-10-00",
        "artists": [{"id": 194, "name": "Various"}],
        "labels": [{"name": "Label (3)", "catno": "X1"}],
        "genres": ["Electronic"],
        "styles": [],
        "formats": [{"name": "Vinyl", "descriptions": ['12"']}],
        "tracklist": [
            {"type_": "heading", "title": "Side A"},
            {
                "type_": "track",
                "title": "Song (Zed Remix)",
                "duration": "6:37",
                "artists": [{"id": 7, "name": "A (2)", "anv": ""}],
                "extraartists": [{"name": "Zed (4)", "role": "Remix"}, {"name": "Y", "role": "Vocals"}],
            },
        ],
        **changes,
    }


def test_discogs_names_styles_and_dates() -> None:
    (track,) = extract("discogs", discogs_release())
    assert track.candidate is not None
    assert (track.candidate.artists, track.candidate.remixers) == (("A",), ("Zed",))
    assert track.values["genres"] == ("electronic",)  # all there is
    assert (track.values["label"], track.values["duration_ms"]) == ("Label", 397_000)
    assert track.values["release_date"][1] == "month"
    (styled,) = extract("discogs", discogs_release(styles=["Electronic", "Tech House"]))
    assert styled.values["genres"] == ("tech house",)
    (unlabelled,) = extract("discogs", discogs_release(labels=[{"name": "Not On Label"}]))
    assert "label" not in unlabelled.values
    (mixed,) = extract("discogs", discogs_release(formats=[{"descriptions": ["Compilation", "Mixed"]}]))
    assert mixed.mix_part
    assert not mixed.values


def test_lastfm_answers_name_the_corrected_track() -> None:
    tags = {
        "tag": [{"name": "techno", "count": 100}, {"name": "2019", "count": 9}, {"name": "A", "count": 50}]
    }
    answer = {"toptags": {**tags, "@attr": {"artist": "A", "track": "Song"}}}
    (track,) = extract("lastfm", answer, artist="a", title="songg")
    assert track.candidate is not None
    assert (track.candidate.name, track.candidate.artists) == ("Song", ("A",))
    assert track.values["genres"] == ("techno",)


def test_listenbrainz_spotify_ids_and_names_are_candidates() -> None:
    row = {
        "recording_mbid": MBID,
        "artist_name": "A",
        "track_name": "Song",
        "spotify_track_ids": [SPOTIFY_ID],
    }
    (track,) = extract("listenbrainz", [row])
    assert track.ids == {"spotify_id": SPOTIFY_ID, "musicbrainz_id": MBID}
    assert extract("listenbrainz", [{**row, "spotify_track_ids": []}]) == ()
    lookup = {"recording_mbid": MBID, "recording_name": "Song", "artist_credit_name": "A feat. B", "index": 0}
    (named,) = extract("listenbrainz", [lookup, {"index": 1, "artist_name_arg": "X"}])
    assert named.candidate is not None
    assert named.candidate.read().credit == "A"


def test_musicbrainz_recordings_on_mixes_only() -> None:
    mix = {"id": "a", "title": "Night", "release-group": {"secondary-types": ["Compilation", "DJ-mix"]}}
    album = {
        "id": MBID,
        "title": "Album",
        "status": "Official",
        "date": "2011",
        "label-info": [{"label": None}],
    }
    recording = {"id": MBID, "title": "Song", "length": 200_000, "isrcs": ["GBAHS1400099"]}
    (mixed,) = extract("musicbrainz", {**recording, "releases": [mix]})
    assert mixed.mix_part
    assert not mixed.ids
    (whole,) = extract("musicbrainz", {**recording, "releases": [mix, album]})
    assert not whole.mix_part
    assert whole.values["release_name"] == "Album"
    assert whole.values["release_date"][1] == "year"


def test_of_several_isrcs_the_requested_one_counts() -> None:
    recording = {"id": MBID, "title": "Song", "isrcs": ["USUM71029604", "gbahs1400099"], "length": None}
    (track,) = extract(
        "musicbrainz", {"isrc": "GBAHS1400099", "recordings": [recording]}, isrc="GBAHS1400099"
    )
    assert track.values["isrc"] == "GBAHS1400099"
    (unrequested,) = extract("musicbrainz", {"recordings": [recording]})
    assert unrequested.values["isrc"] == "USUM71029604"


def test_readers_of_single_values() -> None:
    assert isrc("gb-ahs-14-00099") == "GBAHS1400099"
    assert isrc("GB AHS 14 00099") == "GBAHS1400099"
    assert isrc("GBAHS140009") is None
    assert [identifier(value) for value in (0, -1, True, 10**18, 5, " x ", "é", "")] == [None] * 4 + [
        "5",
        "x",
        None,
        None,
    ]
    assert text("a\0b\ud800") == "ab"
    assert text("A" * 5000) is None
    assert [clock_ms(value) for value in ("6:37", "1:02:03", "x", "6", "::", 7)] == [
        397_000,
        3_723_000,
        *[None] * 4,
    ]


def test_damaged_ids_of_listenbrainz_are_left_out() -> None:
    row = {
        "recording_mbid": MBID,
        "track_name": "Song",
        "artist_name": "A",
        "spotify_track_ids": ["4\u00e9", SPOTIFY_ID],
    }
    (track,) = extract("listenbrainz", [row])
    assert track.ids["spotify_id"] == SPOTIFY_ID
    entry = {"tag": {"recording": [{"tag": "techno", "genre_mbid": MBID, "count": 1}]}}
    tracks = extract("listenbrainz", {"\u001f": entry, MBID: entry})
    assert [track.ids["musicbrainz_id"] for track in tracks] == [MBID]
