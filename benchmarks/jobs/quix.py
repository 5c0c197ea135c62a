"""The counting job in Quix Streams, with state and changelog on; runs in the environment of `peers.txt`."""

from quixstreams import Application, State, message_context  # type: ignore[import-not-found]
from quixstreams.kafka import ConnectionConfig  # type: ignore[import-not-found]

from benchmarks.jobs.meter import Meter
from benchmarks.jobs.task import COMMIT_SECONDS, LINGER_MS, NOTHING, PAIR, Task, read_fact


def build(task: Task) -> Application:
    """Build the application. State as bytes: its JSON is slower."""
    app = Application(
        broker_address=ConnectionConfig.from_librdkafka_dict(task.connection()),
        consumer_group=task.group,
        auto_offset_reset="earliest",
        state_dir=str(task.directory),
        use_changelog_topics=True,
        commit_interval=COMMIT_SECONDS,
        loglevel="WARNING",
        producer_extra_config={
            "linger.ms": LINGER_MS,
            "compression.type": "lz4",
            "partitioner": "murmur2_random",
        },
    )
    meter = Meter(task.report, task.events)

    def count(value: bytes, state: State) -> None:
        offset = message_context().offset
        stored = state.get_bytes("c")
        events, last = PAIR.unpack(stored) if stored else NOTHING
        if offset > last:
            events, last = events + 1, offset
        state.set_bytes("c", PAIR.pack(events, last))
        meter()

    def retract(value: bytes, state: State) -> None:
        version, plays, dj, playlist = read_fact(value)
        count_key, key = dj.decode(), (dj + playlist).decode()
        stored = state.get_bytes(key)
        old_version, old_plays = PAIR.unpack(stored) if stored else (0, 0)
        if version > old_version:
            counted = state.get_bytes(count_key)
            count = PAIR.unpack(counted)[0] if counted else 0
            state.set_bytes(count_key, PAIR.pack(count + plays - old_plays, 0))
            state.set_bytes(key, PAIR.pack(version, plays))
        meter()

    topic = app.topic(task.topic, key_deserializer="bytes", value_deserializer="bytes")
    app.dataframe(topic).update(retract if task.job == "retract" else count, stateful=True)
    return app


if __name__ == "__main__":
    build(Task.from_command_line()).run()
