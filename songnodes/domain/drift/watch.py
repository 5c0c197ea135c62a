"""Watch of one subject: compares each page with earlier ones."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from songnodes.domain.drift import bounds
from songnodes.domain.drift.baseline import MIN_PAGES, Norm, learned
from songnodes.domain.drift.observation import NEW, USUAL, Observation, Subject

#: Sizes of the windows that are tested: the newest 4, 6, 8 pages and so on.
WINDOWS = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
#: Probability of a false alarm per measure and window; there are 13 windows and some 30 measures.
CHANCE = 1e-8
#: Maximum pages of a baseline; the newest, up to the longest window, are never part of it.
BASELINE_PAGES = 400
#: Pages between two baselines: computing one takes 10 ms, a test of a page 0.1 ms.
RENEW_EVERY = 50
MAX_EXAMPLES = 10  # pages, and details, in an alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A measure that changed.

    Of the newest `pages`, only `usual` fulfilled `meaning`, which `expected` (0 to 1) of `baseline` pages did
    before; `chance` is the probability of so few or fewer. `examples` are abnormal pages, newest last;
    `first` is the oldest of the window; `details` are the failures, or the lost or new parts of the
    structure.
    A breach by new parts of the structure is a notice: nothing is missing, so it holds no page.
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
        """Return True if pages are to be held until a review."""
        return self.measure != NEW


class Watch:
    """The newest pages of one subject. `muted` measures have an open alarm, which covers them."""

    def __init__(self, subject: Subject, *, muted: Iterable[str] = ()) -> None:
        self.subject = subject
        self._muted = set(muted)
        self._pages: deque[Observation] = deque(maxlen=BASELINE_PAGES + WINDOWS[-1])
        self._norms: list[Norm] = []
        self._until_renewal = 0

    def remember(self, pages: Iterable[Observation]) -> None:
        """Add pages tested before, oldest first: a restart continues from there."""
        self._pages.extend(pages)
        self._until_renewal = 0

    def take(self, page: Observation) -> list[Breach]:
        """Add and test the next page; return new breaches, each measure once."""
        self._pages.append(page)
        if self._until_renewal <= 0:
            self._renew()
        self._until_renewal -= 1
        breaches = []
        for norm in self._norms:
            if norm.test(page) is False and (breach := self._test_windows(norm)):
                breaches.append(breach)
        self._muted.update(breach.measure for breach in breaches)
        self._norms = [norm for norm in self._norms if norm.measure not in self._muted]
        return breaches

    def _renew(self) -> None:
        count = len(self._pages)
        aside = max(0, min(WINDOWS[-1], count - MIN_PAGES, count // 2))
        old = list(islice(self._pages, count - aside))
        self._norms = [norm for name, norm in learned(old).items() if name not in self._muted]
        self._until_renewal = RENEW_EVERY if len(old) >= MIN_PAGES else 1

    def _test_windows(self, norm: Norm) -> Breach | None:
        """Test the windows in order of size; return the breach of the first that is out of bounds."""
        pages = usual = 0
        for place, page in enumerate(islice(reversed(self._pages), WINDOWS[-1])):
            outcome = norm.test(page)
            if outcome is None:
                continue
            pages += 1
            usual += outcome
            if pages in WINDOWS and usual <= norm.critical(pages, CHANCE):
                return self._breach(norm, usual, pages, place + 1)
        return None

    def _breach(self, norm: Norm, usual: int, tested: int, size: int) -> Breach:
        pages = list(self._pages)
        before, window = pages[:-size], pages[-size:]
        odd = [page for page in window if norm.test(page) is False]
        worth = round(tested / norm.inflation)
        return Breach(
            subject=self.subject,
            measure=norm.measure,
            meaning=norm.meaning,
            usual=usual,
            pages=tested,
            expected=norm.shown,
            baseline=norm.pages,
            chance=bounds.tail(min(worth, int(usual / norm.inflation)), worth, norm.rate),
            first=(window[0].page_id, window[0].sha256),
            examples=tuple(page.page_id for page in odd[-MAX_EXAMPLES:]),
            details=_details(norm.measure, before, odd),
        )


def _details(measure: str, before: list[Observation], odd: list[Observation]) -> tuple[str, ...]:
    """Return the failures of the abnormal pages, or the parts of the structure that they lack or add."""
    earlier = [page.structure for page in before if page.failure is None]
    present = frozenset[str]().union(*(page.structure for page in odd))
    if measure == USUAL and earlier:
        details = frozenset.intersection(*earlier) - present
    elif measure == NEW:
        details = present.difference(*earlier)
    else:
        details = frozenset(page.failure for page in odd if page.failure)
    return tuple(sorted(details)[:MAX_EXAMPLES])
