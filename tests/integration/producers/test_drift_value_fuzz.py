"""Pages and decisions with extreme values in the drift watch: each is observed, alarms or is ignored.

`make nightly` runs the same over a large sample.
"""

import json
import os
from collections.abc import Iterator
from random import Random
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from producers.drift import alarm as alarms
from producers.drift.watcher import TOPIC, Watcher
from songnodes import decisions
from songnodes.clock import SystemClock
from songnodes.decisions import Author
from songnodes.domain.drift import Subject
from songnodes.errors import Poison
from songnodes.messaging import schemas
from songnodes.settings import Settings
from tests.support import codecs, extreme_values, sample_records
from tests.support.value_fuzz import SEED, Case, Findings, page_cases, place, record_cases, whole_pages

PAGES = int(os.environ.get("SONGNODES_FUZZ_WATCHED", "200"))
CODEC = codecs.offline()

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


@pytest.fixture
def watcher(pipeline_settings: Settings) -> Iterator[Watcher]:
    with psycopg.connect(pipeline_settings.database_url, autocommit=True) as connection:
        yield Watcher(pipeline_settings, connection, CODEC, SystemClock())


def test_pages_with_extreme_values_are_observed(watcher: Watcher) -> None:
    findings = Findings()
    for case in page_cases(whole_pages(), PAGES, SEED):
        _observe(watcher, case, CODEC.encode(TOPIC, case.value), findings)
    for case in record_cases(PAGES, SEED, (TOPIC,)):
        _observe(watcher, case, case.value, findings)
    assert not findings.count, f"\n{findings}"
    (row,) = watcher._connection.cursor(row_factory=dict_row).execute(
        "SELECT count(*) AS pages FROM drift_observations"
    )
    assert row["pages"] > PAGES / 3


def _observe(watcher: Watcher, case: Case, value: bytes, findings: Findings) -> None:
    message: Any = SimpleNamespace(
        value=lambda: value, partition=lambda: 0, offset=lambda: 0, timestamp=lambda: (1, 1_700_000_000_000)
    )
    try:
        with watcher._connection.transaction():
            watcher._observe(message)
    except Exception as error:  # the test is about any of them
        watcher._watches.clear()
        findings.note(case, place(error))


def test_decisions_with_extreme_values_do_not_prevent_a_start(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list(_decisions(PAGES))
    assert len(read) > PAGES / 3
    monkeypatch.setattr(decisions, "of_kinds", lambda *_arguments: read)
    monkeypatch.setattr(decisions, "publish", lambda *_arguments: 0)
    watcher.start()
    for alarm in watcher._alarms:
        assert alarms.summary(alarm)
    assert len(watcher._alarms) > 3


def _decisions(number: int) -> Iterator[Any]:
    """Yield holds and releases with one extreme value each, in the record or in the JSON of its value."""
    author = Author(name="a", reason="b", at=sample_records.SEEN)
    subject = Subject("mixcloud", "cloudcast", 1)
    evidence = {"meaning": "m", "usual": 1, "pages": 2, "expected": 0.5, "baseline": 3, "examples": []}
    value = {**subject._asdict(), "holds": True, "evidence": evidence}
    for at in range(number):
        random = Random(f"{SEED} decision {at}")
        decision: Any = decisions.build(
            author,
            decision_id=f"d{at}",
            event_id=f"e{at}",
            subject_id=f"alarm {at}",
            kind=random.choice((alarms.HOLD, alarms.RELEASE)),
            field="measure",
            value=json.dumps(value),
        )
        if random.random() < 0.5:
            decision["value"] = extreme_values.json_edit(value, random)[1].decode()
        else:
            decision = extreme_values.record_edit(schemas.newest("bronze.decisions"), decision, random)[1]
        try:
            yield CODEC.decode("bronze.decisions", CODEC.encode("bronze.decisions", decision))
        except Poison:
            continue
