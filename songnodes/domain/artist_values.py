"""Choice of an artist's values: pages first, then the archived answers of providers. Pure.

Two ids of one provider under one name may be two artists. Then neither is chosen, and the answers about them
lend nothing, unless a page about the artist has one of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import resources

from songnodes.domain.answers import follow
from songnodes.domain.artist_answers import CREDIT, PROFILE
from songnodes.domain.records import ArtistAnswer
from songnodes.domain.waterfall import DEFAULT

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
    """Values of providers. `sources` has the provider of each: "country", "ids.spotify", "aliases.Joel".

    That of all aliases, or all groups, is a list: "musicbrainz,discogs".
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    country: str | None = None
    biography: str | None = None
    artist_type: str | None = None
    life_begin: str | None = None
    life_end: str | None = None
    groups: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, list[str]] = field(default_factory=dict)


#: Values of the artists without an answer: nearly all.
_NOTHING = Chosen()


def site_of(provider: str) -> str:
    """Return the site that a provider's artist ids are of."""
    return _SITES.get(provider, provider)


def choose(
    answers: Iterable[ArtistAnswer], page_ids: Mapping[str, str], order: Sequence[str] = DEFAULT.artists
) -> Chosen:
    """Return the values of the answers that are about the artist; `page_ids`: ids of its pages, by site.

    `order` has the providers whose values are taken first; others follow by name.
    """
    ordered = sorted(answers, key=partial(_rank, order))
    if not ordered:
        return _NOTHING
    replaced = _replaced(ordered)
    credited = _listed(
        (site, follow(replaced.get(site, {}), answer["native_id"]), answer["provider"])
        for answer in ordered
        if answer["kind"] == CREDIT
        for site in (site_of(answer["provider"]),)
    )
    trusted = {
        (site, current)
        for site, identity in page_ids.items()
        for current in (identity, follow(replaced.get(site, {}), identity))
    } | {(site, next(iter(ids))) for site, ids in credited.items() if len(ids) == 1 and site not in page_ids}
    unclear = {site for site, ids in credited.items() if len(ids) > 1 and site not in page_ids}
    described = [answer for answer in ordered if answer["kind"] == PROFILE]
    profiles = _about(
        [answer for answer in described if site_of(answer["provider"]) not in unclear], trusted, unclear
    )
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
    named = {
        site: sorted({*ids, *([page_ids[site]] if site in page_ids else ())})
        for site, ids in sorted(listed.items())
    }
    conflicts = {site: identities for site, identities in named.items() if len(identities) > 1}
    ids = {
        site: next(iter(of_site.items()))
        for site, of_site in listed.items()
        if site not in conflicts and site not in page_ids
    }
    unchosen = conflicts.keys() - page_ids.keys()
    profiles = [profile for profile in profiles if site_of(profile["provider"]) not in unchosen]
    return _values(profiles, ids, conflicts)


def _replaced(answers: Iterable[ArtistAnswer]) -> dict[str, dict[str, str]]:
    """Return by site the ids that were merged into others: the old one -> the one that replaced it."""
    replaced: dict[str, dict[str, str]] = {}
    for answer in answers:
        if answer["merged_from"] and answer["native_id"]:
            replaced.setdefault(site_of(answer["provider"]), {})[answer["merged_from"]] = answer["native_id"]
    return replaced


def _about(
    described: list[ArtistAnswer], trusted: set[tuple[str, str]], unclear: set[str]
) -> list[ArtistAnswer]:
    """Return the descriptions of trusted ids, and of those that these name for sites without one.

    `unclear` are sites with several ids, of which none is trusted.
    """
    trusted, counting, left = set(trusted), list[ArtistAnswer](), described
    while about := [answer for answer in left if _is_about(answer, trusted)]:
        counting = [answer for answer in described if answer in counting or answer in about]
        left = [answer for answer in left if answer not in about]
        with_id = {site for site, _ in trusted} | unclear
        named = _listed(
            (site, identity, answer["provider"])
            for answer in about
            for site, identity in answer["ids"].items()
            if site not in with_id and site != _HINT
        )
        trusted |= {(site, next(iter(ids))) for site, ids in named.items() if len(ids) == 1}
    return counting


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
    sources |= {f"aliases.{alias}": aliases[alias] for alias in kept_aliases}
    groups = {group: profile["provider"] for profile in reversed(profiles) for group in profile["groups"]}
    listed = {"aliases": {aliases[alias] for alias in kept_aliases}, "groups": set(groups.values())}
    in_order = dict.fromkeys(profile["provider"] for profile in profiles)
    sources |= {
        name: ",".join(provider for provider in in_order if provider in who)
        for name, who in listed.items()
        if who
    }
    genres = next((profile for profile in profiles if profile["genres"]), None)
    country = next((profile for profile in profiles if _country(profile)), None)
    biography = next((profile for profile in profiles if profile["biography"]), None)
    kind = next((profile for profile in profiles if profile["artist_type"]), None)
    life = next((profile for profile in profiles if profile["life_begin"] or profile["life_end"]), None)
    chosen = (("genres", genres), ("country", country), ("biography", biography), ("artist_type", kind))
    sources |= {name: source["provider"] for name, source in chosen if source is not None}
    if life is not None:
        dates = {"life_begin": life["life_begin"], "life_end": life["life_end"]}
        sources |= {name: life["provider"] for name, date in dates.items() if date}
    return Chosen(
        ids={site: identity for site, (identity, _) in ids.items()},
        aliases=kept_aliases,
        genres=tuple(genres["genres"]) if genres else (),
        links={site: url for site, (url, _) in links.items()},
        country=_country(country) if country else None,
        biography=biography["biography"] if biography else None,
        artist_type=kind["artist_type"] if kind else None,
        life_begin=life["life_begin"] if life else None,
        life_end=life["life_end"] if life else None,
        groups=tuple(sorted(groups))[:MAX_ALIASES],
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


def _rank(order: Sequence[str], answer: ArtistAnswer) -> tuple[int, str, str, str]:
    provider = answer["provider"]
    place = order.index(provider) if provider in order else len(order)
    return place, provider, answer["kind"], answer["native_id"]
