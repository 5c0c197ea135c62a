"""Links that need no person: an equal id at recording scope, or an equal ISRC with the gates and durations.

Never text alone (docs/domain.md, section 11). Where one length is unknown an ISRC needs the same title.
Labels reuse ISRCs for other audio, and sites file the id of the original under a remix: what looks like that
is a doubt and no link.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Literal

from songnodes.domain.links.fact import ISRC, RECORDING_IDS, Doubt, Link, Pair, Sighting, pair
from songnodes.domain.links.profile import Profile, anything_in_common, passes_gates
from songnodes.domain.matching.gates import SAME_LENGTH_MS

#: An id that names more claims than this is a placeholder and links nothing; different spellings of one track
#: are a handful.
MAX_CLAIMS_PER_ID = 12

Named = Mapping[str, frozenset[int]]
"""The claims that one id names, with the durations it was seen with."""


def automatic(
    sightings: Iterable[Sighting], profiles: Mapping[str, Profile]
) -> tuple[frozenset[Link], frozenset[Doubt]]:
    """Return all links and doubts of these sightings. The result depends on their set only."""
    links: set[Link] = set()
    doubts: set[Doubt] = set()
    for (name, value), named in _by_id(sightings).items():
        for fact in _of_one_id(name, value, named, profiles):
            if isinstance(fact, Link):
                links.add(fact)
            else:
                doubts.add(fact)
    return frozenset(links), frozenset(doubts)


def linking(ids: Mapping[str, str], native_track_id: str | None, source: str) -> tuple[tuple[str, str], ...]:
    """Return the ids of a row that can link, sorted."""
    linking_ids = {name: value for name, value in ids.items() if name == ISRC or name in RECORDING_IDS}
    if native_track_id and source in RECORDING_IDS:
        linking_ids[source] = native_track_id
    return tuple(sorted((name, value) for name, value in linking_ids.items() if value))


def _by_id(sightings: Iterable[Sighting]) -> dict[tuple[str, str], dict[str, frozenset[int]]]:
    by_id: dict[tuple[str, str], dict[str, frozenset[int]]] = defaultdict(dict)
    for sighting in sightings:
        durations = {sighting.duration_ms} if sighting.duration_ms else set()
        for key in sighting.ids:
            by_id[key][sighting.claim_id] = by_id[key].get(sighting.claim_id, frozenset()) | durations
    return by_id


def _of_one_id(
    name: str, value: str, named: Named, profiles: Mapping[str, Profile]
) -> Iterator[Link | Doubt]:
    claims = sorted(named)
    if len(claims) > MAX_CLAIMS_PER_ID:
        yield Doubt(claims=pair(claims[0], claims[-1]), reason=name, evidence=value, why="too many tracks")
        return
    for left, right in combinations(claims, 2):
        both: Pair = (left, right)
        if left not in profiles or right not in profiles:
            continue
        if name == ISRC:
            yield _by_isrc(both, value, named, profiles)
        elif anything_in_common(profiles[left], profiles[right]):
            yield Link(claims=both, reason=name, evidence=value)
        else:
            yield Doubt(claims=both, reason=name, evidence=value, why="nothing in common")


def _by_isrc(both: Pair, value: str, named: Named, profiles: Mapping[str, Profile]) -> Link | Doubt:
    left, right = (profiles[claim] for claim in both)
    if not passes_gates(left, right):
        return Doubt(claims=both, reason=ISRC, evidence=value, why="other kind")
    mine, its = (named[claim] for claim in both)
    if mine and its:
        near = any(abs(x - y) <= SAME_LENGTH_MS for x in mine for y in its)
        return _link_or_doubt(both, value, near, "other duration")
    return _link_or_doubt(both, value, left.title == right.title, "no duration")


def _link_or_doubt(
    both: Pair, value: str, follows: bool, why: Literal["other duration", "no duration"]
) -> Link | Doubt:
    if follows:
        return Link(claims=both, reason=ISRC, evidence=value)
    return Doubt(claims=both, reason=ISRC, evidence=value, why=why)
