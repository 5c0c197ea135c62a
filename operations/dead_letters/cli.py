"""`songnodes dlq list | show | reinsert | drop`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from operations import database
from operations.dead_letters import reinsertion, view
from operations.dead_letters.action_log import ActionLog
from operations.dead_letters.decoding import describe_value
from operations.dead_letters.letters import Address, LetterGroup, group_letters
from operations.dead_letters.selection import Selection
from operations.dead_letters.topic import DeadLetterTopic, stages
from songnodes.cli.current_user import current_user
from songnodes.cli.terminal import console, say
from songnodes.cli.terminal import show as show_table
from songnodes.errors import UserError
from songnodes.messaging import clients
from songnodes.servers import reached
from songnodes.settings import Settings, settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

StageName = Annotated[str, typer.Argument(metavar="STAGE", help="parse, silver, gold or sink.")]
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="PARTITION:OFFSET; default: all open ones.")
]
OfReason = Annotated[str | None, typer.Option("--reason", help="Only letters with this reason code.")]
AtMost = Annotated[int | None, typer.Option("--max", min=1, help="At most this many, oldest first.")]
Again = Annotated[bool, typer.Option("--again", help="Include letters that were handled before.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the effect, change nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NEEDED = ("kafka_bootstrap", "database_url")
MAX_LISTED = 50  # letters in a table


class FileAlreadyExists(UserError):
    """The file already exists"""


@app.command("list")
def list_letters(
    stage: Annotated[str, typer.Argument(metavar="[STAGE]", help="List the letters of this stage.")] = "",
    reason: OfReason = None,
    everything: Annotated[bool, typer.Option("--all", help="Include handled letters.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count dead letters by stage and reason; with STAGE, list them."""
    current = reached(settings(), *NEEDED)
    by_stage: dict[str, list[LetterGroup]] = {}
    for stage_name in [stage] if stage else stages():
        with _opened(current, stage_name) as (_, _, groups):
            selection = Selection(reason=reason, again=everything)
            by_stage[stage_name] = selection.of(groups)
    counts = view.count_by_reason(by_stage)
    if as_json:
        print(
            json.dumps(
                {"counts": counts, "letters": [view.as_dict(group) for group in by_stage.get(stage, [])]}
            )
        )
        return
    out = console()
    if counts:
        show_table(view.counts_table(counts), out)
    else:
        out.print("no dead letters" + (" open" * (not everything)))
    if by_stage.get(stage):
        show_table(view.groups_table(by_stage[stage][-MAX_LISTED:]), out)
    if len(by_stage.get(stage, ())) > MAX_LISTED:
        out.print(f"and {len(by_stage[stage]) - MAX_LISTED} older; use `--json` to list all")


@app.command()
def show(
    stage: StageName,
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="PARTITION:OFFSET.")],
    save: Annotated[Path | None, typer.Option(help="Write the value's bytes to this new file.")] = None,
) -> None:
    """Show one dead letter: its reason, headers and content."""
    current = settings()
    reached(current, *NEEDED, *(["schema_registry_url"] if current.schema_registry_url else []))
    address = Address.of(letter_id)
    topic = DeadLetterTopic(current, clients.admin(current), stage)
    letter, value = topic.one(address)
    with database.connected(current) as connection:
        action = ActionLog(connection, topic).all().get(address)
    view.show(console(), letter, action, *describe_value(current, letter, value))
    if save is not None:
        try:
            with save.open("xb") as file:
                file.write(value or b"")
        except FileExistsError as error:
            raise FileAlreadyExists(str(save)) from error


@app.command()
def reinsert(
    stage: StageName,
    ids: Ids = None,
    reason: OfReason = None,
    most: AtMost = None,
    again: Again = False,
    dry_run: DryRun = False,
    note: Annotated[str, typer.Option(help="Stored with the action.")] = "",
) -> None:
    """Write records back to their topics, to be processed again. Exit code 1 if one was not written."""
    current = reached(settings(), *NEEDED)
    with _opened(current, stage, to_write=True) as (topic, actions, groups):
        chosen = _selection(ids, reason, most, again).of(groups)
        blocked = reinsertion.obstacles(current, clients.admin(current), chosen)
        for group, why in blocked.items():
            say(f"{group.letter.address} is not reinserted: {why}", error=True)
        ready = [group for group in chosen if group not in blocked]
        if dry_run:
            show_table(view.groups_table(ready))
            typer.echo(f"would reinsert {len(ready)} of {len(chosen)}")
            return
        done = reinsertion.reinsert_and_record(current, topic, actions, ready, who=current_user(), note=note)
    typer.echo(f"reinserted {done} of {len(chosen)}")
    if done < len(chosen):
        raise typer.Exit(1)


@app.command()
def drop(
    stage: StageName,
    text: Annotated[str, typer.Option("--reason-text", help="Why no action is needed; stored.")],
    ids: Ids = None,
    reason: OfReason = None,
    most: AtMost = None,
    again: Again = False,
    dry_run: DryRun = False,
) -> None:
    """Mark letters as handled. Kafka keeps them until their retention ends."""
    with _opened(reached(settings(), *NEEDED), stage, to_write=True) as (_, actions, groups):
        chosen = _selection(ids, reason, most, again).of(groups)
        if dry_run:
            show_table(view.groups_table(chosen))
            typer.echo(f"would drop {len(chosen)}")
            return
        actions.add((a for group in chosen for a in group.letters), "dropped", who=current_user(), note=text)
    typer.echo(f"dropped {len(chosen)}")


@contextmanager
def _opened(
    current: Settings, stage: str, *, to_write: bool = False
) -> Iterator[tuple[DeadLetterTopic, ActionLog, list[LetterGroup]]]:
    topic = DeadLetterTopic(current, clients.admin(current), stage)
    with database.connected(current) as connection:
        actions = ActionLog(connection, topic)
        if to_write:
            actions.acquire_lock()
        yield topic, actions, group_letters(topic.letters(), actions.all())


def _selection(ids: list[str] | None, reason: str | None, most: int | None, again: bool) -> Selection:
    addresses = [Address.of(text) for text in ids or ()]
    return Selection(addresses=addresses, reason=reason, most=most, again=again)
