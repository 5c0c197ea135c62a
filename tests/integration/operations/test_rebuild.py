"""Gold rebuilt in bulk, killed on its way, equals the streamed one; the pipeline continues from it."""

from collections.abc import Iterator

import psycopg
import pytest

from operations import topic_log
from operations.rebuild import gold
from operations.rebuild.plan import OtherVersion, Workspace
from songnodes.access import Access
from songnodes.messaging import clients, log_offsets, topics
from songnodes.settings import Settings
from tests.support import changing_pages, latest_by_key
from tests.support.pipeline import Pipeline
from tests.support.rebuilding import catalogue, kill_at, own_pipeline, rebuild

PAGES, SAVINGS = 6, 3
#: Numbers of finished tasks (of 31) at which the command is killed: read, fold, load.
KILLS = pytest.mark.parametrize("kills", [(14,), pytest.param((3, 9, 14, 21, 29), marks=pytest.mark.soak)])


@pytest.fixture
def streamed(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    """Yield a pipeline that has read two of three savings of its pages, with stopped processes."""
    with own_pipeline(addresses, template_database, tmp_path_factory.mktemp("rebuilt")) as pipeline:
        pipeline.start()
        pipeline.publish(changing_pages.make(7, pages=PAGES, savings=SAVINGS).pages[: PAGES * 2])
        pipeline.drain()
        pipeline.processes.stop()
        yield pipeline


@KILLS
def test_a_killed_rebuild_continues_and_the_pipeline_continues_from_it(
    streamed: Pipeline, monkeypatch: pytest.MonkeyPatch, kills: tuple[int, ...]
) -> None:
    current = streamed.settings
    target = current.model_copy(update={"gold_version": 2})
    with psycopg.connect(current.owner_url) as connection:  # as refresh would write them
        connection.execute("UPDATE gold_track_scores SET trending_score = length(track_id)")
        connection.execute("DELETE FROM refresh_queue")
    publish_analysis(streamed, "before")
    before, schema = streamed.outcome(), catalogue(current)
    assert len(before.tables.tables["gold_track_counts"]) > 20

    reached = [kill_at(current, "gold", finished) for finished in kills]
    assert reached == sorted(reached)
    result = rebuild(current, monkeypatch, "gold", "--beside")
    assert result.exit_code == 0, (result.output, result.exception)
    assert " 0 differences" in result.output
    assert before.differences(streamed.outcome()) == ""  # built beside, nothing is replaced
    publish_analysis(streamed, "meanwhile")

    result = rebuild(current, monkeypatch, "gold", "--yes")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "SONGNODES_GOLD_VERSION=2" in result.output
    assert before.tables.differences(streamed.outcome().tables) == ""
    assert catalogue(current) == schema
    rebuilt = latest_by_key.newest(target, streamed.codec)
    for topic in gold.OUTPUTS:
        assert rebuilt[topic] == before.newest[topic]
    assert copied_keys(target) == ["before", "meanwhile"]
    with psycopg.connect(current.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM refresh_queue").fetchall() == [(0,)]

    assert "SONGNODES_GOLD_VERSION" in str(rebuild(current, monkeypatch, "gold", "--drop").exception)
    continue_with_both_versions(streamed, target)
    assert_other_versions_are_refused_and_dropped(target, monkeypatch)
    result = rebuild(target, monkeypatch, "gold", "--drop")
    assert result.exit_code == 0, (result.output, result.exception)
    assert (
        topics.physical("gold.tracks", current)
        not in latest_by_key.admin_of(current.access()).list_topics().topics
    )


def publish_analysis(streamed: Pipeline, key: str) -> None:
    """Publish a record of the topic that refresh writes."""
    producer = clients.producer(streamed.settings)
    producer.produce(topics.physical(gold.COPIED, streamed.settings), b"not decoded", key, 0)
    assert producer.flush(30) == 0


def copied_keys(target: Settings) -> list[str]:
    """Return the keys in the topic of the new version, of each record."""
    admin = clients.admin(target)
    partitions = log_offsets.partitions(admin, [topics.physical(gold.COPIED, target)])
    messages = topic_log.read(target, log_offsets.bounds(admin, partitions))
    return [(message.key() or b"").decode() for message in messages]


def assert_other_versions_are_refused_and_dropped(target: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store a plan with other fields, as an earlier version of the code has begun it."""
    workspace = Workspace.of(target, "gold")
    workspace.directory.mkdir(parents=True)
    (workspace.directory / "plan.json").write_bytes(b'{"pipeline_version": "0.1"}')
    assert isinstance(rebuild(target, monkeypatch, "gold", "--beside").exception, OtherVersion)
    result = rebuild(target, monkeypatch, "gold", "--drop")
    assert result.exit_code == 0, (result.output, result.exception)
    assert not workspace.has_plan


def continue_with_both_versions(streamed: Pipeline, target: Settings) -> None:
    """Publish the third saving of each page; the rebuilt stage counts as the one that has read everything."""
    new = Pipeline(target)
    with new:
        streamed.start("parse", "silver", "gold")
        new.start("gold", "sink")
        streamed.publish(changing_pages.make(7, pages=PAGES, savings=SAVINGS).pages[PAGES * 2 :])
        streamed.drain_stages()
        new.drain()
        streamed.processes.stop()
        new.processes.stop()
    old_records, new_records = (latest_by_key.newest(p.settings, streamed.codec) for p in (streamed, new))
    for topic in gold.OUTPUTS:
        assert new_records[topic] == old_records[topic]
    assert new.reconcile() == ""
