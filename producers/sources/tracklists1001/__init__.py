"""1001tracklists: what its pages are, and reading a tracklist page.

Server-rendered HTML with schema.org microdata. The safe test for a tracklist is `#tlTab` with at least one
`.tlpItem`: blocked answers come with status 200 and the real title of the set.
"""

from producers.sources.tracklists1001.addresses import NAME, by_url, playlist_id
from producers.sources.tracklists1001.source import PARSER_VERSION, SOURCE
from producers.sources.tracklists1001.tracklist import parse

__all__ = ["NAME", "PARSER_VERSION", "SOURCE", "by_url", "parse", "playlist_id"]
