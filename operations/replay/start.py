"""Start of a replay, as given on the command line."""

from dataclasses import dataclass
from datetime import UTC, datetime

from songnodes.errors import UserError


class InvalidStart(UserError):
    """This is not a valid start"""

    remedy = (
        "Use `earliest`, an offset, or a time such as 2026-11-20 or 2026-11-20T18:30 (UTC without a zone)"
    )


@dataclass(frozen=True, slots=True)
class Earliest:
    """The oldest record in the log."""


@dataclass(frozen=True, slots=True)
class FromOffset:
    """This offset, in every partition."""

    offset: int


@dataclass(frozen=True, slots=True)
class FromTime:
    """The first record written at `moment` or later; `moment` has a time zone."""

    moment: datetime


Start = Earliest | FromOffset | FromTime


def parse_start(text: str) -> Start:
    """Parse a start. Raises InvalidStart."""
    if text == "earliest":
        return Earliest()
    if text.isascii() and text.isdigit():
        return FromOffset(int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidStart(text) from error
    return FromTime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
