"""`songnodes ingest`: saved pages to bronze."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from producers import saved
from producers.errors import EmptyName, InvalidSidecar, NoFiles
from producers.ingest import Ingest, Outcome, Report, undelivered
from producers.ledger import Ledger
from producers.outbox import Outbox
from producers.saved import SidecarOverrides
from songnodes.cli.terminal import escaped
from songnodes.clock import SystemClock
from songnodes.errors import UserError
from songnodes.messaging.codec import Codec
from songnodes.servers import reached
from songnodes.settings import Settings, settings

MAX_SHOWN = 20  # files listed per status; --json lists all
#: What the statuses mean, in the order of the report.
MEANING = {
    "published": "published",
    "known": "published before, nothing new",
    "no_parser": "recognised, yields no records (published with --all)",
    "blocked": "a block page in place of the page (published with --all)",
    "not_recognised": "not recognised",
    "refused": "refused",
    "skipped": "not read",
    "failed": "not delivered",
}


class TooManyFiles(UserError):
    """--url is the address of one file, so it takes exactly one"""


def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files and directories; .gz too.", metavar="PATH...")],
    url: Annotated[str | None, typer.Option(help="Address of the page, for a single file.")] = None,
    fetched_at: Annotated[
        str | None, typer.Option(help="Time of the fetch (ISO 8601; UTC without a zone).")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Publish pages without a parser and blocked ones too.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, one entry per file.")
    ] = False,
) -> None:
    """Publish saved pages (HTML, JSON, wikitext) to bronze. The same files again publish nothing new.

    Exit code 0 when a page was published, now or before; 1 when none was, or one could not be delivered;
    2 for arguments that cannot be used.
    """
    named = _paths(paths)
    files, skipped = saved.files(named), saved.skipped(named)
    if not files and not skipped:
        raise NoFiles(", ".join(map(str, named)))
    if url and len(files) != 1:
        raise TooManyFiles(files=len(files))
    overrides = SidecarOverrides(url=url, fetched_at=_time(fetched_at))
    current = reached(settings(), "kafka_bootstrap", "database_url", "schema_registry_url")
    report = run(current, files, overrides=overrides, everything=everything, console=Console(stderr=True))
    report.outcomes += [Outcome(path=path, status="skipped", note=why) for path, why in skipped]
    if as_json:
        typer.echo(as_text(report))
    else:
        show(report, Console())
    error = undelivered(report)
    if error:
        raise error
    if not report.useful:
        raise typer.Exit(1)


def run(
    settings: Settings,
    files: list[Path],
    *,
    overrides: SidecarOverrides | None = None,
    everything: bool = False,
    console: Console,
) -> Report:
    """Run one ingest with a progress bar on `console`."""
    ledger = Ledger(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with (
            Codec.opened(settings) as codec,
            Progress(*columns, console=console, transient=True) as progress,
        ):
            task = progress.add_task("pages", total=len(files))

            def count(_outcome: Outcome) -> None:
                progress.advance(task)

            work = Ingest(
                Outbox(settings, codec),
                ledger,
                SystemClock(),
                overrides=overrides,
                everything=everything,
                on_outcome=count,
            )
            return work.run(files)
    finally:
        ledger.close()


def as_text(report: Report) -> str:
    """Return the report as JSON."""
    entries = [
        {"path": str(o.path), "status": o.status, "page_id": o.page_id, "note": o.note}
        for o in report.outcomes
    ]
    document = {"counts": report.counts(), "files": entries}
    text = json.dumps(document, indent=2, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a file name that is not UTF-8: the escapes of JSON keep its bytes
        return json.dumps(document, indent=2)
    return text


def show(report: Report, console: Console) -> None:
    """Print counts per status, and the files that were not published with the reason."""
    table = Table("files", "what became of them", box=None, pad_edge=False)
    counts = report.counts()
    for status, meaning in MEANING.items():
        if status in counts:
            table.add_row(str(counts[status]), meaning)
    console.print(table)
    for status in list(MEANING)[2:]:
        outcomes = [outcome for outcome in report.outcomes if outcome.status == status]
        for outcome in outcomes[:MAX_SHOWN]:
            console.print(escaped(f"  {outcome.path}: {outcome.note}"), soft_wrap=True)
        if len(outcomes) > MAX_SHOWN:
            console.print(
                f"  and {len(outcomes) - MAX_SHOWN} more {MEANING[status]}; --json lists all", highlight=False
            )


def _paths(names: list[str]) -> list[Path]:
    """Return the named paths. Raises EmptyName: an empty one would be the current directory."""
    if not all(names):
        raise EmptyName
    return list(map(Path, names))


def _time(text: str | None) -> datetime | None:
    try:
        return saved.time_of(text)
    except InvalidSidecar as error:
        raise typer.BadParameter(error.detail, param_hint="--fetched-at") from error
