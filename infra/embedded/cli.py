"""`songnodes up | down | status | env | logs`."""

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from enrichment.waterfall import configured_waterfall
from infra.embedded import lag, tail, web_address
from infra.embedded.report import report
from infra.embedded.server import OnProgress
from infra.embedded.stack import Stack
from infra.embedded.status import status as status_of
from infra.embedded.workers import Worker, configured_workers
from songnodes.access import ADDRESSES, Access
from songnodes.cli import terminal
from songnodes.errors import UnknownName, UserError
from songnodes.messaging import topics
from songnodes.redaction import without_login
from songnodes.servers import check_addresses
from songnodes.settings import Settings, load

GROUP_JOIN_TIMEOUT_S = 60.0
GROUP_POLL_INTERVAL_S = 0.5


class NoGroupMember(UserError):
    """All processes run, but none has joined a consumer group"""

    remedy = "`songnodes logs NAME` shows what the process waits for"


def up(
    servers_only: Annotated[bool, typer.Option("--servers-only", help="Start only the servers.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait until all are ready, or return at once.")] = True,
) -> None:
    """Start the embedded servers and all processes. You can run it again at any time."""
    settings = Settings()
    home = settings.home
    if settings.waterfall is not None and not servers_only:
        configured_waterfall(settings)  # an invalid file is reported before anything starts
    if not wait:
        print(f"starting; progress is in {_start_alone(home, servers_only)}")
        return
    start_and_wait(home, () if servers_only else _workers(settings))
    print("All up. `songnodes status` shows the state, `songnodes down` stops it.")
    if settings.web_on and not servers_only:
        print(f"Dashboard and query API: {web_address.url(settings)}")


def _workers(settings: Settings) -> tuple[Worker, ...]:
    return configured_workers(
        crawlers=settings.crawlers,
        enrichers=settings.enrichment_workers,
        services=int(settings.service_on),
        webs=int(settings.web_on),
    )


def start_and_wait(home: Path, workers: tuple[Worker, ...], *, record: bool = True) -> None:
    """Start the servers of a data directory and these processes, and wait until all are ready.

    `record` as in `StackConfig`.
    """
    stack = Stack(home, record=record)
    stack.check_outside()
    with _progress() as on_progress:
        stack.start(workers, on_progress=on_progress)
        stack.await_workers(on_progress=on_progress)
        if workers:
            _await_groups(load())


def _await_groups(settings: Settings) -> None:
    """Wait until a process has joined each consumer group of the pipeline. Raises NoGroupMember."""
    groups = topics.readers(settings)
    until = time.monotonic() + GROUP_JOIN_TIMEOUT_S
    while missing := lag.without_members(settings, groups):
        if time.monotonic() > until:
            raise NoGroupMember(", ".join(missing))
        time.sleep(GROUP_POLL_INTERVAL_S)


def down(
    discard: Annotated[bool, typer.Option("--discard", help="Delete the data directory too.")] = False,
) -> None:
    """Stop what `up` started. Your data are kept, unless you pass --discard."""
    stack = Stack(Settings().home)
    with _progress() as on_progress:
        (stack.discard if discard else stack.stop)(on_progress=on_progress)
    print("All stopped, all data deleted." if discard else "All stopped.")


ProcessName = Annotated[str, typer.Argument(metavar="PROCESS", help="Name, as shown by `songnodes status`.")]


def stop(process: ProcessName) -> None:
    """Stop one process or server. It stays stopped until `start` or `up`."""
    Stack(Settings().home).stop_process(process)
    print(f"{process} stopped")


def start(process: ProcessName) -> None:
    """Start a stopped process or server, and wait until it is ready."""
    Stack(Settings().home).start_process(process)
    print(f"{process} runs")


def restart(process: ProcessName) -> None:
    """Stop one process or server and start it again."""
    stack = Stack(Settings().home)
    stack.stop_process(process)
    stack.start_process(process)
    print(f"{process} runs again")


def env(
    writer: Annotated[
        bool, typer.Option("--writer", help="Print the pipeline's own access to PostgreSQL and Redis.")
    ] = False,
) -> None:
    """Print the addresses of the servers as `export` lines for a shell.

    DATABASE_URL uses the analyst's role, which can read bronze, silver, gold and views.
    """
    access = Stack(Settings().home).addresses
    check_addresses({name: getattr(access, name) for name in ADDRESSES})
    for name, value in (access.environment() if writer else for_analysts(access)).items():
        print(f"export {name}={shlex.quote(value)}")


def for_analysts(access: Access) -> dict[str, str]:
    """Return the variables of a reader: of the database only the analyst's address, of Redis no password."""
    variables = access.environment()
    analyst = variables.pop("DATABASE_ANALYST_URL", "")
    variables.pop("DATABASE_OWNER_URL", "")
    variables.pop("REDIS_PASSWORD", "")
    variables["DATABASE_URL"] = analyst or access.database_url
    variables["REDIS_URL"] = without_login(access.redis_url)
    return variables


def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show servers, processes, the lag of each consumer group, and the rows of each table."""
    settings = Settings()
    current, now = status_of(Stack(settings.home), settings.namespace), datetime.now(UTC)
    if as_json:
        print(json.dumps(current.plain(now), indent=2))
    else:
        terminal.show(
            report(current, now), Console(width=None if sys.stdout.isatty() else terminal.FILE_WIDTH)
        )


def logs(
    name: Annotated[str, typer.Argument(help="A server or process; default: all.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Continue with new lines.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Lines of each log to start with.")] = 20,
) -> None:
    """Show the log of a server or process."""
    directory = Stack(Settings().home).log_directory
    files = {file.stem: file for file in sorted(directory.glob("*.log")) if name in ("", file.stem)}
    if not files:
        raise UnknownName("log", name, sorted(file.stem for file in directory.glob("*.log")))
    prefix = len(files) > 1
    for name_of_log, file in files.items():
        for line in tail.last(file, lines):
            _print_line(name_of_log, line, prefix=prefix)
    try:
        for name_of_log, line in tail.follow(files) if follow else ():
            _print_line(name_of_log, line, prefix=prefix)
    except KeyboardInterrupt:  # how a person ends it
        return


def _print_line(name: str, line: str, *, prefix: bool) -> None:
    line = terminal.escaped(line)
    print(f"{name}: {line}" if prefix else line, flush=True)


def _start_alone(home: Path, servers_only: bool) -> Path:
    """Start the same command, waiting, in a process of its own; return the path of its log."""
    log = Stack(home).log_directory / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "songnodes", "up", *(["--servers-only"] if servers_only else [])]
    with log.open("wb") as output:
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    return log


@contextmanager
def _progress() -> Iterator[OnProgress]:
    """On a terminal one line that changes, with those that matter kept above it; elsewhere a line each."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda line: console.print(line, markup=False)
        return
    with console.status("starting") as spinner:

        def on_progress(line: str) -> None:
            spinner.update(line)
            if "fetching" not in line:
                console.print(line, markup=False)

        yield on_progress
