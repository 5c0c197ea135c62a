"""gold: silver.appearances, silver.tracks -> gold.tracks; silver.credits, silver.artists -> gold.artists."""

from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.gold import artists, tracks
from stream_processors.runtime import Stage


def build(settings: Settings, codec: Codec) -> Stage:
    """Build the stage. State per track and per artist: a total, and an entry per DJ."""
    stage = Stage("gold", settings, codec)
    tracks.attach(stage)
    artists.attach(stage)
    return stage
