"""`songnodes follow`, `unfollow`, `following` and `feed`."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from queries import feeds, output, subscriptions
from queries.commands import Form, answer
from queries.subscriptions import DEFAULT_LIST, Kind
from songnodes.cli.terminal import say

KindArgument = Annotated[Kind, typer.Argument(help="track, artist (as producer), label, or dj.")]
NameArgument = Annotated[str, typer.Argument(help="An id, or a name.")]
ListName = Annotated[str, typer.Option("--list", help="Name of the list.")]


class FeedForm(StrEnum):
    """Format of a feed."""

    ATOM = "atom"
    JSON = "json"


def follow(kind: KindArgument, name: NameArgument, listed: ListName = DEFAULT_LIST) -> None:
    """Follow a track, artist, label or DJ: `songnodes feed` shows what is new of it."""
    title, is_new = answer(lambda connection: subscriptions.follow(connection, listed, kind, name))
    say(f"{kind} {title}: {'followed' if is_new else 'followed already'} in list {listed}")


def unfollow(kind: KindArgument, name: NameArgument, listed: ListName = DEFAULT_LIST) -> None:
    """Follow a track, artist, label or DJ no longer."""
    is_removed = answer(lambda connection: subscriptions.unfollow(connection, listed, kind, name))
    say(f"{kind} {name}: {'removed from' if is_removed else 'not in'} list {listed}")


def following(
    listed: Annotated[
        str | None, typer.Option("--list", help="Name of the list. Default: all lists.")
    ] = None,
    form: Form = output.Format.TABLE,
) -> None:
    """Show what the lists follow."""
    rows = answer(lambda connection: subscriptions.following(connection, listed))
    output.write(
        rows, ("list_name", "kind", "name", "target_id", "created_at"), form, empty="nothing followed"
    )


def feed(
    listed: ListName = DEFAULT_LIST,
    form: Annotated[FeedForm, typer.Option("--form", help="Atom 1.0 or JSON Feed 1.1.")] = FeedForm.ATOM,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="File to write. Default: print it.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Days that the feed has.")] = feeds.DAYS,
    top: Annotated[
        int, typer.Option("--top", min=1, max=100, help="A climb enters so many first of a genre.")
    ] = feeds.TOP,
) -> None:
    """Write what is new of what a list follows: support, sets, tracks, revealed IDs and climbs."""
    today = datetime.now(UTC).date()
    entries = answer(lambda connection: feeds.entries(connection, listed, today=today, days=days, top=top))
    if form is FeedForm.ATOM:
        document = feeds.atom(listed, entries)
    else:
        document = feeds.json_feed(listed, entries).encode() + b"\n"
    if out is None:
        typer.echo(document, nl=False)
    else:
        part = out.with_name(f"{out.name}.part")  # a web server never reads half of it
        part.write_bytes(document)
        part.replace(out)
        say(f"{len(entries)} entries in {out}")
