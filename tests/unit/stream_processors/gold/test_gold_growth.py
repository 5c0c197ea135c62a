"""Bytes of state that one fact reads and writes do not grow with the facts of its track, artist or DJ.

Counted where values are encoded and decoded, with a commit after every fact. Days are from one range, so that
the sums per day, which the records of gold contain, are complete before the first measurement.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from songnodes.domain import facts
from songnodes.domain.records import Playlist
from songnodes.settings import Settings
from stream_processors.gold import build
from stream_processors.runtime import SchemaValues
from stream_processors.runtime.testing import StageTestDriver
from tests.support import codecs, sample_records

FACTS = 10_000
#: Facts per measurement.
WINDOW = 200
#: Days of the sets: less than the facts before the first measurement.
DAYS = 250
FIRST_DAY = date(2025, 1, 6)
SEEN = datetime(2026, 1, 1, tzinfo=UTC)
#: Ids grow by a digit with the number of sets.
MAX_RATIO = 1.05


@dataclass(slots=True)
class StateBytes:
    """Bytes decoded and encoded so far."""

    read: int = 0
    written: int = 0

    def __sub__(self, other: "StateBytes") -> tuple[int, int]:
        return self.read - other.read, self.written - other.written


class UncheckedDriver(StageTestDriver):
    """Encodes no value more often than a worker does."""

    def _check_values(self) -> None:
        pass


@pytest.fixture
def state_bytes(monkeypatch: pytest.MonkeyPatch) -> StateBytes:
    counted = StateBytes()
    encode, decode = SchemaValues.encode, SchemaValues.decode

    def counting_encode(values: SchemaValues, key: bytes, value: Any) -> bytes:
        raw = encode(values, key, value)
        counted.written += len(raw)
        return raw

    def counting_decode(values: SchemaValues, key: bytes, raw: bytes) -> Any:
        counted.read += len(raw)
        return decode(values, key, raw)

    monkeypatch.setattr(SchemaValues, "encode", counting_encode)
    monkeypatch.setattr(SchemaValues, "decode", counting_decode)
    return counted


def playlists(dj: str) -> Iterator[Playlist]:
    for number in range(FACTS):
        row = sample_records.playlist_row(1, "deadmau5-strobe")
        day = FIRST_DAY + timedelta(days=number * 7 % DAYS)
        line_up = (dj,) if dj != facts.NO_DJ else ()
        yield sample_records.playlist(  # type: ignore[misc]
            f"mixcloud:{number:05}",
            1,
            row,
            djs=line_up,
            set_date=day,
            observed_at=datetime(2026, 1, 1, tzinfo=UTC),
        )


@pytest.mark.parametrize(
    ("topic", "dj"), [("silver.appearances", "petetong"), ("silver.credits", facts.NO_DJ)]
)
def test_the_last_of_many_facts_costs_what_an_early_one_costs(
    topic: str, dj: str, state_bytes: StateBytes
) -> None:
    codec = codecs.offline()
    driver = UncheckedDriver(build(Settings(), codec), codec)
    costs = []
    before = StateBytes()
    for number, playlist in enumerate(playlists(dj), 1):
        if topic == "silver.appearances":
            [fact] = facts.PlaylistFacts(playlist, "1").of_tracks()
            driver.feed(topic, "deadmau5-strobe", dict(fact))
        else:
            fact_of_artist = next(
                fact
                for fact in facts.PlaylistFacts(playlist, "1").of_artists()
                if fact["artist_id"] == "deadmau5"
            )
            driver.feed(topic, "deadmau5", dict(fact_of_artist))
        driver.commit()
        if number % WINDOW == 0:
            costs.append(state_bytes - before)
            before = StateBytes(read=state_bytes.read, written=state_bytes.written)
    settled = DAYS // WINDOW + 1
    early, last = costs[settled], costs[-1]
    assert last[0] <= MAX_RATIO * early[0]
    assert last[1] <= MAX_RATIO * early[1]
