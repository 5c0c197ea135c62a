"""`songnodes run PROCESS`: run one process of the pipeline in the foreground."""

from importlib import import_module
from typing import Annotated

import typer

from songnodes import gc_tuning, logs
from songnodes.errors import UnknownName
from songnodes.messaging.codec import Codec
from songnodes.servers import reached
from songnodes.settings import STAGES as STAGE_NAMES
from songnodes.settings import settings

#: Stages are built from settings and codec and then run; other processes are functions of the settings.
STAGES = {name: f"stream_processors.{name}" for name in STAGE_NAMES}
STAGE_RUNNER = "stream_processors.runtime.faust.worker"
WORKERS = {
    "resolver": "stream_processors.resolver:run",
    "sink": "sinks.main:run",
    "refresh": "sinks.refresh:run_forever",
    "drift": "producers.drift.process:run_forever",
    "crawl": "producers.crawl.daemon:run_forever",
    "enrich": "enrichment.worker.process:run_forever",
    "service": "enrichment.service.serve:run_forever",
    "web": "web.serve:run_forever",
}
#: The servers that must answer before a process starts; those of a stage are Kafka and the registry.
PIPELINE = ("kafka_bootstrap", "schema_registry_url")
SERVERS_OF = {
    "resolver": (*PIPELINE, "database_url"),
    "sink": (*PIPELINE, "database_url"),
    "refresh": (*PIPELINE, "database_url"),
    "drift": (*PIPELINE, "database_url"),
    "crawl": (*PIPELINE, "database_url", "redis_url"),
    "enrich": (*PIPELINE, "database_url"),
    "service": (*PIPELINE, "redis_url"),
    "web": (),  # it shows which server is away
}
#: Seconds to wait for a server at the start. The supervisor starts a process again that gave up.
SERVER_WAIT_S = 1.0


def run(
    process: Annotated[str, typer.Argument(help=", ".join((*STAGES, *WORKERS)))],
    names: Annotated[list[str] | None, typer.Argument(help="Only these sinks.")] = None,
) -> None:
    """Run one process until you stop it; on SIGTERM it commits and leaves its group."""
    if process not in (*STAGES, *WORKERS):
        raise UnknownName("process", process, (*STAGES, *WORKERS))
    servers = SERVERS_OF.get(process, PIPELINE)
    current = reached(settings().require(), *servers, wait_s=SERVER_WAIT_S) if servers else settings()
    logs.configure(current, process)
    if process in STAGES:
        with gc_tuning.paused():
            built, runner = import_module(STAGES[process]), import_module(STAGE_RUNNER)
        runner.run(built.build(current, Codec.connect(current)))  # Faust is imported only where a stage runs
    else:
        module, attribute = WORKERS[process].split(":")
        with gc_tuning.paused():
            imported = import_module(module)
        getattr(imported, attribute)(current, *([names] if names else []))
