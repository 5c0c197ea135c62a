"""`songnodes drift`, `songnodes drift release`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from operations import database
from operations.dead_letters.action_log import ActionLog
from operations.dead_letters.topic import DeadLetterTopic
from operations.drift import held_pages, view
from operations.drift.release import find_alarms, release
from producers.drift.store import Store
from songnodes.cli.current_user import current_user
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
    everything: Annotated[bool, typer.Option("--all", help="Include released alarms.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    source: Annotated[str | None, typer.Option("--source", help="Only this site.")] = None,
) -> None:
    """List open alarms: sites that seem to have changed, the evidence, and the number of held pages."""
    if context.invoked_subcommand:
        return
    with _opened(reached(settings(), "kafka_bootstrap", "database_url")) as (store, topic, actions):
        alarms = [
            alarm
            for alarm in store.alarms()
            if (everything or alarm.open) and source in (None, alarm.subject.source)
        ]
        groups = held_pages.open_groups(topic, actions)
    counts = held_pages.count_by_alarm(groups)
    held_by_content = sum(not held_pages.alarm_ids(group) for group in groups)
    if as_json:
        alarm_dicts = [view.as_dict(alarm, counts.get(alarm.id, 0)) for alarm in alarms]
        print(json.dumps({"alarms": alarm_dicts, "held_by_their_own_content": held_by_content}))
        return
    if alarms:
        view.show(console(), alarms, counts)
    else:
        print("no open alarms")
    if held_by_content:
        print(f"{held_by_content} pages are held by their content: `songnodes dlq list parse --reason drift`")


@app.command("release")
def release_alarms(
    ids: Annotated[
        list[str], typer.Argument(metavar="ALARM...", help="Ids, as printed by `songnodes drift`.")
    ],
    reason: Annotated[str, typer.Option("--reason-text", help="Why the pages are correct; stored.")],
) -> None:
    """Release alarms: the pages are correct, and their structure is the new baseline.

    Pages that no other alarm holds are reinserted and parsed.
    """
    current = reached(settings(), "kafka_bootstrap", "database_url", "schema_registry_url")
    author = Author(name=current_user(), reason=reason, at=SystemClock().now())
    with _opened(current, to_write=True) as (store, topic, actions):
        done = release(current, store, find_alarms(store.alarms(), ids), author)
        closed = {alarm.id for alarm in store.alarms() if not alarm.open}
        pages = held_pages.releasable(held_pages.open_groups(topic, actions), closed)
        reinserted = held_pages.reinsert(current, topic, actions, pages, who=author.name, note=reason)
    typer.echo(
        f"released {len(done)} of {len(set(ids))} alarms, reinserted {reinserted} of {len(pages)} pages"
    )
    if reinserted < len(pages):
        raise typer.Exit(1)


@contextmanager
def _opened(
    current: Settings, *, to_write: bool = False
) -> Iterator[tuple[Store, DeadLetterTopic, ActionLog]]:
    topic = DeadLetterTopic(current, clients.admin(current), held_pages.STAGE)
    with database.connected(current) as connection:
        actions = ActionLog(connection, topic)
        if to_write:
            actions.acquire_lock()
        yield Store(connection), topic, actions
