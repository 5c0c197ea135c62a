"""Drift detection for one subject: detected changes, delay of detection, and rate of false alarms."""

import math
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.drift.process import RUN_RECORDS, SAMPLE_EVERY
from songnodes.domain.drift import NEW, PARSED, USUAL, Observation, Share, Subject, Watch, bounds
from songnodes.domain.drift.watch import WINDOWS

SUBJECT = Subject("site", "tracklist", 1)
PLACES = 20
HISTORY = 440  # pages, of which half are the baseline
ROW = frozenset({"<div>", ".row", "@id"})


def page(
    number: int, fields: Mapping[str, float] | None = None, *, structure: frozenset[str] = ROW, **more: bool
) -> Observation:
    """Return a page whose fields are filled in these shares; `more` are contracts that hold."""
    shares = {name: Share(round(share * PLACES), PLACES) for name, share in (fields or {}).items()}
    return Observation(
        subject=SUBJECT,
        page_id=f"page-{number}",
        sha256=str(number),
        kept=more,
        fields=shares,
        structure=structure,
    )


def failed(number: int, reason: str = "no_rows") -> Observation:
    return Observation(subject=SUBJECT, page_id=f"page-{number}", sha256=str(number), failure=reason)


def pages_until_breach(watch: Watch, measure: str, pages: list[Observation]) -> int | None:
    """Return the number of pages after which a measure is out of bounds."""
    for count, observation in enumerate(pages, 1):
        if any(breach.measure == measure for breach in watch.take(observation)):
            return count
    return None


def trained(pages: list[Observation]) -> Watch:
    watch = Watch(SUBJECT)
    for observation in pages:
        assert watch.take(observation) == []
    return watch


class TestDetected:
    def test_a_lost_selector_is_detected_after_six_pages(self) -> None:
        watch = trained([page(n, {"label": 0.9}) for n in range(HISTORY)])
        assert pages_until_breach(watch, "field.label", [page(n, {"label": 0.0}) for n in range(20)]) == 6

    def test_a_short_baseline_needs_twelve_pages(self) -> None:
        watch = trained([page(n, {"label": 0.9}) for n in range(60)])
        detected_after = pages_until_breach(
            watch, "field.label", [page(n, {"label": 0.0}) for n in range(20)]
        )
        assert detected_after is not None
        assert detected_after <= 12

    def test_a_selector_lost_on_half_of_the_rows_is_detected(self) -> None:
        random = Random(1)
        watch = trained([page(n, {"label": random.choice([0.7, 0.8, 0.9, 1.0])}) for n in range(HISTORY)])
        detected_after = pages_until_breach(
            watch, "field.label.much", [page(n, {"label": 0.4}) for n in range(60)]
        )
        assert detected_after is not None
        assert detected_after <= 24

    @pytest.mark.parametrize(("rate", "within"), [(0.9, 24), (0.7, 64), (0.5, 96)])
    def test_a_lost_field_of_some_pages_is_detected(self, rate: float, within: int) -> None:
        random = Random(2)
        watch = trained([page(n, {"venue": float(random.random() < rate)}) for n in range(2 * HISTORY)])
        detected_after = pages_until_breach(
            watch, "field.venue", [page(n, {"venue": 0.0}) for n in range(within)]
        )
        assert detected_after is not None

    def test_unparsable_pages_are_detected_without_a_baseline(self) -> None:
        assert pages_until_breach(Watch(SUBJECT), PARSED, [failed(n) for n in range(40)]) == 12

    def test_a_contract_broken_more_often_is_detected(self) -> None:
        random = Random(3)
        watch = trained([page(n, cues=random.random() < 0.95) for n in range(300)])
        assert pages_until_breach(watch, "contract.cues", [page(n, cues=False) for n in range(30)])

    def test_a_changed_class_of_the_row_container_is_detected(self) -> None:
        watch = trained([page(n) for n in range(HISTORY)])
        changed = [page(n, structure=ROW - {".row"} | {".line"}) for n in range(10)]
        breaches = [breach for observation in changed for breach in watch.take(observation)]
        assert {breach.measure: breach.holds for breach in breaches} == {USUAL: True, NEW: False}
        assert {breach.measure: breach.details for breach in breaches} == {USUAL: (".row",), NEW: (".line",)}

    def test_the_evidence_names_pages_reasons_and_odds(self) -> None:
        watch = trained([page(n) for n in range(HISTORY)])
        (breach,) = (
            breach
            for n in range(HISTORY, HISTORY + 20)
            for breach in watch.take(failed(n, "not_a_tracklist"))
        )
        assert breach.details == ("not_a_tracklist",)
        assert breach.examples == tuple(f"page-{n}" for n in range(HISTORY, HISTORY + 6))
        assert (breach.usual, breach.pages, breach.first) == (0, 6, (f"page-{HISTORY}", str(HISTORY)))
        assert breach.expected == 1.0
        assert breach.chance <= 1e-8

    def test_a_breach_is_reported_once_and_a_muted_measure_never(self) -> None:
        watch = trained([page(n, {"label": 0.9}) for n in range(HISTORY)])
        lost = [page(n, {"label": 0.0}) for n in range(100)]
        assert (
            len([b for observation in lost for b in watch.take(observation) if b.measure == "field.label"])
            == 1
        )
        muted = Watch(SUBJECT, muted=["field.label"])
        muted.remember(page(n, {"label": 0.9}) for n in range(HISTORY))
        assert not [b for observation in lost for b in muted.take(observation) if b.measure == "field.label"]

    def test_a_restart_continues_from_stored_state(self) -> None:
        pages = [page(n, {"label": 0.9}) for n in range(HISTORY)] + [
            page(n, {"label": 0.0}) for n in range(6)
        ]
        restarted = Watch(SUBJECT)
        restarted.remember(pages[:-1])
        assert {breach.measure for breach in restarted.take(pages[-1])} >= {"field.label"}


class TestNotDetected:
    #: How often pages have a field, from all of them to one in six.
    RATES = (1, 1, 0.98, 0.9, 0.8, 0.6, 0.4, 0.2, 0.15)

    def drawn(self, random: Random, number: int, has: dict[str, bool], alike: float) -> Observation:
        """Draw a page: each field as on the previous page with probability `alike`, otherwise by its rate."""
        for place, rate in enumerate(self.RATES):
            if f"f{place}" not in has or random.random() >= alike:
                has[f"f{place}"] = random.random() < rate
        shares = {name: random.betavariate(4, 1.5) if there else 0.0 for name, there in has.items()}
        return page(number, shares, cues=random.random() < 0.97, declared=random.random() < 0.93)

    @pytest.mark.parametrize(("alike", "at_most"), [(0.0, 0), (0.5, 1)])
    def test_false_alarms_are_rare_even_if_neighbouring_pages_are_alike(
        self, alike: float, at_most: int
    ) -> None:
        """In 1,500 pages of 20 measures; docs/drift.md has larger runs."""
        random, has, alarms = Random(5), dict[str, bool](), 0
        watch = Watch(SUBJECT)
        for number in range(1_500):
            alarms += len(watch.take(self.drawn(random, number, has, alike)))
        assert alarms <= at_most

    def test_a_baseline_of_sampled_runs_raises_no_false_alarm(self) -> None:
        """A flood is sampled in runs (`producers/drift/process.py`), the pages after it are all observed."""
        random, has, alarms = Random(5), dict[str, bool](), 0
        watch = Watch(SUBJECT)
        flood = 2 * HISTORY * SAMPLE_EVERY
        for number in range(flood + 1_000):
            observation = self.drawn(random, number, has, 0.5)
            if number >= flood or number // RUN_RECORDS % SAMPLE_EVERY == 0:
                alarms += len(watch.take(observation))
        assert alarms <= 1

    def test_a_page_without_rows_does_not_change_field_rates(self) -> None:
        watch = trained([page(n, {"label": 0.9}) for n in range(HISTORY)])
        assert pages_until_breach(watch, "field.label", [page(n) for n in range(300, 340)]) is None

    def test_a_few_pages_without_a_field_are_no_breach(self) -> None:
        watch = trained([page(n, {"label": 0.9}) for n in range(2 * HISTORY)])
        random = Random(4)
        later = [page(n, {"label": 0.9 if random.random() < 0.96 else 0.0}) for n in range(200)]
        assert pages_until_breach(watch, "field.label", later) is None


class TestBounds:
    @given(st.integers(0, 60), st.integers(1, 60), st.floats(0.01, 0.99))
    def test_the_tail_is_binomial(self, hits: int, trials: int, rate: float) -> None:
        hits = min(hits, trials)
        exact = sum(math.comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(hits + 1))
        assert bounds.tail(hits, trials, rate) == pytest.approx(min(1.0, exact))

    @given(st.sampled_from(WINDOWS), st.floats(0.05, 0.99))
    def test_most_hits_is_the_last_count_below_the_chance(self, trials: int, rate: float) -> None:
        most = bounds.most_hits(trials, rate, 1e-6)
        assert most < 0 or bounds.tail(most, trials, rate) <= 1e-6 * (1 + 1e-9)
        assert most == trials or bounds.tail(most + 1, trials, rate) > 1e-6 * (1 - 1e-9)

    @given(st.integers(1, 500), st.integers(0, 500))
    def test_the_bound_lies_below_the_rate(self, trials: int, hits: int) -> None:
        hits = min(hits, trials)
        assert 0 <= bounds.wilson_low(hits, trials) <= hits / trials

    def test_alternating_runs_have_lower_weight(self) -> None:
        runs = [bool(place // 20 % 2) for place in range(400)]
        assert bounds.inflation(runs, 16) > 10
        mixed = [Random(place).random() < 0.5 for place in range(400)]
        assert bounds.inflation(mixed, 16) < 3
