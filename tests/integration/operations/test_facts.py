"""`songnodes facts` on a broker: the newest readable record of each playlist, with its version."""

import pytest
import typer
from typer.testing import CliRunner

from operations.facts import cli
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from tests.integration.operations.topic_records import Command, RecordWriter, make_topics
from tests.support import codecs, sample_records

FACTS = ("silver.appearances", "silver.credits")


@pytest.fixture
def codec(pipeline: Settings) -> Codec:
    """Codec of the registry of the test, with the topics of facts."""
    make_topics(pipeline, *FACTS)
    return codecs.registered(pipeline)


@pytest.fixture
def run_facts(pipeline: Settings, codec: Codec, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`songnodes facts` with these arguments."""
    monkeypatch.setattr(cli, "settings", lambda: pipeline)
    app = typer.Typer()
    app.command()(cli.facts)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def publish(writer: RecordWriter, codec: Codec, playlist_id: str, version: int, *lines: str) -> None:
    rows = [sample_records.playlist_row(place, line) for place, line in enumerate(lines, 1)]
    value = sample_records.playlist(playlist_id, version, *rows)
    writer.record("silver.playlists", playlist_id.encode(), codec.encode("silver.playlists", value))


def emitted(writer: RecordWriter, codec: Codec) -> set[tuple[str, str, str, int]]:
    """Topic, key, playlist and version of all facts."""
    facts = set()
    for topic in FACTS:
        for message in writer.everything(topic):
            value = codec.decode(topic, message.value())
            facts.add((topic, (message.key() or b"").decode(), value["playlist_id"], value["version"]))
    return facts


def test_the_newest_record_of_each_playlist_is_emitted_with_its_version(
    pipeline: Settings, codec: Codec, run_facts: Command
) -> None:
    writer = RecordWriter.of(pipeline)
    publish(writer, codec, "mixcloud:a", 3, "ada-one")
    publish(writer, codec, "mixcloud:a", 5, "ada-two")
    publish(writer, codec, "mixcloud:b", 2, "bo-three")
    writer.record("silver.playlists", b"mixcloud:b", b"\0not a playlist")
    result = run_facts("--dry-run")
    assert (result.exit_code, emitted(writer, codec)) == (0, set())
    assert "6 facts of 2 playlists would be emitted" in result.output  # each: track, artist, DJ
    assert run_facts().exit_code == 0
    newest = {
        ("silver.appearances", "ada-two", "mixcloud:a", 5),
        ("silver.credits", "petetong", "mixcloud:a", 5),
        ("silver.appearances", "bo-three", "mixcloud:b", 2),
        ("silver.credits", "petetong", "mixcloud:b", 2),
    }
    assert newest <= emitted(writer, codec)
    assert {fact[2:] for fact in emitted(writer, codec)} == {("mixcloud:a", 5), ("mixcloud:b", 2)}
    before = emitted(writer, codec)
    assert run_facts().exit_code == 0
    assert emitted(writer, codec) == before


def test_one_playlist_and_those_without_a_readable_record(
    pipeline: Settings, codec: Codec, run_facts: Command
) -> None:
    writer = RecordWriter.of(pipeline)
    publish(writer, codec, "mixcloud:a", 1, "ada-one")
    publish(writer, codec, "mixcloud:b", 1, "ada-one")
    writer.record("silver.playlists", b"mixcloud:c", b"\0not a playlist")
    result = run_facts("mixcloud:a", "mixcloud:d")
    assert result.exit_code == 1
    assert "mixcloud:d: no such playlist" in result.output
    assert {fact[2] for fact in emitted(writer, codec)} == {"mixcloud:a"}
    result = run_facts()
    assert result.exit_code == 1
    assert "mixcloud:c: no readable record" in result.output
    assert {fact[2] for fact in emitted(writer, codec)} == {"mixcloud:a", "mixcloud:b"}
