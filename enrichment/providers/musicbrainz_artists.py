"""Artists of MusicBrainz: aliases, country, genres, links."""

from collections.abc import Iterator

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
from enrichment.types import ProviderArtist

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


def artists(body: Json) -> Iterator[ProviderArtist]:
    """Yield the artists of an artist lookup or an artist search."""
    whole = as_map(body)
    inner = whole.get("artist")
    for row in maps(whole.get("artists") or (inner if isinstance(inner, dict) else whole)):
        artist = _artist(row)
        if artist is not None:
            yield artist


def _artist(row: Map) -> ProviderArtist | None:
    name, mbid = text(row.get("name")), identifier(row.get("id"))
    if not name or not mbid or "sort-name" not in row or "label-code" in row:
        return None
    aliases = [item for item in maps(row.get("aliases")) if item.get("type") != _SEARCH_HINT]
    links = dict(_links(row))
    country = text(row.get("country")) or next(iter(names(member(row, "area", "iso-3166-1-codes"))), None)
    return ProviderArtist(
        provider="musicbrainz",
        name=name,
        ids={"musicbrainz": mbid, **{site: _tail(link) for site, link in links.items() if site in _WITH_ID}},
        aliases=tuple(alias for alias in names(aliases, "name") if alias != name),
        genres=tuple(voted_genres(row.get("genres") or row.get("tags"), "artist")),
        links=links,
        country=country
        if country and len(country) == 2 and country.isalpha() and country[0] != "X"
        else None,
    )


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


def _tail(link: str) -> str:
    return link.partition("?")[0].rstrip("/").rpartition("/")[2]
