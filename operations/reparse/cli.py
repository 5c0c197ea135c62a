"""`songnodes reparse SOURCE`."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from operations import database
from operations.dead_letters.action_log import ActionLog
from operations.dead_letters.letters import LetterGroup, group_letters
from operations.dead_letters.topic import DeadLetterTopic
from operations.drift import held_pages
from operations.drift.release import release
from operations.reparse.archive import RecordId, ReparseReport, archive_bounds, read
from operations.replay.start import parse_start
from producers import sources
from producers.crawl import permission
from producers.drift.store import Store
from songnodes.cli.current_user import current_user
from songnodes.clock import SystemClock
from songnodes.decisions import Author
from songnodes.messaging import clients
from songnodes.messaging.codec import Codec
from songnodes.servers import reached
from songnodes.settings import Settings, settings


def reparse(
    source: Annotated[str, typer.Argument(help=", ".join(sources.SOURCES))],
    starting_at: Annotated[str, typer.Option("--from", help="earliest, an offset, or a time (UTC).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count, write nothing.")] = False,
) -> None:
    """Read archived pages of a site again with the current parser; nothing is fetched.

    Records of a newer parser replace those of an older one. Dead letters of pages that can be parsed now are
    marked as handled.
    """
    permission.check_source(source)
    current = reached(settings(), "kafka_bootstrap", "database_url", "schema_registry_url")
    admin = clients.admin(current)
    ranges = archive_bounds(current, admin, parse_start(starting_at))
    topic = DeadLetterTopic(current, admin, held_pages.STAGE)
    with database.connected(current) as connection, Codec.opened(current) as codec:
        actions = ActionLog(connection, topic)
        if not dry_run:
            actions.acquire_lock()
        groups = group_letters(topic.letters(), actions.all())
        report = ReparseReport()
        with Console(stderr=True, highlight=False).status("") as status:
            known_letters = {place for group in groups if (place := _record_id(group))}
            for report in read(current, codec, source, ranges, known_letters=known_letters, dry_run=dry_run):
                status.update(f"{report.pages} pages read")
        handled = [group for group in groups if group.open and _record_id(group) in report.read]
        if not dry_run:
            versions = sources.SOURCES[source].card.versions.values()
            note = f"parsed by parser {max(versions)}"
            actions.add(
                (a for group in handled for a in group.letters), "reparsed", who=current_user(), note=note
            )
            _release(current, Store(connection), held_pages.open_groups(topic, actions), source, note)
    _print_report(report, handled, dry_run)


def _record_id(group: LetterGroup) -> RecordId | None:
    reason = group.letter.reason
    return (reason.topic, reason.partition, reason.offset, reason.timestamp) if reason else None


def _release(
    current: Settings, store: Store, held_groups: Sequence[LetterGroup], source: str, note: str
) -> None:
    """Release the alarms of older parsers that no longer hold a page."""
    card = sources.SOURCES[source].card
    held_counts = held_pages.count_by_alarm(held_groups)
    releasable = [
        alarm
        for alarm in store.alarms()
        if alarm.subject.source == source
        and alarm.subject.parser_version < card.version(alarm.subject.kind)
        and not held_counts.get(alarm.id)
    ]
    done = release(
        current, store, releasable, Author(name=current_user(), reason=note, at=SystemClock().now())
    )
    for alarm in done:
        typer.echo(f"released {alarm}: a newer parser has parsed its pages")


def _print_report(report: ReparseReport, handled: Sequence[LetterGroup], dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    typer.echo(f"{report.pages} pages read, {len(report.read)} of them parsed")
    for topic, count in sorted(report.records.items()):
        typer.echo(f"{count} records {would}sent to {topic}")
    for reason, count in sorted(report.refused.items()):
        typer.echo(f"{count} pages refused: {reason}")
    typer.echo(f"{len(handled)} dead letters {would}handled")
