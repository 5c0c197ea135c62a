"""Baseline of a subject: per measure the normal value, and the rate of pages that have it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from songnodes.domain.drift import bounds
from songnodes.domain.drift.observation import NEW, PARSED, USUAL, Observation

#: Pages below which there is no baseline.
MIN_PAGES = 30
#: The same for measures that do not hold on nearly all pages: the similarity of neighbours cannot be
#: estimated from fewer.
MIN_PAGES_MIXED = 120
MIXED = 0.95
#: Without a baseline: the share of pages that can be parsed and keep their contracts.
ASSUMED_RATE = 0.8
#: Measures that hold more rarely are not watched: their loss would take hundreds of pages to notice.
MIN_RATE = 0.1
#: Of pages, for a part of the structure to belong to the usual.
ALWAYS = 0.97
BLOCK = 16  # neighbouring pages, see bounds.inflation

#: True if a page is normal in one measure; None where the page has no value for it.
Test = Callable[[Observation], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """Rate of normal pages in one measure.

    `rate` is the lower 99 % bound, `shown` the plain share; as evidence, `pages` count `inflation` times
    fewer. `test` returns True for a normal page, `meaning` is its description for people.
    """

    measure: str
    test: Test
    meaning: str
    rate: float
    shown: float
    pages: int
    inflation: float = 1.0

    def critical(self, pages: float, chance: float) -> float:
        """Return the largest number of normal pages of `pages` that is a breach; below 0 when none is.

        A drop by less than three tenths is no breach, however certain: crawls differ.
        """
        most = bounds.most_hits(round(pages / self.inflation), round(self.rate, 3), chance)
        return min(most * self.inflation, 0.7 * self.shown * pages)


def learned(pages: Sequence[Observation]) -> dict[str, Norm]:
    """Return the norms of these pages, in their order. Few pages yield only the assumed ones."""
    if len(pages) < MIN_PAGES:
        return {norm.measure: norm for norm in _assumed(pages)}
    measures = dict.fromkeys(measure for page in pages for measure in page.measures)
    tests = [test for measure in measures for test in _tests(measure, pages)] + _structure(pages)
    read = [(test, outcomes) for test in tests if (outcomes := _outcomes(test[1], pages))]
    inflations = [bounds.inflation(outcomes, BLOCK) for _, outcomes in read]
    mixed = [
        factor for factor, (_, outcomes) in zip(inflations, read, strict=True) if _misses(outcomes) >= BLOCK
    ]
    alike = median(mixed) if mixed else 1.0
    norms = []
    for (test, outcomes), own in zip(read, inflations, strict=True):
        # Pages similar in one measure are similar in another, whose few misses are little evidence.
        norms.append(_norm(*test, outcomes, max(own, alike) if _misses(outcomes) else 1.0))
    return {norm.measure: norm for norm in norms if norm}


def _outcomes(test: Test, pages: Sequence[Observation]) -> list[bool]:
    return [outcome for page in pages if (outcome := test(page)) is not None]


def _misses(outcomes: Sequence[bool]) -> int:
    return len(outcomes) - sum(outcomes)


def _assumed(pages: Iterable[Observation]) -> Iterable[Norm]:
    names = {PARSED, *(f"contract.{name}" for page in pages for name in page.kept)}
    for name in sorted(names):
        ((_, test, meaning),) = _tests(name, ())
        yield Norm(measure=name, test=test, meaning=meaning, rate=ASSUMED_RATE, shown=1.0, pages=0)


def _norm(measure: str, test: Test, meaning: str, outcomes: Sequence[bool], inflation: float) -> Norm | None:
    count, hits = len(outcomes), sum(outcomes)
    if count < (MIN_PAGES if hits >= MIXED * count else MIN_PAGES_MIXED):
        return None
    rate = bounds.wilson_low(hits / inflation, count / inflation)
    if rate < MIN_RATE:
        return None
    return Norm(
        measure=measure,
        test=test,
        meaning=meaning,
        rate=rate,
        shown=hits / count,
        pages=count,
        inflation=inflation,
    )


def _tests(measure: str, pages: Sequence[Observation]) -> list[tuple[str, Test, str]]:
    """Return the tests of a measure; two for a field: present, and as filled as on three of four pages.

    The first finds a lost selector soonest, the second one that is lost on a part of the rows.
    """
    family, _, name = measure.partition(".")
    if family == "contract":
        return [(measure, _at_least(measure, 1.0), f"contract {name} is kept")]
    if measure == PARSED:
        return [(measure, _at_least(measure, 1.0), "pages can be parsed")]
    values = sorted(value for page in pages if (value := page.value(measure)) is not None)
    quartile = values[len(values) // 4] if values else 0.0
    tests = [(measure, _at_least(measure, 0.0), f"{name} is there")]
    if quartile > 0:
        meaning = f"{name} is there in {quartile:.0%} of its places or more"
        tests.append((f"{measure}.much", _at_least(measure, quartile), meaning))
    return tests


def _at_least(measure: str, least: float) -> Test:
    def test(page: Observation) -> bool | None:
        value = page.value(measure)
        return None if value is None else (value >= least if least > 0 else value > 0)

    return test


def _structure(pages: Sequence[Observation]) -> list[tuple[str, Test, str]]:
    """Return the tests of the structure: no permanent part is missing, and no part is new."""
    read = [page.structure for page in pages if page.failure is None]
    counts = Counter(token for tokens in read for token in tokens)
    earlier = frozenset(counts)
    always = frozenset(token for token, count in counts.items() if count >= ALWAYS * len(read))

    def lacks_nothing(page: Observation) -> bool | None:
        return None if page.failure is not None else always <= page.structure

    def adds_nothing(page: Observation) -> bool | None:
        return None if page.failure is not None else page.structure <= earlier

    return [
        (USUAL, lacks_nothing, "row containers have all that they always had"),
        (NEW, adds_nothing, "row containers have nothing that they never had"),
    ]
