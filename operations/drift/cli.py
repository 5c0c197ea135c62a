"""`songnodes drift`, `songnodes drift release`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from operations import database
from operations.dead_letters.mailbox import Mailbox
from operations.dead_letters.marks import Marks
from operations.drift import held, view
from operations.drift.release import named, release
from producers.drift.store import Store
from songnodes.cli.operator import operator
from songnodes.cli.terminal import console
from songnodes.clock import SystemClock
from songnodes.decisions import Author
from songnodes.messaging import clients
from songnodes.servers import reached
from songnodes.settings import Settings, settings

app = typer.Typer(invoke_without_command=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def drift(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also released ones.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    source: Annotated[str | None, typer.Option("--source", help="Only of this site.")] = None,
) -> None:
    """List the open alarms: which site seems to have changed, by what evidence, how many pages wait."""
    if context.invoked_subcommand:
        return
    with _opened(reached(settings(), "kafka_bootstrap", "database_url")) as (store, mailbox, marks):
        alarms = [
            alarm
            for alarm in store.alarms()
            if (everything or alarm.open) and source in (None, alarm.subject.source)
        ]
        waiting = held.of(mailbox, marks)
    counts = held.counted(waiting)
    alone = sum(not held.alarms(case) for case in waiting)
    if as_json:
        found = [view.plain(alarm, counts.get(alarm.id, 0)) for alarm in alarms]
        print(json.dumps({"alarms": found, "held_by_their_own_content": alone}))
        return
    if alarms:
        view.show(console(), alarms, counts)
    else:
        print("no open alarm")
    if alone:
        print(f"{alone} pages are held by what is on them: `songnodes dlq list parse --reason drift`")


@app.command("release")
def release_alarms(
    ids: Annotated[list[str], typer.Argument(metavar="ALARM...", help="As `songnodes drift` prints them.")],
    reason: Annotated[str, typer.Option("--reason-text", help="Why the pages are right. Kept.")],
) -> None:
    """The pages are what they should be: what they look like now is the usual from here on.

    Pages that no other alarm holds are put back and parsed.
    """
    current = reached(settings(), "kafka_bootstrap", "database_url", "schema_registry_url")
    author = Author(name=operator(), reason=reason, at=SystemClock().now())
    with _opened(current, to_mark=True) as (store, mailbox, marks):
        done = release(current, store, named(store.alarms(), ids), author)
        closed = {alarm.id for alarm in store.alarms() if not alarm.open}
        free = held.free(held.of(mailbox, marks), closed)
        back = held.put_back(current, mailbox, marks, free, who=author.name, note=reason)
    typer.echo(f"released {len(done)} of {len(set(ids))}, put back {back} of {len(free)} pages")
    if back < len(free):
        raise typer.Exit(1)


@contextmanager
def _opened(current: Settings, *, to_mark: bool = False) -> Iterator[tuple[Store, Mailbox, Marks]]:
    mailbox = Mailbox(current, clients.admin(current), held.STAGE)
    with database.connected(current) as connection:
        marks = Marks(connection, mailbox)
        if to_mark:
            marks.take_turn()
        yield Store(connection), mailbox, marks
