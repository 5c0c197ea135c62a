"""MixesDB: a wiki of mixes, read as wikitext through the MediaWiki API. Its text is CC BY-SA."""

from producers.sources.mixesdb.source import SOURCE

__all__ = ["SOURCE"]
