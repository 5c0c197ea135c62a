"""A resolver that dies after it told something and before it noted it: the next one tells what holds."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from songnodes import decisions
from songnodes.decisions import Author
from songnodes.domain.records import Decision
from songnodes.errors import NotAcknowledged
from stream_processors.resolver import worker
from stream_processors.resolver.outputs import REDIRECTS, Output
from stream_processors.resolver.reading import Batch
from stream_processors.resolver.store import Store
from stream_processors.resolver.taking import DECISIONS, PLAYLISTS, Taken
from stream_processors.resolver.worker import Resolver
from tests.support.set_builders import T0, Validate, build_tracklist, track

ONE, OTHER = sorted(("Nora Vexley - Glass Harbour", "Kilo Meridian - Salt Archive"), key=track)


class Read:
    """In place of `Reading`: batches given beforehand."""

    began = True

    def __init__(self, *batches: Sequence[Taken]) -> None:
        self._batches = [Batch(records=batch, ends={("topic", 0): 1}) for batch in batches]

    @property
    def caught_up(self) -> bool:
        return not self._batches

    def next(self) -> Batch:
        return self._batches.pop(0) if self._batches else Batch(records=(), ends={})

    def advance(self, batch: Batch) -> None: ...

    def done(self, batch: Batch) -> None: ...

    def tell(self) -> None: ...


class Topic:
    """In place of `Outputs`: keeps what the topics would. `dies` is after everything arrived."""

    def __init__(self) -> None:
        self.redirects: dict[str, Mapping[str, Any]] = {}
        self.dies = False

    def send(self, outputs: Sequence[Output]) -> None:
        for topic, key, record in outputs:
            if topic == REDIRECTS:
                self.redirects[key] = record
        if self.dies and outputs:
            raise NotAcknowledged


def said(kind: str, minute: int) -> Taken:
    author = Author(name="tests", reason="a test says so", at=T0 + timedelta(minutes=minute))
    made: Decision = decisions.on_pair(kind, track(ONE), track(OTHER), author)  # type: ignore[arg-type]
    return Taken(topic=DECISIONS, value=cast(dict[str, Any], made))


def run(store: Store, topic: Topic, *batches: Sequence[Taken]) -> None:
    """A process from its start until it has nothing to do."""
    reading, resolver = Read(*batches), Resolver(store, cast(Any, topic))
    worker.turn(cast(Any, reading), resolver)
    while not reading.caught_up:
        worker.turn(cast(Any, reading), resolver)


def test_a_merge_that_was_told_and_split_before_the_restart_is_told_back(store: Store) -> None:
    topic = Topic()
    page = Validate().take(build_tracklist("1001tracklists:a", [ONE, OTHER]))
    run(store, topic, [Taken(topic=PLAYLISTS, value=cast(dict[str, Any], page))])
    topic.dies = True
    with pytest.raises(NotAcknowledged):
        run(store, topic, [said("merge", 0)])
    assert topic.redirects[track(OTHER)]["canonical_id"] == track(ONE)
    topic.dies = False
    run(store, topic, [said("split", 1)])
    assert topic.redirects[track(OTHER)]["canonical_id"] is None
    assert store.rows("tracks", "canonical", claims=[track(ONE), track(OTHER)]) == []
