"""How a crawl goes, on a terminal as a line that changes, elsewhere as plain lines."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from producers.crawl.pages import Left
from producers.crawl.visit import Ending, Visit

EVERY = 5.0  # seconds between two plain lines
#: Seconds over which the rate is taken, which tells the time left.
RATE_OVER = 60.0
#: Endings that put a page away, in the order they are shown.
SHOWN: tuple[Ending, ...] = ("parsed", "fetched", "unchanged", "blocked", "failed")


@dataclass(slots=True)
class Tally:
    """What happened so far. Rates are pages per second over the last minute."""

    endings: Counter[Ending] = field(default_factory=Counter)
    published: int = 0
    queued: int = 0
    last: str = ""
    _times: deque[float] = field(default_factory=deque)

    def count(self, visit: Visit) -> None:
        """One visit more."""
        self.endings[visit.ending] += 1
        self.published += visit.published
        self.last = f"{visit.page_id}: {visit.ending}" + (f", {visit.why}" if visit.why else "")
        self._times.append(time.monotonic())

    @property
    def fetched(self) -> int:
        """Pages of which the site sent something of use."""
        return sum(self.endings[ending] for ending in ("parsed", "fetched", "unchanged"))

    @property
    def rate(self) -> float | None:
        """Pages per second; None where there were none in the last minute."""
        now = time.monotonic()
        while self._times and now - self._times[0] > RATE_OVER:
            self._times.popleft()
        span = now - self._times[0] if self._times else 0.0
        return len(self._times) / span if span else None

    @property
    def seconds_left(self) -> float | None:
        """For what is queued by now; lists may lead to more."""
        rate = self.rate
        return self.queued / rate if rate else None

    def line(self) -> str:
        """All of it in one line."""
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
            parts.append(f"{_span(left)} left")
        return ", ".join(parts)


Show = Callable[[Tally], None]


@contextmanager
def showing(console: Console) -> Iterator[Show]:
    """Something to call after every visit."""
    if console.is_terminal:
        with _live(console) as show:
            yield show
        return
    told = time.monotonic()

    def plain(tally: Tally) -> None:
        nonlocal told
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            console.print(tally.line(), highlight=False, markup=False, soft_wrap=True)

    yield plain


@contextmanager
def _live(console: Console) -> Iterator[Show]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("asking")

        def show(tally: Tally) -> None:
            room = max(20, console.width - 14)
            progress.update(task, description=f"{tally.line()}\n[dim]{escape(tally.last[:room])}[/]")

        yield show


def left_line(left: Left) -> str:
    """What is not done."""
    until = f", the next at {left.soonest:%Y-%m-%d %H:%M:%S} UTC" if left.soonest else ""
    return f"{left.pages} pages wait{until}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
