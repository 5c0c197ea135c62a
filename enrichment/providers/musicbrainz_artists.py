"""Artists of MusicBrainz: type, life span, country, aliases, groups, genres, links."""

import re
from collections.abc import Iterator, Mapping

from enrichment.providers.building import voted_genres
from enrichment.providers.reading import (
    Json,
    Map,
    as_map,
    identifier,
    maps,
    member,
    names,
    text,
    url,
)
from enrichment.types import ARTIST_TYPES, ProviderArtist

#: Aliases for search engines are misspellings, not names.
_SEARCH_HINT = "Search hint"
#: Hosts of links by site.
_SITES = {
    "open.spotify.com": "spotify",
    "www.discogs.com": "discogs",
    "soundcloud.com": "soundcloud",
    "www.beatport.com": "beatport",
    "www.deezer.com": "deezer",
    "tidal.com": "tidal",
    "www.last.fm": "lastfm",
    "www.wikidata.org": "wikidata",
    "www.instagram.com": "instagram",
    "www.facebook.com": "facebook",
    "www.youtube.com": "youtube",
    "ra.co": "ra",
    "www.mixcloud.com": "mixcloud",
}
#: Sites whose link ends with the artist's id.
_WITH_ID = frozenset({"spotify", "deezer", "tidal", "wikidata", "beatport"})


#: Day, month or year; parts that are not known are absent at the end.
_DATE = re.compile(r"[12]\d{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_DISCOGS = re.compile(r"/artist/(\d{1,12})\b")
_MEMBERSHIP = "member of band"
#: First letters of codes that MusicBrainz uses for no country: "XW" is worldwide.
_NO_COUNTRY = ("X", "Z", "Q")


def artists(body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
    """Yield the artists of an artist lookup or an artist search."""
    whole = as_map(body)
    inner = whole.get("artist")
    for row in maps(whole.get("artists") or (inner if isinstance(inner, dict) else whole)):
        artist = _artist(row, parameters.get("id", "").lower())
        if artist is not None:
            yield artist


def _artist(row: Map, requested: str) -> ProviderArtist | None:
    name, mbid = text(row.get("name")), identifier(row.get("id"))
    if not name or not mbid or "sort-name" not in row or "label-code" in row:
        return None
    aliases = [item for item in maps(row.get("aliases")) if item.get("type") != _SEARCH_HINT]
    links = dict(_links(row))
    kind, span = (text(row.get("type")) or "").casefold(), as_map(row.get("life-span"))
    return ProviderArtist(
        provider="musicbrainz",
        name=name,
        ids={"musicbrainz": mbid, **_linked_ids(links)},
        aliases=tuple(alias for alias in names(aliases, "name") if alias != name),
        genres=tuple(voted_genres(row.get("genres") or row.get("tags"), "artist")),
        links=links,
        country=_country(row),
        artist_type=kind if kind in ARTIST_TYPES else None,
        life_begin=_date(span.get("begin")),
        life_end=_date(span.get("end")),
        groups=tuple(dict.fromkeys(_groups(row))),
        merged_from=requested if requested and requested != mbid else None,
    )


def _country(row: Map) -> str | None:
    """Return the country of an artist, or that of its area, which may be a part of a country ("GB-ENG")."""
    area = as_map(row.get("area"))
    codes = (
        text(row.get("country")),
        *names(area.get("iso-3166-1-codes")),
        *(code.partition("-")[0] for code in names(area.get("iso-3166-2-codes"))),
    )
    return next((code for code in codes if code and _is_country(code)), None)


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha() and not code.startswith(_NO_COUNTRY)


def _date(value: Json) -> str | None:
    plain = text(value)
    return plain if plain and _DATE.fullmatch(plain) else None


def _groups(row: Map) -> Iterator[str]:
    """Yield the groups that a person is or was a member of; the members of a group point the other way."""
    for relation in maps(row.get("relations")):
        if relation.get("type") == _MEMBERSHIP and relation.get("direction") != "backward":
            name = text(member(relation, "artist", "name"))
            if name:
                yield name


def _links(row: Map) -> Iterator[tuple[str, str]]:
    for relation in maps(row.get("relations")):
        link = url(member(relation, "url", "resource")) or url(relation.get("target"))
        if link is None or relation.get("ended") is True:
            continue
        site = _SITES.get(link.partition("://")[2].partition("/")[0])
        if relation.get("type") == "official homepage":
            site = "homepage"
        if site:
            yield site, link


def _linked_ids(links: Mapping[str, str]) -> dict[str, str]:
    """Return the ids at sites that links of the artist have."""
    ids = {site: _tail(link) for site, link in links.items() if site in _WITH_ID}
    if discogs := _DISCOGS.search(links.get("discogs", "")):
        ids["discogs"] = discogs[1]
    return ids


def _tail(link: str) -> str:
    return link.partition("?")[0].rstrip("/").rpartition("/")[2]
