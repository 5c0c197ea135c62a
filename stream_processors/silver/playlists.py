"""validate: bronze.tracklists, silver.resolutions -> silver.playlists, silver.appearances, silver.credits.

State per playlist. A playlist and its facts are outputs of one record: one commit covers all of them.
"""

from collections.abc import Callable
from functools import partial
from typing import cast

from songnodes import __version__
from songnodes.domain import playlists
from songnodes.domain.playlists import PlaylistState
from songnodes.domain.records import Resolution, Tracklist
from songnodes.messaging.schemas import state_schemas
from stream_processors.runtime import Record, SchemaValues, Stage
from stream_processors.silver.facts import CREDITS, content_signature, fact_records

PREFIX = b"p|"


def attach(stage: Stage) -> None:
    """Add the agents and the table to the stage."""
    table = stage.table("playlists", SchemaValues({b"p": state_schemas("silver.playlists")}))

    def update(
        playlist_id: str,
        apply: Callable[[PlaylistState], tuple[PlaylistState, bool]],
        *,
        can_wait: bool = False,
    ) -> None:
        key = PREFIX + playlist_id.encode()
        stored: PlaylistState | None = table.get(key)
        state, emit = apply(stored or playlists.empty())
        if emit:
            state, playlist = playlists.build_playlist(state, __version__, table.first_version)
            if playlist is not None:
                stage.emit("silver.playlists", playlist_id, playlist, can_wait=can_wait)
                for fact in fact_records(playlist):
                    stage.emit(
                        *fact,
                        part=playlist_id,
                        shown=partial(content_signature, fact.value),
                        only_changes=True,  # a late resolution changes few facts of a set
                        can_wait=can_wait or fact.topic == CREDITS,  # those of artists wait, too
                    )
        table[key] = state

    @stage.agent("bronze.tracklists")
    def on_tracklist(record: Record) -> None:
        """Build the playlist from the newest page of its kind; equal content emits no record."""
        tracklist = cast(Tracklist, record.value)
        update(
            tracklist["playlist_id"],
            lambda state: playlists.apply_tracklist(state, tracklist, record.offset),
        )

    @stage.agent("silver.resolutions")
    def on_resolution(record: Record) -> None:
        """Apply other ids for the same rows: the only entry of merges, splits and linked sets."""
        resolution = cast(Resolution, record.value)
        update(
            resolution["playlist_id"],
            lambda state: playlists.apply_resolution(state, resolution, record.offset),
            can_wait=True,
        )
