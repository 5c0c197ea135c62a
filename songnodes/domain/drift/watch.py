"""Watching one subject: each page is held against those before it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from songnodes.domain.drift import bounds
from songnodes.domain.drift.baseline import LEARNED, Norm, learned
from songnodes.domain.drift.observation import NEW, USUAL, Observation, Subject

#: Pages looked at together: the newest 4, 6, 8 and so on.
WINDOWS = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
#: Of one look at one measure in one window to be a false alarm. There are 13 windows and some 30 measures.
CHANCE = 1e-8
#: Pages that a baseline is made of at most; the newest, up to the longest window, are never part of it.
KEPT = 400
#: Pages between two baselines: making one takes 10 ms, looking at a page 0.1 ms.
RENEWED = 50
EVIDENCE = 10  # pages, and details, named in an alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A measure that is not what it was.

    Of the newest `pages`, only `usual` were as `meaning` says, where `expected` (0 to 1) of `baseline` pages
    had been; `chance` is the probability of so few or fewer. `examples` are unusual pages, newest last;
    `first` is the oldest of the window; `details` say what failed, or what the structure lost or got.
    A breach of what is new in the structure is a notice: nothing is missing, so it holds no page.
    """

    subject: Subject
    measure: str
    meaning: str
    usual: int
    pages: int
    expected: float
    baseline: int
    chance: float
    first: tuple[str, str]
    examples: tuple[str, ...]
    details: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether pages are to be held until somebody has looked."""
        return self.measure != NEW


class Watch:
    """The newest pages of one subject. `muted` measures have an open alarm, which says it all."""

    def __init__(self, subject: Subject, *, muted: Iterable[str] = ()) -> None:
        self.subject = subject
        self._muted = set(muted)
        self._pages: deque[Observation] = deque(maxlen=KEPT + WINDOWS[-1])
        self._norms: list[Norm] = []
        self._until_renewal = 0

    def remember(self, pages: Iterable[Observation]) -> None:
        """Pages that were looked at before, oldest first: a restart continues where it was."""
        self._pages.extend(pages)
        self._until_renewal = 0

    def take(self, page: Observation) -> list[Breach]:
        """Look at the next page; what it shows to be different now. Each measure once."""
        self._pages.append(page)
        if self._until_renewal <= 0:
            self._renew()
        self._until_renewal -= 1
        breaches = []
        for norm in self._norms:
            if norm.test(page) is False and (breach := self._looked_at(norm)):
                breaches.append(breach)
        self._muted.update(breach.measure for breach in breaches)
        self._norms = [norm for norm in self._norms if norm.measure not in self._muted]
        return breaches

    def _renew(self) -> None:
        count = len(self._pages)
        aside = max(0, min(WINDOWS[-1], count - LEARNED, count // 2))
        old = list(islice(self._pages, count - aside))
        self._norms = [norm for name, norm in learned(old).items() if name not in self._muted]
        self._until_renewal = RENEWED if len(old) >= LEARNED else 1

    def _looked_at(self, norm: Norm) -> Breach | None:
        """The newest pages, window after window; the first that is out of bounds decides."""
        seen = usual = 0
        for place, page in enumerate(islice(reversed(self._pages), WINDOWS[-1])):
            outcome = norm.test(page)
            if outcome is None:
                continue
            seen += 1
            usual += outcome
            if seen in WINDOWS and usual <= norm.critical(seen, CHANCE):
                return self._breach(norm, usual, seen, place + 1)
        return None

    def _breach(self, norm: Norm, usual: int, seen: int, size: int) -> Breach:
        pages = list(self._pages)
        before, window = pages[:-size], pages[-size:]
        odd = [page for page in window if norm.test(page) is False]
        worth = round(seen / norm.inflation)
        return Breach(
            subject=self.subject,
            measure=norm.measure,
            meaning=norm.meaning,
            usual=usual,
            pages=seen,
            expected=norm.shown,
            baseline=norm.pages,
            chance=bounds.tail(min(worth, int(usual / norm.inflation)), worth, norm.rate),
            first=(window[0].page_id, window[0].sha256),
            examples=tuple(page.page_id for page in odd[-EVIDENCE:]),
            details=_details(norm.measure, before, odd),
        )


def _details(measure: str, before: list[Observation], odd: list[Observation]) -> tuple[str, ...]:
    """What the unusual pages failed with, or which parts of the structure they lack or add."""
    known = [page.structure for page in before if page.failure is None]
    there = frozenset[str]().union(*(page.structure for page in odd))
    if measure == USUAL and known:
        found = frozenset.intersection(*known) - there
    elif measure == NEW:
        found = there.difference(*known)
    else:
        found = frozenset(page.failure for page in odd if page.failure)
    return tuple(sorted(found)[:EVIDENCE])
