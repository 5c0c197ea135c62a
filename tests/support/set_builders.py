"""Builders of tracklists and events for tests of identity: short calls, complete records."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from songnodes import __version__
from songnodes.domain import ids
from songnodes.domain.identity import track_id
from songnodes.domain.lines import read_line
from songnodes.domain.records import Playlist, Resolution, SilverEvent, Tracklist
from tests.support import sample_records
from tests.support.stored_playlist import StoredPlaylist

T0 = datetime(2026, 2, 1, tzinfo=UTC)
DAY = date(2026, 1, 17)

Row = str | tuple[str, Mapping[str, str]] | tuple[str, Mapping[str, str], int]
"""A line, its ids, and its duration in seconds."""


def track(line: str) -> str:
    """Return the track id of a line."""
    identified = track_id(read_line(line))
    assert identified is not None, line
    return identified


def build_tracklist(
    playlist_id: str,
    rows: Sequence[Row],
    *,
    djs: Sequence[str] = ("Nora Vexley",),
    day: date | None = DAY,
    title: str = "Nora Vexley @ Halle Neun",
    hours: int = 0,
    **header: Any,
) -> Tracklist:
    """Build the tracklist of a set; one with more `hours` replaces an earlier one."""
    base = sample_records.tracklist(playlist_id)
    row_records = [_row(place, row) for place, row in enumerate(rows)]
    head = {
        **base["header"],
        "title": title,
        "mix_name": None,
        "date_text": day and day.isoformat(),
        "djs": [{"name": name, "native_id": None, "url": None} for name in djs],
        "set_type": None,
        "declared_tracks": len(row_records),
        **header,
    }
    content = ids.content_hash({"header": head, "rows": row_records})
    source, _, native = playlist_id.partition(":")
    changes = {
        "event_id": ids.event_id("told", playlist_id, content, str(hours)),
        "source": source,
        "observed_at": T0 + timedelta(hours=hours),
        "playlist_id": playlist_id,
        "page_id": f"{source}:tracklist:{native}",
        "page_sha256": content,
        "content_hash": content,
        "header": head,
        "rows": row_records,
    }
    return cast(Tracklist, {**base, **changes})


def _row(place: int, row: Row) -> dict[str, Any]:
    line = row if isinstance(row, str) else row[0]
    native: dict[str, Any] = dict(row[1]) if isinstance(row, tuple) else {}
    seconds = row[2] if len(row) == 3 and isinstance(row, tuple) else None
    return sample_records.tracklist_row(
        place,
        line,
        native_track_id=native.pop("native", None),
        ids=native,
        duration_seconds=seconds,
    )


def event(
    event_id: str, title: str, *acts: str, day: date = DAY, version: int = 1, **changes: Any
) -> SilverEvent:
    """Build an event of Resident Advisor; `venue` is a name."""
    venue = changes.pop("venue", None)
    record = {
        **sample_records.envelope("event", event_id, str(version)),
        "ra_event_id": event_id,
        "page_id": f"ra:event:{event_id}",
        "title": title,
        "date": day,
        "version": version,
        "gone": False,
        "city": "Berlin",
        "country": "Germany",
        "lineup": [{"name": act, "native_id": None, "artist_id": None} for act in acts],
        "venue": venue
        and {"name": venue, "native_id": None, "address": None, "latitude": None, "longitude": None},
        **changes,
    }
    return cast(SilverEvent, record)


class Validate:
    """The validate stage with one partition per topic: its states and the records it emits."""

    def __init__(self) -> None:
        self.states: dict[str, StoredPlaylist] = {}
        self._offset = 0

    def take(self, tracklist: Tracklist) -> Playlist | None:
        """Apply a tracklist; return the playlist emitted, if any."""
        state = self._state(tracklist["playlist_id"])
        return self._emitted(state, state.apply_tracklist(tracklist, self._next()))

    def resolve(self, resolution: Resolution) -> Playlist | None:
        """Apply a resolution; return the playlist emitted, if any."""
        state = self._state(resolution["playlist_id"])
        return self._emitted(state, state.apply_resolution(resolution, self._next()))

    def _state(self, playlist_id: str) -> StoredPlaylist:
        return self.states.setdefault(playlist_id, StoredPlaylist())

    def _next(self) -> int:
        self._offset += 1
        return self._offset

    @staticmethod
    def _emitted(state: StoredPlaylist, emit: bool) -> Playlist | None:
        return state.build(__version__) if emit else None
