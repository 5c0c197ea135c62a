"""A delivery that fails: what was acknowledged is noted, what was not is named, nothing is claimed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo import pages
from producers.ingest import Ingest, Outcome, Report, undelivered
from producers.ledger import Fetch
from producers.outbox import OnDelivery
from songnodes.clock import ManualClock
from songnodes.domain.records import Page
from songnodes.errors import PostgresUnreachable

CLOCK = ManualClock(datetime(2100, 1, 1, tzinfo=UTC))


class Outbox:
    """Acknowledges late, as Kafka does: at `flush`, all but those at `failing` places."""

    def __init__(self, *failing: int) -> None:
        self.failing = failing
        self.sent: list[str] = []
        self._told: list[OnDelivery] = []

    def check(self) -> None:
        """The broker is there."""

    def send(self, page: Page, tell: OnDelivery) -> None:
        self.sent.append(page["page_id"])
        self._told.append(tell)
        if len(self._told) == 10:
            self.flush()

    def flush(self) -> None:
        first = len(self.sent) - len(self._told)
        told, self._told = self._told, []
        for place, tell in enumerate(told, start=first):
            tell("Local: Message timed out" if place in self.failing else None)


class Ledger:
    def __init__(self, *, down: bool = False) -> None:
        self.down = down
        self.noted: list[Fetch] = []

    def known(self, page_id: str) -> list[Fetch]:
        return [fetch for fetch in self.noted if fetch.page_id == page_id]

    def note(self, fetches: Sequence[Fetch]) -> None:
        if self.down and fetches:
            raise PostgresUnreachable
        self.noted += fetches


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return pages.write(tmp_path_factory.mktemp("pages"), datetime(2025, 10, 10, tzinfo=UTC).date())


def run(outbox: Outbox, ledger: Ledger, files: list[Path]) -> Report:
    return Ingest(outbox, ledger, CLOCK).run(files)


def test_all_acknowledged_is_all_noted(files: list[Path]) -> None:
    outbox, ledger = Outbox(), Ledger()
    report = run(outbox, ledger, files)
    assert report.counts() == {"published": len(files)}
    assert report.useful
    assert len(ledger.noted) == len(files)
    assert undelivered(report) is None
    assert run(outbox, ledger, files).counts() == {"known": len(files)}


def test_after_a_failed_delivery_nothing_more_is_tried(files: list[Path]) -> None:
    outbox, ledger = Outbox(3, 12), Ledger()
    report = run(outbox, ledger, files)
    assert len(outbox.sent) == 10
    assert report.counts() == {"published": 9, "failed": len(files) - 9}
    assert not report.useful
    assert len(ledger.noted) == 9
    error = undelivered(report)
    assert error is not None
    assert "Message timed out" in str(error)
    assert files[3].name in str(error)
    assert len(report.outcomes) == len(files)


def test_the_same_command_again_sends_only_what_is_missing(files: list[Path]) -> None:
    ledger = Ledger()
    run(Outbox(3), ledger, files)
    outbox = Outbox()
    assert run(outbox, ledger, files).counts() == {"published": len(files) - 9, "known": 9}
    assert len(ledger.noted) == len(files)


def test_a_ledger_that_goes_away_stops_the_run(files: list[Path]) -> None:
    with pytest.raises(PostgresUnreachable):
        run(Outbox(), Ledger(down=True), files)


def test_every_outcome_is_told_once(files: list[Path]) -> None:
    seen: list[Outcome] = []
    Ingest(Outbox(15), Ledger(), CLOCK, on_outcome=seen.append).run(files)
    assert sorted(outcome.path for outcome in seen) == sorted(files)
