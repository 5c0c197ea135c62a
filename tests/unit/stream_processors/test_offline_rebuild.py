"""A rebuild of silver from bronze without a network: identical rows and attempts."""

import socket
from typing import Any, NoReturn

import pytest

from tests.support import sample_records
from tests.support.in_process_stages import InProcessPipeline
from tests.support.provider_answers import STROBE, archived, deezer_track, key_of, track_id_of
from tests.unit.stream_processors.test_merge_answers import VOLATILE, chain


def row_after(records: list[tuple[str, str, Any]]) -> dict[str, Any]:
    pipeline = InProcessPipeline()
    for topic, key, value in records:
        pipeline.publish(topic, key, value)
    pipeline.run()
    track = pipeline.live_records["silver.tracks"][track_id_of(STROBE)]
    return {name: value for name, value in track.items() if name not in VOLATILE}


def test_a_rebuild_from_the_compacted_archive_gives_the_same_row(monkeypatch: pytest.MonkeyPatch) -> None:
    page = sample_records.tracklist("abc", STROBE)
    track_id = track_id_of(STROBE)
    wrong = archived(track_id, "deezer", "search", {"data": [deezer_track(bpm=99.0)]}, seconds=30)
    answers = [*chain(track_id), wrong]
    history: list[tuple[str, str, Any]] = [
        ("bronze.tracklists", page["playlist_id"], page),
        *(("bronze.enrichments", key_of(record), record) for record in answers),
        ("bronze.enrichments", key_of(wrong), None),
    ]
    expected = row_after(history)

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a rebuild opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    compacted = {(topic, key): value for topic, key, value in history}
    rebuilt = row_after([(topic, key, value) for (topic, key), value in reversed(compacted.items())])
    assert rebuilt == expected
    assert rebuilt["bpm"] == 128
