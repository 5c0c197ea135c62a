"""`songnodes dlq list | show | reinsert | drop`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from operations.dead_letters import actions, view
from operations.dead_letters.decoding import describe_value
from operations.dead_letters.letters import Address, LetterGroup
from operations.dead_letters.selection import Selection
from operations.dead_letters.topic import stages
from songnodes.cli.current_user import current_user
from songnodes.cli.terminal import console, say
from songnodes.cli.terminal import show as show_table
from songnodes.errors import UserError
from songnodes.servers import reached
from songnodes.settings import settings

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
        with actions.opened(current, stage_name) as (_, _, groups):
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
    letter, value, action = actions.one(current, stage, Address.of(letter_id))
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
    selection = _selection(ids, reason, most, again)
    result = actions.reinsert(
        current, stage, selection, who=current_user(), note=note, dry_run=dry_run, on_blocked=_say_blocked
    )
    if dry_run:
        show_table(view.groups_table(result.ready))
        typer.echo(f"would reinsert {len(result.ready)} of {len(result.chosen)}")
        return
    typer.echo(f"reinserted {result.done} of {len(result.chosen)}")
    if result.done < len(result.chosen):
        raise typer.Exit(1)


def _say_blocked(group: LetterGroup, why: str) -> None:
    say(f"{group.letter.address} is not reinserted: {why}", error=True)


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
    current = reached(settings(), *NEEDED)
    selection = _selection(ids, reason, most, again)
    chosen = actions.drop(current, stage, selection, who=current_user(), note=text, dry_run=dry_run)
    if dry_run:
        show_table(view.groups_table(chosen))
    typer.echo(f"{'would drop' if dry_run else 'dropped'} {len(chosen)}")


def _selection(ids: list[str] | None, reason: str | None, most: int | None, again: bool) -> Selection:
    addresses = [Address.of(text) for text in ids or ()]
    return Selection(addresses=addresses, reason=reason, most=most, again=again)
