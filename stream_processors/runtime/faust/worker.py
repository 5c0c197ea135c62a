"""A worker process of a stage."""

import asyncio
import logging
import signal
from typing import NoReturn

import faust
import uvloop
from aiokafka.errors import KafkaError

from songnodes import gc_tuning, logs, metrics
from stream_processors.runtime.errors import KafkaAway
from stream_processors.runtime.exit import crash
from stream_processors.runtime.faust import app as apps
from stream_processors.runtime.faust import preflight
from stream_processors.runtime.faust.sampler import Gauges
from stream_processors.runtime.faust.watchdog import Watch
from stream_processors.runtime.quarantine.alarm import Alarm
from stream_processors.runtime.quarantine.suspects import Suspects
from stream_processors.runtime.stage import Stage

log = logs.get(__name__)


class Foreground(faust.Worker):
    """Faust's worker, whose stop may not take for ever."""

    watch: Watch

    async def _stop_on_signal(self, signal: signal.Signals) -> None:
        self.watch.stopping()
        await super()._stop_on_signal(signal)


def run(stage: Stage) -> NoReturn:
    """Run a worker of a stage in the foreground until SIGTERM or SIGINT, then exit the process.

    Raises TopicsDiffer, ServersUnknown and StateLocked before anything is read. Exit codes: `errors.py`.
    """
    Worker(stage).run()


class Worker:
    """Runs a stage in the foreground."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def run(self) -> NoReturn:
        """Until SIGTERM or SIGINT: then commit, leave the group, and exit with 0."""
        stage = self._stage
        stage.settings.require("kafka_bootstrap")
        logs.configure(stage.settings, stage.app_id)
        _quieten(stage.settings.log_level)
        preflight.check_topics(stage)
        lock = preflight.lock_state(stage)
        directory = stage.settings.home / "suspects" / stage.app_id / stage.settings.worker_slot
        directory.mkdir(parents=True, exist_ok=True)
        stage.suspects = Suspects(directory, sorted(stage.agents), Alarm(directory / "traceback"))
        metrics.serve(stage.settings)
        gc_tuning.tune()
        loop = uvloop.new_event_loop()
        asyncio.set_event_loop(loop)
        app = apps.build(stage)
        worker = Foreground(app, Gauges(app), loop=loop, quiet=True, override_logging=False)
        worker.spinner = None
        worker.watch = Watch(app.lease, stage.suspects)
        worker.watch.begin(loop)
        log.info("worker starts", slot=stage.settings.worker_slot, lock=lock.name)
        try:
            worker.execute_from_commandline()
        except SystemExit as end:
            if end.code:  # Faust exits with 1 whatever it was; the exception is what it was handling then
                _end(end.__context__ or end)
            raise
        except BaseException as error:
            _end(error)
        raise SystemExit(0)  # not reached: Faust exits


def _end(error: BaseException) -> NoReturn:
    """End the process with a code that tells a supervisor what to do, and with the reason in the log."""
    if isinstance(error, OSError | KafkaError):
        error = KafkaAway(repr(error))
    crash(error)


def _quieten(level: str) -> None:
    """Faust tells of every service that starts; what matters of it the runtime tells itself."""
    if level != "debug":
        for name in ("faust", "mode", "aiokafka"):
            logging.getLogger(name).setLevel(logging.WARNING)
