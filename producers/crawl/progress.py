"""Progress of a crawl: a live line on a terminal, plain lines elsewhere."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from producers.crawl.pages import Remaining
from producers.crawl.visit import Ending, Visit

PLAIN_INTERVAL_S = 5.0  # between two plain lines
#: Window of the rate, from which the time left is estimated.
RATE_WINDOW_S = 60.0
#: Endings after which a page is done, in the order shown.
SHOWN_ENDINGS: tuple[Ending, ...] = ("parsed", "fetched", "unchanged", "blocked", "failed")


@dataclass(slots=True)
class CrawlStats:
    """Counts so far. Rates are pages per second over the last minute."""

    endings: Counter[Ending] = field(default_factory=Counter)
    published: int = 0
    queued: int = 0
    last: str = ""
    _times: deque[float] = field(default_factory=deque)

    def count(self, visit: Visit) -> None:
        """Count one visit."""
        self.endings[visit.ending] += 1
        self.published += visit.published
        self.last = f"{visit.page_id}: {visit.ending}" + (f", {visit.why}" if visit.why else "")
        self._times.append(time.monotonic())

    @property
    def fetched(self) -> int:
        """Number of pages with a usable response."""
        return sum(self.endings[ending] for ending in ("parsed", "fetched", "unchanged"))

    @property
    def rate(self) -> float | None:
        """Pages per second; None without a page in the last minute."""
        now = time.monotonic()
        while self._times and now - self._times[0] > RATE_WINDOW_S:
            self._times.popleft()
        span = now - self._times[0] if self._times else 0.0
        return len(self._times) / span if span else None

    @property
    def seconds_left(self) -> float | None:
        """Estimated time for the pages queued now; lists may add more."""
        rate = self.rate
        return self.queued / rate if rate else None

    def line(self) -> str:
        """Return the counts as one line."""
        shown = {
            "queued": self.queued,
            "fetched": self.fetched,
            "parsed": self.endings["parsed"],
            "blocked": self.endings["blocked"],
            "failed": self.endings["failed"],
        }
        parts = [f"{name} {count:,}" for name, count in shown.items()]
        if (rate := self.rate) is not None:
            parts.append(f"{rate:.1f}/s")
        if (left := self.seconds_left) is not None:
            parts.append(f"{_format_duration(left)} left")
        return ", ".join(parts)


OnProgress = Callable[[CrawlStats], None]


@contextmanager
def progress_display(console: Console) -> Iterator[OnProgress]:
    """Yield a callback for every visit that shows the progress."""
    if console.is_terminal:
        with _live(console) as on_progress:
            yield on_progress
        return
    printed_at = time.monotonic()

    def plain(stats: CrawlStats) -> None:
        nonlocal printed_at
        if time.monotonic() - printed_at >= PLAIN_INTERVAL_S:
            printed_at = time.monotonic()
            console.print(stats.line(), highlight=False, markup=False, soft_wrap=True)

    yield plain


@contextmanager
def _live(console: Console) -> Iterator[OnProgress]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("fetching")

        def on_progress(stats: CrawlStats) -> None:
            width = max(20, console.width - 14)
            progress.update(task, description=f"{stats.line()}\n[dim]{escape(stats.last[:width])}[/]")

        yield on_progress


def remaining_line(left: Remaining) -> str:
    """Describe the remaining pages."""
    until = f", the next at {left.soonest:%Y-%m-%d %H:%M:%S} UTC" if left.soonest else ""
    return f"{left.pages} pages wait{until}"


def _format_duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
