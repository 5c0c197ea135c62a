"""Ingest of saved pages into `bronze.pages`: read, recognise, check the ledger, publish, record the ack."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from producers import saved, sources
from producers.errors import FileRefused
from producers.ledger import Fetch, is_new
from producers.outbox import OnDelivery
from producers.saved import Saved, SidecarOverrides
from producers.sources.page import Found, Material
from songnodes.clock import Clock
from songnodes.domain.records import Page
from songnodes.errors import NotAcknowledged, Poison

Status = Literal[
    "published", "known", "no_parser", "blocked", "not_recognised", "refused", "skipped", "failed"
]
#: Limits of acknowledged fetches that are not in the ledger yet: a kill publishes them again.
LEDGER_BATCH, LEDGER_INTERVAL_S = 100, 1.0


class Outbox(Protocol):
    """Producer of pages: `producers.outbox.Outbox`."""

    def check(self) -> None: ...

    def send(self, page: Page, on_delivery: OnDelivery) -> None: ...

    def flush(self) -> None: ...


class Ledger(Protocol):
    """Record of earlier fetches: `producers.ledger.Ledger`."""

    def known(self, page_id: str) -> list[Fetch]: ...

    def note(self, fetches: Sequence[Fetch]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Result for one file. `note` is the reason, where the status alone does not show it."""

    path: Path
    status: Status
    page_id: str | None = None
    note: str | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """Results for all files."""

    outcomes: list[Outcome] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Files per status."""
        return dict(Counter(outcome.status for outcome in self.outcomes))

    @property
    def useful(self) -> bool:
        """Return True if anything was published, now or before, and every delivery succeeded."""
        counts = self.counts()
        return "failed" not in counts and bool(counts.keys() & {"published", "known"})


class Ingest:
    """One run over some files. `everything` publishes recognised pages that no parser reads yet, and
    blocked ones."""

    def __init__(
        self,
        outbox: Outbox,
        ledger: Ledger,
        clock: Clock,
        *,
        overrides: SidecarOverrides | None = None,
        everything: bool = False,
        on_outcome: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        self._outbox = outbox
        self._ledger = ledger
        self._clock = clock
        self._overrides = overrides or SidecarOverrides()
        self._everything = everything
        self._on_outcome = on_outcome
        self._report = Report()
        self._known: dict[str, list[Fetch]] = {}
        self._acknowledged: list[Fetch] = []
        self._failed = False
        self._recorded_at = time.monotonic()

    def run(self, files: Sequence[Path]) -> Report:
        """Publish new pages of these files. Raises Transient when Kafka or PostgreSQL stays unavailable;
        acknowledged fetches are recorded first, wherever that is possible."""
        self._outbox.check()
        rest = iter(files)
        try:
            for file in rest:
                self._ingest_file(file)
                waited = time.monotonic() - self._recorded_at
                if len(self._acknowledged) >= LEDGER_BATCH or waited > LEDGER_INTERVAL_S:
                    self._record_acknowledged()
                if self._failed:
                    break
        finally:
            self._outbox.flush()
            self._record_acknowledged()
        self._fail_remaining(rest)
        return self._report

    def _ingest_file(self, file: Path) -> None:
        try:
            read = saved.read(file, self._overrides, self._clock)
            if (removed := _removed(read)) is not None:
                self._publish(read, saved.page(read, None, removed))
                return
            material = Material(read.body, url=read.url, content_type=read.content_type)
        except (FileRefused, Poison) as error:
            self._add(Outcome(path=file, status="refused", note=str(error)))
            return
        page_ref = sources.recognise(material)
        refusal = sources.why_refused(material, page_ref)
        if refusal:
            self._add(Outcome(path=file, status="refused", note=refusal))
            return
        if page_ref is None:
            self._add(Outcome(path=file, status="not_recognised", note=sources.why_not(material)))
            return
        aside = None if self._everything else _set_aside(file, page_ref)
        if aside:
            self._add(aside)
            return
        self._publish(read, saved.page(read, material, page_ref))

    def _publish(self, read: Saved, page: Page) -> None:
        fetch = Fetch.of(page)
        earlier = self._earlier_fetches(fetch.page_id)
        if not is_new(fetch, read.explicit, earlier):
            self._add(Outcome(path=read.path, status="known", page_id=fetch.page_id))
            return
        try:
            self._outbox.send(page, lambda error: self._on_delivery(read.path, fetch, error))
        except Poison as refusal:
            outcome = Outcome(path=read.path, status="refused", page_id=fetch.page_id, note=str(refusal))
            self._add(outcome)
            return
        earlier.append(fetch)

    def _earlier_fetches(self, page_id: str) -> list[Fetch]:
        if page_id not in self._known:
            self._known[page_id] = self._ledger.known(page_id)
        return self._known[page_id]

    def _on_delivery(self, path: Path, fetch: Fetch, error: str | None) -> None:
        if error is None:
            self._acknowledged.append(fetch)
            self._add(Outcome(path=path, status="published", page_id=fetch.page_id))
        else:
            self._failed = True
            self._add(Outcome(path=path, status="failed", page_id=fetch.page_id, note=error))

    def _record_acknowledged(self) -> None:
        acknowledged, self._acknowledged = self._acknowledged, []
        self._ledger.note(acknowledged)
        self._recorded_at = time.monotonic()

    def _fail_remaining(self, rest: Iterable[Path]) -> None:
        """Report the files after a failed delivery as not tried: each would wait as long again."""
        for file in rest:
            self._add(Outcome(path=file, status="failed", note="not tried after a failed delivery"))

    def _add(self, outcome: Outcome) -> None:
        self._report.outcomes.append(outcome)
        self._on_outcome(outcome)


def _removed(read: Saved) -> Found | None:
    """Return the set page whose request was answered by a saved 404, 410 or redirect to another set of the
    site; its body is ignored."""
    page_ref = sources.by_url(read.url) if read.url else None
    if page_ref is None or page_ref.blocked:
        return None
    return page_ref if sources.withdrawal_reason(page_ref, read.status, read.headers) else None


def _set_aside(file: Path, page_ref: Found) -> Outcome | None:
    """Return the outcome of a recognised page that only `everything` publishes; None for other pages."""
    if page_ref.blocked:
        return Outcome(path=file, status="blocked", page_id=page_ref.page_id, note=page_ref.blocked)
    if not sources.has_parser(page_ref.source, page_ref.kind):
        note = f"{page_ref.kind} pages of {page_ref.source} have no parser yet"
        if sources.has_links(page_ref.source, page_ref.kind):
            note = (
                f"{page_ref.kind} pages of {page_ref.source} lead to others: "
                f"`songnodes scrape {page_ref.source} --from-index FILE` records the pages they list"
            )
        return Outcome(path=file, status="no_parser", page_id=page_ref.page_id, note=note)
    return None


def undelivered(report: Report) -> NotAcknowledged | None:
    """Return the first failed delivery of a run as an error, with their number; None if all succeeded."""
    failed = [outcome for outcome in report.outcomes if outcome.status == "failed"]
    if not failed:
        return None
    return NotAcknowledged(failed[0].note or "", first=str(failed[0].path), files=len(failed))
