"""Bracket groups of a title, tolerant of what people type: nested, unbalanced, mixed kinds."""

import re
from typing import NamedTuple

_CLOSES = {"(": ")", "[": "]", "{": "}"}
_BRACKET = re.compile(r"[()\[\]{}]")
_ONE_GROUP = re.compile(r"([^()\[\]{}]*)\(([^()\[\]{}]*)\)$")


class Piece(NamedTuple):
    """A stretch of a title: plain text, or the inside of an outermost bracket group. A tuple, since
    20,000 are created per second."""

    text: str
    bracket: str  # "(", "[", "{", or "" for plain text

    def __str__(self) -> str:
        return f"{self.bracket}{self.text}{_CLOSES[self.bracket]}" if self.bracket else self.text


def scan(text: str) -> tuple[tuple[Piece, ...], bool]:
    """Return the pieces of a text in its order, without empty ones, and True if the brackets are balanced.

    A group that never closes goes to the end; a close without an open is dropped. Inner groups stay
    inside: "Temple (Ø [Phase] Remix)" has one group.
    """
    if not _BRACKET.search(text):
        plain = text.strip()
        return ((Piece(plain, ""),) if plain else ()), True
    if closing := _ONE_GROUP.match(text):  # what most titles are
        plain, inside = closing[1].strip(), closing[2].strip()
        if plain and inside:
            return (Piece(plain, ""), Piece(inside, "(")), True
    pieces: list[Piece] = []
    balanced = True
    depth = start = 0
    opener = ""
    for sign in _BRACKET.finditer(text):
        opens = sign[0] in _CLOSES
        if depth == 0 or (depth == 1 and not opens):  # a piece ends here
            inside = text[start : sign.start()].strip()
            if inside:
                pieces.append(Piece(inside, opener))
            start, opener = sign.end(), sign[0] if opens else ""
        balanced &= opens or depth > 0
        depth = depth + 1 if opens else max(0, depth - 1)
    if rest := text[start:].strip():
        pieces.append(Piece(text=rest, bracket=opener))
    return tuple(pieces), balanced and depth == 0


def trailing_square(text: str) -> tuple[str, str] | None:
    """Return (text before, inside) of a "[...]" at the very end, closed or not, or None."""
    if not text.endswith("]"):
        before, opened, inside = text.rpartition(" [")
        return (before.rstrip(), inside.strip()) if opened and not _BRACKET.search(inside) else None
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == "]") - (text[at] == "[")
        if depth == 0:
            return text[:at].rstrip(), text[at + 1 : -1].strip()
    return None
