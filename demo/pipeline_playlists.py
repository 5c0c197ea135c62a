"""Playlists of the world as the pipeline stored them in PostgreSQL."""

from collections import defaultdict
from importlib.resources import files

import psycopg

from demo.score import PipelinePlaylist

PLAYLISTS = files("demo").joinpath("scores/playlists.sql").read_bytes()
ROWS = files("demo").joinpath("scores/rows.sql").read_bytes()


def read(connection: psycopg.Connection) -> dict[str, PipelinePlaylist]:
    """Return all playlists with their identified rows."""
    tracks: dict[str, dict[int, str]] = defaultdict(dict)
    artists: dict[str, dict[int, list[str]]] = defaultdict(dict)
    for playlist, row_index, track, names in connection.execute(ROWS):
        tracks[playlist][row_index] = track
        artists[playlist][row_index] = names
    return {
        playlist: PipelinePlaylist(
            set_id=set_id,
            event_id=event_id,
            djs=djs,
            tracks=tracks[playlist],
            artists=artists[playlist],
        )
        for playlist, set_id, event_id, djs in connection.execute(PLAYLISTS)
    }
