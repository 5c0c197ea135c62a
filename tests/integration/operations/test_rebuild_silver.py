"""Silver and gold rebuilt in bulk equal the streamed ones, and the pipeline continues from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby

import psycopg
import pytest

from operations import topic_log
from operations.rebuild import silver
from operations.rebuild.plan import OtherInputs, OtherRebuild, VersionNotSet, Workspace
from operations.rebuild.scopes import SILVER
from songnodes import decisions
from songnodes.access import Access
from songnodes.decisions import Author
from songnodes.messaging import clients, log_offsets, topics
from songnodes.settings import Settings
from tests.support import latest_by_key
from tests.support.pipeline import Pipeline
from tests.support.rebuilding import catalogue, kill_at, own_pipeline, rebuild
from tests.support.rebuilt_world import DECIDED_AT, Publication, others, overrides, pages


@dataclass(frozen=True, slots=True)
class Case:
    """Inputs of silver, and the numbers of finished tasks at which the command is killed."""

    source: str
    tasks: int
    kills: tuple[int, ...] = field(default=())

    @property
    def options(self) -> tuple[str, ...]:
        return ("--from", self.source)

    def versions(self) -> dict[str, int]:
        parse = {"parse_version": 2} if self.source == "pages" else {}
        return {**parse, "silver_version": 2, "gold_version": 2}


#: In the folds of sets and tracks; in the soak also while inputs are read and rows loaded.
CASES = [
    Case("tracklists", 87, (22, 40)),
    pytest.param(Case("pages", 93, (3, 30)), marks=pytest.mark.soak),
    pytest.param(Case("tracklists", 87, (2, 9, 21, 33, 46, 58, 70, 84)), marks=pytest.mark.soak),
]


@pytest.fixture
def streamed(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    """Yield a pipeline without processes, on a database and topics of its own."""
    with own_pipeline(addresses, template_database, tmp_path_factory.mktemp("rebuilt")) as pipeline:
        yield pipeline


def send(pipeline: Pipeline, records: Sequence[Publication]) -> None:
    for topic, of_topic in groupby(records, lambda record: record[0]):
        raw = [
            (key.encode(), None if value is None else pipeline.codec.encode(topic, value))
            for _, key, value in of_topic
        ]
        pipeline.send_raw(topic, raw)


def further(case: Case, saving: int) -> list[Publication]:
    """Return a saving of all pages; without pages also what no page of the world has."""
    return list(pages(saving) if case.source == "pages" else chain(pages(saving), others(saving)))


def stream(pipeline: Pipeline, case: Case) -> None:
    """Let the streams read three savings, with a merge and overrides, and stop them."""
    pipeline.start()
    pipeline.start("resolver")
    send(pipeline, [*further(case, 0), *further(case, 1)])
    pipeline.drain()
    ((first, last),) = pipeline.query(
        "SELECT min(track_id), max(track_id) FROM silver_enriched_tracks WHERE NOT track_name = ANY (%s)",
        ["Strobe", "Raj"],
    )
    author = Author(name="tests", reason="a test", at=DECIDED_AT)
    pipeline.decide(decisions.on_pair("merge", first, last, author, forced=True))
    pipeline.drain()
    send(pipeline, [*further(case, 2), *([] if case.source == "pages" else overrides(2))])
    pipeline.drain()
    pipeline.processes.stop()


def write_as_refresh(settings: Settings) -> None:
    """Fill columns that refresh computes, and change a time of creation."""
    with psycopg.connect(settings.owner_url) as connection:
        connection.execute("UPDATE gold_track_scores SET trending_score = length(track_id)")
        connection.execute("UPDATE silver_playlist_tracks SET bpm_change = row_index")
        connection.execute("UPDATE silver_enriched_tracks SET created_at = '2020-01-01'")
        connection.execute("DELETE FROM refresh_queue")


CREATED = "SELECT track_id, created_at FROM silver_enriched_tracks ORDER BY 1"
GONE = "SELECT relation, id, created_at FROM gone_versions ORDER BY 1, 2"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.source}-{len(case.kills)}")
def test_a_killed_rebuild_continues_and_the_pipeline_continues_from_it(
    streamed: Pipeline, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    current = streamed.settings
    target = current.model_copy(update=case.versions())
    stream(streamed, case)
    write_as_refresh(current)
    before, schema = streamed.outcome(), catalogue(current)
    created, gone = streamed.query(CREATED), streamed.query(GONE)
    assert len(before.tables.tables["silver_enriched_tracks"]) > 20
    assert streamed.query("SELECT count(*) FROM track_redirects") == [(1,)]

    reached = [kill_at(current, "silver", finished, *case.options) for finished in case.kills]
    assert reached == sorted(reached)
    assert_others_are_refused(current, monkeypatch, case)
    result = rebuild(current, monkeypatch, "silver", "--beside", *case.options)
    assert result.exit_code == 0, (result.output, result.exception)
    assert " 0 differences" in result.output
    assert before.differences(streamed.outcome()) == ""  # built beside, nothing is replaced
    assert len(list((Workspace.of(current, "silver").directory / "done").iterdir())) >= case.tasks

    result = rebuild(current, monkeypatch, "silver", "--yes", *case.options)
    assert result.exit_code == 0, (result.output, result.exception)
    assert "SONGNODES_SILVER_VERSION=2 and SONGNODES_GOLD_VERSION=2" in result.output
    assert before.tables.differences(streamed.outcome().tables) == ""
    assert streamed.query(CREATED) == created
    assert {*streamed.query(GONE)} <= {*gone}  # those that came back are not recorded again
    assert streamed.query("SELECT count(*) FROM refresh_queue") == [(0,)]
    assert catalogue(current) == schema
    assert latest_by_key.newest(target, streamed.codec) == before.newest
    assert keys(target, silver.REDIRECTS) == keys(current, silver.REDIRECTS)

    assert isinstance(rebuild(current, monkeypatch, "gold").exception, VersionNotSet)
    continue_with_both_versions(streamed, target, case)
    half = target.model_copy(update={"gold_version": 1})
    assert isinstance(rebuild(half, monkeypatch, "silver", "--drop").exception, VersionNotSet)
    result = rebuild(target, monkeypatch, "silver", "--drop")
    assert result.exit_code == 0, (result.output, result.exception)
    left = latest_by_key.admin_of(current.access()).list_topics().topics
    assert not {topics.physical(topic, current) for topic in SILVER.outputs} & left.keys()


def assert_others_are_refused(current: Settings, monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    """Run rebuilds that would write the same versions."""
    assert isinstance(rebuild(current, monkeypatch, "gold").exception, OtherRebuild)
    another = "pages" if case.source == "tracklists" else "tracklists"
    assert isinstance(rebuild(current, monkeypatch, "silver", "--from", another).exception, OtherInputs)


def keys(settings: Settings, topic: str) -> list[bytes]:
    """Return the keys of all records of a topic."""
    admin = clients.admin(settings)
    partitions = log_offsets.partitions(admin, [topics.physical(topic, settings)])
    messages = topic_log.read(settings, log_offsets.bounds(admin, partitions))
    return sorted(message.key() or b"" for message in messages)


def continue_with_both_versions(streamed: Pipeline, target: Settings, case: Case) -> None:
    """Let the resolver find nothing to resolve, then let both versions read a further saving."""
    stages = ("parse", "silver", "gold")
    with Pipeline(target) as new:
        resolved = keys(target, silver.RESOLUTIONS)
        new.start(*stages, "sink", "resolver")
        new.drain()
        assert keys(target, silver.RESOLUTIONS) == resolved
        assert resolved
        new.processes.stop([("resolver", "0")])

        streamed.start(*(stages if case.source == "pages" else stages[1:]))
        send(streamed, further(case, 3))
        streamed.drain_stages()
        new.drain()
        streamed.processes.stop()
        new.processes.stop()
        new.check()
    old_records, new_records = (latest_by_key.newest(p.settings, streamed.codec) for p in (streamed, new))
    for topic in latest_by_key.COMPACTED:
        assert new_records[topic] == old_records[topic], topic
