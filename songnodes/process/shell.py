"""Shell of a long-running process: it works until SIGTERM or SIGINT, and again after errors of servers.

Errors that no retry covers are raised: the command line turns them into the last line of the log and an exit
code (`exit_codes`).
"""

import _thread
import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from songnodes import logs, metrics
from songnodes.clock import SystemTimer, Timer
from songnodes.process.retries import FIRST_PAUSE_S, Attempts, is_transient, pause_s
from songnodes.settings import Settings

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """Errors that are retried, the log event of each attempt that failed, and the first pause in seconds."""

    event: str
    applies: Callable[[BaseException], bool] = is_transient
    first_pause_s: float = FIRST_PAUSE_S
    timer: Timer = field(default_factory=SystemTimer)

    def pause_after(self, error: Exception, attempts: Attempts) -> float:
        """Return the seconds until the next attempt, and log the error; raise one that is not retried."""
        if not self.applies(error):
            raise error
        attempt = attempts.fail()
        log.warning(self.event, attempt=attempt, error=f"{type(error).__name__}: {error}".strip())
        return pause_s(attempt, first_s=self.first_pause_s)


#: For work that retries what it can by itself.
NO_RETRIES = Retries(event="", applies=lambda error: False)


def run(settings: Settings, work: Callable[[threading.Event], None], retries: Retries) -> None:
    """Call `work` until it returns, as it does when a signal sets its event; again after a retried error."""
    metrics.serve(settings)
    stop = stop_on_signals()
    attempts = Attempts(retries.timer)
    while not stop.is_set():
        attempts.begin()
        try:
            work(stop)
            break
        except Exception as error:
            retries.timer.wait(stop, retries.pause_after(error, attempts))
    log.info("stopped")


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set, from now to the end of the process.

    A handler runs between two instructions of the main thread, which may hold the lock of the event at that
    moment: `Event.set` would wait for it for ever. So another thread sets the event.
    """
    stop = threading.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: _thread.start_new_thread(stop.set, ()))
    return stop


def run_async(
    settings: Settings,
    work: Callable[[], Awaitable[None]],
    retries: Retries = NO_RETRIES,
    *,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> None:
    """Await `work` until it ends or a signal cancels it; again after a retried error."""
    metrics.serve(settings)
    with asyncio.Runner(loop_factory=loop_factory) as runner, suppress(asyncio.CancelledError):
        runner.run(_cancel_on_signals(work, retries))
    log.info("stopped")


async def _cancel_on_signals(work: Callable[[], Awaitable[None]], retries: Retries) -> None:
    task, stopped = _current_task(), threading.Event()

    def stop() -> None:
        stopped.set()
        task.cancel()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await retry(work, retries, stopped.is_set)


async def retry(
    work: Callable[[], Awaitable[None]], retries: Retries, is_stopped: Callable[[], bool] = lambda: False
) -> None:
    """Await `work` until it ends; again after a retried error, unless it was stopped.

    `Task.cancelling` cannot be used: until Python 3.13 a task group whose task failed leaves it at 1.
    """
    attempts = Attempts(retries.timer)
    while True:
        attempts.begin()
        try:
            await work()
            return
        except Exception as error:
            if is_stopped():  # the work failed while it was cancelled
                raise asyncio.CancelledError from error
            await retries.timer.sleep(retries.pause_after(error, attempts))


def _current_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  # a coroutine always runs in a task
    return task
