"""Both sides of a match: the requested track, and a provider's result."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from songnodes.domain.lines import Line, read_line
from songnodes.domain.lines.brackets import trailing_square

Ids = Mapping[str, str]  # column -> id: {"spotify_id": "...", "beatport_id": "..."}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedTrack:
    """The requested track: its line, with other data of its page."""

    line: Line
    duration_ms: int | None = None
    isrc: str | None = None
    ids: Ids = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One track of a provider's answer, in the provider's own words.

    None means that the provider has no value, which is no evidence for or against a match; an empty tuple
    of remixers means that there are none.
    """

    provider: str
    name: str  # the title, with the version in it or in `mix_name`
    artists: tuple[str, ...] = ()  # one name each; empty where the provider has none
    artists_complete: bool = True  # False where a provider's answer names the first artist only
    remixers: tuple[str, ...] | None = None
    mix_name: str | None = None
    variant: str | None = None  # as `Line.variant`, where the provider has it apart from the title
    duration_ms: int | None = None
    isrc: str | None = None
    ids: Ids = field(default_factory=dict)

    def read(self) -> Line:
        """Return the title as a line, by the same grammar as a tracklist's lines."""
        credit = " & ".join(self.artists)
        mix = self.mix_name or ""
        note = None if mix.casefold() in self.name.casefold() else mix
        # a provider has its labels apart: square brackets in a title are part of it, not a label
        square = trailing_square(self.name)
        name = f"{square[0]} ({square[1]})" if square and square[0] and square[1] else self.name
        text = f"{credit or '?'} - {name}"
        return read_line(text, version_note=note, byline=credit or "?", links=self.artists)
