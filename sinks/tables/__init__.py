"""The table writers, one per topic; a sink has the name of its topic.

`gold.playlists` has none: refresh computes it from the tables and publishes it.
"""

from collections.abc import Iterable

from sinks.tables import (
    bronze_artists,
    bronze_decisions,
    bronze_enrichments,
    bronze_events,
    bronze_pages,
    bronze_tracklists,
    gold_artists,
    gold_tracks,
    silver_artists,
    silver_events,
    silver_playlists,
    silver_redirects,
    silver_tracks,
)
from sinks.tables.writer import Writer
from songnodes.errors import UnknownName

_ALL: tuple[Writer, ...] = (
    bronze_pages.WRITER,
    bronze_tracklists.WRITER,
    bronze_artists.WRITER,
    bronze_events.WRITER,
    bronze_enrichments.WRITER,
    bronze_decisions.WRITER,
    silver_playlists.WRITER,
    silver_tracks.WRITER,
    silver_artists.WRITER,
    silver_events.WRITER,
    silver_redirects.WRITER,
    gold_tracks.WRITER,
    gold_artists.WRITER,
)
WRITERS: dict[str, Writer] = {writer.topic: writer for writer in _ALL}


def chosen(names: Iterable[str] | None) -> list[Writer]:
    """Return the writers of these names, or all. Raises UnknownName."""
    try:
        return [WRITERS[name] for name in names] if names else list(WRITERS.values())
    except KeyError as error:
        raise UnknownName("sink", error.args[0], WRITERS) from None
