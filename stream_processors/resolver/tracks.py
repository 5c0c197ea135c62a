"""Groups claims into tracks: computes the components of marked claims again from all their facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from songnodes.domain import links
from songnodes.domain.links import Doubt, Joined, Link, Profile, Sighting, Verdict
from stream_processors.resolver import inputs
from stream_processors.resolver.store import Row, Store

FILE = "tracks"
MAX_MARKS = 500  # per transaction
#: Time of a redirect without any set or decision, which happens only after a table was emptied by hand.
NO_CAUSE_AT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirected:
    """A claim with a new canonical id; `canonical_id` None: it is canonical itself again."""

    claim_id: str
    canonical_id: str | None
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts of a closed set of claims: no fact links one of them to a claim outside."""

    claims: frozenset[str]
    sightings: frozenset[Sighting]
    profiles: Mapping[str, Profile]
    verdicts: Mapping[links.Pair, Verdict]
    overridden: frozenset[str]
    before: Mapping[str, str]

    @property
    def named(self) -> frozenset[str]:
        """Claims that a set names, or that a person merged with another."""
        by_hand = {claim for both, verdict in self.verdicts.items() if verdict.same for claim in both}
        return frozenset({sighting.claim_id for sighting in self.sightings} | by_hand)


def process_marks(store: Store, limit: int = MAX_MARKS) -> list[Redirected] | None:
    """Process some marks in the caller's transaction; return None when there are none.

    Playlists that name a moved claim are marked; the caller publishes the result.
    """
    marks = store.rows(FILE, "marked", limit=limit)
    if not marks:
        return None
    facts = _facts(store, _closure(store, marks))
    automatic, doubts = links.automatic(facts.sightings, facts.profiles)
    joined = links.join(automatic, facts.profiles, facts.verdicts, facts.overridden)
    canonical = after(facts, joined)
    moved = sorted(
        claim for claim in facts.claims if canonical.get(claim, claim) != facts.before.get(claim, claim)
    )
    _keep(store, facts, canonical, automatic, doubts | joined.refused)
    store.execute(FILE, "mark_playlists", claims=moved)
    store.put(FILE, "unmark", marks)
    times = {row["claim_id"]: row["observed_at"] for row in store.rows(FILE, "last_seen", claims=moved)}
    return [
        Redirected(claim_id=claim, canonical_id=canonical.get(claim), observed_at=times[claim] or NO_CAUSE_AT)
        for claim in moved
    ]


def after(facts: Facts, joined: Joined) -> dict[str, str]:
    """Return the canonical id of every claim that is not canonical itself.

    An id that no set names any more still resolves as before, indefinitely: its facts were removed with its
    row, and a user may have stored it.
    """
    canonical = dict(joined.canonical)
    for claim, target in facts.before.items():
        if claim not in facts.named and joined.of(target) != claim:
            canonical.setdefault(claim, joined.of(target))
    return canonical


def _closure(store: Store, marks: Iterable[Row]) -> frozenset[str]:
    """Return the claims that a chain of facts links to the marked ones, or that were one track with them."""
    ids = [mark["name"] for mark in marks if mark["kind"] == "id"]
    new = {mark["name"] for mark in marks if mark["kind"] == "claim"}
    new |= {row["claim_id"] for row in store.rows(FILE, "named_by", ids=ids)} if ids else set()
    closure: set[str] = set()
    while new:
        closure |= new
        new = {row["claim_id"] for row in store.rows(FILE, "reached", claims=sorted(new))} - closure
    return frozenset(closure)


def _facts(store: Store, claims: frozenset[str]) -> Facts:
    names = sorted(claims)
    decisions = store.rows(FILE, "decisions", claims=names)
    return Facts(
        claims=claims,
        sightings=frozenset(map(_sighting, store.rows(FILE, "sightings", claims=names))),
        profiles={row["claim_id"]: _profile(row) for row in store.rows(FILE, "profiles", claims=names)},
        verdicts={
            links.pair(row["claim_a"], row["claim_b"]): Verdict(
                same=row["kind"] == inputs.MERGE, forced=row["forced"]
            )
            for row in decisions
            if row["kind"] != inputs.OVERRIDE
        },
        overridden=frozenset(row["claim_a"] for row in decisions if row["kind"] == inputs.OVERRIDE),
        before={row["claim_id"]: row["canonical_id"] for row in store.rows(FILE, "canonical", claims=names)},
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
    automatic: Iterable[Link],
    doubts: Iterable[Doubt],
) -> None:
    """Replace the stored results of these claims."""
    store.execute(FILE, "clear", claims=sorted(facts.claims))
    pairs = ({"claim_id": claim, "canonical_id": target} for claim, target in sorted(canonical.items()))
    store.put(FILE, "put_canonical", pairs)
    by_hand = {
        Link(claims=both, reason=links.PERSON, evidence="")
        for both, verdict in facts.verdicts.items()
        if verdict.same
    }
    why = {(doubt.claims, doubt.reason, doubt.evidence): doubt.why for doubt in doubts}
    followed = {(link.claims, link.reason, link.evidence): None for link in {*automatic, *by_hand}}
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
