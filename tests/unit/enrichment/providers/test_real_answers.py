"""Extraction from real answers: every stored file, and the values of some of them field by field."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from enrichment.providers import ALL
from enrichment.types import ProviderArtist, ProviderTrack
from songnodes.domain.keys import Key
from songnodes.domain.waterfall import read_value
from tests.support.real_data import real_folder

SAMPLED = ("spotify", "musicbrainz", "beatport", "lastfm", "discogs")
#: Answers without a track and an artist: misses, errors, lists of other things.
WITHOUT_CONTENT = frozenset(
    {
        *("beets-missing-request.json", "error-id-not-found.json", "genre-seeds.json"),
        *("harmony-search-upc-hit.json", "harmony-search-upc-miss.json"),
        *("recording-video.json", "release-group.json"),
        *("v4-catalog-tracks-empty.json", "artist-getinfo-unknown.json", "if-albumgetinfomissing.json"),
        *("if-getinfosuccess.json", "track-getsimilar-unknown.json"),
    }
)


def files() -> list[Path]:
    """Return all stored answers of the providers."""
    data = real_folder("shared_data")
    folders = [data / kind / name for kind in ("json", "xml") for name in SAMPLED]
    return sorted(file for folder in folders if folder.is_dir() for file in folder.iterdir())


def extract(path: Path, **parameters: str) -> tuple[ProviderTrack, ...]:
    return ALL[path.parent.name].extract("", parameters, path.read_bytes())


def extract_artists(path: Path, **parameters: str) -> tuple[ProviderArtist, ...]:
    return ALL[path.parent.name].extract_artists("", parameters, path.read_bytes())


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_answer_extracts(shared_data: Path, path: Path) -> None:
    tracks, artists = extract(path), extract_artists(path)
    assert bool(tracks or artists) == (path.name not in WITHOUT_CONTENT)
    for track in tracks:
        assert track.candidate is not None or track.ids or track.values
        for field, value in track.values.items():
            assert read_value(field, value) == value, field
        if track.candidate is not None:
            assert track.candidate.read().status in {
                "identified",
                "unidentified",
                "artist_only",
                "title_only",
            }


def track_of(shared_data: Path, name: str, title: str, **parameters: str) -> ProviderTrack:
    """Return the track of an answer with a title."""
    tracks = extract(shared_data / name, **parameters)
    return next(track for track in tracks if track.candidate and track.candidate.name == title)


def test_beatport_search_gives_every_field(shared_data: Path) -> None:
    track = track_of(
        shared_data, "json/beatport/v4-catalog-search-charlotte-de-witte.json", "Universal Nation"
    )
    assert track.values == {
        "beatport_id": "18482233",
        "isrc": "BE4JP2400001",
        "bpm": 137.0,
        "key": Key(number=5, mode="major"),
        "duration_ms": 452_317,
        "release_date": (date(2024, 1, 25), "day"),
        "release_name": "Universal Nation (Charlotte de Witte Rework)",
        "label": "Époque",
        "genres": ("tech trance", "trance"),
    }
    assert track.candidate is not None
    assert track.candidate.mix_name == "Charlotte de Witte Rework"
    assert track.candidate.artists == ("Push",)
    assert track.candidate.remixers == ("Charlotte de Witte",)
    assert track.ids == {"beatport_id": "18482233", "beatport_release_id": "4379051", "isrc": "BE4JP2400001"}
    assert track.artist_ids == {"Push": "599"}


def test_beatport_tracks_by_isrc_and_of_a_release(shared_data: Path) -> None:
    single = track_of(shared_data, "json/beatport/v4-catalog-tracks-search.json", "Elevate")
    assert (single.values["bpm"], single.values["key"].camelot) == (142.0, "9B")
    tempi = [
        (track.values["bpm"], track.values["key"].camelot)
        for track in extract(shared_data / "json/beatport/v4-release-1778814-tracks.json")
    ]
    assert tempi == [(123.0, "7A"), (85.0, "10A"), (120.0, "8A")]


def test_a_beatport_release_lends_its_label_to_the_tracks_it_names(shared_data: Path) -> None:
    tracks = extract(shared_data / "json/beatport/v4-release-1778814.json")
    assert {track.ids["beatport_id"] for track in tracks} == {"7996960", "7996959", "7996958"}
    assert {track.values["label"] for track in tracks} == {"Innervisions"}
    assert all(track.candidate is None for track in tracks)


def test_spotify_features_have_units_and_one_key(shared_data: Path) -> None:
    (track,) = extract(shared_data / "json/spotify/track-audio-features.json")
    assert track.candidate is None
    assert track.ids == {"spotify_id": "06AKEBrKUckW0KREUWRnvT"}
    assert track.values == {
        "bpm": 98.0,
        "key": Key(number=4, mode="minor"),
        "energy": 0.578,
        "danceability": 0.735,
        "valence": 0.624,
        "acousticness": 0.514,
        "instrumentalness": 0.0902,
        "liveness": 0.159,
        "speechiness": 0.0461,
        "loudness": -11.84,
        "duration_ms": 255_349,
    }


def test_spotify_track_search_and_null_entries(shared_data: Path) -> None:
    track = track_of(shared_data, "json/spotify/harmony-tracks-by-ids.json", "Die With A Smile")
    assert track.values == {
        "spotify_id": "2plbrEY59IikOBgBGLjaoe",
        "isrc": "USUM72409273",
        "duration_ms": 251_667,
        "release_date": (date(2024, 8, 16), "day"),
        "release_name": "Die With A Smile",
    }
    assert len(extract(shared_data / "json/spotify/search-track.json")) == 20
    assert len(extract(shared_data / "json/spotify/playlist.json")) == 30
    assert len(extract(shared_data / "json/spotify/zmb3-find-tracks-notfound.json")) == 1


def test_spotify_albums_date_their_tracks_unless_they_collect(shared_data: Path) -> None:
    old = track_of(shared_data, "json/spotify/album.json", "Money Changes Everything")
    assert old.values["release_date"] == (date(1983, 1, 1), "year")
    collected = track_of(
        shared_data, "json/spotify/harmony-album-32nryzA6XBCX9ZUspVc1yz.json", "Losing My Religion"
    )
    assert collected.values["label"] == "UME - Global Clearing House"
    assert collected.merged_from == "2PgUEovk43jcRT7xkRjXfa"
    assert "release_date" not in collected.values


def test_musicbrainz_recording(shared_data: Path) -> None:
    track = track_of(shared_data, "json/musicbrainz/recording.json", "Thinking Out Loud")
    assert track.values == {
        "musicbrainz_id": "cb2cc207-8125-445c-9ef9-6ea44eee959a",
        "isrc": "GBAHS1400099",
        "duration_ms": 281_000,
        "release_date": (date(2014, 6, 20), "day"),
        "genres": ("pop", "blue-eyed soul"),
    }
    assert track.artist_ids == {"Ed Sheeran": "b8a7c51f-362c-4dcb-a259-bc6e0095f0a6"}
    assert track.merged_from is None


def test_a_merged_mbid_is_remembered(shared_data: Path) -> None:
    requested = "00000000-0000-4000-8000-000000000001"
    path = "json/musicbrainz/recording.json"
    assert track_of(shared_data, path, "Thinking Out Loud", id=requested).merged_from == requested


def test_musicbrainz_release_gives_the_label(shared_data: Path) -> None:
    track = track_of(shared_data, "json/musicbrainz/release.json", "Speak to Me")
    assert (track.values["label"], track.values["release_name"]) == ("Harvest", "The Dark Side of the Moon")
    assert track.values["release_date"] == (date(1972, 2, 23), "day")
    (bare,) = extract(shared_data / "json/musicbrainz/release-5medias.json")
    assert bare.values["label"] == "EMI"
    assert bare.ids == {"musicbrainz_release_id": "f17a0f30-8eb1-4322-b54e-fb71edb78d7c"}


def test_musicbrainz_credits_links_and_missing_labels(shared_data: Path) -> None:
    guests = track_of(shared_data, "json/musicbrainz/recording-multi-artists-1.json", "1000 Nights")
    assert guests.candidate is not None
    assert guests.candidate.artists == ("Ed Sheeran", "Meek Mill", "A Boogie Wit da Hoodie")
    (linked,) = extract(shared_data / "json/musicbrainz/beets-official-release-with-isrcs.json")
    assert linked.ids["spotify_id"] == "782PTXsbAWB70ySDZ5NHmP"
    assert linked.values["isrc"] == "JPP302400868"
    assert "label" not in linked.values  # "[no label]"


def test_musicbrainz_search_in_xml(shared_data: Path) -> None:
    tracks = extract(shared_data / "xml/musicbrainz/search-recording.xml")
    assert len(tracks) == 25
    assert tracks[0].values == {
        "musicbrainz_id": "cb4d4d70-930c-4d1a-a157-776de18be66a",
        "duration_ms": 198_586,
        "release_date": (date(2006, 11, 3), "day"),
        "release_name": "Folly, Vice & Madness",
    }


def test_the_mixed_medium_of_a_release_lends_nothing(shared_data: Path) -> None:
    release = json.loads((shared_data / "json/musicbrainz/release-djmix.json").read_bytes())
    recording = {"id": "cb2cc207-8125-445c-9ef9-6ea44eee959a", "title": "Song", "length": 200_000}
    release["media"] = [{"position": place, "tracks": [{"recording": recording}]} for place in (1, 2)]
    whole, mixed = ALL["musicbrainz"].extract("", {}, json.dumps(release).encode())
    assert (whole.mix_part, mixed.mix_part) == (False, True)
    assert whole.ids
    assert (dict(mixed.ids), dict(mixed.values)) == ({}, {})


def test_artist_profiles(shared_data: Path) -> None:
    (person,) = extract_artists(shared_data / "json/musicbrainz/artist.json")
    assert (person.name, person.country) == ("Ed Sheeran", "GB")
    assert (person.artist_type, person.life_begin, person.life_end) == ("person", "1991-02-17", None)
    assert person.aliases == ("Ed Sheeran (en)", "Ed Sheeran (en_CA)")
    old = "00000000-0000-4000-8000-000000000001"
    (merged,) = extract_artists(shared_data / "json/musicbrainz/artist.json", id=old)
    assert (merged.merged_from, merged.ids["musicbrainz"]) == (old, "b8a7c51f-362c-4dcb-a259-bc6e0095f0a6")
    assert "Shearan" not in person.aliases  # a search hint
    (group,) = extract_artists(shared_data / "json/spotify/artist.json")
    assert (group.name, group.ids, len(group.genres)) == ("ABBA", {"spotify": "0LcJLqbBmaGUft1e9Mm8HV"}, 12)
    (band,) = extract_artists(shared_data / "json/lastfm/artist-getinfo.json")
    assert band.links == {"lastfm": "https://www.last.fm/music/U2"}
    assert band.biography is not None
    assert "<a" not in band.biography
    assert band.biography.startswith("U2 é uma") and len(band.biography) < 500  # the summary
    assert band.ids == {"lastfm_mbid": "a3cb23fc-acd3-4ce0-8f36-1e5aa6a18432"}
    assert [genre.name for genre in band.genres][:2] == ["rock", "classic rock"]


def test_lastfm_tags_lose_names_and_little_weights(shared_data: Path) -> None:
    path = shared_data / "json/lastfm/track-gettoptags-billie-jean.json"
    (track,) = extract(path, artist="Michael Jackson", title="Billie Jean")
    names = [genre.name for genre in track.genres]
    assert names == ["pop", "80s", "dance", "Disco", "funk", "king of pop"]
    assert track.genres[2].weight == 0.46


def test_lastfm_lengths_are_ms_in_a_track_and_seconds_in_an_album(shared_data: Path) -> None:
    roxanne = track_of(shared_data, "json/lastfm/track-getinfo-roxanne.json", "Roxanne")
    assert roxanne.values["duration_ms"] == 89_000
    assert roxanne.values["release_name"] == "The Very Best of Sting and The Police"
    believe = track_of(shared_data, "json/lastfm/album-getinfo.json", "Believe")
    assert believe.values["duration_ms"] == 238_000


def test_lastfm_mbids_are_hints(shared_data: Path) -> None:
    for track in extract(shared_data / "json/lastfm/artist-gettoptracks.json"):
        assert "musicbrainz_id" not in {**track.ids, **track.values}
        assert track.ids["lastfm_mbid"]


def test_discogs_release(shared_data: Path) -> None:
    track = track_of(shared_data, "json/discogs/release-1503102.json", "Never Gonna Give You Up (Cake Mix)")
    expected: Mapping[str, Any] = {
        "label": "RCA Victor",
        "release_name": "Never Gonna Give You Up",
        "release_date": (date(1987, 1, 1), "year"),
        "duration_ms": 348_000,
        "genres": ("synth pop",),  # its style Synth-pop; "Electronic" is its genre, and left out
    }
    assert track.values == expected
    assert track.ids == {"discogs_release_id": "1503102"}
    reissue = track_of(shared_data, "json/discogs/release-8604223.json", "Astronomy Domine")
    assert "release_date" not in reissue.values  # that of the reissue, 2016
