"""`songnodes run sink`: the loops of all sinks, or of those named, as tasks of one process."""

import asyncio
import sys
from collections.abc import Iterable, Sequence

import uvloop

from sinks import migrations, tables
from sinks.letters import Letters
from sinks.loop import Sink
from sinks.tables.writer import Writer
from songnodes import gc_tuning, logs
from songnodes.errors import EXIT_TEMPORARY, ConsumerEnded, Fenced, TablesMissing
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.dead_letter_producer import TOPIC
from songnodes.process import shell
from songnodes.process.retries import retry_until_available
from songnodes.settings import Settings

REJOIN_PAUSE = 1.0  # seconds; an owner that was fenced comes back with the offsets of the other

log = logs.get(__name__)


def run(settings: Settings, names: Iterable[str] | None = None) -> None:
    """Write topics into PostgreSQL until SIGTERM or SIGINT. `names` are topics; default: all.

    Raises what ends a sink: no sink goes on alone. Exits with 75 where another process took its place.
    """
    settings.require("kafka_bootstrap", "database_url", "schema_registry_url")
    gc_tuning.tune()
    writers = tables.chosen(names)
    try:
        shell.run_async(settings, lambda: _write(settings, writers), loop_factory=uvloop.new_event_loop)
    except ConsumerEnded as error:
        print(f"songnodes: {error}", file=sys.stderr)
        sys.exit(EXIT_TEMPORARY)


async def _write(settings: Settings, writers: Sequence[Writer]) -> None:
    await current(settings)
    codec = await connected(settings)
    ids = await retry_until_available("Kafka", topic_ids, settings, [writer.topic for writer in writers])
    letters = Letters(settings)
    try:
        async with asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(
                    keep(settings, writer, codec, letters, ids[writer.topic]), name=writer.topic
                )
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
        log.error("sink_ended", error=repr(first), exc_info=first)
        raise first from None


async def keep(settings: Settings, writer: Writer, codec: Codec, letters: Letters, topic_id: str) -> None:
    """Run one sink for ever; one that was fenced begins again at the stored positions."""
    while True:
        sink = Sink(settings=settings, writer=writer, codec=codec, letters=letters, topic_id=topic_id)
        try:
            await sink.run()
        except Fenced as error:
            log.warning("fenced", sink=writer.topic, error=str(error))
            await asyncio.sleep(REJOIN_PAUSE)


async def current(settings: Settings) -> None:
    """Return when the database answers and has the newest form. Raises TablesMissing."""
    pending = await retry_until_available("PostgreSQL", migrations.pending, settings.database_url)
    if pending:
        raise TablesMissing(", ".join(pending))


async def connected(settings: Settings) -> Codec:
    """Return the codec once the schema registry answers."""
    return await retry_until_available("the schema registry", Codec.connect, settings)


def topic_ids(settings: Settings, logical: Sequence[str]) -> dict[str, str]:
    """Return the id of each topic, after a check that all are as declared. Raises TopicsDiffer."""
    admin = clients.admin(settings)
    topics.check(admin, settings, [*logical, TOPIC])
    names = {topics.physical(name, settings): name for name in logical}
    return {names[name]: topic_id for name, topic_id in log_offsets.topic_ids(admin, names).items()}
