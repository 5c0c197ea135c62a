"""silver: validates playlists, and merges all sources into tracks, artists and events."""

from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.runtime import Stage
from stream_processors.silver import answers, artists, events, playlists, tracks


def build(settings: Settings, codec: Codec) -> Stage:
    """Build the stage."""
    stage = Stage("silver", settings, codec)
    playlists.attach(stage)
    answers.attach(stage, tracks.attach(stage), artists.attach(stage))
    events.attach(stage)
    return stage
