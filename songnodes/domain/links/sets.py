"""Groups of tracklists of one set, on two sites or twice on one, and the one of each that counts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product

from songnodes.domain.links.occasion import Occasion
from songnodes.domain.quality.playlists import MAX_COMPARED_ROWS

#: Share of the identified rows of the shorter list that are in both in the same order: from here one set.
SAME_SET_SHARE = 0.6
#: Below this share two lists are two sets, whatever their names.
OTHER_SET_SHARE = 0.3
#: Where the occasions have not one word in common, a DJ who repeats a programme on a day is the likelier.
ELSEWHERE_SHARE = 0.8
#: Identified rows required on both sides before their order is evidence.
MIN_ROWS = 5
ONE_DAY = 1
#: One performance twice on one site (a festival set and its broadcast): share of the rows in one order, rows
#: that both must have identified, and days between the two.
REPEAT_SHARE = 0.9
REPEAT_ROWS = 8
REPEAT_DAYS = 183
#: Of an episode or a show, the same number on two days is one programme; two nights have no such number.
EPISODE = "number"
#: Sites whose day is that of the upload: the same list under the same name is an upload that was repeated.
SITES_OF_UPLOADS = frozenset({"mixcloud"})


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
    """Evidence that two tracklists are one set: the share of rows in common order (None: too few rows), and
    agreement of the occasions. `playlists` has the smaller id first. `marked`: their site marks them as
    identical. `days_apart` is None where a day is unknown."""

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
        """Return True if this tracklist is the one of its set that counts."""
        return playlist_id not in self.set_id or playlist_id in self.counted


def same_sets(tracklists: Iterable[Tracklisted]) -> Grouped:
    """Return the sets of these tracklists; the order of tracklists has no effect.

    Tracklists of other DJs change nothing for these unless a mark names them, nor do those of other days that
    do not repeat them.
    """
    by_id = {tracklist.playlist_id: tracklist for tracklist in tracklists}
    links = _best(list(_candidates(by_id.values())))
    groups: dict[str, frozenset[str]] = {}
    taken = []
    for link in _strongest_first(links):
        left, right = (groups.get(playlist_id, frozenset({playlist_id})) for playlist_id in link.playlists)
        if left is not right and _may_be_one([by_id[playlist_id] for playlist_id in sorted(left | right)]):
            groups.update(dict.fromkeys(left | right, left | right))
            taken.append(link)
    taken += _join_repeats(by_id, groups)
    return Grouped(
        set_id={playlist: min(group) for playlist, group in groups.items()},
        counted=frozenset(
            _most_complete([by_id[playlist_id] for playlist_id in group]) for group in set(groups.values())
        ),
        links=tuple(sorted(taken, key=lambda link: link.playlists)),
    )


def _join_repeats(by_id: Mapping[str, Tracklisted], groups: dict[str, frozenset[str]]) -> Iterator[SetLink]:
    """Join the sets that one site has twice, the strongest first.

    Two tracklists that contradict keep sets apart, unless the site itself marks them as identical.
    """
    marked = _marked(by_id)
    marked_pairs = {link.playlists for link in marked}
    repeated = (link for link in _repeats(by_id.values()) if link.playlists not in marked_pairs)
    for link in _strongest_first([*marked, *repeated]):
        left, right = (groups.get(playlist_id, frozenset({playlist_id})) for playlist_id in link.playlists)
        if left == right:
            continue
        pairs = product(sorted(left), sorted(right))
        if link.marked or not any(by_id[a].occasion.contradicts(by_id[b].occasion) for a, b in pairs):
            groups.update(dict.fromkeys(left | right, left | right))
            yield link


def _strongest_first(links: Iterable[SetLink]) -> list[SetLink]:
    return sorted(links, key=lambda link: (*(-part for part in link.strength), link.playlists))


def _marked(by_id: Mapping[str, Tracklisted]) -> list[SetLink]:
    """Return the links of tracklists that their site marks as identical, on either page."""
    links: dict[tuple[str, str], SetLink] = {}
    for left in by_id.values():
        for name in left.identical_to:
            right = by_id.get(name)
            if right is None or right is left or right.source != left.source:
                continue
            low, high = sorted((left, right), key=lambda tracklist: tracklist.playlist_id)
            links[low.playlist_id, high.playlist_id] = SetLink(
                playlists=(low.playlist_id, high.playlist_id),
                share=common_share(tuple(dict.fromkeys(low.claims)), tuple(dict.fromkeys(high.claims))),
                same_occasion=low.occasion.equals(high.occasion),
                days_apart=_days_apart(low, high),
                marked=True,
            )
    return list(links.values())


def _days_apart(left: Tracklisted, right: Tracklisted) -> int | None:
    return abs((left.day - right.day).days) if left.day and right.day else None


def _dated(tracklists: Iterable[Tracklisted]) -> list[tuple[date, Tracklisted]]:
    """Return the tracklists with an exact day and a line-up, by day."""
    dated = [
        (tracklist.day, tracklist) for tracklist in tracklists if tracklist.day is not None and tracklist.djs
    ]
    return sorted(dated, key=lambda pair: (pair[0], pair[1].playlist_id))


def _repeats(tracklists: Iterable[Tracklisted]) -> Iterator[SetLink]:
    by_site: dict[tuple[str, tuple[str, ...]], list[tuple[date, Tracklisted]]] = defaultdict(list)
    for day, tracklist in _dated(tracklists):
        by_site[tracklist.source, tracklist.djs].append((day, tracklist))
    for left, right in _pairs_within(by_site.values(), REPEAT_DAYS):
        if (link := repeats(left, right)) is not None:
            yield link


def _pairs_within(
    groups: Iterable[Sequence[tuple[date, Tracklisted]]], days: int
) -> Iterator[tuple[Tracklisted, Tracklisted]]:
    """Yield the pairs of each group, which is sorted by day, that are at most so many days apart."""
    for group in groups:
        for place, (day, left) in enumerate(group):
            for at in range(place + 1, len(group)):  # no slice: it would copy all that follow
                next_day, right = group[at]
                if (next_day - day).days > days:
                    break
                yield left, right


def repeats(left: Tracklisted, right: Tracklisted) -> SetLink | None:
    """Return the link of two tracklists of one site that are one performance; None without evidence.

    Rows decide, as the site names them: a merge changes nothing here. The same occasion on two days is two
    nights of a residency, unless it is one numbered episode or an upload; numbers that contradict are two
    sets. On one day, the same occasion needs no more rows than two sites do.
    """
    apart = _days_apart(left, right)
    if left.source != right.source or not left.djs or left.djs != right.djs:
        return None
    if apart is None or apart > REPEAT_DAYS:
        return None
    first, second = (tuple(dict.fromkeys(side.claims)) for side in (left, right))
    shorter = min(len(first), len(second))
    common = len(set(first) & set(second))
    if shorter < MIN_ROWS or common < REPEAT_SHARE * shorter:
        return None
    same = left.occasion.equals(right.occasion)
    if shorter < REPEAT_ROWS and (apart or not same):
        return None
    if left.occasion.contradicts(right.occasion) or (same and apart and _are_two_nights(left, right)):
        return None
    share = common_share(first, second)
    if share is None or share < REPEAT_SHARE:
        return None
    low, high = sorted((left.playlist_id, right.playlist_id))
    return SetLink(playlists=(low, high), share=share, same_occasion=same, days_apart=apart)


def _are_two_nights(left: Tracklisted, right: Tracklisted) -> bool:
    """Return True if two sets of one occasion, on two days, may be two nights of a residency."""
    if left.source in SITES_OF_UPLOADS:
        return False
    numbers = left.occasion.numbers
    return numbers == right.occasion.numbers and EPISODE not in numbers


def compare(left: Tracklisted, right: Tracklisted) -> SetLink | None:
    """Return the link of two tracklists of one set; None where they are not, or without evidence."""
    apart = _days_apart(left, right)
    if left.source == right.source or not left.djs or left.djs != right.djs:
        return None
    if apart is None or apart > ONE_DAY:
        return None
    if left.occasion.contradicts(right.occasion):
        return None
    share = common_share(left.tracks, right.tracks)
    same = left.occasion.equals(right.occasion) if share is None else left.occasion.agrees(right.occasion)
    if not (_by_name(share, same, apart) or _by_rows(share, apart, left.occasion, right.occasion)):
        return None
    first, second = sorted((left.playlist_id, right.playlist_id))
    return SetLink(playlists=(first, second), share=share, same_occasion=same, days_apart=apart)


def _by_name(share: float | None, same: bool, apart: int) -> bool:
    return same and apart == 0 and (share is None or share >= OTHER_SET_SHARE)


def _by_rows(share: float | None, apart: int, left: Occasion, right: Occasion) -> bool:
    if share is None or share < SAME_SET_SHARE:
        return False
    return not left.is_elsewhere(right) or (apart == 0 and share >= ELSEWHERE_SHARE)


def common_share(left: Sequence[str], right: Sequence[str]) -> float | None:
    """Return the longest common subsequence of two lists as a share of the shorter.

    None where one has under `MIN_ROWS` rows, or over `MAX_COMPARED_ROWS`: it takes rows * rows steps. Names
    decide then.
    """
    shorter = min(len(left), len(right))
    if shorter < MIN_ROWS or max(len(left), len(right)) > MAX_COMPARED_ROWS:
        return None
    row = [0] * (len(right) + 1)
    for track in left:
        before = 0
        for place, its in enumerate(right, start=1):
            before, row[place] = row[place], before + 1 if track == its else max(row[place], row[place - 1])
    return row[-1] / shorter


def _candidates(tracklists: Iterable[Tracklisted]) -> Iterator[SetLink]:
    by_djs: dict[tuple[str, ...], list[tuple[date, Tracklisted]]] = defaultdict(list)
    for day, tracklist in _dated(tracklists):
        by_djs[tracklist.djs].append((day, tracklist))
    for left, right in _pairs_within(by_djs.values(), ONE_DAY):
        if (link := compare(left, right)) is not None:
            yield link


def _best(links: Sequence[SetLink]) -> Iterator[SetLink]:
    """Yield the links that are the best of both their ends among the other's source: one to one.

    Of two that are equally good one is taken where rows speak for both (a site has the set twice); where only
    the name does, none: a DJ may play a festival twice on a day.
    """
    offers: dict[tuple[str, str], list[SetLink]] = defaultdict(list)
    for link in links:
        left, right = link.playlists
        offers[left, _source(right)].append(link)
        offers[right, _source(left)].append(link)
    chosen = {end: _one_of(links_of_end) for end, links_of_end in offers.items()}
    for link in links:
        left, right = link.playlists
        if chosen[left, _source(right)] == link == chosen[right, _source(left)]:
            yield link


def _one_of(offers: Sequence[SetLink]) -> SetLink | None:
    ranked = _strongest_first(offers)
    tied = len(ranked) > 1 and ranked[0].strength == ranked[1].strength
    return None if tied and not (ranked[0].share or 0) >= SAME_SET_SHARE else ranked[0]


def _source(playlist_id: str) -> str:
    return playlist_id.partition(":")[0]


def _may_be_one(group: Sequence[Tracklisted]) -> bool:
    """One tracklist per source, and no two that contradict each other."""
    return len({tracklist.source for tracklist in group}) == len(group) and not any(
        left.occasion.contradicts(right.occasion) or (_days_apart(left, right) or 0) > ONE_DAY
        for left, right in combinations(group, 2)
    )


def _most_complete(group: Sequence[Tracklisted]) -> str:
    best = max(tracklist.completeness for tracklist in group)
    return min(tracklist.playlist_id for tracklist in group if tracklist.completeness == best)
