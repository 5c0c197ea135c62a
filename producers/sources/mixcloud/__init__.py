"""Mixcloud: shows of uploaders, some with sections, some with a tracklist in their description."""

from producers.sources.mixcloud.source import SOURCE

__all__ = ["SOURCE"]
