"""A failed delivery: acknowledged pages are recorded, the others are reported as not published."""

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
    """Acknowledges at `flush`, like Kafka, all but the pages at `failing` positions."""

    def __init__(self, *failing: int) -> None:
        self.failing = failing
        self.sent: list[str] = []
        self._callbacks: list[OnDelivery] = []

    def check(self) -> None:
        """Succeed: the broker is available."""

    def send(self, page: Page, on_delivery: OnDelivery) -> None:
        self.sent.append(page["page_id"])
        self._callbacks.append(on_delivery)
        if len(self._callbacks) == 10:
            self.flush()

    def flush(self) -> None:
        first = len(self.sent) - len(self._callbacks)
        callbacks, self._callbacks = self._callbacks, []
        for position, on_delivery in enumerate(callbacks, start=first):
            on_delivery("Local: Message timed out" if position in self.failing else None)


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


def test_acknowledged_pages_are_recorded(files: list[Path]) -> None:
    outbox, ledger = Outbox(), Ledger()
    report = run(outbox, ledger, files)
    assert report.counts() == {"published": len(files)}
    assert report.useful
    assert len(ledger.noted) == len(files)
    assert undelivered(report) is None
    assert run(outbox, ledger, files).counts() == {"known": len(files)}


def test_a_failed_delivery_ends_the_run(files: list[Path]) -> None:
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


def test_a_repeated_command_sends_only_missing_pages(files: list[Path]) -> None:
    ledger = Ledger()
    run(Outbox(3), ledger, files)
    outbox = Outbox()
    assert run(outbox, ledger, files).counts() == {"published": len(files) - 9, "known": 9}
    assert len(ledger.noted) == len(files)


def test_an_unavailable_ledger_ends_the_run(files: list[Path]) -> None:
    with pytest.raises(PostgresUnreachable):
        run(Outbox(), Ledger(down=True), files)


def test_every_outcome_is_reported_once(files: list[Path]) -> None:
    outcomes: list[Outcome] = []
    Ingest(Outbox(15), Ledger(), CLOCK, on_outcome=outcomes.append).run(files)
    assert sorted(outcome.path for outcome in outcomes) == sorted(files)
