"""The declared readers match those in the code."""

from enrichment.worker.intake import ARTIST_REQUESTS, REQUESTS, group_of
from operations.replay.readers import input_topics
from sinks.tables import WRITERS
from songnodes.cli.run import STAGES
from songnodes.messaging import topics
from songnodes.settings import Settings
from stream_processors.resolver.ingest import INPUTS


def test_every_group_reads_its_declared_topics() -> None:
    settings = Settings(namespace="n")
    wanted = {topics.app_id(stage, settings): set(input_topics(stage, settings)) for stage in STAGES}
    wanted |= {topics.group(f"sink-{name}", settings): {topics.physical(name, settings)} for name in WRITERS}
    wanted[topics.group("resolver", settings)] = {topics.physical(name, settings) for name in INPUTS}
    assert {group: set(read) for group, read in topics.readers(settings).items()} == wanted
    with_enrichment = topics.readers(settings.model_copy(update={"enrichers": 1}))
    for topic in (REQUESTS, ARTIST_REQUESTS):
        wanted[topics.group(group_of(topic), settings)] = {topics.physical(topic, settings)}
    assert {group: set(read) for group, read in with_enrichment.items()} == wanted
