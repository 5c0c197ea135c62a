"""Records with extreme values into the resolver, and what follows of them: a row or a dead letter each.

`make nightly` runs the same over a large sample.
"""

import os
import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest

from songnodes.errors import Poison
from songnodes.messaging import schemas
from songnodes.messaging.record_versions import first_version
from stream_processors.resolver.ingest import DECISIONS, EVENTS, PLAYLISTS, InputRecord
from stream_processors.resolver.intake import ingest_or_split
from stream_processors.resolver.outputs import Output
from stream_processors.resolver.store import Store
from stream_processors.resolver.worker import Resolver
from tests.support import codecs, extreme_values, sample_records
from tests.support.set_builders import DAY, Validate, build_tracklist, track
from tests.support.value_fuzz import SEED, SLOW_S, Case, Findings, place

RECORDS = int(os.environ.get("SONGNODES_FUZZ_RESOLVED", "300"))
CODEC = codecs.offline()
#: Records after which the tables are empty again: sets of 2,500 rows are compared with all sets of their day.
TABLES = 300
LINES = [f"Artist {letter} - Song {letter}" for letter in "abcdefghij"]
DJ = "Nora Vexley"
FIRST_VERSION = first_version(2)

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


class Encoded:
    """In place of `Outputs`: takes what a topic can hold and its consumers accept."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []

    def send(self, outputs: Sequence[Output]) -> None:
        """Raise Poison for an output that no consumer would accept."""
        for topic, key, record in outputs:
            key.encode()
            CODEC.decode(topic, CODEC.encode(topic, record))
            self.outputs.append((topic, key, record))


def wholes() -> list[tuple[str, dict[str, Any]]]:
    """Return records that concern each other: two tracklists of one night, its event, and decisions."""
    validate = Validate()
    rows = [(line, {"spotify": f"{place:022}"}, 200) for place, line in enumerate(LINES)]
    night = [validate.take(build_tracklist(f"{source}:1", rows)) for source in ("1001tracklists", "mixesdb")]
    acts = [{"name": name, "native_id": None, "artist_id": None} for name in (DJ, "Two & Three")]
    event = sample_records.silver_event("ra:1", date=DAY, lineup=acts, title=f"{DJ} @ Halle Neun")
    pair: dict[str, Any] = {
        "subject_id": track(LINES[0]),
        "other_id": track(LINES[1]),
        "field": None,
        "value": None,
    }
    values: list[tuple[str, Any]] = [
        *((PLAYLISTS, playlist) for playlist in night),
        (EVENTS, event),
        *((DECISIONS, sample_records.decision(**{**pair, "kind": kind})) for kind in ("merge", "split")),
        (DECISIONS, sample_records.decision(track(LINES[0]))),
    ]
    assert all(CODEC.decode(topic, CODEC.encode(topic, value)) for topic, value in values)
    return values


def cases() -> Iterator[Case]:
    """Yield records with one extreme value each, newer than those before, between whole ones."""
    whole = wholes()
    for at in range(RECORDS):
        random = Random(f"{SEED} resolved {at}")
        topic, value = whole[at % len(whole)]
        name, edited = extreme_values.record_edit(schemas.newest(topic), value, random)
        for at_half, content in enumerate((edited, value)):
            content = dict(content)
            if content.get("version") == value.get("version"):
                content["version"] = 10 + 2 * at + at_half
            try:
                raw = CODEC.encode(topic, content)
            except Poison:
                continue
            yield Case(name=f"{at} {name}", topic=topic, key="", value=raw)


def test_whole_records_are_linked(store: Store) -> None:
    encoded = Encoded()
    resolver = Resolver(store, encoded, first_version=FIRST_VERSION)  # type: ignore[arg-type]
    records = [InputRecord(topic=topic, value=value) for topic, value in wholes()]
    records = [record for record in records if record.value.get("kind") in (None, "merge")]
    with store.transaction():
        assert ingest_or_split(store, records) == []
    resolver.process_marks()
    assert {topic for topic, _, _ in encoded.outputs} == {"silver.redirects", "silver.resolutions"}
    redirects = [record for topic, _, record in encoded.outputs if topic == "silver.redirects"]
    assert all(redirect["version"] >= FIRST_VERSION for redirect in redirects)


def test_records_with_extreme_values_end_no_resolver(store: Store) -> None:
    findings = Findings()
    encoded = Encoded()
    resolver = Resolver(store, encoded)  # type: ignore[arg-type]
    decoded = 0
    for at, case in enumerate(cases()):
        start = time.process_time()
        decoded += _take(store, case, findings)
        _settle(store, resolver, case, findings)
        if time.process_time() - start > SLOW_S:
            findings.note(case, f"took {time.process_time() - start:.0f} s")
        if at % TABLES == TABLES - 1:
            _empty(store)
    assert not findings.count, f"\n{findings}"
    assert decoded > RECORDS
    assert len(encoded.outputs) > RECORDS / 4


def _take(store: Store, case: Case, findings: Findings) -> bool:
    try:
        record = InputRecord(topic=case.topic, value=CODEC.decode(case.topic, case.value))
    except Poison:
        return False  # a dead letter of the stages and sinks that read the same topic
    try:
        with store.transaction():
            ingest_or_split(store, [record])
    except Exception as error:  # the test is about any of them
        findings.note(case, place(error))
    return True


def _settle(store: Store, resolver: Resolver, case: Case, findings: Findings) -> None:
    """Compute all marks; those that fail are a finding, set aside or not."""
    try:
        resolver.process_marks()
    except Exception as error:  # the test is about any of them
        findings.note(case, place(error))
        store._connection.execute("DELETE FROM resolver_marks")
    for row in store._connection.execute("DELETE FROM set_aside RETURNING kind, error").fetchall():
        findings.note(case, f"{row['kind']} set aside: {row['error']}")


def _empty(store: Store) -> None:
    tables = [
        row["table_name"]
        for row in store._connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
            " AND (table_name LIKE 'resolver%%' OR table_name LIKE 'track_%%') AND table_type = 'BASE TABLE'"
        ).fetchall()
    ]
    assert "resolver_playlists" in tables
    store._connection.execute(f"TRUNCATE {', '.join(tables)}")
