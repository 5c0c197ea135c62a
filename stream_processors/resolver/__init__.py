"""The resolver: which recording a claim is of, which tracklists are one set, at which event it was.

It follows `silver.playlists`, `silver.events` and `bronze.decisions`, and tells every playlist whose ids are
not what the facts say (`silver.resolutions`). Nothing later knows of merges: validate emits the playlist
anew.
"""

from stream_processors.resolver.worker import run

__all__ = ["run"]
