"""What all sets and profiles together say of one artist, producer or DJ."""

from datetime import datetime
from typing import TypedDict

from songnodes.domain.claims import later
from songnodes.domain.records import ArtistProfile, ClaimCount, CreditFact
from songnodes.domain.support import shifted


class CreditEntry(TypedDict):
    """What one set says of the artist; nothing is left of it once it was taken back."""

    version: int
    name: str | None
    native_id: str | None
    as_dj: bool
    as_producer: bool
    observed_at: datetime


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


class ArtistTotal(TypedDict):
    """The sums of one artist; maps go to the number of sets."""

    names: dict[str, int]
    native_ids: dict[str, int]
    dj_sets: int
    producer_sets: int
    profiles: dict[str, ProfileEntry]
    last_observed_at: datetime | None


def nothing_known() -> ArtistTotal:
    """The total of an artist that nobody named yet."""
    return {
        "names": {},
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
        "native_id": None if fact["gone"] else fact["native_id"],
        "as_dj": fact["as_dj"] and not fact["gone"],
        "as_producer": bool(fact["tracks"]) and not fact["gone"],
        "observed_at": fact["observed_at"],
    }


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
        "native_id": profile["native_id"],
        "country": profile["country"],
        "biography": profile["biography"],
        "links": profile["links"],
        "aliases": profile["aliases"],
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
        "native_ids": shifted(total["native_ids"], _one(old and old["native_id"]), _one(new["native_id"])),
        "dj_sets": total["dj_sets"] + new["as_dj"] - bool(old and old["as_dj"]),
        "producer_sets": total["producer_sets"] + new["as_producer"] - bool(old and old["as_producer"]),
        "last_observed_at": later(total["last_observed_at"], new["observed_at"]),
    }


def _one(key: str | None) -> dict[str, int]:
    return {} if key is None else {key: 1}


def move_profile(total: ArtistTotal, source: str, new: ProfileEntry) -> ArtistTotal:
    """The total after one source's profile changed."""
    return {**total, "profiles": {**total["profiles"], source: new}}


def display_name(total: ArtistTotal, artist_id: str) -> str:
    """The spelling of most sets, then a profile's, then the id; ties go to the smaller text."""
    if total["names"]:
        return min(total["names"], key=lambda name: (-total["names"][name], name))
    profiles = [total["profiles"][source]["name"] for source in sorted(total["profiles"])]
    return profiles[0] if profiles else artist_id


def spellings(total: ArtistTotal) -> list[ClaimCount]:
    """Every spelling with its count, the most frequent first."""
    ordered = sorted(total["names"].items(), key=lambda item: (-item[1], item[0]))
    return [{"text": name, "count": count} for name, count in ordered]


def is_live(total: ArtistTotal) -> bool:
    """Somebody still names the artist."""
    return bool(total["dj_sets"] or total["producer_sets"] or total["profiles"])
