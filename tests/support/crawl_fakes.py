"""Fakes for the crawler: a frontier, a fetcher with prepared responses, an outbox."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from producers.crawl.pages import LeasedPage, VisitOutcome
from producers.fetch import FetchRequest, FetchResponse
from producers.ledger import Fetch
from producers.outbox import OnDelivery
from producers.sources import Found, Link
from songnodes.domain.records import Page

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def leased(found: Found, **known: object) -> LeasedPage:
    """Build a leased page."""
    facts: dict[str, object] = {"attempts": 0, "crawl": None, "watched": False, "found_at": NOW, **known}
    return LeasedPage(
        page_id=found.page_id,
        source=found.source,
        kind=found.kind,
        native_id=found.native_id,
        url=found.url,
        lease=uuid4(),
        **facts,  # type: ignore[arg-type]
    )


def answer(url: str, body: bytes = b"", *, status: int = 200, **headers: str) -> FetchResponse:
    """Build a response of `producers.fetch`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return FetchResponse(
        url=url,
        status=status,
        headers=named,
        content_type=named.get("content-type"),
        body=body,
        fetched_at=NOW,
        fetcher="http",
        robots="allowed",
    )


class FakeFrontier:
    """Records the outcomes of visits."""

    def __init__(self) -> None:
        self.outcomes: dict[str, VisitOutcome] = {}
        self.released: dict[str, datetime] = {}
        self.fetches: list[Fetch] = []
        self.links: dict[str, Sequence[Link]] = {}

    async def finish(
        self,
        leased: LeasedPage,
        outcome: VisitOutcome,
        *,
        now: datetime,
        fetches: Sequence[Fetch] = (),
        links: Sequence[Link] = (),
    ) -> bool:
        self.outcomes[leased.page_id] = outcome
        self.links[leased.page_id] = links
        self.fetches += fetches
        return True

    async def release_lease(self, leased: LeasedPage, next_at: datetime) -> None:
        self.released[leased.page_id] = next_at

    async def latest_sha256(self, page_id: str) -> str | None:
        return next((fetch.sha256 for fetch in reversed(self.fetches) if fetch.page_id == page_id), None)


class FakeFetcher:
    """Returns responses, or raises errors, in the order given."""

    def __init__(self, *answers: FetchResponse | BaseException) -> None:
        self._answers = list(answers)
        self.requests: list[FetchRequest] = []
        self.blocks: dict[str, list[str]] = defaultdict(list)

    async def fetch(self, fetch_request: FetchRequest) -> FetchResponse:
        self.requests.append(fetch_request)
        response = self._answers.pop(0)
        if isinstance(response, BaseException):
            raise response
        return response

    async def block(self, host: str, why: str) -> None:
        self.blocks[host].append(why)


class FakeOutbox:
    """Acknowledges at `flush`, or fails with `error`."""

    def __init__(self, error: str | None = None) -> None:
        self._error = error
        self.pages: list[Page] = []
        self._waiting: list[OnDelivery] = []

    def check(self) -> None:
        """Accept: the broker is up."""

    def send(self, page: Page, tell: OnDelivery) -> None:
        self.pages.append(page)
        self._waiting.append(tell)

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for tell in waiting:
            tell(self._error)
