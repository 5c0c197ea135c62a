"""Further shapes of answers, in small invented ones: lists, pages, XML, entities of other kinds."""

import json
from typing import Any

import pytest

from enrichment.providers import ALL

MBID = "cb2cc207-8125-445c-9ef9-6ea44eee959a"
SPOTIFY_ID = "0eGsygTp906u18L0Oimnem"
SPOTIFY_TRACK = {
    "type": "track",
    "id": SPOTIFY_ID,
    "name": "Song",
    "duration_ms": 200_000,
    "artists": [{"name": "A", "id": "a"}],
}
BEATPORT_TRACK = {"id": 1, "name": "Song", "mix_name": "Original Mix", "artists": [{"id": 2, "name": "A"}]}
LASTFM_TRACK = {"name": "Song", "artist": "A", "mbid": ""}


def titles(provider: str, answer: Any) -> list[str | None]:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return [
        track.candidate.name if track.candidate else None for track in ALL[provider].extract("", {}, body)
    ]


def artists(provider: str, answer: Any) -> list[str]:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return [artist.name for artist in ALL[provider].extract_artists("", {}, body)]


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("spotify", {"tracks": [None, SPOTIFY_TRACK], "seeds": []}),
        (
            "spotify",
            {"albums": [{"album_type": "single", "name": "S", "tracks": {"items": [SPOTIFY_TRACK]}}, None]},
        ),
        ("spotify", {"items": [{"added_at": "2020", "track": SPOTIFY_TRACK}, {"track": None}]}),
        ("beatport", [BEATPORT_TRACK]),
        (
            "beatport",
            {
                "results": [
                    BEATPORT_TRACK,
                    {"id": 9, "name": "EP", "artists": [], "track_count": 3, "upc": "1"},
                ]
            },
        ),
        ("lastfm", {"results": {"trackmatches": {"track": [LASTFM_TRACK]}}}),
        ("lastfm", {"tracks": {"track": LASTFM_TRACK, "@attr": {"page": "1"}}}),
        ("lastfm", {"recenttracks": {"track": [{"name": "Song", "artist": {"#text": "A", "mbid": ""}}]}}),
        (
            "discogs",
            {"id": 3, "main_release": 4, "title": "R", "tracklist": [{"title": "Song", "type_": "track"}]},
        ),
        ("musicbrainz", {"recordings": [{"id": MBID, "title": "Song"}], "recording-count": 1}),
        ("musicbrainz", {"recording": {"id": MBID, "title": "Song"}}),
        (
            "deezer",
            {"data": [{"id": 1, "title": "Song", "type": "track"}, {"id": 2, "title": "X", "type": "album"}]},
        ),
    ],
)
def test_lists_and_pages_of_tracks(provider: str, answer: Any) -> None:
    assert titles(provider, answer) == ["Song"]


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("spotify", {"artists": [{"type": "artist", "id": "a", "name": "A", "genres": ["house"]}, None]}),
        (
            "beatport",
            {"results": [{"id": 1, "name": "A", "url": "https://api.beatport.com/v4/catalog/artists/1/"}]},
        ),
        (
            "lastfm",
            {
                "results": {
                    "artistmatches": {"artist": [{"name": "A", "mbid": "", "url": "https://last.fm/A"}]}
                }
            },
        ),
        ("lastfm", {"similarartists": {"artist": [{"name": "A", "match": "1"}]}}),
        ("discogs", {"results": [{"type": "artist", "id": 1, "title": "A (2)"}]}),
        ("discogs", {"id": 1, "name": "A (2)", "profile": "[a=B] and [l=C]", "namevariations": ["AA", "A"]}),
        ("musicbrainz", {"artists": [{"id": MBID, "name": "A", "sort-name": "A", "score": 100}]}),
        ("deezer", {"id": 1, "name": "A", "nb_fan": 2, "type": "artist"}),
        ("reccobeats", {"content": [{"id": "r", "name": "A", "href": "https://open.spotify.com/artist/x"}]}),
    ],
)
def test_lists_and_profiles_of_artists(provider: str, answer: Any) -> None:
    assert artists(provider, answer) == ["A"]


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("discogs", {"id": 1, "name": "Label", "profile": "words", "sublabels": []}),
        ("discogs", {"id": 1, "name": "Label", "profile": "words", "contact_info": "words"}),
        ("musicbrainz", {"id": MBID, "name": "Label", "sort-name": "Label", "label-code": 540}),
        ("musicbrainz", {"id": MBID, "title": "Work", "iswcs": [], "language": "eng"}),
        (
            "beatport",
            {
                "id": 1,
                "name": "House",
                "slug": "house",
                "url": "https://api.beatport.com/v4/catalog/genres/1/",
            },
        ),
        ("spotify", {"genres": ["acoustic"]}),
    ],
)
def test_other_entities_are_neither(provider: str, answer: Any) -> None:
    assert titles(provider, answer) == artists(provider, answer) == []


def test_a_discogs_master_is_no_release() -> None:
    answer = {"id": 3, "main_release": 4, "title": "R", "tracklist": [{"title": "Song", "type_": "track"}]}
    (track,) = ALL["discogs"].extract("", {}, json.dumps(answer).encode())
    assert track.ids == {"discogs_master_id": "3"}


def test_discogs_profiles_lose_numbers_and_links() -> None:
    answer = {"id": 1, "name": "A (2)", "profile": "[a=B] and [l=C]", "namevariations": ["AA", "A"]}
    (artist,) = ALL["discogs"].extract_artists("", {}, json.dumps(answer).encode())
    assert (artist.aliases, artist.biography) == (("AA",), "B and C")


def test_the_analysis_of_a_track_has_seconds() -> None:
    answer = {"track": {"tempo": 98.0, "key": 5, "mode": 0, "loudness": -11.8, "duration": 255.3}, "bars": []}
    (track,) = ALL["spotify"].extract("", {}, json.dumps(answer).encode())
    assert (track.values["duration_ms"], track.values["key"].camelot) == (255_300, "4A")


NAMESPACES = 'xmlns="http://musicbrainz.org/ns/mmd-2.0#" xmlns:ext="http://musicbrainz.org/ns/ext#-2.0"'
METADATA = f"<metadata {NAMESPACES}>{{}}</metadata>"
RECORDING = f"""<recording id="{MBID}"><title>Song</title><length>200000</length>
<first-release-date>2014-06</first-release-date>
<artist-credit><name-credit joinphrase=" &amp; "><artist id="a1"><name>A</name></artist></name-credit>
<name-credit><name>Bee</name><artist id="b1"><name>B</name></artist></name-credit></artist-credit>
<isrc-list count="1"><isrc id="GBAHS1400099"/></isrc-list>
<genre-list><genre count="3" id="g"><name>techno</name></genre></genre-list>
<relation-list target-type="url"><relation type="streaming" type-id="t">
<target id="u1">https://open.spotify.com/track/{SPOTIFY_ID}</target></relation></relation-list></recording>"""


@pytest.mark.parametrize(
    "content",
    [
        RECORDING,
        f'<isrc id="GBAHS1400099"><recording-list count="1">{RECORDING}</recording-list></isrc>',
        f'<recording-list offset="0" count="1">{RECORDING}</recording-list>',
        f"""<release id="r1"><title>Album</title><medium-list count="1"><track-count>1</track-count><medium>
        <position>1</position><track-list offset="0" count="1"><track><length>1</length>{RECORDING}</track>
        </track-list></medium></medium-list></release>""",
    ],
    ids=["recording", "isrc", "search", "release"],
)
def test_musicbrainz_xml_has_the_content_of_its_json(content: str) -> None:
    (track,) = ALL["musicbrainz"].extract("", {}, METADATA.format(content).encode())
    assert track.candidate is not None
    assert (track.candidate.name, track.candidate.artists) == ("Song", ("A", "Bee"))
    assert (track.values["isrc"], track.values["duration_ms"]) == ("GBAHS1400099", 200_000)
    assert (track.values["release_date"][1], track.values["genres"]) == ("month", ("techno",))
    assert track.ids["spotify_id"] == SPOTIFY_ID
    assert track.artist_ids == {"A": "a1", "Bee": "b1"}


def test_musicbrainz_artists_in_xml() -> None:
    artist = f"""<artist id="{MBID}" type="Person"><name>A</name><sort-name>A</sort-name><country>GB</country>
    <alias-list count="2"><alias sort-name="AA">AA</alias><alias type="Search hint">aa</alias></alias-list>
    <relation-list target-type="url"><relation type="official homepage"><target>https://a.example/</target>
    </relation></relation-list></artist>"""
    for content in (artist, f'<artist-list count="1" offset="0">{artist}</artist-list>'):
        (profile,) = ALL["musicbrainz"].extract_artists("", {}, METADATA.format(content).encode())
        assert (profile.name, profile.country, profile.aliases) == ("A", "GB", ("AA",))
        assert profile.links == {"homepage": "https://a.example/"}
