"""appearances: silver.playlists -> silver.appearances, silver.credits. Stateless."""

from typing import cast

from songnodes import __version__
from songnodes.domain import facts
from songnodes.domain.records import Playlist
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.runtime import Record, Stage


def build(settings: Settings, codec: Codec) -> Stage:
    """Build the stage."""
    stage = Stage("appearances", settings, codec)

    @stage.agent("silver.playlists")
    def on_playlist(record: Record) -> None:
        """Emit a fact for each track and artist that any version of the set contains."""
        playlist = cast(Playlist, record.value)
        for fact in facts.track_facts(playlist, __version__):
            stage.emit("silver.appearances", fact["track_id"], fact)
        for credit in facts.credit_facts(playlist, __version__):
            stage.emit("silver.credits", credit["artist_id"], credit)

    return stage
