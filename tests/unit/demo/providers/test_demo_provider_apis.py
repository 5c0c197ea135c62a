"""The servers of the providers answer in their forms, and each trap is reachable by a request."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from demo.providers import Holdings, Providers, beatport, discogs, lastfm, listenbrainz
from demo.providers.holdings import Holding, Provider, Trap
from demo.providers.recordings import Recording
from tests.unit.demo.providers.requests import document, send, tidal_token

BEATPORT = f"Bearer {beatport.TOKEN}"
DISCOGS = f"Discogs token={discogs.TOKEN}"
LISTENBRAINZ = f"Token {listenbrainz.TOKEN}"


def listed(holdings: Holdings, provider: Provider, *traps: Trap, version: bool = False) -> Holding:
    """Return the first listing of a played recording with these traps, an original or a remix."""
    for name, recording in holdings.played.items():
        holding = holdings.holding(provider, name)
        if holding and holding.traps.issuperset(traps) and bool(recording.version) == version:
            return holding
    raise AssertionError(f"{provider} has no track with {traps}")


def words(recording: Recording) -> str:
    return quote(f"{recording.credit} {recording.title}")


def test_deezer_answers_by_isrc_id_and_search(providers: Providers, holdings: Holdings) -> None:
    recording = listed(holdings, "deezer").recording
    by_isrc = document(send(providers, "deezer", f"/2.0/track/isrc:{recording.isrc}"))
    by_id = document(send(providers, "deezer", f"/track/{recording.deezer_id}"))
    assert by_isrc == by_id
    assert (by_id["isrc"], by_id["title_short"]) == (recording.isrc, recording.title)
    rows = document(send(providers, "deezer", f"/search/track?q={words(recording)}"))["data"]
    assert recording.deezer_id in [row["id"] for row in rows]
    assert all("bpm" not in row and "isrc" not in row for row in rows)


def test_deezer_has_errors_with_status_200(providers: Providers) -> None:
    reply = send(providers, "deezer", "/track/isrc:QZXXX0000000")
    assert (reply.status, document(reply)["error"]["code"]) == (200, 800)


def test_deezer_finds_nothing_for_a_feature_in_brackets(providers: Providers, holdings: Holdings) -> None:
    recording = next(entry for entry in holdings.played.values() if entry.featured)
    query = quote(f"{recording.credit} {recording.title} (feat. {recording.featured})")
    assert document(send(providers, "deezer", f"/search?q={query}"))["data"] == []


def test_reccobeats_leaves_out_unknown_ids_in_an_order_of_its_own(
    providers: Providers, holdings: Holdings
) -> None:
    ids = [holding.recording.spotify_id for holding in holdings.listed("reccobeats")[:20]]
    query = "&".join(f"ids={item}" for item in [*ids, "0" * 22])
    content = document(send(providers, "reccobeats", f"/v1/audio-features?{query}"))["content"]
    returned = [row["href"].rpartition("/")[2] for row in content]
    assert sorted(returned) == sorted(ids)
    assert returned != ids
    joined = document(send(providers, "reccobeats", f"/v1/track?ids={','.join(ids)}"))["content"]
    assert len(joined) == len(ids)
    assert send(providers, "reccobeats", f"/v1/track?ids={','.join(ids * 3)}").status == 400


def test_reccobeats_has_unknown_keys(providers: Providers, holdings: Holdings) -> None:
    recording = listed(holdings, "reccobeats", "unknown_key").recording
    (row,) = document(send(providers, "reccobeats", f"/v1/audio-features?ids={recording.spotify_id}"))[
        "content"
    ]
    assert row["key"] == -1


def test_musicbrainz_redirects_a_merged_id(providers: Providers, holdings: Holdings) -> None:
    recording = listed(holdings, "musicbrainz", "merged_mbid").recording
    query = "?fmt=json&inc=artist-credits+genres"
    redirect = send(providers, "musicbrainz", f"/ws/2/recording/{holdings.old_mbid(recording)}{query}")
    assert (redirect.status, redirect.body) == (301, b"")
    answer = document(send(providers, "musicbrainz", redirect.headers["Location"] + query))
    assert answer["id"] == recording.mbid
    assert {"title", "length", "artist-credit", "genres"} <= answer.keys()


def test_musicbrainz_has_two_recordings_of_one_isrc(providers: Providers, holdings: Holdings) -> None:
    holding = next(
        holding
        for holdings_of_isrc in holdings.by("musicbrainz", "isrc").values()
        for holding in holdings_of_isrc
        if len(holdings_of_isrc) > 1 and holding.recording.kind == "played"
    )
    answer = document(
        send(providers, "musicbrainz", f"/ws/2/isrc/{holding.isrc}?fmt=json&inc=artist-credits")
    )
    assert len(answer["recordings"]) == 2
    assert answer["recordings"][0]["id"] != holding.recording.mbid  # the other version comes first


def test_musicbrainz_refuses_genres_by_isrc_and_agents_without_contact(
    providers: Providers, holdings: Holdings
) -> None:
    isrc = listed(holdings, "musicbrainz").isrc
    assert send(providers, "musicbrainz", f"/ws/2/isrc/{isrc}?fmt=json&inc=genres").status == 400


def test_musicbrainz_maps_links_of_shops(providers: Providers, holdings: Holdings) -> None:
    recordings = [holding.recording for holding in holdings.listed("musicbrainz")[:3]]
    links = [f"https://open.spotify.com/track/{entry.spotify_id}" for entry in recordings]
    query = "&".join(f"resource={quote(link)}" for link in [*links, "https://open.spotify.com/track/none"])
    answer = document(send(providers, "musicbrainz", f"/ws/2/url?fmt=json&inc=recording-rels&{query}"))
    mbids = {url["resource"]: url["relations"][0]["recording"]["id"] for url in answer["urls"]}
    assert mbids == {link: entry.mbid for link, entry in zip(links, recordings, strict=True)}


def test_musicbrainz_searches_by_fields(providers: Providers, holdings: Holdings) -> None:
    recording = listed(holdings, "musicbrainz").recording
    query = quote(f'recording:"{recording.title}" AND artist:"{recording.artists[0]}"')
    answer = document(send(providers, "musicbrainz", f"/ws/2/recording?fmt=json&query={query}"))
    assert recording.mbid in [row["id"] for row in answer["recordings"]]


def test_listenbrainz_lookup_cuts_versions_and_names_merged_ids(
    providers: Providers, holdings: Holdings
) -> None:
    recording = listed(holdings, "listenbrainz", "merged_mbid").recording
    rows = [{"artist_name": recording.credit, "recording_name": f"{recording.title} (Any Remix)"}]
    rows += [{"artist_name": "Nobody Here", "recording_name": "Nothing At All"}]
    answer = document(
        send(providers, "listenbrainz", "/1/metadata/lookup/", body={"recordings": rows}, token=LISTENBRAINZ)
    )
    assert [row["index"] for row in answer] == [0, 1]
    assert "recording_mbid" in answer[0]
    assert "recording_mbid" not in answer[1]


def test_listenbrainz_metadata_has_gaps(providers: Providers, holdings: Holdings) -> None:
    recording = listed(holdings, "listenbrainz").recording
    body = {"recording_mbids": [recording.mbid, "0" * 8], "inc": "artist tag release"}
    answer = document(
        send(providers, "listenbrainz", "/1/metadata/recording/", body=body, token=LISTENBRAINZ)
    )
    assert answer.keys() == {recording.mbid}
    assert answer[recording.mbid].keys() == {"artist", "recording", "release", "tag"}


def test_tidal_has_all_tracks_of_one_isrc_and_one_of_several(
    providers: Providers, holdings: Holdings
) -> None:
    token = tidal_token(providers)
    doubled = next(isrc for isrc, entries in holdings.by("tidal", "isrc").items() if len(entries) > 1)
    single = next(isrc for isrc, entries in holdings.by("tidal", "isrc").items() if len(entries) == 1)
    url = "/v2/tracks?countryCode=US&include=genres,providers&filter[isrc]="
    alone = document(send(providers, "tidal", url + doubled, token=token))
    assert [entry["attributes"]["isrc"] for entry in alone["data"]] == [doubled, doubled]
    both = document(send(providers, "tidal", f"{url}{doubled},{single}", token=token))
    assert sorted(entry["attributes"]["isrc"] for entry in both["data"]) == sorted([doubled, single])
    assert send(providers, "tidal", url + doubled.lower(), token=token).status == 400


def test_a_token_expires_in_the_middle(providers: Providers) -> None:
    token = tidal_token(providers, now=0.0)
    url = "/v2/searchResults?filter[query]=strobe&include=tracks&countryCode=US"
    assert send(providers, "tidal", url, token=token, now=3599).status == 200
    assert send(providers, "tidal", url, token=token, now=3600).status == 401
    assert send(providers, "tidal", url, token=tidal_token(providers, now=3600), now=3601).status == 200


def test_beatport_has_two_envelopes_and_restricted_tracks(providers: Providers, holdings: Holdings) -> None:
    recording = listed(holdings, "beatport").recording
    by_isrc = document(
        send(providers, "beatport", f"/v4/catalog/tracks/?isrc={recording.isrc}", token=BEATPORT)
    )
    assert [entry["id"] for entry in by_isrc["results"]] == [recording.beatport_id]
    search = document(
        send(providers, "beatport", f"/v4/catalog/search/?type=tracks&q={words(recording)}", token=BEATPORT)
    )
    assert recording.beatport_id in [entry["id"] for entry in search["tracks"]]
    restricted = next(entry for entry in holdings.listed("beatport") if "restricted" in entry.traps)
    url = f"/v4/catalog/tracks/{restricted.recording.beatport_id}/"
    assert send(providers, "beatport", url, token=BEATPORT).status == 403
    assert send(providers, "beatport", url).status == 401


def test_lastfm_has_no_track_as_an_error_with_status_200(providers: Providers) -> None:
    url = f"/2.0/?method=track.getTopTags&api_key={lastfm.API_KEY}&artist=Nobody&track=Nothing&format=json"
    reply = send(providers, "lastfm", url)
    assert (reply.status, document(reply)["error"]) == (200, 6)


def test_lastfm_has_tags_with_noise(providers: Providers, holdings: Holdings) -> None:
    recording = next(entry.recording for entry in holdings.listed("lastfm") if entry.genres)
    names = f"artist={quote(recording.artists[0])}&track={quote(recording.full_title)}"
    url = f"/2.0/?method=track.getTopTags&api_key={lastfm.API_KEY}&{names}&format=json"
    tags = [tag["name"] for tag in document(send(providers, "lastfm", url))["toptags"]["tag"]]
    assert "seen live" in tags
    assert "electronic" in tags


def test_discogs_has_releases_with_nothing_but_electronic(providers: Providers, holdings: Holdings) -> None:
    recording = listed(holdings, "discogs", "broad_style").recording
    search = document(send(providers, "discogs", f"/database/search?q={words(recording)}", token=DISCOGS))
    assert recording.discogs_id in [row["id"] for row in search["results"]]
    release = document(send(providers, "discogs", f"/releases/{recording.discogs_id}", token=DISCOGS))
    assert release["styles"] == ["Electronic"]
    assert release["labels"][0]["name"]


def _deezer(providers: Providers, recording: Recording) -> list[str]:
    rows = document(send(providers, "deezer", f"/search?q={words(recording)}"))["data"]
    return [str(row["id"]) for row in rows]


def _beatport(providers: Providers, recording: Recording) -> list[str]:
    url = f"/v4/catalog/search/?type=tracks&per_page=50&q={words(recording)}"
    return [str(row["id"]) for row in document(send(providers, "beatport", url, token=BEATPORT))["tracks"]]


def _musicbrainz(providers: Providers, recording: Recording) -> list[str]:
    url = f"/ws/2/recording?fmt=json&query={words(recording)}"
    return [str(row["id"]) for row in document(send(providers, "musicbrainz", url))["recordings"]]


def _tidal(providers: Providers, recording: Recording) -> list[str]:
    url = f"/v2/searchResults?include=tracks&countryCode=US&filter[query]={words(recording)}"
    answer = document(send(providers, "tidal", url, token=tidal_token(providers)))
    return [entry["id"] for entry in answer["data"][0]["relationships"]["tracks"]["data"]]


@pytest.mark.parametrize(
    ("provider", "attribute", "search"),
    [
        ("deezer", "deezer_id", _deezer),
        ("beatport", "beatport_id", _beatport),
        ("musicbrainz", "mbid", _musicbrainz),
        ("tidal", "tidal_id", _tidal),
    ],
)
def test_another_version_comes_first(
    providers: Providers,
    holdings: Holdings,
    provider: Provider,
    attribute: str,
    search: Callable[[Providers, Recording], list[str]],
) -> None:
    recording = listed(holdings, provider, "other_version_first").recording
    ids = search(providers, recording)
    remix = next(
        holding.recording
        for holding in holdings.listed(provider)
        if holding.recording.native_id == f"{recording.native_id}/other"
    )
    assert ids.index(str(getattr(remix, attribute))) < ids.index(str(getattr(recording, attribute)))


@pytest.mark.parametrize("provider", ["deezer", "musicbrainz", "tidal", "spotify"])
def test_mixed_twins_have_ids_of_their_own(holdings: Holdings, provider: Provider) -> None:
    twins = [holding for holding in holdings.listed(provider) if holding.recording.kind == "mixed"]
    assert twins
    for twin in twins:
        original = holdings.played[twin.recording.native_id.partition("/")[0]]
        assert twin.recording.isrc != original.isrc
        assert original.duration_ms - twin.recording.duration_ms == 12_400
