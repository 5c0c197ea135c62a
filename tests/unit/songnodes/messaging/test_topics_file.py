"""The topics file against the design: the topics and their retention."""

import pytest

from songnodes.errors import UnknownName
from songnodes.messaging import limits, schemas, topics
from songnodes.settings import Settings

DAY = 24 * 60 * 60 * 1000  # ms

KEPT_FOR_EVER = {
    "bronze.pages",
    "bronze.tracklists",
    "bronze.artists",
    "bronze.events",
    "bronze.decisions",
}
#: Archived answers, of which one can be withdrawn by a tombstone.
ANSWERS = {"bronze.enrichments"}
COMPACTED = {
    "silver.playlists",
    "silver.resolutions",
    "silver.redirects",
    "silver.tracks",
    "silver.artists",
    "silver.events",
    "enrichment.requests",
    "enrichment.artist_requests",
    "gold.tracks",
    "gold.artists",
    "gold.playlists",
    "gold.transitions",
}
FACTS = {"silver.appearances", "silver.artist_answers", "silver.credits"}
DEAD_LETTERS = {f"{stage}.dlq" for stage in ("parse", "silver", "gold", "sink", "enrichment")}
RETRIES = {"enrichment.retry.1h", "enrichment.retry.1d"}
#: Topics of external writers and of refresh, and dead letters: no application version in their names.
UNVERSIONED = {
    *("bronze.pages", "bronze.enrichments", "bronze.decisions", "gold.transitions"),
    *DEAD_LETTERS,
    *RETRIES,
}


def test_the_topics_are_those_of_the_design() -> None:
    assert set(topics.declared()) == KEPT_FOR_EVER | ANSWERS | COMPACTED | FACTS | DEAD_LETTERS | RETRIES


@pytest.mark.parametrize("name", sorted(KEPT_FOR_EVER))
def test_bronze_is_never_deleted(name: str) -> None:
    config = topics.topic(name).config
    assert (config["cleanup.policy"], config["retention.ms"]) == ("delete", "-1")
    assert config["compression.type"] == "zstd"


@pytest.mark.parametrize("name", sorted(COMPACTED | ANSWERS))
def test_entities_keep_the_newest_record_per_key(name: str) -> None:
    assert topics.topic(name).config["cleanup.policy"] == "compact"


def test_only_answers_are_partitioned_by_a_part_of_their_key() -> None:
    assert {name for name, topic in topics.declared().items() if topic.by_first_part} == ANSWERS


def test_a_withdrawal_is_kept_longer_than_an_outage() -> None:
    config = topics.topic("bronze.enrichments").config
    assert (config["delete.retention.ms"], config["compression.type"]) == (str(30 * DAY), "zstd")


def test_resolutions_are_kept_longer_than_an_outage_before_compaction() -> None:
    assert topics.topic("silver.resolutions").config["min.compaction.lag.ms"] == str(7 * DAY)


@pytest.mark.parametrize(
    ("names", "days"),
    [(FACTS, 7), (DEAD_LETTERS, 90), (RETRIES, 40)],
    ids=["facts", "dead letters", "retries"],
)
def test_reproducible_records_have_a_retention_time(names: set[str], days: int) -> None:
    for name in names:
        config = topics.topic(name).config
        assert (config["cleanup.policy"], config["retention.ms"]) == ("delete", str(days * DAY)), name


def test_all_topics_and_changelogs_have_the_same_partition_count() -> None:
    counts = {entry.partitions for entry in topics.wanted(Settings()).values()}
    assert counts == {6}


def test_a_record_of_maximum_size_fits_all_its_topics() -> None:
    """A record of the maximum size of any topic must fit the dead letters together with the reason."""
    for name in KEPT_FOR_EVER | ANSWERS | COMPACTED:
        assert topics.topic(name).config["max.message.bytes"] == "8388608", name
    for name in DEAD_LETTERS:
        assert topics.topic(name).config["max.message.bytes"] == str(limits.MAX_MESSAGE_BYTES), name
    assert limits.MAX_MESSAGE_BYTES > 8388608 + 64 * 1024


def test_names_include_namespace_and_version() -> None:
    settings = Settings().model_copy(update={"namespace": "x", "silver_version": 3})
    assert topics.physical("silver.playlists", settings) == "x.silver.playlists.v3"
    assert topics.physical("bronze.pages", settings) == "x.bronze.pages"
    assert topics.changelog("silver", "tracks", settings) == "x.songnodes-silver-v3-tracks-changelog"
    assert topics.physical("gold.tracks", Settings()) == "gold.tracks.v1"


def test_only_external_topics_and_dead_letters_have_no_version() -> None:
    assert {name for name, entry in topics.declared().items() if entry.owner is None} == UNVERSIONED


def test_changelogs_are_compacted_in_short_segments() -> None:
    changelogs = [entry for name, entry in topics.wanted(Settings()).items() if name.endswith("-changelog")]
    assert len(changelogs) == 6
    assert {(e.config["cleanup.policy"], e.config["segment.ms"]) for e in changelogs} == {
        ("compact", "3600000")
    }


def test_every_topic_but_dead_letters_has_a_schema() -> None:
    for name, entry in topics.declared().items():
        if name in DEAD_LETTERS:
            assert entry.schema is None
        else:
            assert entry.schema in schemas.subjects(), name


def test_every_schema_is_of_a_topic() -> None:
    assert set(schemas.subjects()) == {e.schema for e in topics.declared().values() if e.schema}


def test_an_unknown_topic_is_refused() -> None:
    with pytest.raises(UnknownName, match=r"silver\.trax"):
        topics.topic("silver.trax")


def test_the_broker_compresses_no_archived_record_again() -> None:
    for owner in ("parse", "silver", "gold"):
        stored = {topics.topic(name).config["compression.type"] for name in topics.owned(owner)}
        assert stored in ({topics.BY_PRODUCER}, {topics.compression(topics.owned(owner))}), owner
    assert topics.compression(topics.owned("parse")) == "zstd"
    assert topics.compression(["bronze.pages"]) == topics.compression(["bronze.enrichments"]) == "zstd"


def test_a_producer_of_several_kinds_of_topics_has_the_default_codec() -> None:
    assert topics.compression(["bronze.pages", "silver.tracks"]) == "lz4"
    assert topics.compression(topics.owned("silver")) == "lz4"
    assert topics.compression([]) == "lz4"
