"""`songnodes explain`: why a line is read as it is, and why a candidate is its track or not.

Pure code, no servers: it runs what the stages run, on what is given on the command line.
"""

from collections.abc import Iterator
from typing import Annotated

import typer

from songnodes.cli.terminal import say
from songnodes.domain.identity import artist_id, claim_key, track_id
from songnodes.domain.lines import Line, explain_line, read_line
from songnodes.domain.lines.reading import Reading
from songnodes.domain.matching import Asked, Candidate, decide
from songnodes.domain.matching import explain as explain_decision

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Text = Annotated[str, typer.Argument(help='A line of a tracklist: "Artist - Title (X Remix) [Label]".')]
Note = Annotated[str | None, typer.Option("--note", help="The version note that stands beside the name.")]
Byline = Annotated[str | None, typer.Option("--byline", help="The artists, where the page gives them apart.")]
Links = Annotated[
    list[str] | None, typer.Option("--link", help="A name that the page marks as an artist; may repeat.")
]


@app.callback()
def explain() -> None:
    """Why something is as it is."""


@app.command()
def line(text: Text, note: Note = None, byline: Byline = None, link: Links = None) -> None:
    """Each step of reading a line, what came of it, and who it is."""
    for said in line_report(text, note=note, byline=byline, links=tuple(link or ())):
        say(said)


@app.command()
def match(
    text: Text,
    name: Annotated[str, typer.Option("--name", help="The candidate's title.")],
    artist: Annotated[list[str], typer.Option("--artist", help="One of its artists; may repeat.")],
    mix: Annotated[str | None, typer.Option("--mix", help="Its mix name.")] = None,
    remixer: Annotated[list[str] | None, typer.Option("--remixer", help="May repeat.")] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", help="The track's length, if known.")] = None,
    its_seconds: Annotated[float | None, typer.Option("--its-seconds", help="The candidate's.")] = None,
) -> None:
    """The gates, the score and the scope of one candidate for a line."""
    candidate = Candidate(
        provider="given",
        name=name,
        artists=tuple(artist),
        mix_name=mix,
        remixers=tuple(remixer) if remixer else None,
        duration_ms=_milliseconds(its_seconds),
    )
    asked = Asked(line=read_line(text), duration_ms=_milliseconds(seconds))
    for said in explain_decision(decide(asked, [candidate])):
        say(said)


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def line_report(text: str, *, note: str | None, byline: str | None, links: tuple[str, ...]) -> Iterator[str]:
    """The lines that `songnodes explain line` prints."""
    for change in explain_line(text, version_note=note, byline=byline, links=links):
        yield change.step
        for field, (before, after) in change.changed.items():
            yield f"    {field}: {_shown(before)} -> {_shown(after)}"
    read = read_line(text, version_note=note, byline=byline, links=links)
    yield ""
    yield from _result(read)


def _result(read: Line) -> Iterator[str]:
    yield f"status      {read.status}"
    certain = "" if read.credit_split else "  (not split: nothing says how)"
    yield f"artists     {', '.join(f'{name} [{artist_id(name)}]' for name in read.artists) or '-'}{certain}"
    yield f"track       {read.track_name or '-'}"
    yield f"variant     {read.variant}"
    if read.warnings:
        yield f"warnings    {', '.join(read.warnings)}"
    for part in read.mashup_of:
        yield f"part        {part.credit} - {part.track_name}"
    yield f"claim key   {claim_key(read)}"
    yield f"track id    {track_id(read) or 'none: only identified lines have one'}"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, Reading):
        return repr(value.text or value.featured or value.variant or "a note")
    return "nothing" if value in (None, "") else repr(value)
