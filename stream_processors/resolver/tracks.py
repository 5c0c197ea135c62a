"""Which claims are one track: the components that marked claims are in, made anew from all their facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from songnodes.domain import links
from songnodes.domain.links import Doubt, Joined, Link, Profile, Sighting, Verdict
from stream_processors.resolver import inputs
from stream_processors.resolver.store import Row, Store

FILE = "tracks"
AT_ONCE = 500  # marks per transaction
#: The time of a redirect without any set or decision, which has no cause either: a table was emptied by hand.
UNTOLD = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A claim that stands for another track than before; `canonical_id` None: for itself again."""

    claim_id: str
    canonical_id: str | None
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that is known of a closed set of claims: no fact leads out of it."""

    claims: frozenset[str]
    sightings: frozenset[Sighting]
    profiles: Mapping[str, Profile]
    verdicts: Mapping[links.Pair, Verdict]
    overridden: frozenset[str]
    before: Mapping[str, str]

    @property
    def named(self) -> frozenset[str]:
        """The claims that a set names, or a person joined to another."""
        by_hand = {claim for both, verdict in self.verdicts.items() if verdict.same for claim in both}
        return frozenset({sighting.claim_id for sighting in self.sightings} | by_hand)


def settle(store: Store, at_once: int = AT_ONCE) -> list[Moved] | None:
    """Look at some marks, inside of the caller's transaction; None when there are none.

    Playlists that name a claim that moved are marked; what is returned is to be published.
    """
    marks = store.rows(FILE, "marked", limit=at_once)
    if not marks:
        return None
    facts = _facts(store, _closure(store, marks))
    found, doubts = links.automatic(facts.sightings, facts.profiles)
    joined = links.join(found, facts.profiles, facts.verdicts, facts.overridden)
    canonical = after(facts, joined)
    moved = sorted(
        claim for claim in facts.claims if canonical.get(claim, claim) != facts.before.get(claim, claim)
    )
    _keep(store, facts, canonical, found, doubts | joined.refused)
    store.do(FILE, "mark_playlists", claims=moved)
    store.put(FILE, "unmark", marks)
    times = {row["claim_id"]: row["observed_at"] for row in store.rows(FILE, "last_seen", claims=moved)}
    return [
        Moved(claim_id=claim, canonical_id=canonical.get(claim), observed_at=times[claim] or UNTOLD)
        for claim in moved
    ]


def after(facts: Facts, joined: Joined) -> dict[str, str]:
    """What every claim stands for now, only where it is another one.

    An id that nobody names any more goes on to resolve where it did, for ever: its facts are gone with the
    row that it stood in, and somebody may have noted it.
    """
    canonical = dict(joined.canonical)
    for claim, target in facts.before.items():
        if claim not in facts.named and joined.of(target) != claim:
            canonical.setdefault(claim, joined.of(target))
    return canonical


def _closure(store: Store, marks: Iterable[Row]) -> frozenset[str]:
    """All claims that the marked ones can be joined with, by whatever chain of facts, and those they were."""
    ids = [mark["name"] for mark in marks if mark["kind"] == "id"]
    new = {mark["name"] for mark in marks if mark["kind"] == "claim"}
    new |= {row["claim_id"] for row in store.rows(FILE, "named_by", ids=ids)} if ids else set()
    found: set[str] = set()
    while new:
        found |= new
        new = {row["claim_id"] for row in store.rows(FILE, "reached", claims=sorted(new))} - found
    return frozenset(found)


def _facts(store: Store, claims: frozenset[str]) -> Facts:
    asked = sorted(claims)
    decisions = store.rows(FILE, "decisions", claims=asked)
    return Facts(
        claims=claims,
        sightings=frozenset(map(_sighting, store.rows(FILE, "sightings", claims=asked))),
        profiles={row["claim_id"]: _profile(row) for row in store.rows(FILE, "profiles", claims=asked)},
        verdicts={
            links.pair(row["claim_a"], row["claim_b"]): Verdict(
                same=row["kind"] == inputs.MERGE, forced=row["forced"]
            )
            for row in decisions
            if row["kind"] != inputs.OVERRIDE
        },
        overridden=frozenset(row["claim_a"] for row in decisions if row["kind"] == inputs.OVERRIDE),
        before={row["claim_id"]: row["canonical_id"] for row in store.rows(FILE, "canonical", claims=asked)},
    )


def _sighting(row: Row) -> Sighting:
    ids = tuple(sorted((name, value) for name, _, value in (text.partition("=") for text in row["ids"])))
    return Sighting(claim_id=row["claim_id"], ids=ids, duration_ms=row["duration_ms"])


def _profile(row: Row) -> Profile:
    return Profile(
        artists=tuple(row["artists"]),
        title=row["title"],
        version_artists=tuple(row["version_artists"]),
        stem=row["stem"],
        text=row["text"],
    )


def _keep(
    store: Store,
    facts: Facts,
    canonical: Mapping[str, str],
    found: Iterable[Link],
    doubts: Iterable[Doubt],
) -> None:
    """The results of these claims in place of those before."""
    store.do(FILE, "clear", claims=sorted(facts.claims))
    pairs = ({"claim_id": claim, "canonical_id": target} for claim, target in sorted(canonical.items()))
    store.put(FILE, "put_canonical", pairs)
    by_hand = {
        Link(claims=both, reason=links.PERSON, evidence="") for both, it in facts.verdicts.items() if it.same
    }
    why = {(each.claims, each.reason, each.evidence): each.why for each in doubts}
    followed = {(each.claims, each.reason, each.evidence): None for each in {*found, *by_hand}}
    judged = facts.verdicts.keys()
    store.put(
        FILE,
        "put_links",
        (
            {"claim_a": both[0], "claim_b": both[1], "reason": reason, "evidence": evidence, "why": text}
            for (both, reason, evidence), text in sorted({**followed, **why}.items())
            if both not in judged or reason == links.PERSON
        ),
    )
