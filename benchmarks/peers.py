"""The peers: program, names of consumer group and changelog, and the environment of each."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.broker import NAMESPACE
from benchmarks.jobs.task import Job
from songnodes.messaging import topics
from songnodes.settings import Settings

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).with_name("peers.txt")
SCRAPY = Path(__file__).with_name("scrapy.txt")


def own_python() -> Path:
    """Return the interpreter of this project."""
    return Path(sys.executable)


def peers_python() -> Path:
    """Return the interpreter of the environment of `peers.txt`."""
    return python_of(PEERS)


def python_of(locked: Path) -> Path:
    """Return the interpreter for a requirements file; its environment is created if missing, in a minute."""
    version = hashlib.sha256(locked.read_bytes()).hexdigest()[:12]
    directory = ROOT / ".songnodes-bench" / version
    python = directory / "bin" / "python"
    if not (directory / "complete").exists():
        print(f"creating the environment of {locked.name}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(directory)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", str(locked)], check=True)
        (directory / "complete").touch()
    return python


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One way to do the jobs. `number` of a run makes its names unique."""

    name: str
    module: str
    group: Callable[[int], str]
    changelog: Callable[[int], str]
    jobs: tuple[Job, ...]
    python: Callable[[], Path] = own_python
    makes_changelog: bool = False
    #: The message key within a changelog key.
    key_of: Callable[[bytes], bytes] = field(default=bytes)
    #: The program, where it is no Python.
    program: Callable[[], list[str]] | None = None

    def command(self) -> list[str]:
        """Return the command without its arguments; creates what is missing."""
        return self.program() if self.program else [str(self.python()), "-m", self.module]

    def output(self, number: int) -> str:
        """Return the topic that the forwarding job writes."""
        return topics.physical("gold.tracks", _numbered(number))


def _numbered(number: int) -> Settings:
    return Settings().model_copy(update={"namespace": NAMESPACE, "gold_version": number})


#: Topics of all runs: what is read, and what a stage of ours asks for.
INPUT = topics.physical("silver.appearances", _numbered(1))
DEAD_LETTERS = topics.physical("gold.dlq", _numbered(1))

OURS = Peer(
    name="ours",
    module="benchmarks.jobs.ours",
    group=lambda number: topics.app_id("gold", _numbered(number)),
    changelog=lambda number: topics.changelog("gold", "tracks", _numbered(number)),
    jobs=("count", "forward", "noop", "recover", "retract"),
)
STOCK = Peer(
    name="Faust 0.15.3",
    module="benchmarks.jobs.stock",
    group=lambda number: f"stock-{number}",
    changelog=lambda number: f"stock-{number}-counts-changelog",
    jobs=("count", "forward", "noop", "recover", "retract"),
)
QUIX = Peer(
    name="Quix Streams 3.28.1",
    module="benchmarks.jobs.quix",
    group=lambda number: f"quix-{number}",
    changelog=lambda number: f"changelog__quix-{number}--{INPUT}--default",
    jobs=("count", "retract"),
    python=peers_python,
    makes_changelog=True,
    key_of=lambda key: key.split(b"|")[0],
)
BARE = Peer(
    name="bare loop",
    module="benchmarks.jobs.bare",
    group=lambda number: f"bare-{number}",
    changelog=lambda number: f"bare-{number}-changelog",
    jobs=("count",),
)
ALL = (OURS, STOCK, QUIX, BARE)
