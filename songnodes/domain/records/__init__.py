"""The records of all topics as typed dictionaries: one class per Avro record, field for field.

`schemas/avro/` is the contract; a test compares both. Times are UTC with a zone, dates are dates. The modules
follow the topics: `bronze`, then `silver` with `facts`, then `gold`; `envelope` has the fields of all. A type
that several records share is in the first module that uses it. Import from this package.
"""

from songnodes.domain.records.bronze import (
    ArtistProfile,
    Attempt,
    AttemptClaim,
    Attribution,
    Decision,
    DjRef,
    Event,
    Header,
    IdenticalTracklist,
    LineupEntry,
    MediaLinks,
    Page,
    Recording,
    RowVersion,
    Tracklist,
    TracklistRow,
    Venue,
)
from songnodes.domain.records.envelope import (
    Envelope,
    Origin,
)
from songnodes.domain.records.facts import (
    Appearance,
    CreditFact,
    CreditTrack,
    TrackFact,
)
from songnodes.domain.records.gold import (
    ArtistAnalytics,
    DaySum,
    PlaylistAnalytics,
    TrackAnalytics,
    TransitionCounts,
)
from songnodes.domain.records.silver import (
    Artist,
    Check,
    Claim,
    ClaimCount,
    Dj,
    EnrichmentRequest,
    Gone,
    Playlist,
    PlaylistRow,
    Quality,
    Redirect,
    Resolution,
    SilverEvent,
    Track,
)

__all__ = [
    "Appearance",
    "Artist",
    "ArtistAnalytics",
    "ArtistProfile",
    "Attempt",
    "AttemptClaim",
    "Attribution",
    "Check",
    "Claim",
    "ClaimCount",
    "CreditFact",
    "CreditTrack",
    "DaySum",
    "Decision",
    "Dj",
    "DjRef",
    "EnrichmentRequest",
    "Envelope",
    "Event",
    "Gone",
    "Header",
    "IdenticalTracklist",
    "LineupEntry",
    "MediaLinks",
    "Origin",
    "Page",
    "Playlist",
    "PlaylistAnalytics",
    "PlaylistRow",
    "Quality",
    "Recording",
    "Redirect",
    "Resolution",
    "RowVersion",
    "SilverEvent",
    "Track",
    "TrackAnalytics",
    "TrackFact",
    "Tracklist",
    "TracklistRow",
    "TransitionCounts",
    "Venue",
]
