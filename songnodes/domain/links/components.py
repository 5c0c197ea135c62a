"""Components of all link facts: the claims of one track, and its canonical id.

The result depends on the set of facts. Links are applied in a fixed order, decisions of operators first, so
that the order of arrival has no effect; a link that would join what must stay apart is refused and listed.
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
    """`canonical` maps claims to their track's id, where it differs; `refused` has the links not followed."""

    canonical: Mapping[str, str]
    refused: frozenset[Doubt]

    def of(self, claim_id: str) -> str:
        """Return the id of the claim's track."""
        return self.canonical.get(claim_id, claim_id)


@dataclass(slots=True)
class _Component:
    """The claims joined so far. The smallest id is the canonical one."""

    members: set[str]
    versions: set[Version]
    canonical: str


@dataclass(slots=True)
class _Joining:
    """Components while links are applied."""

    profiles: Mapping[str, Profile]
    overridden: Collection[str]
    apart: Mapping[str, set[str]]
    components: dict[str, _Component] = field(default_factory=dict)

    def component(self, claim: str) -> _Component:
        if claim not in self.components:
            profile = self.profiles.get(claim)
            self.components[claim] = _Component({claim}, {profile.version} if profile else set(), claim)
        return self.components[claim]

    def merge_conflict(
        self, left: _Component, right: _Component, *, by_hand: bool, forced: bool
    ) -> Literal["split by hand", "other version", "takes an override"] | None:
        """Return the reason against a merge of two components, None if there is none."""
        # `apart` is symmetric, so the smaller side is enough: otherwise a star of n links costs n * n steps
        few, many = sorted((left, right), key=lambda component: len(component.members))
        if any(not self.apart.get(member, set()).isdisjoint(many.members) for member in few.members):
            return "split by hand"
        if not forced and left.versions and right.versions and left.versions.isdisjoint(right.versions):
            return "other version"
        loser = max(left.canonical, right.canonical)
        if not by_hand and loser in self.overridden:
            return "takes an override"
        return None

    def unite(self, left: _Component, right: _Component) -> None:
        small, large = sorted((left, right), key=lambda component: len(component.members))
        large.members |= small.members
        large.versions |= small.versions
        large.canonical = min(small.canonical, large.canonical)
        for member in small.members:
            self.components[member] = large


def join(
    links: Iterable[Link],
    profiles: Mapping[str, Profile],
    verdicts: Mapping[Pair, Verdict] | None = None,
    overridden: Collection[str] = (),
) -> Joined:
    """Return the components of these facts.

    A verdict "not the same" outranks every link, however many lead around it; one "the same" is applied
    before all automatic links, and passes the guard of versions only when forced. `overridden` are ids with
    values set by hand: only an operator takes such an id away.
    """
    decided = verdicts or {}
    joining = _Joining(profiles, overridden, _apart(decided))
    by_hand = [Link(claims=both, reason=PERSON, evidence="") for both, it in decided.items() if it.same]
    refused: set[Doubt] = set()
    for link in sorted({*by_hand, *links}, key=_order):
        left, right = (joining.component(claim) for claim in link.claims)
        if left is right:
            continue
        verdict = decided.get(link.claims)
        manual = link.reason == PERSON
        why = joining.merge_conflict(
            left, right, by_hand=manual, forced=manual and verdict is not None and verdict.forced
        )
        if why is None:
            joining.unite(left, right)
        elif manual or verdict is None:  # an operator's verdict needs no review
            refused.add(Doubt(claims=link.claims, reason=link.reason, evidence=link.evidence, why=why))
    canonical = {
        claim: component.canonical
        for claim, component in joining.components.items()
        if component.canonical != claim
    }
    return Joined(canonical=canonical, refused=frozenset(refused))


def _apart(verdicts: Mapping[Pair, Verdict]) -> dict[str, set[str]]:
    apart: dict[str, set[str]] = defaultdict(set)
    for (left, right), verdict in verdicts.items():
        if not verdict.same:
            apart[left].add(right)
            apart[right].add(left)
    return apart


def _order(link: Link) -> tuple[int, Link]:
    return RANK.get(link.reason, _LAST), link
