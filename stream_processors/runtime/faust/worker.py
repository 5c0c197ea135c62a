"""Worker process of a stage."""

import asyncio
import logging
import signal
from typing import NoReturn, cast

import faust
import uvloop
from aiokafka.errors import KafkaError

from songnodes import gc_tuning, logs, metrics
from songnodes.errors import KafkaUnreachable
from stream_processors.runtime.exit import crash
from stream_processors.runtime.faust import preflight
from stream_processors.runtime.faust.app import build_app
from stream_processors.runtime.faust.protocol import RuntimeApp
from stream_processors.runtime.faust.sampler import MetricsSampler
from stream_processors.runtime.faust.watchdog import Watchdog
from stream_processors.runtime.quarantine.alarm import Alarm
from stream_processors.runtime.quarantine.suspects import Suspects
from stream_processors.runtime.stage import Stage

log = logs.get(__name__)


class ForegroundWorker(faust.Worker):
    """Faust's worker with a timeout on its shutdown."""

    watchdog: Watchdog

    async def _stop_on_signal(self, signal: signal.Signals) -> None:
        self.watchdog.begin_shutdown()
        await super()._stop_on_signal(signal)


def run(stage: Stage) -> NoReturn:
    """Run a worker of a stage in the foreground until SIGTERM or SIGINT.

    It then commits, leaves the group, and exits with 0. Raises TopicsDiffer, AddressMissing and StateLocked
    before anything is read. Exit codes: `songnodes.process.exit_codes`.
    """
    stage.settings.require("kafka_bootstrap")
    logs.configure(stage.settings, stage.app_id)
    _reduce_logging(stage.settings.log_level)
    preflight.check_topics(stage)
    lock = preflight.lock_state(stage)
    stage.suspects = _load_suspects(stage)
    metrics.serve(stage.settings)
    gc_tuning.tune()
    worker = _build_worker(stage)
    log.info("worker_started", slot=stage.settings.worker_slot, lock=lock.name)
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        if end.code:  # Faust exits with 1 for any error; its context is the error
            _exit(end.__context__ or end)
        raise
    except BaseException as error:
        _exit(error)
    raise SystemExit(0)  # not reached: Faust exits


def _load_suspects(stage: Stage) -> Suspects:
    directory = stage.settings.home / "suspects" / stage.app_id / stage.settings.worker_slot
    directory.mkdir(parents=True, exist_ok=True)
    return Suspects(directory, sorted(stage.agents), Alarm(directory / "traceback"))


def _build_worker(stage: Stage) -> ForegroundWorker:
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    app = build_app(stage)
    sampler = MetricsSampler(cast(RuntimeApp, app))
    worker = ForegroundWorker(app, sampler, loop=loop, quiet=True, override_logging=False)
    worker.spinner = None
    worker.watchdog = Watchdog(app.lease, stage.suspects)
    worker.watchdog.start(loop)
    return worker


def _exit(error: BaseException) -> NoReturn:
    """End the process with an exit code for the supervisor, and with the reason in the log."""
    if isinstance(error, OSError | KafkaError):
        error = KafkaUnreachable(repr(error))
    crash(error)


def _reduce_logging(level: str) -> None:
    """Set Faust's loggers to warnings: at a lower level they log the start of every service."""
    if level != "debug":
        for name in ("faust", "mode", "aiokafka"):
            logging.getLogger(name).setLevel(logging.WARNING)
