"""Holds on pages: headers of `bronze.pages`, written with the page and for ever.

The hold travels with its page instead of standing in a table that parse would ask: what parse does with a
record must not depend on when it reads it.
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
        """The headers that say so."""
        return [(ALARMS, " ".join(self.alarms).encode()), (VERSION, str(self.parser_version).encode())]


def read(headers: Headers) -> Hold | None:
    """The hold that headers carry; None where they carry none, or one that is not ours."""
    found = {name: value for name, value in headers if name in (ALARMS, VERSION) and value is not None}
    try:
        return Hold(alarms=tuple(found[ALARMS].decode().split()), parser_version=int(found[VERSION].decode()))
    except (KeyError, ValueError):
        return None
