"""Support: plays, DJs and days of a track or an artist as sums that can be retracted.

One DJ's plays of one subject are one entry: that DJ's playlists, each with its version. The
total of a subject is the sum over its DJs. Plays and playlists are summed from the leading DJ of a playlist
only, so that a set of two DJs counts once; supporting DJs and weeks of support count every DJ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypedDict

from songnodes.domain.trending import Play, weeks_of_support

#: Weights of support are kept in halves, so that sums are whole and no order of adding shows.
HALVES = 2


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
    """The playlists of one DJ that ever had the subject, and the last observation of one."""

    playlists: dict[str, PlaylistEntry]
    observed_at: datetime


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
    playlists = dict(old["playlists"]) if old else {}
    stored = playlists.get(playlist_id)
    if stored is None or entry["version"] >= stored["version"]:
        playlists[playlist_id] = entry
    last_observed_at = max(old["observed_at"], observed_at) if old else observed_at
    return {"playlists": playlists, "observed_at": last_observed_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """Contribution of one DJ to the total."""

    play_count: int = 0
    component_plays: int = 0
    self_plays: int = 0
    playlists: int = 0
    djs: int = 0
    dates: Mapping[str, int] = field(default_factory=dict)
    support_halves: Mapping[str, int] = field(default_factory=dict)


NOTHING = _Share()


def _share(dj: str, entry: DjEntry | None, no_dj: str) -> _Share:
    if entry is None:
        return NOTHING
    live = [playlist for playlist in entry["playlists"].values() if playlist["live"]]
    led = [playlist for playlist in live if playlist["lead"]]
    played = [playlist for playlist in live if playlist["plays"]]
    dates: dict[str, int] = {}
    for playlist in led:
        if playlist["plays"] and playlist["day"] is not None:
            dates[playlist["day"]] = dates.get(playlist["day"], 0) + 1
    return _Share(
        play_count=sum(playlist["plays"] for playlist in led),
        component_plays=sum(playlist["component_plays"] for playlist in led),
        self_plays=sum(playlist["plays"] for playlist in led if playlist["own"]),
        playlists=sum(playlist["plays"] > 0 for playlist in led),
        djs=int(bool(played) and dj != no_dj),
        dates=dates,
        support_halves={} if dj == no_dj else _support(played),
    )


def _support(played: list[PlaylistEntry]) -> dict[str, int]:
    plays = [
        Play(day=date.fromisoformat(playlist["day"]), layered=playlist["layered_only"])
        for playlist in played
        if playlist["day"] is not None and playlist["precision"] == "day"
    ]
    halves: dict[str, int] = {}
    for day, weight in weeks_of_support(plays).values():
        halves[day.isoformat()] = halves.get(day.isoformat(), 0) + round(weight * HALVES)
    return halves


def apply_entry(counts: Counts, dj: str, old: DjEntry | None, new: DjEntry | None, no_dj: str) -> Counts:
    """Return the total after one DJ's entry changed from `old` to `new`."""
    before, after = _share(dj, old, no_dj), _share(dj, new, no_dj)
    return {
        "play_count": counts["play_count"] + after.play_count - before.play_count,
        "component_plays": counts["component_plays"] + after.component_plays - before.component_plays,
        "self_plays": counts["self_plays"] + after.self_plays - before.self_plays,
        "playlists": counts["playlists"] + after.playlists - before.playlists,
        "djs": counts["djs"] + after.djs - before.djs,
        "dates": add_delta(counts["dates"], before.dates, after.dates),
        "support_halves": add_delta(counts["support_halves"], before.support_halves, after.support_halves),
    }


def add_delta(sums: dict[str, int], before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Return the sums minus `before` plus `after`, without zeros."""
    if before == after:
        return sums
    totals = dict(sums)
    for key in before.keys() | after.keys():
        value = totals.get(key, 0) + after.get(key, 0) - before.get(key, 0)
        if value:
            totals[key] = value
        else:
            totals.pop(key, None)
    return totals


def first_day(dates: Mapping[str, int]) -> date | None:
    """Return the earliest of the days, None if there is none."""
    return date.fromisoformat(min(dates)) if dates else None


def last_day(dates: Mapping[str, int]) -> date | None:
    """Return the latest of the days, None if there is none."""
    return date.fromisoformat(max(dates)) if dates else None
