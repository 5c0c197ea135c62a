"""Plays of a track or an artist by DJ, as parts of an entity: bounded values, whatever a DJ plays.

    dj               the playlists of a DJ, at most MAX_PLAYLISTS; or, behind them, that the entry is split
    dj NUL playlist  one playlist of a DJ whose entry is split

Groups of the parts of a split entry, with the counts that decide support:

    dj NUL           {"plays": playlists in which the DJ played the subject}
    dj NUL week      playlists of an ISO week by day and weight, at most 14 counts

Nearly all DJs play a subject a few times: their entry is one value, and is not split back.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from songnodes.domain import support
from songnodes.domain.facts import NO_DJ
from songnodes.domain.support import Counts, DjEntry, PlaylistEntry

#: Playlists in the entry of a DJ. Each costs 13 microseconds per fact, so 0.2 ms at most.
MAX_PLAYLISTS = 16
#: Not part of an id: records with it are refused where they are decoded.
NUL = b"\0"
PLAYS = "plays"
NO_DJ_PART = NO_DJ.encode()

Read = Callable[[bytes], Any]


def plan(
    read: Read, entries: Iterable[tuple[str, PlaylistEntry]], playlist_id: str, observed_at: datetime
) -> dict[bytes, dict[str, DjEntry]]:
    """Return the new entries of one playlist by DJ; `read` returns the stored entry of a part.

    The entry of a DJ comes after those of its playlists: it is split when all of them are durable.
    """
    parts: dict[bytes, dict[str, DjEntry]] = {}

    def update_playlist(dj: bytes, playlist_id: str, entry: PlaylistEntry) -> None:
        part = dj + NUL + playlist_id.encode()
        parts[part] = {"dj": support.newer_entry(_dj_entry(read(part)), playlist_id, entry, observed_at)}

    for dj, entry in entries:
        name = dj.encode()
        stored = _dj_entry(read(name))
        if stored is not None and stored["split"]:
            update_playlist(name, playlist_id, entry)
            parts[name] = read(name)  # unchanged, but its write may belong to this commit
            continue
        updated = support.newer_entry(stored, playlist_id, entry, observed_at)
        if len(updated["playlists"]) > MAX_PLAYLISTS:
            for key, playlist in updated["playlists"].items():
                update_playlist(name, key, playlist)
            updated = support.split_entry(updated)
        parts[name] = {"dj": updated}
    return parts


def newest_version(read: Read, djs: Iterable[str], playlist_id: str) -> int:
    """Return the newest version of a playlist that an entry of these DJs has; -1 if none has the playlist."""
    newest = -1
    for dj in djs:
        stored = _dj_entry(read(dj.encode()))
        if stored is not None and stored["split"]:
            stored = _dj_entry(read(dj.encode() + NUL + playlist_id.encode()))
        if stored is not None and playlist_id in stored["playlists"]:
            newest = max(newest, stored["playlists"][playlist_id]["version"])
    return newest


def fold(counts: Counts, part: bytes, old: DjEntry | None, new: DjEntry) -> Counts:
    """Return the counts after the entry of a part changed."""
    # the support of a split entry is counted by `fold_group`
    return support.apply_entry(counts, old, new, has_support=part != NO_DJ_PART and NUL not in part)


def group_counts(part: bytes, entry: Mapping[str, Any]) -> dict[bytes, Mapping[str, int]]:
    """Return what the entry of one playlist adds to the counts of groups."""
    dj, _, _ = part.partition(NUL)
    stored = _dj_entry(entry)
    if stored is None or dj == NO_DJ_PART:
        return {}
    plays, week, days = support.support_counts(stored)
    groups: dict[bytes, Mapping[str, int]] = {dj + NUL: {PLAYS: plays}} if plays else {}
    if week is not None:
        groups[dj + NUL + b"%d-W%02d" % week] = days
    return groups


def fold_group(counts: Counts, group: bytes, before: Mapping[str, int], after: Mapping[str, int]) -> Counts:
    """Return the counts after those of a group changed."""
    if group.endswith(NUL):
        return support.apply_dj_counts(counts, before.get(PLAYS, 0), after.get(PLAYS, 0))
    return support.apply_week_counts(counts, before, after)


def _dj_entry(entry: Mapping[str, Any] | None) -> DjEntry | None:
    stored: DjEntry | None = entry.get("dj") if entry else None
    return stored
