"""Tracklists written as text: on wikis, in descriptions, in text files.

`read_text` finds the list in a free text, `read_lines` reads lines that are known to be its rows; both return
a `WrittenList`. `rows` makes the rows of a record.
"""

from producers.sources.setlists.entries import Entry, TimesMeaning, WrittenList
from producers.sources.setlists.reader import WikiLine, read_lines, read_text
from producers.sources.setlists.rows import rows

__all__ = ["Entry", "TimesMeaning", "WikiLine", "WrittenList", "read_lines", "read_text", "rows"]
