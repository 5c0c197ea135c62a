"""Operations against the local servers of the demo: accepted, with the values of the catalogue."""

from datetime import date

import pytest

from demo.providers import Holdings, Providers
from demo.providers.faults import Faults
from demo.providers.holdings import Holding, Provider
from demo.world import world
from demo.world.sizes import SIZES
from enrichment.providers import ALL
from enrichment.types import ProviderTrack
from songnodes.domain.waterfall import read_value
from tests.support.local_providers import ask

AS_OF = date(2026, 11, 29)
ID_NAMES = {
    "mbid": "musicbrainz_id",
    "spotify_id": "spotify_id",
    "beatport_id": "beatport_id",
    "deezer_id": "deezer_id",
    "tidal_id": "tidal_id",
    "reccobeats_id": "reccobeats_id",
    "discogs_id": "discogs_release_id",
}


@pytest.fixture(scope="module")
def holdings() -> Holdings:
    return Holdings(world.make(SIZES["demo"], AS_OF))


@pytest.fixture
def servers(holdings: Holdings) -> Providers:
    return Providers(holdings)


def plain(holdings: Holdings, provider: Provider) -> Holding:
    """Return a holding of a played recording without traps, with its own ISRC."""
    return next(
        holding
        for holding in holdings.listed(provider)
        if holding.recording.kind == "played" and not holding.traps and not holding.recording.featured
        if provider in ("lastfm", "discogs") or holding.isrc == holding.recording.isrc
    )


def hit(
    servers: Providers, provider: Provider, operation: str, **parameters: str | list[str]
) -> tuple[ProviderTrack, ...]:
    """Return the tracks of a call that succeeds."""
    call, response = ask(servers, provider, operation, **parameters)
    classified = ALL[provider].classify(operation, response)
    assert classified.outcome == "hit", (classified, response)
    return ALL[provider].extract(operation, call.parameters, response.body)


#: Provider, operation, its parameter, and the member of a recording that is its value.
LOOKUPS: tuple[tuple[Provider, str, str, str], ...] = (
    ("deezer", "track_by_isrc", "isrc", "isrc"),
    ("deezer", "track_by_id", "id", "deezer_id"),
    ("reccobeats", "tracks", "ids", "isrc"),
    ("reccobeats", "tracks", "ids", "spotify_id"),
    ("musicbrainz", "recording_by_isrc", "isrc", "isrc"),
    ("musicbrainz", "recording_by_id", "id", "mbid"),
    ("tidal", "track_by_isrc", "isrc", "isrc"),
    ("tidal", "tracks_by_id", "ids", "tidal_id"),
    ("beatport", "track_by_id", "id", "beatport_id"),
    ("beatport", "tracks_by_isrc", "isrc", "isrc"),
    ("spotify", "track_by_id", "id", "spotify_id"),
    ("spotify", "search_isrc", "isrc", "isrc"),
)


@pytest.mark.parametrize(("provider", "operation", "parameter", "member"), LOOKUPS)
def test_a_lookup_gives_the_recording(
    servers: Providers, holdings: Holdings, provider: Provider, operation: str, parameter: str, member: str
) -> None:
    holding = plain(holdings, provider)
    recording = holding.recording
    tracks = hit(servers, provider, operation, **{parameter: str(getattr(recording, member))})
    own = {name: str(getattr(recording, attribute)) for attribute, name in ID_NAMES.items()}
    (track,) = [
        track for track in tracks if own.items() >= {n: v for n, v in track.ids.items() if n in own}.items()
    ]
    assert track.candidate is not None
    assert set(track.candidate.artists) == set(recording.artists)
    assert track.candidate.read().base_title.casefold().startswith(recording.title.casefold()[:6])
    if "duration_ms" in track.values:
        assert abs(track.values["duration_ms"] - recording.duration_ms) <= 1000
    if "isrc" in track.values:
        assert track.values["isrc"] == recording.isrc
    assert track.merged_from is None
    if holding.bpm and "bpm" in track.values:
        assert abs(track.values["bpm"] - holding.bpm) <= 0.5
    if holding.key and "key" in track.values:
        assert track.values["key"] == holding.key
    assert all(read_value(field, value) == value for field, value in track.values.items())


@pytest.mark.parametrize("provider", ["deezer", "musicbrainz", "beatport", "spotify"])
def test_a_search_gives_candidates(servers: Providers, holdings: Holdings, provider: Provider) -> None:
    recording = plain(holdings, provider).recording
    tracks = hit(servers, provider, "search", artist=recording.credit, title=recording.full_title)
    titles = [track.candidate.name for track in tracks if track.candidate]
    assert any(title.casefold().startswith(recording.title.casefold()[:5]) for title in titles)


@pytest.mark.parametrize(("provider", "name"), [("tidal", "tidal_id"), ("discogs", "discogs_release_id")])
def test_a_search_without_names_gives_references(
    servers: Providers, holdings: Holdings, provider: Provider, name: str
) -> None:
    recording = plain(holdings, provider).recording
    tracks = hit(servers, provider, "search", artist=recording.credit, title=recording.title)
    assert all(track.candidate is None and not track.values for track in tracks)
    member = "tidal_id" if provider == "tidal" else "discogs_id"
    assert str(getattr(recording, member)) in {track.ids[name] for track in tracks}


def test_features_are_joined_by_id(servers: Providers, holdings: Holdings) -> None:
    listed = [h for h in holdings.listed("reccobeats") if h.recording.kind == "played"][:40]
    requested = [holding.recording.spotify_id for holding in listed] + ["0" * 22]
    call, response = ask(servers, "reccobeats", "audio_features", ids=requested[:39] + requested[-1:])
    parts = ALL["reccobeats"].split(call, response.body)
    assert set(parts) == set(requested[:39])  # the unknown one is a gap
    for holding in listed[:39]:
        (track,) = ALL["reccobeats"].extract("audio_features", {}, parts[holding.recording.spotify_id])
        assert track.ids["spotify_id"] == holding.recording.spotify_id
        assert track.values["loudness"] == pytest.approx(holding.recording.loudness)
        assert track.values.get("key") == holding.key


def test_a_batch_of_isrcs_is_cut_per_isrc(servers: Providers, holdings: Holdings) -> None:
    isrcs = [h.isrc for h in holdings.listed("tidal") if h.isrc][:20]
    assert None not in isrcs
    call, response = ask(servers, "tidal", "tracks_by_isrc", isrcs=[isrc for isrc in isrcs if isrc])
    parts = ALL["tidal"].split(call, response.body)
    assert set(parts) == set(isrcs)
    for isrc, part in parts.items():
        for track in ALL["tidal"].extract("tracks_by_isrc", {}, part):
            if not track.mix_part:
                assert track.values["isrc"] == isrc
                assert track.candidate is not None
                assert track.candidate.artists


def test_links_are_mapped_to_recordings_in_one_request(servers: Providers, holdings: Holdings) -> None:
    listed = [h.recording for h in holdings.listed("musicbrainz") if h.recording.kind == "played"][:100]
    links = {f"https://open.spotify.com/track/{recording.spotify_id}": recording for recording in listed}
    call, response = ask(servers, "musicbrainz", "urls", resources=list(links))
    parts = ALL["musicbrainz"].split(call, response.body)
    assert set(parts) == set(links)
    for link, recording in links.items():
        (track,) = ALL["musicbrainz"].extract("urls", {}, parts[link])
        assert track.ids["musicbrainz_id"] == recording.mbid
        assert track.ids["spotify_id"] == recording.spotify_id
    single, alone = ask(servers, "musicbrainz", "urls", resources=list(links)[:1])
    assert set(ALL["musicbrainz"].split(single, alone.body)) == set(list(links)[:1])


def test_metadata_and_names_in_batches(servers: Providers, holdings: Holdings) -> None:
    listed = [h for h in holdings.listed("listenbrainz") if h.recording.kind == "played"][:50]
    mbids = [holding.recording.mbid for holding in listed]
    call, response = ask(servers, "listenbrainz", "recordings", mbids=mbids)
    parts = ALL["listenbrainz"].split(call, response.body)
    assert set(parts) == set(mbids)
    for mbid, part in parts.items():
        (track,) = ALL["listenbrainz"].extract("recordings", {}, part)
        assert track.ids["musicbrainz_id"] == mbid
        assert "release_name" in track.values
        assert "played by djs" not in track.values.get("genres", ())
    pairs = [f"{holding.recording.credit}\n{holding.recording.title}" for holding in listed]
    call, response = ask(servers, "listenbrainz", "lookup", names=pairs)
    assert set(ALL["listenbrainz"].split(call, response.body)) == set(pairs)


def test_a_merged_mbid_is_followed_and_remembered(servers: Providers, holdings: Holdings) -> None:
    merged = next(
        h for h in holdings.listed("musicbrainz") if "merged_mbid" in h.traps and h.recording.kind == "played"
    )
    old = holdings.old_mbid(merged.recording)
    (track,) = hit(servers, "musicbrainz", "recording_by_id", id=old)
    assert (track.ids["musicbrainz_id"], track.merged_from) == (merged.recording.mbid, old)


def test_mixed_twins_lend_no_value_but_genres(servers: Providers, holdings: Holdings) -> None:
    lookups: dict[Provider, tuple[str, str, str]] = {
        "deezer": ("track_by_id", "id", "deezer_id"),
        "tidal": ("tracks_by_id", "ids", "tidal_id"),
        "spotify": ("track_by_id", "id", "spotify_id"),
        "musicbrainz": ("recording_by_id", "id", "mbid"),
    }
    checked = 0
    for provider, (operation, parameter, member) in lookups.items():
        for holding in [h for h in holdings.listed(provider) if h.recording.kind == "mixed"][:5]:
            value = str(getattr(holding.recording, member))
            for track in hit(servers, provider, operation, **{parameter: value}):
                assert track.mix_part, (provider, track)
                assert not track.ids
                assert track.values.keys() <= {"genres"}
                assert track.candidate is not None
                assert (track.candidate.isrc, track.candidate.duration_ms, dict(track.candidate.ids)) == (
                    None,
                    None,
                    {},
                )
                checked += 1
    assert checked >= 4


def test_tags_and_styles(servers: Providers, holdings: Holdings) -> None:
    tagged = next(h for h in holdings.listed("lastfm") if h.genres and h.recording.kind == "played")
    recording = tagged.recording
    (track,) = hit(servers, "lastfm", "track_tags", artist=recording.artists[0], title=recording.full_title)
    assert track.values["genres"]
    styled = plain(holdings, "discogs").recording
    tracks = hit(servers, "discogs", "release_by_id", id=str(styled.discogs_id))
    assert all(track.ids["discogs_release_id"] == str(styled.discogs_id) for track in tracks)
    assert all("Electronic" not in track.values["genres"] for track in tracks)


@pytest.mark.parametrize("provider", [name for name in sorted(ALL) if not ALL[name].token_url])
def test_refused_access_is_a_matter_of_configuration(holdings: Holdings, provider: Provider) -> None:
    servers = Providers(holdings)
    servers.faults[provider] = Faults(forbidden=True)
    operation, parameters = ALL[provider].probe
    _, response = ask(servers, provider, operation, **parameters)
    assert ALL[provider].classify(operation, response).outcome == "configuration"


#: Provider, operation of a track, operation of its artists, and the parameter of that.
ARTISTS: tuple[tuple[Provider, str, str, str], ...] = (
    ("deezer", "track_by_id", "artist_by_id", "id"),
    ("reccobeats", "tracks", "artists", "ids"),
    ("musicbrainz", "recording_by_id", "artist_by_id", "id"),
    ("tidal", "tracks_by_id", "artists_by_id", "ids"),
    ("beatport", "track_by_id", "artist_by_id", "id"),
    ("spotify", "track_by_id", "artist_by_id", "id"),
    ("discogs", "release_by_id", "artist_by_id", "id"),
)


@pytest.mark.parametrize(("provider", "lookup", "operation", "parameter"), ARTISTS)
def test_the_artists_of_a_track_have_profiles(
    servers: Providers, holdings: Holdings, provider: Provider, lookup: str, operation: str, parameter: str
) -> None:
    recording = plain(holdings, provider).recording
    own_id = {"musicbrainz": "mbid", "reccobeats": "spotify_id"}.get(provider, f"{provider}_id")
    track_parameter = ALL[provider].operations[lookup].batch_parameter or "id"
    track = hit(servers, provider, lookup, **{track_parameter: str(getattr(recording, own_id))})[0]
    name, artist_id = next(iter(track.artist_ids.items()))
    assert name in recording.artists
    call, response = ask(servers, provider, operation, **{parameter: artist_id})
    assert ALL[provider].classify(operation, response).outcome == "hit"
    (artist,) = ALL[provider].extract_artists(operation, call.parameters, response.body)
    assert artist.name == name
    assert artist.ids[provider] == artist_id
    if ALL[provider].operations[operation].batch_parameter:
        assert set(ALL[provider].split(call, response.body)) == {artist_id}


def test_artists_by_name_and_by_mbid(servers: Providers, holdings: Holdings) -> None:
    name = plain(holdings, "lastfm").recording.artists[0]
    call, response = ask(servers, "lastfm", "artist_info", artist=name)
    assert [a.name for a in ALL["lastfm"].extract_artists("", call.parameters, response.body)] == [name]
    recording = plain(holdings, "musicbrainz").recording
    mbid = hit(servers, "musicbrainz", "recording_by_id", id=recording.mbid)[0].artist_ids[
        recording.artists[0]
    ]
    call, response = ask(servers, "listenbrainz", "artists", mbids=[mbid])
    assert set(ALL["listenbrainz"].split(call, response.body)) == {mbid}
    (artist,) = ALL["listenbrainz"].extract_artists("", call.parameters, response.body)
    assert (artist.name, artist.ids["musicbrainz"]) == (recording.artists[0], mbid)
