"""Limit of dead letters of a reparse: pages that were refused before do not end it again."""

from collections.abc import Collection, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import Producer

from operations.reparse import archive
from operations.reparse.archive import RecordId
from songnodes.errors import TooManyDeadLetters
from songnodes.messaging import topics
from songnodes.messaging.dead_letter_budget import DeadLetterLimits
from songnodes.settings import Settings
from tests.support import codecs

SETTINGS = Settings()
TOPIC = topics.physical(archive.TOPIC, SETTINGS)
LIMIT = DeadLetterLimits().max_consecutive or 0
PAGES = LIMIT + 10
TIME_MS = 1_700_000_000_000


def messages(_settings: Settings, _ranges: Mapping[Any, Any]) -> Iterator[Any]:
    """Return records that no version can decode."""
    for offset in range(PAGES):
        fields = {
            "topic": TOPIC,
            "partition": 0,
            "offset": offset,
            "timestamp": (1, TIME_MS),
            "key": b"1001tracklists:tracklist:abc",
            "value": b"garbage",
            "headers": [],
        }
        yield SimpleNamespace(**{name: lambda value=value: value for name, value in fields.items()})


def reparse(known: Collection[RecordId], *, dry_run: bool = False) -> int:
    """Return the number of refused pages."""
    *_, report = archive.read(
        SETTINGS, codecs.offline(), "1001tracklists", {}, known_letters=known, dry_run=dry_run
    )
    return report.refused.total()


@pytest.fixture(autouse=True)
def archive_of_bad_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0}
    monkeypatch.setattr("operations.reparse.archive.topic_log.read", messages)
    monkeypatch.setattr("operations.reparse.archive.clients.producer", lambda *_, **__: Producer(options))


def test_new_dead_letters_end_it() -> None:
    with pytest.raises(TooManyDeadLetters):
        reparse(known=())


def test_pages_with_a_dead_letter_do_not_end_it() -> None:
    assert reparse(known={(TOPIC, 0, offset, TIME_MS) for offset in range(LIMIT)}) == PAGES


def test_a_dry_run_counts_all() -> None:
    assert reparse(known=(), dry_run=True) == PAGES
