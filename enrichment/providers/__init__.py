"""Providers of music data, one module each: requests, outcomes and the values of their answers. No I/O."""

from collections.abc import Mapping

from enrichment.providers.beatport import Beatport
from enrichment.providers.deezer import Deezer
from enrichment.providers.discogs import Discogs
from enrichment.providers.lastfm import LastFm
from enrichment.providers.listenbrainz import ListenBrainz
from enrichment.providers.musicbrainz import MusicBrainz
from enrichment.providers.reccobeats import ReccoBeats
from enrichment.providers.spotify import Spotify
from enrichment.providers.tidal import Tidal
from enrichment.types import Provider

_PROVIDERS: tuple[Provider, ...] = (
    Deezer(),
    ReccoBeats(),
    MusicBrainz(),
    ListenBrainz(),
    Tidal(),
    Beatport(),
    Spotify(),
    LastFm(),
    Discogs(),
)
#: By name, as in the waterfall configuration.
ALL: Mapping[str, Provider] = {provider.name: provider for provider in _PROVIDERS}
