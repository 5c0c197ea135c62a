"""Artists of the catalogue, as the providers' artist answers need them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from demo.providers.recordings import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist:
    """An artist with the genres of all recordings, the most frequent first."""

    name: str
    genres: tuple[str, ...]
    recordings: int


def artists(recordings: Iterable[Recording]) -> dict[str, Artist]:
    """Return all artists of recordings by name."""
    genres: dict[str, Counter[str]] = {}
    for recording in recordings:
        for name in recording.artists:
            genres.setdefault(name, Counter())[recording.genre] += 1
    return {
        name: Artist(
            name=name,
            genres=tuple(sorted(counts, key=lambda genre: (-counts[genre], genre))),
            recordings=counts.total(),
        )
        for name, counts in genres.items()
    }


def by_id(people: Mapping[str, Artist], artist_id: Callable[[str], object]) -> dict[str, Artist]:
    """Return the artists by the text of their id at a provider."""
    return {str(artist_id(name)): artist for name, artist in people.items()}


def named(people: Mapping[str, Artist], name: str) -> list[Artist]:
    """Return the artists whose name has this text, ignoring case; the equal one first."""
    wanted = name.strip().strip('"').casefold()
    matches = [artist for artist in people.values() if wanted and wanted in artist.name.casefold()]
    return sorted(matches, key=lambda artist: (artist.name.casefold() != wanted, artist.name))
