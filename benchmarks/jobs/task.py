"""Arguments of a job on its command line, and the value that all jobs count in."""

import argparse
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, get_args

Job = Literal["count", "forward", "noop", "recover", "retract"]
JOBS: tuple[Job, ...] = get_args(Job)

#: State of a key: how many events it had, and the offset of the last one, which is the guard.
PAIR = struct.Struct(">qq")
#: The state of a key that had no event.
NOTHING = (0, -1)
#: Bytes of the id of a track, a DJ or a playlist in the job "retract".
ID_BYTES = 12

COMMIT_SECONDS = 1.0
LINGER_MS = 20


def read_fact(value: bytes) -> tuple[int, int, bytes, bytes]:
    """Return version, plays, DJ and playlist of a record of the job "retract"."""
    version, plays = PAIR.unpack_from(value)
    dj = PAIR.size + ID_BYTES
    return version, plays, value[PAIR.size : dj], value[dj : dj + ID_BYTES]


def login() -> dict[str, str]:
    """Options of librdkafka that log in to the broker, of the variables of `songnodes.access`."""
    user = os.environ.get("KAFKA_SASL_USERNAME")
    if not user:
        return {}
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": user,
        "sasl.password": os.environ["KAFKA_SASL_PASSWORD"],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run of a job. `group` is the consumer group, `report` the file for the meter."""

    job: Job
    bootstrap: str
    topic: str
    group: str
    changelog: str
    output: str
    directory: Path
    report: Path
    events: int
    partitions: int

    @classmethod
    def from_command_line(cls) -> Self:
        """Parse the task that `arguments` formatted in the parent process."""
        parser = argparse.ArgumentParser()
        parser.add_argument("--job", choices=JOBS, required=True)
        for name in ("bootstrap", "topic", "group", "changelog", "output"):
            parser.add_argument(f"--{name}", required=True)
        for name in ("directory", "report"):
            parser.add_argument(f"--{name}", type=Path, required=True)
        for name in ("events", "partitions"):
            parser.add_argument(f"--{name}", type=int, required=True)
        return cls(**vars(parser.parse_args()))

    def connection(self) -> dict[str, str]:
        """Options of librdkafka. The login is in the environment, which no other user can read."""
        return {"bootstrap.servers": self.bootstrap, **login()}

    def arguments(self) -> list[str]:
        """Return the command line for this task."""
        return [f"--{name}={getattr(self, name)}" for name in self.__slots__]
