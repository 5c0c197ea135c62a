"""The name of a track as a row shows it: spans of artists, title and version, with the artists they link."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from producers.sources.tracklists1001 import reading
from producers.sources.tracklists1001.tree import Element, links, text_of

ARTIST = "/artist/"
SEPARATOR = "-"
#: Class of the words of a version that are no name: "Remix", "Private Mix".
REMIX = "remixValue"
FEATURED = re.compile(r"^(?:ft|feat|featuring)\.?\s+", re.IGNORECASE)
_BRACKETED = re.compile(r"^[(\[](?P<inside>.*)[)\]]$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A name that links the page of an artist."""

    name: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A bracket that the page marks as a version: its text and the artists that it links."""

    text: str
    artists: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The shown name of one row. `artist` and `title` are the texts on both sides of the dash; the title
    includes the versions. All are empty for a row that shows none."""

    artist: str = ""
    title: str = ""
    artists: tuple[Linked, ...] = ()
    versions: tuple[Version, ...] = ()


def read(value: Element | None) -> Shown:
    """Return the parts of a row's `.trackValue`; of a text without a dash in a span of its own, the title."""
    if value is None:
        return Shown()
    spans = list(value.iterchildren("span"))
    dash = next((at for at, span in enumerate(spans) if text_of(span) == SEPARATOR), None)
    if dash is None:
        return Shown(title=text_of(value) or "")
    front, back = spans[:dash], spans[dash + 1 :]
    return Shown(
        artist=_joined(front),
        title=_joined(back),
        artists=tuple(_linked(front)),
        versions=tuple(version for span in back if (version := _version(span)) is not None),
    )


def _joined(spans: list[Element]) -> str:
    return " ".join(filter(None, map(text_of, spans)))


def _linked(spans: list[Element]) -> Iterator[Linked]:
    """Yield the names that link an artist, each with its address.

    The link is inside the span of the name or in the next one. Neighbours with the same address are one
    artist shown in two pieces ("Voodoos" & "Taboos").
    """
    last: Linked | None = None
    pieces: list[str] = []  # texts since the last linked name
    for span in spans:
        text = text_of(span)
        addresses = (link.get("href", "") for link in (*links(span), *([span] if span.tag == "a" else ())))
        href = next((address for address in addresses if ARTIST in address), None)
        if text:
            pieces.append(text)
        if not href or not pieces:
            continue
        if last is not None and last.href == href:
            last = Linked(name=" ".join((last.name, *pieces)), href=href)
        else:
            if last is not None:
                yield last
            last = Linked(name=FEATURED.sub("", pieces[-1]), href=href)
        pieces.clear()
    if last is not None:
        yield last


def _version(span: Element) -> Version | None:
    """Return the version that a span in brackets marks; None for a span without the mark."""
    children = list(span.iterchildren("span", "a"))
    if not any(REMIX in (child.get("class") or "").split() for child in children):
        return None
    bracketed = _BRACKETED.match(text_of(span) or "")
    if bracketed is None:
        return None
    names = [child for child in children if REMIX not in (child.get("class") or "").split()]
    return Version(
        text=reading.tidy(bracketed["inside"]) or "", artists=tuple(name.name for name in _linked(names))
    )
