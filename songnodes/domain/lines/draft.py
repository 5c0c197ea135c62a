"""A line while it is being read: each step takes a part of `text` and stores it in a field of its own."""

import msgspec

from songnodes.domain.lines.line import Status
from songnodes.domain.lines.reading import Reading, Stem


class Draft(msgspec.Struct, kw_only=True):
    """State of a reading; only the steps of this package write it."""

    raw: str
    note: str | None = None
    byline: str | None = None
    links: tuple[str, ...] = ()
    label: str | None = None
    marked: tuple[tuple[str, tuple[str, ...]], ...] = ()  # versions that the page marks, with their artists
    text: str = ""  # what is still to be read
    labels: list[str] = []
    catalogue: str | None = None
    credit: str = ""
    title: str | None = None  # None until a title is found
    artists: tuple[str, ...] = ()
    credit_split: bool = True
    key_artists: tuple[str, ...] = ()
    featured: list[str] = []
    other_tokens: list[str] = []
    readings: list[Reading] = []
    version_artists: tuple[str, ...] = ()
    stem: Stem = "regular"
    variant: str = "regular"
    status: Status = "unparsed"
    warnings: list[str] = []

    def snapshot(self) -> dict[str, object]:
        """Return the fields that a trace shows."""
        return {
            name: _copy(getattr(self, name))
            for name in self.__struct_fields__
            if name not in {"raw", "links", "marked"}
        }


def _copy(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
