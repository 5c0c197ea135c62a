"""What all sets and profiles together say of one artist, producer or DJ.

All spellings of one artist have one normal form, so a display name is chosen between accents, capitals and
punctuation only: by votes, a set's weighing as much as its source is trusted with names.
"""

from datetime import datetime
from typing import TypedDict

from songnodes.domain.claims import later
from songnodes.domain.records import ArtistProfile, ClaimCount, CreditFact
from songnodes.domain.support import shifted

#: Votes of one set. 1001tracklists and Resident Advisor link names to artist pages that people edit; a wiki's
#: text follows a house style ("And", "Feat."); an uploader writes as he likes.
TRUST = {"1001tracklists": 3, "ra": 3, "mixesdb": 2, "mixcloud": 1}
UNKNOWN_SOURCE = 1
#: The page about the artist speaks for so many sets of its source.
PROFILE_SETS = 50


class CreditEntry(TypedDict):
    """What one set says of the artist; nothing is left of it once it was taken back."""

    version: int
    name: str | None
    native_id: str | None
    as_dj: bool
    as_producer: bool
    observed_at: datetime
    trust: int  # votes for the name; 0 where it was stored before votes were


class ProfileEntry(TypedDict):
    """The newest profile of one source."""

    observed_at: datetime
    parser_version: int
    content_hash: str
    name: str
    native_id: str | None
    country: str | None
    biography: str | None
    links: dict[str, str]
    aliases: list[str]
    ids: dict[str, str]  # site or provider -> id


class ArtistTotal(TypedDict):
    """The sums of one artist; maps go to the number of sets, `votes` to votes."""

    names: dict[str, int]
    votes: dict[str, int]
    native_ids: dict[str, int]
    dj_sets: int
    producer_sets: int
    profiles: dict[str, ProfileEntry]
    last_observed_at: datetime | None


def nothing_known() -> ArtistTotal:
    """The total of an artist that nobody named yet."""
    return {
        "names": {},
        "votes": {},
        "native_ids": {},
        "dj_sets": 0,
        "producer_sets": 0,
        "profiles": {},
        "last_observed_at": None,
    }


def credit_entry(fact: CreditFact) -> CreditEntry:
    """The entry that this fact makes of its set."""
    return {
        "version": fact["version"],
        "name": None if fact["gone"] else fact["name"],
        "native_id": None if fact["gone"] else qualified(fact["source"], fact["native_id"]),
        "as_dj": fact["as_dj"] and not fact["gone"],
        "as_producer": bool(fact["tracks"]) and not fact["gone"],
        "observed_at": fact["observed_at"],
        "trust": trust(fact["source"]),
    }


def trust(source: str) -> int:
    """Votes of one set of this source, from 1."""
    return TRUST.get(source, UNKNOWN_SOURCE)


def qualified(source: str, native_id: str | None) -> str | None:
    """An id as it is unique among all sources: "ra:sven-vath"."""
    return None if native_id is None else f"{source}:{native_id}"


def replace_credit(old: CreditEntry | None, new: CreditEntry) -> CreditEntry:
    """The newer of both; the same version replaces."""
    return new if old is None or new["version"] >= old["version"] else old


def profile_entry(profile: ArtistProfile) -> ProfileEntry:
    """The entry that this profile makes of its source."""
    return {
        "observed_at": profile["observed_at"],
        "parser_version": profile["parser_version"],
        "content_hash": profile["content_hash"],
        "name": profile["name"],
        "native_id": qualified(profile["source"], profile["native_id"]),
        "country": profile["country"],
        "biography": profile["biography"],
        "links": profile["links"],
        "aliases": profile["aliases"],
        "ids": profile["ids"],
    }


def replace_profile(old: ProfileEntry | None, new: ProfileEntry) -> ProfileEntry:
    """The later page; of two at one time that of the newer parser, then the greater hash."""
    if old is None:
        return new
    return max(old, new, key=lambda e: (e["observed_at"], e["parser_version"], e["content_hash"]))


def move_credit(total: ArtistTotal, old: CreditEntry | None, new: CreditEntry) -> ArtistTotal:
    """The total after one set's entry changed."""
    return {
        **total,
        "names": shifted(total["names"], _one(old and old["name"]), _one(new["name"])),
        "votes": shifted(total["votes"], _votes(old), _votes(new)),
        "native_ids": shifted(total["native_ids"], _one(old and old["native_id"]), _one(new["native_id"])),
        "dj_sets": total["dj_sets"] + new["as_dj"] - bool(old and old["as_dj"]),
        "producer_sets": total["producer_sets"] + new["as_producer"] - bool(old and old["as_producer"]),
        "last_observed_at": later(total["last_observed_at"], new["observed_at"]),
    }


def _one(key: str | None) -> dict[str, int]:
    return {} if key is None else {key: 1}


def _votes(entry: CreditEntry | None) -> dict[str, int]:
    return {entry["name"]: entry["trust"]} if entry and entry["name"] is not None else {}


def move_profile(total: ArtistTotal, source: str, new: ProfileEntry) -> ArtistTotal:
    """The total after one source's profile changed."""
    return {**total, "profiles": {**total["profiles"], source: new}}


def display_name(total: ArtistTotal, artist_id: str) -> str:
    """The spelling of most votes; of equal ones that of more sets, then the smaller text; the id where
    nobody names the artist."""
    votes = {name: total["votes"].get(name, 0) for name in total["names"]}
    for source, profile in total["profiles"].items():
        votes[profile["name"]] = votes.get(profile["name"], 0) + PROFILE_SETS * trust(source)
    if not votes:
        return artist_id
    return min(votes, key=lambda name: (-votes[name], -total["names"].get(name, 0), name))


def spellings(total: ArtistTotal) -> list[ClaimCount]:
    """Every spelling and alias with the number of sets that use it, the most frequent first; what only
    profiles say has none."""
    counts = dict(total["names"])
    for profile in total["profiles"].values():
        for name in (profile["name"], *profile["aliases"]):
            counts.setdefault(name, 0)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"text": name, "count": count} for name, count in ordered]


def known_ids(total: ArtistTotal) -> list[str]:
    """The artist's ids at sites and providers, as "source:id", sorted."""
    found = set(total["native_ids"])
    for profile in total["profiles"].values():
        found |= {f"{site}:{identity}" for site, identity in profile["ids"].items()}
        found |= {profile["native_id"]} if profile["native_id"] else set()
    return sorted(found)


def is_live(total: ArtistTotal) -> bool:
    """Somebody still names the artist."""
    return bool(total["dj_sets"] or total["producer_sets"] or total["profiles"])
