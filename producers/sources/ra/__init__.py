"""Resident Advisor: events, line-ups, venues and artists. It has no tracklists, so none are made of it."""

from producers.sources.ra.source import SOURCE

__all__ = ["SOURCE"]
