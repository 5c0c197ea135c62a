"""Artist data of all sets and profiles together, producer or DJ.

All spellings of one artist have one normal form, so a display name is chosen between accents, capitals and
punctuation only: by votes, weighted by the trust in the names of the set's source.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypedDict

from songnodes.domain import artist_answers
from songnodes.domain.artist_answers import AnswersEntry
from songnodes.domain.claims import latest
from songnodes.domain.records import ArtistAnswer, ArtistProfile, ClaimCount, CreditFact
from songnodes.domain.support import add_delta

#: Votes of one set. 1001tracklists and Resident Advisor link names to artist pages that people edit; a wiki's
#: text follows a house style ("And", "Feat."); an uploader writes as he likes.
TRUST = {"1001tracklists": 3, "ra": 3, "mixesdb": 2, "mixcloud": 1}
UNKNOWN_SOURCE = 1
#: The page about the artist counts as so many sets of its source.
PROFILE_SETS = 50


class CreditEntry(TypedDict):
    """Data of one set about the artist; empty after its retraction."""

    version: int
    name: str | None
    native_id: str | None
    as_dj: bool
    as_producer: bool
    observed_at: datetime
    trust: int  # votes for the name; 0 if stored by a version without votes


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
    answers: dict[str, ArtistAnswer]  # of tracks: the newest of each id
    own_answers: dict[str, ArtistAnswer]  # to requests for the artist: the newest of each id
    last_observed_at: datetime | None


def empty() -> ArtistTotal:
    """Return the total of an artist without sets and profiles."""
    return {
        "names": {},
        "votes": {},
        "native_ids": {},
        "dj_sets": 0,
        "producer_sets": 0,
        "profiles": {},
        "answers": {},
        "own_answers": {},
        "last_observed_at": None,
    }


def credit_entry(fact: CreditFact) -> CreditEntry:
    """Return the entry of a fact."""
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
    """Return the votes of one set of this source, from 1."""
    return TRUST.get(source, UNKNOWN_SOURCE)


def qualified(source: str, native_id: str | None) -> str | None:
    """Return an id that is unique among all sources: "ra:sven-vath"."""
    return None if native_id is None else f"{source}:{native_id}"


def newer_credit(old: CreditEntry | None, new: CreditEntry) -> CreditEntry:
    """Return the newer of two entries; an equal version replaces."""
    return new if old is None or new["version"] >= old["version"] else old


def profile_entry(profile: ArtistProfile) -> ProfileEntry:
    """Return the entry of a profile."""
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


def newer_profile(old: ProfileEntry | None, new: ProfileEntry) -> ProfileEntry:
    """Return the later page; of two at one time that of the newer parser, then the greater hash."""
    if old is None:
        return new
    return max(old, new, key=lambda e: (e["observed_at"], e["parser_version"], e["content_hash"]))


def apply_credit(total: ArtistTotal, old: CreditEntry | None, new: CreditEntry) -> ArtistTotal:
    """Return the total after one set's entry changed."""
    return {
        **total,
        "names": _moved(total["names"], old and old["name"], new["name"]),
        "votes": _moved(
            total["votes"], old and old["name"], new["name"], old["trust"] if old else 0, new["trust"]
        ),
        "native_ids": _moved(total["native_ids"], old and old["native_id"], new["native_id"]),
        "dj_sets": total["dj_sets"] + new["as_dj"] - bool(old and old["as_dj"]),
        "producer_sets": total["producer_sets"] + new["as_producer"] - bool(old and old["as_producer"]),
        "last_observed_at": latest(total["last_observed_at"], new["observed_at"]),
    }


def _moved(
    counts: dict[str, int], before: str | None, after: str | None, less: int = 1, more: int = 1
) -> dict[str, int]:
    """Return the counts with `less` at `before` less and `more` at `after` more, without zeros."""
    if before is None:  # nearly every set is new
        return counts if after is None else {**counts, after: counts.get(after, 0) + more}
    after_only = {} if after is None else {after: more}
    return add_delta(counts, {before: less}, after_only)


def apply_profile(total: ArtistTotal, source: str, new: ProfileEntry) -> ArtistTotal:
    """Return the total after one source's profile changed."""
    return {**total, "profiles": {**total["profiles"], source: new}}


def apply_answers(
    total: ArtistTotal,
    old: AnswersEntry | None,
    new: AnswersEntry,
    all_entries: Callable[[], Iterable[AnswersEntry]],
) -> ArtistTotal:
    """Return the total after the answers of one track changed.

    `all_entries` returns the entries of all tracks after this change; it is called only when one that is kept
    was taken away.
    """
    return {**total, "answers": _newest(total["answers"], old, new, all_entries)}


def apply_own_answer(
    total: ArtistTotal,
    old: AnswersEntry | None,
    new: AnswersEntry | None,
    all_entries: Callable[[], Iterable[AnswersEntry]],
) -> ArtistTotal:
    """Return the total after an answer to a request for the artist arrived, or was withdrawn (`new` None)."""
    return {**total, "own_answers": _newest(total["own_answers"], old, new, all_entries)}


def _newest(
    kept: dict[str, ArtistAnswer],
    old: AnswersEntry | None,
    new: AnswersEntry | None,
    all_entries: Callable[[], Iterable[AnswersEntry]],
) -> dict[str, ArtistAnswer]:
    if artist_answers.is_removal(kept, old, new):
        added = (answer for entry in all_entries() for answer in entry["answers"])
        return artist_answers.newest({}, added)
    return artist_answers.newest(kept, new["answers"] if new else [])


def all_answers(total: ArtistTotal) -> list[ArtistAnswer]:
    """Return the answers that are kept: of tracks, and to requests for the artist."""
    return [*total["answers"].values(), *total["own_answers"].values()]


def display_name(total: ArtistTotal, artist_id: str) -> str:
    """Return the spelling with most votes, then of more sets, then the smaller text; the id without any
    name."""
    votes = {name: total["votes"].get(name, 0) for name in total["names"]}
    for source, profile in total["profiles"].items():
        votes[profile["name"]] = votes.get(profile["name"], 0) + PROFILE_SETS * trust(source)
    if not votes:
        return artist_id
    return min(votes, key=lambda name: (-votes[name], -total["names"].get(name, 0), name))


def spellings(total: ArtistTotal, aliases: Iterable[str] = ()) -> list[ClaimCount]:
    """Return every spelling and alias with the number of sets that use it, the most frequent first; 0 for
    names of profiles and for `aliases`."""
    counts = dict(total["names"])
    for profile in total["profiles"].values():
        for name in (profile["name"], *profile["aliases"]):
            counts.setdefault(name, 0)
    for name in aliases:
        counts.setdefault(name, 0)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"text": name, "count": count} for name, count in ordered]


def page_ids(total: ArtistTotal) -> dict[str, str]:
    """Return the ids that pages about the artist have, by site; of two the one of the first source."""
    listed: dict[str, str] = {}
    for source in sorted(total["profiles"]):
        for site, identity in total["profiles"][source]["ids"].items():
            listed.setdefault(site, identity)
    return listed


def qualified_ids(total: ArtistTotal, ids: Mapping[str, str]) -> list[str]:
    """Return the artist's ids at sites and providers, as "source:id", sorted; `ids` are those of answers."""
    qualified_ids = set(total["native_ids"]) | {f"{site}:{identity}" for site, identity in ids.items()}
    for profile in total["profiles"].values():
        qualified_ids |= {f"{site}:{identity}" for site, identity in profile["ids"].items()}
        qualified_ids |= {profile["native_id"]} if profile["native_id"] else set()
    return sorted(qualified_ids)


def is_live(total: ArtistTotal) -> bool:
    """Return True if a set or profile names the artist."""
    return bool(total["dj_sets"] or total["producer_sets"] or total["profiles"])


def was_named(total: ArtistTotal) -> bool:
    """Return True if a set or profile names the artist, or named it."""
    return is_live(total) or total["last_observed_at"] is not None
