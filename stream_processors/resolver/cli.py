"""Commands `songnodes merge`, `split` and `links`: decisions on two tracks, and the links between tracks."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from songnodes import catalogue, decisions
from songnodes.cli import terminal
from songnodes.cli.current_user import current_user
from songnodes.cli.override import track_id_of
from songnodes.cli.terminal import escaped, say
from songnodes.decisions import Author
from songnodes.errors import UserError
from songnodes.servers import reached
from songnodes.settings import Settings, settings
from stream_processors.resolver.store import Row, Store

FILE = "questions"
#: Columns that contain ids; they are never truncated.
IDS = ("claim_id", "claim_a", "claim_b", "playlist_a", "playlist_b", "evidence")


class DifferentVersions(UserError):
    """These are two versions by their names"""

    remedy = "Use --force if they are one recording nevertheless"


class SameTrack(UserError):
    """A track cannot be merged with itself or split from itself"""


class NotConfirmed(UserError):
    """Nothing was merged: the names have no word in common"""

    remedy = "--yes merges them without the question"


class NotMerged(UserError):
    """This track is merged with no other"""


Reason = Annotated[str, typer.Option("--reason", help="Why; stored with the decision.")]
Who = Annotated[str | None, typer.Option("--author", help="Who decided; default: your user name.")]
Track = Annotated[str, typer.Argument(help='A track id, or a line: "Deadmau5 - Strobe".')]
Withdraw = Annotated[bool, typer.Option("--withdraw", help="Withdraw the decision on these two tracks.")]
Force = Annotated[bool, typer.Option("--force", help="Also for a track that does not exist yet.")]
NEEDED = ("kafka_bootstrap", "database_url", "schema_registry_url")


def merge(
    track: Track,
    other: Track,
    reason: Reason,
    author: Who = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also for different versions, or a track that does not exist yet.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask if the names have no common word.")
    ] = False,
    withdraw: Withdraw = False,
) -> None:
    """Merge TRACK and OTHER into one recording. The smaller id is canonical; the other one still resolves."""
    first, second = _pair(track, other)
    merge_pair(
        reached(settings(), *NEEDED),
        (first, second),
        _author(author, reason),
        force=force,
        withdraw=withdraw,
        confirm=None if yes or withdraw else _confirm,
    )
    say(f"{'withdrawn' if withdraw else 'merged'}: {first} and {second}")


def merge_pair(
    current: Settings,
    pair: tuple[str, str],
    by: Author,
    *,
    force: bool = False,
    withdraw: bool = False,
    confirm: Callable[[str], None] | None,
) -> None:
    """Publish the decision that two track ids are one recording.

    `confirm` is called with a question if the names have no word in common, and raises to refuse. Raises
    UnknownTrack, DifferentVersions.
    """
    first, second = pair
    names = catalogue.check(current, pair, force=force, decided=withdraw)
    with closing(Store.opened(current)) as store:
        profiles = store.rows(FILE, "profiles", claims=list(pair))
    if not (force or withdraw) and _differ(profiles):
        raise DifferentVersions(" and ".join(sorted(pair)))
    if confirm is not None and catalogue.have_no_word_in_common(names, first, second):
        confirm(f"{_named(names, first)} and {_named(names, second)} have no word in common. Merge them?")
    decision = decisions.on_pair("merge", first, second, by, forced=force, withdrawn=withdraw)
    decisions.publish(current, [decision])


def split(
    track: Track,
    reason: Reason,
    other: Annotated[
        str | None, typer.Argument(help="Separate from this track only; default: from all.")
    ] = None,
    author: Who = None,
    withdraw: Withdraw = False,
    force: Force = False,
) -> None:
    """Separate TRACK from the recording it is merged with. A split takes precedence over every link."""
    track_id = track_id_of(track)
    pair = _pair(track, other) if other is not None else (track_id,)
    current = reached(settings(), *NEEDED)
    merged = split_track(current, pair, _author(author, reason), force=force, withdraw=withdraw)
    say(f"{'withdrawn' if withdraw else 'split'}: {track_id} from {', '.join(merged)}")


def split_track(
    current: Settings, ids: Sequence[str], by: Author, *, force: bool = False, withdraw: bool = False
) -> list[str]:
    """Publish the decisions that a track is not the second one of `ids`, or none of those it is merged with.

    Return these. Raises UnknownTrack, NotMerged.
    """
    track_id = ids[0]
    catalogue.check(current, ids, force=force, decided=withdraw)
    merged = list(ids[1:]) or _merged_with(current, track_id)
    decisions.publish(
        current, [decisions.on_pair("split", track_id, member, by, withdrawn=withdraw) for member in merged]
    )
    return merged


def links(
    track: Annotated[str | None, typer.Argument(help="A track id, also a merged one, or a line.")] = None,
    sets: Annotated[bool, typer.Option("--sets", help="Show playlists of the same set.")] = False,
    why: Annotated[str | None, typer.Option("--why", help="Only links to review with this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Print at most this many rows.")] = 50,
    force: Force = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the merged ids of TRACK and the reasons; without TRACK, the links to review."""
    current = reached(settings(), "database_url")
    track_id = track_id_of(track) if track is not None else None
    if track_id is not None:
        catalogue.check(current, [track_id], force=force, decided=True)
    with closing(Store.opened(current)) as store:
        if track_id is not None:
            links_of_track = _of_track(store, track_id)
            _show_json(links_of_track) if as_json else _show(track_id, links_of_track)
            return
        rows = (
            store.rows(FILE, "sets", limit=limit)
            if sets
            else store.rows(FILE, "review", limit=limit, why=why)
        )
    if as_json:
        _show_json({"sets" if sets else "review": rows})
    else:
        _print(rows, "no set is known from two sites" if sets else "nothing to review")


def _of_track(store: Store, track: str) -> dict[str, Any]:
    """Return the canonical id of a track, its members, their links and the decisions on them."""
    (row,) = store.rows(FILE, "canonical", track=track)
    canonical_id = row["canonical_id"]
    members = store.rows(FILE, "members", track=canonical_id)
    claims = sorted({track, *(member["claim_id"] for member in members)})
    return {
        "canonical_id": canonical_id,
        "members": members,
        "links": store.rows(FILE, "links", claims=claims),
        "decided": store.rows(FILE, "decided", claims=claims),
    }


def _show(track: str, links_of_track: Mapping[str, Any]) -> None:
    canonical = links_of_track["canonical_id"]
    say(f"{track} is {canonical if canonical != track else 'itself'}")
    _print(links_of_track["members"], "")
    _print(links_of_track["links"], "no links")
    _print(links_of_track["decided"], "")


def _show_json(document: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, default=str))


def _print(rows: Sequence[Row], nothing: str) -> None:
    if not rows:
        say(nothing) if nothing else None
        return
    table = terminal.table(*rows[0], ids=IDS)
    for row in rows:
        terminal.add(table, *row.values())
    terminal.show(table)


def _confirm(question: str) -> None:
    """Ask for confirmation on the terminal. Raises NotConfirmed."""
    try:
        agreed = typer.confirm(escaped(question))
    except typer.Abort:
        agreed = False
    if not agreed:
        raise NotConfirmed


def _named(names: Mapping[str, str], track: str) -> str:
    return f"{track} ({names[track]})" if names.get(track) else track


def _pair(track: str, other: str) -> tuple[str, str]:
    first, second = track_id_of(track), track_id_of(other)
    if first == second:
        raise SameTrack(first)
    return first, second


def _merged_with(current: Settings, track: str) -> list[str]:
    with closing(Store.opened(current)) as store:
        (row,) = store.rows(FILE, "canonical", track=track)
        members = store.rows(FILE, "members", track=row["canonical_id"])
    merged = [member["claim_id"] for member in members if member["claim_id"] != track]
    if not merged:
        raise NotMerged(track)
    return merged


def _differ(profiles: Sequence[Row]) -> bool:
    """Return True if both tracks have a profile, and their version artists or stems differ."""
    return len(profiles) == 2 and len({(tuple(row["version_artists"]), row["stem"]) for row in profiles}) == 2


def _author(name: str | None, reason: str) -> Author:
    return Author(name=name or current_user(), reason=reason, at=datetime.now(UTC))
