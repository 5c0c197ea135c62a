"""Resolver: links claims to recordings, tracklists to sets, and sets to events.

It reads `silver.playlists`, `silver.events` and `bronze.decisions`, and emits a resolution
(`silver.resolutions`) for every playlist whose ids differ from those that follow from the facts. No later
stage handles merges: validate emits the playlist again.
"""

from stream_processors.resolver.worker import run

__all__ = ["run"]
