"""A line of a tracklist, read."""

from typing import Literal

import msgspec

from songnodes.domain.lines.reading import Family, Stem

Status = Literal["identified", "artist_only", "title_only", "base_only", "unidentified", "unparsed"]


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Reading of a line of a tracklist. The raw text is kept; names keep the source's spelling.

    Four axes, never mixed: the version with its artists, the stem, the variant, and how far the track is
    identified (`status`). Only identified lines are enriched and counted.
    """

    raw: str
    status: Status
    credit: str  # artists as displayed, without the featured ones
    artists: tuple[str, ...]  # the credit whole, unless there is evidence how it splits
    credit_split: bool  # True: `artists` is certainly one name each; False: the credit is kept whole
    key_artists: tuple[str, ...]  # over-split, normalised, sorted: for the identity key only
    featured: tuple[str, ...]
    base_title: str
    other_tokens: tuple[str, ...]  # subtitles, which belong to the title and the key
    version_family: Family | None
    version_text: str | None  # "Michael Woods Remix": as displayed, without words of length
    version_artists: tuple[str, ...]
    version_keys: tuple[str, ...]  # over-split names and kinds ("club"), normalised, sorted
    stem: Stem
    variant: str  # regular, original, extended, radio, short, album, edit, clean, remaster
    label: str | None  # the first of `labels`
    catalogue: str | None
    labels: tuple[str, ...] = ()  # all that the line and the page give
    mashup_of: tuple["Line", ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Base title and subtitles, as displayed."""
        if not self.other_tokens:  # as most
            return self.base_title
        return " ".join([self.base_title, *(f"({token})" for token in self.other_tokens)])

    @property
    def track_name(self) -> str:
        """The title with its version in brackets; never the variant or the featured artists."""
        return f"{self.title} ({self.version_text})" if self.version_text else self.title
