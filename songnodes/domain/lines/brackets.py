"""Bracket groups of a title, tolerant of what people type: nested, unbalanced, mixed kinds."""

from dataclasses import dataclass

_CLOSES = {"(": ")", "[": "]", "{": "}"}
_OPENS = frozenset(_CLOSES)
_ENDS = frozenset(_CLOSES.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a title: plain text, or the inside of an outermost bracket group."""

    text: str
    bracket: str  # "(", "[", "{", or "" for plain text

    def __str__(self) -> str:
        return f"{self.bracket}{self.text}{_CLOSES[self.bracket]}" if self.bracket else self.text


def scan(text: str) -> tuple[tuple[Piece, ...], bool]:
    """The pieces of a text in its order, empty ones left out, and whether the brackets were balanced.

    A group that never closes goes to the end; a close without an open is dropped. Inner groups stay
    inside: "Temple (Ø [Phase] Remix)" has one group.
    """
    if not _OPENS.intersection(text) and not _ENDS.intersection(text):
        plain = text.strip()
        return ((Piece(text=plain, bracket=""),) if plain else ()), True
    pieces: list[Piece] = []
    balanced = True
    depth = 0
    start = 0
    opener = ""

    def close(end: int) -> None:
        inside = text[start:end].strip()
        if inside:
            pieces.append(Piece(text=inside, bracket=opener))

    for at, char in enumerate(text):
        if char in _OPENS:
            if depth == 0:
                close(at)
                start, opener = at + 1, char
            depth += 1
        elif char in _ENDS:
            if depth == 1:
                close(at)
                start, opener = at + 1, ""
            elif depth == 0:
                close(at)
                start, balanced = at + 1, False
            depth = max(0, depth - 1)
    close(len(text))
    return tuple(pieces), balanced and depth == 0


def trailing_square(text: str) -> tuple[str, str] | None:
    """(text before, inside) of a "[...]" at the very end, or None."""
    if not text.endswith("]"):
        return None
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == "]") - (text[at] == "[")
        if depth == 0:
            return text[:at].rstrip(), text[at + 1 : -1].strip()
    return None
