"""Values for artists in one archived answer. Pure.

Of an answer about a track, names decide: an artist of the answer is one of the track's artists if their
normal forms are equal. Of an answer to a request for an artist, the requested id and the name do.
"""

from collections.abc import Iterator

from enrichment.types import Provider, ProviderArtist, ProviderTrack
from songnodes.domain.artist_answers import CREDIT, PROFILE, LentValues
from songnodes.domain.credits import over_split
from songnodes.domain.genres import map_genres
from songnodes.domain.identity import artist_id
from songnodes.domain.lines import Line
from songnodes.domain.records import Attempt
from songnodes.domain.text import norm_v1

#: Artists of one answer.
MAX_ARTISTS = 16
MAX_TEXTS = 20  # aliases, links and ids of one artist
MAX_TEXT = 300  # characters
MAX_BIOGRAPHY = 2_000
#: Providers whose texts may be stored: users of Last.fm publish theirs under CC BY-SA, with the link that is
#: kept beside it. Of others only the link is kept.
LICENSED = frozenset({"lastfm"})


def artists_of(line: Line) -> frozenset[str]:
    """Return the normal forms of all names that a line credits, joint credits whole and split."""
    credits = (line.credit, *line.artists, *line.featured, *line.version_artists)
    names = {name for credit in credits for name in (norm_v1(credit), *over_split(credit))}
    return frozenset(filter(None, names))


def of_track(track: ProviderTrack, artists: frozenset[str]) -> Iterator[LentValues]:
    """Yield the ids that a matched track has for the artists of the requested one."""
    for name, native_id in sorted(track.artist_ids.items())[:MAX_ARTISTS]:
        if norm_v1(name) in artists and _is_id(native_id):
            yield _values(CREDIT, native_id, name)


def of_profiles(attempt: Attempt, provider: Provider, artists: frozenset[str]) -> Iterator[LentValues]:
    """Yield the descriptions of the requested track's artists in an answer about artists."""
    body = attempt["body"] or b""
    described = provider.extract_artists(attempt["operation"], attempt["parameters"], body)
    for artist in described[:MAX_ARTISTS]:
        if norm_v1(artist.name) in artists:
            yield _profile(artist)


def of_request(attempt: Attempt, provider: Provider) -> tuple[ProviderArtist | None, str]:
    """Return the requested artist of an answer; None with the reason for an answer about another one.

    The artist has the requested id, or the one that replaced it, and the name is its own or an alias: a
    provider may have credited the id of another artist.
    """
    described = provider.extract_artists(attempt["operation"], attempt["parameters"], attempt["body"] or b"")
    requested = set(attempt["parameters"].values())
    artist = next((artist for artist in described if not requested.isdisjoint(_own_ids(artist))), None)
    if artist is None:
        return None, "about another id" if described else "no artist in the answer"
    if attempt["artist_id"] not in [artist_id(name) for name in (artist.name, *artist.aliases)]:
        return None, f"about {artist.name[:80]}, which lacks the name"
    return artist, ""


def _own_ids(artist: ProviderArtist) -> set[str]:
    """Return the ids by which an artist may have been requested."""
    own = (artist.ids.get(artist.provider), artist.ids.get(f"{artist.provider}_mbid"), artist.merged_from)
    return {text for text in own if text}


def lent_by_profile(artist: ProviderArtist, lent_to: str) -> LentValues:
    """Return the values of a description for an artist of this id."""
    return {**_profile(artist), "artist_id": lent_to}


def _profile(artist: ProviderArtist) -> LentValues:
    ids = {site: text for site, text in artist.ids.items() if _is_id(text)}
    values = _values(PROFILE, ids.get(artist.provider, ""), artist.name)
    weighted = [(genre.name, genre.weight) for genre in artist.genres]
    return {
        **values,
        "ids": dict(sorted(ids.items())[:MAX_TEXTS]),
        "aliases": [alias for alias in artist.aliases if len(alias) <= MAX_TEXT][:MAX_TEXTS],
        "genres": list(map_genres(weighted)),
        "links": dict(
            sorted((site, url) for site, url in artist.links.items() if len(url) <= MAX_TEXT)[:MAX_TEXTS]
        ),
        "country": artist.country,
        "biography": (artist.biography or "")[:MAX_BIOGRAPHY] or None
        if artist.provider in LICENSED
        else None,
        "artist_type": artist.artist_type,
        "life_begin": artist.life_begin,
        "life_end": artist.life_end,
        "groups": [group for group in artist.groups if len(group) <= MAX_TEXT][:MAX_TEXTS],
        "merged_from": artist.merged_from,
    }


def _is_id(text: str) -> bool:
    return 0 < len(text) <= MAX_TEXT and text.isprintable() and "|" not in text


def _values(kind: str, native_id: str, name: str) -> LentValues:
    return {
        "artist_id": artist_id(name),
        "kind": kind,
        "native_id": native_id,
        "name": name[:MAX_TEXT],
        "ids": {},
        "aliases": [],
        "genres": [],
        "links": {},
        "country": None,
        "biography": None,
    }
