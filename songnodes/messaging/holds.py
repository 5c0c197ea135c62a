"""Holds on pages: permanent headers of `bronze.pages`, written with the page.

The hold is part of the record and not of a table that parse would query: the result of parse must not
depend on the time at which it reads the record.
"""

from collections.abc import Iterable
from dataclasses import dataclass

#: The code of dead letters whose page is held.
REASON = "drift"
ALARMS, VERSION = "hold.alarms", "hold.parser_version"

Headers = Iterable[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The alarms that were open for a page's source and kind when it was published.

    It holds for parsers up to `parser_version`: a newer one is made for the changed site.
    """

    alarms: tuple[str, ...]
    parser_version: int

    def headers(self) -> list[tuple[str, bytes]]:
        """Return the headers of the hold."""
        return [(ALARMS, " ".join(self.alarms).encode()), (VERSION, str(self.parser_version).encode())]


def read(headers: Headers) -> Hold | None:
    """Return the hold in headers; None where there is none, or one that is not ours."""
    fields = {name: value for name, value in headers if name in (ALARMS, VERSION) and value is not None}
    try:
        return Hold(
            alarms=tuple(fields[ALARMS].decode().split()), parser_version=int(fields[VERSION].decode())
        )
    except (KeyError, ValueError):
        return None
