"""Saved pages to `bronze.pages`: read, recognise, ask the ledger, publish, note what was acknowledged."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from producers import saved, sources
from producers.ledger import Fetch, is_new
from producers.outbox import Told
from producers.refusals import NotDelivered, Refused
from producers.saved import Given, Saved
from producers.sources.page import Found, Material
from songnodes.clock import Clock
from songnodes.domain.records import Page
from songnodes.errors import Poison

Status = Literal[
    "published", "known", "no_parser", "blocked", "not_recognised", "refused", "skipped", "failed"
]
#: Acknowledged fetches that wait at most for the ledger, and for how many seconds: what a kill repeats.
NOTED_AT_ONCE, NOTED_WITHIN = 100, 1.0


class Outbox(Protocol):
    """Where pages go: `producers.outbox.Outbox`."""

    def check(self) -> None: ...

    def send(self, page: Page, tell: Told) -> None: ...

    def flush(self) -> None: ...


class Ledger(Protocol):
    """What was published before: `producers.ledger.Ledger`."""

    def known(self, page_id: str) -> list[Fetch]: ...

    def note(self, fetches: Sequence[Fetch]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file. `note` says why, where the status alone does not."""

    path: Path
    status: Status
    page_id: str | None = None
    note: str | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """What became of all files."""

    outcomes: list[Outcome] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Files per status."""
        return dict(Counter(outcome.status for outcome in self.outcomes))

    @property
    def useful(self) -> bool:
        """Whether anything was published, now or before, and nothing failed on the way."""
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
        given: Given | None = None,
        everything: bool = False,
        on_outcome: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        self._outbox = outbox
        self._ledger = ledger
        self._clock = clock
        self._given = given or Given()
        self._everything = everything
        self._on_outcome = on_outcome
        self._report = Report()
        self._known: dict[str, list[Fetch]] = {}
        self._acknowledged: list[Fetch] = []
        self._failed = False
        self._noted_at = time.monotonic()

    def run(self, files: Sequence[Path]) -> Report:
        """Publish what is new of these files. Raises a Transient when Kafka or PostgreSQL stays away; what
        was acknowledged is noted first, wherever that is possible."""
        self._outbox.check()
        rest = iter(files)
        try:
            for file in rest:
                self._take(file)
                waited = time.monotonic() - self._noted_at
                if len(self._acknowledged) >= NOTED_AT_ONCE or waited > NOTED_WITHIN:
                    self._note()
                if self._failed:
                    break
        finally:
            self._outbox.flush()
            self._note()
        self._give_up(rest)
        return self._report

    def _take(self, file: Path) -> None:
        try:
            read = saved.read(file, self._given, self._clock)
            if (removed := _removed(read)) is not None:
                self._publish(read, saved.page(read, None, removed))
                return
            material = Material(read.body, url=read.url, content_type=read.content_type)
        except (Refused, Poison) as error:
            self._tell(Outcome(path=file, status="refused", note=str(error)))
            return
        found = sources.recognise(material)
        refusal = sources.why_refused(material, found)
        if refusal:
            self._tell(Outcome(path=file, status="refused", note=refusal))
            return
        if found is None:
            self._tell(Outcome(path=file, status="not_recognised", note=sources.why_not(material)))
            return
        aside = None if self._everything else _set_aside(file, found)
        if aside:
            self._tell(aside)
            return
        self._publish(read, saved.page(read, material, found))

    def _publish(self, read: Saved, page: Page) -> None:
        fetch = Fetch.of(page)
        known = self._known_of(fetch.page_id)
        if not is_new(fetch, read.explicit, known):
            self._tell(Outcome(path=read.path, status="known", page_id=fetch.page_id))
            return
        try:
            self._outbox.send(page, lambda error: self._told(read.path, fetch, error))
        except Poison as refusal:
            outcome = Outcome(path=read.path, status="refused", page_id=fetch.page_id, note=str(refusal))
            self._tell(outcome)
            return
        known.append(fetch)

    def _known_of(self, page_id: str) -> list[Fetch]:
        if page_id not in self._known:
            self._known[page_id] = self._ledger.known(page_id)
        return self._known[page_id]

    def _told(self, path: Path, fetch: Fetch, error: str | None) -> None:
        if error is None:
            self._acknowledged.append(fetch)
            self._tell(Outcome(path=path, status="published", page_id=fetch.page_id))
        else:
            self._failed = True
            self._tell(Outcome(path=path, status="failed", page_id=fetch.page_id, note=error))

    def _note(self) -> None:
        noted, self._acknowledged = self._acknowledged, []
        self._ledger.note(noted)
        self._noted_at = time.monotonic()

    def _give_up(self, rest: Iterable[Path]) -> None:
        """After a failed delivery the files behind it are not tried: each would wait as long again."""
        for file in rest:
            self._tell(Outcome(path=file, status="failed", note="not tried after a failed delivery"))

    def _tell(self, outcome: Outcome) -> None:
        self._report.outcomes.append(outcome)
        self._on_outcome(outcome)


def _removed(read: Saved) -> Found | None:
    """Return the set page that a saved 404 or 410 was asked for as; its body, maybe empty, says nothing."""
    found = sources.by_url(read.url) if read.url else None
    if found is None or found.blocked or not sources.is_removed_set(found.source, found.kind, read.status):
        return None
    return found


def _set_aside(file: Path, found: Found) -> Outcome | None:
    """Why a recognised page is not published unless everything is asked for."""
    if found.blocked:
        return Outcome(path=file, status="blocked", page_id=found.page_id, note=found.blocked)
    if not sources.has_parser(found.source, found.kind):
        note = f"{found.kind} pages of {found.source} have no parser yet"
        if sources.has_links(found.source, found.kind):
            note = (
                f"{found.kind} pages of {found.source} lead to others: "
                f"`songnodes scrape {found.source} --from-index FILE` notes what they list"
            )
        return Outcome(path=file, status="no_parser", page_id=found.page_id, note=note)
    return None


def undelivered(report: Report) -> NotDelivered | None:
    """The first failed delivery of a run as an error, with how many there were."""
    failed = [outcome for outcome in report.outcomes if outcome.status == "failed"]
    if not failed:
        return None
    return NotDelivered(failed[0].note or "", first=str(failed[0].path), files=len(failed))
