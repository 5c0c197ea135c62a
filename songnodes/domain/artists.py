"""What all sets and profiles together say of one artist, producer or DJ."""

from datetime import datetime
from typing import TypedDict

from songnodes.domain.records import ArtistProfile, ClaimCount, CreditFact


class CreditEntry(TypedDict):
    """What one set says of the artist; nothing is left of it once it was taken back."""

    version: int
    name: str | None
    native_id: str | None
    as_dj: bool
    as_producer: bool


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


def move_credit(total: ArtistTotal, old: CreditEntry | None, new: CreditEntry | None) -> ArtistTotal:
    """The total after one set's entry changed; `total` itself is changed."""
    for entry, step in ((old, -1), (new, 1)):
        if entry is None:
            continue
        _add(total["names"], entry["name"], step)
        _add(total["native_ids"], entry["native_id"], step)
        total["dj_sets"] += step * entry["as_dj"]
        total["producer_sets"] += step * entry["as_producer"]
    return total


def _add(counts: dict[str, int], key: str | None, step: int) -> None:
    if key is None:
        return
    counts[key] = counts.get(key, 0) + step
    if not counts[key]:
        del counts[key]


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
