"""The same set on two sites, or twice on one: which tracklists are of one set, and which of them counts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product

from songnodes.domain.links.occasion import Occasion

#: Share of the identified rows of the shorter list that stand in both in one order: so much makes one set.
ALIKE = 0.6
#: So little of two lists says that they are two sets, whatever they are called.
UNLIKE = 0.3
#: Where the occasions have not one word in common, a DJ who repeats a programme on a day is the likelier.
ALIKE_ELSEWHERE = 0.8
#: Rows that must be identified on both sides before their order says anything.
ENOUGH = 5
#: Rows beyond which the order of two lists is not compared: it costs rows * rows steps.
MAX_ROWS = 2_000  # also in quality.playlists, which flags such a set
ONE_DAY = 1
#: One performance twice on one site (a festival set and its broadcast): share of the rows in one order, rows
#: that both must have identified, and days between the two.
REPEATED = 0.9
REPEATED_ROWS = 8
REPEATED_DAYS = 183


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracklisted:
    """One site's tracklist of a set. `djs` are normal forms, sorted; `tracks` the identified rows in their
    order, `claims` the same before any merge; `rows` counts all of them. `identical_to` are tracklists that
    its site itself marks as identical. Sets without a DJ or without an exact day are not compared: only a
    mark joins them."""

    playlist_id: str
    source: str
    djs: tuple[str, ...]
    day: date | None
    occasion: Occasion
    tracks: tuple[str, ...]
    rows: int
    claims: tuple[str, ...] = ()
    identical_to: tuple[str, ...] = ()

    @property
    def completeness(self) -> tuple[int, int]:
        """Most identified rows, then most rows."""
        return len(self.tracks), self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLink:
    """Why two tracklists are one set: the share of rows in common order (None: too few to tell), and whether
    the occasions agree. `playlists` has the smaller id first. `marked`: their site marks them as identical.
    `days_apart` is None where a day is unknown."""

    playlists: tuple[str, str]
    share: float | None
    same_occasion: bool
    days_apart: int | None
    marked: bool = False

    @property
    def strength(self) -> tuple[bool, float, bool, int]:
        """Stronger is greater."""
        return self.marked, self.share or 0.0, self.same_occasion, -(self.days_apart or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """`set_id` of every tracklist that shares its set with another; of each such set the `counted` one."""

    set_id: Mapping[str, str]
    counted: frozenset[str]
    links: tuple[SetLink, ...]

    def counts(self, playlist_id: str) -> bool:
        """Whether this tracklist is the one of its set that counts."""
        return playlist_id not in self.set_id or playlist_id in self.counted


def same_sets(tracklists: Iterable[Tracklisted]) -> Grouped:
    """The sets that these tracklists are of. A function of their set; tracklists of other DJs change nothing
    for these unless a mark names them, nor do those of other days that do not repeat them."""
    known = {each.playlist_id: each for each in tracklists}
    links = sorted(_best(list(_candidates(known.values()))), key=lambda link: link.playlists)
    groups: dict[str, frozenset[str]] = {}
    taken = []
    for link in sorted(links, key=lambda link: (*(-part for part in link.strength), link.playlists)):
        one, other = (groups.get(each, frozenset({each})) for each in link.playlists)
        if one is not other and _may_be_one([known[each] for each in sorted(one | other)]):
            groups.update(dict.fromkeys(one | other, one | other))
            taken.append(link)
    taken += _join_repeats(known, groups)
    return Grouped(
        set_id={playlist: min(group) for playlist, group in groups.items()},
        counted=frozenset(_most_complete([known[each] for each in group]) for group in set(groups.values())),
        links=tuple(sorted(taken, key=lambda link: link.playlists)),
    )


def _join_repeats(known: Mapping[str, Tracklisted], groups: dict[str, frozenset[str]]) -> Iterator[SetLink]:
    """Join the sets that one site has twice, the strongest first.

    Two tracklists that contradict keep sets apart, unless the site itself marks them as identical.
    """
    marked = _marked(known)
    links = [*marked, *(link for link in _repeats(known.values()) if link.playlists not in _pairs(marked))]
    for link in sorted(links, key=lambda link: (*(-part for part in link.strength), link.playlists)):
        one, other = (groups.get(each, frozenset({each})) for each in link.playlists)
        if one == other:
            continue
        pairs = product(sorted(one), sorted(other))
        if link.marked or not any(known[a].occasion.contradicts(known[b].occasion) for a, b in pairs):
            groups.update(dict.fromkeys(one | other, one | other))
            yield link


def _pairs(links: Iterable[SetLink]) -> frozenset[tuple[str, str]]:
    return frozenset(link.playlists for link in links)


def _marked(known: Mapping[str, Tracklisted]) -> list[SetLink]:
    """Return the links of tracklists that their site marks as identical, on either page."""
    links: dict[tuple[str, str], SetLink] = {}
    for one in known.values():
        for name in one.identical_to:
            other = known.get(name)
            if other is None or other is one or other.source != one.source:
                continue
            low, high = sorted((one, other), key=lambda each: each.playlist_id)
            links[low.playlist_id, high.playlist_id] = SetLink(
                playlists=(low.playlist_id, high.playlist_id),
                share=common_share(tuple(dict.fromkeys(low.claims)), tuple(dict.fromkeys(high.claims))),
                same_occasion=low.occasion.equals(high.occasion),
                days_apart=_days_apart(low, high),
                marked=True,
            )
    return list(links.values())


def _days_apart(one: Tracklisted, other: Tracklisted) -> int | None:
    return abs((one.day - other.day).days) if one.day and other.day else None


def _dated(tracklists: Iterable[Tracklisted]) -> list[tuple[date, Tracklisted]]:
    """Return the tracklists with an exact day and a line-up, by day."""
    dated = [(each.day, each) for each in tracklists if each.day is not None and each.djs]
    return sorted(dated, key=lambda pair: (pair[0], pair[1].playlist_id))


def _repeats(tracklists: Iterable[Tracklisted]) -> Iterator[SetLink]:
    by_site: dict[tuple[str, tuple[str, ...]], list[tuple[date, Tracklisted]]] = defaultdict(list)
    for day, each in _dated(tracklists):
        by_site[each.source, each.djs].append((day, each))
    for mine in by_site.values():
        for place, (day, one) in enumerate(mine):
            for at in range(place + 1, len(mine)):
                next_day, other = mine[at]
                if (next_day - day).days > REPEATED_DAYS:
                    break
                if (found := repeats(one, other)) is not None:
                    yield found


def repeats(one: Tracklisted, other: Tracklisted) -> SetLink | None:
    """Return the link of two tracklists of one site that are one performance; None where nothing says so.

    Rows decide, as the site names them: a merge changes nothing here. The same occasion on two days is two
    nights of a residency, and so are numbers that contradict.
    """
    apart = _days_apart(one, other)
    if one.source != other.source or not one.djs or one.djs != other.djs:
        return None
    if apart is None or apart > REPEATED_DAYS:
        return None
    first, second = (tuple(dict.fromkeys(each.claims)) for each in (one, other))
    shorter = min(len(first), len(second))
    common = len(set(first) & set(second))
    if shorter < REPEATED_ROWS or common < REPEATED * shorter:
        return None
    same = one.occasion.equals(other.occasion)
    if one.occasion.contradicts(other.occasion) or (
        same and apart and one.occasion.numbers == other.occasion.numbers
    ):
        return None
    share = common_share(first, second)
    if share is None or share < REPEATED:
        return None
    low, high = sorted((one.playlist_id, other.playlist_id))
    return SetLink(playlists=(low, high), share=share, same_occasion=same, days_apart=apart)


def compare(one: Tracklisted, other: Tracklisted) -> SetLink | None:
    """Whether two tracklists are of one set, by themselves; None where they are not or nothing says so."""
    apart = _days_apart(one, other)
    if one.source == other.source or not one.djs or one.djs != other.djs:
        return None
    if apart is None or apart > ONE_DAY:
        return None
    if one.occasion.contradicts(other.occasion):
        return None
    share = common_share(one.tracks, other.tracks)
    same = one.occasion.equals(other.occasion) if share is None else one.occasion.agrees(other.occasion)
    if not (_by_name(share, same, apart) or _by_rows(share, apart, one.occasion, other.occasion)):
        return None
    first, second = sorted((one.playlist_id, other.playlist_id))
    return SetLink(playlists=(first, second), share=share, same_occasion=same, days_apart=apart)


def _by_name(share: float | None, same: bool, apart: int) -> bool:
    return same and apart == 0 and (share is None or share >= UNLIKE)


def _by_rows(share: float | None, apart: int, one: Occasion, other: Occasion) -> bool:
    if share is None or share < ALIKE:
        return False
    return not one.is_elsewhere(other) or (apart == 0 and share >= ALIKE_ELSEWHERE)


def common_share(one: Sequence[str], other: Sequence[str]) -> float | None:
    """The longest common order of two lists, as a share of the shorter.

    None where one has under `ENOUGH` rows or over `MAX_ROWS`: nothing is said then, the names decide.
    """
    shorter = min(len(one), len(other))
    if shorter < ENOUGH or max(len(one), len(other)) > MAX_ROWS:
        return None
    row = [0] * (len(other) + 1)
    for track in one:
        before = 0
        for place, its in enumerate(other, start=1):
            before, row[place] = row[place], before + 1 if track == its else max(row[place], row[place - 1])
    return row[-1] / shorter


def _candidates(tracklists: Iterable[Tracklisted]) -> Iterator[SetLink]:
    by_djs: dict[tuple[str, ...], list[tuple[date, Tracklisted]]] = defaultdict(list)
    for day, each in _dated(tracklists):
        by_djs[each.djs].append((day, each))
    for mine in by_djs.values():
        for place, (day, one) in enumerate(mine):
            for at in range(place + 1, len(mine)):  # no slice: it would copy all that follow
                next_day, other = mine[at]
                if (next_day - day).days > ONE_DAY:
                    break
                if (found := compare(one, other)) is not None:
                    yield found


def _best(links: Sequence[SetLink]) -> Iterator[SetLink]:
    """Those that are the best of both their ends among the tracklists of the other's source: one to one.

    Of two that are equally good one is taken where rows speak for both (a site has the set twice); where only
    the name does, none: a DJ may play a festival twice on a day.
    """
    offers: dict[tuple[str, str], list[SetLink]] = defaultdict(list)
    for link in links:
        one, other = link.playlists
        offers[one, _source(other)].append(link)
        offers[other, _source(one)].append(link)
    chosen = {end: _one_of(found) for end, found in offers.items()}
    for link in links:
        one, other = link.playlists
        if chosen[one, _source(other)] == link == chosen[other, _source(one)]:
            yield link


def _one_of(offers: Sequence[SetLink]) -> SetLink | None:
    ranked = sorted(offers, key=lambda link: (*(-part for part in link.strength), link.playlists))
    tied = len(ranked) > 1 and ranked[0].strength == ranked[1].strength
    return None if tied and not (ranked[0].share or 0) >= ALIKE else ranked[0]


def _source(playlist_id: str) -> str:
    return playlist_id.partition(":")[0]


def _may_be_one(group: Sequence[Tracklisted]) -> bool:
    """One tracklist per source, and no two that contradict each other."""
    return len({each.source for each in group}) == len(group) and not any(
        one.occasion.contradicts(other.occasion) or (_days_apart(one, other) or 0) > ONE_DAY
        for one, other in combinations(group, 2)
    )


def _most_complete(group: Sequence[Tracklisted]) -> str:
    best = max(each.completeness for each in group)
    return min(each.playlist_id for each in group if each.completeness == best)
