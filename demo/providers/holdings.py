"""The part of the recordings that each provider lists, with the traps of real catalogues.

Which recording has which trap follows from the seed. A trap of a value (tempo, key) is only set where a
provider with more weight has the right value, so that a correct choice is possible.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

from demo.providers import draws, people, recordings
from demo.providers.recordings import Recording
from demo.providers.search import Index
from demo.world.world import World
from songnodes.domain.keys import Key

Provider = Literal[
    "deezer",
    "reccobeats",
    "musicbrainz",
    "listenbrainz",
    "tidal",
    "beatport",
    "spotify",
    "lastfm",
    "discogs",
]
PROVIDERS: tuple[Provider, ...] = get_args(Provider)
Trap = Literal[
    "other_version_first",
    "shared_isrc",
    "mixed_twin",
    "extended_only",
    "half_tempo",
    "double_tempo",
    "conflicting_key",
    "unknown_key",
    "unknown_scale",
    "merged_mbid",
    "missing_artist",
    "restricted",
    "broad_style",
    "partial_date",
]
TRAPS: tuple[Trap, ...] = get_args(Trap)

#: Shares of the recordings that a provider lists. ReccoBeats: 74 to 85 % of tracks of 2010 to 2025, 19.8 %
#: of new ones (a user's count of August 2026); the others are chosen.
COVERAGE: Mapping[Provider, float] = {
    "deezer": 0.88,
    "reccobeats": 0.80,
    "musicbrainz": 0.60,
    "tidal": 0.85,
    "beatport": 0.88,
    "spotify": 0.90,
    "lastfm": 0.80,
    "discogs": 0.45,
}
FRESH_COVERAGE: Mapping[Provider, float] = {"reccobeats": 0.198, "discogs": 0.1, "lastfm": 0.3}
#: Shares of the recordings with a trap.
TRAP_RATES: Mapping[Trap, float] = {
    "other_version_first": 0.06,
    "shared_isrc": 0.03,
    "mixed_twin": 0.05,
    "extended_only": 0.03,
    "half_tempo": 0.03,
    "double_tempo": 0.015,
    "conflicting_key": 0.03,
    "unknown_key": 0.04,
    "unknown_scale": 0.03,
    "merged_mbid": 0.03,
    "missing_artist": 0.04,
    "restricted": 0.01,
    "broad_style": 0.2,
    "partial_date": 0.1,
}
#: Shares of a provider's listings that have a value at all.
FIELD_RATES: Mapping[tuple[Provider, str], float] = {
    ("deezer", "bpm"): 0.6,
    ("tidal", "bpm"): 0.7,
    ("tidal", "key"): 0.7,
    ("tidal", "genres"): 0.4,
    ("musicbrainz", "isrc"): 0.7,
    ("musicbrainz", "genres"): 0.5,
    ("musicbrainz", "label"): 0.8,
    ("lastfm", "genres"): 0.6,
}
#: Days: younger recordings have the coverage of fresh ones.
FRESH_DAYS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A recording as one provider lists it. None is a value that it does not have; `key_unknown` and
    `scale_unknown` are keys that it names UNKNOWN."""

    provider: Provider
    recording: Recording
    isrc: str | None
    bpm: float | None
    key: Key | None
    genres: bool = True
    label: str | None = None
    traps: frozenset[Trap] = frozenset()


class Holdings:
    """The listings of all providers over one world."""

    def __init__(self, world: World) -> None:
        self.seed = world.seed
        self.as_of = world.as_of
        self._strobe = world.catalogue.strobe.native_id
        self.played: dict[str, Recording] = {entry.native_id: entry for entry in recordings.played(world)}
        self._listed: dict[Provider, list[Holding]] = {provider: [] for provider in PROVIDERS}
        self._by_id: dict[tuple[Provider, str], Mapping[str, list[Holding]]] = {}
        for recording in self.played.values():
            for provider in PROVIDERS:
                self._listed[provider] += self._list(provider, recording)

    def listed(self, provider: Provider) -> list[Holding]:
        """Return all listings of a provider, in the order of its search results."""
        return self._listed[provider]

    @cached_property
    def artists(self) -> dict[str, people.Artist]:
        """Artists of the played recordings by name; all providers have all of them."""
        return people.artists(self.played.values())

    @cached_property
    def indexes(self) -> dict[Provider, Index[Holding]]:
        """Search indexes by provider."""
        return {
            provider: Index((holding.recording.words, holding) for holding in self._listed[provider])
            for provider in PROVIDERS
        }

    def holding(self, provider: Provider, native_id: str) -> Holding | None:
        """Return a provider's listing of a recording; None where it does not have it."""
        return self._by_recording[provider].get(native_id)

    def by(self, provider: Provider, attribute: str) -> Mapping[str, list[Holding]]:
        """Return the listings by the text of an id of their recording: "isrc", "spotify_id" ..."""
        if (provider, attribute) not in self._by_id:
            by_id: dict[str, list[Holding]] = defaultdict(list)
            for holding in self._listed[provider]:
                value = holding.isrc if attribute == "isrc" else getattr(holding.recording, attribute)
                if value is not None:
                    by_id[str(value)].append(holding)
            self._by_id[provider, attribute] = dict(by_id)
        return self._by_id[provider, attribute]

    def traps(self, native_id: str) -> frozenset[Trap]:
        """Return the traps of a recording; Strobe has none."""
        if native_id == self._strobe:
            return frozenset()
        return frozenset(
            trap for trap in TRAPS if draws.share(self.seed, "trap", trap, native_id) < TRAP_RATES[trap]
        )

    def with_trap(self, trap: Trap) -> list[Recording]:
        """Return the played recordings that have a trap."""
        return [entry for native_id, entry in self.played.items() if trap in self.traps(native_id)]

    def old_mbid(self, recording: Recording) -> str:
        """Return the MBID that was merged into that of a recording."""
        return draws.uuid(self.seed, "merged", recording.native_id)

    @cached_property
    def _by_recording(self) -> dict[Provider, dict[str, Holding]]:
        return {
            provider: {holding.recording.native_id: holding for holding in holdings}
            for provider, holdings in self._listed.items()
        }

    def _covered(self, provider: Provider, recording: Recording) -> bool:
        """Return True if a provider lists a recording. All have Strobe, which the query examples name."""
        if recording.native_id == self._strobe:
            return True
        fresh = (self.as_of - recording.release_date).days < FRESH_DAYS
        source: Provider = "musicbrainz" if provider == "listenbrainz" else provider
        rate = FRESH_COVERAGE.get(source, COVERAGE[source]) if fresh else COVERAGE[source]
        return draws.share(self.seed, "covered", source, recording.native_id) < rate

    def _list(self, provider: Provider, recording: Recording) -> Iterable[Holding]:
        """Yield a recording and its traps as a provider lists them."""
        if not self._covered(provider, recording):
            return
        traps = self.traps(recording.native_id)
        own = self._own(provider, recording, traps)
        if provider == "reccobeats":  # keyed by ids: no other version is reachable by a name
            yield own
            return
        if traps & {"other_version_first", "shared_isrc"}:
            remix = recordings.other_version(self.seed, recording)
            isrc = own.isrc if "shared_isrc" in traps else remix.isrc
            yield replace(own, recording=remix, isrc=isrc, bpm=remix.bpm, key=remix.key)
        if provider == "beatport" and "extended_only" in traps and recording.version is None:
            longer = recordings.extended(self.seed, recording)
            yield replace(own, recording=longer, isrc=longer.isrc)
        else:
            yield own
        if "mixed_twin" in traps and provider != "beatport" and recording.version is None:
            twin = recordings.mixed_twin(self.seed, recording)
            yield replace(own, recording=twin, isrc=twin.isrc)

    def _own(self, provider: Provider, recording: Recording, traps: frozenset[Trap]) -> Holding:
        seed, name = self.seed, recording.native_id
        source: Provider = "musicbrainz" if provider == "listenbrainz" else provider

        def has(field: str) -> bool:
            rate = FIELD_RATES.get((source, field), 1.0)
            return name == self._strobe or draws.share(seed, "has", source, field, name) < rate

        return Holding(
            provider=provider,
            recording=recording,
            isrc=recording.isrc if has("isrc") else None,
            bpm=self._tempo(provider, recording, traps) if has("bpm") else None,
            key=self._key(provider, recording, traps) if has("key") else None,
            genres=has("genres"),
            label=recording.label if has("label") else None,
            traps=traps,
        )

    def _better(self, recording: Recording, field: str, traps: frozenset[Trap]) -> bool:
        """Return True if a provider of more weight than those with traps has a right value."""
        if self._covered("beatport", recording) and "extended_only" not in traps:
            return True
        rate = FIELD_RATES["tidal", field]
        drawn = draws.share(self.seed, "has", "tidal", field, recording.native_id)
        return self._covered("tidal", recording) and drawn < rate and "unknown_scale" not in traps

    def _tempo(self, provider: Provider, recording: Recording, traps: frozenset[Trap]) -> float | None:
        if provider not in ("deezer", "reccobeats") or not self._better(recording, "bpm", traps):
            return recording.bpm
        if "half_tempo" in traps:
            return round(recording.bpm / 2, 2)
        return round(recording.bpm * 2, 2) if "double_tempo" in traps else recording.bpm

    def _key(self, provider: Provider, recording: Recording, traps: frozenset[Trap]) -> Key | None:
        if provider == "reccobeats":
            if "unknown_key" in traps:
                return None
            if "conflicting_key" in traps and self._better(recording, "key", traps):
                return recording.key.moved(1)
        if provider == "tidal" and "unknown_key" in traps:
            return None
        if provider == "beatport" and "unknown_key" in traps:
            return None
        return recording.key
