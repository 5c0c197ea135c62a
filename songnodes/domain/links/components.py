"""Which claims are one track: components of all link facts, and the id that stands for each.

A function of the set of facts. Links are taken in a fixed order, what people say first, so that no order of
arrival is in the result; a link that would join what must stay apart is refused and listed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from songnodes.domain.links.fact import RECORDING_IDS, Doubt, Link, Pair, Verdict
from songnodes.domain.links.profile import Profile, Version

PERSON = "person"
#: The order in which reasons are believed; an ISRC, which has been reused and misfiled, comes last.
RANK = {name: rank for rank, name in enumerate((PERSON, *RECORDING_IDS))}
_LAST = len(RANK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """`canonical` has the claims that stand for another one; `refused` the links not followed."""

    canonical: Mapping[str, str]
    refused: frozenset[Doubt]

    def of(self, claim_id: str) -> str:
        """The id of the claim's track."""
        return self.canonical.get(claim_id, claim_id)


@dataclass(slots=True)
class _Component:
    """The claims joined so far. The smallest id stands for all."""

    members: set[str]
    versions: set[Version]
    canonical: str


@dataclass(slots=True)
class _Joining:
    """Components while links are taken in."""

    profiles: Mapping[str, Profile]
    overridden: Collection[str]
    apart: Mapping[str, set[str]]
    found: dict[str, _Component] = field(default_factory=dict)

    def component(self, claim: str) -> _Component:
        if claim not in self.found:
            known = self.profiles.get(claim)
            self.found[claim] = _Component({claim}, {known.version} if known else set(), claim)
        return self.found[claim]

    def hindrance(
        self, one: _Component, other: _Component, *, by_hand: bool, forced: bool
    ) -> Literal["split by hand", "other version", "takes an override"] | None:
        """Why these two must not become one, None where nothing speaks against it."""
        # `apart` is symmetric, so the smaller side is enough: else a star of n links costs n * n steps
        few, many = sorted((one, other), key=lambda component: len(component.members))
        if any(not self.apart.get(member, set()).isdisjoint(many.members) for member in few.members):
            return "split by hand"
        if not forced and one.versions and other.versions and one.versions.isdisjoint(other.versions):
            return "other version"
        loser = max(one.canonical, other.canonical)
        if not by_hand and loser in self.overridden:
            return "takes an override"
        return None

    def unite(self, one: _Component, other: _Component) -> None:
        small, large = sorted((one, other), key=lambda component: len(component.members))
        large.members |= small.members
        large.versions |= small.versions
        large.canonical = min(small.canonical, large.canonical)
        for member in small.members:
            self.found[member] = large


def join(
    links: Iterable[Link],
    profiles: Mapping[str, Profile],
    verdicts: Mapping[Pair, Verdict] | None = None,
    overridden: Collection[str] = (),
) -> Joined:
    """The components of these facts.

    A verdict "not the same" outranks every link, however many lead around it; one "the same" is taken before
    all automatic links, and passes the guard of versions only when forced. `overridden` are ids with values
    set by hand: only a person takes such an id away.
    """
    said = verdicts or {}
    joining = _Joining(profiles, overridden, _apart(said))
    by_hand = [Link(claims=both, reason=PERSON, evidence="") for both, it in said.items() if it.same]
    refused: set[Doubt] = set()
    for link in sorted({*by_hand, *links}, key=_order):
        one, other = (joining.component(claim) for claim in link.claims)
        if one is other:
            continue
        verdict = said.get(link.claims)
        manual = link.reason == PERSON
        why = joining.hindrance(
            one, other, by_hand=manual, forced=manual and verdict is not None and verdict.forced
        )
        if why is None:
            joining.unite(one, other)
        elif manual or verdict is None:  # what a person has judged is no question any more
            refused.add(Doubt(claims=link.claims, reason=link.reason, evidence=link.evidence, why=why))
    canonical = {
        claim: component.canonical
        for claim, component in joining.found.items()
        if component.canonical != claim
    }
    return Joined(canonical=canonical, refused=frozenset(refused))


def _apart(verdicts: Mapping[Pair, Verdict]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for (one, other), verdict in verdicts.items():
        if not verdict.same:
            found[one].add(other)
            found[other].add(one)
    return found


def _order(link: Link) -> tuple[int, Link]:
    return RANK.get(link.reason, _LAST), link
