"""Fetching: every request to a site passes one politeness gate, which all processes share.

async with Fetching.opened(settings) as fetching:
    answer = await fetching.fetch(Ask(source="mixesdb", request=request))
"""

from producers.fetch.exchange import Answer, Ask
from producers.fetch.fetching import Fetching
from producers.fetch.refusals import (
    Disallowed,
    GateDown,
    HostHeld,
    NoBrowser,
    NoContact,
    NotFetchable,
    Unreachable,
)

__all__ = [
    "Answer",
    "Ask",
    "Disallowed",
    "Fetching",
    "GateDown",
    "HostHeld",
    "NoBrowser",
    "NoContact",
    "NotFetchable",
    "Unreachable",
]
