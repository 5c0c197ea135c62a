"""Links: which claims are one recording, which tracklists are one set, and at which event it was played.

Everything here is a function of the set of facts given, never of their order (docs/domain.md, section 11).
"""

from songnodes.domain.links.automatic import automatic, linking
from songnodes.domain.links.components import PERSON, Joined, join
from songnodes.domain.links.fact import Doubt, Link, Pair, Sighting, Verdict, pair
from songnodes.domain.links.profile import Profile, profile

__all__ = [
    "PERSON",
    "Doubt",
    "Joined",
    "Link",
    "Pair",
    "Profile",
    "Sighting",
    "Verdict",
    "automatic",
    "join",
    "linking",
    "pair",
    "profile",
]
