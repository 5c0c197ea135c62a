"""Choice of an artist's values: pages first, then the archived answers of providers. Pure.

Two ids of one provider under one name may be two artists. Then neither is chosen, and the answers about them
lend nothing, unless a page about the artist has one of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources

from songnodes.domain.artist_answers import CREDIT, PROFILE
from songnodes.domain.records import ArtistAnswer

#: Providers in the order in which their values are taken; others follow by name.
ORDER = (
    "musicbrainz",
    "discogs",
    "beatport",
    "deezer",
    "tidal",
    "spotify",
    "listenbrainz",
    "reccobeats",
    "lastfm",
)
MAX_ALIASES = 50
#: Providers whose artist id belongs to another site.
_SITES = {"listenbrainz": "musicbrainz"}
#: A hint of Last.fm: enough to find the artist that it describes, not enough to lend an id.
_HINT = "lastfm_mbid"
#: Addresses of artists by id.
_ADDRESSES: Mapping[str, str] = {
    "musicbrainz": "https://musicbrainz.org/artist/{}",
    "discogs": "https://www.discogs.com/artist/{}",
    "deezer": "https://www.deezer.com/artist/{}",
    "spotify": "https://open.spotify.com/artist/{}",
    "tidal": "https://tidal.com/artist/{}",
}
_COUNTRIES: Mapping[str, str] = dict(
    line.split("\t")
    for line in resources.files(__package__).joinpath("countries.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Values of providers. `sources` has the provider of each: "country", "ids.spotify", "links.discogs"."""

    ids: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    country: str | None = None
    biography: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, list[str]] = field(default_factory=dict)


def site_of(provider: str) -> str:
    """Return the site that a provider's artist ids are of."""
    return _SITES.get(provider, provider)


def choose(answers: Iterable[ArtistAnswer], page_ids: Mapping[str, str]) -> Chosen:
    """Return the values of the answers that are about the artist; `page_ids`: ids of its pages, by site."""
    ordered = sorted(answers, key=_order)
    if not ordered:
        return Chosen()
    credited = _listed(
        (site_of(answer["provider"]), answer["native_id"], answer["provider"])
        for answer in ordered
        if answer["kind"] == CREDIT
    )
    trusted = {(site, identity) for site, identity in page_ids.items()} | {
        (site, next(iter(ids))) for site, ids in credited.items() if len(ids) == 1 and site not in page_ids
    }
    profiles = [answer for answer in ordered if answer["kind"] == PROFILE and _is_about(answer, trusted)]
    listed = _listed(
        [
            *((site, identity, who) for site, ids in credited.items() for identity, who in ids.items()),
            *(
                (site, identity, profile["provider"])
                for profile in profiles
                for site, identity in sorted(profile["ids"].items())
                if site != _HINT
            ),
        ]
    )
    conflicts = {
        site: sorted({*ids, *([page_ids[site]] if site in page_ids else ())})
        for site, ids in sorted(listed.items())
        if len({*ids, *([page_ids[site]] if site in page_ids else ())}) > 1
    }
    ids = {
        site: next(iter(of_site.items()))
        for site, of_site in listed.items()
        if site not in conflicts and site not in page_ids
    }
    unchosen = conflicts.keys() - page_ids.keys()
    profiles = [profile for profile in profiles if site_of(profile["provider"]) not in unchosen]
    return _values(profiles, ids, conflicts)


def _is_about(answer: ArtistAnswer, trusted: set[tuple[str, str]]) -> bool:
    """Return True for a description of a trusted id; another id of its own site excludes it."""
    site = site_of(answer["provider"])
    own = answer["ids"].get(site)
    if own is not None and any(trusted_site == site for trusted_site, _ in trusted):
        return (site, own) in trusted
    pairs = {("musicbrainz" if site == _HINT else site, text) for site, text in answer["ids"].items()}
    return not pairs.isdisjoint(trusted)


def _values(
    profiles: list[ArtistAnswer],
    ids: Mapping[str, tuple[str, str]],
    conflicts: Mapping[str, list[str]],
) -> Chosen:
    sources = {f"ids.{site}": provider for site, (_, provider) in ids.items()}
    links = {
        site: (_ADDRESSES[site].format(identity), provider)
        for site, (identity, provider) in ids.items()
        if site in _ADDRESSES
    }
    aliases: dict[str, str] = {}
    for profile in profiles:
        for site, url in sorted(profile["links"].items()):
            if site not in conflicts:
                links.setdefault(site, (url, profile["provider"]))
        for alias in profile["aliases"]:
            aliases.setdefault(alias, profile["provider"])
    sources |= {f"links.{site}": provider for site, (_, provider) in links.items()}
    kept_aliases = tuple(aliases)[:MAX_ALIASES]
    if kept_aliases:
        sources["aliases"] = ",".join(dict.fromkeys(aliases[alias] for alias in kept_aliases))
    genres = next((profile for profile in profiles if profile["genres"]), None)
    country = next((profile for profile in profiles if _country(profile)), None)
    biography = next((profile for profile in profiles if profile["biography"]), None)
    for name, source in (("genres", genres), ("country", country), ("biography", biography)):
        if source is not None:
            sources[name] = source["provider"]
    return Chosen(
        ids={site: identity for site, (identity, _) in ids.items()},
        aliases=kept_aliases,
        genres=tuple(genres["genres"]) if genres else (),
        links={site: url for site, (url, _) in links.items()},
        country=_country(country) if country else None,
        biography=biography["biography"] if biography else None,
        sources=sources,
        conflicts=conflicts,
    )


def _country(profile: ArtistAnswer) -> str | None:
    return _COUNTRIES.get(profile["country"] or "")


def _listed(named: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    """Return by site the ids, each with the first provider that has it."""
    listed: dict[str, dict[str, str]] = {}
    for site, identity, provider in named:
        listed.setdefault(site, {}).setdefault(identity, provider)
    return listed


def _order(answer: ArtistAnswer) -> tuple[int, str, str, str]:
    provider = answer["provider"]
    rank = ORDER.index(provider) if provider in ORDER else len(ORDER)
    return rank, provider, answer["kind"], answer["native_id"]
