"""Expected values of every recording, by what the providers hold of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from demo.providers.holdings import Holding, Holdings, Provider
from demo.providers.recordings import Recording

Field = Literal["spotify_id", "isrc", "musicbrainz_id", "beatport_id", "bpm", "key", "genres"]
#: Names of a genre at any provider, in lower case. Broader ones are right too.
BROADER = frozenset({"electronic", "dance"})
GENRES: Mapping[str, frozenset[str]] = {
    "Progressive House": frozenset({"progressive house", "house"}),
    "Melodic House/Techno": frozenset(
        {
            "melodic house & techno",
            "melodic house/techno",
            "melodic house",
            "melodic techno",
            "progressive house",
        }
        | {"house", "techno"}
    ),
    "Techno": frozenset({"techno", "techno (peak time / driving)", "peak time techno"}),
    "Tech House": frozenset({"tech house", "house"}),
    "House": frozenset({"house"}),
    "Indie Dance": frozenset({"indie dance", "nu-disco", "nu disco", "disco"}),
    "Trance": frozenset({"trance", "trance (main floor)"}),
    "Drum & Bass": frozenset({"drum & bass", "drum and bass", "drum n bass", "dnb"}),
}
BY_ID_ONLY: Provider = "reccobeats"
#: Providers that have a field at all.
GIVES: Mapping[Field, tuple[Provider, ...]] = {
    "spotify_id": ("spotify", "reccobeats"),
    "isrc": ("spotify", "beatport", "tidal", "deezer", "musicbrainz"),
    "musicbrainz_id": ("musicbrainz", "listenbrainz"),
    "beatport_id": ("beatport",),
    "bpm": ("beatport", "tidal", "reccobeats", "deezer"),
    "key": ("beatport", "tidal", "reccobeats"),
    "genres": ("beatport", "tidal", "musicbrainz", "listenbrainz", "discogs", "lastfm"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackTruth:
    """The true values of a recording, and which providers hold them rightly.

    ReccoBeats has no search: a track is reached by an id that another provider has.
    """

    values: Mapping[Field, Any]
    holders: Mapping[Field, frozenset[Provider]]

    def expected(self, field: Field, providers: Collection[Provider]) -> bool:
        """Return True if one of these providers can be reached and holds the right value."""
        holders = self.holders[field].intersection(providers)
        return bool(holders - {BY_ID_ONLY}) or (bool(holders) and self._leads_to_ids(providers))

    def _leads_to_ids(self, providers: Collection[Provider]) -> bool:
        ids = self.holders["isrc"] | self.holders["spotify_id"]
        return bool(ids.intersection(providers) - {BY_ID_ONLY})

    def is_right(self, field: Field, value: Any) -> bool:
        """Return True for a right value: tempo within 0.5, all genres of the recording or broader."""
        true = self.values[field]
        if field == "bpm":
            return abs(float(value) - float(true)) <= 0.5
        if field == "genres":
            names = {str(name).casefold() for name in value}
            return bool(names) and names <= true | BROADER
        return bool(value == true)


def of(holdings: Holdings, native_id: str) -> TrackTruth:
    """Return the truth of a played recording."""
    recording = holdings.played[native_id]
    return TrackTruth(
        values=_values(recording),
        holders={
            field: frozenset(
                provider
                for provider in providers
                if (holding := holdings.holding(provider, native_id)) and _holds(holding, field)
            )
            for field, providers in GIVES.items()
        },
    )


def _values(recording: Recording) -> dict[Field, Any]:
    return {
        "spotify_id": recording.spotify_id,
        "isrc": recording.isrc,
        "musicbrainz_id": recording.mbid,
        "beatport_id": str(recording.beatport_id),
        "bpm": recording.bpm,
        "key": recording.key.camelot,
        "genres": GENRES[recording.genre],
    }


def _holds(holding: Holding, field: Field) -> bool:
    """Return True if a listing has the right value of a field."""
    recording = holding.recording
    match field:
        case "isrc":
            return holding.isrc == recording.isrc
        case "bpm":
            return holding.bpm is not None and abs(holding.bpm - recording.bpm) <= 0.5
        case "key":
            odd_scale = holding.provider == "tidal" and "unknown_scale" in holding.traps
            return holding.key == recording.key and not odd_scale
        case "genres":
            only_broad = holding.provider == "discogs" and "broad_style" in holding.traps
            return holding.genres and not only_broad
        case "musicbrainz_id":
            return holding.provider == "musicbrainz" or "merged_mbid" not in holding.traps
        case _:
            return True
