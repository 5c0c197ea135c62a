"""Tracklists written as text: one line per track, on wikis and in descriptions."""

from producers.sources.setlists.descriptions import read_description
from producers.sources.setlists.entries import Entry, read_entry
from producers.sources.setlists.rows import rows

__all__ = ["Entry", "read_description", "read_entry", "rows"]
