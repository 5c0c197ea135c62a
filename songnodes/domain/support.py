"""Support: plays, DJs and days of a track or an artist as sums that can be retracted.

One DJ's plays of one subject are one entry: that DJ's playlists, each with its version. The
total of a subject is the sum over its DJs. Plays and playlists are summed from the leading DJ of a playlist
only, so that a set of two DJs counts once; supporting DJs and weeks of support count every DJ.

The entry of a DJ with very many playlists is split: one entry per playlist, whose plays and days are summed,
and two kinds of counts over these entries that decide support: of the playlists in which the DJ played the
subject, and of those of one week by day and weight. Counts are bounded, whatever a DJ plays.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TypedDict

import msgspec

from songnodes.domain.trending import (
    CACHED_DAYS,
    LAYERED_WEIGHT,
    MAIN_WEIGHT,
    Play,
    iso_week,
    weeks_of_support,
)

#: Weights of support are kept in halves, so that sums are whole and no order of adding shows.
HALVES = 2
_HALVES_MAIN, _HALVES_LAYERED = round(MAIN_WEIGHT * HALVES), round(LAYERED_WEIGHT * HALVES)
#: Behind a day, in counts of a week: the subject was only layered in these playlists.
LAYERED = "/layered"


class PlaylistEntry(TypedDict):
    """Data of one playlist of a DJ about the subject. `live` is False after its retraction."""

    version: int
    live: bool
    lead: bool
    day: str | None
    precision: str | None
    plays: int
    component_plays: int
    layered_only: bool
    own: bool


class DjEntry(TypedDict):
    """Playlists of one DJ that ever had the subject, and the last observation of one.

    `split`: the playlists have entries of their own, and this one has none.
    """

    playlists: dict[str, PlaylistEntry]
    observed_at: datetime
    split: bool


class Counts(TypedDict):
    """The total of one subject. Maps go from ISO day to a count; no zero stays in them."""

    play_count: int
    component_plays: int
    self_plays: int
    playlists: int
    djs: int
    dates: dict[str, int]
    support_halves: dict[str, int]


def empty() -> Counts:
    """Return the total of a subject without plays."""
    return {
        "play_count": 0,
        "component_plays": 0,
        "self_plays": 0,
        "playlists": 0,
        "djs": 0,
        "dates": {},
        "support_halves": {},
    }


def newer_entry(
    old: DjEntry | None, playlist_id: str, entry: PlaylistEntry, observed_at: datetime
) -> DjEntry:
    """Return the DJ's entry after an update of one playlist; an older version changes nothing."""
    if old is None:
        return {"playlists": {playlist_id: entry}, "observed_at": observed_at, "split": False}
    playlists = old["playlists"]
    stored = playlists.get(playlist_id)
    if stored is None or entry["version"] >= stored["version"]:
        playlists = {**playlists, playlist_id: entry}
    return {"playlists": playlists, "observed_at": max(old["observed_at"], observed_at), "split": False}


def split_entry(entry: DjEntry) -> DjEntry:
    """Return the entry that replaces one whose playlists have entries of their own."""
    return {"playlists": {}, "observed_at": entry["observed_at"], "split": True}


class _Share(msgspec.Struct, frozen=True):
    """Contribution of one DJ to the total. A struct: one or two are created for every fact."""

    play_count: int
    component_plays: int
    self_plays: int
    playlists: int
    djs: int
    dates: Mapping[str, int]
    support_halves: Mapping[str, int]


NOTHING = _Share(0, 0, 0, 0, 0, {}, {})


def _share(entry: DjEntry | None, has_support: bool) -> _Share:
    """Return the contribution of a DJ's entry."""
    if entry is None:
        return NOTHING
    play_count = component_plays = self_plays = playlists = 0
    dates: dict[str, int] = {}
    played: list[PlaylistEntry] = []
    for playlist in entry["playlists"].values():  # one loop: sums by generators took twice as long
        if not playlist["live"]:
            continue
        plays = playlist["plays"]
        if plays:
            played.append(playlist)
        if not playlist["lead"]:
            continue
        play_count += plays
        component_plays += playlist["component_plays"]
        if playlist["own"]:
            self_plays += plays
        if plays:
            playlists += 1
            if playlist["day"] is not None:
                dates[playlist["day"]] = dates.get(playlist["day"], 0) + 1
    djs, support_halves = (1, _support(played)) if played and has_support else (0, {})
    return _Share(play_count, component_plays, self_plays, playlists, djs, dates, support_halves)


def _support(played: list[PlaylistEntry]) -> dict[str, int]:
    if len(played) == 1:  # nearly every entry: the sum of a single week
        [playlist] = played
        if playlist["day"] is None or playlist["precision"] != "day":
            return {}
        return {playlist["day"]: _HALVES_LAYERED if playlist["layered_only"] else _HALVES_MAIN}
    return _halves(
        Play(_date(playlist["day"]), playlist["layered_only"])
        for playlist in played
        if playlist["day"] is not None and playlist["precision"] == "day"
    )


@lru_cache(CACHED_DAYS)
def iso_day(day: date) -> str:
    """Return the text of a day, the same object for all facts: the state of a rebuild holds very many."""
    return day.isoformat()


@lru_cache(CACHED_DAYS)
def _date(day: str) -> date:
    return date.fromisoformat(day)


def _halves(plays: Iterable[Play]) -> dict[str, int]:
    """Return one DJ's support per ISO day."""
    halves: dict[str, int] = {}
    for day, weight in weeks_of_support(plays).values():
        halves[day.isoformat()] = halves.get(day.isoformat(), 0) + round(weight * HALVES)
    return halves


def apply_entry(
    counts: Counts, old: DjEntry | None, new: DjEntry | None, *, has_support: bool = True
) -> Counts:
    """Return the total after one DJ's entry changed from `old` to `new`.

    Without `has_support` its plays are counted, and neither the DJ nor days of support.
    """
    before, after = _share(old, has_support), _share(new, has_support)
    return {
        "play_count": counts["play_count"] + after.play_count - before.play_count,
        "component_plays": counts["component_plays"] + after.component_plays - before.component_plays,
        "self_plays": counts["self_plays"] + after.self_plays - before.self_plays,
        "playlists": counts["playlists"] + after.playlists - before.playlists,
        "djs": counts["djs"] + after.djs - before.djs,
        "dates": add_delta(counts["dates"], before.dates, after.dates),
        "support_halves": add_delta(counts["support_halves"], before.support_halves, after.support_halves),
    }


def support_counts(entry: DjEntry) -> tuple[int, tuple[int, int] | None, dict[str, int]]:
    """Return the support of the entry of one playlist: plays (1 or 0), ISO (year, week), counts in that week.

    The key of the count is the ISO day, with LAYERED behind it if the subject was only layered.
    """
    [playlist] = entry["playlists"].values()
    if not (playlist["live"] and playlist["plays"]):
        return 0, None, {}
    if playlist["day"] is None or playlist["precision"] != "day":
        return 1, None, {}
    return (
        1,
        iso_week(_date(playlist["day"])),
        {playlist["day"] + (LAYERED if playlist["layered_only"] else ""): 1},
    )


def apply_dj_counts(counts: Counts, before: int, after: int) -> Counts:
    """Return the total after the number of playlists in which a DJ played the subject changed."""
    return {**counts, "djs": counts["djs"] + int(after > 0) - int(before > 0)}


def apply_week_counts(counts: Counts, before: Mapping[str, int], after: Mapping[str, int]) -> Counts:
    """Return the total after the counts of a DJ's playlists in one week changed."""
    halves = add_delta(counts["support_halves"], _week_support(before), _week_support(after))
    return {**counts, "support_halves": halves}


def _week_support(week: Mapping[str, int]) -> dict[str, int]:
    return _halves(Play(_date(key.removesuffix(LAYERED)), key.endswith(LAYERED)) for key in week)


def add_delta(sums: dict[str, int], before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Return the sums minus `before` plus `after`, without zeros."""
    if before == after:
        return sums
    totals = dict(sums)
    for key in before.keys() | after.keys() if before else after:
        difference = after.get(key, 0) - before.get(key, 0)
        if not difference:  # nearly all keys of a DJ with several playlists
            continue
        total = totals.get(key, 0) + difference
        if total:
            totals[key] = total
        else:
            del totals[key]
    return totals


def first_day(dates: Mapping[str, int]) -> date | None:
    """Return the earliest of the days, None if there is none."""
    return date.fromisoformat(min(dates)) if dates else None


def last_day(dates: Mapping[str, int]) -> date | None:
    """Return the latest of the days, None if there is none."""
    return date.fromisoformat(max(dates)) if dates else None
