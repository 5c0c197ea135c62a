"""The adapters and the local providers agree: requests are accepted, extraction returns the truth."""

from collections.abc import Sequence

import pytest

from demo.providers import Faults, Holdings, Providers, truth
from demo.providers.faults import FaultKind
from demo.providers.holdings import PROVIDERS, Holding, Provider
from demo.providers.recordings import Recording
from enrichment.providers import ALL
from enrichment.types import Call, ProviderTrack, join_items
from songnodes.domain.lines import read_line
from songnodes.domain.matching import RequestedTrack, decide
from tests.support.provider_client import ProviderClient

MATCHED = 150  # recordings whose search is matched, for each provider


@pytest.fixture
def client(providers: Providers) -> ProviderClient:
    return ProviderClient(providers)


def call(provider: str, operation: str, **parameters: str) -> Call:
    return Call(provider=provider, operation=operation, parameters=parameters)


def originals(holdings: Holdings, provider: Provider) -> list[Holding]:
    return [holding for holding in holdings.listed(provider) if holding.recording.kind == "played"]


#: Operation and parameter by which each provider answers with a recording, and the attribute with the id.
BY_ID: Sequence[tuple[Provider, str, str, str]] = (
    ("deezer", "track_by_id", "id", "deezer_id"),
    ("reccobeats", "tracks", "ids", "spotify_id"),
    ("reccobeats", "audio_features", "ids", "spotify_id"),
    ("musicbrainz", "recording_by_id", "id", "mbid"),
    ("listenbrainz", "recordings", "mbids", "mbid"),
    ("tidal", "tracks_by_id", "ids", "tidal_id"),
    ("beatport", "track_by_id", "id", "beatport_id"),
    ("spotify", "track_by_id", "id", "spotify_id"),
    ("discogs", "release_by_id", "id", "discogs_id"),
)


@pytest.mark.parametrize(("provider", "operation", "parameter", "attribute"), BY_ID)
def test_values_by_id_are_the_listed_ones(
    client: ProviderClient,
    holdings: Holdings,
    provider: Provider,
    operation: str,
    parameter: str,
    attribute: str,
) -> None:
    compared: set[str] = set()
    for holding in originals(holdings, provider)[:MATCHED]:
        if "restricted" in holding.traps and provider == "beatport":
            continue
        value = str(getattr(holding.recording, attribute))
        tracks = client.tracks(call(provider, operation, **{parameter: value}))
        assert len(tracks) == 1, (holding, tracks)
        compared |= compare(tracks[0], holding, holdings)
    gives = ALL[provider].operations[operation].gives & set(truth.GIVES)
    assert compared >= gives - {"isrc"}


def compare(track: ProviderTrack, holding: Holding, holdings: Holdings) -> set[str]:
    """Check the values of a track against its listing; return the fields that it has."""
    recording, values = holding.recording, track.values
    if "bpm" in values:
        assert holding.bpm is not None
        assert abs(values["bpm"] - holding.bpm) <= 0.5, holding
    if "key" in values:
        assert values["key"] == holding.key, holding
    if "isrc" in values:
        assert values["isrc"] == holding.isrc, holding
    if "duration_ms" in values:
        assert abs(values["duration_ms"] - recording.duration_ms) <= 1000, holding
    true = truth.of(holdings, recording.native_id)
    for field in ("spotify_id", "musicbrainz_id", "beatport_id"):
        if field in values:
            assert values[field] == true.values[field], holding
    return set(values)


BATCHES: Sequence[tuple[Provider, str, str, str]] = (
    ("reccobeats", "tracks", "ids", "isrc"),
    ("reccobeats", "audio_features", "ids", "spotify_id"),
    ("tidal", "tracks_by_isrc", "isrcs", "isrc"),
    ("tidal", "tracks_by_id", "ids", "tidal_id"),
    ("listenbrainz", "recordings", "mbids", "mbid"),
)


@pytest.mark.parametrize(("provider", "operation", "parameter", "attribute"), BATCHES)
def test_a_batch_is_cut_by_item_with_gaps(
    client: ProviderClient,
    holdings: Holdings,
    provider: Provider,
    operation: str,
    parameter: str,
    attribute: str,
) -> None:
    listed = [
        holding
        for holding in originals(holdings, provider)
        if holding.isrc and "shared_isrc" not in holding.traps
    ][:15]
    ids = {str(getattr(holding.recording, attribute)): holding for holding in listed}
    missing = {
        str(getattr(recording, attribute))
        for name, recording in holdings.played.items()
        if holdings.holding(provider, name) is None
    }
    items = join_items([*ids, *sorted(missing)[:4]])
    batch = call(provider, operation, **{parameter: items})
    parts = ALL[provider].split(batch, client.response(batch).body)
    assert parts.keys() == ids.keys()
    for item, body in parts.items():
        (track,) = ALL[provider].extract(operation, {parameter: item}, body)
        compare(track, ids[item], holdings)


def test_links_of_shops_lead_to_recordings(client: ProviderClient, holdings: Holdings) -> None:
    listed = {
        f"https://open.spotify.com/track/{holding.recording.spotify_id}": holding.recording
        for holding in originals(holdings, "musicbrainz")[:100]
    }
    for links in ([*listed], [*listed][:1]):
        batch = call("musicbrainz", "urls", resources=join_items(links))
        parts = ALL["musicbrainz"].split(batch, client.response(batch).body)
        for link, body in parts.items():
            (track,) = ALL["musicbrainz"].extract("urls", {}, body)
            assert track.ids["musicbrainz_id"] == listed[link].mbid
            assert track.ids["spotify_id"] == listed[link].spotify_id
        assert len(parts) == len(links)


def test_a_merged_id_is_followed(client: ProviderClient, holdings: Holdings) -> None:
    merged = next(holding for holding in originals(holdings, "musicbrainz") if "merged_mbid" in holding.traps)
    old = holdings.old_mbid(merged.recording)
    (track,) = client.tracks(call("musicbrainz", "recording_by_id", id=old))
    assert (track.merged_from, track.ids["musicbrainz_id"]) == (old, merged.recording.mbid)


SEARCHES: Sequence[tuple[Provider, str, str]] = (
    ("deezer", "deezer_id", "deezer_id"),
    ("musicbrainz", "musicbrainz_id", "mbid"),
    ("tidal", "tidal_id", "tidal_id"),
    ("beatport", "beatport_id", "beatport_id"),
    ("spotify", "spotify_id", "spotify_id"),
)


@pytest.mark.parametrize(("provider", "name", "attribute"), SEARCHES)
def test_a_search_and_the_gates_find_the_right_recording(
    client: ProviderClient, holdings: Holdings, provider: Provider, name: str, attribute: str
) -> None:
    """No match is of another version; nearly all that a provider lists are matched."""
    matched, total = 0, 0
    for recording in list(holdings.played.values())[:MATCHED]:
        tracks = client.tracks(call(provider, "search", artist=recording.credit, title=recording.full_title))
        if provider == "tidal":
            ids = join_items(track.ids["tidal_id"] for track in tracks)
            tracks = client.tracks(call(provider, "tracks_by_id", ids=ids)) if ids else ()
        candidates = [track.candidate for track in tracks if track.candidate and not track.mix_part]
        requested = RequestedTrack(line=read_line(line(recording)), duration_ms=recording.duration_ms)
        decision = decide(requested, candidates)
        listing = holdings.holding(provider, recording.native_id)
        total += listing is not None
        if decision.chosen and decision.scope == "recording":
            assert decision.chosen.candidate.ids[name] == str(getattr(recording, attribute)), decision
            matched += 1
    assert matched >= 0.93 * total, (matched, total)


def line(recording: Recording) -> str:
    feature = f" ft. {recording.featured}" if recording.featured else ""
    return f"{recording.credit}{feature} - {recording.full_title}"


def test_tags_and_names_are_found(client: ProviderClient, holdings: Holdings) -> None:
    for holding in [entry for entry in originals(holdings, "lastfm") if entry.genres][:40]:
        recording = holding.recording
        tags = call("lastfm", "track_tags", artist=recording.artists[0], title=recording.full_title)
        (track,) = client.tracks(tags)
        assert track.values["genres"][0] in truth.GENRES[recording.genre]
    names = {
        f"{holding.recording.credit}\n{holding.recording.title}": holding.recording
        for holding in originals(holdings, "listenbrainz")[:30]
        if holding.recording.version is None
    }
    lookup = call("listenbrainz", "lookup", names=join_items(names))
    parts = ALL["listenbrainz"].split(lookup, client.response(lookup).body)
    assert len(parts) >= 0.9 * len(names)


def test_a_restricted_track_is_a_miss(client: ProviderClient, holdings: Holdings) -> None:
    restricted = next(holding for holding in originals(holdings, "beatport") if "restricted" in holding.traps)
    by_id = call("beatport", "track_by_id", id=str(restricted.recording.beatport_id))
    assert client.classified(by_id).outcome == "miss"


PROBES: dict[Provider, Call] = {
    "deezer": call("deezer", "track_by_isrc", isrc="QZXXX0000000"),
    "reccobeats": call("reccobeats", "tracks", ids="QZXXX0000000"),
    "musicbrainz": call("musicbrainz", "recording_by_isrc", isrc="QZXXX0000000"),
    "listenbrainz": call("listenbrainz", "recordings", mbids="e97f805a-ab48-4c52-855e-07049142113d"),
    "tidal": call("tidal", "track_by_isrc", isrc="QZXXX0000000"),
    "beatport": call("beatport", "tracks_by_isrc", isrc="QZXXX0000000"),
    "spotify": call("spotify", "search_isrc", isrc="QZXXX0000000"),
    "lastfm": call("lastfm", "track_tags", artist="Nobody", title="Nothing"),
    "discogs": call("discogs", "release_by_id", id="1"),
}
OUTCOMES: dict[FaultKind, frozenset[str]] = {
    "limited": frozenset({"busy", "quota"}),
    "limited_until": frozenset({"busy", "quota"}),
    "limited_for_hours": frozenset({"busy", "quota"}),
    "quota": frozenset({"busy", "quota"}),
    "failing": frozenset({"busy"}),
    "error_body": frozenset({"busy", "broken"}),
    "html": frozenset({"broken"}),
    "forbidden": frozenset({"configuration"}),
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_unknown_track_is_a_miss(client: ProviderClient, provider: Provider) -> None:
    assert client.classified(PROBES[provider]).outcome == "miss"


@pytest.mark.parametrize("kind", OUTCOMES)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_fault_has_its_outcome(holdings: Holdings, provider: Provider, kind: FaultKind) -> None:
    providers = Providers(holdings)
    client = ProviderClient(providers)
    client.response(PROBES[provider])  # a token
    providers.faults[provider] = Faults(rates={kind: 1.0}, attempts=1000)
    classified = client.classified(PROBES[provider])
    assert classified.outcome in OUTCOMES[kind], classified
    if kind == "limited_for_hours" and provider not in ("deezer", "lastfm", "listenbrainz"):
        assert (classified.retry_after_s or 0) > 12 * 3600


def test_an_expired_token_asks_for_another(client: ProviderClient) -> None:
    client.response(PROBES["tidal"])
    client.providers.tidal.tokens.expire()
    assert client.classified(PROBES["tidal"]).token_expired


ARTIST_CALLS: Sequence[tuple[Provider, str, str]] = (
    ("deezer", "artist_by_id", "id"),
    ("reccobeats", "artists", "ids"),
    ("musicbrainz", "artist_by_id", "id"),
    ("listenbrainz", "artists", "mbids"),
    ("tidal", "artists_by_id", "ids"),
    ("beatport", "artist_by_id", "id"),
    ("spotify", "artist_by_id", "id"),
    ("discogs", "artist_by_id", "id"),
)


@pytest.mark.parametrize(("provider", "operation", "parameter"), ARTIST_CALLS)
def test_artists_of_tracks_have_profiles(
    client: ProviderClient, holdings: Holdings, provider: Provider, operation: str, parameter: str
) -> None:
    """The id that a track has for its artist leads to the artist."""
    by_id = {(entry[0], entry[1]): entry for entry in BY_ID}
    lookups = {"musicbrainz": "recording_by_id", "listenbrainz": "recordings", "tidal": "tracks_by_id"}
    lookup = lookups.get(provider) or ("release_by_id" if provider == "discogs" else "track_by_id")
    _, lookup, name, attribute = by_id[provider, "tracks" if provider == "reccobeats" else lookup]
    holding = next(entry for entry in originals(holdings, provider) if "missing_artist" not in entry.traps)
    (track,) = client.tracks(call(provider, lookup, **{name: str(getattr(holding.recording, attribute))}))
    for credited, artist_id in track.artist_ids.items():
        answer = client.response(call(provider, operation, **{parameter: artist_id}))
        artists = ALL[provider].extract_artists(operation, {parameter: artist_id}, answer.body)
        if credited in holding.recording.artists:
            assert [artist.name for artist in artists] == [credited]
    assert track.artist_ids or provider == "listenbrainz"


@pytest.mark.parametrize(
    ("provider", "operation"),
    [
        ("deezer", "artist_search"),
        ("musicbrainz", "artist_search"),
        ("lastfm", "artist_info"),
        ("lastfm", "artist_tags"),
        ("discogs", "artist_search"),
    ],
)
def test_artists_are_found_by_name(
    client: ProviderClient, holdings: Holdings, provider: Provider, operation: str
) -> None:
    for name in list(holdings.artists)[:30]:
        answer = client.response(call(provider, operation, artist=name))
        artists = ALL[provider].extract_artists(operation, {"artist": name}, answer.body)
        assert artists[0].name == name


def test_releases_have_labels(client: ProviderClient, holdings: Holdings) -> None:
    for provider, lookup, attribute in (
        ("beatport", "track_by_id", "beatport_id"),
        ("musicbrainz", "recording_by_id", "mbid"),
    ):
        holding = next(
            entry
            for entry in originals(holdings, provider)  # type: ignore[arg-type]
            if entry.label and not entry.traps
        )
        (track,) = client.tracks(call(provider, lookup, id=str(getattr(holding.recording, attribute))))
        release_id = track.ids[f"{provider}_release_id"]
        (released,) = client.tracks(call(provider, "release_by_id", id=release_id))
        assert released.values["label"] == holding.label


def test_spotify_ids_by_mbid(client: ProviderClient, holdings: Holdings) -> None:
    recording = originals(holdings, "listenbrainz")[0].recording
    (track,) = client.tracks(call("listenbrainz", "spotify_ids", mbids=recording.mbid))
    assert track.values["spotify_id"] == recording.spotify_id
