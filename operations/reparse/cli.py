"""`songnodes reparse SOURCE`."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from operations import database
from operations.dead_letters.letter import Case, cases
from operations.dead_letters.mailbox import Mailbox
from operations.dead_letters.marks import Marks
from operations.drift import held
from operations.drift.release import release
from operations.reparse.reading import Place, Report, read, stretches
from operations.replay.start import start_of
from producers import sources
from producers.crawl import permission
from producers.drift.store import Store
from songnodes.cli.operator import operator
from songnodes.clock import SystemClock
from songnodes.decisions import Author
from songnodes.messaging import clients
from songnodes.messaging.codec import Codec
from songnodes.servers import reached
from songnodes.settings import Settings, settings


def reparse(
    source: Annotated[str, typer.Argument(help=", ".join(sources.SOURCES))],
    starting_at: Annotated[str, typer.Option("--from", help="earliest, an offset, or a time (UTC).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count, send nothing.")] = False,
) -> None:
    """Read archived pages of a site again with the parser as it is now; no site is asked.

    Records of a newer parser replace those of an older one. Pages that were held or refused, and are read
    now, leave the dead letters.
    """
    permission.check_source(source)
    current = reached(settings(), "kafka_bootstrap", "database_url", "schema_registry_url")
    admin = clients.admin(current)
    where = stretches(current, admin, start_of(starting_at))
    mailbox = Mailbox(current, admin, held.STAGE)
    with database.connected(current) as connection, Codec.opened(current) as codec:
        marks = Marks(connection, mailbox)
        if not dry_run:
            marks.take_turn()
        known = cases(mailbox.letters(), marks.all())
        report = Report()
        with Console(stderr=True, highlight=False).status("") as status:
            lettered = {place for case in known if (place := _place(case))}
            for report in read(current, codec, source, where, lettered=lettered, dry_run=dry_run):
                status.update(f"{report.pages} pages read")
        mended = [case for case in known if case.open and _place(case) in report.read]
        if not dry_run:
            versions = sources.SOURCES[source].card.versions.values()
            note = f"read by parser {max(versions)}"
            marks.add((a for case in mended for a in case.letters), "reparsed", who=operator(), note=note)
            _release(current, Store(connection), held.of(mailbox, marks), source, note)
    _tell(report, mended, dry_run)


def _place(case: Case) -> Place | None:
    reason = case.letter.reason
    return (reason.topic, reason.partition, reason.offset, reason.timestamp) if reason else None


def _release(current: Settings, store: Store, waiting: Sequence[Case], source: str, note: str) -> None:
    """Release the alarms of older parsers that hold no page any more."""
    card = sources.SOURCES[source].card
    holding = held.counted(waiting)
    over = [
        alarm
        for alarm in store.alarms()
        if alarm.subject.source == source
        and alarm.subject.parser_version < card.version(alarm.subject.kind)
        and not holding.get(alarm.id)
    ]
    done = release(current, store, over, Author(name=operator(), reason=note, at=SystemClock().now()))
    for alarm in done:
        typer.echo(f"released {alarm}: a newer parser has read its pages")


def _tell(report: Report, mended: Sequence[Case], dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    typer.echo(f"{report.pages} pages read, {len(report.read)} of them well")
    for topic, count in sorted(report.records.items()):
        typer.echo(f"{count} records {would}sent to {topic}")
    for reason, count in sorted(report.refused.items()):
        typer.echo(f"{count} pages refused: {reason}")
    typer.echo(f"{len(mended)} dead letters {would}dealt with")
