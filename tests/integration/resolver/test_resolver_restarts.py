"""A resolver that crashes after it emitted an output and before it stored it: the next one corrects it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from songnodes import decisions
from songnodes.decisions import Author
from songnodes.domain.records import Decision
from songnodes.errors import NotAcknowledged
from songnodes.messaging.log_offsets import Partition
from stream_processors.resolver import worker
from stream_processors.resolver.ingest import DECISIONS, PLAYLISTS, InputRecord
from stream_processors.resolver.outputs import REDIRECTS, Output
from stream_processors.resolver.reading import Batch
from stream_processors.resolver.store import Store
from stream_processors.resolver.worker import Resolver
from tests.support.set_builders import T0, Validate, build_tracklist, track

ONE, OTHER = sorted(("Nora Vexley - Glass Harbour", "Kilo Meridian - Salt Archive"), key=track)


class Read:
    """In place of `Reading`: batches of a test."""

    began = True

    def __init__(self, *batches: Sequence[InputRecord]) -> None:
        self._batches = [Batch(records=batch, ends={Partition("topic", 0): 1}) for batch in batches]

    @property
    def caught_up(self) -> bool:
        return not self._batches

    def next(self) -> Batch:
        return self._batches.pop(0) if self._batches else Batch(records=(), ends={})

    def advance(self, batch: Batch) -> None: ...

    def note_committed(self, batch: Batch) -> None: ...

    def commit_async(self) -> None: ...


class Topic:
    """In place of `Outputs`: keeps the redirects. With `crashes` it fails after everything arrived."""

    def __init__(self) -> None:
        self.redirects: dict[str, Mapping[str, Any]] = {}
        self.crashes = False

    def send(self, outputs: Sequence[Output]) -> None:
        for topic, key, record in outputs:
            if topic == REDIRECTS:
                self.redirects[key] = record
        if self.crashes and outputs:
            raise NotAcknowledged


def decision(kind: str, minute: int) -> InputRecord:
    author = Author(name="tests", reason="test", at=T0 + timedelta(minutes=minute))
    record: Decision = decisions.on_pair(kind, track(ONE), track(OTHER), author)  # type: ignore[arg-type]
    return InputRecord(topic=DECISIONS, value=cast(dict[str, Any], record))


def run(store: Store, topic: Topic, *batches: Sequence[InputRecord]) -> None:
    """Run a process from its start until it has nothing to do."""
    reading, resolver = Read(*batches), Resolver(store, cast(Any, topic))
    worker.run_cycle(cast(Any, reading), resolver)
    while not reading.caught_up:
        worker.run_cycle(cast(Any, reading), resolver)


def test_a_redirect_of_a_merge_that_was_split_before_the_restart_is_retracted(store: Store) -> None:
    topic = Topic()
    page = Validate().take(build_tracklist("1001tracklists:a", [ONE, OTHER]))
    run(store, topic, [InputRecord(topic=PLAYLISTS, value=cast(dict[str, Any], page))])
    topic.crashes = True
    with pytest.raises(NotAcknowledged):
        run(store, topic, [decision("merge", 0)])
    assert topic.redirects[track(OTHER)]["canonical_id"] == track(ONE)
    topic.crashes = False
    run(store, topic, [decision("split", 1)])
    assert topic.redirects[track(OTHER)]["canonical_id"] is None
    assert store.rows("tracks", "canonical", claims=[track(ONE), track(OTHER)]) == []
