"""Where a replay begins, as an operator says it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from songnodes.errors import NotUsable


class NotAStart(NotUsable):
    """This is no place to begin"""

    remedy = (
        "It is `earliest`, an offset, or a time such as 2026-11-20 or 2026-11-20T18:30 (UTC unless it says)"
    )


@dataclass(frozen=True, slots=True)
class Earliest:
    """The oldest record that the log has."""


@dataclass(frozen=True, slots=True)
class FromOffset:
    """This offset, in every partition."""

    offset: int


@dataclass(frozen=True, slots=True)
class FromTime:
    """The first record written at this moment or later; the moment has a time zone."""

    moment: datetime


Start = Earliest | FromOffset | FromTime


def start_of(text: str) -> Start:
    """What `text` means. Raises NotAStart."""
    if text == "earliest":
        return Earliest()
    if text.isascii() and text.isdigit():
        return FromOffset(int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotAStart(text) from error
    return FromTime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
