"""Discogs: styles, labels, catalogue data and artist profiles; a personal token of the operator.

A search names releases, not tracks: its results are references to fetch. Traps: broken JSON at times; names
end with a number where several artists share one ("Mushroom (8)"); the genre "Electronic" is no genre where a
release has a style; months and days of dates may be 00.
Without real sample: searches, artists, errors.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from enrichment.providers.base import ARTIST_TTL_S, BaseProvider, by_name, get, required, sources
from enrichment.providers.building import build_track, build_values, present
from enrichment.providers.mixes import is_mix_part
from enrichment.providers.reading import (
    Json,
    Map,
    as_list,
    as_map,
    clock_ms,
    day,
    identifier,
    maps,
    names,
    number,
    prose,
    text,
    url,
    without_none,
)
from enrichment.types import (
    Call,
    Genre,
    HttpRequest,
    Operation,
    ProviderAccess,
    ProviderArtist,
    ProviderTrack,
    Window,
)

MAX_BIOGRAPHY = 4000  # characters
SOURCE = "Discogs' API documentation; discogs_client"
_ARTIST_FIELDS = frozenset({"artist_type", "aliases", "groups", "links"})
_NUMBERED = re.compile(r"\s+\(\d+\)$")
_VARIOUS = "various"
_BROAD = "electronic"
#: Members of releases and labels.
_NOT_ARTIST = frozenset({"tracklist", "sublabels", "parent_label", "contact_info"})
#: Formats of releases whose date is not that of their tracks.
_LATER = frozenset({"Compilation", "Reissue", "Remastered", "Repress"})
_NO_LABEL = frozenset({"not on label", "none", "unknown"})
_PROFILE_LINK = re.compile(r"\[(?:a|l|r|m|url)=?([^\]]{0,200})\]")


class Discogs(BaseProvider):
    """Discogs' API, version 2."""

    name = "discogs"
    title = "Discogs"
    base_url = "https://api.discogs.com"
    #: 60 requests a minute with a token.
    windows = (Window(starts=60, seconds=60.0),)
    required = ("discogs_token",)
    credentials = ("discogs_token",)
    operations = by_name(
        Operation(name="search"),
        Operation(
            name="release_by_id",
            gives=frozenset({"genres", "label", "release_name", "release_date", "duration_ms"}),
        ),
        Operation(name="artist_by_id", artists=True, cache_ttl_s=ARTIST_TTL_S, artist_fields=_ARTIST_FIELDS),
        Operation(name="artist_search", artists=True),
    )
    unverified = sources(SOURCE, "search", "artists", "errors")
    probe = ("release_by_id", {"id": "1503102"})

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call: `id`, or `artist` and `title` of a search."""
        token = f"Discogs token={access.credentials.get('discogs_token', '')}"
        match call.operation:
            case "release_by_id" | "artist_by_id":
                kind = f"{call.operation.removesuffix('_by_id')}s"
                return get(access, f"/{kind}/{required(call, 'id')[0]}", {}, authorization=token)
            case "search":
                artist, title = required(call, "artist", "title")
                query = {"type": "release", "artist": artist, "track": title, "per_page": "10"}
                return get(access, "/database/search", query, authorization=token)
            case "artist_search":
                query = {"type": "artist", "q": required(call, "artist")[0], "per_page": "10"}
                return get(access, "/database/search", query, authorization=token)
        raise ValueError(f"discogs: no operation {call.operation}")

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the tracks of a release; the results of a search as references."""
        whole = as_map(body)
        if "results" in whole:
            ids = [
                identifier(row.get("id"))
                for row in maps(whole["results"])
                if row.get("type") in (None, "release")
            ]
            return present(build_values({}, {"discogs_release_id": release_id}) for release_id in ids)
        return present(_of_release(whole))

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
        """Yield the artist of a profile, or the results of an artist search."""
        whole = as_map(body)
        for row in maps(whole.get("results")):
            name = _name(row.get("title"))
            if name and row.get("type") == "artist":
                yield ProviderArtist(
                    provider="discogs", name=name, ids=without_none({"discogs": identifier(row.get("id"))})
                )
        name = _name(whole.get("name"))
        is_artist = {"profile", "namevariations"}.intersection(whole) and not _NOT_ARTIST.intersection(whole)
        if name and is_artist:
            aliases = (*names(whole.get("namevariations")), *map(_name, names(whole.get("aliases"), "name")))
            page = url(whole.get("uri"))
            profile = prose(whole.get("profile"), MAX_BIOGRAPHY)
            yield ProviderArtist(
                provider="discogs",
                name=name,
                ids=without_none({"discogs": identifier(whole.get("id"))}),
                aliases=tuple(dict.fromkeys(alias for alias in aliases if alias and alias != name)),
                links={**({"discogs": page} if page else {}), **_links(whole)},
                biography=_PROFILE_LINK.sub(r"\1", profile) if profile else None,
                artist_type="group" if names(whole.get("members"), "name") else None,
                groups=tuple(dict.fromkeys(filter(None, map(_name, names(whole.get("groups"), "name"))))),
            )


def _name(value: Json) -> str | None:
    """Return a name without the number that distinguishes it from equal ones."""
    plain = text(value)
    return _NUMBERED.sub("", plain) if plain else None


def _of_release(release: Map) -> Iterator[ProviderTrack | None]:
    """Yield the tracks of a release, with its label, styles and date; headings and indexes are no tracks."""
    title = text(release.get("title"))
    label = next((name for name in map(_name, names(release.get("labels"), "name")) if name), None)
    values = {
        "release_name": title,
        "label": None if label and label.casefold() in _NO_LABEL else label,
        "release_date": day(release.get("released")) or _year(release.get("year")),
    }
    genres = [Genre(name=name, level="release") for name in _styles(release)]
    formats = [name for row in maps(release.get("formats")) for name in names(row.get("descriptions"))]
    if _LATER.intersection(formats):
        values["release_date"] = None
    is_mix = is_mix_part(None, None, title) or "Mixed" in formats
    kind = "master" if "main_release" in release else "release"
    ids = {f"discogs_{kind}_id": identifier(release.get("id"))}
    rows = [
        row for entry in maps(release.get("tracklist")) for row in (entry, *maps(entry.get("sub_tracks")))
    ]
    for row in rows:
        if row.get("type_") in (None, "", "track"):
            yield _track(row, release, values, ids, genres, is_mix)
    if not rows and "labels" in release and not is_mix:
        yield build_values(values, ids, genres)


def _track(
    row: Map,
    release: Map,
    values: Mapping[str, str | None],
    ids: Mapping[str, str | None],
    genres: list[Genre],
    is_mix: bool,
) -> ProviderTrack | None:
    """Return a track of a release. Units: `duration` is "5:48", and may be empty."""
    credits = list(maps(row.get("artists"))) or [
        entry
        for entry in maps(release.get("artists"))
        if str(_name(entry.get("name"))).casefold() != _VARIOUS
    ]
    remixers = [
        entry for entry in maps(row.get("extraartists")) if "remix" in str(entry.get("role", "")).casefold()
    ]
    title = text(row.get("title"))
    return build_track(
        "discogs",
        title=title,
        artists=_credited(credits),
        remixers=_credited(remixers) or None,
        values={**values, "duration_ms": clock_ms(row.get("duration"))},
        ids=ids,
        genres=genres,
        artist_ids={
            name: artist_id
            for entry in credits
            if (name := _name(entry.get("anv")) or _name(entry.get("name")))
            and (artist_id := identifier(entry.get("id")))
        },
        mix_part=is_mix or is_mix_part(title),
    )


def _credited(rows: Iterable[Map]) -> tuple[str, ...]:
    """Return names as credited on the release, where they differ from the artist's."""
    credits = (_name(row.get("anv")) or _name(row.get("name")) for row in rows)
    return tuple(dict.fromkeys(name for name in credits if name))


def _styles(release: Map) -> tuple[str, ...]:
    """Return the styles and, without any, the genres; "Electronic" only where it is all there is."""
    listed = names(release.get("styles")) or names(release.get("genres"))
    narrow = tuple(name for name in listed if name.casefold() != _BROAD)
    return narrow or listed


def _year(value: Json) -> str | None:
    year = number(value)
    return str(int(year)) if year and 1000 < year < 9999 else None


def _links(row: Map) -> dict[str, str]:
    links: dict[str, str] = {}
    for value in as_list(row.get("urls"))[:50]:
        address = url(value)
        host = address.partition("://")[2].partition("/")[0].removeprefix("www.") if address else ""
        if address and host:
            links.setdefault(host, address)
    return links
