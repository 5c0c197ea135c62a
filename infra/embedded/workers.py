"""The processes of the pipeline, and how many of each run."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from infra.embedded.server import Program
from songnodes.settings import STAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A kind of process, run `slots` times side by side; each knows its slot by `SONGNODES_WORKER_SLOT`."""

    name: str
    command: tuple[str, ...]
    slots: int = 1
    env: Mapping[str, str] = field(default_factory=dict)

    def programs(self, directory: Path, env: Mapping[str, str]) -> Iterator[Program]:
        """One program per slot: NAME, NAME-1, NAME-2."""
        for slot in range(self.slots):
            yield Program(
                name=f"{self.name}-{slot}" if slot else self.name,
                command=self.command,
                directory=directory,
                env={**env, **self.env, "SONGNODES_WORKER_SLOT": str(slot), "PYTHONUNBUFFERED": "1"},
                start_seconds=5,  # a worker that cannot reach its servers ends sooner
            )


def _run(name: str) -> Worker:
    return Worker(name=name, command=(sys.executable, "-m", "songnodes", "run", name))


#: In the order of the flow.
WORKERS = tuple(map(_run, (*STAGES, "resolver", "sink", "refresh", "drift")))


def configured_workers(
    *, crawlers: int = 0, enrichers: int = 0, services: int = 0, webs: int = 0
) -> tuple[Worker, ...]:
    """Return all workers; the other ones run only if the operator has configured them."""
    optional = {"crawl": crawlers, "enrich": enrichers, "service": services, "web": webs}
    return (*WORKERS, *(replace(_run(name), slots=slots) for name, slots in optional.items() if slots))


def workers_named(names: Iterable[str]) -> tuple[Worker, ...]:
    """Return the workers of these names, in the order of the flow."""
    selected = set(names)
    return tuple(worker for worker in WORKERS if worker.name in selected)
