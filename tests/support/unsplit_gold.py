"""Gold as it was before entries of DJs were split: all playlists of a DJ are summed again per fact.

The definition that `stream_processors.gold` is compared with. It shares with the code under test the
functions that build an entry from a fact and a record from sums, and nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from songnodes import __version__
from songnodes.domain import analytics, trending
from songnodes.domain.facts import NO_DJ
from songnodes.domain.gold_inputs import ArtistPlays, TrackPlays
from songnodes.domain.support import PlaylistEntry, empty

Share = dict[str, Any]
NUMBERS = ("play_count", "component_plays", "self_plays", "playlists", "djs")
MAPS = ("dates", "support_halves")


class UnsplitGold:
    """Gold records by topic and key, from facts in the order of their offsets."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str, str], dict[str, PlaylistEntry]] = defaultdict(dict)
        self._sets: dict[tuple[str, str], tuple[int, str | None, bool]] = {}
        self._observed: dict[tuple[str, str], datetime] = {}

    def track(self, fact: TrackPlays, offset: int) -> dict[str, Any]:
        """Return the record of gold.tracks after a fact."""
        djs = [(dj, analytics.track_entry(fact, dj)) for dj in (*fact["djs_live"], *fact["djs_gone"])]
        counts, observed = self._apply("track", fact["track_id"], fact, djs)
        return dict(
            analytics.track_analytics(fact["track_id"], offset + 1, counts, None, observed, __version__)
        )

    def artist(self, fact: ArtistPlays, offset: int) -> dict[str, Any]:
        """Return the record of gold.artists after a fact."""
        artist_id = fact["artist_id"]
        djs = [(dj, analytics.credit_entry(fact, dj)) for dj in (*fact["djs_live"], *fact["djs_gone"])]
        counts, observed = self._apply("artist", artist_id, fact, djs)
        day = fact["set_date"].isoformat() if fact["set_date"] else ""
        key = artist_id, fact["playlist_id"]
        if key not in self._sets or fact["version"] >= self._sets[key][0]:
            self._sets[key] = fact["version"], day, fact["as_dj"] and fact["counted"]
        sets: dict[str, int] = defaultdict(int)
        for (artist, _), (_, set_day, live) in self._sets.items():
            if artist == artist_id and live:
                sets[set_day or ""] += 1
        return dict(
            analytics.artist_analytics(artist_id, offset + 1, counts, sets, None, observed, __version__)
        )

    def _apply(
        self, kind: str, subject: str, fact: Mapping[str, Any], djs: Iterable[tuple[str, PlaylistEntry]]
    ) -> tuple[Any, datetime]:
        for dj, entry in djs:
            playlists = self._entries[kind, subject, dj]
            stored = playlists.get(fact["playlist_id"])
            if stored is None or entry["version"] >= stored["version"]:
                playlists[fact["playlist_id"]] = entry
        observed_at = max(self._observed.get((kind, subject), fact["observed_at"]), fact["observed_at"])
        self._observed[kind, subject] = observed_at
        counts: Any = empty()
        for (kind_, subject_, dj), playlists in self._entries.items():
            if (kind_, subject_) == (kind, subject):
                add(counts, share(dj, list(playlists.values())))
        return counts, observed_at


def add(counts: Share, more: Share) -> None:
    """Add the share of a DJ to counts."""
    for name in NUMBERS:
        counts[name] += more[name]
    for name in MAPS:
        for day, number in more[name].items():
            counts[name][day] = counts[name].get(day, 0) + number


def share(dj: str, playlists: list[PlaylistEntry]) -> Share:
    """Return the contribution of one DJ."""
    live = [playlist for playlist in playlists if playlist["live"]]
    led = [playlist for playlist in live if playlist["lead"]]
    played = [playlist for playlist in live if playlist["plays"]]
    dates: dict[str, int] = defaultdict(int)
    for playlist in led:
        if playlist["plays"] and playlist["day"] is not None:
            dates[playlist["day"]] += 1
    return {
        "play_count": sum(playlist["plays"] for playlist in led),
        "component_plays": sum(playlist["component_plays"] for playlist in led),
        "self_plays": sum(playlist["plays"] for playlist in led if playlist["own"]),
        "playlists": sum(playlist["plays"] > 0 for playlist in led),
        "djs": int(bool(played) and dj != NO_DJ),
        "dates": dates,
        "support_halves": {} if dj == NO_DJ else support_halves(played),
    }


def support_halves(played: list[PlaylistEntry]) -> dict[str, int]:
    """Return the support of one DJ per ISO day, in halves."""
    plays = [
        trending.Play(day=date.fromisoformat(playlist["day"]), layered=playlist["layered_only"])
        for playlist in played
        if playlist["day"] is not None and playlist["precision"] == "day"
    ]
    halves: dict[str, int] = defaultdict(int)
    for day, weight in trending.weeks_of_support(plays).values():
        halves[day.isoformat()] += round(weight * 2)
    return halves
