"""silver: what pages say, validated; what all pages together say of a track, an artist, an event."""

from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.runtime import Stage
from stream_processors.silver import artists, events, playlists, tracks


def build(settings: Settings, codec: Codec) -> Stage:
    """The stage, ready to run."""
    stage = Stage("silver", settings, codec)
    playlists.attach(stage)
    tracks.attach(stage)
    artists.attach(stage)
    events.attach(stage)
    return stage
