"""Artists of the catalogue, as the providers' artist answers need them, with traps.

Some have a namesake at MusicBrainz, to which it credits a part of the recordings; some had another MBID,
which is redirected and which a part of the recordings still has; aliases may be the name of another artist; a
country may be absent or "XW", which is worldwide.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from demo.providers import draws
from demo.providers.recordings import Recording

NAMESAKE_SHARE = 0.05
MERGED_SHARE = 0.08
#: Codes as MusicBrainz has them, and the names that the pipeline shows.
COUNTRIES: Mapping[str, str] = {
    "GB": "United Kingdom",
    "DE": "Germany",
    "NL": "Netherlands",
    "US": "United States of America",
    "SE": "Sweden",
    "FR": "France",
    "BE": "Belgium",
    "JP": "Japan",
}
WORLDWIDE = "XW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist:
    """An artist with the genres of all recordings, the most frequent first."""

    name: str
    genres: tuple[str, ...]
    recordings: int
    aliases: tuple[str, ...] = ()

    @property
    def mbid(self) -> str:
        """Return the current id at MusicBrainz."""
        return draws.uuid("artist", self.name)

    @property
    def discogs_id(self) -> int:
        """Return the id at Discogs."""
        return discogs_id(self.name)

    @property
    def biography(self) -> str:
        """Return the text that Last.fm has."""
        return f"{self.name} makes invented records."

    @property
    def country(self) -> str | None:
        """Return a code; None where no provider knows the country."""
        if draws.share("no country", self.name) < 0.2:
            return draws.choice((None, WORLDWIDE), "country", self.name)
        return draws.choice(tuple(COUNTRIES), "country", self.name)

    @property
    def is_group(self) -> bool:
        """Return True for a group, False for a person."""
        return draws.share("group", self.name) < 0.25

    @property
    def begin(self) -> str:
        """Return the year of the birth or foundation."""
        return str(draws.number(1960, 2004, "begin", self.name))

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the groups of a person."""
        has_group = not self.is_group and draws.share("member", self.name) < 0.15
        return (f"{self.name.split()[0]} Collective",) if has_group else ()

    @property
    def namesake_mbid(self) -> str | None:
        """Return the id of another artist of this name; None without one."""
        has_namesake = draws.share("namesake", self.name) < NAMESAKE_SHARE
        return draws.uuid("namesake", self.name) if has_namesake else None

    @property
    def old_mbid(self) -> str | None:
        """Return the id that was merged into the current one; None without one."""
        was_merged = draws.share("merged artist", self.name) < MERGED_SHARE
        return draws.uuid("old artist", self.name) if was_merged and not self.namesake_mbid else None


def artists(recordings: Iterable[Recording]) -> dict[str, Artist]:
    """Return all artists of recordings by name."""
    genres: dict[str, Counter[str]] = {}
    for recording in recordings:
        for name in recording.artists:
            genres.setdefault(name, Counter())[recording.genre] += 1
    names = sorted(genres)
    return {
        name: Artist(
            name=name,
            genres=tuple(sorted(counts, key=lambda genre: (-counts[genre], genre))),
            recordings=counts.total(),
            aliases=tuple(_aliases(name, names)),
        )
        for name, counts in genres.items()
    }


def _aliases(name: str, names: list[str]) -> Iterator[str]:
    """Yield other names of an artist; one of a few is the name of another artist."""
    if draws.share("alias", name) < 0.3:
        yield f"{name} {draws.choice(('Live', 'DJ Set', 'Sound'), 'alias', name)}"
    if draws.share("foreign alias", name) < 0.05:
        alias = draws.choice(names, "foreign alias", name)
        if alias != name:
            yield alias


def discogs_id(name: str) -> int:
    """Return the id of a name at Discogs."""
    return draws.number(1, 12_000_000, "discogs artist", name)


def credited_mbid(name: str, recording: Recording) -> str:
    """Return the id with which MusicBrainz credits an artist on a recording."""
    artist = Artist(name=name, genres=(), recordings=0)
    wrong = artist.namesake_mbid or artist.old_mbid
    return wrong if wrong and draws.share("credited", name, recording.native_id) < 0.5 else artist.mbid


def by_id(people: Mapping[str, Artist], artist_id: Callable[[str], object]) -> dict[str, Artist]:
    """Return the artists by the text of their id at a provider."""
    return {str(artist_id(name)): artist for name, artist in people.items()}


def named(people: Mapping[str, Artist], name: str) -> list[Artist]:
    """Return the artists whose name has this text, ignoring case; the equal one first."""
    wanted = name.strip().strip('"').casefold()
    matches = [artist for artist in people.values() if wanted and wanted in artist.name.casefold()]
    return sorted(matches, key=lambda artist: (artist.name.casefold() != wanted, artist.name))
