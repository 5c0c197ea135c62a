"""The truth: who played which track, where and when. No site has all of it."""

from dataclasses import dataclass
from datetime import date, time

from demo.sets import DemoRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A venue. Coordinates in degrees, `zone` an IANA name."""

    native_id: str
    name: str
    street: str
    city: str
    country: str
    zone: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueEvent:
    """An event. `listed`: Resident Advisor has it, under `native_id`; `end` is on the next day."""

    native_id: str
    title: str
    day: date
    start: time
    end: time
    venue: Venue
    lineup: tuple[str, ...]
    promoter: str
    genres: tuple[str, ...]
    listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueSet:
    """A set as it was played: every row knows its track. A set is at an event or is a show."""

    number: int
    djs: tuple[str, ...]
    day: date
    event: TrueEvent | None
    show: str | None
    styles: tuple[str, ...]
    rows: tuple[DemoRow, ...]
    seconds: int | None

    @property
    def name(self) -> str:
        """Name of the event or the show."""
        return self.event.title if self.event else str(self.show)


def recording(row: DemoRow) -> str | None:
    """Return the recording that a row names, or None: the truth of `track_id`.

    A mashup is a recording of its own, an acapella too.
    """
    if row.parts:
        return "+".join(track.native_id for track in row.parts)
    if row.track is None or row.state != "identified":
        return None
    return row.track.native_id + ("/acapella" if row.note else "")
