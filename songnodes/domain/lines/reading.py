"""Reading of one bracket group of a title."""

from typing import Literal

import msgspec

Family = Literal["remix", "dub", "vip", "mashup", "live"]
Stem = Literal["regular", "acapella", "instrumental"]

#: Which family wins when a title has several groups.
FAMILY_ORDER: tuple[Family, ...] = ("mashup", "live", "vip", "dub", "remix")

#: A longer group is no note on a version.
MAX_GROUP = 300  # characters


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Reading of one group. Without any of these fields it is a subtitle."""

    variant: str | None = None
    family: Family | None = None
    text: str = ""  # as displayed, words of length left out
    who: str = ""  # the credit of the version, as displayed
    keys: tuple[str, ...] = ()  # what the identity key takes: over-split names and kinds
    stem: Stem | None = None
    featured: str = ""
    guest: str = ""  # featured in the version, not in the track: one of the version's artists
    note: bool = False
    unknown: bool = False  # "ID Remix"
    mixed: bool = False  # part of a mix or a pack
    rest: str = ""  # of a subtitle before inner brackets: "Paper Boats" of "(Paper Boats (Zed Remix))"
    artists: tuple[str, ...] | None = None  # those that the page marks; None: the words of the line decide

    @property
    def subtitle(self) -> bool:
        """Return True for a group of nothing but words of the title."""
        return not (self.variant or self.family or self.stem or self.featured or self.note or self.mixed)
